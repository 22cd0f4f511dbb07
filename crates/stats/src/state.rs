//! Open state as it leaves a fold and comes back: per call, per agent, and the watermarks.

use fika_model::event::{AgentState, CallEventKind, EpochMs};
use fika_model::{AgentId, CallId, QueueId};

/// What a piece of state belongs to. A compacted topic keeps the latest state of each key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateKey {
    /// A call.
    Call(CallId),
    /// An agent.
    Agent(AgentId),
    /// The stream as a whole.
    Watermarks,
}

/// The greatest event times seen, in milliseconds since 1970-01-01T00:00:00Z; `None` before the first event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Watermarks {
    /// Of call events.
    pub calls: Option<EpochMs>,
    /// Of agent events.
    pub agents: Option<EpochMs>,
}

/// What one event told about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFact {
    /// When it happened.
    pub at_ms: EpochMs,
    /// What happened.
    pub kind: CallEventKind,
    /// Stable hash of the event's source and id.
    pub event_hash: u64,
    /// Stable hash of the agent's id; 0 where not told.
    pub agent_hash: u64,
    /// The queue, where told.
    pub queue: Option<QueueId>,
    /// The wait in milliseconds, where told; so the next three.
    pub wait_ms: Option<i32>,
    /// The conversation.
    pub talk_ms: Option<i32>,
    /// The hold.
    pub hold_ms: Option<i32>,
    /// The work after the call.
    pub wrapup_ms: Option<i32>,
    /// Whether it was answered, where told.
    pub answered: Option<bool>,
}

/// A call that is open, or over so recently that stragglers may come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCall {
    /// The call.
    pub id: CallId,
    /// What is known of it, in order of time.
    pub facts: Vec<CallFact>,
}

/// A change of an agent's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentChange {
    /// When.
    pub at_ms: EpochMs,
    /// The state from then on.
    pub state: AgentState,
    /// Stable hash of the event's source and id.
    pub event_hash: u64,
    /// The queues, in the order of their names; empty where not told.
    pub queues: Vec<QueueId>,
}

/// An agent's recent changes; the first one is where the part of the day begins that can still change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAgent {
    /// The agent.
    pub id: AgentId,
    /// The changes, in order of time.
    pub changes: Vec<AgentChange>,
}

/// A piece of state. [`OpenState::encode`] and [`OpenState::decode`] give it a compact and stable form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenState {
    /// Of a call.
    Call(OpenCall),
    /// Of an agent.
    Agent(OpenAgent),
    /// Of the stream.
    Watermarks(Watermarks),
}

impl OpenState {
    /// What it belongs to.
    pub fn key(&self) -> StateKey {
        match self {
            Self::Call(call) => StateKey::Call(call.id.clone()),
            Self::Agent(agent) => StateKey::Agent(agent.id.clone()),
            Self::Watermarks(_) => StateKey::Watermarks,
        }
    }
}
