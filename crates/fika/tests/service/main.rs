//! The service as its users see it: the real binary, an embedded bus, HTTP and signals.

mod dialects;
mod fixture;
mod harness;
mod orders;
mod solves;

use std::fs;

use fika_bus::Outgoing;
use fixture::{answered_call, call, request, request_from_history};
use harness::Service;
use serde_json::{Value, json};

const ONE: (&str, &str) = ("content-type", "application/cloudevents+json");
const MANY: (&str, &str) = ("content-type", "application/cloudevents-batch+json");
const JSON: (&str, &str) = ("content-type", "application/json");

/// The codes of the faults in an answer.
fn codes(answer: &Value) -> Vec<String> {
    let list = answer["faults"].as_array().cloned().unwrap_or_default();
    list.iter().map(|fault| fault["code"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn from_a_request_to_a_published_roster() {
    let service = Service::start();
    let sent = service.post("/v1/requests", &[JSON], request("week-6").to_string().as_bytes());
    assert_eq!((sent.status, sent.location.as_str()), (202, "/v1/requests/week-6"), "{}", sent.body);

    let status = service.get("/v1/requests/week-6?wait=60s").json();
    let roster_id = status["done"]["rosterId"].as_str().unwrap_or_else(|| panic!("no roster: {status}")).to_owned();

    let roster = service.get(&format!("/v1/rosters/{roster_id}?wait=20s"));
    assert_eq!(roster.status, 200, "{}", roster.body);
    let roster = roster.json();
    assert_eq!(roster["agents"].as_array().map(Vec::len), Some(8));
    assert_eq!(roster["summary"]["certificate"]["verdict"], "PROVED");

    let picture = service.get(&format!("/v1/rosters/{roster_id}/day.svg?date=2026-02-03"));
    assert_eq!((picture.status, picture.media.as_str()), (200, "image/svg+xml"));
    assert!(picture.body.starts_with("<svg") && picture.body.contains("2026-02-03"));
    assert_eq!(service.get(&format!("/v1/rosters/{roster_id}/day.svg?date=2026-02-04")).status, 404);
    assert_eq!(service.get(&format!("/v1/rosters/{roster_id}/day.svg?date=soon")).status, 400);

    service.await_metric("fika_requests_total{state=\"done\"}", 1.0);
    assert!(service.metric("fika_roster_shifts").is_some_and(|shifts| shifts > 0.0));
    assert_eq!(service.terminate().code(), Some(0));
}

/// What the last of so many requests on the bus tells of each agent: minutes counted and unpopular shifts.
fn told(service: &Service, many: usize) -> Vec<(i64, i64)> {
    let records = service.await_records("fika.requests", many);
    let sent = &records[many - 1];
    let request = fika_wire::records::read_request(&sent.headers, sent.value.as_deref().expect("a request")).expect("a sound request");
    let counters = request.agents.iter().map(|agent| agent.history.counters);
    counters.map(|counters| (counters.paid_minutes.into(), counters.unpopular_shifts.into())).collect()
}

#[test]
fn what_a_roster_carries_over_reaches_the_request_after_it() {
    let service = Service::start();
    let first = service.post("/v1/requests", &[JSON], request("week-6").to_string().as_bytes());
    assert_eq!(first.status, 202, "{}", first.body);
    let status = service.get("/v1/requests/week-6?wait=60s").json();
    let roster = status["done"]["rosterId"].as_str().unwrap_or_else(|| panic!("no roster: {status}")).to_owned();
    let published = service.get(&format!("/v1/rosters/{roster}?wait=20s")).json();
    let number = |history: &Value, name: &str| history[name].as_i64().unwrap_or_default();
    let carried: Vec<(i64, i64)> = published["summary"]["carryOver"]
        .as_array()
        .expect("counters")
        .iter()
        .map(|one| (number(&one["history"], "countedPaidMinutes"), number(&one["history"], "unpopularShifts")))
        .collect();
    assert!(carried.iter().any(|(paid, _)| *paid > 0), "{carried:?}");

    let mut next = request("week-7");
    next["horizon"]["firstDate"] = json!("2026-02-04");
    next["agents"][0]["history"] = json!({"unpopularShifts": 9});
    let sent = service.post(&format!("/v1/requests?after={roster}"), &[JSON], next.to_string().as_bytes());
    assert_eq!(sent.status, 202, "{}", sent.body);
    let expect = [&[(0, 9)], &carried[1..]].concat();
    assert_eq!(told(&service, 2), expect, "what the request brings itself stays");
    let status = service.get("/v1/requests/week-7?wait=60s").json();
    assert!(status["done"]["rosterId"].is_string(), "{status}");
    assert_eq!(service.post("/v1/requests?after=nobody", &[JSON], request("week-8").to_string().as_bytes()).status, 404);

    (next["id"], next["site"]["id"]) = (json!("elsewhere"), json!("south"));
    let file = service.file("next.json");
    fs::write(&file, next.to_string()).expect("a file");
    let asked = service.run(&["request", &file.display().to_string(), "--after", &roster, "--timeout", "80s"]);
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    assert_eq!(told(&service, 3), expect);
    assert_eq!(service.run(&["request", &file.display().to_string(), "--after", "nobody"]).status.code(), Some(3));
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn from_calls_over_the_counters_to_a_forecast_roster() {
    let service = Service::start();
    let mut events = Vec::new();
    for minute in 0..40 {
        events.extend(answered_call(&format!("c{minute}"), &format!("10:{minute:02}")));
    }
    let body = Value::from(events).to_string();
    let sent = service.post("/v1/events", &[MANY], body.as_bytes());
    assert_eq!((sent.status, &sent.json()["accepted"]), (202, &json!(160)), "{}", sent.body);
    let request = request_from_history("from-history", "2026-01-12").to_string();
    assert_eq!(service.post("/v1/requests", &[JSON], request.as_bytes()).status, 202);
    let status = service.get("/v1/requests/from-history?wait=60s").json();
    assert!(status["done"]["rosterId"].is_string(), "{status}");
    service.await_metric("fika_events_total{outcome=\"counted\"}", 160.0);
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn one_event_at_a_time_in_both_modes() {
    let service = Service::start();
    let data = json!({"callId": "a", "queueId": "sales"});
    let structured = call("1", "call.queued", "2026-01-05T10:00:00Z", &data).to_string();
    assert_eq!(service.post("/v1/events", &[ONE], structured.as_bytes()).status, 202);
    let binary = [
        JSON,
        ("ce-specversion", "1.0"),
        ("ce-id", "2"),
        ("ce-source", "/acd/test"),
        ("ce-type", "call.abandoned"),
        ("ce-time", "2026-01-05T10:00:30Z"),
    ];
    let sent = service.post("/v1/events", &binary, data.to_string().as_bytes());
    assert_eq!(sent.status, 202, "{}", sent.body);
    assert_eq!(service.post("/v1/events", &[("content-type", "text/plain")], b"hello").status, 415);
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn bad_events_are_refused_with_every_fault_and_good_ones_of_a_batch_are_kept() {
    let service = Service::start();
    let time = "2026-01-05T10:00:00Z";
    let data = json!({"callId": "a", "queueId": "sales"});
    let check = |body: &[u8], code: &str| {
        let answer = service.post("/v1/events", &[ONE], body);
        assert_eq!((answer.status, answer.media.as_str()), (400, "application/problem+json"), "{}", answer.body);
        assert!(codes(&answer.json()).iter().any(|found| found == code), "{code} was expected: {}", answer.body);
    };
    check(b"{\"specversion\":", "F1001");
    check(call("1", "call.queued", time, &json!({"callId": 5})).to_string().as_bytes(), "F1002");
    check(call("1", "call.ended", time, &json!({"callId": "a", "talkMs": "-5"})).to_string().as_bytes(), "F1004");
    check(call("1", "call.queued", "1970-01-01T00:00:00Z", &data).to_string().as_bytes(), "F1005");
    check(call("1", "call.queued", "2262-01-01T00:00:00Z", &data).to_string().as_bytes(), "F1005");
    // What is not known is ignored, and the answer says that nothing was taken.
    let danced = service.post("/v1/events", &[ONE], call("1", "call.danced", time, &data).to_string().as_bytes());
    assert_eq!((danced.status, &danced.json()["accepted"]), (202, &json!(0)), "{}", danced.body);
    service.await_metric("fika_dialect_unknown_total{dialect=\"fika\",kind=\"type\"}", 1.0);

    let batch = json!([call("1", "call.queued", time, &data), call("2", "call.queued", "then", &data)]).to_string();
    let answer = service.post("/v1/events", &[MANY], batch.as_bytes());
    assert_eq!((answer.status, &answer.json()["accepted"]), (207, &json!(1)), "{}", answer.body);
    assert_eq!(answer.json()["rejected"][0]["index"], 1);
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn bad_requests_are_refused_with_every_fault() {
    let service = Service::start();
    let check = |change: &dyn Fn(&mut Value), expected: &[&str]| {
        let mut message = request("bad");
        change(&mut message);
        let answer = service.post("/v1/requests", &[JSON], message.to_string().as_bytes());
        assert_eq!((answer.status, answer.media.as_str()), (422, "application/problem+json"), "{}", answer.body);
        for code in expected {
            assert!(codes(&answer.json()).iter().any(|found| found == code), "{code} was expected: {}", answer.body);
        }
    };
    check(&|m| m["horizon"]["days"] = json!("many"), &["F1002"]);
    check(&|m| m["horizon"]["days"] = json!(0), &["F2004"]);
    check(&|m| m["horizon"]["days"] = json!(3650), &["F2004"]);
    check(&|m| m["horizon"]["firstDate"] = json!("1970-01-01"), &["F2004"]);
    check(&|m| m["horizon"]["firstDate"] = json!("2262-01-01"), &["F2004"]);
    check(&|m| m["demand"]["queues"][0]["queueId"] = json!("nowhere"), &["F2001"]);
    check(&|m| m["agents"][1]["id"] = json!("agent-0"), &["F2002"]);
    check(&|m| m["breakRules"][0]["lengthMinutes"] = json!(-30), &["F1004"]);
    check(&|m| m["wellbeing"] = json!({"longestStretchMinutes": 30, "shortestStretchMinutes": 60}), &["F2003"]);
    check(
        &|m| {
            m["site"]["timeZone"] = json!("Mars/Olympus");
            m["agents"][2]["teamId"] = json!("purple");
        },
        &["F2005", "F2001"],
    );
    let malformed = service.post("/v1/requests", &[JSON], b"{\"id\": ");
    assert_eq!((malformed.status, codes(&malformed.json())), (422, vec!["F1001".to_owned()]));
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn fifty_megabytes_are_refused() {
    let service = Service::start();
    let answer = service.post("/v1/requests", &[JSON], &vec![b' '; 50_000_000]);
    assert_eq!((answer.status, codes(&answer.json())), (413, vec!["F1007".to_owned()]));
    assert_eq!(service.get("/livez").status, 200);
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn garbage_on_the_bus_goes_to_the_dead_letters_and_the_stream_goes_on() {
    let service = Service::start();
    let bus = service.open_bus();
    let mut ahead = answered_call("ahead", "10:00").remove(0);
    ahead["time"] = json!("2199-01-05T10:00:00Z");
    let ahead = ahead.to_string();
    let garbage: [&[u8]; 4] = [b"\xff\xfe no text", b"{\"specversion\":\"1.0\"}", b"{\"id\": \"half", ahead.as_bytes()];
    let mut batch: Vec<Outgoing> = garbage.iter().map(|value| Outgoing::new("acd.calls", "somebody", *value)).collect();
    let good = answered_call("good", "10:00");
    batch.extend(good.iter().map(|event| Outgoing::new("acd.calls", "good", event.to_string())));
    batch.push(Outgoing::new("fika.requests", "bad-one", "{\"data\": 5}"));
    bus.append(batch).expect("the bus takes anything");

    let letters = service.await_records("fika.dead-letters", 5);
    for value in garbage {
        let letter = letters.iter().find(|letter| letter.value.as_deref() == Some(value)).expect("byte for byte");
        let header = |name: &str| letter.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice());
        assert_eq!(header("fika-original-topic"), Some(&b"acd.calls"[..]));
        let code = header("fika-error-code").expect("a code");
        assert!(if value == ahead.as_bytes() { code == b"F1005" } else { code.starts_with(b"F1") }, "{code:?}");
    }
    let status = service.get("/v1/requests/bad-one?wait=30s").json();
    assert!(status["failed"]["faults"][0]["code"].is_string(), "{status}");
    service.await_records("fika.intervals", 1);
    service.await_metric("fika_events_total{outcome=\"counted\"}", 4.0);
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn lines_that_cannot_be_read_are_counted_and_a_file_of_another_format_is_refused() {
    let service = Service::start();
    let file = service.file("events.jsonl");
    let mut lines = vec!["this is no event".to_owned(), "{\"specversion\":\"1.0\"}".to_owned()];
    lines.extend(answered_call("good", "10:00").iter().map(Value::to_string));
    lines.push("{\"id\": \"half".to_owned());
    fs::write(&file, lines.join("\n")).expect("a file");
    let name = file.display().to_string();
    let replay = service.run(&["replay", &name, "--format", "fika", "--json"]);
    assert!(replay.status.success(), "{}", String::from_utf8_lossy(&replay.stderr));
    let summary: Value = serde_json::from_slice(&replay.stdout).expect("a summary in JSON");
    assert_eq!((&summary["events"], &summary["dead_letters"]), (&json!(4), &json!(3)), "{summary}");
    assert_eq!(service.await_records("fika.dead-letters", 3).len(), 3);

    fs::write(&file, [0x1f, 0x8b, 1, 2, 3, 4]).expect("a file");
    assert_eq!(service.run(&["replay", &name, "--format", "anonymous-bank"]).status.code(), Some(3), "broken gzip");
    fs::write(&file, "<html>\n</html>\n").expect("a file");
    assert_eq!(service.run(&["replay", &name, "--format", "fika"]).status.code(), Some(3), "no line is an event");
    assert_eq!(service.run(&["replay", "/nowhere.csv", "--format", "fika"]).status.code(), Some(3));
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn after_a_kill_counting_goes_on_and_nothing_counts_twice() {
    let body = Value::from([answered_call("a", "10:00"), answered_call("b", "10:01")].concat()).to_string();
    let service = Service::start();
    assert_eq!(service.post("/v1/events", &[MANY], body.as_bytes()).status, 202);
    service.await_records("fika.intervals", 1);
    let folder = service.kill();

    let service = Service::start_in(folder, &[]);
    let more = Value::from([answered_call("b", "10:01"), answered_call("c", "10:02")].concat()).to_string();
    assert_eq!(service.post("/v1/events", &[MANY], more.as_bytes()).status, 202);
    let request = request_from_history("after-the-kill", "2026-01-12").to_string();
    assert_eq!(service.post("/v1/requests", &[JSON], request.as_bytes()).status, 202);
    let status = service.get("/v1/requests/after-the-kill?wait=60s").json();
    assert!(status["done"]["rosterId"].is_string(), "{status}");
    service.await_metric("fika_events_total{outcome=\"duplicate\"}", 4.0);
    service.await_metric("fika_events_total{outcome=\"counted\"}", 4.0);
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn every_line_of_the_metrics_can_be_read() {
    let service = Service::start();
    let answer = service.get("/metrics");
    assert!(answer.media.starts_with("text/plain; version=0.0.4"), "{}", answer.media);
    let figures = answer.body.lines().filter(|line| !line.starts_with('#'));
    for line in figures {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        assert!(name.starts_with("fika_") && value.parse::<f64>().is_ok(), "{line}");
    }
    assert!(answer.body.contains("fika_build_info{version=\""));
    assert_eq!((service.get("/readyz").status, service.get("/nowhere").status), (200, 404));
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn the_command_asks_follows_and_writes() {
    let service = Service::start();
    let (file, output) = (service.file("request.json"), service.file("roster.json"));
    fs::write(&file, request("by-command").to_string()).expect("a file");
    let asked = service.run(&["request", &file.display().to_string(), "-o", &output.display().to_string(), "--timeout", "80s"]);
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let roster: Value = serde_json::from_slice(&fs::read(&output).expect("a roster")).expect("JSON");
    assert_eq!(roster["summary"]["requestId"], "by-command");
    let again = service.run(&["request", &file.display().to_string(), "--json"]);
    assert!(again.status.success(), "a request that is known is followed: {}", String::from_utf8_lossy(&again.stderr));

    let mut other = request("by-command");
    other["seed"] = json!("8");
    fs::write(&file, other.to_string()).expect("a file");
    assert_eq!(service.run(&["request", &file.display().to_string()]).status.code(), Some(3), "the id is taken");
    fs::write(&file, "{").expect("a file");
    assert_eq!(service.run(&["request", &file.display().to_string()]).status.code(), Some(3));
    assert_eq!(service.terminate().code(), Some(0));
}
