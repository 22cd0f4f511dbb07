//! The topics of the file, and the way of a record to its partition.
//!
//! Invariant: a topic's partitions never change, so what is known of it stays true; only unknown names are looked up in the file.

use super::{Shared, lock};
use crate::{Cleanup, Difference, Error, MAX_RECORD_BYTES, Outgoing, TopicOutcome, TopicSettings, partition_for};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A topic and the ids of its partitions.
pub(super) struct Topic {
    pub(super) id: i64,
    pub(super) name: Arc<str>,
    /// Ids of the partitions; the place in the list is the partition's number.
    pub(super) partitions: Vec<i64>,
    pub(super) cleanup: Cleanup,
}

/// A record and where it goes.
pub(super) struct Routed {
    pub(super) topic: Arc<Topic>,
    /// Id of the partition.
    pub(super) partition: i64,
    pub(super) record: Outgoing,
}

/// What is known of the topics.
#[derive(Default)]
pub(super) struct Catalog {
    known: Mutex<BTreeMap<String, Arc<Topic>>>,
    /// Records without a key go to the partitions in turn.
    turn: AtomicU32,
}

impl Catalog {
    pub(super) fn topic(&self, shared: &Shared, name: &str) -> Result<Arc<Topic>, Error> {
        if let Some(topic) = lock(&self.known).get(name) {
            return Ok(Arc::clone(topic));
        }
        let found = shared.ask("read the topics", |connection| find(connection, name))?;
        let topic = Arc::new(found.ok_or_else(|| Error::UnknownTopic { topic: name.to_owned() })?);
        lock(&self.known).insert(name.to_owned(), Arc::clone(&topic));
        Ok(topic)
    }

    /// Finds every record's partition, or refuses the batch.
    pub(super) fn route(&self, shared: &Shared, batch: Vec<Outgoing>) -> Result<Vec<Routed>, Error> {
        let mut last: Option<Arc<Topic>> = None;
        let mut routed = Vec::with_capacity(batch.len());
        for record in batch {
            // Most batches name one topic over and over.
            let topic = match last.take() {
                Some(topic) if *topic.name == *record.topic => topic,
                _ => self.topic(shared, &record.topic)?,
            };
            let bytes = record.bytes();
            if bytes > MAX_RECORD_BYTES {
                return Err(Error::TooLarge { topic: record.topic, bytes, limit: MAX_RECORD_BYTES });
            }
            let partitions = topic.partitions.len() as u32;
            let number = match &record.key {
                Some(key) => partition_for(key, partitions) as usize,
                None if matches!(topic.cleanup, Cleanup::Compact { .. }) => return Err(Error::KeyMissing { topic: record.topic }),
                None => (self.turn.fetch_add(1, Ordering::Relaxed) % partitions) as usize,
            };
            let partition = topic.partitions[number];
            last = Some(Arc::clone(&topic));
            routed.push(Routed { topic, partition, record });
        }
        Ok(routed)
    }
}

fn find(connection: &Connection, name: &str) -> rusqlite::Result<Option<Topic>> {
    let columns = |row: &rusqlite::Row<'_>| -> rusqlite::Result<(i64, bool, Option<i64>)> { Ok((row.get(0)?, row.get(1)?, row.get(2)?)) };
    let found = connection.query_row("SELECT id, compacted, keep_ms FROM topics WHERE name = ?", [name], columns).optional()?;
    let Some((id, compacted, keep_ms)) = found else { return Ok(None) };
    let keep = keep_ms.map(|ms| Duration::from_millis(ms.max(0) as u64));
    let cleanup = if compacted { Cleanup::Compact { tombstones: keep.unwrap_or_default() } } else { Cleanup::Delete { retention: keep } };
    let mut statement = connection.prepare_cached("SELECT id FROM partitions WHERE topic = ? ORDER BY number")?;
    let partitions = statement.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    Ok(Some(Topic { id, name: Arc::from(name), partitions, cleanup }))
}

/// All topics that forget by age, for the retention.
pub(super) fn deleting(connection: &Connection) -> rusqlite::Result<Vec<(i64, i64)>> {
    let mut statement = connection.prepare_cached(
        "SELECT p.id, t.keep_ms FROM topics t JOIN partitions p ON p.topic = t.id WHERE NOT t.compacted AND t.keep_ms IS NOT NULL",
    )?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Creates what is missing of `wishes` and names what differs.
pub(super) fn ensure(tx: &Transaction<'_>, wishes: &[TopicSettings]) -> rusqlite::Result<Vec<TopicOutcome>> {
    wishes.iter().map(|wish| ensure_one(tx, wish)).collect()
}

fn ensure_one(tx: &Transaction<'_>, wish: &TopicSettings) -> rusqlite::Result<TopicOutcome> {
    if let Some(found) = find(tx, &wish.name)? {
        return Ok(TopicOutcome::Existed { topic: wish.name.clone(), differences: differences(wish, &found) });
    }
    let (compacted, keep) = match wish.cleanup {
        Cleanup::Delete { retention } => (false, retention),
        Cleanup::Compact { tombstones } => (true, Some(tombstones)),
    };
    let keep_ms = keep.map(|keep| keep.as_millis() as i64);
    tx.execute("INSERT INTO topics(name, compacted, keep_ms) VALUES (?, ?, ?)", params![wish.name, compacted, keep_ms])?;
    let topic = tx.last_insert_rowid();
    let mut insert = tx.prepare_cached("INSERT INTO partitions(topic, number) VALUES (?, ?)")?;
    for number in 0..wish.partitions {
        insert.execute(params![topic, number])?;
    }
    Ok(TopicOutcome::Created { topic: wish.name.clone() })
}

fn differences(wish: &TopicSettings, found: &Topic) -> Vec<Difference> {
    let [wished, there] = [&wish.cleanup, &found.cleanup].map(settings);
    let mut differences = Vec::new();
    if wish.partitions as usize != found.partitions.len() {
        let (wished, found) = (wish.partitions.to_string(), found.partitions.len().to_string());
        differences.push(Difference { setting: "partitions", wished, found });
    }
    if wished[0] != there[0] {
        let [(setting, wished), (_, found)] = [wished[0].clone(), there[0].clone()];
        differences.push(Difference { setting, wished, found });
    } else if wished[1] != there[1] {
        let [(setting, wished), (_, found)] = [wished[1].clone(), there[1].clone()];
        differences.push(Difference { setting, wished, found });
    }
    differences
}

/// A cleanup in Kafka's words.
fn settings(cleanup: &Cleanup) -> [(&'static str, String); 2] {
    match cleanup {
        Cleanup::Delete { retention } => {
            let keep = retention.map_or_else(|| "-1".to_owned(), |keep| keep.as_millis().to_string());
            [("cleanup.policy", "delete".to_owned()), ("retention.ms", keep)]
        }
        Cleanup::Compact { tombstones } => {
            [("cleanup.policy", "compact".to_owned()), ("delete.retention.ms", tombstones.as_millis().to_string())]
        }
    }
}
