//! Reading: cursors over partitions, merged in the order in which the records were appended.
//!
//! Invariant: one call sees one snapshot of the file, so that the merge never passes over a record that was appended earlier.
//! Memory is bounded by the number of cursors times [`CHUNK_BYTES`], whatever the backlog.

use super::catalog::Topic;
use super::row;
use crate::{Lag, Record};
use rusqlite::{Connection, OptionalExtension, params};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;

/// A cursor reads ahead so many records at most.
const CHUNK_ROWS: usize = 512;
/// A cursor stops reading ahead after so many bytes.
const CHUNK_BYTES: usize = 1024 * 1024;

/// A place in a partition.
pub(super) struct Cursor {
    pub(super) topic: Arc<str>,
    pub(super) number: i32,
    /// The offset up to which everything is committed.
    pub(super) committed: i64,
    /// The offset after the last record handed out.
    pub(super) position: i64,
    /// Records handed out since the last commit.
    pub(super) uncommitted: usize,
    ahead: VecDeque<row::Stored>,
    /// The offset after the last record read ahead.
    fetched: i64,
}

impl Cursor {
    pub(super) fn new(topic: &Arc<str>, number: i32, at: i64) -> Self {
        let topic = Arc::clone(topic);
        Self { topic, number, committed: at, position: at, uncommitted: 0, ahead: VecDeque::new(), fetched: at }
    }

    /// Back to the last commit.
    pub(super) fn rewind(&mut self) {
        self.position = self.committed;
        self.fetched = self.committed;
        self.uncommitted = 0;
        self.ahead.clear();
    }

    /// Everything handed out is committed.
    pub(super) fn settle(&mut self) {
        self.committed = self.position;
        self.uncommitted = 0;
    }

    /// The sequence of the next record. None when there is none in this snapshot.
    fn head(&mut self, snapshot: &Connection, partition: i64) -> rusqlite::Result<Option<i64>> {
        if self.ahead.is_empty() {
            self.fetch(snapshot, partition)?;
        }
        Ok(self.ahead.front().map(|record| record.sequence))
    }

    fn fetch(&mut self, snapshot: &Connection, partition: i64) -> rusqlite::Result<()> {
        let mut statement = snapshot
            .prepare_cached(&format!("SELECT {} FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT {CHUNK_ROWS}", row::COLUMNS))?;
        let mut rows = statement.query(params![row::id(partition, self.fetched), row::id(partition + 1, 0)])?;
        let mut bytes = 0;
        while bytes < CHUNK_BYTES
            && let Some(found) = rows.next()?
        {
            let stored = row::read(found)?;
            bytes += stored.value.as_ref().map_or(0, Vec::len) + stored.key.as_ref().map_or(0, Vec::len);
            self.fetched = stored.offset + 1;
            self.ahead.push_back(stored);
        }
        if self.ahead.is_empty() {
            // Compaction and retention may have taken the last records: the position moves over the gap.
            self.fetched = end(snapshot, partition)?.max(self.fetched);
            self.position = self.fetched;
        }
        Ok(())
    }

    fn pop(&mut self) -> Option<Record> {
        let stored = self.ahead.pop_front()?;
        self.position = stored.offset + 1;
        self.uncommitted += 1;
        Some(stored.into_record(&self.topic, self.number))
    }
}

/// The offset after the last record of a partition.
pub(super) fn end(connection: &Connection, partition: i64) -> rusqlite::Result<i64> {
    connection.prepare_cached("SELECT next_offset FROM partitions WHERE id = ?")?.query_row([partition], |row| row.get(0))
}

/// Cursors by the id of their partition, and the connection they read with.
pub(super) struct LogReader {
    pub(super) connection: Connection,
    pub(super) cursors: BTreeMap<i64, Cursor>,
    version: Option<i64>,
}

impl LogReader {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, cursors: BTreeMap::new(), version: None }
    }

    /// Whether anybody has changed the file since the last call.
    pub(super) fn has_changed(&mut self) -> rusqlite::Result<bool> {
        let version = self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        Ok(self.version.replace(version) != Some(version))
    }

    /// Shows up to `most` records, in the order in which they were appended. Answers how many.
    pub(super) fn take(&mut self, most: usize, each: &mut dyn FnMut(Record)) -> rusqlite::Result<usize> {
        let snapshot = self.connection.unchecked_transaction()?;
        let mut heads = BinaryHeap::with_capacity(self.cursors.len());
        for (partition, cursor) in &mut self.cursors {
            heads.extend(cursor.head(&snapshot, *partition)?.map(|sequence| Reverse((sequence, *partition))));
        }
        let mut taken = 0;
        while taken < most
            && let Some(Reverse((_, partition))) = heads.pop()
            && let Some(cursor) = self.cursors.get_mut(&partition)
        {
            if let Some(record) = cursor.pop() {
                each(record);
                taken += 1;
            }
            // What has come is handed out; an error that lasts is told by the next call.
            let Ok(head) = cursor.head(&snapshot, partition) else { break };
            heads.extend(head.map(|sequence| Reverse((sequence, partition))));
        }
        Ok(taken)
    }
}

/// Shows all records of a topic as of now, partition by partition.
pub(super) fn scan(connection: &mut Connection, topic: &Topic, each: &mut dyn FnMut(Record) -> ControlFlow<()>) -> rusqlite::Result<()> {
    // One snapshot for the whole scan: otherwise a key could be compacted away before it is reached, and its newer record lie
    // beyond the end.
    let snapshot = connection.transaction()?;
    for (number, partition) in topic.partitions.iter().enumerate() {
        let mut statement =
            snapshot.prepare_cached(&format!("SELECT {} FROM records WHERE id >= ? AND id < ? ORDER BY id", row::COLUMNS))?;
        let mut rows = statement.query([row::id(*partition, 0), row::id(*partition + 1, 0)])?;
        while let Some(found) = rows.next()? {
            if each(row::read(found)?.into_record(&topic.name, number as i32)).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// How far a group is behind in the partitions of `topics`.
pub(super) fn lag(connection: &Connection, group: &str, topics: &[Arc<Topic>]) -> rusqlite::Result<Vec<Lag>> {
    let snapshot = connection.unchecked_transaction()?;
    let mut committed = snapshot.prepare_cached("SELECT next_offset FROM offsets WHERE reader_group = ? AND partition = ?")?;
    let mut next = snapshot.prepare_cached("SELECT min(id) FROM records WHERE id >= ? AND id < ?")?;
    let mut lags = Vec::new();
    for topic in topics {
        for (number, partition) in topic.partitions.iter().enumerate() {
            let committed: Option<i64> = committed.query_row(params![group, partition], |row| row.get(0)).optional()?;
            let end = end(&snapshot, *partition)?;
            let from = row::id(*partition, committed.unwrap_or(0));
            let next: Option<i64> = next.query_row([from, row::id(*partition + 1, 0)], |row| row.get(0))?;
            let behind = next.map_or(0, |id| end - row::offset(id));
            lags.push(Lag { topic: topic.name.to_string(), partition: number as i32, committed, end, behind });
        }
    }
    Ok(lags)
}
