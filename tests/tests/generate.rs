//! `fika generate`: the same arguments, the same request; its roster is proved, drawn over time, and the same on one core and on two.

use fika_tests::program::{fika, path, scratch};
use serde_json::Value;

fn made(arguments: &[&str]) -> Vec<u8> {
    let output = fika(&[&["generate"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn a_seed_is_a_request() {
    let with = |seed| made(&["--agents", "30", "--queues", "2", "--weeks", "1", "--seed", seed]);
    assert_eq!(with("3"), with("3"));
    assert_ne!(with("3"), with("4"));
    let request: Value = serde_json::from_slice(&with("3")).expect("a request");
    assert_eq!((request["agents"].as_array().map(Vec::len), request["horizon"]["days"].as_u64()), (Some(30), Some(7)));
    let teams = request["teams"].as_array().expect("teams");
    for team in teams {
        let members = request["agents"].as_array().expect("agents").iter().filter(|agent| agent["teamId"] == team["id"]).count();
        assert!((8..=15).contains(&members), "{team}: {members} members");
    }
}

#[test]
fn numbers_that_make_no_request_are_refused() {
    for (arguments, code) in [(["--agents", "0"], 2), (["--weeks", "9"], 2), (["--load", "0"], 3)] {
        let agents: &[&str] = if arguments[0] == "--agents" { &[] } else { &["--agents", "20"] };
        let output = fika(&[&["generate"], agents, &arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn its_roster_is_proved_and_its_search_is_drawn() {
    let folder = scratch("generate");
    let file = |name: &str| folder.join(name).display().to_string();
    let (request, roster, picture) = (file("request.json"), file("roster.json"), file("search.svg"));
    let told: Value =
        serde_json::from_slice(&made(&["--agents", "24", "--queues", "2", "--days", "3", "-o", &request, "--json"])).expect("JSON");
    assert!(told["requiredHours"].as_f64() > Some(100.0), "{told}");
    let solved = fika(&["solve", &request, "--steps", "3000", "-o", &roster, "--plot", &picture, "--json"]);
    assert!(solved.status.success(), "{}", String::from_utf8_lossy(&solved.stderr));
    let summary: Value = serde_json::from_slice(&solved.stdout).expect("a summary");
    let minutes = |name: &str| summary[name].as_f64().unwrap_or_default();
    assert!(minutes("shortfallBoundMinutes") <= minutes("shortfallMinutes") && minutes("shortfallBoundMinutes") > 0.0, "{summary}");
    assert!(fika(&["verify", &request, &roster]).status.success());
    let svg = std::fs::read_to_string(&picture).expect("the picture");
    let line = |name: &str| {
        let (_, from) = svg.split_once(&format!("class=\"{name}\" d=\"M")).expect("the line");
        let path = from.split('"').next().unwrap_or_default().to_owned();
        let points = path.split(['L', 'M']).filter_map(|point| point.split_once(' '));
        points.map(|(x, y)| (x.parse().expect("a number"), y.parse().expect("a number"))).collect::<Vec<(f64, f64)>>()
    };
    let (roster_line, bound_line) = (line("roster"), line("bound"));
    assert!(roster_line.len() > 3 && roster_line.len() == bound_line.len(), "{svg}");
    assert!(bound_line.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 >= pair[1].1), "time goes on, a bound never falls: {svg}");
    assert!(roster_line.iter().zip(&bound_line).all(|(roster, bound)| roster.1 <= bound.1), "no roster below the bound: {svg}");
    for (name, text) in [("shortfallMinutes", "short of the requirement"), ("shortfallBoundMinutes", "proven bound")] {
        assert!(svg.contains(&format!("{text}: {:.1} h", minutes(name) / 60.0)), "{name}: {svg}");
    }
}

/// What a roster says of queues beside activities: the minutes in a row, and the hard queue's share.
#[test]
fn a_hard_queue_and_runs_are_limited_where_asked() {
    let folder = scratch("generate-queues");
    let file = |name: &str| folder.join(name).display().to_string();
    let (request, roster) = (file("request.json"), file("roster.json"));
    let limits = ["--one-queue", "120", "--hard-queue", "90", "--activities"];
    made(&[&["--agents", "24", "--queues", "2", "--days", "2"], &limits[..], &["-o", &request]].concat());
    let solved = fika(&["solve", &request, "--steps", "800", "--remedies", "0", "-o", &roster]);
    let told = String::from_utf8_lossy(&solved.stdout).into_owned();
    assert!(solved.status.success() && told.contains("minutes in a row on one queue") && told.contains("queue-hard: "), "{told}");
    let proof = fika(&["verify", &request, &roster]);
    let told = String::from_utf8_lossy(&proof.stdout).into_owned();
    assert!(proof.status.success() && told.contains("activity.circle") && told.contains("queue.in-row"), "{told}");
    let roster: Value = serde_json::from_slice(&std::fs::read(&roster).expect("the roster")).expect("JSON");
    let variety = &roster["summary"]["variety"];
    assert!(variety["longestMinutes"].as_u64().is_some_and(|minutes| (60..=120).contains(&minutes)), "{variety}");
    let share = &variety["hardQueues"][0];
    assert!(share["people"].as_u64() == Some(8) && share["gini"].as_f64().unwrap_or_default() < 0.3, "{variety}");
    let shifts = roster["agents"].as_array().expect("agents").iter().flat_map(|agent| agent["shifts"].as_array().into_iter().flatten());
    for shift in shifts {
        let hard = |activity: &&Value| activity["queueIds"].as_array().is_some_and(|names| names.iter().any(|name| name == "queue-hard"));
        let activities = shift["activities"].as_array().expect("activities");
        let minutes: u64 = activities.iter().filter(hard).filter_map(|activity| activity["lengthMinutes"].as_u64()).sum();
        assert!(minutes <= 90, "{shift}");
    }
    let asked = roster["summary"]["activities"].as_array().expect("activities");
    assert!(asked.iter().filter(|outcome| outcome["reason"].is_null()).count() * 2 > asked.len(), "{asked:?}");
}

/// The search always has two workers; where the machine gives them one core they take turns, and nothing else changes.
#[test]
fn one_core_and_two_give_the_same_bytes() {
    let folder = scratch("generate-cores");
    let request = folder.join("request.json").display().to_string();
    made(&["--agents", "30", "--queues", "1", "--days", "2", "-o", &request]);
    let output = |name: &str| folder.join(name).display().to_string();
    let solve =
        |name: &str| vec!["solve".to_owned(), request.clone(), "--steps".to_owned(), "2500".to_owned(), "-o".to_owned(), output(name)];
    for (cores, name) in [("0", "one.json"), ("0,1", "two.json")] {
        let solved = std::process::Command::new("taskset").args(["-c", cores, &path().display().to_string()]).args(solve(name)).output();
        assert!(solved.is_ok_and(|solved| solved.status.success()), "cores {cores}");
    }
    let read = |name: &str| std::fs::read(output(name)).expect("a roster");
    assert_eq!(read("one.json"), read("two.json"));
}
