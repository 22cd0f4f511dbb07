//! The hook through which a caller sees every call and every agent, as an ACD would tell it.
//!
//! Callbacks come in the order of time. With [`NoTrace`] the compiler leaves nothing of them. Absent on purpose: ids; calls, queues
//! and agents are numbers, and the caller keeps the map.

use fika_model::event::{AgentState, CallEventKind};

use crate::scenario::Reason;

/// A step of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallStep {
    /// When, in milliseconds from the start of the scenario.
    pub at_ms: i64,
    /// The call, from 0 in the order of arrival; a caller who tries again is a new call.
    pub call: u64,
    /// The queue's index.
    pub queue: usize,
    /// The agent's index, from the offer on. Agents without names follow the named ones, group by group.
    pub agent: Option<usize>,
    /// What happened: `Queued`, `Offered`, `Connected`, `Ended`, `WrapupEnded` or `Abandoned`.
    pub kind: CallEventKind,
}

/// A change of an agent's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentStep {
    /// When, in milliseconds from the start of the scenario.
    pub at_ms: i64,
    /// The agent's index.
    pub agent: usize,
    /// The state from now on.
    pub state: AgentState,
    /// Why, when not ready.
    pub reason: Option<Reason>,
    /// The group she works in, when she is logged in.
    pub group: Option<usize>,
}

/// Someone who watches a simulation.
pub trait Trace {
    /// Whether anything is told at all.
    const ACTIVE: bool = true;

    /// A step of a call.
    fn call(&mut self, _step: CallStep) {}

    /// A change of an agent's state.
    fn agent(&mut self, _step: AgentStep) {}
}

impl<T: Trace> Trace for &mut T {
    const ACTIVE: bool = T::ACTIVE;

    fn call(&mut self, step: CallStep) {
        (**self).call(step);
    }

    fn agent(&mut self, step: AgentStep) {
        (**self).agent(step);
    }
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTrace;

impl Trace for NoTrace {
    const ACTIVE: bool = false;
}
