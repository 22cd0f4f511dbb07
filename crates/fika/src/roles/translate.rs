//! The role `translate`: reads topics that ACDs fill in their own dialects, and puts the events on the topics of calls and agents.
//!
//! Events and dead letters are committed together with the offsets of the records, so each record is translated once. The readers
//! remember nothing, so any member may take over any partition. A call's events may lie in several partitions (one shipper of
//! Asterisk's keys them by name): here they come together under the call's own key.

use std::collections::BTreeMap;
use std::time::Duration;

use fika_bus::{Consumer, Error, Outgoing, Record, TopicSettings};
use fika_model::{FaultCode, Faults};
use fika_wire::dialect::{self, Context, Dialect, Input};
use fika_wire::records;

use super::{Role, Shared, as_member, groups};
use crate::traffic;

/// For how long a topic keeps records that was not there before.
const RETENTION: Duration = Duration::from_secs(7 * 86_400);
/// Partitions of such a topic.
const PARTITIONS: u32 = 12;

pub(super) fn session(shared: &Shared) -> Result<(), Error> {
    shared.ensure_topics()?;
    let config = &shared.config.ingest;
    let missing: Vec<TopicSettings> =
        config.sources.keys().map(|topic| TopicSettings::deleting(topic.as_str(), PARTITIONS, Some(RETENTION))).collect();
    shared.bus.ensure_topics(&missing)?;
    let topics: Vec<&str> = config.sources.keys().map(String::as_str).collect();
    let consumer = shared.bus.subscribe(groups::TRANSLATE, &topics)?;
    as_member(Role::Translate, consumer, |consumer| translate(shared, consumer))
}

fn translate(shared: &Shared, consumer: &mut dyn Consumer) -> Result<(), Error> {
    let config = &shared.config.ingest;
    let mut readers = BTreeMap::new();
    for (topic, name) in &config.sources {
        let reader = dialect::open(name, config.mapping.as_ref()).expect("the settings were read, so the dialect is known");
        readers.insert(topic.as_str(), reader);
    }
    while !shared.stop.is_set() {
        let records = consumer.poll(config.batch, Duration::from_millis(250))?;
        // Nothing is remembered of a partition.
        let _ = consumer.take_rebalance();
        shared.works(Role::Translate);
        if !records.is_empty() {
            let mut outputs = Outputs::default();
            for record in &records {
                if let Some(reader) = readers.get_mut(record.topic.as_str()) {
                    outputs.take(&mut **reader, record);
                }
            }
            let Outputs { records: out, counts } = outputs;
            consumer.commit(out)?;
            observe(shared, counts);
        }
    }
    Ok(())
}

/// What came of a batch.
#[derive(Default)]
struct Outputs {
    records: Vec<Outgoing>,
    counts: BTreeMap<&'static str, Counts>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    read: u64,
    set_aside: u64,
    unknown: dialect::Unknown,
    codes: BTreeMap<&'static str, u64>,
}

impl Outputs {
    fn take(&mut self, reader: &mut dyn Dialect, record: &Record) {
        let counts = self.counts.entry(reader.name()).or_default();
        let mut context = Context { received_ms: Some(record.timestamp_ms), unknown: counts.unknown };
        let read = match &record.value {
            Some(value) => dialect::read_all(reader, Input { headers: &record.headers, value }, &mut context),
            None => Err(Faults::one(FaultCode::Malformed, "", "the record has no value")),
        };
        counts.unknown = context.unknown;
        match read {
            Ok(events) => {
                counts.read += 1;
                self.records.extend(events.iter().map(|event| traffic::outgoing(records::event(event))));
            }
            Err(faults) => {
                counts.set_aside += 1;
                let code = faults.0.first().map_or("", |fault| fault.code.code());
                *counts.codes.entry(code).or_default() += 1;
                let Record { topic, partition, offset, .. } = record;
                tracing::debug!(topic, partition, offset, %faults, "set aside");
                self.records.push(traffic::dead_letter(record, &faults));
            }
        }
    }
}

fn observe(shared: &Shared, counts: BTreeMap<&'static str, Counts>) {
    let metrics = &shared.metrics;
    for (dialect, Counts { read, set_aside, unknown, codes }) in counts {
        metrics.dialect_records.with_label_values(&[dialect, "read"]).inc_by(read);
        metrics.dialect_records.with_label_values(&[dialect, "dead_letter"]).inc_by(set_aside);
        metrics.observe_unknown(dialect, unknown);
        for (code, records) in codes {
            metrics.dead_letters.with_label_values(&[code]).inc_by(records);
        }
    }
}

#[cfg(test)]
mod tests {
    use fika_wire::topics;

    use super::*;

    fn record(value: Option<&str>) -> Record {
        Record {
            topic: "asterisk_ami".to_owned(),
            partition: 3,
            offset: 17,
            key: Some(b"QueueCallerJoin".to_vec()),
            value: value.map(|text| text.as_bytes().to_vec()),
            headers: vec![("event_type".to_owned(), b"QueueCallerJoin".to_vec())],
            timestamp_ms: 1_772_442_000_000,
        }
    }

    #[test]
    fn events_go_under_the_calls_key_and_the_unreadable_stays_as_it_is() {
        let mut reader = dialect::open("asterisk-ami", None).expect("a dialect");
        let mut outputs = Outputs::default();
        outputs.take(&mut *reader, &record(Some("{\"Event\":\"QueueCallerJoin\",\"Uniqueid\":\"1.1\",\"Queue\":\"8000\",\"New\":\"x\"}")));
        outputs.take(&mut *reader, &record(Some("Uniqueid 1.1")));
        outputs.take(&mut *reader, &record(None));
        let [call, garbage, empty] = &outputs.records[..] else { panic!("three records: {:?}", outputs.records) };
        assert_eq!((call.topic.as_str(), call.key.as_deref()), (topics::CALLS, Some(&b"1.1"[..])));
        let told = String::from_utf8_lossy(call.value.as_deref().unwrap_or_default()).into_owned();
        assert!(told.contains("2026-03-02T09:00:00Z"), "the bus's own time stands in: {told}");
        assert_eq!((garbage.topic.as_str(), garbage.value.as_deref()), (topics::DEAD_LETTERS, Some(&b"Uniqueid 1.1"[..])));
        assert_eq!((empty.topic.as_str(), empty.value.as_deref()), (topics::DEAD_LETTERS, None));
        let unknown = dialect::Unknown { types: 0, fields: 1 };
        let expected = Counts { read: 1, set_aside: 2, unknown, codes: BTreeMap::from([("F1001", 2)]) };
        assert_eq!(outputs.counts.get("asterisk-ami"), Some(&expected));
    }
}
