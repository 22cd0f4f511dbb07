//! Dialects by name.

use fika_model::event::{AgentEvent, AgentState, CallEvent, CallEventKind, Event};
use fika_model::fault::{FaultCode, Faults};
use fika_model::{AgentId, CallId, QueueId};
use proptest::prelude::*;
use prost::Message;

use super::{Dialect, Fika, Input, Mapping, NAMES, STREAMED, open};
use crate::cloudevents::{self, Attributes, PROTOBUF};
use crate::convert;

fn places(faults: &Faults) -> Vec<String> {
    faults.0.iter().map(|fault| format!("{} {}", fault.at, fault.code)).collect()
}

fn check(value: &str, expect: &[&str]) {
    let faults = Fika.read(Input::line(value.as_bytes())).err().unwrap_or_default();
    assert_eq!(places(&faults), expect, "{value}: {faults}");
}

fn envelope(rest: &str) -> String {
    format!(r#"{{"specversion":"1.0","id":"e1","source":"/pbx",{rest}}}"#)
}

#[test]
fn every_dialect_is_found_by_its_name() {
    for name in NAMES {
        assert_eq!(opened(name).name(), name);
    }
    assert!(open("morse", None).is_err() && open("calls-csv", None).is_err());
    assert!(STREAMED.iter().all(|name| NAMES.contains(name)));
}

fn opened(name: &str) -> Box<dyn Dialect> {
    let mapping: Mapping = toml::from_str("queue = 'q'\nheader = ['a', 'b']\n[columns]\njoined = 'a'\nwait = 'b'").expect("a mapping");
    open(name, Some(&mapping)).expect("a known name")
}

#[test]
fn the_example_of_the_documentation_is_read() {
    let line = envelope(
        r#""type":"call.connected","subject":"1699286234.123","time":"2023-11-06T15:57:20Z","datacontenttype":"application/json",
        "data":{"call_id":"1699286234.123","queue_id":"8000","agent_id":"7140","wait_ms":6000,"ring_ms":3000,"callerNumber":"+49 30 1"}"#,
    );
    let expect = Event::Call(CallEvent {
        event_id: "e1".to_owned(),
        source: "/pbx".to_owned(),
        call_id: CallId::new("1699286234.123").expect("an id"),
        kind: CallEventKind::Connected,
        occurred_at_ms: 1_699_286_240_000,
        queue: QueueId::new("8000").ok(),
        agent: AgentId::new("7140").ok(),
        wait_ms: Some(6000),
        talk_ms: None,
        hold_ms: None,
        wrapup_ms: None,
        answered: None,
    });
    assert_eq!(Fika.read(Input::line(line.as_bytes())), Ok(vec![expect]));
}

#[test]
fn the_datas_own_time_goes_before_the_envelopes() {
    let line = envelope(
        r#""type":"agent.state_changed","time":"2023-11-06T15:57:20Z",
        "data":{"agentId":"7","state":"NOT_READY","reasonCode":"Lunch","queueIds":["a"],"occurredAt":"2023-11-06T15:57:19.250Z"}"#,
    );
    let expect = Event::Agent(AgentEvent {
        event_id: "e1".to_owned(),
        source: "/pbx".to_owned(),
        agent: AgentId::new("7").expect("an id"),
        state: AgentState::NotReady,
        occurred_at_ms: 1_699_286_239_250,
        reason_code: "Lunch".to_owned(),
        queues: vec![QueueId::new("a").expect("an id")],
    });
    assert_eq!(Fika.read(Input::line(line.as_bytes())), Ok(vec![expect]));
}

#[test]
fn faults_are_named_with_their_place_in_the_event() {
    let data = |data: &str| envelope(&format!(r#""type":"call.ended","time":"2023-11-06T15:57:20Z","data":{data}"#));
    check(&data(r#"{"callId":"1"}"#), &[]);
    check(&data("{}"), &["data.callId F1006"]);
    check(
        &data(r#"{"callId":1,"talkMs":-1,"holdMs":"long","waitMs":604800001}"#),
        &["data.callId F1002", "data.holdMs F1002", "data.waitMs F1004", "data.talkMs F1004"],
    );
    check(&data(r#"{"callId":"1","waitMs":604800000,"talkMs":0}"#), &[]);
    check(&data("5"), &["data F1002"]);
    check(&envelope(r#""type":"call.ended","time":"2023-11-06T15:57:20Z""#), &["data F1003"]);
    check(&envelope(r#""type":"call.queued","data":{"callId":"1"}"#), &["time F1003"]);
    check(&envelope(r#""type":"call.queued","time":"1970-01-01T00:00:00Z","data":{"callId":"1"}"#), &["time F1005"]);
    check(&envelope(r#""type":"call.queued","time":"2262-01-01T00:00:00Z","data":{"callId":"1"}"#), &["time F1005"]);
    let own_time = r#""type":"call.queued","time":"2026-01-01T00:00:00Z","data":{"callId":"1","occurredAt":"1979-12-31T23:59:59Z"}"#;
    check(&envelope(own_time), &["data.occurredAt F1005"]);
    check(&envelope(r#""type":"call.completed","time":"2026-01-01T00:00:00Z","data":{"callId":"1"}"#), &["data.answered F1003"]);
    let agent = |data: &str| envelope(&format!(r#""type":"agent.state_changed","time":"2026-01-01T00:00:00Z","data":{data}"#));
    check(&agent(r#"{"agentId":"1"}"#), &["data.state F1003"]);
    check(&agent(r#"{"agentId":"1","state":"ASLEEP"}"#), &["data.state F1002"]);
    check(&agent(r#"{"agentId":"1","state":42}"#), &["data.state F1002"]);
}

#[test]
fn protobuf_data_and_batches_are_read_like_json() {
    let line = envelope(r#""type":"call.ended","time":"2023-11-06T15:57:20Z","data":{"callId":"1","talkMs":"5"}"#);
    let events = Fika.read(Input::line(line.as_bytes())).expect("a sound event");
    let Event::Call(call) = &events[0] else { panic!("an event of a call") };
    let time = fika_model::event::timestamp_of(call.occurred_at_ms);
    let attributes = Attributes { id: "e1", source: "/pbx", event_type: "call.ended", subject: "", time };
    let headers = cloudevents::binary_headers(&attributes, PROTOBUF);
    let bytes = convert::call_event_message(call).encode_to_vec();
    assert_eq!(Fika.read(Input { headers: &headers, value: &bytes }), Ok(events.clone()));
    let broken = Fika.read(Input { headers: &headers, value: b"\xff\xff" }).err().unwrap_or_default();
    assert_eq!(places(&broken), ["data F1001"]);

    let headers = [("content-type".to_owned(), b"application/cloudevents-batch+json".to_vec())];
    let batch = format!("[{line},{line}]");
    let twice = [&events[..], &events[..]].concat();
    assert_eq!(Fika.read(Input { headers: &headers, value: batch.as_bytes() }), Ok(twice));
    let batch = format!("[{line},{}]", envelope(r#""type":"call.queued","time":"then""#));
    let faults = Fika.read(Input { headers: &headers, value: batch.as_bytes() }).err().unwrap_or_default();
    assert_eq!(places(&faults), ["[1].time F1005"]);
    assert!(faults.0[0].code == FaultCode::BadTime);
}

proptest! {
    #[test]
    fn arbitrary_lines_never_panic(lines in proptest::collection::vec(any::<Vec<u8>>(), 1..5)) {
        for name in NAMES {
            let mut dialect = opened(name);
            for line in &lines {
                let _ = dialect.read(Input::line(line));
            }
            dialect.finish();
        }
    }

    #[test]
    fn arbitrary_fields_never_panic(
        names in proptest::collection::vec("[A-Za-z|:-]{1,12}", 1..6),
        value in "[\\[\\]{}\",:0-9a-z_.|+-]{0,30}",
        kind in "(queued|QUEUED|CONNECT|DISCONNECTED|task:ended|agent:state_change|member-queue-end|com.twilio.taskrouter.task.canceled)",
    ) {
        let fields: Vec<String> = names.iter().map(|name| format!("\"{name}\":{value}")).collect();
        let keys = ["type", "eventType", "Event", "CC-Action", "topicName"].map(|key| format!("\"{key}\":\"{kind}\""));
        let object = format!("{{{},{}}}", keys.join(","), fields.join(","));
        let line = format!("1699286234|1|2|3|{kind}|{value}");
        for name in NAMES {
            for record in [&object, &line, &value] {
                let _ = opened(name).read(Input::line(record.as_bytes()));
            }
        }
    }

    #[test]
    fn arbitrary_data_never_panics(kind in "[a-z._]{0,20}", data in "[\\[\\]{}\",:0-9a-z_.eE+-]{0,60}") {
        for kind in [&kind, "call.queued", "call.completed", "agent.state_changed"] {
            let line = envelope(&format!(r#""type":"{kind}","time":"2026-01-01T00:00:00Z","data":{data}"#));
            let _ = Fika.read(Input::line(line.as_bytes()));
        }
    }
}
