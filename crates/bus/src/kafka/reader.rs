//! Reading without a group: scans to the end, and tails.
//!
//! The end of a partition is often no record but the mark of a transaction, which no reader is shown; so a scan ends where
//! librdkafka reports the end of the partition, or where the end as of the call is passed.

use super::aside::Held;
use super::client::{Cluster, Quiet};
use super::forgotten::{self, is_end};
use crate::{Error, Record, Tail, TailFrom};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What every reader of ours has in common. Prefetching is bounded, so that a slow reader does not grow. Answers of brokers are compressed:
/// what one brings in is several times its size, and comes on top of the bound.
pub(super) const READING: &[(&str, &str)] = &[
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("auto.offset.reset", "earliest"),
    ("isolation.level", "read_committed"),
    ("allow.auto.create.topics", "false"),
    ("queued.max.messages.kbytes", "2048"),
    // Full queues are looked at again soon; the client would let a whole second pass.
    ("fetch.queue.backoff.ms", "10"),
    ("fetch.max.bytes", "1048576"),
    ("max.partition.fetch.bytes", "131072"),
    ("fetch.wait.max.ms", "100"),
    ("topic.metadata.refresh.interval.ms", "30000"),
];

/// The client wants a group's name even from readers that never join one.
pub(super) const NO_GROUP: &str = "fika-readers";
/// As many records as one call of a tail hands out.
const MOST: usize = 4_096;
/// So many records at once are a backlog: larger batches are worth waiting for.
const MANY: usize = 1_000;
/// For how long in all, from the moment that there are many.
const GATHERING: Duration = Duration::from_millis(200);
/// For how long at once: the next answer of a broker is on its way.
const PAUSE: Duration = Duration::from_millis(20);
/// A scan that hears nothing for so long asks whether the brokers are still there.
const SILENCE: Duration = Duration::from_secs(5);
/// A scan that hears nothing for so long ends, whatever they answer: what it waits for may have no broker that leads it.
const MUTE: Duration = Duration::from_secs(60);

/// See [`crate::Bus::scan`].
pub(super) fn scan(cluster: &Cluster, topic: &str, each: &mut dyn FnMut(Record) -> ControlFlow<()>) -> Result<(), Error> {
    let mut ends: BTreeMap<i32, i64> = BTreeMap::new();
    let mut from = TopicPartitionList::new();
    for partition in 0..cluster.topic(topic)?.partitions as i32 {
        cluster.drain.check()?;
        let (low, end) = cluster.settled_watermarks(topic, partition)?;
        if low < end {
            ends.insert(partition, end);
            add(&mut from, topic, partition, low, cluster)?;
        }
    }
    if ends.is_empty() {
        return Ok(());
    }
    let consumer = assigned(cluster, &from, &[("group.id", NO_GROUP), ("enable.partition.eof", "true")])?;
    let mut heard = Instant::now();
    let mut asked = heard;
    while !ends.is_empty() {
        cluster.drain.check()?;
        match consumer.poll(Duration::from_millis(100)) {
            None if heard.elapsed() > MUTE => return Err(cluster.left_behind("read")),
            None if heard.max(asked).elapsed() > SILENCE => {
                cluster.check()?;
                asked = Instant::now();
            }
            None => {}
            Some(Ok(message)) => {
                heard = Instant::now();
                let Some(end) = ends.get(&message.partition()).copied() else { continue };
                if message.offset() < end && !is_end(&message) && each(record(&message)).is_break() {
                    return Ok(());
                }
                if message.offset() + 1 >= end {
                    ends.remove(&message.partition());
                }
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                ends.remove(&partition);
            }
            Some(Err(error)) => passing(cluster, &error)?,
        }
    }
    Ok(())
}

/// A follower of some topics.
pub(super) struct KafkaTail {
    cluster: Arc<Cluster>,
    consumer: Held<BaseConsumer<Quiet>>,
}

impl KafkaTail {
    pub(super) fn start(cluster: Arc<Cluster>, topics: &[&str], from: TailFrom) -> Result<Self, Error> {
        let mut start = TopicPartitionList::new();
        for topic in topics {
            for partition in 0..cluster.topic(topic)?.partitions as i32 {
                cluster.drain.check()?;
                let (low, end) = cluster.watermarks(topic, partition)?;
                let at = if from == TailFrom::Start { low } else { end };
                add(&mut start, topic, partition, at, &cluster)?;
            }
        }
        let consumer = assigned(&cluster, &start, &[("group.id", NO_GROUP)])?;
        Ok(Self { cluster, consumer })
    }
}

impl Tail for KafkaTail {
    fn poll(&mut self, wait: Duration) -> Result<Vec<Record>, Error> {
        let mut records = Vec::new();
        let failed = |error: &KafkaError| passing(&self.cluster, error);
        drain(&self.consumer, MOST, Instant::now() + wait, failed, || false, || false, |record| records.push(record))?;
        Ok(records)
    }
}

/// Takes records until `most` have come, or until none is left at hand and either some have come or the deadline is over. Where many
/// have come more are on their way, and are waited for a moment. The client returns early when it has served an event: then
/// `interrupted` may end the taking. As long as `gathers` says so, there is time to take more. Answers how many were taken.
pub(super) fn drain<C: rdkafka::consumer::ConsumerContext>(
    consumer: &BaseConsumer<C>,
    most: usize,
    deadline: Instant,
    mut failed: impl FnMut(&KafkaError) -> Result<(), Error>,
    interrupted: impl Fn() -> bool,
    gathers: impl Fn() -> bool,
    mut each: impl FnMut(Record),
) -> Result<usize, Error> {
    let mut taken = 0;
    let mut gathering: Option<Instant> = None;
    while taken < most {
        let wait = match taken {
            _ if gathers() => PAUSE,
            0 => deadline.saturating_duration_since(Instant::now()),
            MANY.. => GATHERING.saturating_sub(gathering.get_or_insert_with(Instant::now).elapsed()).min(PAUSE),
            _ => Duration::ZERO,
        };
        match consumer.poll(wait) {
            Some(Ok(message)) if is_end(&message) => {}
            Some(Ok(message)) => {
                each(record(&message));
                taken += 1;
            }
            // What has come is handed out; an error that lasts is told by the next call.
            Some(Err(_)) if taken > 0 => break,
            Some(Err(error)) => failed(&error)?,
            None if interrupted() => break,
            None if taken == 0 && Instant::now() < deadline || gathers() => {}
            None => break,
        }
    }
    Ok(taken)
}

/// A consumer that reads these partitions from these offsets.
pub(super) fn assigned(cluster: &Cluster, from: &TopicPartitionList, own: &[(&str, &str)]) -> Result<Held<BaseConsumer<Quiet>>, Error> {
    let consumer: Held<BaseConsumer<Quiet>> = cluster.client(Quiet, &[READING, own].concat())?;
    consumer.assign(from).map_err(|error| cluster.error("read", &error))?;
    Ok(consumer)
}

/// Adds a place to a list of places.
pub(super) fn add(list: &mut TopicPartitionList, topic: &str, partition: i32, at: i64, cluster: &Cluster) -> Result<(), Error> {
    list.add_partition_offset(topic, partition, Offset::Offset(at)).map_err(|error| cluster.error("read", &error))
}

/// Lets errors pass that the client gets over by itself; an outage and what is final are told.
pub(super) fn passing(cluster: &Cluster, error: &KafkaError) -> Result<(), Error> {
    match error {
        KafkaError::MessageConsumption(
            RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::UnknownTopicOrPartition
            | RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::GroupAuthorizationFailed
            | RDKafkaErrorCode::ClusterAuthorizationFailed
            | RDKafkaErrorCode::SaslAuthenticationFailed
            | RDKafkaErrorCode::Authentication,
        )
        | KafkaError::MessageConsumptionFatal(_) => Err(cluster.error("read", error)),
        other => {
            tracing::debug!(error = %other, "the client gets over this by itself");
            Ok(())
        }
    }
}

/// A copy of a message.
pub(super) fn record(message: &BorrowedMessage<'_>) -> Record {
    Record {
        topic: message.topic().to_owned(),
        partition: message.partition(),
        offset: message.offset(),
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers: headers(message).into_iter().filter(|(name, _)| name != forgotten::HEADER).collect(),
        timestamp_ms: message.timestamp().to_millis().unwrap_or(0),
    }
}

/// The headers of a message. The client panics on a name that is not UTF-8: such a header is left out, since a record must not stop the stream.
pub(super) fn headers(message: &BorrowedMessage<'_>) -> Vec<(String, Vec<u8>)> {
    let Some(headers) = message.headers() else { return Vec::new() };
    let read = |place: usize| {
        catch_unwind(AssertUnwindSafe(|| {
            headers.try_get(place).map(|header| (header.key.to_owned(), header.value.unwrap_or_default().to_vec()))
        }))
        .unwrap_or_else(|_| {
            tracing::warn!(place, "a header whose name is not UTF-8 was left out");
            None
        })
    };
    (0..headers.count()).filter_map(read).collect()
}
