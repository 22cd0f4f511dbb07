//! The product's own events, in three forms.

use fika_model::event::{AgentEvent, AgentState, CallEvent, CallEventKind, Event, timestamp_of};
use fika_model::{AgentId, CallId, QueueId};
use prost::Message as _;

use super::{Recorded, What, agent_name, moments, ms, recorded, strange};
use crate::cloudevents::{self, Attributes, PROTOBUF};
use crate::dialect::day::truth::{AGENTS, BACK_OFFICE, Day, Doing, Leg, QUEUES, Then};
use crate::{convert, json, records};

fn call(leg: &Leg, agent: Option<usize>, kind: CallEventKind, at: i64) -> CallEvent {
    CallEvent {
        event_id: format!("{}-{kind:?}-{at}", leg.call),
        source: "/acd/test".to_owned(),
        call_id: CallId::new(format!("call-{}", leg.call)).expect("an id"),
        kind,
        occurred_at_ms: ms(at),
        queue: QueueId::new(QUEUES[leg.queue]).ok(),
        agent: agent.map(|agent| AgentId::new(agent_name(agent)).expect("an id")),
        wait_ms: None,
        talk_ms: None,
        hold_ms: None,
        wrapup_ms: None,
        answered: None,
    }
}

fn agent(agent: usize, doing: Doing, at: i64) -> Event {
    let state = match doing {
        Doing::Ready => AgentState::Ready,
        Doing::Ringing(_) => AgentState::Reserved,
        Doing::Talking(_) => AgentState::Talking,
        Doing::Holding(_) => AgentState::Hold,
        Doing::WrappingUp(_) => AgentState::Wrapup,
        Doing::Away => AgentState::NotReady,
        Doing::Gone => AgentState::LoggedOut,
    };
    Event::Agent(AgentEvent {
        event_id: format!("{agent}-{state:?}-{at}"),
        source: "/acd/test".to_owned(),
        agent: AgentId::new(agent_name(agent)).expect("an id"),
        state,
        occurred_at_ms: ms(at),
        reason_code: String::new(),
        queues: AGENTS[agent].1.iter().map(|queue| QueueId::new(QUEUES[*queue]).expect("an id")).collect(),
    })
}

fn events(day: &Day) -> Vec<Event> {
    use CallEventKind::{Abandoned, Connected, Ended, Held, Offered, Queued, Resumed, Transferred, WrapupEnded};
    let mut events = Vec::new();
    for (at, what) in moments(day) {
        match what {
            What::Joined(_, leg) => events.push(Event::Call(call(leg, None, Queued, at))),
            What::Left(_, leg, true) => events.push(Event::Call(call(leg, None, Transferred, at))),
            What::Left(_, leg, false) => events.push(Event::Call(call(leg, None, Abandoned, at))),
            What::Rang(_, leg, talk) => events.push(Event::Call(call(leg, Some(talk.agent), Offered, at))),
            What::Answered(_, leg, talk) => events.push(Event::Call(call(leg, Some(talk.agent), Connected, at))),
            What::Held(leg, talk) => events.push(Event::Call(call(leg, Some(talk.agent), Held, at))),
            What::Resumed(leg, talk) => events.push(Event::Call(call(leg, Some(talk.agent), Resumed, at))),
            What::Parted(_, leg, talk) if talk.then == Then::End => events.push(Event::Call(call(leg, Some(talk.agent), Ended, at))),
            What::Parted(_, leg, talk) => {
                events.push(Event::Call(call(leg, Some(talk.agent), Transferred, at)));
                if talk.then == Then::ToBackOffice {
                    let other = AgentId::new(BACK_OFFICE).ok();
                    events.push(Event::Call(CallEvent { queue: None, agent: other, ..call(leg, None, Ended, at + 60) }));
                }
            }
            What::Wrapped(_, leg, talk) => events.push(Event::Call(call(leg, Some(talk.agent), WrapupEnded, at))),
            What::Agent(number, _, doing) => events.push(agent(number, doing, at)),
        }
    }
    events
}

fn at_ms(event: &Event) -> i64 {
    match event {
        Event::Call(call) => call.occurred_at_ms,
        Event::Agent(agent) => agent.occurred_at_ms,
    }
}

pub(super) fn structured(day: &Day) -> Vec<Recorded> {
    let song = r#"{"specversion":"1.0","id":"song","source":"/acd/test","type":"call.sung","data":{"callerNumber":"+49305550123"}}"#;
    let write = |event: &Event| {
        let record = records::event(event);
        Recorded { at_ms: at_ms(event), headers: record.headers, ..recorded(0, record.value.unwrap_or_default()) }
    };
    std::iter::once(strange(song)).chain(events(day).iter().map(write)).collect()
}

fn binary(day: &Day, content_type: &str, write: impl Fn(&Event) -> Vec<u8>) -> Vec<Recorded> {
    let headers = |id: &str, kind: &str, at_ms: i64| {
        let attributes = Attributes { id, source: "/acd/test", event_type: kind, subject: "", time: timestamp_of(at_ms) };
        cloudevents::binary_headers(&attributes, content_type)
    };
    let song = Recorded { headers: headers("song", "call.sung", ms(0)), ..strange("") };
    let record = |event: &Event| {
        let (id, kind) = match event {
            Event::Call(call) => (&call.event_id, convert::call_type(call.kind)),
            Event::Agent(agent) => (&agent.event_id, convert::AGENT_TYPE),
        };
        Recorded { at_ms: at_ms(event), headers: headers(id, kind, at_ms(event)), ..recorded(0, write(event)) }
    };
    std::iter::once(song).chain(events(day).iter().map(record)).collect()
}

pub(super) fn binary_json(day: &Day) -> Vec<Recorded> {
    binary(day, "application/json", |event| match event {
        Event::Call(call) => json::write(&convert::call_event_message(call)),
        Event::Agent(agent) => json::write(&convert::agent_event_message(agent)),
    })
}

pub(super) fn binary_protobuf(day: &Day) -> Vec<Recorded> {
    binary(day, PROTOBUF, |event| match event {
        Event::Call(call) => convert::call_event_message(call).encode_to_vec(),
        Event::Agent(agent) => convert::agent_event_message(agent).encode_to_vec(),
    })
}
