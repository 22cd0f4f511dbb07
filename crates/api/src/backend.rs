//! What the HTTP interface needs from the process around it.

use std::collections::BTreeSet;

use fika_model::{QueueId, Timestamp};
use fika_wire::dialect::{Mapping, Unknown};
use fika_wire::records::Encoded;
use thiserror::Error;

/// The bus did not take what was to be appended; nothing of it may be taken for granted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the bus is not available: {reason}")]
pub struct Unavailable {
    /// What the bus says.
    pub reason: Box<str>,
}

/// The process around the interface. Calls may block; the routes call them off the event loop.
pub trait Backend: Send + Sync + 'static {
    /// Appends records to the bus; returns when they are durable.
    fn append(&self, batch: Vec<Encoded>) -> Result<(), Unavailable>;

    /// Why the process is not ready; empty when it is.
    fn not_ready(&self) -> Vec<String>;

    /// All metrics in Prometheus's text format; `None` when they cannot be written.
    fn metrics(&self) -> Option<String>;

    /// Takes note of an answer, for the metrics.
    fn answered(&self, route: &'static str, status: u16);

    /// Takes note of what a reader of a dialect did not know, for the metrics.
    fn unknown(&self, dialect: &'static str, unknown: Unknown);

    /// The time.
    fn now(&self) -> Timestamp;

    /// An id that nobody has.
    fn fresh_id(&self) -> String;
}

/// Settings of the interface.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The largest request body, in bytes.
    pub body_limit_bytes: usize,
    /// The queues that exist; empty means that any may.
    pub queues: BTreeSet<QueueId>,
    /// Which column of calls in CSV is what; without it such calls are not taken.
    pub mapping: Option<Mapping>,
}
