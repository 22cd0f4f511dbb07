//! The house style as far as a machine can hold it. A rule that is only prose gets broken.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fika_tests::repository::{dependencies, files, root};

/// Which crate may use which; an arrow that is not here is a mistake.
const ARROWS: &[(&str, &[&str])] = &[
    ("fika-model", &[]),
    ("fika-stats", &["fika-model"]),
    ("fika-forecast", &["fika-model"]),
    ("fika-staffing", &["fika-model"]),
    ("fika-simulation", &["fika-model"]),
    ("fika-solver", &["fika-model", "fika-staffing"]),
    ("fika-verify", &["fika-model"]),
    ("fika-planning", &["fika-model", "fika-staffing", "fika-simulation", "fika-solver", "fika-verify"]),
    ("fika-engine", &["fika-model", "fika-stats", "fika-forecast", "fika-verify"]),
    ("fika-wire", &["fika-model", "fika-stats"]),
    ("fika-bus", &["fika-wire"]),
    ("fika-api", &["fika-wire", "fika-model"]),
];

/// The crates without input, output, clock, environment or logs.
const PURE: &[&str] = &["model", "stats", "forecast", "staffing", "simulation", "solver", "verify", "planning", "engine"];

/// What a pure crate may not use.
const SHELL_ONLY: &[&str] = &["tokio", "rdkafka", "tracing", "prometheus", "serde_json"];

const FORBIDDEN_NAMES: &[&str] = &["common", "utils", "helpers", "core", "types", "manager", "misc"];

/// Where the program itself may pause: the standard library has no wait for a process with a limit of time, so its end is polled.
const PAUSES: &[(&str, &str)] = &[("crates/fika/src/child.rs", concat!("thread::", "sleep"))];

const LONGEST_FILE_LINES: usize = 500;
const LONGEST_FUNCTION_LINES: usize = 70;
const LONGEST_MODULE_TEXT_LINES: usize = 15;

fn sources() -> Vec<(String, String)> {
    let root = root();
    let read = |path: &Path| {
        let name = path.strip_prefix(&root).unwrap_or(path).display().to_string();
        (name, std::fs::read_to_string(path).expect("a source file is text"))
    };
    let mut found: Vec<_> = files(&root.join("crates"), "rs").iter().map(|p| read(p)).collect();
    found.extend(files(&root.join("tests"), "rs").iter().map(|p| read(p)));
    assert!(found.len() > 50, "the sources were not found");
    found
}

fn no_faults(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn crates_use_only_the_arrows_of_the_design() {
    let mut faults = Vec::new();
    let allowed: BTreeMap<&str, BTreeSet<&str>> = ARROWS.iter().map(|(from, to)| (*from, to.iter().copied().collect())).collect();
    for (from, to) in dependencies(None) {
        let Some(allowed) = allowed.get(from.as_str()) else {
            if from != "fika" && from != "fika-tests" {
                faults.push(format!("{from} is not in the table of arrows"));
            }
            continue;
        };
        for to in to.iter().filter(|to| to.starts_with("fika") && !allowed.contains(to.as_str())) {
            faults.push(format!("{from} uses {to}"));
        }
    }
    no_faults(&faults);
}

#[test]
fn pure_crates_stay_pure() {
    let mut faults = Vec::new();
    let edges = dependencies(None);
    for name in PURE {
        for banned in SHELL_ONLY.iter().filter(|b| edges[&format!("fika-{name}")].contains(**b)) {
            faults.push(format!("crates/{name} depends on {banned}"));
        }
        let bans = std::fs::read_to_string(root().join(format!("crates/{name}/clippy.toml"))).unwrap_or_default();
        for banned in ["std::time::Instant::now", "std::time::SystemTime::now", "std::env::var"] {
            if !bans.contains(banned) {
                faults.push(format!("crates/{name}/clippy.toml does not ban {banned}"));
            }
        }
    }
    no_faults(&faults);
}

#[test]
fn files_and_functions_are_short() {
    let mut faults = Vec::new();
    for (name, text) in sources() {
        let lines = text.lines().count();
        if lines > LONGEST_FILE_LINES {
            faults.push(format!("{name} has {lines} lines, more than {LONGEST_FILE_LINES}"));
        }
        for (line, length) in functions(&text).into_iter().filter(|(_, length)| *length > LONGEST_FUNCTION_LINES) {
            faults.push(format!("{name}:{line} begins a function of {length} lines, more than {LONGEST_FUNCTION_LINES}"));
        }
    }
    no_faults(&faults);
}

/// The first line and the length of each function: from `fn` to the closing brace at the same indent (the code is formatted).
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let words = line.trim_start();
        let head = words.split("fn ").next().unwrap_or_default();
        let is_fn =
            words.contains("fn ") && head.split_whitespace().all(|w| matches!(w, "pub" | "const" | "async") || w.starts_with("pub("));
        if !is_fn {
            continue;
        }
        let indent = line.len() - words.len();
        let close = format!("{}}}", " ".repeat(indent));
        let open_at = lines[n..].iter().position(|l| l.ends_with('{') || l.ends_with(';') || l.ends_with('}'));
        if open_at.is_some_and(|o| lines[n + o].ends_with('{'))
            && let Some(length) = lines[n..].iter().position(|l| *l == close)
        {
            found.push((n + 1, length + 1));
        }
    }
    found
}

#[test]
fn modules_have_good_names_and_say_what_they_are() {
    let mut faults = Vec::new();
    for (name, text) in sources() {
        let stem = Path::new(&name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if stem == "mod" || FORBIDDEN_NAMES.contains(&stem.as_str()) {
            faults.push(format!("{name}: a module is not called {stem}"));
        }
        let head = text.lines().take_while(|l| l.starts_with("//!")).count();
        if head == 0 || head > LONGEST_MODULE_TEXT_LINES {
            faults.push(format!("{name}: its text has {head} lines, outside 1 to {LONGEST_MODULE_TEXT_LINES}"));
        }
    }
    no_faults(&faults);
}

#[test]
fn tests_neither_hide_nor_sleep() {
    let mut faults = Vec::new();
    let banned = [concat!("#[ign", "ore"), concat!("thread::", "sleep"), concat!("to", "do!("), concat!("unimple", "mented!(")];
    for (name, text) in sources() {
        for (n, line) in text.lines().enumerate() {
            for word in banned.iter().filter(|word| line.contains(**word) && !PAUSES.contains(&(name.as_str(), **word))) {
                faults.push(format!("{name}:{}: {word}", n + 1));
            }
        }
    }
    no_faults(&faults);
}

#[test]
fn fault_codes_are_documented_and_unique() {
    let contributing = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there");
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for code in fika_model::fault::FaultCode::ALL {
        if !seen.insert(code.code()) {
            faults.push(format!("{code} is used twice"));
        }
        if !contributing.contains(&format!("| {code} |")) {
            faults.push(format!("{code} is not in ARCHITECTURE.md's table of fault codes"));
        }
    }
    no_faults(&faults);
}

#[test]
fn only_the_product_is_spoken_of() {
    let mut faults = Vec::new();
    let texts = ["md", "rs", "toml", "sh", "proto", "yaml", "yml", "json"].iter().flat_map(|ending| files(&root(), ending));
    let banned = [concat!("/wo", "rk/"), concat!("crates", ".io/api"), concat!("/home", "/")];
    for path in texts {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for word in banned.iter().filter(|word| text.contains(**word)) {
            faults.push(format!("{}: {word}", path.display()));
        }
    }
    no_faults(&faults);
}

#[test]
fn dashboards_and_alerts_ask_for_metrics_that_exist() {
    let declared = std::fs::read_to_string(root().join("crates/fika/src/metrics.rs")).expect("the metrics are declared in one file");
    let mut faults = Vec::new();
    for ending in ["json", "yml", "yaml"] {
        for path in files(&root().join("deploy"), ending) {
            let text = std::fs::read_to_string(&path).expect("a text");
            for name in metric_names(&text) {
                let base = ["_bucket", "_sum", "_count"].iter().find_map(|s| name.strip_suffix(s)).unwrap_or(&name);
                if !declared.contains(&format!("\"{base}\"")) && !declared.contains(&format!("\"{name}\"")) {
                    faults.push(format!("{}: {name} is declared nowhere", path.display()));
                }
            }
        }
    }
    no_faults(&faults);
}

/// Every word that begins with `fika_`.
fn metric_names(text: &str) -> BTreeSet<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c| !is_word(c)).filter(|w| w.starts_with("fika_")).map(str::to_owned).collect()
}
