//! `CloudEvents` 1.0: structured JSON, binary mode (Kafka's `ce_` headers and HTTP's `ce-`), batches.
//!
//! A record says its mode by its content type; one without content type and `ce_` headers is taken for structured JSON, which is what
//! a hand-made record is. Tombstones are null values and never reach this module.

use std::borrow::Cow;

use base64::Engine as _;
use fika_model::Timestamp;
use fika_model::event::EpochMs;
use fika_model::fault::{FaultCode, Faults};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The media type of a structured event.
pub const STRUCTURED: &str = "application/cloudevents+json; charset=UTF-8";
/// The media type of a batch.
pub const BATCH: &str = "application/cloudevents-batch+json; charset=UTF-8";
/// The media type of data in protobuf's binary form.
pub const PROTOBUF: &str = "application/protobuf";
const JSON: &str = "application/json";

/// A record's headers, in order.
pub type Headers = [(String, Vec<u8>)];

/// How a record carries its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The value is the whole event as JSON.
    Structured,
    /// The headers are the attributes, the value is the data.
    Binary,
    /// The value is a list of structured events.
    Batch,
    /// Something else.
    Raw,
}

/// What an event carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data<'a> {
    /// Nothing.
    None,
    /// JSON text.
    Json(&'a [u8]),
    /// Bytes of the announced content type.
    Bytes(Cow<'a, [u8]>),
}

/// An event, with its data still to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudEvent<'a> {
    /// Unique within `source`.
    pub id: Cow<'a, str>,
    /// Who sent it.
    pub source: Cow<'a, str>,
    /// What it is.
    pub event_type: Cow<'a, str>,
    /// What it is about; empty where not told.
    pub subject: Cow<'a, str>,
    /// When it happened, where told.
    pub time_ms: Option<EpochMs>,
    /// The media type of the data; empty where not told.
    pub content_type: Cow<'a, str>,
    /// The data.
    pub data: Data<'a>,
}

/// The attributes of an event that is to be written.
#[derive(Debug, Clone, Copy)]
pub struct Attributes<'a> {
    /// Unique within `source`.
    pub id: &'a str,
    /// Who sends it: a URI reference, such as `/fika/ingest`.
    pub source: &'a str,
    /// What it is.
    pub event_type: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// When it happened.
    pub time: Timestamp,
}

#[derive(Serialize)]
struct Written<'a, T> {
    specversion: &'static str,
    id: &'a str,
    source: &'a str,
    #[serde(rename = "type")]
    event_type: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    subject: &'a str,
    time: crate::proto::Timestamp,
    datacontenttype: &'static str,
    data: &'a T,
}

/// Writes an event in structured mode.
pub fn write_structured(attributes: &Attributes<'_>, data: &impl Serialize) -> Vec<u8> {
    let Attributes { id, source, event_type, subject, time } = *attributes;
    let time = time.into();
    crate::json::write(&Written { specversion: "1.0", id, source, event_type, subject, time, datacontenttype: JSON, data })
}

/// The headers of a record in structured mode.
pub fn structured_headers() -> Vec<(String, Vec<u8>)> {
    vec![("content-type".to_owned(), STRUCTURED.as_bytes().to_vec())]
}

/// The headers of a record in binary mode, whose value is data of this media type.
pub fn binary_headers(attributes: &Attributes<'_>, content_type: &str) -> Vec<(String, Vec<u8>)> {
    let Attributes { id, source, event_type, subject, time } = *attributes;
    let time = time.to_string();
    let named = [
        ("content-type", content_type),
        ("ce_specversion", "1.0"),
        ("ce_id", id),
        ("ce_source", source),
        ("ce_type", event_type),
        ("ce_subject", subject),
        ("ce_time", &time),
    ];
    named.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
}

/// A header by its name, in any case of letters.
fn header<'a>(headers: &'a Headers, name: &str) -> Option<&'a [u8]> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
}

/// An attribute by its name: `ce_` as on Kafka, `ce-` as in HTTP.
fn attribute<'a>(headers: &'a Headers, name: &str) -> Option<&'a [u8]> {
    let named = |known: &str| known.get(..3).is_some_and(|p| p.eq_ignore_ascii_case("ce_") || p.eq_ignore_ascii_case("ce-"));
    headers.iter().find(|(known, _)| named(known) && known[3..].eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
}

/// How a record with these headers carries its events.
pub fn mode(headers: &Headers) -> Mode {
    let starts = |text: &[u8], prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()));
    let content_type = header(headers, "content-type");
    match content_type {
        Some(text) if starts(text, "application/cloudevents-batch") => Mode::Batch,
        Some(text) if starts(text, "application/cloudevents") => Mode::Structured,
        _ if ["specversion", "id", "source", "type"].iter().all(|name| attribute(headers, name).is_some()) => Mode::Binary,
        None => Mode::Structured,
        Some(_) => Mode::Raw,
    }
}

/// Reads the events of a record: one, or those of a batch.
pub fn read<'a>(headers: &'a Headers, value: &'a [u8], limit_bytes: usize) -> Result<Vec<CloudEvent<'a>>, Faults> {
    if value.len() > limit_bytes {
        return Err(Faults::one(FaultCode::TooLarge, "", format_args!("{} bytes, more than {limit_bytes}", value.len())));
    }
    match mode(headers) {
        Mode::Structured => Ok(vec![read_structured(value)?]),
        Mode::Binary => Ok(vec![read_binary(headers, value)?]),
        Mode::Batch => read_batch(value),
        Mode::Raw => Err(Faults::one(FaultCode::Malformed, "", "it is no CloudEvent, by its content type and headers")),
    }
}

/// A text that is borrowed where it can be. Inside an option, `Cow` alone would always be owned.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Structured<'a> {
    #[serde(borrow, alias = "specVersion")]
    specversion: Option<Text<'a>>,
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    source: Option<Text<'a>>,
    #[serde(borrow, rename = "type")]
    event_type: Option<Text<'a>>,
    #[serde(borrow)]
    subject: Option<Text<'a>>,
    #[serde(borrow)]
    time: Option<Text<'a>>,
    #[serde(borrow)]
    datacontenttype: Option<Text<'a>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    data_base64: Option<Text<'a>>,
}

/// Reads one event in structured mode.
pub fn read_structured(value: &[u8]) -> Result<CloudEvent<'_>, Faults> {
    let value = value.strip_prefix(b"\xef\xbb\xbf").unwrap_or(value);
    let read: Structured<'_> = serde_json::from_slice(value).map_err(|error| json_fault(&error))?;
    let mut faults = Faults::default();
    let data = match (read.data, read.data_base64) {
        (Some(data), _) => Data::Json(data.get().as_bytes()),
        (None, Some(Text(text))) => match base64::engine::general_purpose::STANDARD.decode(text.as_bytes()) {
            Ok(bytes) => Data::Bytes(Cow::Owned(bytes)),
            Err(error) => {
                faults.push(FaultCode::WrongType, "data_base64", error);
                Data::None
            }
        },
        (None, None) => Data::None,
    };
    let attributes = [read.specversion, read.id, read.source, read.event_type, read.subject, read.time, read.datacontenttype];
    event(attributes.map(|text| text.map(|Text(text)| text)), data, faults)
}

fn json_fault(error: &serde_json::Error) -> Faults {
    let code = if error.is_data() { FaultCode::WrongType } else { FaultCode::Malformed };
    Faults::one(code, "", error)
}

/// Reads one event in binary mode.
pub fn read_binary<'a>(headers: &'a Headers, value: &'a [u8]) -> Result<CloudEvent<'a>, Faults> {
    let mut faults = Faults::default();
    let mut text = |name: &str, value: Option<&'a [u8]>| {
        let value = value?;
        faults.take(FaultCode::WrongType, format!("ce_{name}"), std::str::from_utf8(value)).map(Cow::Borrowed)
    };
    let [specversion, id, source, event_type, subject, time] =
        ["specversion", "id", "source", "type", "subject", "time"].map(|name| text(name, attribute(headers, name)));
    let content_type = text("datacontenttype", header(headers, "content-type"));
    let json = content_type.as_deref().is_none_or(is_json);
    let data = if json { Data::Json(value) } else { Data::Bytes(Cow::Borrowed(value)) };
    event([specversion, id, source, event_type, subject, time, content_type], data, faults)
}

/// Reads a list of structured events. A batch is taken whole or not at all.
pub fn read_batch(value: &[u8]) -> Result<Vec<CloudEvent<'_>>, Faults> {
    let items: Vec<&RawValue> = serde_json::from_slice(value).map_err(|error| json_fault(&error))?;
    let mut faults = Faults::default();
    let mut events = Vec::with_capacity(items.len());
    for (n, item) in items.into_iter().enumerate() {
        match read_structured(item.get().as_bytes()) {
            Ok(event) => events.push(event),
            Err(found) => faults.0.extend(within(&format!("[{n}]"), found).0),
        }
    }
    if faults.0.is_empty() { Ok(events) } else { Err(faults) }
}

/// Faults of a part of a message, with their places in the whole.
pub(crate) fn within(part: &str, mut faults: Faults) -> Faults {
    for fault in &mut faults.0 {
        let dot = if fault.at.is_empty() || fault.at.starts_with('[') { "" } else { "." };
        fault.at = format!("{part}{dot}{}", fault.at);
    }
    faults
}

/// Whether a media type is JSON: `application/json`, `text/json`, or anything `+json`.
pub(crate) fn is_json(media_type: &str) -> bool {
    let plain = media_type.split(';').next().unwrap_or_default().trim();
    let ends = |suffix: &str| {
        plain.len() >= suffix.len() && plain.as_bytes()[plain.len() - suffix.len()..].eq_ignore_ascii_case(suffix.as_bytes())
    };
    ends("/json") || ends("+json")
}

fn event<'a>(attributes: [Option<Cow<'a, str>>; 7], data: Data<'a>, mut faults: Faults) -> Result<CloudEvent<'a>, Faults> {
    let [specversion, id, source, event_type, subject, time, content_type] = attributes;
    match specversion.as_deref() {
        Some("1.0") => {}
        Some(other) => faults.push(FaultCode::OutOfRange, "specversion", format_args!("{other:?}, where 1.0 is read")),
        None => faults.push(FaultCode::Missing, "specversion", "it is no CloudEvent without it"),
    }
    let mut required = |name: &str, value: Option<Cow<'a, str>>| match value {
        Some(value) if !value.is_empty() => value,
        _ => {
            faults.push(FaultCode::Missing, name, "it is missing or empty");
            Cow::Borrowed("")
        }
    };
    let (id, source, event_type) = (required("id", id), required("source", source), required("type", event_type));
    let time_ms = time.and_then(|text| {
        let time = text.parse::<Timestamp>().ok();
        if time.is_none() {
            faults.push(FaultCode::BadTime, "time", format_args!("{text:?} is no time such as 2026-01-11T05:00:00Z"));
        }
        time.map(Timestamp::as_millisecond)
    });
    let (subject, content_type) = (subject.unwrap_or_default(), content_type.unwrap_or_default());
    faults.or(Some(CloudEvent { id, source, event_type, subject, time_ms, content_type, data }))
}

#[cfg(test)]
mod tests;
