//! A rolling restart of three members under load: nothing is lost or repeated, and no counter comes ten seconds late.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fika_bus::{Bus, Outgoing, TailFrom};
use fika_tests::fleet::Fleet;
use fika_tests::kafka::Broker;
use fika_tests::program::{fika, scratch, until};
use fika_tests::stream::{Noise, Stream, joined_ms, probe};
use fika_wire::{records, topics};

const LATEST: Duration = Duration::from_secs(10);
/// Events a second, beside the probes.
const LOAD: usize = 2_000;
const BEAT: Duration = Duration::from_millis(100);
/// Between two members that restart.
const BETWEEN: Duration = Duration::from_secs(2);

/// Appends load and a probe at every beat until told to end. Answers when each probe was sent.
fn send(bus: &dyn Bus, load: &mut dyn Iterator<Item = Outgoing>, end: &AtomicBool) -> BTreeMap<String, Instant> {
    let mut sent = BTreeMap::new();
    let mut next = Instant::now();
    for n in 0.. {
        if end.load(Ordering::Relaxed) {
            break;
        }
        let mut batch: Vec<Outgoing> = load.take(LOAD / 10).collect();
        // At the time that the load has come to, so that it is not too late.
        let now_ms = batch.iter().rev().find_map(|record| joined_ms(record.key.as_deref()?));
        batch.push(probe(n, now_ms.expect("the load goes on")));
        sent.insert(format!("probe-{n}"), Instant::now());
        bus.append(batch).expect("it is appended");
        next += BEAT;
        std::thread::park_timeout(next.saturating_duration_since(Instant::now()));
    }
    sent
}

/// When each probe was seen to be counted.
fn watch(bus: &dyn Bus, end: &AtomicBool) -> BTreeMap<String, Instant> {
    let mut tail = bus.tail(&[topics::INTERVALS], TailFrom::Start).expect("it follows");
    let mut seen = BTreeMap::new();
    let mut repeated = 0;
    while !end.load(Ordering::Relaxed) {
        for record in tail.poll(BEAT).expect("it follows") {
            let (cell, counters) = records::read_interval(&record.headers, record.value.as_deref().expect("counters")).expect("counters");
            if cell.queue.as_str().starts_with("probe-") {
                assert_eq!(counters.answered, 1, "{}", cell.queue);
                repeated += usize::from(seen.insert(cell.queue.to_string(), Instant::now()).is_some());
            }
        }
    }
    assert_eq!(repeated, 0, "a probe is counted once");
    seen
}

#[test]
fn kafka_rolling_restart_delays_the_counters_less_than_ten_seconds() {
    if !fika_tests::faults_wanted("a rolling restart on Kafka") {
        return;
    }
    let Some(broker) = Broker::start_or_skip() else { return };
    let folder = scratch("kafka-rolling");
    assert!(fika(&["topics", "--brokers", &broker.brokers]).status.success());
    let bus = fika_bus::open(&broker.address(&[])).expect("the broker answers");
    let stream = Stream { seed: 9, calls: 40_000 };
    // As they come: no setting is made brisker for the test.
    let mut fleet = Fleet::new(&broker.brokers, "ingest", &[], &folder);
    (0..3).for_each(|_| fleet.join());
    let counts = |fleet: &Fleet, number: usize| {
        until("the member counts", || fleet.members()[number].logged().contains("counting goes on").then_some(()));
    };
    (0..3).for_each(|number| counts(&fleet, number));
    let (stop_sending, stop_watching) = (AtomicBool::new(false), AtomicBool::new(false));
    let mut load = stream.feed(Noise { duplicates: 50_000, garbage: 0 });
    let (sent, seen) = std::thread::scope(|scope| {
        let sender = scope.spawn(|| send(&*bus, &mut load, &stop_sending));
        let watcher = scope.spawn(|| watch(&*bus, &stop_watching));
        for _ in 0..3 {
            assert_eq!(fleet.leave(0).code(), Some(0), "a member drains");
            fleet.join();
            counts(&fleet, 2);
            std::thread::park_timeout(BETWEEN);
        }
        stop_sending.store(true, Ordering::Relaxed);
        let sent = sender.join().expect("all is sent");
        until("everything is counted", || (super::lag(&*bus) == 0).then_some(()));
        std::thread::park_timeout(BETWEEN);
        stop_watching.store(true, Ordering::Relaxed);
        (sent, watcher.join().expect("all is seen"))
    });
    let delay = |(probe, at): (&String, &Instant)| seen.get(probe).unwrap_or_else(|| panic!("{probe} is lost")).duration_since(*at);
    let mut delays: Vec<Duration> = sent.iter().map(delay).collect();
    delays.sort_unstable();
    let (median, latest) = (delays[delays.len() / 2], delays[delays.len() - 1]);
    eprintln!("rolling restart: {} probes, median {} ms, latest {} ms", delays.len(), median.as_millis(), latest.as_millis());
    assert!(delays.len() > 50 && latest < LATEST, "{} probes, {latest:?}", delays.len());
    bus.append(load.collect()).expect("the rest is appended");
    until("everything is counted", || (super::lag(&*bus) == 0).then_some(()));
    assert_eq!(super::offered(&*bus), stream.calls as i64 + sent.len() as i64, "nothing is lost and nothing counts twice");
    std::fs::remove_dir_all(folder).expect("the logs go when all is well");
}
