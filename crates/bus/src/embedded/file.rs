//! The `SQLite` file: opening it, its schema, and its errors in our words.
//!
//! Invariant: a file that is not ours, or newer than this program, is never written to.

use crate::Error;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Version of the schema below, in `PRAGMA user_version`. A change of the schema raises it and adds a migration in [`prepare`].
const SCHEMA_VERSION: i64 = 1;
/// "fika" in ASCII, in `PRAGMA application_id`.
const APPLICATION_ID: i64 = 0x6669_6b61;

/// `records.id` is the partition's id and the offset in one number (see `row::id`), so that a partition lies together and a range
/// of offsets is a range of ids. `sequence` is the order of appends over all partitions.
const SCHEMA: &str = "
CREATE TABLE topics(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, compacted INTEGER NOT NULL, keep_ms INTEGER) STRICT;
CREATE TABLE partitions(
  id INTEGER PRIMARY KEY, topic INTEGER NOT NULL REFERENCES topics(id), number INTEGER NOT NULL,
  next_offset INTEGER NOT NULL DEFAULT 0, fresh INTEGER NOT NULL DEFAULT 0, clean INTEGER NOT NULL DEFAULT 0,
  UNIQUE(topic, number)) STRICT;
CREATE TABLE log(next_sequence INTEGER NOT NULL) STRICT;
INSERT INTO log VALUES (1);
CREATE TABLE records(
  id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, timestamp_ms INTEGER NOT NULL, key BLOB, headers BLOB, value BLOB) STRICT;
CREATE TABLE offsets(
  reader_group TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL, PRIMARY KEY(reader_group, partition)) STRICT, WITHOUT ROWID;
CREATE TABLE reader_groups(name TEXT PRIMARY KEY, generation INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE members(
  id TEXT PRIMARY KEY, reader_group TEXT NOT NULL, process TEXT NOT NULL, joined INTEGER NOT NULL, polled_ms INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE subscriptions(
  member TEXT NOT NULL, topic INTEGER NOT NULL, PRIMARY KEY(member, topic)) STRICT, WITHOUT ROWID;
CREATE TABLE owners(
  reader_group TEXT NOT NULL, partition INTEGER NOT NULL, member TEXT NOT NULL, heir TEXT, PRIMARY KEY(reader_group, partition))
  STRICT, WITHOUT ROWID;
";

/// Where the file is and how patient its users are.
pub(super) struct LogFile {
    path: PathBuf,
    locked_after: Duration,
}

impl LogFile {
    /// Makes the folder and the file when they are missing, and checks that the file is ours.
    pub(super) fn open(path: &Path, locked_after: Duration) -> Result<Self, Error> {
        let file = Self { path: path.to_owned(), locked_after };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| Error::File {
                path: folder.to_owned(),
                operation: "make the folder",
                code: error.to_string(),
            })?;
        }
        let mut connection = file.connect()?;
        file.prepare(&mut connection)?;
        Ok(file)
    }

    /// A new connection. It waits for locks as long as the settings say.
    pub(super) fn connect(&self) -> Result<Connection, Error> {
        let deadline = Instant::now() + self.locked_after;
        loop {
            match self.try_connect() {
                // Two processes that open a new file at once collide while it is switched to write-ahead logging; SQLite
                // reports that at once instead of waiting as it does for a transaction.
                Err(error) if is_busy(&error) && Instant::now() < deadline => self.await_others(),
                other => return other.map_err(|error| self.error("open", &error)),
            }
        }
    }

    /// Waits until no other process writes, or for a moment.
    fn await_others(&self) {
        let wait = || -> rusqlite::Result<()> {
            let connection = Connection::open(&self.path)?;
            connection.busy_timeout(Duration::from_millis(50))?;
            connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")
        };
        if let Err(error) = wait() {
            tracing::debug!(path = ?self.path, %error, "another process is opening the bus");
        }
    }

    fn try_connect(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open(&self.path)?;
        connection.busy_timeout(self.locked_after)?;
        let ours = application(&connection)? == (APPLICATION_ID, SCHEMA_VERSION);
        if !ours && !is_empty(&connection)? {
            // Somebody else's file, or a newer one: `prepare` tells; change nothing.
            return Ok(connection);
        }
        connection.pragma_update(None, "page_size", 8_192)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "cache_size", -16_384)?;
        connection.pragma_update(None, "wal_autocheckpoint", 6_000)?;
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    }

    fn prepare(&self, connection: &mut Connection) -> Result<(), Error> {
        let wrap = |error: rusqlite::Error| self.error("open", &error);
        if application(connection).map_err(wrap)? == (APPLICATION_ID, SCHEMA_VERSION) {
            return Ok(());
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrap)?;
        match application(&transaction).map_err(wrap)? {
            // Another process was faster.
            (APPLICATION_ID, SCHEMA_VERSION) => return Ok(()),
            (APPLICATION_ID, found) => return Err(Error::Newer { path: self.path.clone(), found, known: SCHEMA_VERSION }),
            _ if !is_empty(&transaction).map_err(wrap)? => return Err(Error::NotABus { path: self.path.clone() }),
            _ => {}
        }
        let create = || -> rusqlite::Result<()> {
            transaction.execute_batch(SCHEMA)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            transaction.commit()
        };
        create().map_err(wrap)
    }

    /// An error of `SQLite` in our words.
    pub(super) fn error(&self, operation: &'static str, error: &rusqlite::Error) -> Error {
        let path = self.path.clone();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked { path, waited_s: self.locked_after.as_secs() },
            Some(ErrorCode::DiskFull) => Error::DiskFull { path },
            Some(ErrorCode::ReadOnly) => Error::ReadOnly { path },
            Some(ErrorCode::DatabaseCorrupt) => Error::Corrupt { path, code: "SQLITE_CORRUPT" },
            Some(ErrorCode::NotADatabase) => Error::NotABus { path },
            Some(_) => Error::File { path, operation, code: error.to_string() },
            // Not from SQLite itself: a value in the file is not what our schema allows.
            None => Error::Corrupt { path, code: "a row is not as the schema demands" },
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn application(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let id = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((id, version))
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(tables == 0 && application(connection)? == (0, 0))
}
