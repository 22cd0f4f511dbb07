//! Call events and agent events: the data of a `CloudEvent`, together with what its envelope says.

use fika_model::event::{AgentEvent, AgentState, CallEvent, CallEventKind, EpochMs};
use fika_model::fault::{FaultCode, Faults};

use super::reading::{At, Reading, is_legal_ms, legal_time, paired};
use crate::proto::Timestamp;
use crate::proto::fika::v1;

/// The `CloudEvents` type of a change of an agent's state.
pub(crate) const AGENT_TYPE: &str = "agent.state_changed";

/// The `CloudEvents` types of calls.
const CALL_TYPES: [(CallEventKind, &str); 10] = [
    (CallEventKind::Queued, "call.queued"),
    (CallEventKind::Offered, "call.offered"),
    (CallEventKind::Connected, "call.connected"),
    (CallEventKind::Held, "call.held"),
    (CallEventKind::Resumed, "call.resumed"),
    (CallEventKind::Transferred, "call.transferred"),
    (CallEventKind::Ended, "call.ended"),
    (CallEventKind::Abandoned, "call.abandoned"),
    (CallEventKind::WrapupEnded, "call.wrapup_ended"),
    (CallEventKind::Completed, "call.completed"),
];

/// What a `CloudEvents` type says of a call, if it says anything.
pub(crate) fn call_kind(event_type: &str) -> Option<CallEventKind> {
    CALL_TYPES.iter().find(|(_, name)| *name == event_type).map(|(kind, _)| *kind)
}

/// The `CloudEvents` type of an event of a call.
pub(crate) fn call_type(kind: CallEventKind) -> &'static str {
    CALL_TYPES.iter().find(|(known, _)| *known == kind).map_or("", |(_, name)| name)
}

paired! { state_message, state_model: AgentState = v1::agent_event::State {
    LoggedOut = LoggedOut, Ready = Ready, NotReady = NotReady, Reserved = Reserved, Talking = Talking, Hold = Hold, Wrapup = Wrapup,
} }

/// Milliseconds of the data's own time, else of the envelope's.
fn occurred_at_ms(r: &mut Reading, own: Option<Timestamp>, envelope_ms: Option<EpochMs>) -> EpochMs {
    let data = At::WHOLE.field("data");
    let at = data.field("occurredAt");
    match (own, envelope_ms) {
        (Some(own), _) if legal_time(own).is_some() => own.seconds * 1000 + i64::from(own.nanos) / 1_000_000,
        (Some(own), _) => r.time(&at, Some(own)).as_millisecond(),
        (None, Some(ms)) if is_legal_ms(ms) => ms,
        (None, Some(ms)) => {
            r.fault(FaultCode::BadTime, &At::WHOLE.field("time"), format_args!("{ms} ms after 1970 is outside the years 1980 to 2200"));
            0
        }
        (None, None) => {
            r.fault(FaultCode::Missing, &At::WHOLE.field("time"), "neither the envelope nor the data says when it happened");
            0
        }
    }
}

/// A length told by an event: not negative, not longer than a week.
fn length_ms(r: &mut Reading, name: &'static str, length_ms: Option<i64>) -> Option<i64> {
    const WEEK_MS: i64 = 7 * 86_400_000;
    let ms = length_ms?;
    if !(0..=WEEK_MS).contains(&ms) {
        r.fault(FaultCode::OutOfRange, &At::WHOLE.field("data").field(name), format_args!("{ms} ms is outside 0 to {WEEK_MS}"));
    }
    Some(ms)
}

fn own_id(r: &mut Reading, name: &'static str, id: &str) -> String {
    if id.is_empty() {
        r.fault(FaultCode::Missing, &At::WHOLE.field(name), "it is empty");
    }
    id.to_owned()
}

/// Reads an event of a call; `event_id`, `source` and `time_ms` are the envelope's.
pub fn parse_call_event(
    kind: CallEventKind,
    event_id: &str,
    source: &str,
    time_ms: Option<EpochMs>,
    p: &v1::CallEvent,
) -> Result<CallEvent, Faults> {
    let mut r = Reading::default();
    let at = At::WHOLE.field("data");
    if kind == CallEventKind::Completed && p.answered.is_none() {
        r.fault(FaultCode::Missing, &at.field("answered"), "a completed call does not say whether it was answered");
    }
    let event = CallEvent {
        event_id: own_id(&mut r, "id", event_id),
        source: own_id(&mut r, "source", source),
        call_id: r.id(&at.field("callId"), &p.call_id),
        kind,
        occurred_at_ms: occurred_at_ms(&mut r, p.occurred_at, time_ms),
        queue: r.id_if_any(&at.field("queueId"), &p.queue_id),
        agent: r.id_if_any(&at.field("agentId"), &p.agent_id),
        wait_ms: length_ms(&mut r, "waitMs", p.wait_ms),
        talk_ms: length_ms(&mut r, "talkMs", p.talk_ms),
        hold_ms: length_ms(&mut r, "holdMs", p.hold_ms),
        wrapup_ms: length_ms(&mut r, "wrapupMs", p.wrapup_ms),
        answered: p.answered,
    };
    r.end(event)
}

/// Reads a change of an agent's state; `event_id`, `source` and `time_ms` are the envelope's.
pub fn parse_agent_event(event_id: &str, source: &str, time_ms: Option<EpochMs>, p: &v1::AgentEvent) -> Result<AgentEvent, Faults> {
    let mut r = Reading::default();
    let at = At::WHOLE.field("data");
    let event = AgentEvent {
        event_id: own_id(&mut r, "id", event_id),
        source: own_id(&mut r, "source", source),
        agent: r.id(&at.field("agentId"), &p.agent_id),
        state: r.choice(&at.field("state"), p.state, state_model, AgentState::LoggedOut),
        occurred_at_ms: occurred_at_ms(&mut r, p.occurred_at, time_ms),
        reason_code: p.reason_code.clone(),
        queues: r.ids(&at.field("queueIds"), &p.queue_ids),
    };
    r.end(event)
}

/// Writes the data of an event of a call; the envelope says the rest.
pub fn call_event_message(event: &CallEvent) -> v1::CallEvent {
    v1::CallEvent {
        call_id: event.call_id.to_string(),
        root_call_id: String::new(),
        queue_id: event.queue.as_ref().map(ToString::to_string).unwrap_or_default(),
        agent_id: event.agent.as_ref().map(ToString::to_string).unwrap_or_default(),
        occurred_at: None,
        wait_ms: event.wait_ms,
        talk_ms: event.talk_ms,
        hold_ms: event.hold_ms,
        wrapup_ms: event.wrapup_ms,
        answered: event.answered,
    }
}

/// Writes the data of a change of an agent's state; the envelope says the rest.
pub fn agent_event_message(event: &AgentEvent) -> v1::AgentEvent {
    v1::AgentEvent {
        agent_id: event.agent.to_string(),
        state: state_message(event.state),
        occurred_at: None,
        reason_code: event.reason_code.clone(),
        queue_ids: event.queues.iter().map(ToString::to_string).collect(),
    }
}
