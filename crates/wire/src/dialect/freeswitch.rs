//! Events of `FreeSWITCH`'s `mod_callcenter` (`callcenter::info`), as lines of the event socket or as JSON.
//!
//! A call is a stay in one queue (`CC-Member-UUID`); the next queue has the next id, so a caller who runs out of time in one queue and
//! goes on to another has abandoned the first. Times are the module's own, in seconds; those of agents are the event's. Not known: hold,
//! wrap-up, and which queues an agent serves (tiers are configuration), so no staffed time is counted.

use fika_model::event::{AgentState, CallEventKind, EpochMs, Event};
use fika_model::fault::{FaultCode, Faults};
use fika_model::{AgentId, CallId, QueueId};

use super::fields::{Fields, Findings};
use super::telling::{Step, agent_event, between};
use super::{Context, Dialect, Form, Input};

pub(super) const NAME: &str = "freeswitch";

/// Headers that counters do not need: of the event, of the channel, and all that names a caller.
const NOT_NEEDED: &[&str] = &[
    "Answer-State",
    "CC-Agent*",
    "CC-Bridge-Terminated-Time",
    "CC-Cancel-Reason",
    "CC-Cause",
    "CC-Count",
    "CC-Hangup-Cause",
    "CC-Member-*",
    "CC-Queue",
    "Call-Direction",
    "Caller-*",
    "Channel-*",
    "Content-*",
    "Core-UUID",
    "Event-*",
    "FreeSWITCH-*",
    "Hunt-*",
    "Other-*",
    "Presence-*",
    "Unique-ID",
    "_body",
    "variable_*",
];

/// Actions that say nothing about calls waiting or people at work.
const OTHER_ACTIONS: [&str; 19] = [
    "agent-add",
    "agent-busy-delay-get",
    "agent-contact-change",
    "agent-contact-get",
    "agent-del",
    "agent-max-no-answer",
    "agent-max-no-answer-get",
    "agent-no-answer-delay-get",
    "agent-reject-delay-get",
    "agent-state-get",
    "agent-status-get",
    "agent-type-change",
    "agent-type-get",
    "agent-uuid-get",
    "agent-wrap-up-time-get",
    "bridge-agent-fail",
    "member-queue-resume",
    "members-count",
    "tier-add",
];

/// Reads `mod_callcenter`.
#[derive(Debug, Clone, Copy)]
pub(super) struct FreeSwitch;

impl Dialect for FreeSwitch {
    fn name(&self) -> &'static str {
        NAME
    }

    fn form(&self) -> Form {
        Form::Blocks
    }

    fn read_in(&mut self, input: Input<'_>, context: &mut Context) -> Result<Vec<Event>, Faults> {
        let mut fields = Fields::block_or_json(input.value)?;
        let mut found = Findings::default();
        let Some(action) = fields.text(&mut found, "CC-Action") else {
            // The event socket sends more than one family of events; those of others are not for this reader.
            if !fields.has("Event-Name") {
                found.fault(FaultCode::Missing, "CC-Action", "it is missing, and so is Event-Name");
            }
            return found.end(Vec::new(), &mut context.unknown);
        };
        let mut record = Record { fields, received_ms: context.received_ms };
        let events = match action.as_ref() {
            "member-queue-start" => record.queued(&mut found),
            "agent-offering" => record.offered(&mut found),
            "bridge-agent-start" => record.connected(&mut found),
            "bridge-agent-end" => record.ended(&mut found, "CC-Bridge-Terminated-Time", true),
            "member-queue-end" => record.left(&mut found),
            "agent-status-change" => record.state(&mut found, "CC-Agent-Status"),
            "agent-state-change" => record.state(&mut found, "CC-Agent-State"),
            other => {
                if !OTHER_ACTIONS.contains(&other) {
                    found.unknown_type();
                }
                return found.end(Vec::new(), &mut context.unknown);
            }
        };
        record.fields.done(&mut found, NOT_NEEDED);
        found.end(events, &mut context.unknown)
    }
}

struct Record<'a> {
    fields: Fields<'a>,
    received_ms: Option<EpochMs>,
}

impl Record<'_> {
    /// The time by this header of the module, else the event's own.
    fn at(&mut self, found: &mut Findings, name: &str) -> EpochMs {
        let own = self.fields.time_not_0(found, name);
        let told = own.or_else(|| self.fields.time(found, "Event-Date-Timestamp"));
        told.or(self.received_ms).unwrap_or_else(|| {
            found.fault(FaultCode::Missing, name, "neither the event nor the bus tells when it happened");
            0
        })
    }

    fn call(
        &mut self,
        found: &mut Findings,
        name: &'static str,
        kind: CallEventKind,
        at: EpochMs,
        [wait_ms, talk_ms]: [Option<i64>; 2],
    ) -> Vec<Event> {
        let call = self.fields.needed_id(found, "CC-Member-UUID", CallId::new);
        let queue = self.fields.needed_id(found, "CC-Queue", QueueId::new);
        let agent = self.fields.id(found, "CC-Agent", AgentId::new);
        let Some(call) = call else { return Vec::new() };
        let step = Step { source: NAME, name, call: &call, queue: queue.as_ref(), agent: agent.as_ref() };
        let mut event = step.at(kind, at);
        (event.wait_ms, event.talk_ms) = (wait_ms, talk_ms);
        vec![Event::Call(event)]
    }

    fn queued(&mut self, found: &mut Findings) -> Vec<Event> {
        let at = self.at(found, "CC-Member-Joined-Time");
        self.call(found, "start", CallEventKind::Queued, at, [None; 2])
    }

    fn offered(&mut self, found: &mut Findings) -> Vec<Event> {
        let at = self.at(found, "CC-Agent-Called-Time");
        self.call(found, "offering", CallEventKind::Offered, at, [None; 2])
    }

    fn connected(&mut self, found: &mut Findings) -> Vec<Event> {
        let at = self.at(found, "CC-Agent-Answered-Time");
        let joined = self.fields.time_not_0(found, "CC-Member-Joined-Time");
        self.call(found, "bridge", CallEventKind::Connected, at, [between(joined, Some(at)), None])
    }

    /// The talk is told where this event is the bridge's own end; the queue's comes a moment later.
    fn ended(&mut self, found: &mut Findings, time: &str, told: bool) -> Vec<Event> {
        let at = self.at(found, time);
        let answered = self.fields.time_not_0(found, "CC-Agent-Answered-Time");
        let joined = self.fields.time_not_0(found, "CC-Member-Joined-Time");
        let talk = if told { between(answered, Some(at)) } else { None };
        self.call(found, time_name(told), CallEventKind::Ended, at, [between(joined, answered), talk])
    }

    fn left(&mut self, found: &mut Findings) -> Vec<Event> {
        match self.fields.needed(found, "CC-Cause").as_ref() {
            "Terminated" => self.ended(found, "CC-Member-Leaving-Time", false),
            "Cancel" => {
                let at = self.at(found, "CC-Member-Leaving-Time");
                let joined = self.fields.time_not_0(found, "CC-Member-Joined-Time");
                self.call(found, "cancel", CallEventKind::Abandoned, at, [between(joined, Some(at)), None])
            }
            _ => {
                found.unknown_type();
                Vec::new()
            }
        }
    }

    fn state(&mut self, found: &mut Findings, name: &str) -> Vec<Event> {
        let at = self.at(found, "Event-Date-Timestamp");
        let agent = self.fields.needed_id(found, "CC-Agent", AgentId::new);
        let word = self.fields.needed(found, name);
        let state = match word.as_ref() {
            "Logged Out" => AgentState::LoggedOut,
            "Available" | "Available (On Demand)" | "Waiting" => AgentState::Ready,
            "On Break" | "Idle" => AgentState::NotReady,
            "Receiving" | "Reserved" => AgentState::Reserved,
            "In a queue call" => AgentState::Talking,
            _ => {
                found.unknown_type();
                return Vec::new();
            }
        };
        agent.map(|agent| Event::Agent(agent_event(NAME, &agent, state, at))).into_iter().collect()
    }
}

const fn time_name(bridge: bool) -> &'static str {
    if bridge { "bridge-end" } else { "end" }
}
