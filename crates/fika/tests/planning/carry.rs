//! `fika carry`: what a roster leaves to the next request.

use std::fs;

use serde_json::{Value, json};

use crate::{STEPS, fika, folder, generated, parsed, write};

#[test]
fn counters_and_ends_reach_the_next_request() {
    let folder = folder("carry");
    write(&folder.join("one.json"), &generated(12, 0.9));
    let (told, _) = fika(&folder, &["solve", "one.json", "--steps", STEPS, "-o", "roster.json"], 0);
    assert!(told.contains("shared") && told.contains("pairs of team-mates shared a break"), "{told}");
    let (told, _) = fika(&folder, &["carry", "one.json", "roster.json", "-o", "two.json", "--json"], 0);
    let told = parsed(&told);
    assert_eq!((&told["agentsTold"], &told["agentsGone"], &told["days"]), (&json!(12), &json!([]), &json!(7)));

    let read = |name: &str| -> Value { parsed(&fs::read_to_string(folder.join(name)).expect("a file")) };
    let (roster, next) = (read("roster.json"), read("two.json"));
    let carried = roster["summary"]["carryOver"].as_array().expect("what is carried over");
    for (agent, carried) in next["agents"].as_array().expect("agents").iter().zip(carried) {
        assert_eq!((&agent["id"], &agent["history"]), (&carried["agentId"], &carried["history"]));
    }
    let paid: i64 = carried.iter().map(|one| one["history"]["countedPaidMinutes"].as_i64().unwrap_or_default()).sum();
    assert_eq!(Some(paid.to_string()), roster["summary"]["paidMinutes"].as_str().map(ToOwned::to_owned));

    // The roster of the week after goes on from there, and says how it was before.
    let (told, _) = fika(&folder, &["solve", "two.json", "--steps", STEPS, "-o", "roster2.json"], 0);
    assert!(told.contains("; before: range"), "{told}");
    fika(&folder, &["verify", "two.json", "roster2.json"], 0);

    // Into a request that was written for the week after, with one agent gone.
    let mut written = next.clone();
    let agents = written["agents"].as_array_mut().expect("agents");
    agents.remove(0);
    for agent in agents {
        agent["history"] = Value::Null;
    }
    fs::write(folder.join("written.json"), written.to_string()).expect("a file");
    let (told, _) = fika(&folder, &["carry", "one.json", "roster.json", "--into", "written.json", "-o", "three.json"], 0);
    assert!(told.contains("11 agents told, 1 gone since"), "{told}");
    assert_eq!(read("three.json")["agents"][0]["history"], next["agents"][1]["history"]);
    fika(&folder, &["carry", "one.json", "nowhere.json"], 3);
}
