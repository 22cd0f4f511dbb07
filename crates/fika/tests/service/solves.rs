//! Solves that die, are cancelled, replaced or told to finish; and the service that dies under them.

use std::fs;
use std::process::Output;
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};
use serde_json::{Value, json};

use super::JSON;
use crate::fixture::request;
use crate::harness::Service;

/// A request whose search goes on until it is ended: two weeks of eighty people, of whom there are too few.
pub(crate) fn endless(id: &str) -> Value {
    let mut request = request(id);
    let agent =
        |n: usize| json!({"id": format!("agent-{n}"), "teamId": "blue", "contractId": "part-time", "skills": [{"skillId": "talk"}]});
    let people = |n: usize| if (36..68).contains(&(n % 96)) { 50 + n % 7 } else { 0 };
    request["horizon"] = json!({"firstDate": "2026-03-02", "days": 14});
    request["agents"] = (0..80).map(agent).collect();
    request["shiftTemplates"] = json!([{"id": "day", "startFrom": "08:00", "startTo": "11:00", "startStepMinutes": 15, "lengthFromMinutes": 300,
        "lengthToMinutes": 540, "lengthStepMinutes": 15}]);
    request["demand"] = json!({"queues": [{"queueId": "sales", "requiredPeople": (0..14 * 96).map(people).collect::<Vec<_>>()}]});
    request["budget"] = json!({"seconds": 600});
    request
}

pub(crate) fn send(service: &Service, request: &Value) {
    let sent = service.post("/v1/requests", &[JSON], request.to_string().as_bytes());
    assert_eq!(sent.status, 202, "{}", sent.body);
}

/// The last status of a request.
pub(crate) fn answer(service: &Service, id: &str) -> Value {
    service.get(&format!("/v1/requests/{id}?wait=60s")).json()
}

fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn codes(status: &Value) -> Vec<&str> {
    let faults = status["failed"]["faults"].as_array().unwrap_or_else(|| panic!("not failed: {status}"));
    faults.iter().filter_map(|fault| fault["code"].as_str()).collect()
}

#[test]
fn a_request_that_kills_its_solvers_is_given_up_and_holds_up_nobody() {
    let service = Service::start();
    send(&service, &endless("deadly"));
    let mut last = None;
    // As the kernel kills when memory runs out, as C++ ends itself, as a wild pointer ends.
    for (n, signal) in [Signal::KILL, Signal::ABORT, Signal::SEGV].into_iter().enumerate() {
        let solver = service.solver(last);
        if n == 0 {
            send(&service, &request("harmless"));
        }
        kill_process(solver, signal).expect("the solver is there");
        if n == 0 {
            // The other request has its turn first.
            assert!(answer(&service, "harmless")["done"]["rosterId"].is_string());
        }
        last = Some(solver);
    }
    let status = answer(&service, "deadly");
    assert_eq!(codes(&status), ["F4001", "F4001", "F4001"]);
    for (n, signal) in [9, 6, 11].into_iter().enumerate() {
        let cause = status["failed"]["faults"][n]["cause"].as_str().unwrap_or_default();
        assert!(cause.contains(&format!("attempt {}", n + 1)) && cause.contains(&format!("signal {signal}")), "{cause}");
    }
    let letters = service.await_records("fika.dead-letters", 1);
    assert_eq!(letters[0].key.as_deref(), Some(&b"deadly"[..]));
    let asked = service.await_records("fika.requests", 2);
    let original = asked.iter().find(|record| record.key == letters[0].key).expect("the request");
    assert_eq!(letters[0].value, original.value, "byte for byte");
    let header = |name: &str| letters[0].headers.iter().find(|(known, _)| known == name).map(|(_, value)| String::from_utf8_lossy(value));
    assert_eq!(header("fika-error-code").as_deref(), Some("F4001"));
    assert!(header("fika-error-reason").is_some_and(|reason| reason.contains("attempt 3")));
    service.await_metric("fika_solver_deaths_total", 3.0);
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_second_request_of_an_id_leaves_the_first_one_to_be_given_up() {
    let service = Service::start();
    send(&service, &endless("twice"));
    let mut solver = service.solver(None);
    let mut other = endless("twice");
    other["seed"] = json!("8");
    service.open_bus().append(vec![fika_bus::Outgoing::new("fika.requests", "twice", other.to_string())]).expect("it is appended");
    assert_eq!(service.await_records("fika.dead-letters", 1).len(), 1);
    for n in 0..3 {
        kill_process(solver, Signal::KILL).expect("the solver is there");
        if n < 2 {
            solver = service.solver(Some(solver));
        }
    }
    assert_eq!(codes(&answer(&service, "twice")), ["F4001"; 3]);
    let letters = service.await_records("fika.dead-letters", 2);
    assert!(letters.iter().any(|letter| letter.value.as_ref().is_some_and(|value| *value != other.to_string().into_bytes())));
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_request_is_cancelled_and_another_takes_its_place() {
    let service = Service::start();
    send(&service, &endless("week-a"));
    service.solver(None);
    let file = service.file("week-b.json");
    fs::write(&file, request("week-b").to_string()).expect("a file");
    let name = file.display().to_string();
    succeeds(&service.run(&["request", &name, "--replaces", "week-a"]));
    let status = answer(&service, "week-a");
    assert_eq!(codes(&status), ["F4003"]);
    assert!(status["failed"]["faults"][0]["cause"].as_str().is_some_and(|cause| cause.contains("week-b")), "{status}");
    service.await_no_solver();

    send(&service, &endless("week-c"));
    service.solver(None);
    succeeds(&service.run(&["request", "--cancel", "week-c", "--reason", "the site is closed"]));
    assert_eq!(codes(&answer(&service, "week-c")), ["F4003"]);
    service.await_no_solver();
    let late = service.run(&["request", "--cancel", "week-b"]);
    assert_eq!(late.status.code(), Some(1), "it has its roster: {}", String::from_utf8_lossy(&late.stderr));
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_long_solve_publishes_its_best_checked_roster_when_asked() {
    let mut service = Service::start();
    send(&service, &endless("long"));
    service.await_line("a solve starts");
    let output = service.file("roster.json");
    let begin = Instant::now();
    let name = output.display().to_string();
    succeeds(&service.run(&["request", "--best-now", "long", "-o", &name, "--timeout", "80s"]));
    assert!(begin.elapsed() < Duration::from_secs(80));
    let roster: Value = serde_json::from_slice(&fs::read(&output).expect("a roster")).expect("JSON");
    assert_eq!(roster["summary"]["certificate"]["verdict"], "PROVED");
    assert_eq!(roster["agents"].as_array().map(Vec::len), Some(80));
    service.await_metric("fika_solver_deaths_total", 0.0);
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_solve_does_not_outlive_its_service_and_is_taken_up_by_the_next() {
    let service = Service::start();
    let mut long = endless("taken-up");
    long["budget"] = json!({"seconds": 8});
    send(&service, &long);
    let solver = service.solver(None);
    let folder = service.kill();
    let service = Service::start_in(folder, &[]);
    assert!(answer(&service, "taken-up")["done"]["rosterId"].is_string());
    service.await_end_of(solver);
    // What a solve is doing is no reason to outstay the grace.
    send(&service, &endless("left"));
    service.solver(None);
    let begin = Instant::now();
    assert_eq!(service.terminate().code(), Some(0));
    assert!(begin.elapsed() < Duration::from_secs(25));
}

#[test]
fn a_bus_that_is_not_there_is_not_made_by_those_who_only_ask() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("nowhere.sqlite");
    let name = file.display().to_string();
    for arguments in [&["request", "--cancel", "r", "--bus"][..], &["fit", "--bus"]] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_fika")).args(arguments).arg(&name).output().expect("the binary runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{arguments:?}: {told}");
        assert!(told.contains("does not exist") && !file.exists(), "{told}");
    }
}

#[test]
fn a_request_that_contradicts_itself_has_a_roster_for_those_who_can_be_served() {
    let service = Service::start();
    let mut asked = request("some");
    asked["contracts"].as_array_mut().expect("contracts").push(json!({
        "id": "too-much",
        "weekPaidMinutes": {"least": 2000, "most": 2400},
        "shiftLengthMinutes": {"least": 240, "most": 540},
        "mostDaysPerWeek": 5,
        "mostConsecutiveDays": 5
    }));
    // Two sevenths of the week's least are 571 minutes; she has an hour a night.
    asked["agents"][3]["contractId"] = json!("too-much");
    asked["agents"][3]["availability"] = json!([{"from": "00:00", "to": "01:00"}]);
    send(&service, &asked);
    let status = answer(&service, "some");
    let infeasible = &status["infeasible"];
    assert_eq!(infeasible["rosterId"], "some", "{status}");
    assert!(infeasible["faults"].as_array().is_some_and(|faults| faults.iter().any(|fault| fault["at"] == "agents[3]")), "{status}");
    let summaries = service.await_records("fika.roster-summaries", 1);
    let summary: Value = serde_json::from_slice(summaries[0].value.as_deref().expect("a summary")).expect("JSON");
    let summary = &summary["data"];
    assert_eq!(summary["leftOutAgentIds"], json!(["agent-3"]), "{summary}");
    assert_eq!(summary["certificate"]["verdict"], "PROVED");
    let rosters = service.await_records("fika.rosters", 7);
    assert_eq!(rosters.len(), 7, "everybody else");
    // Nobody who can be served: the status says so, and nothing more is published.
    let mut nobody = asked;
    nobody["id"] = json!("nobody");
    for agent in nobody["agents"].as_array_mut().expect("agents") {
        agent["contractId"] = json!("too-much");
        agent["availability"] = json!([{"from": "00:00", "to": "01:00"}]);
    }
    send(&service, &nobody);
    let status = answer(&service, "nobody");
    assert!(status["infeasible"]["faults"].is_array() && status["infeasible"]["rosterId"].is_null(), "{status}");
}
