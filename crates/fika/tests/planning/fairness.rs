//! Burdens, wishes of every kind, seniority and company, through the binary on the example of a week.

use std::fs;

use serde_json::Value;

use crate::{fika, folder, parsed};

/// The example of a week with counters, wishes and years of employment.
fn example() -> String {
    format!("{}/../../tests/examples/fairness.json", env!("CARGO_MANIFEST_DIR"))
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

#[test]
fn the_example_shares_burdens_grants_wishes_and_names_who_did_not_meet() {
    let folder = folder("fairness");
    let request = example();
    let (text, _) = fika(&folder, &["solve", &request, "--steps", "8000", "-o", "roster.json"], 0);
    for word in ["days off", "colleague", "unpopular shifts", "could have by the windows of their breaks", "nobody is left out"] {
        assert!(text.contains(word), "{word:?} in {text}");
    }
    fika(&folder, &["verify", &request, "roster.json"], 0);
    let read = |path: &std::path::Path| -> Value { parsed(&fs::read_to_string(path).expect("a file")) };
    let (asked, roster) = (read(request.as_ref()), read(&folder.join("roster.json")));
    let summary = &roster["summary"];

    let kinds: Vec<&str> = summary["wishes"].as_array().expect("wishes").iter().filter_map(|kind| kind["kind"].as_str()).collect();
    assert_eq!(kinds, ["DAY_OFF", "TEMPLATE", "START_NEAR", "COLLEAGUE"]);
    // Nine unpopular shifts and five weekends lie behind the first; nothing at all behind the seventh.
    let agents = asked["agents"].as_array().expect("agents");
    let carried = summary["carryOver"].as_array().expect("counters");
    let more = |n: usize, name: &str| number(&carried[n]["history"][name]) - number(&agents[n]["history"][name]);
    let burdens = |n: usize| more(n, "unpopularShifts") + more(n, "weekendShifts");
    assert!(burdens(0) < burdens(6), "{} and {}", burdens(0), burdens(6));
    // Both wish for Saturday off; twenty years and one granted wish of four weigh more than none and all.
    assert_eq!(more(0, "wishesGranted"), 1, "{text}");

    for company in summary["company"].as_array().expect("teams") {
        let strangers = company["strangers"].as_array().map_or(0, Vec::len) as i64;
        let (pairs, possible, met) = (number(&company["pairs"]), number(&company["possible"]), number(&company["met"]));
        assert!(met <= possible && possible <= pairs, "{company}");
        assert_eq!(met + strangers, 15, "every pair of six has met or is named: {company}");
        assert!(company["leftOutIds"].is_null(), "{company}");
    }
}
