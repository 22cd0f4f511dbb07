//! Events as a vendor's record tells them, under ids made of what happened.
//!
//! An id is made of call, step, time and agent, so that a record that comes twice, even in another envelope, counts once.

use fika_model::event::{AgentEvent, AgentState, CallEvent, CallEventKind, EpochMs, Event};
use fika_model::{AgentId, CallId, QueueId};

/// What all steps of a call have in common in one record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'a> {
    /// The dialect's name.
    pub(super) source: &'static str,
    /// The event as the ACD names it: one of a closed list, never free text.
    pub(super) name: &'static str,
    pub(super) call: &'a CallId,
    pub(super) queue: Option<&'a QueueId>,
    pub(super) agent: Option<&'a AgentId>,
}

impl Step<'_> {
    /// The event, with nothing told of its lengths.
    pub(super) fn at(&self, kind: CallEventKind, occurred_at_ms: EpochMs) -> CallEvent {
        let Self { source, name, call, queue, agent } = *self;
        let by = agent.map(AgentId::as_str).unwrap_or_default();
        CallEvent {
            event_id: format!("{call}/{name}/{kind:?}/{occurred_at_ms}/{by}"),
            source: source.to_owned(),
            call_id: call.clone(),
            kind,
            occurred_at_ms,
            queue: queue.cloned(),
            agent: agent.cloned(),
            wait_ms: None,
            talk_ms: None,
            hold_ms: None,
            wrapup_ms: None,
            answered: None,
        }
    }

    /// The same as an event of the stream.
    pub(super) fn event(&self, kind: CallEventKind, occurred_at_ms: EpochMs) -> Event {
        Event::Call(self.at(kind, occurred_at_ms))
    }
}

/// A change of an agent's state, with neither reason nor queues.
pub(super) fn agent_event(source: &'static str, agent: &AgentId, state: AgentState, occurred_at_ms: EpochMs) -> AgentEvent {
    AgentEvent {
        event_id: format!("{agent}/{state:?}/{occurred_at_ms}"),
        source: source.to_owned(),
        agent: agent.clone(),
        state,
        occurred_at_ms,
        reason_code: String::new(),
        queues: Vec::new(),
    }
}

/// A length between two instants, where both are known and in this order.
pub(super) fn between(from: Option<EpochMs>, to: Option<EpochMs>) -> Option<i64> {
    to.zip(from).map(|(to, from)| to - from).filter(|length| *length >= 0)
}
