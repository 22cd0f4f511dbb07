//! A member of a group on the embedded bus.
//!
//! Invariant: the member hands out records of partitions that it owns, and commits only while it still owns them: the check, the
//! outputs and the offsets are one transaction.

use super::reader::{Cursor, LogReader};
use super::{Shared, group, now_ms};
use crate::{Consumer, Error, Guard, Outgoing, Rebalance, Shown, TopicPartition};
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often a member looks after the others, and tells that it is alive itself (when its time is half over).
const UPKEEP: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct EmbeddedConsumer {
    shared: Arc<Shared>,
    group: String,
    topics: Vec<i64>,
    /// Topic and number of every partition that may come, by its id.
    places: BTreeMap<i64, (Arc<str>, i32)>,
    reader: LogReader,
    member: String,
    /// The group's generation that was adopted. None: look again.
    generation: Option<i64>,
    /// Something handed out and not committed was taken away.
    fenced: bool,
    rebalance: Rebalance,
    upkeep: Instant,
    polled_ms: i64,
}

impl EmbeddedConsumer {
    pub(super) fn join(shared: Arc<Shared>, group: &str, topics: &[&str]) -> Result<Self, Error> {
        let topics = shared.topics(topics)?;
        let mut places = BTreeMap::new();
        for topic in &topics {
            let of_topic = topic.partitions.iter().enumerate().map(|(number, id)| (*id, (Arc::clone(&topic.name), number as i32)));
            places.extend(of_topic);
        }
        let mut consumer = Self {
            reader: LogReader::new(shared.file.connect()?),
            group: group.to_owned(),
            topics: topics.iter().map(|topic| topic.id).collect(),
            places,
            member: String::new(),
            generation: None,
            fenced: false,
            rebalance: Rebalance::default(),
            upkeep: Instant::now(),
            polled_ms: 0,
            shared,
        };
        consumer.look_after_others()?;
        consumer.enter()?;
        consumer.adopt()?;
        Ok(consumer)
    }

    /// Becomes a member, under a new name: what an earlier one left uncommitted can then never be committed.
    fn enter(&mut self) -> Result<(), Error> {
        let process = self.shared.liveness.announce()?.to_owned();
        let id = uuid::Uuid::now_v7().to_string();
        let now_ms = now_ms();
        let shared = &self.shared;
        shared.writer.transact(&shared.file, "join a group in", |tx| group::join(tx, &self.group, &id, &process, &self.topics, now_ms))?;
        shared.wake.notify();
        (self.member, self.polled_ms, self.generation) = (id, now_ms, None);
        Ok(())
    }

    /// Brings the member in line with its group: joins again when it was expelled, gives promised partitions away between two
    /// batches, and takes over what has become its own.
    fn adopt(&mut self) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        let wrap = |error: rusqlite::Error| shared.file.error("read the group from", &error);
        let (mut generation, belongs) = group::standing(&self.reader.connection, &self.group, &self.member).map_err(wrap)?;
        if belongs && self.generation == Some(generation) {
            return Ok(());
        }
        if !belongs {
            self.own(&[]).map_err(wrap)?;
            self.enter()?;
            generation = group::standing(&self.reader.connection, &self.group, &self.member).map_err(wrap)?.0;
        }
        let mut claims = group::claims(&self.reader.connection, &self.group, &self.member).map_err(wrap)?;
        let idle = self.reader.cursors.values().all(|cursor| cursor.uncommitted == 0);
        let promised: Vec<i64> = claims.iter().filter(|claim| claim.promised).map(|claim| claim.partition).collect();
        if !promised.is_empty() && idle {
            shared.writer.transact(&shared.file, "leave partitions in", |tx| group::release(tx, &self.group, &self.member, &promised))?;
            shared.wake.notify();
            claims.retain(|claim| !claim.promised);
        }
        let owned: Vec<i64> = claims.iter().map(|claim| claim.partition).collect();
        self.own(&owned).map_err(wrap)?;
        // The generation that was read before the claims: what changed in between is looked at again.
        self.generation = (promised.is_empty() || idle).then_some(generation);
        Ok(())
    }

    /// Makes the cursors those of `owned`, and notes the difference.
    fn own(&mut self, owned: &[i64]) -> rusqlite::Result<()> {
        let revoked: Vec<i64> = self.reader.cursors.keys().filter(|partition| !owned.contains(partition)).copied().collect();
        for partition in &revoked {
            let cursor = self.reader.cursors.remove(partition);
            self.fenced |= cursor.is_some_and(|cursor| cursor.uncommitted > 0);
        }
        let mut assigned = Vec::new();
        for partition in owned {
            if self.reader.cursors.contains_key(partition) {
                continue;
            }
            let mut statement =
                self.reader.connection.prepare_cached("SELECT next_offset FROM offsets WHERE reader_group = ? AND partition = ?")?;
            let at = statement.query_row(params![self.group, partition], |row| row.get(0)).optional()?.unwrap_or(0);
            drop(statement);
            let (topic, number) = &self.places[partition];
            self.reader.cursors.insert(*partition, Cursor::new(topic, *number, at));
            assigned.push(*partition);
        }
        let [assigned, revoked] = [assigned, revoked].map(|list| list.iter().map(|partition| self.place(*partition)).collect());
        self.rebalance.extend(assigned, revoked);
        Ok(())
    }

    fn place(&self, partition: i64) -> TopicPartition {
        let (topic, number) = &self.places[&partition];
        (topic.to_string(), *number)
    }

    /// Expels members whose process has ended or which have not polled for long, and tells the others that this one polls.
    fn look_after_others(&mut self) -> Result<(), Error> {
        let shared = Arc::clone(&self.shared);
        let now_ms = now_ms();
        let patience = shared.settings.member_timeout.as_millis() as i64;
        let members =
            group::members(&self.reader.connection, &self.group).map_err(|error| shared.file.error("read the group from", &error))?;
        let gone: Vec<&str> = members
            .iter()
            .filter(|other| other.id != self.member)
            .filter(|other| now_ms - other.polled_ms > patience || !shared.liveness.is_alive(&other.process))
            .map(|other| other.id.as_str())
            .collect();
        if !gone.is_empty() {
            tracing::info!(group = self.group, members = gone.len(), "taking over from members that are gone");
            shared.writer.transact(&shared.file, "take over in", |tx| group::leave(tx, &self.group, &gone))?;
        }
        if !self.member.is_empty() && now_ms - self.polled_ms > patience / 2 {
            shared.writer.transact(&shared.file, "poll", |tx| {
                tx.execute("UPDATE members SET polled_ms = ? WHERE id = ?", params![now_ms, self.member])
            })?;
            self.polled_ms = now_ms;
        }
        self.upkeep = Instant::now();
        Ok(())
    }

    fn rewind(&mut self) {
        self.reader.cursors.values_mut().for_each(Cursor::rewind);
        self.fenced = false;
        self.generation = None;
    }

    /// The transaction of a commit.
    fn publish(&self, outputs: Vec<Outgoing>, guard: Option<Guard<'_>>) -> Result<(), Error> {
        let shared = &self.shared;
        shared.drain.check_publishing()?;
        let routed = shared.catalog.route(shared, outputs)?;
        let moved: Vec<(i64, i64)> = self
            .reader
            .cursors
            .iter()
            .filter(|(_, cursor)| cursor.position != cursor.committed)
            .map(|(partition, cursor)| (*partition, cursor.position))
            .collect();
        let partitions: Vec<i64> = moved.iter().map(|(partition, _)| *partition).collect();
        let mut failed = None;
        let allowed = shared.writer.transact(&shared.file, "commit to", |tx| {
            // No other commit can come between, under whichever name: a transaction holds the file.
            if let Some(guard) = guard {
                match (guard.holds)() {
                    Ok(true) => {}
                    other => {
                        failed = other.err();
                        return Ok(false);
                    }
                }
            }
            if !group::may_commit(tx, &self.group, &self.member, &partitions)? {
                return Ok(false);
            }
            if !routed.is_empty() {
                shared.writer.write(tx, &routed)?;
            }
            let mut upsert = tx.prepare_cached(
                "INSERT INTO offsets(reader_group, partition, next_offset) VALUES (?, ?, ?)
                 ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset",
            )?;
            for (partition, position) in &moved {
                upsert.execute(params![self.group, partition, position])?;
            }
            Ok(true)
        })?;
        if allowed { Ok(()) } else { Err(failed.unwrap_or_else(|| Error::Fenced { group: self.group.clone() })) }
    }

    fn commit_all(&mut self, outputs: Vec<Outgoing>, guard: Option<Guard<'_>>) -> Result<(), Error> {
        if self.fenced {
            self.rewind();
            return Err(Error::Fenced { group: self.group.clone() });
        }
        if outputs.is_empty() && self.reader.cursors.values().all(|cursor| cursor.uncommitted == 0) {
            return Ok(());
        }
        if let Err(error) = self.publish(outputs, guard) {
            self.rewind();
            return Err(error);
        }
        self.reader.cursors.values_mut().for_each(Cursor::settle);
        self.shared.wake.notify();
        Ok(())
    }
}

impl Consumer for EmbeddedConsumer {
    fn poll_each(&mut self, most: usize, wait: Duration, each: &mut dyn FnMut(Shown)) -> Result<usize, Error> {
        let deadline = Instant::now() + wait;
        let shared = Arc::clone(&self.shared);
        let wrap = |error: rusqlite::Error| shared.file.error("read", &error);
        loop {
            let seen = shared.wake.seen();
            self.reader.has_changed().map_err(wrap)?;
            if self.upkeep.elapsed() >= UPKEEP {
                self.look_after_others()?;
            }
            self.adopt()?;
            let count = self.reader.take(most, &mut |record| each(Shown::Record(record))).map_err(wrap)?;
            if count > 0 {
                return Ok(count);
            }
            loop {
                if Instant::now() >= deadline {
                    return Ok(0);
                }
                shared.wake.wait(seen, deadline);
                if self.upkeep.elapsed() >= UPKEEP || self.reader.has_changed().map_err(wrap)? {
                    break;
                }
            }
        }
    }

    fn commit(&mut self, outputs: Vec<Outgoing>) -> Result<(), Error> {
        self.commit_all(outputs, None)
    }

    fn commit_under(&mut self, guard: Guard<'_>, outputs: Vec<Outgoing>) -> Result<(), Error> {
        self.commit_all(outputs, Some(guard))
    }

    fn assignment(&self) -> Vec<TopicPartition> {
        let mut assignment: Vec<TopicPartition> = self.reader.cursors.keys().map(|partition| self.place(*partition)).collect();
        assignment.sort();
        assignment
    }

    fn take_rebalance(&mut self) -> Option<Rebalance> {
        let rebalance = std::mem::take(&mut self.rebalance);
        (!rebalance.is_empty()).then_some(rebalance)
    }
}

impl Drop for EmbeddedConsumer {
    fn drop(&mut self) {
        let shared = &self.shared;
        let left = shared.writer.transact(&shared.file, "leave a group in", |tx| group::leave(tx, &self.group, &[self.member.as_str()]));
        match left {
            Ok(()) => shared.wake.notify(),
            Err(error) => tracing::warn!(group = self.group, %error, "left a group without telling it; the others will notice"),
        }
    }
}
