//! A small centre: one queue, a team of eight, two days of demand; and events as an ACD sends them.

use serde_json::{Value, json};

/// Intervals of the horizon: two days of quarters of an hour.
const INTERVALS: usize = 192;

/// A sound request with this id, demand given as people on the phones from 9 to 17.
pub(crate) fn request(id: &str) -> Value {
    let people = |n: usize| if (36..68).contains(&(n % 96)) { 2.0 } else { 0.0 };
    let required: Vec<f64> = (0..INTERVALS).map(people).collect();
    let agent =
        |n: usize| json!({"id": format!("agent-{n}"), "teamId": "blue", "contractId": "part-time", "skills": [{"skillId": "talk"}]});
    json!({
        "id": id,
        "site": {"id": "north", "timeZone": "Europe/Stockholm"},
        "horizon": {"firstDate": "2026-02-02", "days": 2},
        "queues": [{"id": "sales", "skillId": "talk", "hours": [{"from": "09:00", "to": "17:00"}]}],
        "skills": [{"id": "talk"}],
        "teams": [{"id": "blue"}],
        "contracts": [{
            "id": "part-time",
            "weekPaidMinutes": {"least": 0, "most": 2400},
            "shiftLengthMinutes": {"least": 240, "most": 540},
            "mostDaysPerWeek": 5,
            "mostConsecutiveDays": 5
        }],
        "agents": (0..8).map(agent).collect::<Vec<_>>(),
        "shiftTemplates": [{"id": "day", "startFrom": "09:00", "startTo": "09:00", "lengthFromMinutes": 480}],
        "breakRules": [
            {"id": "meal", "kind": "MEAL", "shiftLongerThanMinutes": 360, "lengthMinutes": 30},
            {"id": "rest", "kind": "REST", "shiftLongerThanMinutes": 240, "count": 2, "lengthMinutes": 15}
        ],
        "wellbeing": {"longestStretchMinutes": 150},
        "demand": {"queues": [{"queueId": "sales", "requiredPeople": required}]},
        "budget": {"steps": "2000", "seconds": 5},
        "seed": "7"
    })
}

/// The same with the demand from history.
pub(crate) fn request_from_history(id: &str, first_date: &str) -> Value {
    let mut request = request(id);
    request["demand"] = json!({"history": {}});
    request["horizon"]["firstDate"] = json!(first_date);
    request
}

/// A call event as a structured event.
pub(crate) fn call(id: &str, kind: &str, time: &str, data: &Value) -> Value {
    let call_id = data["callId"].as_str().unwrap_or_default();
    json!({
        "specversion": "1.0", "id": id, "source": "/acd/test", "type": kind, "subject": call_id, "time": time,
        "datacontenttype": "application/json", "data": data
    })
}

/// A whole call: queued, answered ten seconds later, ended after a minute.
pub(crate) fn answered_call(call_id: &str, hour_and_minute: &str) -> Vec<Value> {
    let at = |second: u32| format!("2026-01-05T{hour_and_minute}:{second:02}Z");
    let data = json!({"callId": call_id, "queueId": "sales", "agentId": "agent-1"});
    vec![
        call(&format!("{call_id}-1"), "call.queued", &at(0), &json!({"callId": call_id, "queueId": "sales"})),
        call(&format!("{call_id}-2"), "call.connected", &at(10), &data),
        call(&format!("{call_id}-3"), "call.ended", &at(50), &data),
        call(&format!("{call_id}-4"), "call.wrapup_ended", &at(55), &data),
    ]
}
