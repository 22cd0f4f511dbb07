//! Events in the dialects of ACDs: over HTTP by path and by content type, from a topic, and from files.

use fika_bus::{Outgoing, TopicSettings};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::harness::Service;
use super::{JSON, codes};

/// A caller's number, in fields that readers know and in others.
const CALLER: &str = "+49305550123";

fn task(kind: &str, second: u32) -> Value {
    let time = format!("2026-01-05T10:00:{second:02}Z");
    json!({
        "id": format!("{kind}-{second}"), "specversion": "1.0", "type": kind, "source": "wxcc", "time": time,
        "data": {"taskId": "t1", "queueId": "sales", "origin": CALLER, "mood": CALLER}
    })
}

/// What lies on the topic of calls, as text.
fn calls(service: &Service, many: usize) -> Vec<String> {
    let text = |record: fika_bus::Record| String::from_utf8_lossy(&record.value.unwrap_or_default()).into_owned();
    service.await_records("acd.calls", many).into_iter().map(text).collect()
}

#[test]
fn http_takes_dialects_by_path_and_by_content_type() {
    let service = Service::start();
    let faulty = json!({"type": "task:ended", "data": {"taskId": "t2", "createdTime": "soon"}});
    let body = json!([task("task:parked", 1), task("task:flown", 2), faulty]).to_string();
    let sent = service.post("/v1/events/webex", &[JSON], body.as_bytes());
    let answer = sent.json();
    assert_eq!((sent.status, &answer["accepted"], &answer["rejected"][0]["index"]), (207, &json!(2), &json!(2)), "{}", sent.body);
    assert_eq!(answer["unknown"], json!({"types": 1, "fields": 1}), "{}", sent.body);
    let connected = task("task:connected", 9).to_string();
    let typed = service.post("/v1/events", &[("content-type", "application/vnd.fika.webex+json")], connected.as_bytes());
    assert_eq!((typed.status, &typed.json()["accepted"]), (202, &json!(1)), "{}", typed.body);
    let log = "1767607200|1.1|sales|NONE|ENTERQUEUE||7145|1\n1767607206|1.1|sales|7140|CONNECT|6|1.2|3\n";
    let lines = service.post("/v1/events/asterisk-queue-log", &[("content-type", "text/plain")], log.as_bytes());
    assert_eq!((lines.status, &lines.json()["accepted"]), (202, &json!(2)), "{}", lines.body);

    let told = calls(&service, 4);
    assert!(told.iter().all(|event| !event.contains(CALLER)), "{told:?}");
    let dead = service.await_records("fika.dead-letters", 1);
    let header =
        |name: &str| dead[0].headers.iter().find(|(known, _)| known == name).map(|(_, text)| String::from_utf8_lossy(text).into_owned());
    assert_eq!(header("fika-original-topic").as_deref(), Some("http:/v1/events/webex"));
    assert!(header("fika-error-reason").is_some_and(|reason| reason.contains("F1005 at data.createdTime")));
    service.await_metric("fika_dialect_unknown_total{dialect=\"webex\",kind=\"type\"}", 1.0);

    assert_eq!(service.post("/v1/events/morse", &[JSON], b"{}").status, 404);
    assert_eq!(service.post("/v1/events", &[("content-type", "application/vnd.fika.morse")], b"{}").status, 415);
    let broken = service.post("/v1/events/webex", &[JSON], b"[{}");
    assert_eq!((broken.status, codes(&broken.json())), (400, vec!["F1001".to_owned()]));
    assert_eq!(service.post("/v1/events/calls-csv", &[JSON], b"a,b").status, 404, "no mapping is configured");
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn a_topic_in_a_dialect_is_translated_once_and_its_garbage_set_aside() {
    let folder = TempDir::new().expect("a temporary folder");
    let service = Service::start_in(folder, &["--ingest", "asterisk_ami=asterisk-ami"]);
    let bus = service.open_bus();
    bus.ensure_topics(&[TopicSettings::deleting("asterisk_ami", 12, None)]).expect("the topic is there or made");
    let event = |name: &str, time: u32, more: Value| {
        let mut fields = json!({"Event": name, "Uniqueid": "1.1", "Queue": "sales", "CallerIDNum": CALLER});
        fields["Timestamp"] = json!((1_767_607_200 + time).to_string());
        more.as_object().into_iter().flatten().for_each(|(name, value)| fields[name] = value.clone());
        Outgoing::new("asterisk_ami", name.as_bytes(), fields.to_string())
    };
    // Keyed by name, as the shipper does it: one call lies in several partitions, and its end comes first.
    let records = vec![
        event("AgentComplete", 30, json!({"MemberName": "7140", "HoldTime": "6", "TalkTime": "24", "Reason": "caller"})),
        Outgoing::new("asterisk_ami", "QueueCallerJoin", "garbage from the wire"),
        event("QueueSomethingNew", 31, json!({})),
        event("QueueCallerJoin", 0, json!({})),
        event("AgentConnect", 6, json!({"MemberName": "7140", "HoldTime": "6"})),
    ];
    bus.append(records).expect("it is appended");
    let told = calls(&service, 3);
    assert!(told.iter().all(|event| !event.contains(CALLER)), "{told:?}");
    let dead = service.await_records("fika.dead-letters", 1);
    assert_eq!(dead[0].value.as_deref(), Some(&b"garbage from the wire"[..]));
    let counted = service.await_records("fika.intervals", 1);
    assert!(!counted.is_empty());
    // A batch is put into the metrics after its commit and before the next one, so a further record tells that it is there.
    let further = json!({"Event": "QueueCallerJoin", "Uniqueid": "2.1", "Queue": "sales", "Timestamp": "1767607260"});
    bus.append(vec![Outgoing::new("asterisk_ami", "QueueCallerJoin", further.to_string())]).expect("it is appended");
    calls(&service, 4);
    let read = service.metric("fika_dialect_records_total{dialect=\"asterisk-ami\",outcome=\"read\"}");
    assert!(read.is_some_and(|read| (4.0..=5.0).contains(&read)), "{read:?}");
    service.await_metric("fika_dialect_records_total{dialect=\"asterisk-ami\",outcome=\"dead_letter\"}", 1.0);
    service.await_metric("fika_dialect_unknown_total{dialect=\"asterisk-ami\",kind=\"type\"}", 1.0);
    assert_eq!(service.terminate().code(), Some(0));
}

#[test]
fn replay_reads_files_of_every_form() {
    let folder = TempDir::new().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("the file is written");
    write("queue_log", "1767607200|1.1|sales|NONE|ENTERQUEUE||7145|1\n1767607206|1.1|sales|7140|NEW\nnothing\n");
    write("webex.jsonl", &format!("{}\n[{},{}]\n", task("task:parked", 1), task("task:connected", 5), task("task:ended", 30)));
    let headers = "CC-Action: member-queue-start\nCC-Queue: sales\nCC-Member-UUID: m\nCC-Member-Joined-Time: 1767607200\n";
    write("events.esl", &format!("{headers}\n{headers}CC-Member-CID-Number: {CALLER}\n"));
    write("report.csv", &format!("id;caller;start;wait\n1;{CALLER};05.01.2026 11:00:00;6\n"));
    let mapping = "separator=';'\nqueue='sales'\ntime_zone='Europe/Berlin'\ntime_format='%d.%m.%Y %H:%M:%S'\n\
                   [columns]\ncall='id'\njoined='start'\nwait='wait'";
    write("report.toml", mapping);
    let run = |args: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_fika"))
            .current_dir(folder.path())
            .args(["replay", "--json", "--bus", "bus.sqlite"])
            .args(args)
            .output()
            .expect("the binary runs")
    };
    let check = |args: &[&str], expect: [u64; 4]| {
        let output = run(args);
        let summary: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let found = [&summary["events"], &summary["dead_letters"], &summary["unknown"]["types"], &summary["unknown"]["fields"]];
        assert_eq!(found.map(|number| number.as_u64().unwrap_or(u64::MAX)), expect, "{args:?} {summary}");
    };
    check(&["queue_log", "--format", "asterisk-queue-log"], [1, 1, 1, 0]);
    check(&["webex.jsonl", "--format", "webex"], [4, 0, 0, 3]);
    check(&["events.esl", "--format", "freeswitch"], [2, 0, 0, 0]);
    check(&["report.csv", "--format", "calls-csv", "--mapping", "report.toml"], [1, 0, 0, 0]);
    assert_eq!(run(&["report.csv", "--format", "calls-csv"]).status.code(), Some(2), "a mapping is missing");
    write("report.toml", "queue='a'\ncolour='b'\n[columns]\njoined='start'");
    assert_eq!(run(&["report.csv", "--format", "calls-csv", "--mapping", "report.toml"]).status.code(), Some(3));
}
