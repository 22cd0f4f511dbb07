//! Twilio `TaskRouter`: events of the workspace, as Event Streams sends them in `CloudEvents`.
//!
//! A call is a task. A reservation is one worker's part in it: created is ringing, accepted is the answer, `wrapup` the end of the
//! conversation, completed the end of the work after it, and of the conversation where no wrap-up was told. A task that is moved to
//! another queue unanswered waits on there. The type is the envelope's: examples in the vendor's documents carry another one inside. Not
//! known: hold, and which queues a worker serves (queues choose workers by expressions), so no staffed time is counted.

use fika_model::event::{AgentState, CallEventKind, EpochMs, Event};
use fika_model::fault::{FaultCode, Faults};
use fika_model::{AgentId, CallId, QueueId};

use super::fields::{Fields, Findings};
use super::telling::{Step, agent_event};
use super::{Context, Dialect, Input};

pub(super) const NAME: &str = "twilio";

const ENVELOPE: &[&str] = &["datacontenttype", "dataschema", "id", "source", "specversion", "subject", "time"];
const DATA: &[&str] = &[
    "account_friendly_name",
    "account_sid",
    "actor*",
    "correlation_sid",
    "description",
    "group",
    "level",
    "name",
    "parent_*",
    "payload_type",
    "product_name",
    "product_sid",
    "publisher*",
    "request",
    "sid",
];
/// Fields of payloads that counters do not need; task and worker attributes may name callers.
const NOT_NEEDED: &[&str] = &[
    "account_sid",
    "addons",
    "eventtype",
    "operating_unit_sid",
    "reason",
    "reservation_*",
    "task_age*",
    "task_assignment_status",
    "task_attributes",
    "task_canceled_reason",
    "task_channel_*",
    "task_completed_reason",
    "task_date_created",
    "task_ignore_capacity",
    "task_priority",
    "task_queue_entered_date",
    "task_queue_name",
    "task_queue_target_expression",
    "task_re_evaluated_reason",
    "task_routing_target",
    "task_version",
    "task_virtual_start_time",
    "transfer_*",
    "worker_*",
    "workflow_*",
    "workspace_*",
];
/// Families whose other events say nothing about waiting and talking.
const OTHER: [&str; 8] = ["activity.", "reservation.", "task.", "task-channel.", "task-queue.", "worker.", "workflow.", "workspace."];
/// Names of activities, which every workspace chooses itself, that mean signed out and ready where they are left as they come.
const OFFLINE: [&str; 2] = ["offline", "logged out"];
const READY: [&str; 3] = ["available", "idle", "ready"];

/// Reads `TaskRouter`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Twilio;

impl Dialect for Twilio {
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
        let Some(kind) = kind.strip_prefix("com.twilio.taskrouter.") else {
            if !kind.is_empty() {
                found.unknown_type();
            }
            return found.end(Vec::new(), &mut context.unknown);
        };
        let Some(mut data) = data else {
            found.fault(FaultCode::Missing, "data", "it is missing");
            return found.end(Vec::new(), &mut context.unknown);
        };
        let told = data.time(&mut found, "timestamp");
        let payload = data.object(&mut found, "payload");
        data.done(&mut found, DATA);
        let Some(mut payload) = payload else {
            found.fault(FaultCode::Missing, "data.payload", "it is missing");
            return found.end(Vec::new(), &mut context.unknown);
        };
        let exact = payload.time(&mut found, "timestamp_ms");
        let own = payload.time(&mut found, "timestamp");
        let at = exact.or(own).or(told).or(sent).unwrap_or_else(|| {
            found.fault(FaultCode::Missing, "data.payload.timestamp", "nothing tells when it happened");
            0
        });
        let events = events(kind, at, &mut payload, &mut found);
        if events.is_some() {
            payload.done(&mut found, NOT_NEEDED);
        }
        found.end(events.unwrap_or_default(), &mut context.unknown)
    }
}

/// The events of a record; none where its type is not read.
fn events(kind: &str, at: EpochMs, payload: &mut Fields<'_>, found: &mut Findings) -> Option<Vec<Event>> {
    use CallEventKind::{Abandoned, Connected, Ended, Offered, Queued, WrapupEnded};
    // What the type tells of the task, and what of the worker. A reservation that has ended leaves the task's queue open: it may be the
    // next one's.
    let (steps, state): (&[CallEventKind], _) = match kind {
        "task-queue.entered" => (&[Queued], None),
        "reservation.created" => (&[Offered], Some(AgentState::Reserved)),
        "reservation.accepted" => (&[Connected], Some(AgentState::Talking)),
        "reservation.wrapup" => (&[Ended], Some(AgentState::Wrapup)),
        "reservation.completed" => (&[Ended, WrapupEnded], Some(AgentState::Ready)),
        "reservation.rejected" | "reservation.timeout" | "reservation.canceled" | "reservation.rescinded" => (&[], Some(AgentState::Ready)),
        "task.canceled" => (&[Abandoned], None),
        "worker.activity.update" => return Some(activity(at, payload, found)),
        other => {
            if !OTHER.iter().any(|family| other.starts_with(family)) {
                found.unknown_type();
            }
            return None;
        }
    };
    let call = payload.needed_id(found, "task_sid", CallId::new);
    let queue = payload.id(found, "task_queue_sid", QueueId::new);
    let worker = if kind.starts_with("reservation.") { payload.needed_id(found, "worker_sid", AgentId::new) } else { None };
    let Some(call) = call else { return Some(Vec::new()) };
    let queue = queue.filter(|_| !steps.contains(&Ended));
    let step = Step { source: NAME, name: "task", call: &call, queue: queue.as_ref(), agent: worker.as_ref() };
    let mut events: Vec<Event> = steps.iter().map(|kind| step.event(*kind, at)).collect();
    events.extend(worker.as_ref().zip(state).map(|(worker, state)| Event::Agent(agent_event(NAME, worker, state, at))));
    Some(events)
}

fn activity(at: EpochMs, payload: &mut Fields<'_>, found: &mut Findings) -> Vec<Event> {
    let worker = payload.needed_id(found, "worker_sid", AgentId::new);
    let name = payload.needed(found, "worker_activity_name");
    let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(&name));
    let state = if is(&OFFLINE) {
        AgentState::LoggedOut
    } else if is(&READY) {
        AgentState::Ready
    } else {
        AgentState::NotReady
    };
    let Some(worker) = worker else { return Vec::new() };
    let mut event = agent_event(NAME, &worker, state, at);
    if state == AgentState::NotReady {
        event.reason_code = name.into_owned();
    }
    vec![Event::Agent(event)]
}
