//! The whole way over a real Apache Kafka: events in at one end, a proved roster out at the other, and nothing handed around the bus.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use fika_model::{IntervalCounters, Verdict};
use fika_tests::kafka::Broker;
use fika_tests::program::{fika, scratch};
use fika_wire::{convert, json, records, topics};

#[test]
fn kafka_carries_the_whole_way_from_call_events_to_a_proved_roster() {
    let Some(broker) = Broker::start_or_skip() else { return };
    let folder = scratch("kafka-whole-way");
    let keep = folder.display().to_string();
    let arguments = ["demo", "--brokers", &broker.brokers, "--weeks", "2", "--seconds", "5", "--seed", "3", "--json", "--keep", &keep];
    let shown = fika(&arguments);
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));

    let bytes = std::fs::read(folder.join("roster.json")).expect("the demo leaves the roster");
    let read = |message: &fika_wire::proto::fika::v1::Roster| convert::parse_roster(message);
    let (roster, summary) = json::read_then(&bytes, 1 << 28, read).expect("a roster");
    let summary = summary.expect("a summary");
    assert_eq!(summary.certificate.verdict(), Verdict::Proved);
    assert_eq!(roster.agents.len(), 30);
    assert!(summary.certificate.checks() > 1_000, "{} checks prove little", summary.certificate.checks());
    let (request, roster) = (folder.join("request.json"), folder.join("roster.json"));
    let verified = fika(&["verify", &request.display().to_string(), &roster.display().to_string()]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));

    let bus = fika_bus::open(&broker.address(&[])).expect("the bus opens");
    let mut dead = 0;
    bus.scan(topics::DEAD_LETTERS, &mut |_| {
        dead += 1;
        ControlFlow::Continue(())
    })
    .expect("the dead letters can be read");
    assert_eq!(dead, 0, "every event of the simulated ACD can be read");
    let mut latest = BTreeMap::new();
    bus.scan(topics::INTERVALS, &mut |record| {
        let (_, counters) = records::read_interval(&record.headers, &record.value.expect("counters")).expect("counters can be read");
        latest.insert(record.key, counters);
        ControlFlow::Continue(())
    })
    .expect("the counters can be read");
    let mut sum = IntervalCounters::default();
    for counters in latest.values() {
        sum.accumulate(counters, 1);
    }
    assert_eq!(sum.offered, sum.answered + sum.abandoned);
    assert!(sum.offered > 5_000, "{} calls in two weeks", sum.offered);
}
