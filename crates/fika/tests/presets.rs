//! The rules of countries by name: listed, printed, and each solved and proved, through the binary.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fika_solver::generate;
use fika_wire::{convert, json, presets};
use serde_json::{Value, json};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for files");
    folder
}

fn fika(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fika")).args(arguments).current_dir(folder).output().expect("the binary runs")
}

#[track_caller]
fn done(output: &Output, code: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "out: {out}\nerr: {err}");
    (out, err)
}

/// A generated week under a preset alone: its own break rules are taken out.
fn request_under(preset: &str) -> Value {
    let settings = generate::Settings { agents: 10, queues: 1, days: 3, load: 0.8, seed: 4 };
    let request = generate::request(&settings).expect("a request");
    let mut request: Value = serde_json::from_slice(&json::write(&convert::request_message(&request))).expect("JSON");
    request["breakRules"] = json!([]);
    request["breakPreset"] = json!(preset);
    request["wellbeing"]["socialMinutes"] = json!(0);
    // The longest stretch is the preset's; where it has none, four hours.
    request["wellbeing"]["longestStretchMinutes"] = json!(if preset == "us-ny" { 480 } else { 360 });
    request["wellbeing"]["shortestStretchMinutes"] = json!(30);
    request
}

#[test]
fn every_preset_is_kept_and_proved() {
    let folder = folder("presets-proved");
    for name in presets::names() {
        fs::write(folder.join("request.json"), request_under(name).to_string()).expect("a file");
        done(&fika(&folder, &["solve", "request.json", "--steps", "60", "-o", "roster.json"]), 0);
        let (out, _) = done(&fika(&folder, &["verify", "request.json", "roster.json", "--json"]), 0);
        let certificate: Value = serde_json::from_str(&out).expect("a certificate");
        assert_eq!(certificate["verdict"], "PROVED", "{name}");
        let own = certificate["rules"].as_array().into_iter().flatten().filter(|row| {
            let id = row["ruleId"].as_str().unwrap_or_default();
            id.starts_with(&format!("{name}."))
        });
        let tried: Vec<_> = own.map(|row| row["checked"].as_str().unwrap_or("0").to_owned()).collect();
        assert!(!tried.is_empty() && tried.iter().any(|count| count != "0"), "{name}: {tried:?}");
    }
}

#[test]
fn presets_are_listed_and_printed() {
    let folder = folder("presets-listed");
    let (out, _) = done(&fika(&folder, &["presets"]), 0);
    assert_eq!(out.lines().count(), presets::names().count());
    assert!(out.contains("de ") && out.contains("California"), "{out}");
    let (out, _) = done(&fika(&folder, &["presets", "us-ny"]), 0);
    assert!(out.contains("between 11:00 and 14:00") && out.contains("Sources"), "{out}");
    let (out, _) = done(&fika(&folder, &["presets", "de", "--json"]), 0);
    assert_eq!(Some(out.as_str()), presets::file("de"));
    let (_, err) = done(&fika(&folder, &["presets", "atlantis"]), 3);
    assert!(err.contains("F2001") && err.contains("us-ca"), "{err}");
}
