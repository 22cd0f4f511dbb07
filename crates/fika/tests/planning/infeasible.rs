//! What `fika solve` says of a request that contradicts itself, and of one that is short.

use std::fs;

use fika_model::people::{WallWindow, Weekdays};
use fika_model::{Request, Weekday};

use crate::{STEPS, fika, folder, generated, parsed, with_calls, write};

/// Two agents may work on Mondays only.
fn contradicted() -> Request {
    let mut parts = (*generated(24, 0.9)).clone();
    for agent in parts.agents.iter_mut().take(2) {
        let monday = Weekdays::of([Weekday::Monday]);
        agent.availability = vec![WallWindow { weekdays: monday, from_minute: 420, to_minute: 1260 }];
        agent.absences.clear();
    }
    Request::check(parts).expect("a sound request")
}

#[test]
fn the_smallest_contradiction_is_named_and_the_others_have_their_roster() {
    let folder = folder("infeasible");
    let request = contradicted();
    write(&folder.join("request.json"), &request);
    let (_, err) = fika(&folder, &["solve", "request.json", "--steps", STEPS], 1);
    let words =
        ["these contradict, and without any one of them the rest do not", "paid minutes a week can be had", "availability in 1 windows"];
    assert!(words.iter().all(|word| err.contains(word)) && err.contains("F2003"), "{err}");

    let arguments = ["solve", "request.json", "--steps", STEPS, "--best-effort", "-o", "roster.json", "--served", "served.json"];
    let (told, err) = fika(&folder, &arguments, 1);
    let (first, second) = (request.agents[0].id.as_str(), request.agents[1].id.as_str());
    assert!(told.contains("proved: ") && err.contains(first) && err.contains(second) && err.contains("for the other 22"), "{told}{err}");
    let (proof, _) = fika(&folder, &["verify", "served.json", "roster.json"], 0);
    assert!(proof.starts_with("proved: "), "{proof}");
}

#[test]
fn remedies_of_a_short_roster_were_tried_and_say_what_they_give() {
    let folder = folder("remedies");
    write(&folder.join("request.json"), &with_calls(12, 30.0));
    fika(&folder, &["solve", "request.json", "--steps", STEPS, "-o", "roster.json"], 0);
    let roster = parsed(&fs::read_to_string(folder.join("roster.json")).expect("a file"));
    let remedies = roster["summary"]["remedies"].as_array().expect("remedies");
    assert!(!remedies.is_empty());
    for remedy in remedies {
        let number = |name: &str| remedy[name].as_f64().unwrap_or_default();
        assert!(number("shortfallMinutesAfter") < number("shortfallMinutesBefore"), "{remedy}");
        assert!(number("serviceLevelBefore") > 0.0 && number("serviceLevelAfter") > 0.0, "{remedy}");
    }
    let (told, _) = fika(&folder, &["solve", "request.json", "--steps", STEPS], 0);
    assert!(told.contains("remedies tried") && told.contains("person-minutes less short for"), "{told}");
    let (told, _) = fika(&folder, &["solve", "request.json", "--steps", STEPS, "--remedies", "0", "--cut-rounds", "0", "--json"], 0);
    let summary = parsed(&told);
    assert!(summary["remedies"].is_null() && summary["cutRounds"].is_null(), "{told}");
}
