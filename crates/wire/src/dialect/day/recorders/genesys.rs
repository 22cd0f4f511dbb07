//! Genesys Cloud: detail events and agents' activity in `EventBridge`'s envelope.

use serde_json::{Value, json};

use super::{CALLER_NAME, CALLER_NUMBER, Recorded, What, agent_name, iso, moments, ms, recorded, strange};
use crate::dialect::day::truth::{AGENTS, BACK_OFFICE, Day, Doing, Leg, QUEUES, Then};

fn sent(at: i64, topic: &str, body: &Value) -> Recorded {
    let event = json!({
        "version": "0", "id": format!("event-{at}"), "detail-type": "v2.detail.events", "source": "aws.partner/genesys.com/test",
        "time": iso(at),
        "account": "123456789012", "region": "eu-central-1", "resources": [],
        "detail": {"topicName": topic, "version": "2", "eventBody": body, "metadata": {"CorrelationId": "c"}, "timestamp": iso(at)}
    });
    recorded(at, event.to_string())
}

fn detail(at: i64, leg: &Leg, kind: &str, more: &Value) -> Recorded {
    let call = format!("conversation-{}", leg.call);
    let mut body = json!({
        "eventTime": ms(at), "conversationId": call, "participantId": "p", "sessionId": "s", "mediaType": "VOICE", "provider": "Edge",
        "direction": "INBOUND", "ani": CALLER_NUMBER, "dnis": "+493055500", "participantName": CALLER_NAME,
        "queueId": QUEUES[leg.queue], "divisionId": "d"
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    sent(at, &format!("v2.detail.events.conversation.{call}.{kind}"), &body)
}

fn activity(at: i64, agent: usize, routing: &str, presence: &str) -> Recorded {
    let queues: Vec<&str> = AGENTS[agent].1.iter().map(|queue| QUEUES[*queue]).collect();
    let id = agent_name(agent);
    let body = json!({
        "id": id, "routingStatus": {"userId": id, "status": routing, "startTime": iso(at)},
        "presence": {"presenceDefinition": {"id": "x", "systemPresence": presence}, "presenceMessage": "", "modifiedDate": iso(at)},
        "outOfOffice": {"active": false}, "activeQueueIds": queues, "dateActiveQueuesChanged": iso(-600)
    });
    sent(at, &format!("v2.users.{id}.activity"), &body)
}

pub(super) fn record(day: &Day) -> Vec<Recorded> {
    let strange_kind = detail(0, &day.legs[0], "teleported", &json!({}));
    let mut events = vec![strange(strange_kind.value)];
    for (at, what) in moments(day) {
        match what {
            What::Joined(_, leg) => {
                events.push(detail(at, leg, "customer.start", &json!({"queueId": null})));
                events.push(detail(at, leg, "acd.start", &json!({"routingPriority": 0, "requestedRoutingSkillIds": ["k"]})));
            }
            What::Left(_, leg, overflow) => {
                let outcome = if overflow { "FLOW_OUT" } else { "ABANDON" };
                let more = json!({"acdOutcome": outcome, "disconnectType": "PEER", "connectedDurationMs": (at - leg.joined) * 1000});
                events.push(detail(at, leg, "acd.end", &more));
            }
            What::Rang(_, leg, _) => {
                // It rang elsewhere before, and nobody answered.
                let more = json!({"userId": "someone", "alertingDurationMs": 8000, "disconnectType": "NO_ANSWER_TRANSFER"});
                events.push(detail(at, leg, "user.end", &more));
            }
            What::Answered(_, leg, talk) => {
                let user = agent_name(talk.agent);
                let more = json!({"acdOutcome": "ANSWERED", "answeredUserId": user, "connectedDurationMs": (at - leg.joined) * 1000});
                events.push(detail(at, leg, "acd.end", &more));
                events.push(detail(at, leg, "user.start", &json!({"userId": user})));
            }
            What::Parted(_, leg, talk) => {
                let hold = talk.hold.map_or(0, |(from, to)| to - from);
                let kind = if talk.then == Then::End { "PEER" } else { "TRANSFER" };
                let more = json!({
                    "userId": agent_name(talk.agent), "disconnectType": kind, "heldDurationMs": hold * 1000,
                    "interactingDurationMs": (at - talk.answered - hold) * 1000
                });
                events.push(detail(at, leg, "user.end", &more));
                if talk.then == Then::ToBackOffice {
                    // The colleague came in while the agent was there: all three talked for a while.
                    events.push(detail(at - 2, leg, "user.start", &json!({"userId": BACK_OFFICE, "queueId": null})));
                    let more = json!({"userId": BACK_OFFICE, "queueId": null, "interactingDurationMs": 62_000});
                    events.push(detail(at + 60, leg, "user.end", &more));
                }
            }
            What::Wrapped(_, leg, talk) => {
                let more = json!({"userId": agent_name(talk.agent), "wrapupCode": "ok", "wrapupDurationMs": (at - talk.parted) * 1000});
                events.push(detail(at, leg, "acw", &more));
            }
            What::Agent(agent, before, doing) => match (before, doing) {
                (_, Doing::Gone) => events.push(activity(at, agent, "OFF_QUEUE", "Offline")),
                (_, Doing::Away) => events.push(activity(at, agent, "OFF_QUEUE", "Break")),
                (_, Doing::Ready) => events.push(activity(at, agent, "IDLE", "On Queue")),
                (Doing::Ringing(_), Doing::Talking(_)) => events.push(activity(at, agent, "INTERACTING", "On Queue")),
                _ => {}
            },
            _ => {}
        }
    }
    events
}
