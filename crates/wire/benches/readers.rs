//! Records per second of the readers on one core: `cargo bench -p fika-wire`. Own events with JSON and protobuf data of about 400 and 250
//! bytes with the envelope, and one record of each ACD's dialect.

#![allow(clippy::disallowed_methods, reason = "a benchmark measures time")]

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use fika_model::event::{CallEvent, CallEventKind, timestamp_of};
use fika_model::{AgentId, CallId, QueueId};
use fika_wire::cloudevents::{self, Attributes, PROTOBUF};
use fika_wire::dialect::{Input, open};
use fika_wire::{convert, records};
use prost::Message as _;

const RECORDS: usize = 400_000;

type Record = (Vec<(String, Vec<u8>)>, Vec<u8>);

fn call(n: usize) -> CallEvent {
    CallEvent {
        event_id: format!("0196f3a2-7b1c-7d3e-8f4a-{n:012}"),
        source: "/acd/pbx-01.example.org".to_owned(),
        call_id: CallId::new(format!("1699286234.{n}")).expect("an id"),
        kind: CallEventKind::Connected,
        occurred_at_ms: 1_699_286_240_000 + n as i64,
        queue: QueueId::new("customer-service-english").ok(),
        agent: AgentId::new(format!("agent-{}", n % 400)).ok(),
        wait_ms: Some(6_000),
        talk_ms: Some(183_000),
        hold_ms: Some(12_000),
        wrapup_ms: Some(30_000),
        answered: None,
    }
}

fn own(n: usize, protobuf: bool) -> Record {
    let call = call(n);
    if protobuf {
        let attributes = Attributes {
            id: &call.event_id,
            source: &call.source,
            event_type: "call.connected",
            subject: call.call_id.as_str(),
            time: timestamp_of(call.occurred_at_ms),
        };
        return (cloudevents::binary_headers(&attributes, PROTOBUF), convert::call_event_message(&call).encode_to_vec());
    }
    let record = records::event(&fika_model::event::Event::Call(call));
    (record.headers, record.value.unwrap_or_default())
}

fn vendor(dialect: &str, n: usize) -> Record {
    let value = match dialect {
        "asterisk-queue-log" => format!("1699286240|1699286234.{n}|8000|7140|CONNECT|6|1699286234.124|3"),
        "asterisk-ami" => format!(
            concat!(
                r#"{{"Event":"AgentConnect","EntityID":"00:11:22:33:44:55","SystemName":"pbx-01","Timestamp":"1705312206.5","#,
                r#""CallerIDNum":"100","CallerIDName":"Alice","Uniqueid":"1705312200.{}","Linkedid":"1705312200.1","Queue":"8000","#,
                r#""Interface":"PJSIP/7140","MemberName":"7140","RingTime":"3","HoldTime":"6"}}"#
            ),
            n
        ),
        "amazon-connect" => format!(
            concat!(
                r#"{{"initiationTimestamp":"2021-08-04T17:17:53.000Z","contactId":"{}","channel":"VOICE","initiationMethod":"INBOUND","#,
                r#""eventType":"CONNECTED_TO_AGENT","agentInfo":{{"agentArn":"arn:aws:agent/1234","#,
                r#""connectedToAgentTimestamp":"2021-08-04T17:29:09.000Z"}},"queueInfo":{{"queueType":"STANDARD","#,
                r#""queueArn":"arn:aws:queue/1234","enqueueTimestamp":"2021-08-04T17:29:04.000Z"}}}}"#
            ),
            n
        ),
        _ => format!(
            concat!(
                r#"{{"topicName":"v2.detail.events.conversation.x.acd.end","eventBody":{{"eventTime":1649237464949,"conversationId":"{}","#,
                r#""mediaType":"VOICE","direction":"INBOUND","ani":"tel:+1","dnis":"tel:+2","queueId":"q","acdOutcome":"ANSWERED","#,
                r#""answeredUserId":"u","connectedDurationMs":20000}}}}"#
            ),
            n
        ),
    };
    (Vec::new(), value.into_bytes())
}

fn measure(what: &str, dialect: &str, records: &[Record]) {
    let mut reader = open(dialect, None).expect("a dialect without a mapping");
    let begin = Instant::now();
    let mut events = 0;
    for (headers, value) in records {
        events += black_box(reader.read(Input { headers, value }).expect("a sound record")).len();
    }
    let seconds = begin.elapsed().as_secs_f64();
    let bytes: usize = records
        .iter()
        .map(|(headers, value)| value.len() + headers.iter().map(|(name, text)| name.len() + text.len()).sum::<usize>())
        .sum();
    let (rate, each, megabytes) = (records.len() as f64 / seconds, bytes / records.len(), bytes as f64 / seconds / 1e6);
    let line = format!("{what:<22} {rate:>10.0} records/s, {each} bytes each with headers, {megabytes:.0} MB/s, {events} events\n");
    std::io::stdout().write_all(line.as_bytes()).expect("stdout is open");
}

fn main() {
    for (what, protobuf) in [("fika JSON", false), ("fika protobuf", true)] {
        let records: Vec<Record> = (0..RECORDS).map(|n| own(n, protobuf)).collect();
        measure(what, "fika", &records);
    }
    for dialect in ["asterisk-queue-log", "asterisk-ami", "amazon-connect", "genesys-cloud"] {
        let records: Vec<Record> = (0..RECORDS).map(|n| vendor(dialect, n)).collect();
        measure(dialect, dialect, &records);
    }
}
