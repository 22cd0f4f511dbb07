//! Decoding beside reading: a thread of its own decodes the first records of a batch while the others are still read.
//!
//! Invariant: what comes out is in the order in which it was shown, and has nothing of partitions that went to another member meanwhile.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::Scope;

use fika_bus::{Record, Shown, TopicPartition};
use fika_engine::Part;
use fika_model::Faults;
use fika_model::event::Event;
use fika_model::fault::Fault;
use fika_wire::dialect::Unknown;

use super::decode::Decoder;
use super::part_of;
use crate::traffic;

/// Records that are decoded at a time.
const CHUNK: usize = 512;
/// Chunks that wait to be decoded: reading waits, too, when there are so many.
const WAITING: usize = 8;

/// What records say. The records themselves are most of the memory of a batch: only those go along that may be set aside.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    /// How many records were read.
    pub(super) records: usize,
    pub(super) events: Vec<(Part, Event)>,
    /// Of each event: the offset of its record.
    pub(super) origins: Vec<i64>,
    /// Records with events ahead of the clock, by partition and offset: the engine may refuse these.
    pub(super) doubtful: BTreeMap<(Part, i64), Record>,
    /// Records that cannot be read.
    pub(super) dead: Vec<(Record, Faults)>,
    pub(super) unknown: Unknown,
}

/// The way to the decoding thread and back.
pub(super) struct Line {
    raw: SyncSender<Vec<Record>>,
    decoded: Receiver<Decoded>,
    chunk: Vec<Record>,
    /// Chunks of this batch that were sent.
    sent: usize,
    /// Partitions that went, each with the number of chunks that were sent before.
    gone: Vec<(usize, TopicPartition)>,
}

impl Decoded {
    fn of(decoder: &Decoder, records: Vec<Record>) -> Self {
        let mut decoded = Self { records: records.len(), ..Self::default() };
        let now_ms = traffic::now().as_millisecond();
        for record in records {
            let Some(part) = part_of(&record.topic, record.partition) else { continue };
            match decoder.events(&record, &mut decoded.unknown) {
                Ok(events) => {
                    decoded.origins.extend(events.iter().map(|_| record.offset));
                    let is_doubtful = events.iter().any(|event| event.latest_ms() > now_ms);
                    decoded.events.extend(events.into_iter().map(|event| (part, event)));
                    if is_doubtful {
                        decoded.doubtful.insert((part, record.offset), record);
                    }
                }
                Err(faults) => decoded.dead.push((record, faults)),
            }
        }
        decoded
    }

    /// Adds the records of refused events, by the events' positions, to the dead. None where one was not kept, because the clock was set
    /// back since.
    pub(super) fn set_aside(&mut self, refused: &[(usize, Fault)]) -> Option<()> {
        let mut faults: BTreeMap<(Part, i64), Faults> = BTreeMap::new();
        for (position, fault) in refused {
            faults.entry((self.events[*position].0, self.origins[*position])).or_default().0.push(fault.clone());
        }
        for (place, faults) in faults {
            self.dead.push((self.doubtful.remove(&place)?, faults));
        }
        Some(())
    }

    /// Leaves out what is of a partition. That its records were read stays true.
    fn forget(&mut self, (topic, partition): &TopicPartition) {
        let gone = part_of(topic, *partition);
        let mut events = self.events.iter();
        self.origins.retain(|_| events.next().is_none_or(|(part, _)| Some(*part) != gone));
        self.events.retain(|(part, _)| Some(*part) != gone);
        self.doubtful.retain(|(part, _), _| Some(*part) != gone);
        self.dead.retain(|(record, _)| record.partition != *partition || record.topic != *topic);
    }

    fn append(&mut self, mut later: Self) {
        self.records += later.records;
        self.events.append(&mut later.events);
        self.origins.append(&mut later.origins);
        self.doubtful.append(&mut later.doubtful);
        self.dead.append(&mut later.dead);
        self.unknown.types += later.unknown.types;
        self.unknown.fields += later.unknown.fields;
    }
}

impl Line {
    /// Starts the thread; it ends with the line.
    pub(super) fn start<'scope>(scope: &'scope Scope<'scope, '_>, decoder: &'scope Decoder) -> Self {
        let (raw, chunks) = sync_channel(WAITING);
        let (done, decoded) = channel();
        scope.spawn(move || {
            for records in chunks {
                if done.send(Decoded::of(decoder, records)).is_err() {
                    return;
                }
            }
        });
        Self { raw, decoded, chunk: Vec::new(), sent: 0, gone: Vec::new() }
    }

    /// Takes what a poll shows.
    pub(super) fn take(&mut self, shown: Shown) {
        match shown {
            Shown::Record(record) => {
                self.chunk.push(record);
                if self.chunk.len() >= CHUNK {
                    self.send();
                }
            }
            Shown::Forget(place) => {
                self.send();
                self.gone.push((self.sent, place));
            }
        }
    }

    fn send(&mut self) {
        if !self.chunk.is_empty() {
            let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
            self.raw.send(chunk).expect("the decoding thread goes on until its line ends");
            self.sent += 1;
        }
    }

    /// Everything that was shown since the last call.
    pub(super) fn finish(&mut self) -> Decoded {
        self.send();
        let mut batch = Decoded { events: Vec::with_capacity(self.sent * CHUNK), ..Decoded::default() };
        for number in 0..std::mem::take(&mut self.sent) {
            let mut decoded = self.decoded.recv().expect("the decoding thread goes on until its line ends");
            self.gone.iter().filter(|(before, _)| number < *before).for_each(|(_, place)| decoded.forget(place));
            batch.append(decoded);
        }
        self.gone.clear();
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fika_model::FaultCode;

    fn record(topic: &str, partition: i32, offset: i64) -> Record {
        let data = r#"{"callId":"a","queueId":"sales"}"#;
        let begin = r#"{"specversion":"1.0","source":"/acd","type":"call.queued","time":"2026-01-05T10:00:00Z""#;
        // Every seventh is garbage.
        let value = if offset % 7 == 6 { "{".to_owned() } else { format!("{begin},\"id\":\"{partition}-{offset}\",\"data\":{data}}}") };
        let (topic, key, value) = (topic.to_owned(), None, Some(value.into_bytes()));
        Record { topic, partition, offset, key, value, headers: Vec::new(), timestamp_ms: 0 }
    }

    /// The ids of the events, and the offsets of the dead records.
    fn told(batch: &Decoded) -> (Vec<String>, Vec<i64>) {
        let id = |event: &Event| match event {
            Event::Call(call) => call.event_id.clone(),
            Event::Agent(agent) => agent.event_id.clone(),
        };
        for ((part, event), offset) in batch.events.iter().zip(&batch.origins) {
            assert_eq!(id(event), format!("{}-{offset}", part.partition));
        }
        let dead = batch.dead.iter().map(|(record, _)| record.offset).collect();
        (batch.events.iter().map(|(_, event)| id(event)).collect(), dead)
    }

    fn run(work: impl FnOnce(&mut Line)) {
        let decoder = Decoder::new(&[]);
        std::thread::scope(|scope| work(&mut Line::start(scope, &decoder)));
    }

    #[test]
    fn batches_come_out_whole_and_in_order() {
        run(|line| {
            for count in [0, 1, CHUNK as i64 - 1, CHUNK as i64, 5 * CHUNK as i64 + 3] {
                (0..count).for_each(|offset| line.take(Shown::Record(record("acd.calls", 3, offset))));
                let (ids, dead) = told(&line.finish());
                assert_eq!(ids, (0..count).filter(|n| n % 7 != 6).map(|n| format!("3-{n}")).collect::<Vec<_>>());
                assert_eq!(dead, (0..count).filter(|n| n % 7 == 6).collect::<Vec<_>>());
            }
        });
    }

    #[test]
    fn only_records_that_may_be_set_aside_go_along() {
        run(|line| {
            (0..7).for_each(|offset| line.take(Shown::Record(record("acd.calls", 3, offset))));
            let mut ahead = record("acd.calls", 3, 7);
            ahead.value = ahead.value.map(|value| String::from_utf8(value).expect("text").replace("2026-", "2199-").into_bytes());
            line.take(Shown::Record(ahead.clone()));
            let mut batch = line.finish();
            assert_eq!((batch.records, batch.events.len(), batch.dead.len(), batch.doubtful.len()), (8, 7, 1, 1));
            let fault = Fault::new(FaultCode::BadTime, "time", "ahead");
            assert_eq!(batch.set_aside(&[(6, fault.clone())]), Some(()));
            assert_eq!(batch.dead.last(), Some(&(ahead, Faults(vec![fault.clone()]))));
            assert_eq!(batch.set_aside(&[(0, fault)]), None, "it was not kept");
        });
    }

    #[test]
    fn what_went_to_another_member_is_left_out_and_what_came_back_is_not() {
        run(|line| {
            let mut show = |partition, offsets: std::ops::Range<i64>| {
                offsets.for_each(|offset| line.take(Shown::Record(record("acd.calls", partition, offset))));
            };
            show(1, 0..9);
            show(2, 0..3);
            line.take(Shown::Forget(("acd.calls".to_owned(), 1)));
            line.take(Shown::Forget(("acd.agents".to_owned(), 2)));
            line.take(Shown::Record(record("acd.calls", 1, 2)));
            let (ids, dead) = told(&line.finish());
            assert_eq!((ids, dead), (vec!["2-0".to_owned(), "2-1".to_owned(), "2-2".to_owned(), "1-2".to_owned()], Vec::new()));
            line.take(Shown::Record(record("acd.calls", 1, 0)));
            assert_eq!(told(&line.finish()).0, ["1-0"], "the next batch has its own");
        });
    }
}
