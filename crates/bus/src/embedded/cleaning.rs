//! Forgetting: compaction keeps the latest record of a key, retention drops what is older than its topic keeps.
//!
//! Invariant: the latest record of a key is never deleted, except a tombstone that has been readable for long enough.

use super::{catalog, row};
use rusqlite::{Transaction, params};
use std::collections::HashSet;

/// Compacts a partition when `compact_after` records are new in it, and at least as many as the last time left. So the work per
/// record appended stays constant, and the partition at most doubles before it is cleaned.
pub(super) fn compact_when_due(
    tx: &Transaction<'_>,
    partition: i64,
    compact_after: i64,
    tombstones_before_ms: i64,
) -> rusqlite::Result<()> {
    let mut statement = tx.prepare_cached("SELECT fresh, clean FROM partitions WHERE id = ?")?;
    let (fresh, clean): (i64, i64) = statement.query_row([partition], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if fresh < compact_after.max(clean) {
        return Ok(());
    }
    let left = compact(tx, partition, tombstones_before_ms)?;
    tx.execute("UPDATE partitions SET fresh = 0, clean = ? WHERE id = ?", params![left, partition])?;
    Ok(())
}

/// Answers how many records are left.
fn compact(tx: &Transaction<'_>, partition: i64, tombstones_before_ms: i64) -> rusqlite::Result<i64> {
    let mut newest_first =
        tx.prepare_cached("SELECT id, key, timestamp_ms, value IS NULL FROM records WHERE id >= ? AND id < ? ORDER BY id DESC")?;
    let mut rows = newest_first.query([row::id(partition, 0), row::id(partition + 1, 0)])?;
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    let mut outdated: Vec<i64> = Vec::new();
    let mut left = 0;
    while let Some(found) = rows.next()? {
        let newest = seen.insert(found.get(1)?);
        let forgotten = found.get(3)? && found.get::<_, i64>(2)? < tombstones_before_ms;
        if newest && !forgotten {
            left += 1;
        } else {
            outdated.push(found.get(0)?);
        }
    }
    drop(rows);
    let mut delete = tx.prepare_cached("DELETE FROM records WHERE id = ?")?;
    for id in outdated {
        delete.execute([id])?;
    }
    Ok(left)
}

/// Deletes what is older than its topic keeps. Timestamps rise along a partition, so only its beginning is looked at.
pub(super) fn expire(tx: &Transaction<'_>, now_ms: i64) -> rusqlite::Result<()> {
    for (partition, keep_ms) in catalog::deleting(tx)? {
        let (from, end) = (row::id(partition, 0), row::id(partition + 1, 0));
        let mut first_kept = tx.prepare_cached(
            "SELECT coalesce((SELECT id FROM records WHERE id >= ?1 AND id < ?2 AND timestamp_ms >= ?3 ORDER BY id LIMIT 1), ?2)",
        )?;
        let kept: i64 = first_kept.query_row([from, end, now_ms.saturating_sub(keep_ms)], |row| row.get(0))?;
        tx.prepare_cached("DELETE FROM records WHERE id >= ? AND id < ?")?.execute([from, kept])?;
    }
    Ok(())
}
