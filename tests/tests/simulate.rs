//! `fika simulate`: published cases on scenario files, rosters alone and in pairs, pictures, and what is refused.

use std::path::Path;

use fika_tests::program::{fika, scratch};
use fika_tests::repository::{files, root};
use serde_json::{Value, json};

fn asked(arguments: &[&str]) -> (Option<i32>, Value) {
    let output = fika(arguments);
    let value = serde_json::from_slice(&output.stdout);
    let value = value.unwrap_or_else(|_| panic!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), value)
}

#[test]
fn published_cases_come_out_as_published() {
    let cases = files(&root().join("tests/examples/scenarios"), "toml");
    assert!(cases.len() >= 5, "{cases:?}");
    for case in cases {
        let (code, answer) = asked(&["simulate", "--scenario", &case.display().to_string(), "--json"]);
        let published = answer["published"].as_array().unwrap_or_else(|| panic!("{}: nothing published", case.display()));
        assert!(!published.is_empty() && published.iter().all(|figure| figure["met"] == true), "{}: {published:#?}", case.display());
        assert_eq!(code, Some(0), "{}", case.display());
    }
}

#[test]
fn a_figure_that_is_not_met_is_an_answer_of_no() {
    let text = std::fs::read_to_string(root().join("tests/examples/scenarios/twelve-servers.toml")).expect("the case");
    let file = scratch("simulate-off").join("case.toml");
    std::fs::write(&file, text.replace("agents = 12", "agents = 11")).expect("a file");
    let (code, answer) = asked(&["simulate", "--scenario", &file.display().to_string(), "--replications", "200", "--json"]);
    assert_eq!((code, &answer["published"][0]["met"]), (Some(1), &Value::Bool(false)));
}

#[test]
fn workers_do_not_change_a_byte() {
    let case = root().join("tests/examples/scenarios/three-types.toml").display().to_string();
    let with = |workers| fika(&["simulate", "--scenario", &case, "--replications", "40", "--workers", workers, "--json"]).stdout;
    let one = with("1");
    assert!(one.len() > 1000 && one == with("3"));
}

#[test]
fn faults_of_a_scenario_are_told_together_with_their_places() {
    let file = scratch("simulate-faults").join("case.toml");
    let text = "horizon = '8h'\ntrunk = 3\n[[queues]]\narrivals = '4'\ntalk = '2min'\n[[groups]]\nserves = ['sales']\n";
    std::fs::write(&file, text).expect("a file");
    let output = fika(&["simulate", "--scenario", &file.display().to_string()]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    for place in ["trunk", "queues[0].arrivals", "groups[0].serves[0]"] {
        assert!(told.contains(&format!("case.toml: {place}")), "{place}: {told}");
    }
}

/// The example's day with calls instead of people: as many as keep three of four of those people busy.
fn day() -> Value {
    let text = std::fs::read_to_string(root().join("tests/examples/day.json")).expect("the request");
    let mut request: Value = serde_json::from_str(&text).expect("JSON");
    let people: Vec<f64> = serde_json::from_value(request["demand"]["queues"][0]["requiredPeople"].take()).expect("people by interval");
    let interval = |people: &f64| {
        let calls = people * 0.75 * 900.0 / 180.0;
        json!({ "callsMean": calls, "callsSd": calls.sqrt(), "ahtSeconds": 180 })
    };
    let forecast: Vec<Value> = people.iter().map(interval).collect();
    let callers = json!({ "patienceSeconds": 180 });
    request["demand"] = json!({ "queues": [{ "queueId": "main", "forecast": forecast, "callers": callers }] });
    request
}

fn written(folder: &Path, name: &str, value: &Value) -> String {
    let path = folder.join(name).display().to_string();
    std::fs::write(&path, value.to_string()).expect("a file");
    path
}

#[test]
fn rosters_are_simulated_compared_and_drawn() {
    let folder = scratch("simulate-rosters");
    let request = written(&folder, "day.json", &day());
    let roster = folder.join("roster.json").display().to_string();
    let solved = fika(&["solve", &request, "--steps", "200", "-o", &roster, "--json"]);
    assert!(solved.status.success(), "{}", String::from_utf8_lossy(&solved.stderr));
    let picture = folder.join("levels.svg").display().to_string();
    let (code, answer) = asked(&["simulate", &request, &roster, "--replications", "60", "--plot", &picture, "--json"]);
    assert_eq!(code, Some(0));
    let level = &answer["total"]["service_level"]["abandons-negative"];
    let ends = ["low", "mean", "high"].map(|end| level[end].as_f64().expect("a share"));
    assert!(ends[0] < ends[1] && ends[1] < ends[2] && ends[1] > 0.3, "{ends:?}");
    assert!(answer["breaks"]["taken"]["mean"].as_f64().is_some_and(|taken| taken > 1.0), "{}", answer["breaks"]);
    assert!(answer["total"]["intervals"].as_array().is_some_and(|all| all.iter().any(|i| i["required"].as_f64() > Some(0.0))));
    let svg = std::fs::read_to_string(&picture).expect("the picture");
    for part in ["<svg", "promised, 80 %", "required", "fill-opacity"] {
        assert!(svg.contains(part), "{part}");
    }
    // A roster without its last agent's shifts is worse, and surely so; a roster is never better than itself.
    let text = std::fs::read_to_string(&roster).expect("the roster");
    let mut fewer: Value = serde_json::from_str(&text).expect("JSON");
    let agents = fewer["agents"].as_array_mut().expect("agents");
    let half = agents.len() / 2;
    agents.truncate(half);
    let other = written(&folder, "fewer.json", &fewer);
    let better =
        |second: &str| asked(&["simulate", &request, &roster, second, "--replications", "60", "--json"]).1["difference"]["better"].clone();
    assert_eq!((better(&roster), better(&other)), ("not-clear".into(), "first".into()));
}

#[test]
fn demand_from_history_needs_forecasts() {
    let folder = scratch("simulate-history");
    let mut request = day();
    let plain = written(&folder, "day.json", &request);
    let roster = folder.join("roster.json").display().to_string();
    assert!(fika(&["solve", &plain, "--steps", "50", "-o", &roster, "--json"]).status.success());
    let queue = request["demand"]["queues"][0].take();
    request["demand"] = json!({ "history": {} });
    let history = written(&folder, "history.json", &request);
    let output = fika(&["simulate", &history, &roster, "--json"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--forecast"));
    let forecast = json!({
        "requestId": request["id"], "queueId": "main", "start": "2026-11-23T23:00:00Z", "intervalMinutes": 15,
        "intervals": queue["forecast"], "callers": queue["callers"],
    });
    let forecasts = written(&folder, "forecasts.json", &forecast);
    let (code, answer) = asked(&["simulate", &history, &roster, "--forecast", &forecasts, "--replications", "20", "--json"]);
    assert_eq!(code, Some(0));
    assert_eq!(answer["total"], asked(&["simulate", &plain, &roster, "--replications", "20", "--json"]).1["total"]);
}
