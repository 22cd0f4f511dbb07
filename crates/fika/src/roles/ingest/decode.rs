//! From records of the ACD's topics to events, or to dead letters.
//!
//! A record is taken whole or not at all: a batch with one bad event is set aside as it came, and nothing of it is counted.

use std::collections::BTreeSet;

use fika_bus::Record;
use fika_model::event::Event;
use fika_model::{FaultCode, Faults, QueueId};
use fika_wire::dialect::{Context, Dialect, Fika, Input, Unknown};

/// Reads records, and knows the queues that exist.
#[derive(Debug, Clone, Default)]
pub(super) struct Decoder {
    queues: BTreeSet<QueueId>,
}

impl Decoder {
    /// A decoder for these queues; none means that any may exist.
    pub(super) fn new(queues: &[QueueId]) -> Self {
        Self { queues: queues.iter().cloned().collect() }
    }

    /// The events of a record; adds to `unknown` what is not known in it.
    pub(super) fn events(&self, record: &Record, unknown: &mut Unknown) -> Result<Vec<Event>, Faults> {
        let Some(value) = &record.value else {
            return Err(Faults::one(FaultCode::Malformed, "", "the record has no value"));
        };
        let mut context = Context::default();
        let events = Fika.read_in(Input { headers: &record.headers, value }, &mut context)?;
        unknown.types += context.unknown.types;
        unknown.fields += context.unknown.fields;
        let mut faults = Faults::default();
        for queue in events.iter().flat_map(queues_of).filter(|queue| !self.queues.is_empty() && !self.queues.contains(*queue)) {
            faults.push(FaultCode::UnknownReference, "data.queueId", format_args!("there is no queue {:?}", queue.as_str()));
        }
        faults.or(Some(events))
    }
}

fn queues_of(event: &Event) -> &[QueueId] {
    match event {
        Event::Call(call) => call.queue.as_slice(),
        Event::Agent(agent) => &agent.queues,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(value: Option<&str>) -> Record {
        Record {
            topic: "acd.calls".to_owned(),
            partition: 3,
            offset: 17,
            key: Some(b"a".to_vec()),
            value: value.map(|text| text.as_bytes().to_vec()),
            headers: Vec::new(),
            timestamp_ms: 0,
        }
    }

    fn call(kind: &str, time: &str, data: &str) -> String {
        format!(r#"{{"specversion":"1.0","id":"1","source":"/acd","type":"{kind}","time":"{time}","data":{data}}}"#)
    }

    /// `code` is the first fault expected; empty where the record is sound.
    fn check(value: Option<&str>, code: &str) {
        let decoder = Decoder::new(&[QueueId::new("sales").expect("an id")]);
        let found = decoder
            .events(&record(value), &mut Unknown::default())
            .err()
            .and_then(|faults| faults.0.first().map(|fault| fault.code.code()));
        assert_eq!(found.unwrap_or_default(), code, "{value:?}");
    }

    #[test]
    fn what_cannot_be_read_has_a_code() {
        let time = "2026-01-05T10:00:00Z";
        check(Some(&call("call.queued", time, r#"{"callId":"a","queueId":"sales"}"#)), "");
        check(Some(&call("call.queued", time, r#"{"callId":"a","queueId":"sails"}"#)), "F2001");
        check(Some(&call("call.queued", "1970-01-01T00:00:00Z", r#"{"callId":"a","queueId":"sales"}"#)), "F1005");
        check(Some(&call("call.queued", "2262-01-01T00:00:00Z", r#"{"callId":"a","queueId":"sales"}"#)), "F1005");
        check(Some(&call("call.ended", time, r#"{"callId":"a","talkMs":"-1"}"#)), "F1004");
        check(Some(&call("call.ended", time, r#"{"callId":["a"]}"#)), "F1002");
        check(Some(&call("call.flown", time, r#"{"callId":"a"}"#)), "");
        check(Some("{\"half"), "F1001");
        check(Some(""), "F1001");
        check(None, "F1001");
    }
}
