//! What an ACD tells: call events and agent events, in the vocabulary that every dialect is read into.
//!
//! Events may come twice, out of order, late, or never. Nothing here assumes a complete stream.

use crate::calendar::Timestamp;
use crate::id::{AgentId, CallId, QueueId};

/// Milliseconds since 1970-01-01T00:00:00Z, the clock of all events.
pub type EpochMs = i64;

/// What happened to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallEventKind {
    /// It joined a queue.
    Queued,
    /// It rings at an agent.
    Offered,
    /// An agent has answered.
    Connected,
    /// It was put on hold.
    Held,
    /// It was taken off hold.
    Resumed,
    /// It went on to another queue or agent; that leg is over.
    Transferred,
    /// Caller and agent have parted; wrap-up may follow.
    Ended,
    /// The caller left the queue unanswered.
    Abandoned,
    /// The agent has finished the work after the call.
    WrapupEnded,
    /// The whole call in one record, told at its end.
    Completed,
}

/// One event of a call. `source` and `event_id` together name it: an equal pair is a duplicate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallEvent {
    /// Unique within `source`.
    pub event_id: String,
    /// The ACD or feed that sent it.
    pub source: String,
    /// The call.
    pub call_id: CallId,
    /// What happened.
    pub kind: CallEventKind,
    /// When it happened, by the ACD's clock. For [`CallEventKind::Completed`]: when the call joined the queue.
    pub occurred_at_ms: EpochMs,
    /// The queue, where the event tells it.
    pub queue: Option<QueueId>,
    /// The agent, where the event tells it.
    pub agent: Option<AgentId>,
    /// Time from joining the queue to the answer or to leaving, in milliseconds, where told.
    pub wait_ms: Option<i64>,
    /// Time of conversation without hold, in milliseconds, where told.
    pub talk_ms: Option<i64>,
    /// Time on hold, in milliseconds, where told.
    pub hold_ms: Option<i64>,
    /// Work after the call, in milliseconds, where told.
    pub wrapup_ms: Option<i64>,
    /// For [`CallEventKind::Completed`]: whether an agent answered.
    pub answered: Option<bool>,
}

/// What an agent is doing, by the ACD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentState {
    /// Not at work for the ACD.
    LoggedOut,
    /// Waiting for a call.
    Ready,
    /// Logged in and not taking calls; the reason code says why.
    NotReady,
    /// A call is ringing.
    Reserved,
    /// In conversation.
    Talking,
    /// The caller is on hold.
    Hold,
    /// Work after a call.
    Wrapup,
}

/// A change of an agent's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentEvent {
    /// Unique within `source`.
    pub event_id: String,
    /// The ACD or feed that sent it.
    pub source: String,
    /// The agent.
    pub agent: AgentId,
    /// The state from now on.
    pub state: AgentState,
    /// When it began, by the ACD's clock.
    pub occurred_at_ms: EpochMs,
    /// Why, as the ACD codes it ("Lunch"); empty where not told.
    pub reason_code: String,
    /// The queues the agent is logged in to, where told.
    pub queues: Vec<QueueId>,
}

/// Any event of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Of a call.
    Call(CallEvent),
    /// Of an agent.
    Agent(AgentEvent),
}

impl Event {
    /// The latest instant that it tells of: a completed call lasted on after it came in.
    pub fn latest_ms(&self) -> EpochMs {
        match self {
            Self::Call(call) if call.kind == CallEventKind::Completed => {
                let told = [call.wait_ms, call.talk_ms, call.hold_ms, call.wrapup_ms].into_iter().flatten();
                told.fold(call.occurred_at_ms, i64::saturating_add)
            }
            Self::Call(call) => call.occurred_at_ms,
            Self::Agent(agent) => agent.occurred_at_ms,
        }
    }
}

/// An instant as the events' clock gives it; outside the years that [`Timestamp`] holds it is cut to them.
pub fn timestamp_of(epoch_ms: EpochMs) -> Timestamp {
    Timestamp::from_millisecond(epoch_ms).unwrap_or(if epoch_ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
