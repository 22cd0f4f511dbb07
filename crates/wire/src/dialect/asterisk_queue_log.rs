//! Lines of Asterisk's `queue_log`: `time|callid|queue|agent|event|data1|data2|...`, in whole seconds.
//!
//! A call keeps its id through all its queues. A caller who leaves a queue by time-out, by key or because nobody is there has abandoned
//! it, wherever the dialplan sends him next. Membership is per queue in Asterisk: a member is told as `agent/queue`, with this queue
//! alone. Pauses are told per queue as well, so the `ALL` lines add nothing. Not known: hold, wrap-up, and which ready time is idle: a
//! line tells the end of a call, but not whether the agent was paused meanwhile, so calls are no part of an agent's states.

use std::borrow::Cow;

use fika_model::event::{AgentState, CallEventKind, EpochMs, Event};
use fika_model::fault::{FaultCode, Faults};
use fika_model::{AgentId, CallId, QueueId};

use super::fields::{Findings, instant_ms, length_ms};
use super::telling::{Step, agent_event};
use super::{Context, Dialect, Form, Input};

pub(super) const NAME: &str = "asterisk-queue-log";

/// Events that say nothing about calls waiting or people at work.
const NOT_NEEDED: [&str; 17] = [
    "ADDMEMBERPENALTY",
    "AGENTDUMP",
    "ATTEMPT",
    "CALLSTATUS",
    "CONFIGRELOAD",
    "DID",
    "INFO",
    "PAUSEALL",
    "PAUSEREASON",
    "PENALTY",
    "QUEUESTART",
    "REMOVEMEMBERPENALTY",
    "RINGCANCELED",
    "RINGNOANSWER",
    "RT",
    "SYSCOMPAT",
    "UNPAUSEALL",
];

/// Reads `queue_log`.
#[derive(Debug, Clone, Copy)]
pub(super) struct AsteriskQueueLog;

impl Dialect for AsteriskQueueLog {
    fn name(&self) -> &'static str {
        NAME
    }

    fn form(&self) -> Form {
        Form::Lines
    }

    fn read_in(&mut self, input: Input<'_>, context: &mut Context) -> Result<Vec<Event>, Faults> {
        let text = std::str::from_utf8(input.value).map_err(|error| Faults::one(FaultCode::Malformed, "", error))?;
        let mut columns = text.splitn(6, '|');
        let (Some(time), Some(call), Some(queue), Some(agent), Some(event)) =
            (columns.next(), columns.next(), columns.next(), columns.next(), columns.next())
        else {
            return Err(Faults::one(FaultCode::Malformed, "", "fewer than five columns between bars"));
        };
        let data: Vec<&str> = columns.next().map(|rest| rest.split('|').collect()).unwrap_or_default();
        let mut found = Findings::default();
        let line = Line { time, call, queue, agent, data };
        let events = line.events(event.trim_end(), &mut found);
        found.end(events, &mut context.unknown)
    }
}

struct Line<'a> {
    time: &'a str,
    call: &'a str,
    queue: &'a str,
    agent: &'a str,
    data: Vec<&'a str>,
}

impl Line<'_> {
    fn events(&self, event: &str, found: &mut Findings) -> Vec<Event> {
        match event {
            "ENTERQUEUE" => self.call("enter", CallEventKind::Queued, None, None, found),
            "CONNECT" => self.call("connect", CallEventKind::Connected, Some(0), None, found),
            "COMPLETEAGENT" | "COMPLETECALLER" => self.call("complete", CallEventKind::Ended, Some(0), Some(1), found),
            "BLINDTRANSFER" | "ATTENDEDTRANSFER" | "TRANSFER" => self.call("transfer", CallEventKind::Transferred, Some(2), Some(3), found),
            "ABANDON" | "EXITWITHTIMEOUT" | "EXITEMPTY" => self.call("leave", CallEventKind::Abandoned, Some(2), None, found),
            "EXITWITHKEY" => self.call("leave", CallEventKind::Abandoned, Some(3), None, found),
            "ADDMEMBER" | "UNPAUSE" | "AGENTLOGIN" | "AGENTCALLBACKLOGIN" => self.state(AgentState::Ready, found),
            "REMOVEMEMBER" | "AGENTLOGOFF" | "AGENTCALLBACKLOGOFF" => self.state(AgentState::LoggedOut, found),
            "PAUSE" => self.state(AgentState::NotReady, found),
            _ => {
                if !NOT_NEEDED.contains(&event) {
                    found.unknown_type();
                }
                Vec::new()
            }
        }
    }

    fn at(&self, found: &mut Findings) -> EpochMs {
        instant_ms(self.time).unwrap_or_else(|| {
            found.fault(FaultCode::BadTime, "time", "it is no number of seconds between 1980 and 2200");
            0
        })
    }

    /// A step of a call; `wait` and `talk` are the places of their seconds among the data.
    fn call(&self, name: &'static str, kind: CallEventKind, wait: Option<usize>, talk: Option<usize>, found: &mut Findings) -> Vec<Event> {
        let at = self.at(found);
        let call = id(found, "callid", CallId::new(self.call));
        let queue = id(found, "queue", QueueId::new(self.queue));
        let agent = if self.agent == "NONE" { None } else { id(found, "agent", AgentId::new(self.agent)) };
        let wait_ms = wait.and_then(|place| self.seconds(place, found));
        let talk_ms = talk.and_then(|place| self.seconds(place, found));
        let Some(call) = call else { return Vec::new() };
        let step = Step { source: NAME, name, call: &call, queue: queue.as_ref(), agent: agent.as_ref() };
        let mut event = step.at(kind, at);
        (event.wait_ms, event.talk_ms) = (wait_ms, talk_ms);
        vec![Event::Call(event)]
    }

    fn seconds(&self, place: usize, found: &mut Findings) -> Option<i64> {
        let at = || format!("data{}", place + 1);
        match self.data.get(place).map(|text| text.trim()) {
            None | Some("") => {
                found.fault(FaultCode::Missing, &at(), "it is missing or empty");
                None
            }
            Some(text) => length_ms(text, 1000).map_err(|(code, cause)| found.fault(code, &at(), cause)).ok(),
        }
    }

    fn state(&self, state: AgentState, found: &mut Findings) -> Vec<Event> {
        let at = self.at(found);
        let queue = if self.queue == "NONE" { None } else { id(found, "queue", QueueId::new(self.queue)) };
        let Some(agent) = id(found, "agent", member(self.agent, queue.as_ref())) else { return Vec::new() };
        let mut event = agent_event(NAME, &agent, state, at);
        if state == AgentState::NotReady {
            event.reason_code = self.data.first().map(|reason| (*reason).to_owned()).unwrap_or_default();
        }
        event.queues = queue.into_iter().collect();
        vec![Event::Agent(event)]
    }
}

/// A member of a queue, as an agent with a day of its own.
pub(super) fn member(agent: &str, queue: Option<&QueueId>) -> Result<AgentId, fika_model::IdError> {
    let name = queue.filter(|_| !agent.is_empty()).map_or(Cow::Borrowed(agent), |queue| Cow::Owned(format!("{agent}/{queue}")));
    AgentId::new(name)
}

fn id<T>(found: &mut Findings, at: &str, id: Result<T, fika_model::IdError>) -> Option<T> {
    id.map_err(|error| found.fault(FaultCode::BadId, at, &error.to_string())).ok()
}
