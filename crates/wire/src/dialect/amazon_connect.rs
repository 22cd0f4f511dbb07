//! Amazon Connect: contact events, as `EventBridge` wraps them or bare, and the agent event stream.
//!
//! A transfer makes a new contact, so a call is a contact (`contactId`). Contacts that an agent or a supervisor began, and those in an
//! agent's own queue, wait for nobody and are left out. A contact that leaves its queue for another one without an answer is
//! disconnected, so it counts as abandoned there. Events come more than once and in any order; each tells all the times so far, and each
//! time is told as an event of its own. Hold and wrap-up are told in whole seconds by contact events, to the millisecond by the agent
//! stream.

use fika_model::event::{CallEventKind, Event};
use fika_model::fault::Faults;
use fika_model::{AgentId, CallId, QueueId};

use super::fields::{Fields, Findings};
use super::telling::{Step, between};
use super::{Context, Dialect, Input};

mod agents;

pub(super) const NAME: &str = "amazon-connect";

/// Fields of the envelope that counters do not need.
const ENVELOPE: &[&str] = &["version", "id", "detail-type", "source", "account", "time", "region", "resources"];

/// Fields of a contact event that counters do not need; among them all that names a caller.
const NOT_NEEDED: &[&str] = &[
    "answeringMachineDetectionStatus",
    "campaign",
    "channel",
    "chatMetrics",
    "connectedToSystemTimestamp",
    "contactDetails",
    "contactEvaluations",
    "contactLens",
    "customerEndpoint",
    "customerId",
    "customerVoiceActivity",
    "disconnectReason",
    "globalResiliencyMetadata",
    "initialContactId",
    "initiationTimestamp",
    "instanceArn",
    "outboundStrategy",
    "previousContactId",
    "recordings",
    "relatedContactId",
    "routingCriteria",
    "scheduledTimestamp",
    "segmentAttributes",
    "stateTransitions",
    "systemEndpoint",
    "tags",
    "updatedProperties",
];

/// Types of contact events that are read.
const TYPES: [&str; 4] = ["QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"];

/// Types of contact events that say nothing about waiting and talking.
const OTHER_TYPES: [&str; 7] =
    ["INITIATED", "CONNECTED_TO_SYSTEM", "CONTACT_DATA_UPDATED", "AMD_DISABLED", "PAUSED", "RESUMED", "WEBRTC_API"];

/// Reads Amazon Connect.
#[derive(Debug, Clone, Copy)]
pub(super) struct AmazonConnect;

impl Dialect for AmazonConnect {
    fn name(&self) -> &'static str {
        NAME
    }

    fn read_in(&mut self, input: Input<'_>, context: &mut Context) -> Result<Vec<Event>, Faults> {
        let mut record = Fields::json(input.value)?;
        let mut found = Findings::default();
        let events = if record.has("AgentARN") {
            agents::events(record, &mut found)
        } else if record.has("detail") {
            let of_contacts = record.text(&mut found, "detail-type").is_none_or(|kind| kind == "Amazon Connect Contact Event");
            let detail = record.object(&mut found, "detail");
            record.done(&mut found, ENVELOPE);
            match detail {
                Some(detail) if of_contacts => contact(detail, &mut found),
                _ => {
                    found.unknown_type();
                    Vec::new()
                }
            }
        } else {
            contact(record, &mut found)
        };
        found.end(events, &mut context.unknown)
    }
}

/// The last part of a resource's name: the id of the queue or agent.
fn resource(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Whether a queue is an agent's own.
fn is_personal(arn: &str) -> bool {
    arn.contains("/queue/agent/")
}

fn contact(mut detail: Fields<'_>, found: &mut Findings) -> Vec<Event> {
    let call = detail.needed_id(found, "contactId", CallId::new);
    let kind = detail.needed(found, "eventType");
    let Some(name) = TYPES.into_iter().find(|known| *known == kind) else {
        if !kind.is_empty() && !OTHER_TYPES.contains(&kind.as_ref()) {
            found.unknown_type();
        }
        return Vec::new();
    };
    let begun = detail.text(found, "initiationMethod").unwrap_or_default();
    let disconnected = detail.time(found, "disconnectTimestamp");
    let mut queue_info = detail.object(found, "queueInfo");
    let mut agent_info = detail.object(found, "agentInfo");
    detail.done(found, NOT_NEEDED);
    let mut queue = None;
    let (mut enqueued, mut personal) = (None, false);
    if let Some(info) = &mut queue_info {
        personal = info.text(found, "queueType").is_some_and(|kind| kind == "AGENT");
        personal |= info.text(found, "queueArn").is_some_and(|arn| is_personal(&arn));
        queue = info.id_of(found, "queueArn", resource, QueueId::new);
        enqueued = info.time(found, "enqueueTimestamp");
    }
    let agent = agent_info.as_mut().map(|info| AgentTimes::read(info, found)).unwrap_or_default();
    if let Some(info) = queue_info {
        info.done(found, &["dequeueTimestamp"]);
    }
    if let Some(info) = agent_info {
        info.done(found, AGENT_INFO);
    }
    let (Some(call), Some(queue), false) = (call, queue, personal || matches!(begun.as_ref(), "OUTBOUND" | "MONITOR")) else {
        return Vec::new();
    };
    let step = Step { source: NAME, name, call: &call, queue: Some(&queue), agent: agent.id.as_ref() };
    let mut events = Vec::new();
    events.extend(enqueued.map(|at| Step { agent: None, ..step }.event(CallEventKind::Queued, at)));
    events.extend(agent.connected.map(|at| {
        let mut event = step.at(CallEventKind::Connected, at);
        event.wait_ms = between(enqueued, Some(at));
        Event::Call(event)
    }));
    events.extend(disconnected.map(|at| {
        let answered = agent.connected.is_some() || agent.id.is_some();
        let mut event = step.at(if answered { CallEventKind::Ended } else { CallEventKind::Abandoned }, at);
        event.wait_ms = between(enqueued, Some(agent.connected.unwrap_or(at)));
        event.hold_ms = agent.hold_ms;
        Event::Call(event)
    }));
    events.extend(agent.wrapped_up.map(|at| {
        let mut event = step.at(CallEventKind::WrapupEnded, at);
        event.wrapup_ms = agent.wrapup_ms;
        Event::Call(event)
    }));
    events
}

const AGENT_INFO: &[&str] = &[
    "acceptedByAgentTimestamp",
    "afterContactWorkStartTimestamp",
    "agentPauseDuration",
    "agentPauseDurationInSeconds",
    "capabilities",
    "deviceInfo",
    "hierarchyGroups",
    "previewEndTimestamp",
    "stateTransitions",
];

/// What a contact event says of the agent's part.
#[derive(Debug, Default)]
struct AgentTimes {
    id: Option<AgentId>,
    connected: Option<i64>,
    hold_ms: Option<i64>,
    wrapped_up: Option<i64>,
    wrapup_ms: Option<i64>,
}

impl AgentTimes {
    fn read(info: &mut Fields<'_>, found: &mut Findings) -> Self {
        Self {
            id: info.id_of(found, "agentArn", resource, AgentId::new),
            connected: info.time(found, "connectedToAgentTimestamp"),
            hold_ms: info.length_ms(found, "agentInitiatedHoldDuration", 1000),
            wrapped_up: info.time(found, "afterContactWorkEndTimestamp"),
            wrapup_ms: info.length_ms(found, "afterContactWorkDuration", 1000),
        }
    }
}
