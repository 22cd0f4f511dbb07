//! Transactions whose end the brokers have forgotten to mark.
//!
//! The brokers answer a commit first and then mark its end in every partition that it has written to. Apache Kafka 4.3, killed in between
//! where no other broker has a replica, says as it starts again that the transaction is complete, and never writes the missing marks:
//! nobody who reads committed records gets past it. A later transaction of the same name ends both. So the first record that a transaction
//! writes to a partition names it, and a partition that stands still before such a record for longer than a transaction can last is
//! given the end it lacks.
//!
//! Invariant: such a transaction ends as the brokers had decided, as far as the group's offsets tell. Where they are open as well, or
//! its group is past it, it is committed.

use super::aside::Held;
use super::client::{ANSWER, Cluster, Quiet, committed, lock};
use super::reader::{NO_GROUP, READING, add, assigned, headers};
use super::transaction::{Ending, Transactions};
use crate::{Error, TopicPartition};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// The header that names the transaction.
pub(super) const HEADER: &str = "fika-transaction";
/// The key of records that only bring an end to a partition. They have no value, and no reader of ours is shown them.
pub(super) const KEY: &str = "fika.transaction";
/// How often is looked for partitions that stand still.
const LOOK: Duration = Duration::from_secs(5);
/// A partition that stands still for longer waits for no transaction that is still alive: those have half a minute.
const STILL: Duration = Duration::from_secs(35);

/// What the first record of a transaction in each partition says: its name, and whether its group is past it when it is committed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Naming {
    pub(super) id: String,
    pub(super) group: String,
    /// One of the places that the group has read up to with this transaction.
    pub(super) place: TopicPartition,
    pub(super) next: i64,
}

/// How a forgotten transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Committed,
    /// The offsets were not marked, either: they are committed with it.
    CommittedWithOffsets,
    Aborted,
}

impl Naming {
    /// For the header.
    pub(super) fn text(&self) -> String {
        let Self { id, group, place: (topic, partition), next } = self;
        format!("{id}\n{group}\n{topic}\n{partition}\n{next}")
    }

    fn read(text: &[u8]) -> Option<Self> {
        let [id, group, topic, partition, next] = std::str::from_utf8(text).ok()?.split('\n').collect::<Vec<_>>().try_into().ok()?;
        let place = (topic.to_owned(), partition.parse().ok()?);
        Some(Self { id: id.to_owned(), group: group.to_owned(), place, next: next.parse().ok()? })
    }

    fn of(message: &BorrowedMessage<'_>) -> Option<Self> {
        let (_, text) = headers(message).into_iter().find(|(name, _)| name == HEADER)?;
        Self::read(&text)
    }
}

/// Whether a record only brings an end to its partition.
pub(super) fn is_end(message: &BorrowedMessage<'_>) -> bool {
    message.payload().is_none() && message.key() == Some(KEY.as_bytes())
}

/// Looks after the topics that this process knows, on a thread of its own, as long as the bus lives.
#[derive(Default)]
pub(super) struct Sentinel {
    begun: Mutex<Option<Sender<()>>>,
}

impl Sentinel {
    /// Begins, the first time.
    pub(super) fn begin(&self, cluster: &Arc<Cluster>) {
        let mut begun = lock(&self.begun);
        if begun.is_some() {
            return;
        }
        let (sender, end) = channel();
        let cluster = Arc::downgrade(cluster);
        let watch = move || {
            let mut watch = Watch::default();
            while end.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let Some(cluster) = cluster.upgrade().filter(|cluster| !cluster.drain.has_begun()) else { return };
                if let Err(error) = watch.look(&cluster) {
                    tracing::debug!(%error, "no look for forgotten transactions");
                    // What was open before an outage is given its time again.
                    watch = Watch::default();
                }
            }
        };
        match Builder::new().name("fika-sentinel".to_owned()).spawn(watch) {
            Ok(_) => *begun = Some(sender),
            Err(error) => tracing::warn!(%error, "forgotten transactions are not looked for"),
        }
    }
}

/// Where partitions stand before a transaction that is open.
#[derive(Default)]
struct Watch {
    standing: BTreeMap<TopicPartition, Standing>,
}

#[derive(Debug, Clone, Copy)]
struct Standing {
    at: i64,
    since: Instant,
}

impl Watch {
    /// Ends what stands still for too long.
    fn look(&mut self, cluster: &Arc<Cluster>) -> Result<(), Error> {
        let read = cluster.all_ends(true)?;
        let written = cluster.all_ends(false)?;
        let now = Instant::now();
        let before = std::mem::take(&mut self.standing);
        for (place, at) in read.into_iter().filter(|(place, at)| written.get(place).is_some_and(|end| end > at)) {
            let since = before.get(&place).filter(|known| known.at == at).map_or(now, |known| known.since);
            self.standing.insert(place, Standing { at, since });
        }
        let still: BTreeMap<_, _> = self.standing.iter().filter(|(_, one)| one.since.elapsed() >= STILL).collect();
        if still.is_empty() {
            return Ok(());
        }
        let mut named: BTreeMap<Naming, Vec<TopicPartition>> = BTreeMap::new();
        for (place, naming) in namings(cluster, &still)? {
            named.entry(naming).or_default().push(place);
        }
        // Only one process may try, for the second would abort what the first has begun: who reads now what the transaction had read.
        for (naming, places) in named.into_iter().filter(|(naming, _)| cluster.reads(&naming.group, &naming.place)) {
            let transaction = &naming.id;
            match end(cluster, &naming, &places) {
                Ok(outcome) => tracing::warn!(transaction, ?places, ?outcome, "the brokers had forgotten to mark the end of a transaction"),
                Err(error) => tracing::warn!(transaction, ?places, %error, "a transaction stays open whose end the brokers have forgotten"),
            }
        }
        Ok(())
    }
}

/// Whose the transactions are that begin at these places; without those of others than us.
fn namings(cluster: &Cluster, still: &BTreeMap<&TopicPartition, &Standing>) -> Result<Vec<(TopicPartition, Naming)>, Error> {
    let mut from = TopicPartitionList::new();
    for ((topic, partition), standing) in still {
        add(&mut from, topic, *partition, standing.at, cluster)?;
    }
    let consumer = assigned(cluster, &from, &[("group.id", NO_GROUP), ("isolation.level", "read_uncommitted")])?;
    let mut found: BTreeMap<TopicPartition, Option<Naming>> = BTreeMap::new();
    let patience = cluster.drain.patience(ANSWER);
    while found.len() < still.len() && !patience.is_over() {
        if let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) {
            found.entry((message.topic().to_owned(), message.partition())).or_insert_with(|| Naming::of(&message));
        }
    }
    Ok(found.into_iter().filter_map(|(place, naming)| Some((place, naming?))).collect())
}

/// Ends a transaction in the places where its end was forgotten.
fn end(cluster: &Arc<Cluster>, naming: &Naming, places: &[TopicPartition]) -> Result<Outcome, Error> {
    let wrap = |error: KafkaError| cluster.error("read the offsets of a group", &error);
    let mut offsets = TopicPartitionList::new();
    let reader = reader(cluster, naming, "read_committed")?;
    let outcome = match past(&reader, naming) {
        Ok(past) if past >= Some(naming.next) => Outcome::Committed,
        Ok(_) => Outcome::Aborted,
        Err(error) if is_open(&error) => {
            let known = past(&*self::reader(cluster, naming, "read_uncommitted")?, naming).map_err(wrap)?;
            let (topic, partition) = &naming.place;
            add(&mut offsets, topic, *partition, known.unwrap_or(0).max(naming.next), cluster)?;
            Outcome::CommittedWithOffsets
        }
        Err(error) => return Err(wrap(error)),
    };
    let membership = reader.group_metadata().ok_or_else(|| Error::Fenced { group: naming.group.clone() })?;
    Transactions::end_again(
        cluster,
        naming,
        Ending { places: places.to_vec(), offsets, membership, commits: outcome != Outcome::Aborted },
    )?;
    Ok(outcome)
}

/// A client that belongs to the transaction's group and is no member of it.
fn reader(cluster: &Cluster, naming: &Naming, isolation: &str) -> Result<Held<BaseConsumer<Quiet>>, Error> {
    cluster.client(Quiet, &[READING, &[("group.id", &naming.group), ("isolation.level", isolation)]].concat())
}

/// Up to where the group has read in the transaction's place.
fn past(reader: &BaseConsumer<Quiet>, naming: &Naming) -> Result<Option<i64>, KafkaError> {
    let (topic, partition) = &naming.place;
    let mut place = TopicPartitionList::new();
    place.add_partition(topic, *partition);
    let known = committed(reader, place)?;
    Ok(match known.find_partition(topic, *partition).map(|found| found.offset()) {
        Some(Offset::Offset(offset)) => Some(offset),
        _ => None,
    })
}

/// Whether the offsets themselves wait for the end of a transaction.
fn is_open(error: &KafkaError) -> bool {
    use RDKafkaErrorCode::{OperationTimedOut, UnstableOffsetCommit};
    // The client asks again by itself until its time is over.
    matches!(error.rdkafka_error_code(), Some(UnstableOffsetCommit | OperationTimedOut))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_naming_is_read_as_it_was_written_and_nothing_else_is_one() {
        let naming = Naming { id: "g-1".to_owned(), group: "g".to_owned(), place: ("in".to_owned(), 3), next: 17 };
        assert_eq!(Naming::read(naming.text().as_bytes()), Some(naming));
        for text in ["", "g-1\ng\nin\n3", "g-1\ng\nin\nx\n17", "g-1\ng\nin\n3\n17\n"] {
            assert_eq!(Naming::read(text.as_bytes()), None, "{text:?}");
        }
    }
}
