//! The common case of own events: a call's data in JSON with nothing wrong in it, read in one pass and without the generated messages.
//!
//! What is read here is what the thorough way reads; whatever is rare or faulty is left to it.

use std::borrow::Cow;

use fika_model::event::{CallEvent, CallEventKind};
use fika_model::{AgentId, CallId, QueueId};
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::cloudevents::{CloudEvent, Data};
use crate::convert::is_legal_ms;

const WEEK_MS: i64 = 7 * 86_400_000;

/// The event and the number of its unknown fields; none where the thorough way is to read it.
pub(super) fn call(kind: CallEventKind, event: &CloudEvent<'_>) -> Option<(CallEvent, u64)> {
    let Data::Json(bytes) = event.data else { return None };
    let occurred_at_ms = event.time_ms.filter(|ms| is_legal_ms(*ms))?;
    if event.id.is_empty() || event.source.is_empty() {
        return None;
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let call = reader.deserialize_map(Fields).ok()?;
    reader.end().ok()?;
    if kind == CallEventKind::Completed && call.answered.is_none() {
        return None;
    }
    let read = CallEvent {
        event_id: event.id.clone().into_owned(),
        source: event.source.clone().into_owned(),
        call_id: CallId::new(call.call_id?).ok()?,
        kind,
        occurred_at_ms,
        queue: call.queue_id.filter(|id| !id.is_empty()).map(QueueId::new).transpose().ok()?,
        agent: call.agent_id.filter(|id| !id.is_empty()).map(AgentId::new).transpose().ok()?,
        wait_ms: call.wait_ms,
        talk_ms: call.talk_ms,
        hold_ms: call.hold_ms,
        wrapup_ms: call.wrapup_ms,
        answered: call.answered,
    };
    Some((read, call.unknown))
}

#[derive(Default)]
struct Told<'a> {
    call_id: Option<Cow<'a, str>>,
    root_call_id: Option<Cow<'a, str>>,
    queue_id: Option<Cow<'a, str>>,
    agent_id: Option<Cow<'a, str>>,
    wait_ms: Option<i64>,
    talk_ms: Option<i64>,
    hold_ms: Option<i64>,
    wrapup_ms: Option<i64>,
    answered: Option<bool>,
    unknown: u64,
}

#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A length in milliseconds, as a number or as a text of digits.
struct Length(i64);

impl<'de> serde::Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = i64;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a length")
            }

            fn visit_u64<E: serde::de::Error>(self, length: u64) -> Result<i64, E> {
                i64::try_from(length).map_err(E::custom)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<i64, E> {
                if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().map_err(E::custom) } else { Err(E::custom("no digits")) }
            }
        }
        let length = deserializer.deserialize_any(Digits)?;
        if length <= WEEK_MS { Ok(Self(length)) } else { Err(D::Error::custom("too long")) }
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Told<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    /// Any error sends the event the thorough way: a null, a field that comes twice, an own time, a value of another type.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Told<'de>, A::Error> {
        fn text<'de, A: MapAccess<'de>>(map: &mut A, slot: &mut Option<Cow<'de, str>>) -> Result<(), A::Error> {
            let Text(text) = map.next_value()?;
            if slot.replace(text).is_some() { Err(A::Error::custom("twice")) } else { Ok(()) }
        }
        fn length<'de, A: MapAccess<'de>>(map: &mut A, slot: &mut Option<i64>) -> Result<(), A::Error> {
            let Length(length) = map.next_value()?;
            if slot.replace(length).is_some() { Err(A::Error::custom("twice")) } else { Ok(()) }
        }
        let mut call = Told::default();
        while let Some(Text(name)) = map.next_key()? {
            match name.as_ref() {
                "callId" | "call_id" => text(&mut map, &mut call.call_id)?,
                "rootCallId" | "root_call_id" => text(&mut map, &mut call.root_call_id)?,
                "queueId" | "queue_id" => text(&mut map, &mut call.queue_id)?,
                "agentId" | "agent_id" => text(&mut map, &mut call.agent_id)?,
                "waitMs" | "wait_ms" => length(&mut map, &mut call.wait_ms)?,
                "talkMs" | "talk_ms" => length(&mut map, &mut call.talk_ms)?,
                "holdMs" | "hold_ms" => length(&mut map, &mut call.hold_ms)?,
                "wrapupMs" | "wrapup_ms" => length(&mut map, &mut call.wrapup_ms)?,
                "answered" => {
                    if call.answered.replace(map.next_value()?).is_some() {
                        return Err(A::Error::custom("twice"));
                    }
                }
                "occurredAt" | "occurred_at" => return Err(A::Error::custom("an own time")),
                _ => {
                    let IgnoredAny = map.next_value()?;
                    call.unknown += 1;
                }
            }
        }
        Ok(call)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Unknown, thorough_call};
    use super::*;

    const KINDS: [CallEventKind; 3] = [CallEventKind::Queued, CallEventKind::Ended, CallEventKind::Completed];

    fn event(data: &str) -> CloudEvent<'_> {
        CloudEvent {
            id: Cow::Borrowed("1"),
            source: Cow::Borrowed("/acd"),
            event_type: Cow::Borrowed("call.ended"),
            subject: Cow::Borrowed(""),
            time_ms: Some(1_767_607_200_000),
            content_type: Cow::Borrowed("application/json"),
            data: Data::Json(data.as_bytes()),
        }
    }

    /// Whether the quick way reads it; what it reads is what the thorough way reads.
    fn check(kind: CallEventKind, data: &str) -> bool {
        let event = event(data);
        let Some((call, unknown)) = call(kind, &event) else { return false };
        let mut found = Unknown::default();
        let thorough = thorough_call(kind, &event, &mut found);
        assert_eq!(thorough, Ok(fika_model::event::Event::Call(call)), "{data}");
        assert_eq!(unknown, found.fields, "{data}");
        true
    }

    #[test]
    fn sound_data_goes_the_quick_way_and_all_else_the_thorough_one() {
        let sound = [
            r#"{"callId":"a"}"#,
            r#"{"call_id":"a","queueId":"","agentId":"7","waitMs":6000,"talkMs":"25000","answered":true,"mood":{"a":[1]}}"#,
            r#" { "callId" : "\u00e4", "root_call_id": "b" } "#,
        ];
        for data in sound {
            assert!(check(CallEventKind::Ended, data), "{data}");
        }
        assert!(check(CallEventKind::Completed, sound[1]));
        let others = [
            r#"{"callId":"a","waitMs":-1}"#,
            r#"{"callId":"a","waitMs":604800001}"#,
            r#"{"callId":"a","waitMs":5.0}"#,
            r#"{"callId":"a","waitMs":null}"#,
            r#"{"callId":"a","callId":"b"}"#,
            r#"{"callId":"a","call_id":"b"}"#,
            r#"{"callId":"a","occurredAt":"2026-01-05T10:00:00Z"}"#,
            r#"{"callId":""}"#,
            r#"{"callId":5}"#,
            r#"{"callId":"a"} x"#,
            "{}",
            "[]",
        ];
        for data in others {
            assert!(!check(CallEventKind::Ended, data), "{data}");
        }
        assert!(!check(CallEventKind::Completed, r#"{"callId":"a"}"#), "a completed call says whether it was answered");
    }

    proptest! {
        #[test]
        fn both_ways_read_the_same(
            names in proptest::collection::vec("(callId|call_id|rootCallId|queueId|agentId|waitMs|talk_ms|holdMs|wrapup_ms|answered|mood)", 0..7),
            values in proptest::collection::vec(
                r#"("[a-z0-9]{0,3}"|"\\u00e4"|[0-9]{1,10}|"[0-9]{1,10}"|true|false|null|-1|1\.5|\[\]|\{"a":1\})"#,
                7,
            ),
            kind in 0..3_usize,
        ) {
            let fields: Vec<String> = names.iter().zip(&values).map(|(name, value)| format!("\"{name}\":{value}")).collect();
            check(KINDS[kind], &format!("{{{}}}", fields.join(",")));
        }
    }
}
