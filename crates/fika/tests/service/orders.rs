//! Orders over HTTP about requests that were sent, and a request that needs more memory than a solve may take.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::solves::{answer, codes, endless, send};
use super::{JSON, codes as faults_of};
use crate::fixture::request;
use crate::harness::Service;

#[test]
fn a_request_is_cancelled_over_http() {
    let service = Service::start();
    send(&service, &endless("week-a"));
    service.solver(None);
    let sent = service.post("/v1/requests/week-a/cancel", &[JSON], br#"{"reason": "the site is closed"}"#);
    assert_eq!((sent.status, sent.location.as_str()), (202, "/v1/requests/week-a"), "{}", sent.body);
    let status = answer(&service, "week-a");
    assert_eq!(codes(&status), ["F4003"]);
    assert!(status["failed"]["faults"][0]["cause"].as_str().is_some_and(|cause| cause.contains("the site is closed")), "{status}");
    service.await_no_solver();

    let late = service.post("/v1/requests/week-a/cancel", &[], b"");
    assert_eq!((late.status, late.media.as_str()), (409, "application/problem+json"), "{}", late.body);
    let wrong = service.post("/v1/requests/week-b/cancel", &[JSON], br#"{"reason": 5}"#);
    assert_eq!((wrong.status, faults_of(&wrong.json())), (400, vec!["F1002".to_owned()]));
    let nameless = service.post("/v1/requests/%07/best-now", &[], b"");
    assert_eq!((nameless.status, faults_of(&nameless.json())), (400, vec!["F1006".to_owned()]));

    // A command may come before its request.
    assert_eq!(service.post("/v1/requests/week-c/cancel", &[], b"").status, 202);
    service.await_records("fika.commands", 2);
    send(&service, &endless("week-c"));
    assert_eq!(codes(&answer(&service, "week-c")), ["F4003"]);
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_long_solve_publishes_its_best_roster_when_asked_over_http() {
    let mut service = Service::start();
    send(&service, &endless("long"));
    service.await_line("a solve starts");
    let sent = service.post("/v1/requests/long/best-now", &[], b"");
    assert_eq!((sent.status, sent.location.as_str()), (202, "/v1/requests/long"), "{}", sent.body);
    let status = answer(&service, "long");
    let roster = status["done"]["rosterId"].as_str().unwrap_or_else(|| panic!("no roster: {status}"));
    let roster = service.get(&format!("/v1/rosters/{roster}?wait=20s")).json();
    assert_eq!(roster["summary"]["certificate"]["verdict"], "PROVED");
    assert_eq!(service.terminate().code(), Some(0));
}

/// Three months of forty queues in steps of five minutes: the numbers alone are many.
fn hungry(id: &str) -> Value {
    const DAYS: usize = 92;
    const QUEUES: usize = 40;
    let mut request = request(id);
    let name = |n: usize| format!("queue-{n}");
    let people = vec![1; DAYS * 24 * 12];
    request["site"]["timeZone"] = json!("UTC");
    request["horizon"] = json!({"firstDate": "2026-06-01", "days": DAYS});
    request["intervalMinutes"] = json!(5);
    request["skills"] = (0..QUEUES).map(|n| json!({"id": name(n)})).collect();
    request["queues"] = (0..QUEUES).map(|n| json!({"id": name(n), "skillId": name(n)})).collect();
    let agent = |n| json!({"id": format!("agent-{n}"), "teamId": "blue", "contractId": "part-time", "skills": [{"skillId": name(n)}]});
    request["agents"] = (0..QUEUES).map(agent).collect();
    let queues: Vec<Value> = (0..QUEUES).map(|n| json!({"queueId": name(n), "requiredPeople": people})).collect();
    request["demand"] = json!({ "queues": queues });
    request
}

#[test]
fn a_solve_that_runs_out_of_memory_takes_nothing_along() {
    let folder = TempDir::new().expect("a temporary folder");
    let service = Service::start_with(folder, &[], &[("FIKA_PLANNER_MEMORY", "256MiB")]);
    send(&service, &hungry("hungry"));
    send(&service, &request("frugal"));
    let status = answer(&service, "hungry");
    assert_eq!(codes(&status), ["F4001"; 3], "{status}");
    for n in 0..3 {
        let cause = status["failed"]["faults"][n]["cause"].as_str().unwrap_or_default();
        assert!(cause.contains("ran out of memory; it may take 256 MiB"), "{cause}");
    }
    assert!(answer(&service, "frugal")["done"]["rosterId"].is_string(), "others are served under the same limit");
    let letters = service.await_records("fika.dead-letters", 1);
    assert_eq!(letters[0].key.as_deref(), Some(&b"hungry"[..]));
    service.await_metric("fika_solver_deaths_total", 3.0);
    assert_eq!(service.terminate().code(), Some(0));
}
