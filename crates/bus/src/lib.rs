//! The log: append, read as a member of a group, and commit outputs together with input offsets.
//!
//! Two makes stand behind one interface, [`Bus`]: an embedded one (a `SQLite` file, for one machine) and Apache Kafka. Both keep
//! the promises of [`conformance`], which runs on both. Everything blocks; callers bring threads.
//!
//! Deliberately absent: any knowledge of messages (records are bytes), retries (the caller decides how long to wait) and an
//! asynchronous interface.

mod address;
pub mod conformance;
mod drain;
mod embedded;
mod error;
mod interface;
mod kafka;
mod partitioner;
mod record;
mod topic;

pub use address::{BusAddress, open, open_existing};
pub use embedded::{EmbeddedBus, EmbeddedSettings};
pub use error::{Error, KafkaCode};
pub use interface::{Bus, Consumer, Guard, Lag, Rebalance, Shown, Tail, TailFrom, TopicPartition};
pub use kafka::KafkaBus;
pub use partitioner::partition_for;
pub use record::{MAX_RECORD_BYTES, Outgoing, Record};
pub use topic::{Cleanup, Difference, TopicOutcome, TopicSettings};
