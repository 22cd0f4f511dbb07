//! Activities beside calls, through the binary: asked for, held, proved, explained; and what cannot be held, named.

use std::fs;

use serde_json::{Value, json};

use crate::{fika, folder, parsed};

/// The example of a day with a huddle, training, coaching, a meeting and mail.
fn example() -> String {
    format!("{}/../../tests/examples/activities.json", env!("CARGO_MANIFEST_DIR"))
}

/// Everything in a roster that is held beside calls: who, and the piece.
fn held(roster: &Value) -> Vec<(String, Value)> {
    let all = |agent: &Value| {
        let name = agent["agentId"].as_str().expect("an id").to_owned();
        let shifts = agent["shifts"].as_array().cloned().unwrap_or_default();
        let pieces = shifts.into_iter().flat_map(|shift| shift["activities"].as_array().cloned().unwrap_or_default());
        pieces.filter(|piece| piece["activityId"].is_string()).map(move |piece| (name.clone(), piece)).collect::<Vec<_>>()
    };
    roster["agents"].as_array().expect("agents").iter().flat_map(all).collect()
}

#[test]
fn the_example_is_solved_proved_and_explained() {
    let folder = folder("activities");
    let request = example();
    let (told, _) = fika(&folder, &["solve", &request, "--steps", "6000", "-o", "roster.json"], 0);
    for line in
        ["huddle: 2 of 2 held", "new-product: 3 of 3 held", "coaching: 2 of 2 held", "leads: 1 of 1 held", "7.0 h in the back office"]
    {
        assert!(told.contains(line), "{line} in {told}");
    }
    let (told, _) = fika(&folder, &["verify", &request, "roster.json"], 0);
    assert!(told.contains("activity.circle"), "{told}");
    let mut roster: Value = parsed(&fs::read_to_string(folder.join("roster.json")).expect("a file"));
    let pieces = held(&roster);
    let (agent, meeting) = pieces.iter().find(|(_, piece)| piece["category"] == "MEETING").expect("a meeting");
    let at = meeting["start"].as_str().expect("a time");
    let explain = |more: &[&str]| fika(&folder, &[&["explain", &request, "roster.json", "--agent", agent, "--at", at], more].concat(), 0).0;
    let told = explain(&[]);
    assert!(told.contains("the request asks for it as leads; its window here lets it begin from 09:00 to 11:30"), "{told}");
    assert!(told.contains("30 minutes earlier") && told.contains("meeting "), "{told}");
    let value = parsed(&explain(&["--json"]));
    assert_eq!((&value["activityId"], &value["break"]["start"]), (&json!("leads"), &meeting["start"]));

    // Whoever leaves the meeting out of one person's roster is found out, by its rules and by the summary.
    let shifts = roster["agents"].as_array_mut().expect("agents").iter_mut().filter_map(|agent| agent["shifts"].as_array_mut());
    let mut all = shifts.flatten().filter_map(|shift| shift["activities"].as_array_mut()).flatten();
    let piece = all.find(|piece| piece["activityId"] == "leads").expect("the meeting");
    piece["category"] = json!("ON_QUEUE");
    piece["queueIds"] = json!(["main"]);
    piece.as_object_mut().expect("an object").retain(|key, _| key != "activityId" && key != "participantIds");
    fs::write(folder.join("broken.json"), roster.to_string()).expect("a file");
    let (told, err) = fika(&folder, &["verify", &request, "broken.json"], 1);
    assert!(told.contains("no activity.with") && told.contains("no activity.circle") && told.contains("no activity.must"), "{told}");
    assert!(err.contains("tells of activities beside calls what the roster does not hold"), "{err}");
}

#[test]
fn what_must_be_held_and_cannot_is_named_and_gives_way_only_when_asked_to() {
    let folder = folder("activities-must");
    let mut request: Value = parsed(&fs::read_to_string(example()).expect("the example"));
    let night = json!([{"from": "05:00", "to": "07:00"}]);
    request["activities"] = json!([
        {"id": "early", "kind": "TRAINING", "agentIds": ["A01"], "lengthMinutes": 60, "windows": night, "must": true},
        {"id": "late", "kind": "TRAINING", "agentIds": ["A02"], "lengthMinutes": 60, "windows": night},
    ]);
    fs::write(folder.join("request.json"), request.to_string()).expect("a file");
    let (_, err) = fika(&folder, &["solve", "request.json", "--steps", "2000"], 1);
    assert!(err.contains("early must be held for A01") && err.contains("activities[0].must"), "{err}");
    assert!(err.contains("early must be held; for A01 these contradict"), "{err}");
    assert!(err.contains("early lies in one of its 1 windows; without it it can be held"), "{err}");
    let solve = ["solve", "request.json", "--steps", "2000", "--best-effort", "--served", "served.json", "-o", "roster.json"];
    let (told, err) = fika(&folder, &solve, 1);
    assert!(err.contains("early is held if there is room"), "{err}");
    assert!(told.contains("early: 0 of 1 held") && told.contains("for A02: not held; A02 is never on the phones"), "{told}");
    fika(&folder, &["verify", "served.json", "roster.json"], 0);
}

#[test]
fn an_absence_takes_people_out_of_what_they_were_to_take_part_in() {
    let folder = folder("activities-repair");
    let request = example();
    fika(&folder, &["solve", &request, "--steps", "6000", "-o", "roster.json"], 0);
    let roster: Value = parsed(&fs::read_to_string(folder.join("roster.json")).expect("a file"));
    let (coach, _) = held(&roster).into_iter().find(|(_, piece)| piece["category"] == "COACHING").expect("coaching");
    let away = format!("{coach}@2026-11-24");
    let repair = ["repair", &request, "roster.json", "--absent", &away, "--now", "2026-11-24T00:00", "--freeze", "0h", "--steps", "2000"];
    let (told, _) = fika(&folder, &[&repair[..], &["-o", "new.json", "--request-output", "changed.json"]].concat(), 0);
    let new: Value = parsed(&fs::read_to_string(folder.join("new.json")).expect("a file"));
    assert!(held(&new).iter().all(|(agent, piece)| *agent != coach && !piece["participantIds"].to_string().contains(&coach)), "{told}");
    fika(&folder, &["verify", "changed.json", "new.json"], 0);
}
