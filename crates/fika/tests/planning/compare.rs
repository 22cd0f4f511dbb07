//! `fika compare`.

use std::fs;

use serde_json::{Value, json};

use crate::{STEPS, fika, folder, generated, parsed, write};

#[test]
fn two_rosters_stand_side_by_side_with_what_changed() {
    let folder = folder("compare");
    write(&folder.join("request.json"), &generated(12, 0.9));
    fika(&folder, &["solve", "request.json", "--steps", STEPS, "-o", "one.json"], 0);
    fika(&folder, &["solve", "request.json", "--steps", STEPS, "--seed", "99", "-o", "two.json"], 0);

    let (told, _) = fika(&folder, &["compare", "one.json", "one.json"], 0);
    assert!(told.contains("every shift, break and activity is the same") && told.contains("proved"), "{told}");
    let (told, _) = fika(&folder, &["compare", "one.json", "one.json", "--json"], 0);
    assert_eq!(parsed(&told)["equal"], true);

    let (told, _) = fika(&folder, &["compare", "one.json", "two.json"], 0);
    assert!(
        ["required", "short", "paid", "in company", "people on the phones", "breaks differ, of"].iter().all(|text| told.contains(text)),
        "{told}"
    );
    let (told, _) = fika(&folder, &["compare", "one.json", "two.json", "--json"], 0);
    let value = parsed(&told);
    let paid = |n: usize| value["rosters"][n]["figures"]["paidMinutes"].as_i64().expect("minutes");
    let agents = value["changes"]["agents"].as_array().expect("agents");
    let changed: i64 = agents.iter().map(|agent| agent["paidMinutes"].as_i64().expect("minutes")).sum();
    assert_eq!(paid(1) - paid(0), changed, "the changes of the agents add up to the difference");
    assert_eq!(value["equal"], false);

    // Without summaries the figures are those of the shifts alone.
    let roster: Value = parsed(&fs::read_to_string(folder.join("one.json")).expect("a file"));
    fs::write(folder.join("bare.json"), json!({ "agents": roster["agents"] }).to_string()).expect("a file");
    let (told, _) = fika(&folder, &["compare", "bare.json", "two.json", "--json"], 0);
    let value = parsed(&told);
    assert_eq!(
        (&value["rosters"][0]["figures"]["shortfallMinutes"], paid(0)),
        (&Value::Null, value["rosters"][0]["figures"]["paidMinutes"].as_i64().expect("minutes"))
    );
}

#[test]
fn faults_of_both_files_are_listed() {
    let folder = folder("compare-faults");
    fs::write(folder.join("a.json"), "{").expect("a file");
    let (_, err) = fika(&folder, &["compare", "a.json", "nowhere.json"], 3);
    assert!(err.contains("a.json") && err.contains("nowhere.json") && err.contains("F1001"), "{err}");
}
