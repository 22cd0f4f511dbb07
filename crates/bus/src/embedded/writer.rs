//! Writing: one connection per process, one transaction for all appends that wait at the same time.
//!
//! Invariant: offsets of a partition and the sequence over all partitions rise in the order of commits, so that a reader who has seen
//! a record has been able to see all earlier ones.

use super::catalog::Routed;
use super::file::LogFile;
use super::{EmbeddedSettings, cleaning, lock, now_ms, row};
use crate::{Cleanup, Error};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// The answer to one append: set by whoever has written it.
type Answer = Arc<OnceLock<Result<(), Error>>>;

/// The writing side of a bus.
pub(super) struct Writer {
    waiting: Mutex<Vec<(Vec<Routed>, Answer)>>,
    connection: Mutex<Connection>,
    compact_after: i64,
    retention_check: Duration,
    retention_checked: Mutex<Option<Instant>>,
}

impl Writer {
    pub(super) fn new(connection: Connection, settings: &EmbeddedSettings) -> Self {
        Self {
            waiting: Mutex::default(),
            connection: Mutex::new(connection),
            compact_after: settings.compact_after,
            retention_check: settings.retention_check,
            retention_checked: Mutex::default(),
        }
    }

    /// Appends a batch. Batches that wait while another is being written share the next transaction, and so its flush to the disk.
    pub(super) fn append(&self, file: &LogFile, batch: Vec<Routed>) -> Result<(), Error> {
        let answer: Answer = Arc::default();
        lock(&self.waiting).push((batch, Arc::clone(&answer)));
        let mut connection = lock(&self.connection);
        if let Some(result) = answer.get() {
            return result.clone();
        }
        let waiting = std::mem::take(&mut *lock(&self.waiting));
        let (batches, answers): (Vec<Vec<Routed>>, Vec<Answer>) = waiting.into_iter().unzip();
        let rows: Vec<Routed> = batches.into_iter().flatten().collect();
        let result = transact(&mut connection, |tx| self.write(tx, &rows)).map_err(|error| file.error("append to", &error));
        for other in answers {
            // Each answer is set once: its batch was taken from the queue once.
            let _ = other.set(result.clone());
        }
        result
    }

    /// Runs `change` as one transaction that is on the disk when this returns with success.
    pub(super) fn transact<T>(
        &self,
        file: &LogFile,
        operation: &'static str,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        transact(&mut lock(&self.connection), change).map_err(|error| file.error(operation, &error))
    }

    /// Writes records within a transaction, and cleans where it is time to.
    pub(super) fn write(&self, tx: &Transaction<'_>, rows: &[Routed]) -> rusqlite::Result<()> {
        let now_ms = now_ms();
        let touched = insert(tx, rows, now_ms)?;
        for (partition, place) in touched {
            let Cleanup::Compact { tombstones } = rows[place].topic.cleanup else { continue };
            cleaning::compact_when_due(tx, partition, self.compact_after, now_ms - tombstones.as_millis() as i64)?;
        }
        let mut checked = lock(&self.retention_checked);
        if checked.is_none_or(|at| at.elapsed() >= self.retention_check) {
            cleaning::expire(tx, now_ms)?;
            *checked = Some(Instant::now());
        }
        Ok(())
    }
}

fn transact<T>(connection: &mut Connection, change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let result = change(&tx)?;
    tx.commit()?;
    Ok(result)
}

/// Inserts rows partition by partition, which keeps `SQLite` on one leaf of its tree at a time. Answers with the partitions
/// touched and the place of one of their rows.
fn insert(tx: &Transaction<'_>, rows: &[Routed], now_ms: i64) -> rusqlite::Result<BTreeMap<i64, usize>> {
    let first: i64 =
        tx.query_row("UPDATE log SET next_sequence = next_sequence + ? RETURNING next_sequence - ?1", [rows.len() as i64], |row| {
            row.get(0)
        })?;
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|place| rows[*place].partition);
    let mut touched = BTreeMap::new();
    let mut insert = tx.prepare_cached("INSERT INTO records(id, sequence, timestamp_ms, key, headers, value) VALUES (?, ?, ?, ?, ?, ?)")?;
    let mut advance = tx.prepare_cached(
        "UPDATE partitions SET next_offset = next_offset + ?2, fresh = fresh + ?2 WHERE id = ?1 RETURNING next_offset - ?2",
    )?;
    for run in order.chunk_by(|a, b| rows[*a].partition == rows[*b].partition) {
        let partition = rows[run[0]].partition;
        let offset: i64 = advance.query_row(params![partition, run.len() as i64], |row| row.get(0))?;
        touched.insert(partition, run[0]);
        for (step, place) in run.iter().enumerate() {
            let record = &rows[*place].record;
            insert.execute(params![
                row::id(partition, offset + step as i64),
                first + *place as i64,
                now_ms,
                record.key,
                row::pack(&record.headers),
                record.value,
            ])?;
        }
    }
    Ok(touched)
}
