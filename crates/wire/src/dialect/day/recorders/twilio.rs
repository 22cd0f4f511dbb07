//! Twilio `TaskRouter`: Event Streams, with the vendor's own slips: a date as the content type, and another type inside.

use serde_json::{Value, json};

use super::{CALLER_NAME, CALLER_NUMBER, Recorded, What, agent_name, iso, moments, ms, recorded, strange};
use crate::dialect::day::truth::{Day, Doing, Leg, QUEUES, Talk, Then};

fn sent(at: i64, kind: &str, more: &Value) -> Recorded {
    let mut payload = json!({
        "eventtype": "reservation.created", "timestamp": iso(at), "timestamp_ms": ms(at), "workspace_sid": "WS0", "workspace_name": "Flex",
        "task_attributes": format!("{{\"from\":\"{CALLER_NUMBER}\",\"name\":\"{CALLER_NAME}\"}}"), "task_age": 31_088
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        payload[name] = value.clone();
    }
    let event = json!({
        "specversion": "1.0", "type": format!("com.twilio.taskrouter.{kind}"), "source": "AB0", "id": format!("NO{kind}{at}"),
        "dataschema": "https://events-schemas.twilio.com/TaskRouter.WDSEvent/4", "datacontenttype": iso(at),
        "data": {
            "sid": "EV0", "name": kind, "group": "reservation", "level": "INFO", "timestamp": iso(at), "payload": payload,
            "payload_type": "application/json"
        }
    });
    recorded(at, event.to_string())
}

fn task(leg: &Leg) -> Value {
    let task = format!("WT{}", leg.call);
    json!({"task_sid": task, "task_queue_sid": QUEUES[leg.queue], "task_priority": 1, "task_date_created": iso(leg.joined)})
}

fn reservation(leg: &Leg, talk: &Talk, queue: usize) -> Value {
    let mut more = task(leg);
    more["task_queue_sid"] = json!(QUEUES[queue]);
    more["reservation_sid"] = json!("WR0");
    more["worker_sid"] = json!(agent_name(talk.agent));
    more["worker_attributes"] = json!("{}");
    more
}

pub(super) fn record(day: &Day) -> Vec<Recorded> {
    let other =
        json!({"specversion": "1.0", "type": "com.twilio.voice.status", "source": "AB0", "id": "x", "data": {"from": CALLER_NUMBER}});
    let mut events = vec![strange(other.to_string())];
    for (at, what) in moments(day) {
        let mut send = |kind: &str, more: &Value| events.push(sent(at, kind, more));
        match what {
            What::Joined(_, leg) => {
                send("task.created", &json!({"task_sid": format!("WT{}", leg.call)}));
                send("task-queue.entered", &task(leg));
            }
            What::Left(_, leg, true) => send("task-queue.timeout", &task(leg)),
            What::Left(_, leg, false) => {
                let mut more = task(leg);
                more["reason"] = json!("hangup");
                send("task.canceled", &more);
            }
            What::Rang(_, leg, talk) => {
                send("reservation.created", &reservation(leg, talk, leg.queue));
                send("reservation.timeout", &reservation(leg, talk, leg.queue));
            }
            What::Answered(_, leg, talk) => send("reservation.accepted", &reservation(leg, talk, leg.queue)),
            What::Parted(_, leg, talk) => {
                // The task's queue may be the next one's by now.
                let queue = if talk.then == Then::ToOtherQueue { 1 - leg.queue } else { leg.queue };
                send("reservation.wrapup", &reservation(leg, talk, queue));
            }
            What::Wrapped(_, leg, talk) => {
                let queue = if talk.then == Then::ToOtherQueue { 1 - leg.queue } else { leg.queue };
                send("reservation.completed", &reservation(leg, talk, queue));
            }
            What::Agent(agent, before, doing) => {
                let name = match (before, doing) {
                    (_, Doing::Gone) => "Offline",
                    (_, Doing::Away) => "Lunch",
                    (Doing::Gone | Doing::Away, _) => "Available",
                    _ => continue,
                };
                send("worker.activity.update", &json!({"worker_sid": agent_name(agent), "worker_activity_name": name}));
            }
            _ => {}
        }
    }
    events
}
