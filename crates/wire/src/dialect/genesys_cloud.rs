//! Genesys Cloud: detail events of conversations and the states of agents, as `EventBridge` or the notification service wraps them.
//!
//! A call is a conversation; its stays in queues are told by `acd.start` and `acd.end`, its agents' parts by `user.end` and `acw`.
//! Sessions without a queue (a colleague who is asked, a third party) wait for nobody and are left out. Of an agent only what tells the
//! queues as well is read: `activity`; `routingStatus` and `presence` say less, and later.

use fika_model::event::{AgentState, CallEvent, CallEventKind, EpochMs, Event};
use fika_model::fault::{FaultCode, Faults};
use fika_model::{AgentId, CallId, QueueId};

use super::fields::{Fields, Findings, instant_ms};
use super::telling::{Step, agent_event};
use super::{Context, Dialect, Input};

pub(super) const NAME: &str = "genesys-cloud";

const ENVELOPE: &[&str] = &["version", "id", "detail-type", "source", "account", "time", "region", "resources"];
const DETAIL: &[&str] = &["id", "metadata", "timestamp", "version"];
/// Fields of detail events that counters do not need; among them all that names a caller.
const NOT_NEEDED: &[&str] = &[
    "addressFrom",
    "addressOther",
    "addressSelf",
    "addressTo",
    "alertingDurationMs",
    "ani",
    "callback*",
    "contactingDurationMs",
    "conversationExternal*",
    "dialingDurationMs",
    "direction",
    "disconnectType",
    "divisionId",
    "dnis",
    "externalContactId",
    "externalOrganizationId",
    "flaggedReason",
    "mediaType",
    "messageType",
    "participantId",
    "participantName",
    "previousInteractingDurationMs",
    "provider",
    "remote",
    "remoteDisplayable",
    "requested*",
    "routing*",
    "scoredAgents",
    "sessionId",
    "skipEnabled",
    "subject",
    "timeoutSeconds",
    "usedRouting",
    "utilizationLabel",
    "wrapupCode",
    "wrapupNotes",
];
/// Kinds of detail events that say nothing about waiting and talking; `flow.` and its like by their beginning.
const OTHER_KINDS: [&str; 13] = [
    "attributes",
    "callback",
    "contact",
    "customer.end",
    "customer.start",
    "flow.",
    "metrics",
    "post-flow.",
    "presence",
    "routingStatus",
    "station",
    "user.start",
    "wrapup",
];

/// Reads Genesys Cloud.
#[derive(Debug, Clone, Copy)]
pub(super) struct GenesysCloud;

impl Dialect for GenesysCloud {
    fn name(&self) -> &'static str {
        NAME
    }

    fn read_in(&mut self, input: Input<'_>, context: &mut Context) -> Result<Vec<Event>, Faults> {
        let mut record = Fields::json(input.value)?;
        let mut found = Findings::default();
        let sent = record.text(&mut found, "time").and_then(|time| instant_ms(&time));
        if record.has("detail") {
            let Some(detail) = record.object(&mut found, "detail") else { return found.end(Vec::new(), &mut context.unknown) };
            record.done(&mut found, ENVELOPE);
            record = detail;
        }
        let topic = record.needed(&mut found, "topicName");
        let stamped = record.text(&mut found, "timestamp").and_then(|time| instant_ms(&time));
        let body = record.object(&mut found, "eventBody");
        record.done(&mut found, DETAIL);
        let Some(body) = body else {
            found.fault(FaultCode::Missing, "eventBody", "it is missing");
            return found.end(Vec::new(), &mut context.unknown);
        };
        let events = match kind(&topic) {
            Kind::Detail(kind) => conversation(kind, body, &mut found),
            Kind::Activity => activity(body, stamped.or(sent), &mut found),
            Kind::Other => Vec::new(),
            Kind::Unknown => {
                found.unknown_type();
                Vec::new()
            }
        };
        found.end(events, &mut context.unknown)
    }
}

enum Kind {
    Detail(Detail),
    Activity,
    Other,
    Unknown,
}

#[derive(Clone, Copy)]
enum Detail {
    Queued,
    LeftQueue,
    UserLeft,
    WrappedUp,
}

/// What a topic such as `v2.detail.events.conversation.{id}.acd.start` or `v2.users.{id}.activity` is about. Ids hold no full stops.
fn kind(topic: &str) -> Kind {
    let of = |prefix: &str| topic.strip_prefix(prefix)?.split_once('.').map(|(_, kind)| kind);
    match of("v2.detail.events.conversation.").or_else(|| of("v2.users.")).or_else(|| of("v2.analytics.conversation.")) {
        Some("acd.start") => Kind::Detail(Detail::Queued),
        Some("acd.end") => Kind::Detail(Detail::LeftQueue),
        Some("user.end") => Kind::Detail(Detail::UserLeft),
        Some("acw") => Kind::Detail(Detail::WrappedUp),
        Some("activity") => Kind::Activity,
        Some(other) if OTHER_KINDS.iter().any(|known| *known == other || (known.ends_with('.') && other.starts_with(known))) => Kind::Other,
        _ => Kind::Unknown,
    }
}

fn conversation(kind: Detail, mut body: Fields<'_>, found: &mut Findings) -> Vec<Event> {
    let call = body.needed_id(found, "conversationId", CallId::new);
    let at = body.time(found, "eventTime");
    if at.is_none() && !body.has("eventTime") {
        found.fault(FaultCode::Missing, &body.at("eventTime"), "it is missing");
    }
    let queue = body.id(found, "queueId", QueueId::new);
    let user = if matches!(kind, Detail::LeftQueue) { "answeredUserId" } else { "userId" };
    let agent = body.id(found, user, AgentId::new);
    let lengths = Lengths::read(&mut body, found);
    let outcome = body.text(found, "acdOutcome").unwrap_or_default();
    body.done(found, NOT_NEEDED);
    let (Some(call), Some(at), Some(queue)) = (call, at, queue) else { return Vec::new() };
    let step = Step { source: NAME, name: "detail", call: &call, queue: Some(&queue), agent: agent.as_ref() };
    let told = |event: CallEvent| vec![Event::Call(event)];
    match kind {
        Detail::Queued => vec![step.event(CallEventKind::Queued, at)],
        Detail::LeftQueue => {
            let kind = match outcome.as_ref() {
                "ANSWERED" => CallEventKind::Connected,
                "ABANDON" => CallEventKind::Abandoned,
                "FLOW_OUT" => CallEventKind::Transferred,
                _ if agent.is_some() => CallEventKind::Connected,
                // Without outcome or agent nothing tells how it ended.
                _ => return Vec::new(),
            };
            told(CallEvent { wait_ms: lengths.connected, ..step.at(kind, at) })
        }
        // An agent whom it only rang at has ended nothing.
        Detail::UserLeft if lengths.interacting.is_none_or(|ms| ms == 0) && lengths.held.is_none_or(|ms| ms == 0) => Vec::new(),
        Detail::UserLeft => told(CallEvent { talk_ms: lengths.interacting, hold_ms: lengths.held, ..step.at(CallEventKind::Ended, at) }),
        Detail::WrappedUp => told(CallEvent { wrapup_ms: lengths.wrapup, ..step.at(CallEventKind::WrapupEnded, at) }),
    }
}

struct Lengths {
    connected: Option<i64>,
    interacting: Option<i64>,
    held: Option<i64>,
    wrapup: Option<i64>,
}

impl Lengths {
    fn read(body: &mut Fields<'_>, found: &mut Findings) -> Self {
        let mut length = |name: &str| body.length_ms(found, name, 1);
        Self {
            connected: length("connectedDurationMs"),
            interacting: length("interactingDurationMs"),
            held: length("heldDurationMs"),
            wrapup: length("wrapupDurationMs"),
        }
    }
}

/// A change of what an agent does or serves. The time is the latest of those that the record tells for its parts.
fn activity(mut body: Fields<'_>, sent: Option<EpochMs>, found: &mut Findings) -> Vec<Event> {
    let agent = body.needed_id(found, "id", AgentId::new);
    let mut times = Vec::new();
    let mut routing = String::new();
    if let Some(mut status) = body.object(found, "routingStatus") {
        routing = status.text(found, "status").unwrap_or_default().into_owned();
        times.extend(status.time(found, "startTime"));
        status.done(found, &["userId"]);
    }
    let (mut presence, mut presence_name) = (String::new(), None);
    if let Some(mut told) = body.object(found, "presence") {
        if let Some(mut definition) = told.object(found, "presenceDefinition") {
            presence = definition.text(found, "systemPresence").unwrap_or_default().to_ascii_uppercase();
            presence_name = Some(presence.clone());
            definition.done(found, &["id", "selfUri"]);
        }
        times.extend(told.time(found, "modifiedDate"));
        told.done(found, &["presenceMessage", "primary", "source", "userId"]);
    }
    times.extend(body.time(found, "dateActiveQueuesChanged"));
    let ids: Vec<_> = body.texts(found, "activeQueueIds").into_iter().map(|id| QueueId::new(id.into_owned())).collect();
    let at_queues = body.at("activeQueueIds");
    body.done(found, &["outOfOffice"]);
    let mut queues = Vec::new();
    for id in ids {
        match id {
            Ok(id) => queues.push(id),
            Err(error) => found.fault(FaultCode::BadId, &at_queues, &error.to_string()),
        }
    }
    let state = match (routing.as_str(), presence.as_str()) {
        (_, "OFFLINE") => AgentState::LoggedOut,
        ("IDLE", _) => AgentState::Ready,
        ("INTERACTING", _) => AgentState::Talking,
        // Off the queue, not answering, or in a call of the agent's own.
        ("OFF_QUEUE" | "NOT_RESPONDING" | "COMMUNICATING", _) => AgentState::NotReady,
        (_, "") => {
            found.unknown_type();
            return Vec::new();
        }
        _ => AgentState::NotReady,
    };
    let Some(at) = times.into_iter().max().or(sent) else {
        found.fault(FaultCode::Missing, "eventBody", "nothing tells when it happened");
        return Vec::new();
    };
    let Some(agent) = agent else { return Vec::new() };
    let mut event = agent_event(NAME, &agent, state, at);
    if state == AgentState::NotReady {
        event.reason_code = presence_name.unwrap_or_default();
    }
    event.queues = queues;
    vec![Event::Agent(event)]
}
