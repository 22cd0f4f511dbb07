//! Reading without a group.

use super::Shared;
use super::reader::{Cursor, LogReader, end};
use crate::{Error, Record, Tail, TailFrom};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// As many records as one call hands out.
const MOST: usize = 4_096;

/// A follower of some topics.
pub(super) struct EmbeddedTail {
    shared: Arc<Shared>,
    reader: LogReader,
}

impl EmbeddedTail {
    pub(super) fn start(shared: Arc<Shared>, topics: &[&str], from: TailFrom) -> Result<Self, Error> {
        let topics = shared.topics(topics)?;
        let mut reader = LogReader::new(shared.file.connect()?);
        for topic in topics {
            for (number, partition) in topic.partitions.iter().enumerate() {
                let at = match from {
                    TailFrom::Start => 0,
                    TailFrom::End => end(&reader.connection, *partition).map_err(|error| shared.file.error("read", &error))?,
                };
                reader.cursors.insert(*partition, Cursor::new(&topic.name, number as i32, at));
            }
        }
        Ok(Self { shared, reader })
    }

    fn take(&mut self) -> rusqlite::Result<Vec<Record>> {
        self.reader.has_changed()?;
        let mut records = Vec::new();
        self.reader.take(MOST, &mut |record| records.push(record))?;
        Ok(records)
    }
}

impl Tail for EmbeddedTail {
    fn poll(&mut self, wait: Duration) -> Result<Vec<Record>, Error> {
        let deadline = Instant::now() + wait;
        let shared = Arc::clone(&self.shared);
        let wrap = |error: rusqlite::Error| shared.file.error("read", &error);
        loop {
            let seen = shared.wake.seen();
            let records = self.take().map_err(wrap)?;
            if !records.is_empty() {
                return Ok(records);
            }
            loop {
                if Instant::now() >= deadline {
                    return Ok(records);
                }
                shared.wake.wait(seen, deadline);
                if self.reader.has_changed().map_err(wrap)? {
                    break;
                }
            }
        }
    }
}
