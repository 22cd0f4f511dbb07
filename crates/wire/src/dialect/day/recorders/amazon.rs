//! Amazon Connect: contact events in `EventBridge`'s envelope, and the agent event stream with its snapshots.

use serde_json::{Value, json};

use super::{CALLER_NAME, CALLER_NUMBER, Recorded, What, agent_name, iso, leg_of, moments, recorded, strange};
use crate::dialect::day::truth::{AGENTS, Day, Doing, Leg, QUEUES, Talk, Then};

const INSTANCE: &str = "arn:aws:connect:eu-central-1:123456789012:instance/1fb2";

fn arn(kind: &str, id: &str) -> String {
    format!("{INSTANCE}/{kind}/{id}")
}

fn detail(number: usize, kind: &str, leg: &Leg) -> Value {
    json!({
        "eventType": kind, "contactId": format!("contact-{number}"), "initialContactId": format!("call-{}", leg.call), "channel": "VOICE",
        "initiationMethod": "INBOUND", "instanceArn": INSTANCE, "initiationTimestamp": iso(leg.joined - 5),
        "customerEndpoint": {"address": CALLER_NUMBER, "displayName": CALLER_NAME, "type": "TELEPHONE_NUMBER"},
        "queueInfo": {"queueType": "STANDARD", "queueArn": arn("queue", QUEUES[leg.queue]), "enqueueTimestamp": iso(leg.joined)}
    })
}

fn agent_info(talk: &Talk) -> Value {
    json!({"agentArn": arn("agent", agent_name(talk.agent)), "connectedToAgentTimestamp": iso(talk.answered), "hierarchyGroups": {}})
}

fn sent(at: i64, detail: &Value) -> Recorded {
    let event = json!({
        "version": "0", "id": format!("event-{at}"), "detail-type": "Amazon Connect Contact Event", "source": "aws.connect",
        "account": "123456789012", "time": iso(at), "region": "eu-central-1", "resources": [INSTANCE], "detail": detail
    });
    recorded(at, event.to_string())
}

/// What a snapshot says of an agent: the name of the status, and the state of the contact with the second since when it lasts.
fn snapshot(day: &Day, agent: usize, at: i64, doing: Doing) -> Value {
    let status = match doing {
        Doing::Away => ("Lunch", "CUSTOM"),
        Doing::Gone => ("Offline", "OFFLINE"),
        _ => ("Available", "ROUTABLE"),
    };
    let state = match doing {
        Doing::Ringing(_) => Some("CONNECTING"),
        Doing::Talking(_) => Some("CONNECTED"),
        Doing::Holding(_) => Some("CONNECTED_ONHOLD"),
        Doing::WrappingUp(_) => Some("ENDED"),
        _ => None,
    };
    let queue = |queue: &str| json!({"ARN": arn("queue", queue), "Name": format!("The {queue} queue"), "Channels": ["VOICE"]});
    let mut queues: Vec<Value> = AGENTS[agent].1.iter().map(|number| queue(QUEUES[*number])).collect();
    queues.push(json!({"ARN": arn("queue/agent", agent_name(agent)), "Name": null, "Channels": ["VOICE"]}));
    let contact = |(number, leg, _): (usize, &Leg, &Talk)| {
        json!({
            "ContactId": format!("contact-{number}"), "InitialContactId": format!("call-{}", leg.call), "Channel": "VOICE",
            "InitiationMethod": "INBOUND", "State": state, "StateStartTimestamp": iso(at), "QueueTimestamp": iso(leg.joined),
            "Queue": queue(QUEUES[leg.queue])
        })
    };
    let contacts: Vec<Value> = state.and_then(|_| leg_of(day, agent, at)).map(contact).into_iter().collect();
    json!({
        "AgentStatus": {"ARN": "status", "Name": status.0, "Type": status.1, "StartTimestamp": iso(at)},
        "NextAgentStatus": null,
        "Configuration": {"Username": "agent", "RoutingProfile": {"Name": "Profile", "InboundQueues": queues}},
        "Contacts": contacts
    })
}

fn streamed(day: &Day, at: i64, agent: usize, kind: &str, before: Option<Doing>, doing: Doing) -> Recorded {
    let event = json!({
        "AWSAccountId": "123456789012", "AgentARN": arn("agent", agent_name(agent)), "EventId": format!("agent-{at}"),
        "EventTimestamp": iso(at),
        "EventType": kind, "InstanceARN": INSTANCE, "Version": "2017-10-01", "CurrentAgentSnapshot": snapshot(day, agent, at, doing),
        "PreviousAgentSnapshot": before.map(|before| snapshot(day, agent, at, before)),
    });
    recorded(at, event.to_string())
}

pub(super) fn record(day: &Day) -> Vec<Recorded> {
    let leg = &day.legs[0];
    let mut events = vec![strange(sent(0, &detail(0, "TELEPORTED", leg)).value)];
    for (at, what) in moments(day) {
        match what {
            What::Joined(number, leg) => {
                events.push(sent(at - 5, &detail(number, "INITIATED", leg)));
                events.push(sent(at, &detail(number, "QUEUED", leg)));
            }
            What::Left(number, leg, _) => {
                for kind in ["DISCONNECTED", "COMPLETED"] {
                    let mut detail = detail(number, kind, leg);
                    detail["disconnectTimestamp"] = json!(iso(at));
                    events.push(sent(at, &detail));
                }
            }
            What::Answered(number, leg, talk) => {
                let mut detail = detail(number, "CONNECTED_TO_AGENT", leg);
                detail["agentInfo"] = agent_info(talk);
                // Without an envelope, as a rule with an input path sends it.
                events.push(recorded(at, detail.to_string()));
            }
            What::Parted(number, leg, talk) => {
                let mut detail = detail(number, "DISCONNECTED", leg);
                detail["agentInfo"] = agent_info(talk);
                detail["disconnectTimestamp"] = json!(iso(at));
                events.push(sent(at, &detail));
                if talk.then == Then::ToBackOffice {
                    detail["contactId"] = json!(format!("contact-{number}-direct"));
                    detail["initiationMethod"] = json!("TRANSFER");
                    detail["queueInfo"] =
                        json!({"queueType": "AGENT", "queueArn": arn("queue/agent", "9000"), "enqueueTimestamp": iso(at)});
                    detail["disconnectTimestamp"] = json!(iso(at + 60));
                    events.push(sent(at + 60, &detail));
                }
            }
            What::Wrapped(number, leg, talk) => {
                let mut detail = detail(number, "COMPLETED", leg);
                let mut info = agent_info(talk);
                info["afterContactWorkStartTimestamp"] = json!(iso(talk.parted));
                info["afterContactWorkEndTimestamp"] = json!(iso(at));
                info["afterContactWorkDuration"] = json!(at - talk.parted);
                detail["agentInfo"] = info;
                detail["disconnectTimestamp"] = json!(iso(talk.parted));
                events.push(sent(at, &detail));
            }
            What::Agent(agent, before, doing) => {
                let kind = if doing == Doing::Gone { "LOGOUT" } else { "STATE_CHANGE" };
                events.push(streamed(day, at, agent, kind, Some(before), doing));
                if doing == Doing::Gone {
                    events.push(streamed(day, at + 120, agent, "HEART_BEAT", None, doing));
                }
            }
            _ => {}
        }
    }
    events
}
