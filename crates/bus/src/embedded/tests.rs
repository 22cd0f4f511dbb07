//! The conformance suite on the embedded bus, and what only this make promises.

use super::*;
use crate::{Consumer, conformance};
use proptest::prelude::*;
use std::fs;
use tempfile::TempDir;

mod bounds;
mod faults;

fn folder() -> TempDir {
    TempDir::new().expect("a folder")
}

fn open(path: &Path, settings: EmbeddedSettings) -> Arc<dyn Bus> {
    Arc::new(EmbeddedBus::open(path, settings).expect("it opens"))
}

fn embedded(path: &Path, settings: EmbeddedSettings) -> EmbeddedBus {
    EmbeddedBus::open(path, settings).expect("it opens")
}

/// Cleans often and waits little.
fn brisk() -> EmbeddedSettings {
    EmbeddedSettings { compact_after: 10, locked_after: Duration::from_secs(5), ..EmbeddedSettings::default() }
}

#[test]
fn the_embedded_bus_conforms() {
    let folder = folder();
    for (number, (promise, examine)) in conformance::cases().into_iter().enumerate() {
        let begin = Instant::now();
        let path = folder.path().join("of-several").join("bus.sqlite");
        examine(&conformance::Subject { open: &|| open(&path, brisk()), prefix: format!("case{number}") });
        eprintln!("{promise}: {:.2} s", begin.elapsed().as_secs_f64());
    }
}

/// Polls until `count` records have come.
fn read(consumer: &mut dyn Consumer, count: usize) -> Vec<Record> {
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut records = Vec::new();
    while records.len() < count {
        assert!(Instant::now() < deadline, "{} of {count}", records.len());
        records.extend(consumer.poll(7, Duration::from_millis(50)).expect("it polls"));
    }
    records
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]
    #[test]
    fn readers_see_the_order_of_appends_over_all_partitions(
        batches in proptest::collection::vec(proptest::collection::vec((any::<bool>(), 0_u8..30), 0..40), 1..8),
    ) {
        let folder = folder();
        let bus = open(&folder.path().join("bus.sqlite"), brisk());
        bus.ensure_topics(&[TopicSettings::deleting("a", 5, None), TopicSettings::deleting("b", 3, None)]).expect("they are made");
        let mut tail = bus.tail(&["a", "b"], TailFrom::Start).expect("it starts");
        let mut member = bus.subscribe("g", &["a", "b"]).expect("it joins");
        let (mut number, mut followed, mut found) = (0, Vec::new(), Vec::new());
        for batch in batches {
            let batch: Vec<Outgoing> = batch.into_iter().map(|(first, key)| {
                number += 1;
                Outgoing::new(if first { "a" } else { "b" }, [key], format!("{number}"))
            }).collect();
            let count = batch.len();
            bus.append(batch).expect("it is appended");
            followed.extend(tail.poll(Duration::ZERO).expect("it follows"));
            // A part stays unread, so that old and new records meet.
            found.extend(read(&mut *member, count / 2));
        }
        found.extend(read(&mut *member, number - found.len()));
        for records in [followed, found] {
            let order: Vec<usize> = records.iter().map(|record| String::from_utf8_lossy(record.value.as_ref().expect("a value")).parse().expect("a number")).collect();
            prop_assert_eq!(order, (1..=number).collect::<Vec<_>>());
        }
    }
}
