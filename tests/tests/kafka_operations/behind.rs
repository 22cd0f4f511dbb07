//! A start far behind: memory stays bounded, whatever is left to be read. `FIKA_BACKLOG` says how many events (a million without it, which
//! a reader without bounds would hold).

use std::time::Instant;

use fika_bus::Outgoing;
use fika_tests::fleet::Fleet;
use fika_tests::kafka::Broker;
use fika_tests::program::{fika, scratch};
use fika_tests::stream::{Noise, Stream};

/// More than this, in bytes, is not bounded.
const MOST: u64 = 400 << 20;

#[test]
fn kafka_backlog_is_caught_up_in_bounded_memory() {
    let events = std::env::var("FIKA_BACKLOG").map_or(1_000_000, |text| text.replace('_', "").parse().expect("FIKA_BACKLOG is a number"));
    if !fika_tests::faults_wanted("a backlog on Kafka") {
        return;
    }
    let Some(broker) = Broker::start_or_skip() else { return };
    let folder = scratch("kafka-behind");
    assert!(fika(&["topics", "--brokers", &broker.brokers]).status.success());
    let bus = fika_bus::open(&broker.address(&[])).expect("the broker answers");
    let stream = Stream::of_events(11, events);
    let mut feed = stream.feed(Noise { duplicates: 0, garbage: 0 }).peekable();
    while feed.peek().is_some() {
        let batch: Vec<Outgoing> = feed.by_ref().take(10_000).collect();
        bus.append(batch).expect("it is appended");
    }
    let begin = Instant::now();
    let mut fleet = Fleet::new(&broker.brokers, "ingest", &[], &folder);
    fleet.join();
    let (mut last, mut moved) = (i64::MAX, Instant::now());
    while last > 0 {
        let lag = super::lag(&*bus);
        if lag < last {
            (last, moved) = (lag, Instant::now());
        }
        assert!(moved.elapsed().as_secs() < 60, "{lag} events are left and nothing moves: {}", fleet.members()[0].logged());
        std::thread::park_timeout(std::time::Duration::from_millis(500));
    }
    let (seconds, peak) = (begin.elapsed().as_secs_f64(), fleet.members()[0].peak_bytes());
    eprintln!("{events} events behind: caught up in {seconds:.0} s, {:.0} events/s, peak {} MB", events as f64 / seconds, peak >> 20);
    assert_eq!(super::offered(&*bus), stream.calls as i64);
    assert!((1 << 20..MOST).contains(&peak), "{} MB", peak >> 20);
    assert_eq!(fleet.leave(0).code(), Some(0));
    std::fs::remove_dir_all(folder).expect("the logs go when all is well");
}
