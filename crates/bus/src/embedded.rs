//! The embedded bus: one `SQLite` file for one machine, any number of processes.
//!
//! Invariants: the outputs, the offsets and the fencing check of a commit are one transaction; what was answered with success is
//! on the disk (write-ahead log, `synchronous=FULL`); a partition has at most one owner in a group. The file stays bounded
//! through compaction and retention, which run inside appends: there is no thread of its own.
//!
//! Deliberately absent: network file systems (`SQLite`'s locks do not work there) and shrinking the file (freed pages are reused).

mod catalog;
mod cleaning;
mod consumer;
mod file;
mod group;
mod liveness;
mod reader;
mod row;
mod tail;
mod writer;

use crate::drain::Drain;
use crate::{Bus, Consumer, Error, Lag, Outgoing, Record, Tail, TailFrom, TopicOutcome, TopicSettings};
use catalog::Catalog;
use file::LogFile;
use liveness::Liveness;
use rusqlite::Connection;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use writer::Writer;

/// What a user of the embedded bus may want different.
#[derive(Debug, Clone)]
pub struct EmbeddedSettings {
    /// How long a call waits for another process to let go of the file.
    pub locked_after: Duration,
    /// A member that has not polled for so long is taken for hung and loses its partitions. A member whose process has ended loses
    /// them at once.
    pub member_timeout: Duration,
    /// A compacted partition is compacted when so many records were appended since the last time, and at least as many as
    /// were left then.
    pub compact_after: i64,
    /// How often expired records are looked for.
    pub retention_check: Duration,
}

impl Default for EmbeddedSettings {
    fn default() -> Self {
        Self {
            locked_after: Duration::from_secs(10),
            member_timeout: Duration::from_secs(300),
            compact_after: 4_096,
            retention_check: Duration::from_secs(60),
        }
    }
}

/// A bus in a file.
pub struct EmbeddedBus {
    shared: Arc<Shared>,
}

/// What the bus and its readers have in common.
struct Shared {
    file: LogFile,
    settings: EmbeddedSettings,
    catalog: Catalog,
    writer: Writer,
    wake: Wake,
    liveness: Liveness,
    drain: Drain,
    probe: Mutex<Connection>,
}

impl EmbeddedBus {
    /// Opens the file; makes it, and its folder, when they are missing.
    pub fn open(path: &Path, settings: EmbeddedSettings) -> Result<Self, Error> {
        let file = LogFile::open(path, settings.locked_after)?;
        let writer = Writer::new(file.connect()?, &settings);
        let probe = Mutex::new(file.connect()?);
        let liveness = Liveness::new(path);
        let (catalog, wake, drain) = (Catalog::default(), Wake::default(), Drain::default());
        let shared = Shared { file, settings, catalog, writer, wake, liveness, drain, probe };
        Ok(Self { shared: Arc::new(shared) })
    }
}

impl Shared {
    /// Runs a read on the connection that is kept for small questions.
    fn ask<T>(&self, operation: &'static str, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        read(&lock(&self.probe)).map_err(|error| self.file.error(operation, &error))
    }

    /// The topics of these names, in their order.
    fn topics(&self, names: &[&str]) -> Result<Vec<Arc<catalog::Topic>>, Error> {
        names.iter().map(|name| self.catalog.topic(self, name)).collect()
    }
}

impl Bus for EmbeddedBus {
    fn ensure_topics(&self, topics: &[TopicSettings]) -> Result<Vec<TopicOutcome>, Error> {
        topics.iter().try_for_each(crate::topic::check_settings)?;
        self.shared.writer.transact(&self.shared.file, "create topics", |tx| catalog::ensure(tx, topics))
    }

    fn append(&self, batch: Vec<Outgoing>) -> Result<(), Error> {
        if batch.is_empty() {
            return Ok(());
        }
        self.shared.drain.check_publishing()?;
        let routed = self.shared.catalog.route(&self.shared, batch)?;
        self.shared.writer.append(&self.shared.file, routed)?;
        self.shared.wake.notify();
        Ok(())
    }

    fn subscribe(&self, group: &str, topics: &[&str]) -> Result<Box<dyn Consumer>, Error> {
        Ok(Box::new(consumer::EmbeddedConsumer::join(Arc::clone(&self.shared), group, topics)?))
    }

    fn scan(&self, topic: &str, each: &mut dyn FnMut(Record) -> ControlFlow<()>) -> Result<(), Error> {
        self.shared.drain.check()?;
        let topic = self.shared.catalog.topic(&self.shared, topic)?;
        let mut until_drained = |record| if self.shared.drain.has_begun() { ControlFlow::Break(()) } else { each(record) };
        let shown = reader::scan(&mut self.shared.file.connect()?, &topic, &mut until_drained);
        shown.map_err(|error| self.shared.file.error("read", &error))?;
        self.shared.drain.check()
    }

    fn tail(&self, topics: &[&str], from: TailFrom) -> Result<Box<dyn Tail>, Error> {
        Ok(Box::new(tail::EmbeddedTail::start(Arc::clone(&self.shared), topics, from)?))
    }

    fn lag(&self, group: &str, topics: &[&str]) -> Result<Vec<Lag>, Error> {
        self.shared.drain.check()?;
        let topics = self.shared.topics(topics)?;
        self.shared.ask("read the lag", |connection| reader::lag(connection, group, &topics))
    }

    fn drain(&self, by: Instant) {
        self.shared.drain.begin(by);
    }

    fn check(&self) -> Result<(), Error> {
        self.shared.ask("read", |connection| connection.query_row("SELECT count(*) FROM topics", [], |_| Ok(())))
    }
}

/// Wakes readers of the same process as soon as something was appended. Other processes look every [`Wake::PATIENCE`].
#[derive(Default)]
struct Wake {
    appends: Mutex<u64>,
    appended: Condvar,
}

impl Wake {
    /// How long a reader sleeps at most before it looks for appends of other processes.
    const PATIENCE: Duration = Duration::from_millis(20);

    /// The number of appends so far: read it before looking, so that no append is slept through.
    fn seen(&self) -> u64 {
        *lock(&self.appends)
    }

    fn notify(&self) {
        *lock(&self.appends) += 1;
        self.appended.notify_all();
    }

    /// Returns after an append beyond `seen`, at the deadline or when it is time to look for other processes.
    fn wait(&self, seen: u64, deadline: Instant) {
        let patience = deadline.saturating_duration_since(Instant::now()).min(Self::PATIENCE);
        let appends = lock(&self.appends);
        drop(self.appended.wait_timeout_while(appends, patience, |appends| *appends == seen));
    }
}

/// Locks; a holder that panicked has left nothing half done, because every change is a transaction.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The wall clock, in milliseconds since 1970-01-01T00:00:00Z.
fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_millis() as i64)
}

#[cfg(test)]
mod tests;
