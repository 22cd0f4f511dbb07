//! Queue events of Asterisk's manager (AMI), as `app_ami_kafka` ships them: JSON, or the manager's own lines with the event's name in a
//! header.
//!
//! A call is its caller's channel (`Uniqueid`). The time is `Timestamp` where the manager is told to write it, else the module's header
//! `timestamp`, else the time at which the bus took the record. `QueueCallerLeave` comes for answered callers too and tells nothing; so
//! one who leaves by time-out is an abandoned caller nowhere, and a lost end where no other queue follows. A member is told as
//! `agent/queue`. The device tells ringing, talking and holding; wrap-up is idle time to Asterisk.

use std::borrow::Cow;

use fika_model::event::{AgentState, CallEventKind, EpochMs, Event};
use fika_model::fault::{FaultCode, Faults};
use fika_model::{AgentId, CallId, QueueId};

use super::asterisk_queue_log::member;
use super::fields::{Fields, Findings, instant_ms};
use super::telling::{Step, agent_event};
use super::{Context, Dialect, Form, Input};
use crate::cloudevents::Headers;

pub(super) const NAME: &str = "asterisk-ami";

/// Fields of queue events that counters do not need; among them all that names a caller.
const NOT_NEEDED: &[&str] = &[
    "AccountCode",
    "CallerID*",
    "CallsTaken",
    "Channel*",
    "ConnectedLine*",
    "Context",
    "Count",
    "Dest*",
    "EntityID",
    "Exten",
    "InCall",
    "Interface",
    "Language",
    "LastCall",
    "LastPause",
    "Linkedid",
    "Location",
    "LoginTime",
    "Membership",
    "Name",
    "OriginalPosition",
    "Penalty",
    "Position",
    "Priority",
    "Privilege",
    "RingTime",
    "Ringinuse",
    "SequenceNumber",
    "StateInterface",
    "SystemName",
    "Variable",
    "Wrapuptime",
    "chanvariable*",
    "file",
    "func",
    "line",
];

/// Reads AMI events. The module ships every event of the manager, so events of other families are ignored without being counted; a queue
/// event that is not known is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct AsteriskAmi;

impl Dialect for AsteriskAmi {
    fn name(&self) -> &'static str {
        NAME
    }

    fn form(&self) -> Form {
        Form::Blocks
    }

    fn read_in(&mut self, input: Input<'_>, context: &mut Context) -> Result<Vec<Event>, Faults> {
        let mut fields = Fields::block_or_json(input.value)?;
        let mut found = Findings::default();
        let name = match fields.text(&mut found, "Event") {
            Some(name) => name,
            None => header(input.headers, "event_type").map(Cow::Borrowed).unwrap_or_default(),
        };
        let mut record = Record { fields, headers: input.headers, received_ms: context.received_ms };
        let events = match name.as_ref() {
            "QueueCallerJoin" => record.call(&mut found, "join", CallEventKind::Queued, false),
            "AgentCalled" => record.call(&mut found, "called", CallEventKind::Offered, false),
            "AgentConnect" => record.call(&mut found, "connect", CallEventKind::Connected, true),
            "AgentComplete" => {
                let transfer = record.fields.text(&mut found, "Reason").as_deref() == Some("transfer");
                record.call(&mut found, "complete", if transfer { CallEventKind::Transferred } else { CallEventKind::Ended }, true)
            }
            "QueueCallerAbandon" => record.call(&mut found, "abandon", CallEventKind::Abandoned, true),
            "QueueMemberStatus" | "QueueMemberPause" | "QueueMemberAdded" => record.state(&mut found, false),
            "QueueMemberRemoved" => record.state(&mut found, true),
            "" => {
                found.fault(FaultCode::Missing, "Event", "neither the record nor its headers name the event");
                return found.end(Vec::new(), &mut context.unknown);
            }
            other => {
                let of_queues = other.starts_with("Queue") || other.starts_with("Agent");
                if of_queues && !OTHER_QUEUE_EVENTS.contains(&other) {
                    found.unknown_type();
                }
                return found.end(Vec::new(), &mut context.unknown);
            }
        };
        record.fields.done(&mut found, NOT_NEEDED);
        found.end(events, &mut context.unknown)
    }
}

const OTHER_QUEUE_EVENTS: [&str; 16] = [
    "AgentDump",
    "AgentLogin",
    "AgentLogoff",
    "AgentRingNoAnswer",
    "Agents",
    "AgentsComplete",
    "QueueCallerLeave",
    "QueueEntry",
    "QueueMember",
    "QueueMemberPenalty",
    "QueueMemberRinginuse",
    "QueueMemberRingInUse",
    "QueueParams",
    "QueueStatusComplete",
    "QueueSummary",
    "QueueSummaryComplete",
];

fn header<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    let (_, value) = headers.iter().find(|(known, _)| known == name)?;
    std::str::from_utf8(value).ok()
}

struct Record<'a> {
    fields: Fields<'a>,
    headers: &'a Headers,
    received_ms: Option<EpochMs>,
}

impl Record<'_> {
    fn at(&mut self, found: &mut Findings) -> EpochMs {
        let own = if self.fields.has("Timestamp") { self.fields.time(found, "Timestamp") } else { None };
        let told = own.or_else(|| header(self.headers, "timestamp").and_then(instant_ms));
        told.or(self.received_ms).unwrap_or_else(|| {
            if !self.fields.has("Timestamp") {
                found.fault(FaultCode::Missing, "Timestamp", "neither the record, its headers nor the bus tells when it happened");
            }
            0
        })
    }

    fn call(&mut self, found: &mut Findings, name: &'static str, kind: CallEventKind, timed: bool) -> Vec<Event> {
        let at = self.at(found);
        let fields = &mut self.fields;
        let call = fields.needed_id(found, "Uniqueid", CallId::new);
        let queue = fields.needed_id(found, "Queue", QueueId::new);
        let agent = fields.id(found, "MemberName", AgentId::new);
        let wait_ms = if timed { fields.length_ms(found, "HoldTime", 1000) } else { None };
        let talk_ms = if timed { fields.length_ms(found, "TalkTime", 1000) } else { None };
        let Some(call) = call else { return Vec::new() };
        let step = Step { source: NAME, name, call: &call, queue: queue.as_ref(), agent: agent.as_ref() };
        let mut event = step.at(kind, at);
        (event.wait_ms, event.talk_ms) = (wait_ms, talk_ms);
        vec![Event::Call(event)]
    }

    fn state(&mut self, found: &mut Findings, removed: bool) -> Vec<Event> {
        let at = self.at(found);
        let fields = &mut self.fields;
        let queue = fields.needed_id(found, "Queue", QueueId::new);
        let name = fields.needed(found, "MemberName");
        let status = fields.text(found, "Status").unwrap_or_default();
        let paused = fields.text(found, "Paused").is_some_and(|paused| paused == "1");
        let reason = fields.text(found, "PausedReason").unwrap_or_default();
        // The manager says "Reason" in older releases.
        let reason = if reason.is_empty() { fields.text(found, "Reason").unwrap_or_default() } else { reason };
        // A paused agent who still talks is talking; one whose device is gone takes no calls.
        let state = match status.as_ref() {
            _ if removed => AgentState::LoggedOut,
            "2" | "3" | "7" => AgentState::Talking,
            "8" => AgentState::Hold,
            _ if paused => AgentState::NotReady,
            "6" => AgentState::Reserved,
            "4" | "5" => AgentState::NotReady,
            _ => AgentState::Ready,
        };
        let Some(queue) = queue else { return Vec::new() };
        let Ok(agent) = member(&name, Some(&queue)) else {
            found.fault(FaultCode::BadId, "MemberName", "an agent's id is 1 to 200 bytes, with the queue's, without control characters");
            return Vec::new();
        };
        let mut event = agent_event(NAME, &agent, state, at);
        if state == AgentState::NotReady {
            event.reason_code = reason.into_owned();
        }
        event.queues = vec![queue];
        vec![Event::Agent(event)]
    }
}
