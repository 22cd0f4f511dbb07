//! A topic that an ACD fills in its own dialect, on a real broker: every record is translated once, whoever is killed meanwhile.

use std::collections::BTreeMap;

use fika_bus::{Outgoing, TopicSettings};
use fika_tests::fleet::{BRISK, Fleet};
use fika_tests::kafka::Broker;
use fika_tests::program::{fika, scratch, until};
use fika_wire::topics;
use serde_json::{Value, json};

const TOPIC: &str = "asterisk_ami";
const CALLS: usize = 3_000;
const CALLER: &str = "+49305550123";

/// The events of one call as the public Kafka module of Asterisk ships them: keyed by their names.
fn call(n: usize) -> Vec<Outgoing> {
    let event = |name: &str, second: usize, more: Value| {
        let time = (1_767_607_200 + 5 * n + second).to_string();
        let mut fields = json!({"Event": name, "Uniqueid": format!("{n}.1"), "Queue": "sales", "CallerIDNum": CALLER, "Timestamp": time});
        more.as_object().into_iter().flatten().for_each(|(name, value)| fields[name] = value.clone());
        Outgoing::new(TOPIC, name.as_bytes(), fields.to_string())
    };
    vec![
        event("QueueCallerJoin", 0, json!({})),
        event("AgentConnect", 6, json!({"MemberName": "7140", "HoldTime": "6"})),
        event("AgentComplete", 30, json!({"MemberName": "7140", "HoldTime": "6", "TalkTime": "24", "Reason": "caller"})),
    ]
}

fn garbage(n: usize) -> Outgoing {
    Outgoing::new(TOPIC, "QueueCallerJoin", format!("garbage {n} from the wire"))
}

#[test]
fn kafka_topics_in_an_acds_dialect_are_translated_once() {
    let Some(broker) = Broker::start_or_skip() else { return };
    let folder = scratch("kafka-dialect");
    assert!(fika(&["topics", "--brokers", &broker.brokers]).status.success());
    let bus = fika_bus::open(&broker.address(&[])).expect("the broker answers");
    bus.ensure_topics(&[TopicSettings::deleting(TOPIC, 12, None)]).expect("it is made");
    let source = format!("{TOPIC}=asterisk-ami");
    let mut fleet = Fleet::new(&broker.brokers, "ingest", &BRISK, &folder).told(&["--ingest", &source]).with("FIKA_INGEST_BATCH", "500");
    (0..2).for_each(|_| fleet.join());
    let parts = CALLS / 3;
    for part in 0..3 {
        let batch = (part * parts..(part + 1) * parts).flat_map(call).chain([garbage(part)]).collect();
        bus.append(batch).expect("it is appended");
        until("some is translated", || bus.lag("fika-translate", &[TOPIC]).ok()?.iter().any(|lag| lag.committed > Some(0)).then_some(()));
        fleet.kill(part % 2);
        fleet.join();
    }
    until("everything is translated", || {
        let behind = |group: &str, of: &[&str]| bus.lag(group, of).map_or(i64::MAX, |lags| lags.iter().map(|lag| lag.behind).sum());
        (behind("fika-translate", &[TOPIC]) == 0 && behind("fika-ingest", &[topics::CALLS, topics::AGENTS]) == 0).then_some(())
    });
    let mut events: BTreeMap<String, usize> = BTreeMap::new();
    super::scan(&*bus, topics::CALLS, |record| {
        let value = record.value.expect("an event");
        let text = String::from_utf8(value.clone()).expect("text");
        assert!(!text.contains(CALLER), "{text}");
        let event: Value = serde_json::from_slice(&value).expect("JSON");
        *events.entry(format!("{} {}", event["type"], event["data"]["callId"])).or_default() += 1;
    });
    assert_eq!((events.len(), events.values().max()), (3 * CALLS, Some(&1)), "each event once");
    let mut dead = Vec::new();
    super::scan(&*bus, topics::DEAD_LETTERS, |record| dead.push(record.value));
    dead.sort();
    assert_eq!(dead, (0..3).map(|n| garbage(n).value).collect::<Vec<_>>());
    assert_eq!(super::offered(&*bus), CALLS as i64);
    while !fleet.is_empty() {
        assert_eq!(fleet.leave(0).code(), Some(0));
    }
    std::fs::remove_dir_all(folder).expect("the logs go when all is well");
}
