//! `FreeSWITCH`: `callcenter::info` as lines of the event socket and as JSON, turn by turn.

use serde_json::{Map, json};

use super::{CALLER_NAME, CALLER_NUMBER, Recorded, What, agent_name, moments, recorded};
use crate::dialect::day::truth::{BEGIN_S, Day, Doing, QUEUES, Talk};

fn fired(at: i64, action: &str, headers: &[(&str, String)], number: usize) -> Recorded {
    let fixed = [
        ("Event-Name", "CUSTOM".to_owned()),
        ("Event-Subclass", "callcenter::info".to_owned()),
        ("Event-Date-Timestamp", format!("{}000000", BEGIN_S + at)),
        ("Caller-Caller-ID-Number", CALLER_NUMBER.to_owned()),
        ("variable_sip_from_display", CALLER_NAME.to_owned()),
        ("CC-Action", action.to_owned()),
    ];
    let all = fixed.iter().chain(headers);
    let value = if number.is_multiple_of(2) {
        all.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n").into_bytes()
    } else {
        let all: Map<_, _> = all.map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        serde_json::to_vec(&all).expect("JSON")
    };
    recorded(at, value)
}

pub(super) fn record(day: &Day) -> Vec<Recorded> {
    let mut events = vec![Recorded { is_strange: true, ..fired(0, "agent-new-thing", &[], 0) }, fired(0, "members-count", &[], 1)];
    for (at, what) in moments(day) {
        let time = |at: i64| (BEGIN_S + at).to_string();
        let member = |number: usize, queue: usize, joined: i64| {
            vec![
                ("CC-Queue", QUEUES[queue].to_owned()),
                ("CC-Member-UUID", format!("member-{number}")),
                ("CC-Member-Session-UUID", format!("session-{number}")),
                ("CC-Member-CID-Name", CALLER_NAME.to_owned()),
                ("CC-Member-CID-Number", CALLER_NUMBER.to_owned()),
                ("CC-Member-Joined-Time", time(joined)),
            ]
        };
        let agent = |talk: &Talk| {
            vec![
                ("CC-Agent", agent_name(talk.agent).to_owned()),
                ("CC-Agent-Called-Time", time(talk.rang)),
                ("CC-Agent-Answered-Time", time(talk.answered)),
            ]
        };
        let mut fire = |action: &str, parts: &[Vec<(&'static str, String)>]| {
            let number = events.len();
            events.push(fired(at, action, &parts.concat(), number));
        };
        match what {
            What::Joined(number, leg) => fire("member-queue-start", &[member(number, leg.queue, leg.joined)]),
            What::Left(number, leg, overflow) => {
                let reason = if overflow { "TIMEOUT" } else { "BREAK_OUT" };
                let end =
                    vec![("CC-Cause", "Cancel".to_owned()), ("CC-Cancel-Reason", reason.to_owned()), ("CC-Member-Leaving-Time", time(at))];
                fire("member-queue-end", &[member(number, leg.queue, leg.joined), end]);
            }
            What::Rang(number, leg, talk) => {
                let called = vec![("CC-Agent", agent_name(talk.agent).to_owned()), ("CC-Agent-Called-Time", time(at))];
                fire("agent-offering", &[member(number, leg.queue, leg.joined), called]);
            }
            What::Answered(number, leg, talk) => fire("bridge-agent-start", &[member(number, leg.queue, leg.joined), agent(talk)]),
            What::Parted(number, leg, talk) => {
                let end = vec![("CC-Bridge-Terminated-Time", time(at)), ("CC-Hangup-Cause", "NORMAL_CLEARING".to_owned())];
                fire("bridge-agent-end", &[member(number, leg.queue, leg.joined), agent(talk), end]);
                let end = vec![("CC-Cause", "Terminated".to_owned()), ("CC-Member-Leaving-Time", time(at + 1))];
                fire("member-queue-end", &[member(number, leg.queue, leg.joined), agent(talk), end]);
            }
            What::Agent(number, before, doing) => {
                let name = ("CC-Agent", agent_name(number).to_owned());
                let status = |word: &str| ("agent-status-change", ("CC-Agent-Status", word.to_owned()));
                let state = |word: &str| ("agent-state-change", ("CC-Agent-State", word.to_owned()));
                let (action, word) = match (before, doing) {
                    (_, Doing::Gone) => status("Logged Out"),
                    (_, Doing::Away) => status("On Break"),
                    (Doing::Gone | Doing::Away, _) => status("Available"),
                    (_, Doing::Ringing(_)) => state("Receiving"),
                    (_, Doing::Talking(_)) => state("In a queue call"),
                    (_, Doing::WrappingUp(_)) => state("Waiting"),
                    _ => continue,
                };
                fire(action, &[vec![name, word]]);
            }
            _ => {}
        }
    }
    events
}
