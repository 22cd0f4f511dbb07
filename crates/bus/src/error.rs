//! What can go wrong with a bus. Messages name brokers, files and topics, never a credential.

use std::path::PathBuf;

/// An error code of librdkafka or of the broker, by its Kafka name, such as `TOPIC_AUTHORIZATION_FAILED`.
pub type KafkaCode = String;

/// Why the bus could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No broker answered in time.
    #[error("no Kafka broker answers at {brokers} ({operation}: {code})")]
    Unreachable {
        /// The brokers that were tried, as configured.
        brokers: String,
        /// What was being done.
        operation: &'static str,
        /// What the client library says.
        code: KafkaCode,
    },
    /// The broker or its client library refused an operation.
    #[error("Kafka at {brokers} refused to {operation}: {code}")]
    Kafka {
        /// The brokers, as configured.
        brokers: String,
        /// What was being done.
        operation: &'static str,
        /// The reason.
        code: KafkaCode,
    },
    /// The brokers should have ended a transaction and have not; until they do, nobody can read past it.
    #[error(
        "a transaction in {topic}, partition {partition}, is still open after {waited_s} s and holds up who reads there; Kafka's \
         `kafka-transactions.sh find-hanging` tells whether the brokers forgot to end it"
    )]
    OpenTransaction {
        /// The topic.
        topic: String,
        /// Its partition.
        partition: i32,
        /// How long was waited, in seconds.
        waited_s: u64,
    },
    /// A client property is unknown or has a value that is not allowed.
    #[error("the Kafka client refuses the property {property}: {cause}")]
    Property {
        /// Name of the property.
        property: String,
        /// Why; without the value, which may be a secret.
        cause: &'static str,
    },
    /// The topic does not exist.
    #[error("the topic {topic} does not exist; `fika topics` creates it")]
    UnknownTopic {
        /// Its name.
        topic: String,
    },
    /// The settings of a topic are not allowed.
    #[error("the topic {topic:?} cannot be made: {cause}")]
    TopicSettings {
        /// Its name.
        topic: String,
        /// Which rule is broken.
        cause: &'static str,
    },
    /// A record is larger than [`crate::MAX_RECORD_BYTES`].
    #[error("a record for {topic} has {bytes} bytes; at most {limit} are allowed")]
    TooLarge {
        /// The topic it was meant for.
        topic: String,
        /// Its size in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// A record without a key was meant for a compacted topic.
    #[error("a record for the compacted topic {topic} has no key")]
    KeyMissing {
        /// The topic.
        topic: String,
    },
    /// Another member of the group has taken over what this one was working on; nothing of it was published.
    #[error("the group {group} has given the work to another member; this batch was not published")]
    Fenced {
        /// The group.
        group: String,
    },
    /// The process is to end; what was asked for is given up.
    #[error("the process is to end; this was given up")]
    Draining,
    /// The file is locked by another process that does not let go.
    #[error("{path} is locked by another process; waited {waited_s} s")]
    Locked {
        /// The file.
        path: PathBuf,
        /// How long was waited, in seconds.
        waited_s: u64,
    },
    /// There is no room left for the file.
    #[error("the disk of {path} is full")]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// The file may not be written.
    #[error("{path} is read-only")]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The file is not there.
    #[error("{path} does not exist; `fika serve` or `fika topics` makes it")]
    NoFile {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged.
    #[error("{path} is damaged ({code}); move it away to start with an empty bus, or bring it back from a backup")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        code: &'static str,
    },
    /// The file is something else.
    #[error("{path} is not a fika bus")]
    NotABus {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a newer version.
    #[error("{path} has schema version {found}; this version knows up to {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The file or its folder cannot be opened, read or written.
    #[error("cannot {operation} {path}: {code}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What was being done.
        operation: &'static str,
        /// The reason of the operating system or of `SQLite`.
        code: String,
    },
}

impl Error {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Locked { .. } | Self::Fenced { .. } | Self::DiskFull { .. })
    }
}
