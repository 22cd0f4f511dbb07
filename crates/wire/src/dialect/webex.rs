//! Webex Contact Center: webhooks of tasks and agents.
//!
//! A call is a task, and stays one through all its queues. `task:ended` does not say whether anybody answered, so it is told as an end
//! and as an abandoned call at once: of a call that was answered the end counts, of another one the abandonment. The agents' states tell
//! the answer, hold, and wrap-up of a task once more, which heals lost events. Not known: which queues an agent serves, so no staffed
//! time is counted.

use fika_model::event::{AgentState, CallEventKind, EpochMs, Event};
use fika_model::fault::{FaultCode, Faults};
use fika_model::{AgentId, CallId, QueueId};

use super::fields::{Fields, Findings};
use super::telling::{Step, agent_event};
use super::{Context, Dialect, Input};

pub(super) const NAME: &str = "webex";

const ENVELOPE: &[&str] = &[
    "comciscoorgid",
    "dataContentType",
    "datacontenttype",
    "id",
    "person",
    "previously",
    "source",
    "specVersion",
    "specversion",
    "subject",
];
/// Fields that counters do not need; among them all that names a caller.
const NOT_NEEDED: &[&str] = &[
    "agentEmailId",
    "agentName",
    "auxCodeType",
    "channelId",
    "channelType",
    "ciUserId",
    "destination",
    "direction",
    "dn",
    "entryPointId",
    "idleCodeType",
    "isContactHandled",
    "orgId",
    "origin",
    "outboundType",
    "queueName",
    "reason",
    "resourceVersion",
    "siteId",
    "subscriptionId",
    "teamId",
    "teamName",
    "terminationReason",
    "workflowManager",
];
/// Events that say nothing about waiting and talking.
const OTHER: [&str; 11] = [
    "agent:channel_state_change",
    "agent:channelType_state_change",
    "capture:available",
    "task:conference-transferred",
    "task:conferencing",
    "task:consulting",
    "task:failed",
    "task:hold-done",
    "task:new",
    "task:on-hold",
    "task:transferred",
];

/// Reads Webex Contact Center.
#[derive(Debug, Clone, Copy)]
pub(super) struct Webex;

impl Dialect for Webex {
    fn name(&self) -> &'static str {
        NAME
    }

    fn read_in(&mut self, input: Input<'_>, context: &mut Context) -> Result<Vec<Event>, Faults> {
        let mut envelope = Fields::json(input.value)?;
        let mut found = Findings::default();
        let kind = envelope.needed(&mut found, "type");
        let sent = envelope.time(&mut found, "time");
        let data = envelope.object(&mut found, "data");
        envelope.done(&mut found, ENVELOPE);
        let Some(mut data) = data else {
            found.fault(FaultCode::Missing, "data", "it is missing");
            return found.end(Vec::new(), &mut context.unknown);
        };
        let at = data.time(&mut found, "createdTime").or(sent).unwrap_or_else(|| {
            found.fault(FaultCode::Missing, "data.createdTime", "nothing tells when it happened");
            0
        });
        let events = events(&kind, at, &mut data, &mut found);
        if events.is_some() {
            data.done(&mut found, NOT_NEEDED);
        }
        found.end(events.unwrap_or_default(), &mut context.unknown)
    }
}

/// The events of a record; none where its type is not read.
fn events(kind: &str, at: EpochMs, data: &mut Fields<'_>, found: &mut Findings) -> Option<Vec<Event>> {
    use CallEventKind::{Abandoned, Connected, Ended, Offered, Queued};
    let steps: &[CallEventKind] = match kind {
        "task:parked" => &[Queued],
        "task:connect" => &[Offered],
        "task:connected" => &[Connected],
        "task:ended" => &[Ended, Abandoned],
        "agent:login" => return Some(agent(AgentState::NotReady, at, data, found)),
        "agent:logout" => return Some(agent(AgentState::LoggedOut, at, data, found)),
        "agent:state_change" => return Some(state(at, data, found)),
        other => {
            if !OTHER.contains(&other) && !other.is_empty() {
                found.unknown_type();
            }
            return None;
        }
    };
    let call = data.needed_id(found, "taskId", CallId::new);
    Some(task(steps, at, call, data, found))
}

fn task(steps: &[CallEventKind], at: EpochMs, call: Option<CallId>, data: &mut Fields<'_>, found: &mut Findings) -> Vec<Event> {
    let queue = data.id(found, "queueId", QueueId::new);
    let agent = data.id(found, "agentId", AgentId::new);
    let Some(call) = call else { return Vec::new() };
    let step = Step { source: NAME, name: "task", call: &call, queue: queue.as_ref(), agent: agent.as_ref() };
    steps.iter().map(|kind| step.event(*kind, at)).collect()
}

fn agent(state: AgentState, at: EpochMs, data: &mut Fields<'_>, found: &mut Findings) -> Vec<Event> {
    let agent = data.needed_id(found, "agentId", AgentId::new);
    let codes = ["idleCodeName", "auxCodeName", "idleCodeId", "auxCodeId"].map(|name| data.text(found, name));
    // Of the task's own fields nothing is needed here.
    let _ = (data.text(found, "queueId"), data.text(found, "taskId"), data.text(found, "currentState"));
    let Some(agent) = agent else { return Vec::new() };
    let mut event = agent_event(NAME, &agent, state, at);
    if state == AgentState::NotReady {
        event.reason_code = codes.into_iter().flatten().next().unwrap_or_default().into_owned();
    }
    vec![Event::Agent(event)]
}

fn state(at: EpochMs, data: &mut Fields<'_>, found: &mut Findings) -> Vec<Event> {
    use CallEventKind::{Connected, Ended, Held, Resumed, WrapupEnded};
    let word = data.needed(found, "currentState").to_ascii_lowercase();
    let call = data.id(found, "taskId", CallId::new);
    let (steps, to): (&[CallEventKind], _) = match word.as_str() {
        "available" => (&[], AgentState::Ready),
        "idle" | "not-responding" | "notresponding" | "rona" => (&[], AgentState::NotReady),
        "ringing" | "reserved" => (&[], AgentState::Reserved),
        "connected" => (&[Connected], AgentState::Talking),
        "hold-done" => (&[Resumed], AgentState::Talking),
        "on-hold" => (&[Held], AgentState::Hold),
        "engaged" | "engagedother" | "consulting" | "consult-done" | "conferencing" | "conference-done" => (&[], AgentState::Talking),
        "wrapup" => (&[Ended], AgentState::Wrapup),
        "wrapup-done" => (&[WrapupEnded], AgentState::Ready),
        "loggedout" | "logged-out" => (&[], AgentState::LoggedOut),
        _ => {
            found.unknown_type();
            return Vec::new();
        }
    };
    let mut events = if call.is_some() { task(steps, at, call, data, found) } else { Vec::new() };
    events.extend(agent(to, at, data, found));
    events
}
