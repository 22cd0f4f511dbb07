//! `fika explain`.

use std::fs;

use serde_json::Value;

use crate::{STEPS, day, fika, folder, parsed};

#[test]
fn a_break_is_explained_by_every_place_that_it_could_have() {
    let folder = folder("explain");
    let day = day();
    fika(&folder, &["solve", &day, "--steps", STEPS, "-o", "roster.json"], 0);
    let roster: Value = parsed(&fs::read_to_string(folder.join("roster.json")).expect("a file"));
    let agents = roster["agents"].as_array().expect("agents");
    let agent = agents.iter().find(|agent| agent["shifts"].is_array()).expect("somebody works");
    let name = agent["agentId"].as_str().expect("an id");
    let shift = &agent["shifts"][0];
    let rest = shift["activities"].as_array().expect("activities").iter().find(|a| a["category"] == "REST_BREAK").expect("a rest");
    let at = rest["start"].as_str().expect("a time");
    let explain = |at: &str, more: &[&str], code| {
        let arguments = [&["explain", &day, "roster.json", "--agent", name, "--at", at], more].concat();
        fika(&folder, &arguments, code)
    };

    let (told, _) = explain(at, &[], 0);
    let words = ["asks for it, and lets it begin from", "30 minutes earlier", "30 minutes later", "a start each 5 minutes"];
    assert!(words.iter().all(|word| told.contains(word)) && told.contains(name), "{told}");
    let value = parsed(&explain(at, &["--json"], 0).0);
    assert_eq!((&value["on"], &value["break"]["start"]), (&Value::from("break"), &rest["start"]));
    let places = value["places"].as_array().expect("places");
    let legal = places.iter().filter(|place| place["alone"]["legal"] == true || place["together"]["legal"] == true).count();
    assert!(legal > 0 && legal < places.len(), "{legal} of {}", places.len());

    let value = parsed(&explain(shift["start"].as_str().expect("a time"), &["--json"], 0).0);
    assert_eq!((&value["on"], &value["movedHere"]["alone"]["legal"]), (&Value::from("work"), &Value::from(false)));
    let (told, _) = explain("2026-11-24T23:00", &[], 0);
    assert!(told.contains("is off at Tue 2026-11-24 23:00") && told.contains("breaks "), "{told}");

    let (_, err) = explain("2026-11-25T00:00", &[], 3);
    assert!(err.contains("F1005") && err.contains("outside the horizon"), "{err}");
    let (_, err) = fika(&folder, &["explain", &day, "roster.json", "--agent", "nobody", "--at", at], 3);
    assert!(err.contains("F2001") && err.contains("nobody"), "{err}");
}
