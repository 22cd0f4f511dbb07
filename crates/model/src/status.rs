//! How a request is doing.

use crate::calendar::Timestamp;
use crate::fault::Faults;
use crate::id::{RequestId, RosterId};
use crate::score::Score;

/// Where a request stands.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// It was read and is sound.
    Accepted,
    /// It is being worked on.
    Progress(Progress),
    /// Its roster is published.
    Done {
        /// The roster.
        roster: RosterId,
        /// Its generation.
        generation: u64,
    },
    /// Rules contradict the request for some agents.
    Infeasible {
        /// The contradictions.
        faults: Faults,
        /// The published roster for the others, with its generation; `None` where nobody can be served.
        roster: Option<(RosterId, u64)>,
    },
    /// It could not be worked on.
    Failed {
        /// Why.
        faults: Faults,
    },
}

impl State {
    /// Whether nothing more will come.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Infeasible { .. } | Self::Failed { .. })
    }
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Waits for the history to be counted.
    History,
    /// Forecasts calls.
    Forecast,
    /// Works out how many people are required.
    Requirement,
    /// Builds shifts and breaks.
    Solve,
    /// Simulates the roster's callers.
    Simulate,
    /// Checks every rule again.
    Verify,
    /// Publishes.
    Publish,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// The share of the phase that is done, 0 to 1.
    pub done: f64,
    /// Steps of the search so far.
    pub steps: u64,
    /// The best score so far.
    pub score: Option<Score>,
    /// Person-minutes short of the requirement, of the best so far.
    pub shortfall_minutes: Option<f64>,
}

/// A status message.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    /// The request.
    pub request: RequestId,
    /// When, by the clock of the process that says it.
    pub at: Timestamp,
    /// Where it stands.
    pub state: State,
}
