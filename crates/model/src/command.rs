//! What is to become of a request that was sent.

use crate::calendar::Timestamp;
use crate::id::RequestId;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// No roster any more. A request that has its answer keeps it.
    Cancel {
        /// Why, for people to read.
        reason: String,
    },
    /// No further search: the best roster so far is checked and published.
    Finish,
}

/// A command about a request; it may come before the request does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The request.
    pub request: RequestId,
    /// When it was given, by the clock of the process that says it.
    pub at: Timestamp,
    /// What is wanted.
    pub action: Action,
}
