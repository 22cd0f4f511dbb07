//! The interface of a bus. Object safe: callers hold an `Arc<dyn Bus>` and never know which make it is.
//!
//! Invariant: a record is delivered to a group until a member of it has committed past it, and the outputs of a commit become
//! visible together with the offsets of their inputs or not at all.

use crate::{Error, Outgoing, Record, TopicOutcome, TopicSettings};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// A topic's name and a partition of it.
pub type TopicPartition = (String, i32);

/// A log of topics.
pub trait Bus: Send + Sync {
    /// Creates the topics that are missing; leaves those that are there as they are and names the differences. Answers in the
    /// order of `topics`.
    fn ensure_topics(&self, topics: &[TopicSettings]) -> Result<Vec<TopicOutcome>, Error>;

    /// Appends records and returns when they are durable. Records of one key keep the batch's order. The embedded bus appends a
    /// batch as a whole or not at all; on Kafka a failure may leave a part of the batch in the log.
    fn append(&self, batch: Vec<Outgoing>) -> Result<(), Error>;

    /// Joins `group` as a new member that reads `topics`. A group without a committed offset starts at the earliest record.
    fn subscribe(&self, group: &str, topics: &[&str]) -> Result<Box<dyn Consumer>, Error>;

    /// Shows `each` all committed records of a topic, from the earliest to the end as of the call, those of one key in their
    /// order. Stops early on `Break`.
    fn scan(&self, topic: &str, each: &mut dyn FnMut(Record) -> ControlFlow<()>) -> Result<(), Error>;

    /// Reads all partitions of `topics` without a group and without committing anything.
    fn tail(&self, topics: &[&str], from: TailFrom) -> Result<Box<dyn Tail>, Error>;

    /// How far a group's commits are behind the end, for every partition of `topics`, in order.
    fn lag(&self, group: &str, topics: &[&str]) -> Result<Vec<Lag>, Error>;

    /// Says that the process ends by then. Calls that only read, those that run and those to come, soon fail with
    /// [`Error::Draining`]; polls hand out what they have. Appends and commits may go on until then and fail in the same way.
    fn drain(&self, by: Instant);

    /// Whether the bus answers, quickly (a few seconds at most): for readiness probes.
    fn check(&self) -> Result<(), Error>;
}

/// A member of a group. Dropping it leaves the group; what it has not committed is delivered again.
///
/// Changes of the membership take effect within `poll` only. A member whose batch is committed before its next `poll` hands
/// partitions over without losing work; one that polls several times in between may find its batch refused as
/// [`Error::Fenced`] when a partition has moved.
pub trait Consumer: Send {
    /// Up to `most` records that follow those polled before; waits up to `wait` for the first. Empty when there are none.
    ///
    /// After an error the member is still usable: poll again.
    fn poll(&mut self, most: usize, wait: Duration) -> Result<Vec<Record>, Error> {
        let mut records: Vec<Record> = Vec::new();
        self.poll_each(most, wait, &mut |shown| match shown {
            Shown::Record(record) => records.push(record),
            Shown::Forget((topic, partition)) => records.retain(|record| record.topic != topic || record.partition != partition),
        })?;
        Ok(records)
    }

    /// The same, shown as it comes, so that work on the first records can begin while the others are read. Answers how many records
    /// are left of those that were shown; where it fails, none was shown.
    fn poll_each(&mut self, most: usize, wait: Duration, each: &mut dyn FnMut(Shown)) -> Result<usize, Error>;

    /// Publishes `outputs` and commits the offsets of everything polled so far, together or not at all.
    ///
    /// After any error nothing is published, and everything polled since the last commit is delivered again, to this member or to
    /// another; state that was built from it must be thrown away. [`Error::Fenced`] says that another member has taken over.
    fn commit(&mut self, outputs: Vec<Outgoing>) -> Result<(), Error>;

    /// Commits what was polled before, as [`Consumer::commit`] does, and polls what follows, as [`Consumer::poll_each`] does; at the same
    /// time where that is possible. Where the commit fails, forget what was shown; where only the poll does, nothing was shown.
    fn commit_and_poll(&mut self, outputs: Vec<Outgoing>, most: usize, wait: Duration, each: &mut dyn FnMut(Shown)) -> Result<(), Error> {
        self.commit(outputs)?;
        // An error that lasts is told by the next poll.
        self.poll_each(most, wait, each).map(drop).or(Ok(()))
    }

    /// [`Consumer::commit`] under a guard: where it does not hold any more nothing is published, and the answer is [`Error::Fenced`].
    fn commit_under(&mut self, guard: Guard<'_>, outputs: Vec<Outgoing>) -> Result<(), Error>;

    /// The partitions that this member reads now, in order.
    fn assignment(&self) -> Vec<TopicPartition>;

    /// What was assigned and revoked since the last call. None when nothing was.
    fn take_rebalance(&mut self) -> Option<Rebalance>;
}

/// What a poll shows.
#[derive(Debug)]
pub enum Shown {
    /// A record.
    Record(Record),
    /// The partition has gone to another member: what was shown of it by this poll is the other's.
    Forget(TopicPartition),
}

/// What must hold for a commit to be published. Commits under guards of one name come one after the other, whichever groups and members
/// they are of: when `holds` is asked, all earlier ones can be read, and none comes between its answer and this commit.
pub struct Guard<'a> {
    /// The name.
    pub name: &'a str,
    /// Whether it holds. It may read the bus; it is asked once.
    pub holds: &'a mut dyn FnMut() -> Result<bool, Error>,
}

/// A reader without a group.
pub trait Tail: Send {
    /// The next records, some thousand at most; waits up to `wait` for the first. Empty when there are none.
    fn poll(&mut self, wait: Duration) -> Result<Vec<Record>, Error>;
}

/// Where a [`Tail`] begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TailFrom {
    /// At the earliest record.
    Start,
    /// After the last record as of the call.
    End,
}

/// How far a group is behind in one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// Name of the topic.
    pub topic: String,
    /// Partition of the topic.
    pub partition: i32,
    /// The offset that the group reads next. None: it has never committed.
    pub committed: Option<i64>,
    /// The offset after the last record of the partition, even of one whose transaction is still open.
    pub end: i64,
    /// Upper bound on the records between the two; exactly 0 when no record is left to be read, and none waits for a transaction to end.
    pub behind: i64,
}

/// A change of what a member reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebalance {
    /// Partitions that came, in order.
    pub assigned: Vec<TopicPartition>,
    /// Partitions that went, in order.
    pub revoked: Vec<TopicPartition>,
}

impl Rebalance {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.assigned.is_empty() && self.revoked.is_empty()
    }

    /// Adds later changes. A partition that went and came back stays in both lists: what was known of it may be outdated.
    pub(crate) fn extend(&mut self, assigned: Vec<TopicPartition>, revoked: Vec<TopicPartition>) {
        self.assigned.extend(assigned);
        self.revoked.extend(revoked);
        for list in [&mut self.assigned, &mut self.revoked] {
            list.sort();
            list.dedup();
        }
    }
}
