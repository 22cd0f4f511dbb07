//! The day in the form of each ACD.

use super::super::{Dialect, open};
use super::truth::{AGENTS, BEGIN_S, Day, Doing, Knows, KnowsAgents, Leg, LegEnd, Talk, Then};

mod amazon;
mod asterisk;
mod csv;
mod fika;
mod freeswitch;
mod genesys;
mod twilio;
mod webex;

/// A caller's number and name, as they stand in records where an ACD puts them.
pub(super) const CALLER_NUMBER: &str = "+49305550123";
pub(super) const CALLER_NAME: &str = "Erika Mustermann";

/// A record as an ACD sends it.
#[derive(Debug, Clone)]
pub(super) struct Recorded {
    pub(super) at_ms: i64,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) value: Vec<u8>,
    /// Of a type that no reader knows.
    pub(super) is_strange: bool,
}

/// How one kind of ACD records a day.
pub(super) struct Recorder {
    pub(super) name: &'static str,
    pub(super) knows: Knows,
    pub(super) reader: fn() -> Box<dyn Dialect>,
    pub(super) record: fn(&Day) -> Vec<Recorded>,
    /// The first record names columns.
    pub(super) headed: bool,
    /// The form has types of events.
    pub(super) has_types: bool,
}

pub(super) fn all() -> Vec<Recorder> {
    let no_agents = Knows { agents: KnowsAgents::Nothing, ..Knows::ALL };
    let recorder = |name, knows, reader, record| Recorder { name, knows, reader, record, headed: false, has_types: true };
    let asterisk = Knows { hold: false, wrapup: false, ..Knows::ALL };
    vec![
        recorder("fika structured", Knows::ALL, || named("fika"), fika::structured),
        recorder("fika binary JSON", Knows::ALL, || named("fika"), fika::binary_json),
        recorder("fika binary protobuf", Knows::ALL, || named("fika"), fika::binary_protobuf),
        recorder(
            "asterisk-queue-log",
            Knows { overflow: false, agents: KnowsAgents::Presence, ..asterisk },
            || named("asterisk-queue-log"),
            asterisk::queue_log,
        ),
        recorder("asterisk-ami", Knows { agents: KnowsAgents::Calls, ..asterisk }, || named("asterisk-ami"), asterisk::ami),
        recorder(
            "freeswitch",
            Knows { overflow: false, agents: KnowsAgents::Nothing, ..asterisk },
            || named("freeswitch"),
            freeswitch::record,
        ),
        recorder("amazon-connect", Knows { overflow: false, ..Knows::ALL }, || named("amazon-connect"), amazon::record),
        recorder("genesys-cloud", Knows { agents: KnowsAgents::CallsNotRinging, ..Knows::ALL }, || named("genesys-cloud"), genesys::record),
        recorder("twilio", Knows { hold: false, ..no_agents }, || named("twilio"), twilio::record),
        recorder("webex", no_agents, || named("webex"), webex::record),
        Recorder {
            headed: true,
            has_types: false,
            ..recorder("calls-csv", Knows { overflow: false, open_calls: false, ..no_agents }, csv::reader, csv::record)
        },
    ]
}

fn named(name: &str) -> Box<dyn Dialect> {
    open(name, None).expect("a dialect that needs no mapping")
}

/// What happens at one moment; a leg comes with its number.
#[derive(Debug, Clone, Copy)]
enum What<'a> {
    Joined(usize, &'a Leg),
    /// Unanswered; whether sent on to another queue.
    Left(usize, &'a Leg, bool),
    Rang(usize, &'a Leg, &'a Talk),
    Answered(usize, &'a Leg, &'a Talk),
    Held(&'a Leg, &'a Talk),
    Resumed(&'a Leg, &'a Talk),
    /// Where it is told.
    Parted(usize, &'a Leg, &'a Talk),
    /// Where it is told.
    Wrapped(usize, &'a Leg, &'a Talk),
    /// Agent, what it did before, what it does now.
    Agent(usize, Doing, Doing),
}

/// Everything that happens, with its second.
fn moments(day: &Day) -> Vec<(i64, What<'_>)> {
    let mut moments = Vec::new();
    for (number, leg) in day.legs.iter().enumerate() {
        moments.push((leg.joined, What::Joined(number, leg)));
        match &leg.end {
            LegEnd::Abandoned(at) => moments.push((*at, What::Left(number, leg, false))),
            LegEnd::Overflowed(at) => moments.push((*at, What::Left(number, leg, true))),
            LegEnd::Answered(talk) => {
                moments.push((talk.rang, What::Rang(number, leg, talk)));
                moments.push((talk.answered, What::Answered(number, leg, talk)));
                if let Some((from, to)) = talk.hold {
                    moments.push((from, What::Held(leg, talk)));
                    moments.push((to, What::Resumed(leg, talk)));
                }
                if talk.then != Then::Untold {
                    moments.push((talk.parted, What::Parted(number, leg, talk)));
                    moments.push((talk.wrapped, What::Wrapped(number, leg, talk)));
                }
            }
        }
    }
    for (agent, doings) in day.agents.iter().enumerate() {
        let mut before = Doing::Gone;
        for (at, doing) in doings {
            moments.push((*at, What::Agent(agent, before, *doing)));
            before = *doing;
        }
    }
    moments
}

/// The leg that an agent is busy with at this second, with its number.
fn leg_of(day: &Day, agent: usize, at: i64) -> Option<(usize, &Leg, &Talk)> {
    day.legs.iter().enumerate().find_map(|(number, leg)| match &leg.end {
        LegEnd::Answered(talk) if talk.agent == agent && talk.rang <= at && at < talk.wrapped => Some((number, leg, talk)),
        _ => None,
    })
}

fn ms(at: i64) -> i64 {
    (BEGIN_S + at) * 1000
}

fn iso(at: i64) -> String {
    fika_model::event::timestamp_of(ms(at)).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

fn agent_name(agent: usize) -> &'static str {
    AGENTS[agent].0
}

fn recorded(at: i64, value: impl Into<Vec<u8>>) -> Recorded {
    Recorded { at_ms: ms(at), headers: Vec::new(), value: value.into(), is_strange: false }
}

/// A record that no reader knows, at the beginning of the day.
fn strange(value: impl Into<Vec<u8>>) -> Recorded {
    Recorded { is_strange: true, ..recorded(0, value) }
}
