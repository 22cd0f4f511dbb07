//! A member of a group on Kafka.
//!
//! Invariant: what was handed out and not committed is either committed with its outputs, while the group still gives its
//! partitions to this member, or handed out again from the group's offsets as the brokers know them.

use super::client::{ANSWER, Cluster, Reading, committed, lock};
use super::member::{Change, Member};
use super::reader::{READING, drain, passing};
use super::transaction::{Batch, Transactions, is_fencing};
use crate::{Consumer, Error, Guard, Outgoing, Rebalance, Shown, TopicPartition};
use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaError;
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A member whose process has died is missed after so long (`group.protocol=classic`).
const SESSION_MS: &str = "10000";
/// A rebalance begins for a member with its next heartbeat, so this is what joining and leaving cost the others.
const HEARTBEAT_MS: &str = "500";

/// Of each partition: how many records were taken, and the offset after the last of them.
type Taken = Vec<(TopicPartition, usize, i64)>;

/// See the module.
pub(super) struct KafkaConsumer {
    cluster: Arc<Cluster>,
    group: String,
    consumer: Member,
    transactions: Transactions,
    reading: Arc<Reading>,
    /// For each partition with records that were handed out and not committed: the offset after the last of them.
    uncommitted: BTreeMap<TopicPartition, i64>,
    /// Something handed out and not committed was taken away.
    fenced: bool,
    /// The last commit failed: the positions must go back to the group's offsets before anything is read.
    unsettled: bool,
    rebalance: Rebalance,
}

impl KafkaConsumer {
    pub(super) fn join(cluster: Arc<Cluster>, group: &str, topics: &[&str]) -> Result<Self, Error> {
        for topic in topics {
            cluster.drain.check()?;
            cluster.topic(topic)?;
        }
        let mut own = vec![("group.id", group)];
        // With the newer protocol the brokers decide these.
        if cluster.property("group.protocol") != Some("consumer") {
            own.extend([
                ("partition.assignment.strategy", "cooperative-sticky"),
                ("session.timeout.ms", SESSION_MS),
                ("heartbeat.interval.ms", HEARTBEAT_MS),
            ]);
        }
        let consumer = Member::new(&cluster, &[READING, &own].concat())?;
        consumer.subscribe(topics).map_err(|error| cluster.error("join a group", &error))?;
        let instance = cluster.property("group.instance.id");
        let mut transactions = Transactions::new(group, instance);
        if instance.is_some() {
            // A predecessor of this name may have died in a commit: what it left open would hold up the group until it times out.
            transactions.settle(&cluster)?;
        }
        let reading = cluster.reading(group);
        Ok(Self {
            cluster,
            group: group.to_owned(),
            consumer,
            transactions,
            reading,
            uncommitted: BTreeMap::new(),
            fenced: false,
            unsettled: false,
            rebalance: Rebalance::default(),
        })
    }

    /// Takes in what a poll has told about the assignment. Answers the partitions that went.
    fn adopt(&mut self) -> Vec<TopicPartition> {
        let mut gone = Vec::new();
        for change in self.consumer.take_told() {
            match change {
                Change::Assigned(places) => {
                    lock(&self.reading.places).extend(places.iter().cloned());
                    self.rebalance.extend(places, Vec::new());
                }
                Change::Revoked(places) => {
                    for place in &places {
                        lock(&self.reading.places).remove(place);
                        self.fenced |= self.uncommitted.remove(place).is_some();
                    }
                    gone.extend(places.iter().cloned());
                    self.rebalance.extend(Vec::new(), places);
                }
            }
        }
        gone
    }

    /// Notes what was taken; answers how many records are left of it.
    fn keep(&mut self, mut taken: Taken, each: &mut dyn FnMut(Shown)) -> usize {
        // The records of this call were read before the change that ended it.
        for place in self.adopt() {
            taken.retain(|(of, ..)| *of != place);
            each(Shown::Forget(place));
        }
        let count = taken.iter().map(|(_, count, _)| count).sum();
        self.uncommitted.extend(taken.into_iter().map(|(place, _, next)| (place, next)));
        count
    }

    /// What to commit: the offsets after the records handed out. A commit of outputs alone commits the group's offsets again, so that
    /// a member whose time is over is found out.
    fn offsets(&self) -> Result<TopicPartitionList, KafkaError> {
        let mut offsets = TopicPartitionList::new();
        for ((topic, partition), offset) in &self.uncommitted {
            offsets.add_partition_offset(topic, *partition, Offset::Offset(*offset))?;
        }
        if self.uncommitted.is_empty() && !lock(&self.reading.places).is_empty() {
            let known = committed(&self.consumer, self.places())?;
            for place in known.elements().iter().filter(|place| matches!(place.offset(), Offset::Offset(_))) {
                offsets.add_partition_offset(place.topic(), place.partition(), place.offset())?;
            }
        }
        Ok(offsets)
    }

    fn places(&self) -> TopicPartitionList {
        let mut places = TopicPartitionList::new();
        for (topic, partition) in &*lock(&self.reading.places) {
            places.add_partition(topic, *partition);
        }
        places
    }

    /// Shows records up to the next change of the assignment. Answers how many of each partition, and the offset after the last.
    /// As long as `gathers` says so, there is time for more.
    fn take(&self, most: usize, deadline: Instant, gathers: impl Fn() -> bool, each: &mut dyn FnMut(Shown)) -> Result<Taken, Error> {
        let failed = |error: &KafkaError| match error {
            KafkaError::MessageConsumptionFatal(code) if is_fencing(*code) => Err(Error::Fenced { group: self.group.clone() }),
            other => passing(&self.cluster, other),
        };
        let mut taken = Taken::new();
        drain(
            &self.consumer,
            most,
            deadline,
            failed,
            || self.consumer.has_told(),
            gathers,
            |record| {
                match taken.iter_mut().find(|(place, ..)| place.1 == record.partition && place.0 == record.topic) {
                    Some((_, count, next)) => (*count, *next) = (*count + 1, record.offset + 1),
                    None => taken.push(((record.topic.clone(), record.partition), 1, record.offset + 1)),
                }
                each(Shown::Record(record));
            },
        )?;
        Ok(taken)
    }

    /// What is to be published, with the offsets of what was handed out.
    fn batch(&self, outputs: Vec<Outgoing>) -> Result<Batch, Error> {
        let offsets = self.offsets().map_err(|error| self.cluster.error("commit", &error))?;
        let membership = self.consumer.group_metadata().ok_or_else(|| Error::Fenced { group: self.group.clone() })?;
        Ok(Batch { outputs, offsets, membership })
    }

    fn publish(&mut self, outputs: Vec<Outgoing>, guard: Option<Guard<'_>>) -> Result<(), Error> {
        let batch = self.batch(outputs)?;
        if let Some(guard) = guard {
            return self.transactions.commit_under(&self.cluster, batch, guard);
        }
        let publishing = self.transactions.begin(&self.cluster, batch);
        self.transactions.end(&self.cluster, publishing)
    }

    /// Publishes, and takes what follows meanwhile. The answer is that of the publication.
    fn publish_and_take(
        &mut self,
        outputs: Vec<Outgoing>,
        most: usize,
        wait: Duration,
        each: &mut dyn FnMut(Shown),
    ) -> Result<Taken, Error> {
        let batch = self.batch(outputs)?;
        let publishing = self.transactions.begin(&self.cluster, batch);
        // An error that lasts is told by the next poll.
        let taken = self.take(most, Instant::now() + wait, || !publishing.is_over(), each).unwrap_or_default();
        self.transactions.end(&self.cluster, publishing).map(|()| taken)
    }

    fn commit_all(&mut self, outputs: Vec<Outgoing>, guard: Option<Guard<'_>>) -> Result<(), Error> {
        // A poll that ended in an error may have left changes behind.
        self.adopt();
        if self.fenced {
            self.give_up();
            return Err(Error::Fenced { group: self.group.clone() });
        }
        if outputs.is_empty() && self.uncommitted.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.publish(outputs, guard) {
            self.give_up();
            return Err(error);
        }
        self.uncommitted.clear();
        Ok(())
    }

    /// Everything uncommitted will be read again.
    fn give_up(&mut self) {
        self.uncommitted.clear();
        self.fenced = false;
        self.unsettled = true;
    }

    /// Brings the positions back to the group's offsets, after the brokers have settled what an unfinished commit has left.
    fn settle(&mut self) -> Result<(), Error> {
        self.cluster.drain.check()?;
        self.transactions.settle(&self.cluster)?;
        if !lock(&self.reading.places).is_empty() {
            let wrap = |error: KafkaError| self.cluster.error("go back to the last commit", &error);
            let mut places = committed(&self.consumer, self.places()).map_err(wrap)?;
            for mut place in places.elements() {
                if !matches!(place.offset(), Offset::Offset(_)) {
                    place.set_offset(Offset::Beginning).map_err(wrap)?;
                }
            }
            places = self.consumer.seek_partitions(places, ANSWER).map_err(wrap)?;
            for place in places.elements() {
                place.error().map_err(wrap)?;
            }
        }
        self.unsettled = false;
        Ok(())
    }
}

impl Consumer for KafkaConsumer {
    fn poll_each(&mut self, most: usize, wait: Duration, each: &mut dyn FnMut(Shown)) -> Result<usize, Error> {
        let deadline = Instant::now() + wait;
        if self.unsettled {
            self.settle()?;
        }
        loop {
            let taken = self.take(most, deadline, || false, each)?;
            let count = self.keep(taken, each);
            if count > 0 || Instant::now() >= deadline {
                return Ok(count);
            }
        }
    }

    fn commit(&mut self, outputs: Vec<Outgoing>) -> Result<(), Error> {
        self.commit_all(outputs, None)
    }

    fn commit_and_poll(&mut self, outputs: Vec<Outgoing>, most: usize, wait: Duration, each: &mut dyn FnMut(Shown)) -> Result<(), Error> {
        self.adopt();
        if self.fenced || (outputs.is_empty() && self.uncommitted.is_empty()) {
            self.commit(outputs)?;
            return self.poll_each(most, wait, each).map(drop).or(Ok(()));
        }
        match self.publish_and_take(outputs, most, wait, each) {
            Ok(taken) => {
                self.uncommitted.clear();
                self.keep(taken, each);
                Ok(())
            }
            Err(error) => {
                self.adopt();
                self.give_up();
                Err(error)
            }
        }
    }

    fn commit_under(&mut self, guard: Guard<'_>, outputs: Vec<Outgoing>) -> Result<(), Error> {
        self.commit_all(outputs, Some(guard))
    }

    fn assignment(&self) -> Vec<TopicPartition> {
        lock(&self.reading.places).iter().cloned().collect()
    }

    fn take_rebalance(&mut self) -> Option<Rebalance> {
        let rebalance = std::mem::take(&mut self.rebalance);
        (!rebalance.is_empty()).then_some(rebalance)
    }
}
