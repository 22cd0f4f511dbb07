//! Asterisk: lines of `queue_log`, and events of the manager as the Kafka module ships them.

use serde_json::{Map, Value, json};

use super::{CALLER_NAME, CALLER_NUMBER, Recorded, What, agent_name, moments, recorded, strange};
use crate::dialect::day::truth::{AGENTS, BEGIN_S, Day, Doing, QUEUES, Then};

/// The caller's channel, from its first queue to its end.
fn channel(call: usize) -> String {
    format!("1772438400.{call}")
}

fn queues(agent: usize) -> impl Iterator<Item = &'static str> {
    AGENTS[agent].1.iter().map(|queue| QUEUES[*queue])
}

pub(super) fn queue_log(day: &Day) -> Vec<Recorded> {
    let mut lines = vec![
        strange(format!("{BEGIN_S}|NONE|NONE|NONE|SOMETHINGNEW|{CALLER_NUMBER}")),
        recorded(0, format!("{BEGIN_S}|NONE|NONE|NONE|QUEUESTART|")),
        recorded(0, format!("{BEGIN_S}|NONE|NONE|NONE|CONFIGRELOAD|")),
    ];
    for (at, what) in moments(day) {
        let mut line = |call: &str, queue: &str, agent: &str, rest: String| {
            lines.push(recorded(at, format!("{}|{call}|{queue}|{agent}|{rest}", BEGIN_S + at)));
        };
        match what {
            What::Joined(_, leg) => line(&channel(leg.call), QUEUES[leg.queue], "NONE", format!("ENTERQUEUE||{CALLER_NUMBER}|1")),
            What::Left(_, leg, overflow) => {
                let name = if overflow { "EXITWITHTIMEOUT" } else { "ABANDON" };
                line(&channel(leg.call), QUEUES[leg.queue], "NONE", format!("{name}|1|1|{}", at - leg.joined));
            }
            What::Rang(_, leg, talk) => line(&channel(leg.call), QUEUES[leg.queue], agent_name(talk.agent), "RINGNOANSWER|1000".to_owned()),
            What::Answered(_, leg, talk) => {
                let rest = format!("CONNECT|{}|1772438400.999|{}", at - leg.joined, at - talk.rang);
                line(&channel(leg.call), QUEUES[leg.queue], agent_name(talk.agent), rest);
            }
            What::Parted(_, leg, talk) => {
                let lengths = format!("{}|{}|1", talk.answered - leg.joined, at - talk.answered);
                let rest = match talk.then {
                    Then::ToOtherQueue => format!("BLINDTRANSFER|{CALLER_NUMBER}|queues|{lengths}"),
                    Then::ToBackOffice => format!("ATTENDEDTRANSFER|BRIDGE|abc|{lengths}"),
                    _ => format!("COMPLETECALLER|{lengths}"),
                };
                line(&channel(leg.call), QUEUES[leg.queue], agent_name(talk.agent), rest);
            }
            What::Agent(agent, before, doing) => {
                let rest = match (before, doing) {
                    (Doing::Gone, Doing::Ready) => "ADDMEMBER|",
                    (_, Doing::Gone) => "REMOVEMEMBER|",
                    (_, Doing::Away) => "PAUSE|Lunch",
                    (Doing::Away, _) => "UNPAUSE|",
                    _ => continue,
                };
                queues(agent).for_each(|queue| line("NONE", queue, agent_name(agent), rest.to_owned()));
                if doing == Doing::Away {
                    line("NONE", "NONE", agent_name(agent), "PAUSEALL|".to_owned());
                }
            }
            _ => {}
        }
    }
    lines
}

/// An event as the module ships it: mostly JSON, now and then the manager's own lines. The time stands in the event, or in a header, or
/// nowhere.
fn shipped(at: i64, name: &str, fields: &Value, number: usize) -> Recorded {
    let mut all = Map::new();
    all.insert("Event".to_owned(), json!(name));
    for (key, value) in [("EntityID", "00:11:22:33:44:55"), ("SystemName", "pbx-01"), ("Privilege", "agent,all")] {
        all.insert(key.to_owned(), json!(value));
    }
    let caller =
        [("CallerIDNum", CALLER_NUMBER), ("CallerIDName", CALLER_NAME), ("ConnectedLineNum", CALLER_NUMBER), ("Exten", CALLER_NUMBER)];
    all.extend(caller.map(|(key, value)| (key.to_owned(), json!(value))));
    all.extend(fields.as_object().cloned().unwrap_or_default());
    let seconds = format!("{}.000000", BEGIN_S + at);
    let mut headers = vec![("event_type".to_owned(), name.as_bytes().to_vec())];
    match number % 3 {
        0 => drop(all.insert("Timestamp".to_owned(), json!(seconds))),
        1 => headers.push(("timestamp".to_owned(), seconds.into_bytes())),
        _ => {}
    }
    let value = if number % 4 == 3 {
        all.remove("Event");
        let lines: Vec<String> = all.iter().map(|(key, value)| format!("{key}: {}", value.as_str().unwrap_or_default())).collect();
        lines.join("\r\n").into_bytes()
    } else {
        serde_json::to_vec(&all).expect("JSON")
    };
    Recorded { headers, ..recorded(at, value) }
}

pub(super) fn ami(day: &Day) -> Vec<Recorded> {
    let strange = Recorded { is_strange: true, ..shipped(0, "QueueSomethingNew", &json!({}), 0) };
    let mut events = vec![strange, shipped(0, "Newchannel", &json!({"Uniqueid": "1.1"}), 0)];
    for (at, what) in moments(day) {
        let mut ship = |name: &str, fields: Value| {
            let number = events.len();
            events.push(shipped(at, name, &fields, number));
        };
        match what {
            What::Joined(_, leg) => {
                let fields = json!({"Uniqueid": channel(leg.call), "Queue": QUEUES[leg.queue], "Position": "1", "Count": "1"});
                ship("QueueCallerJoin", fields);
            }
            What::Left(_, leg, overflow) => {
                let fields = json!({"Uniqueid": channel(leg.call), "Queue": QUEUES[leg.queue], "HoldTime": (at - leg.joined).to_string()});
                ship("QueueCallerLeave", fields.clone());
                if !overflow {
                    ship("QueueCallerAbandon", fields);
                }
            }
            What::Rang(_, leg, talk) | What::Answered(_, leg, talk) | What::Parted(_, leg, talk) => {
                let mut fields = json!({
                    "Uniqueid": channel(leg.call), "Queue": QUEUES[leg.queue], "MemberName": agent_name(talk.agent), "Interface": "PJSIP/x",
                    "DestUniqueid": "1772438400.77", "DestCallerIDNum": CALLER_NUMBER
                });
                match what {
                    What::Rang(..) => ship("AgentCalled", fields),
                    What::Answered(..) => {
                        fields["HoldTime"] = json!((at - leg.joined).to_string());
                        fields["RingTime"] = json!((at - talk.rang).to_string());
                        ship("AgentConnect", fields);
                        ship("QueueCallerLeave", json!({"Uniqueid": channel(leg.call), "Queue": QUEUES[leg.queue]}));
                    }
                    _ => {
                        fields["HoldTime"] = json!((talk.answered - leg.joined).to_string());
                        fields["TalkTime"] = json!((at - talk.answered).to_string());
                        fields["Reason"] = json!(if talk.then == Then::End { "caller" } else { "transfer" });
                        ship("AgentComplete", fields);
                    }
                }
            }
            What::Agent(agent, before, doing) => {
                let (name, status, paused) = match (before, doing) {
                    (Doing::Gone, _) => ("QueueMemberAdded", "1", "0"),
                    (_, Doing::Gone) => ("QueueMemberRemoved", "1", "0"),
                    (_, Doing::Away) => ("QueueMemberPause", "1", "1"),
                    (Doing::Away, _) => ("QueueMemberPause", "1", "0"),
                    (_, Doing::Ringing(_)) => ("QueueMemberStatus", "6", "0"),
                    (_, Doing::Talking(_)) => ("QueueMemberStatus", "2", "0"),
                    (_, Doing::Holding(_)) => ("QueueMemberStatus", "8", "0"),
                    (_, Doing::WrappingUp(_) | Doing::Ready) => ("QueueMemberStatus", "1", "0"),
                };
                for queue in queues(agent) {
                    let fields = json!({
                        "Queue": queue, "MemberName": agent_name(agent), "Interface": "PJSIP/x", "Status": status, "Paused": paused,
                        "PausedReason": if paused == "1" { "Lunch" } else { "" }, "CallsTaken": "3", "Wrapuptime": "0"
                    });
                    ship(name, fields);
                }
            }
            _ => {}
        }
    }
    events
}
