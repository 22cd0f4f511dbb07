//! What both makes of the bus promise, as cases that run on either: the embedded one in this crate's tests, Kafka in `tests/`.
//!
//! A case opens the bus as often as it likes through [`Subject::open`]; each opening stands for a process. Cases do not share
//! topics or groups, so they may run beside each other on one log. A broken promise panics with what was expected.

mod endings;
mod exactly_once;
mod groups;
mod log;

use crate::{Bus, Consumer, Outgoing, Record, TopicSettings};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A log to be examined.
pub struct Subject<'a> {
    /// Opens the log once more, as another process would.
    pub open: &'a (dyn Fn() -> Arc<dyn Bus> + Sync),
    /// Put before the names of topics and groups, so that cases and runs do not meet.
    pub prefix: String,
}

/// A promise and the case that examines it.
pub type Case = (&'static str, fn(&Subject<'_>));

/// All promises.
pub fn cases() -> Vec<Case> {
    [log::CASES, groups::CASES, exactly_once::CASES, endings::CASES].concat()
}

/// As long as anything may take that is expected to happen.
const PATIENCE: Duration = Duration::from_secs(30);
/// A call that waits for something that is not there.
const MOMENT: Duration = Duration::from_millis(200);

impl Subject<'_> {
    fn open(&self) -> Arc<dyn Bus> {
        (self.open)()
    }

    fn name(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    /// Makes a topic that is kept for ever.
    fn topic(&self, bus: &dyn Bus, name: &str, partitions: u32) -> String {
        let name = self.name(name);
        bus.ensure_topics(&[TopicSettings::deleting(&name, partitions, None)]).expect("the topic is made");
        name
    }
}

/// `count` records with keys `k0 ... k9` in turn and values `v0, v1, ...` from `first` on.
fn numbered(topic: &str, first: usize, count: usize) -> Vec<Outgoing> {
    (first..first + count).map(|n| Outgoing::new(topic, format!("k{}", n % 10), format!("v{n}"))).collect()
}

fn text(record: &Record) -> String {
    String::from_utf8(record.value.clone().expect("a value")).expect("text")
}

/// The values in a topic, sorted by their number.
fn values(bus: &dyn Bus, topic: &str) -> Vec<String> {
    let mut values = Vec::new();
    bus.scan(topic, &mut |record| {
        values.push(text(&record));
        ControlFlow::Continue(())
    })
    .expect("the scan works");
    values.sort_by_key(|value| value[1..].parse::<usize>().expect("a number"));
    values
}

/// The values that [`numbered`] makes, in order.
fn expected(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("v{n}")).collect()
}

/// Polls until `count` records have come. Fails when they do not, or when more come.
fn read(consumer: &mut dyn Consumer, count: usize) -> Vec<Record> {
    let deadline = Instant::now() + PATIENCE;
    let mut records = Vec::new();
    while records.len() < count {
        assert!(Instant::now() < deadline, "{} of {count} records came", records.len());
        records.extend(consumer.poll(1_000, MOMENT).expect("the poll works"));
    }
    assert_eq!(records.len(), count, "more records than expected");
    records
}

/// Polls until the member reads `count` partitions; nothing may be left uncommitted meanwhile.
fn await_assignment(consumer: &mut dyn Consumer, count: usize) {
    let deadline = Instant::now() + PATIENCE;
    while consumer.assignment().len() != count {
        assert!(Instant::now() < deadline, "reads {:?} instead of {count} partitions", consumer.assignment());
        assert!(consumer.poll(1, MOMENT).expect("the poll works").is_empty(), "no record is expected");
    }
}

/// For every key the values in the order of `records`.
fn by_key(records: &[Record]) -> BTreeMap<Vec<u8>, Vec<String>> {
    let mut keys: BTreeMap<Vec<u8>, Vec<String>> = BTreeMap::new();
    for record in records {
        keys.entry(record.key.clone().expect("a key")).or_default().push(text(record));
    }
    keys
}
