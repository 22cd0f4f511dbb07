//! How far a group is behind.
//!
//! Offsets alone do not tell: the end of a partition may be the mark of a transaction, which is counted and never read. Where few
//! offsets are left, the partition is read to see whether a record is among them.
//!
//! Records of a transaction that is still open are left, too: they hold up whatever was committed after them.

use super::aside::Held;
use super::client::{ANSWER, Cluster, Quiet, committed, lock};
use super::forgotten::is_end;
use super::reader::{READING, add, passing};
use crate::{Error, Lag};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// More offsets than this are not all marks.
const FEW: i64 = 1_000;

type Reader = Arc<Mutex<Held<BaseConsumer<Quiet>>>>;

/// Readers that were already made, by their group: connecting anew for every question would take longer than the answer.
#[derive(Default)]
pub(super) struct LagReaders {
    readers: Mutex<BTreeMap<String, Reader>>,
}

impl LagReaders {
    /// See [`crate::Bus::lag`].
    pub(super) fn lag(&self, cluster: &Cluster, group: &str, topics: &[&str]) -> Result<Vec<Lag>, Error> {
        let reader = self.reader(cluster, group)?;
        let reader = lock(&reader);
        let mut lags = Vec::new();
        for topic in topics {
            let mut of_topic = offsets(cluster, &reader, topic)?;
            look(cluster, &reader, &mut of_topic)?;
            lags.extend(of_topic);
        }
        Ok(lags)
    }

    fn reader(&self, cluster: &Cluster, group: &str) -> Result<Reader, Error> {
        let mut readers = lock(&self.readers);
        if let Some(reader) = readers.get(group) {
            return Ok(Arc::clone(reader));
        }
        let own = [
            ("group.id", group),
            ("enable.partition.eof", "true"),
            // One record a partition is all that is asked for.
            ("queued.min.messages", "1"),
            ("max.partition.fetch.bytes", "16384"),
        ];
        let made = Arc::new(Mutex::new(cluster.client(Quiet, &[READING, &own].concat())?));
        readers.insert(group.to_owned(), Arc::clone(&made));
        Ok(made)
    }
}

/// The lags as the offsets have them.
fn offsets(cluster: &Cluster, reader: &BaseConsumer<Quiet>, topic: &str) -> Result<Vec<Lag>, Error> {
    let partitions = cluster.topic(topic)?.partitions as i32;
    let mut question = TopicPartitionList::new();
    question.add_partition_range(topic, 0, partitions - 1);
    let wrap = |error: KafkaError| cluster.error("read the offsets of a group", &error);
    let committed = committed(reader, question).map_err(wrap)?;
    let mut lags = Vec::new();
    for partition in 0..partitions {
        let committed = match committed.find_partition(topic, partition).map(|found| found.offset()) {
            Some(Offset::Offset(offset)) => Some(offset),
            _ => None,
        };
        cluster.drain.check()?;
        let (low, end) = cluster.watermarks_beyond(topic, partition)?;
        let behind = (end - committed.unwrap_or(low).max(low)).max(0);
        lags.push(Lag { topic: topic.to_owned(), partition, committed, end: end.max(committed.unwrap_or(0)), behind });
    }
    Ok(lags)
}

/// Corrects the lags of one topic where a few offsets may all be marks, or begin with some.
fn look(cluster: &Cluster, reader: &BaseConsumer<Quiet>, lags: &mut [Lag]) -> Result<(), Error> {
    let mut open: BTreeMap<i32, (&mut Lag, i64)> = BTreeMap::new();
    let mut from = TopicPartitionList::new();
    for lag in lags.iter_mut().filter(|lag| (1..=FEW).contains(&lag.behind)) {
        cluster.drain.check()?;
        add(&mut from, &lag.topic, lag.partition, lag.end - lag.behind, cluster)?;
        // Before it is read: what is committed later must not be taken for read.
        let (_, settled) = cluster.watermarks(&lag.topic, lag.partition)?;
        open.insert(lag.partition, (lag, settled));
    }
    if open.is_empty() {
        return Ok(());
    }
    reader.assign(&from).map_err(|error| cluster.error("read", &error))?;
    let patience = cluster.drain.patience(ANSWER);
    while !open.is_empty() && !patience.is_over() {
        match reader.poll(Duration::from_millis(100)) {
            None => {}
            Some(Ok(message)) if is_end(&message) => {}
            Some(Ok(message)) => {
                if let Some((lag, _)) = open.remove(&message.partition()) {
                    lag.behind = (lag.end - message.offset()).max(0);
                }
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                if let Some((lag, settled)) = open.remove(&partition) {
                    lag.behind = (lag.end - settled).max(0);
                }
            }
            Some(Err(error)) => passing(cluster, &error)?,
        }
    }
    // Whatever did not answer in time keeps the upper bound.
    reader.unassign().map_err(|error| cluster.error("read", &error))
}
