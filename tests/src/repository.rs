//! The repository as the tidy tests see it: its crates, their edges and their source files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The folder of the workspace's manifest.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests' folder lies in the repository").to_owned()
}

/// All files below `folder` whose name ends in `.ending`, sorted; build output and hidden folders are left out.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        let entries = std::fs::read_dir(&folder).expect("a readable folder");
        for entry in entries {
            let path = entry.expect("a readable entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    todo.push(path);
                }
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The workspace's packages with their dependencies of `kind` (`None` for ordinary ones), read from `cargo metadata`.
pub fn dependencies(kind: Option<&str>) -> BTreeMap<String, BTreeSet<String>> {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let mut edges = BTreeMap::new();
    for package in metadata["packages"].as_array().expect("a list of packages") {
        let name = |value: &serde_json::Value| value["name"].as_str().expect("a name").to_owned();
        let of_kind = |d: &&serde_json::Value| d["kind"].as_str() == kind;
        let to = package["dependencies"].as_array().expect("a list").iter().filter(of_kind).map(name).collect();
        edges.insert(name(package), to);
    }
    edges
}
