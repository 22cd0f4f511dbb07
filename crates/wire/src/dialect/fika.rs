//! The product's own events: `CloudEvents` 1.0, structured, binary or in batches, with the data as JSON or protobuf.
//!
//! Unknown fields are those of the data. The envelope may carry extension attributes, as `CloudEvents` allows; they are nobody's mistake.

use fika_model::event::{CallEventKind, Event};
use fika_model::fault::{FaultCode, Faults};
use prost::Name;
use prost::encoding::{DecodeContext, decode_key, skip_field};
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Context, Dialect, Form, Input, Unknown};
use crate::cloudevents::{self, CloudEvent, Data, within};
use crate::convert;
use crate::json::{self, MESSAGE_LIMIT_BYTES};

mod quick;

pub(super) const NAME: &str = "fika";

/// Reads the product's own events.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fika;

impl Dialect for Fika {
    fn name(&self) -> &'static str {
        NAME
    }

    fn form(&self) -> Form {
        Form::Whole
    }

    fn read_in(&mut self, input: Input<'_>, context: &mut Context) -> Result<Vec<Event>, Faults> {
        let events = cloudevents::read(input.headers, input.value, MESSAGE_LIMIT_BYTES)?;
        let batch = cloudevents::mode(input.headers) == cloudevents::Mode::Batch;
        let mut faults = Faults::default();
        let mut unknown = context.unknown;
        let mut read = Vec::with_capacity(events.len());
        for (n, event) in events.iter().enumerate() {
            match read_event(event, &mut unknown) {
                Ok(event) => read.extend(event),
                Err(found) if batch => faults.0.extend(within(&format!("[{n}]"), found).0),
                Err(found) => faults.0.extend(found.0),
            }
        }
        if !faults.0.is_empty() {
            return Err(faults);
        }
        context.unknown = unknown;
        Ok(read)
    }
}

/// Reads one event of a call or an agent; none where the type is not known.
fn read_event(event: &CloudEvent<'_>, unknown: &mut Unknown) -> Result<Option<Event>, Faults> {
    let CloudEvent { id, source, event_type, time_ms, .. } = event;
    if let Some(kind) = convert::call_kind(event_type) {
        if let Some((call, fields)) = quick::call(kind, event) {
            unknown.fields += fields;
            return Ok(Some(Event::Call(call)));
        }
        return thorough_call(kind, event, unknown).map(Some);
    }
    if event_type == convert::AGENT_TYPE {
        let read = data(event, |p| convert::parse_agent_event(id, source, *time_ms, p)).map(Event::Agent)?;
        unknown.fields += unknown_fields(&event.data, &AGENT_FIELDS);
        return Ok(Some(read));
    }
    unknown.types += 1;
    Ok(None)
}

/// Reads an event of a call of any form, and names every fault of it.
fn thorough_call(kind: CallEventKind, event: &CloudEvent<'_>, unknown: &mut Unknown) -> Result<Event, Faults> {
    let CloudEvent { id, source, time_ms, .. } = event;
    let read = data(event, |p| convert::parse_call_event(kind, id, source, *time_ms, p)).map(Event::Call)?;
    unknown.fields += unknown_fields(&event.data, &CALL_FIELDS);
    Ok(read)
}

/// The fields of a message: its number in the contract, its name in JSON, its name in protobuf.
type Known = [(u32, &'static str, &'static str)];

const CALL_FIELDS: [(u32, &str, &str); 10] = [
    (1, "callId", "call_id"),
    (2, "rootCallId", "root_call_id"),
    (3, "queueId", "queue_id"),
    (4, "agentId", "agent_id"),
    (5, "occurredAt", "occurred_at"),
    (6, "waitMs", "wait_ms"),
    (7, "talkMs", "talk_ms"),
    (8, "holdMs", "hold_ms"),
    (9, "wrapupMs", "wrapup_ms"),
    (10, "answered", "answered"),
];
const AGENT_FIELDS: [(u32, &str, &str); 5] = [
    (1, "agentId", "agent_id"),
    (2, "state", "state"),
    (3, "occurredAt", "occurred_at"),
    (4, "reasonCode", "reason_code"),
    (5, "queueIds", "queue_ids"),
];

/// How many fields of data that was read are not among the known ones.
fn unknown_fields(data: &Data<'_>, known: &Known) -> u64 {
    match data {
        Data::Json(bytes) => unknown_names(bytes, known),
        Data::Bytes(bytes) => unknown_numbers(bytes, known),
        Data::None => 0,
    }
}

fn unknown_names(bytes: &[u8], known: &Known) -> u64 {
    struct Names<'a>(&'a Known);
    impl<'de> Visitor<'de> for Names<'_> {
        type Value = u64;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<u64, A::Error> {
            let mut unknown = 0;
            while let Some((Name(name), IgnoredAny)) = map.next_entry::<Name<'_>, IgnoredAny>()? {
                unknown += u64::from(!self.0.iter().any(|(_, json, proto)| name == *json || name == *proto));
            }
            Ok(unknown)
        }
    }
    #[derive(serde::Deserialize)]
    struct Name<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>);

    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::Deserializer::from_slice(bytes).deserialize_map(Names(known)).unwrap_or_default()
}

fn unknown_numbers(mut bytes: &[u8], known: &Known) -> u64 {
    let mut unknown = 0;
    while !bytes.is_empty() {
        let Ok((number, kind)) = decode_key(&mut bytes) else { break };
        unknown += u64::from(!known.iter().any(|(known, ..)| *known == number));
        if skip_field(kind, number, &mut bytes, DecodeContext::default()).is_err() {
            break;
        }
    }
    unknown
}

/// Reads the data; the faults of its types and of its meaning are named together.
fn data<T, M>(event: &CloudEvent<'_>, parse: impl FnOnce(&T) -> Result<M, Faults>) -> Result<M, Faults>
where
    T: DeserializeOwned + Name + Default,
{
    let (message, faults) = match &event.data {
        Data::Json(bytes) => json::read_lenient::<T>(bytes, MESSAGE_LIMIT_BYTES).map_err(|faults| within("data", faults))?,
        Data::Bytes(bytes) => match T::decode(bytes.as_ref()) {
            Ok(message) => (message, Faults::default()),
            Err(error) => return Err(Faults::one(FaultCode::Malformed, "data", error)),
        },
        Data::None => return Err(Faults::one(FaultCode::Missing, "data", "the event carries no data")),
    };
    match parse(&message) {
        Ok(value) if faults.0.is_empty() => Ok(value),
        Ok(_) => Err(within("data", faults)),
        Err(further) => Err(convert::merge(within("data", faults), further)),
    }
}

#[cfg(test)]
mod tests {
    use prost_reflect::MessageDescriptor;

    use super::*;
    use crate::proto::DESCRIPTORS;
    use crate::proto::fika::v1;

    fn check(message: &str, known: &Known) {
        let message: MessageDescriptor = DESCRIPTORS.get_message_by_name(message).expect("a message of the contract");
        let fields: Vec<(u32, String, String)> =
            message.fields().map(|field| (field.number(), field.json_name().to_owned(), field.name().to_owned())).collect();
        let known: Vec<(u32, String, String)> =
            known.iter().map(|(n, json, proto)| (*n, (*json).to_owned(), (*proto).to_owned())).collect();
        assert_eq!(known, fields);
    }

    #[test]
    fn the_lists_of_fields_are_those_of_the_contract() {
        check(&v1::CallEvent::full_name(), &CALL_FIELDS);
        check(&v1::AgentEvent::full_name(), &AGENT_FIELDS);
    }

    #[test]
    fn unknown_types_and_fields_are_counted_and_ignored() {
        let mut context = Context::default();
        let line = |kind: &str, data: &str| {
            let begin = r#"{"specversion":"1.0","id":"1","source":"/a","time":"2026-01-05T10:00:00Z","traceparent":"x""#;
            format!(r#"{begin},"type":"{kind}","data":{data}}}"#)
        };
        let mut read = |text: &str| Fika.read_in(Input::line(text.as_bytes()), &mut context).map(|events| (events.len(), context.unknown));
        assert_eq!(read(&line("call.sung", "{}")), Ok((0, Unknown { types: 1, fields: 0 })));
        let data = r#"{"callId":"a","queue_id":"b","mood":"good","caller":{"number":"1"}}"#;
        assert_eq!(read(&line("call.queued", data)), Ok((1, Unknown { types: 1, fields: 2 })));
        assert!(read(&line("call.queued", r#"{"mood":1}"#)).is_err(), "a refused record counts nothing");
        assert_eq!(read(&line("call.queued", r#"{"callId":"a"}"#)), Ok((1, Unknown { types: 1, fields: 2 })));
    }

    #[test]
    fn unknown_fields_of_protobuf_are_counted() {
        // Field 1 is known; 15 is a varint and 16 a text that the contract does not have.
        let bytes = b"\x0a\x01a\x78\x05\x82\x01\x02hi";
        assert_eq!(unknown_numbers(bytes, &CALL_FIELDS), 2);
        assert_eq!(unknown_numbers(b"\x0a\x01a", &CALL_FIELDS), 0);
    }
}
