//! Webex Contact Center: webhooks, with both spellings of `specversion`.

use serde_json::{Value, json};

use super::{CALLER_NUMBER, Recorded, What, agent_name, iso, leg_of, moments, ms, recorded, strange};
use crate::dialect::day::truth::{Day, Doing, Leg, QUEUES, Then};

fn sent(at: i64, kind: &str, more: &Value) -> Recorded {
    let mut data =
        json!({"createdTime": ms(at), "teamId": "team", "channelType": "telephony", "origin": CALLER_NUMBER, "destination": "+4930555"});
    for (name, value) in more.as_object().into_iter().flatten() {
        data[name] = value.clone();
    }
    let mut event =
        json!({"id": format!("{kind}-{at}"), "type": kind, "source": "wxcc", "time": iso(at), "person": CALLER_NUMBER, "data": data});
    event[if at % 2 == 0 { "specversion" } else { "specVersion" }] = json!("1.0");
    recorded(at, event.to_string())
}

fn task(leg: &Leg) -> Value {
    json!({"taskId": format!("task-{}", leg.call), "queueId": QUEUES[leg.queue], "direction": "INBOUND"})
}

/// What an agent's change of state says; of the task only where its end is told.
fn state(day: &Day, at: i64, agent: usize, word: &str) -> Value {
    let mut more = json!({"agentId": agent_name(agent), "currentState": word});
    // The states that end a call come when it is over, so they are looked for a second earlier.
    let ends = matches!(word, "wrapup" | "wrapup-done");
    if let Some((_, leg, talk)) = leg_of(day, agent, if ends { at - 1 } else { at })
        && !(ends && talk.then == Then::Untold)
    {
        more["taskId"] = json!(format!("task-{}", leg.call));
        more["queueId"] = json!(QUEUES[leg.queue]);
    }
    more
}

pub(super) fn record(day: &Day) -> Vec<Recorded> {
    let mut events = vec![strange(sent(0, "task:teleported", &json!({"taskId": "task-0"})).value)];
    for (at, what) in moments(day) {
        match what {
            What::Joined(number, leg) => {
                if number == 0 {
                    events.push(sent(at, "task:new", &task(leg)));
                }
                events.push(sent(at, "task:parked", &task(leg)));
            }
            What::Left(_, leg, false) => events.push(sent(at, "task:ended", &task(leg))),
            What::Rang(_, leg, _) => events.push(sent(at, "task:connect", &task(leg))),
            What::Answered(_, leg, talk) => {
                let mut more = task(leg);
                more["agentId"] = json!(agent_name(talk.agent));
                events.push(sent(at, "task:connected", &more));
            }
            What::Parted(_, leg, talk) => match talk.then {
                Then::End => events.push(sent(at, "task:ended", &task(leg))),
                Then::ToBackOffice => {
                    // The colleague is asked, then all three talk, then the agent leaves.
                    for (before, word) in [(2, "consulting"), (1, "conferencing")] {
                        events.push(sent(at - before, "agent:state_change", &state(day, at - before, talk.agent, word)));
                    }
                    events.push(sent(at + 60, "task:ended", &task(leg)));
                }
                _ => {}
            },
            What::Agent(agent, before, doing) => {
                let words: &[&str] = match (before, doing) {
                    (Doing::Gone, _) => {
                        events.push(sent(at - 1, "agent:login", &json!({"agentId": agent_name(agent)})));
                        &["available"]
                    }
                    (_, Doing::Gone) => {
                        events.push(sent(at, "agent:logout", &json!({"agentId": agent_name(agent)})));
                        &[]
                    }
                    (Doing::WrappingUp(_), Doing::Ready) => &["wrapup-done", "available"],
                    (Doing::WrappingUp(_), Doing::Away) => &["wrapup-done", "idle"],
                    (_, Doing::Away) => &["idle"],
                    (_, Doing::Ready) => &["available"],
                    (_, Doing::Ringing(_)) => &["ringing"],
                    (Doing::Holding(_), Doing::Talking(_)) => &["hold-done"],
                    (_, Doing::Talking(_)) => &["connected"],
                    (_, Doing::Holding(_)) => &["on-hold"],
                    (_, Doing::WrappingUp(_)) => &["wrapup"],
                };
                events.extend(words.iter().map(|word| sent(at, "agent:state_change", &state(day, at, agent, word))));
            }
            _ => {}
        }
    }
    events
}
