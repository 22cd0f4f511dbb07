//! `fika repair`.

use std::fs;

use serde_json::Value;

use crate::{STEPS, fika, folder, generated, parsed, with_calls, write};

/// The id and the first shift's start of somebody who works.
fn worker(folder: &std::path::Path, file: &str) -> (String, String) {
    let roster: Value = parsed(&fs::read_to_string(folder.join(file)).expect("a file"));
    let agents = roster["agents"].as_array().expect("agents");
    let agent = agents.iter().find(|agent| agent["shifts"].is_array()).expect("somebody works");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    (text(&agent["agentId"]), text(&agent["shifts"][0]["start"]))
}

#[test]
fn an_absence_is_mended_and_the_new_roster_is_proved_as_a_successor() {
    let folder = folder("repair");
    write(&folder.join("request.json"), &generated(24, 0.95));
    fika(&folder, &["solve", "request.json", "--steps", STEPS, "-o", "roster.json"], 0);
    let (agent, start) = worker(&folder, "roster.json");
    let absent = format!("{agent}@{}", &start[..10]);
    let arguments = ["repair", "request.json", "roster.json", "--absent", &absent, "--now", "2026-03-02T00:00", "--freeze", "0h"];
    let more = ["-o", "new.json", "--request-output", "new-request.json", "--steps", "800", "--json"];
    let (told, _) = fika(&folder, &[&arguments[..], &more].concat(), 0);
    let value = parsed(&told);
    let alternatives = value["alternatives"].as_array().expect("alternatives");
    assert!(!alternatives.is_empty());
    let weight = |n: usize| alternatives[n]["weight"].as_f64().expect("a number");
    assert!((1..alternatives.len()).all(|n| weight(n - 1) <= weight(n)), "{told}");
    assert!(alternatives.iter().all(|one| one["figures"]["proved"] == true && one["generation"] == 2), "{told}");
    let (proof, _) = fika(&folder, &["verify", "new-request.json", "new.json"], 0);
    assert!(proof.starts_with("proved: "), "{proof}");
    let changed = alternatives[0]["changedShifts"].as_u64().expect("a number");
    let (told, _) = fika(&folder, &["compare", "roster.json", "new.json", "--json"], 0);
    assert_eq!(parsed(&told)["changes"]["shifts"].as_u64(), Some(changed));
    let (told, _) = fika(&folder, &[&arguments[..], &["--steps", "800"]].concat(), 0);
    assert!(["changed shifts", "moved breaks", "paid more", "alternative 1 in place of"].iter().all(|text| told.contains(text)), "{told}");
}

#[test]
fn inside_the_freeze_nothing_changes_whatever_calls_do() {
    let folder = folder("repair-freeze");
    write(&folder.join("request.json"), &with_calls(24, 20.0));
    fika(&folder, &["solve", "request.json", "--steps", STEPS, "-o", "roster.json"], 0);
    let arguments = ["repair", "request.json", "roster.json", "--calls", "+15%", "--now", "2026-03-02T00:00", "--freeze"];
    let (told, _) = fika(&folder, &[&arguments[..], &["200h", "--steps", "300", "--json"]].concat(), 0);
    let value = parsed(&told);
    assert_eq!(value["alternatives"].as_array().map(Vec::len), Some(1), "the whole week is frozen: {told}");
    assert_eq!((value["alternatives"][0]["changedShifts"].as_u64(), value["alternatives"][0]["movedBreaks"].as_u64()), (Some(0), Some(0)));
}

#[test]
fn what_is_not_there_is_refused_with_a_code() {
    let folder = folder("repair-faults");
    write(&folder.join("request.json"), &generated(12, 0.9));
    fika(&folder, &["solve", "request.json", "--steps", STEPS, "-o", "roster.json"], 0);
    let check = |more: &[&str], code: i32, words: &[&str]| {
        let (_, err) = fika(&folder, &[&["repair", "request.json", "roster.json"], more].concat(), code);
        assert!(words.iter().all(|word| err.contains(word)), "{more:?}: {err}");
    };
    check(&[], 3, &["F1003", "nothing has changed"]);
    check(&["--absent", "nobody@2026-03-03"], 3, &["F2001", "nobody"]);
    check(&["--absent", "nobody"], 3, &["F1003", "@"]);
    check(&["--absent", "a@2027-01-01"], 3, &["F1005", "outside the horizon"]);
    check(&["--calls", "+15%"], 3, &["F2003", "people and no calls"]);
    check(&["--calls", "many"], 3, &["F1004"]);
    check(&["--freeze", "soon", "--calls", "+15%"], 2, &["soon"]);
}
