//! Records of the bus: each topic's messages to bytes with key and headers, and back.
//!
//! Values are `CloudEvents` in structured mode, except for the state of the counters, which is nobody's business but theirs and travels
//! as bytes in binary mode. A null value deletes its key.

use fika_model::calendar::Date;
use fika_model::command::Command;
use fika_model::event::{Event, timestamp_of};
use fika_model::fault::{FaultCode, Faults};
use fika_model::forecast::QueueForecast;
use fika_model::interval::{IntervalCounters, IntervalKey};
use fika_model::roster::{Roster, RosterSummary};
use fika_model::status::Status;
use fika_model::{AgentId, DayMap, QueueId, Request, RequestId, Timestamp};
use prost::Name;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cloudevents::{self, Attributes, Data, Headers};
use crate::json::{self, MESSAGE_LIMIT_BYTES};
use crate::proto::fika::v1;
use crate::{convert, topics};

/// A record to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The topic.
    pub topic: &'static str,
    /// The key.
    pub key: Option<Vec<u8>>,
    /// The value; `None` deletes the key from a compacted topic.
    pub value: Option<Vec<u8>>,
    /// The headers, in order.
    pub headers: Vec<(String, Vec<u8>)>,
}

/// Who says a message, and when.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'a> {
    /// Unique within `source`.
    pub id: &'a str,
    /// The process or role that says it, such as `/fika/ingest`.
    pub source: &'a str,
    /// When, by its clock.
    pub at: Timestamp,
}

fn structured(topic: &'static str, key: String, attributes: &Attributes<'_>, data: &impl Serialize) -> Encoded {
    let value = cloudevents::write_structured(attributes, data);
    Encoded { topic, key: Some(key.into_bytes()), value: Some(value), headers: cloudevents::structured_headers() }
}

fn message<T: Serialize + Name>(topic: &'static str, key: String, stamp: &Stamp<'_>, data: &T) -> Encoded {
    let event_type = T::full_name();
    let attributes = Attributes { id: stamp.id, source: stamp.source, event_type: &event_type, subject: &key, time: stamp.at };
    let value = cloudevents::write_structured(&attributes, data);
    Encoded { topic, key: Some(key.into_bytes()), value: Some(value), headers: cloudevents::structured_headers() }
}

/// A record that deletes a key from a compacted topic.
pub fn tombstone(topic: &'static str, key: impl Into<Vec<u8>>) -> Encoded {
    Encoded { topic, key: Some(key.into()), value: None, headers: Vec::new() }
}

/// An event of a call or of an agent, as the ACD's feed sends it.
pub fn event(event: &Event) -> Encoded {
    match event {
        Event::Call(call) => {
            let attributes = Attributes {
                id: &call.event_id,
                source: &call.source,
                event_type: convert::call_type(call.kind),
                subject: call.call_id.as_str(),
                time: timestamp_of(call.occurred_at_ms),
            };
            structured(topics::CALLS, call.call_id.to_string(), &attributes, &convert::call_event_message(call))
        }
        Event::Agent(agent) => {
            let attributes = Attributes {
                id: &agent.event_id,
                source: &agent.source,
                event_type: convert::AGENT_TYPE,
                subject: agent.agent.as_str(),
                time: timestamp_of(agent.occurred_at_ms),
            };
            structured(topics::AGENTS, agent.agent.to_string(), &attributes, &convert::agent_event_message(agent))
        }
    }
}

/// The key of a cell's counters.
pub fn interval_key(key: &IntervalKey) -> String {
    format!("{}|{}|{}", key.queue, key.start, key.length.minutes())
}

/// The counters of a cell.
pub fn interval(key: &IntervalKey, counters: &IntervalCounters, stamp: &Stamp<'_>) -> Encoded {
    message(topics::INTERVALS, interval_key(key), stamp, &convert::interval_message(key, counters))
}

/// The key of a forecast.
pub fn forecast_key(request: &RequestId, queue: &QueueId) -> String {
    format!("{request}|{queue}")
}

/// A forecast made for a request.
pub fn forecast(request: &RequestId, forecast: &QueueForecast, stamp: &Stamp<'_>) -> Encoded {
    let data = convert::forecast_message(request, forecast);
    message(topics::FORECASTS, forecast_key(request, &forecast.queue), stamp, &data)
}

/// A request.
pub fn request(request: &Request, stamp: &Stamp<'_>) -> Encoded {
    message(topics::REQUESTS, request.id.to_string(), stamp, &convert::request_message(request))
}

/// A command about a request.
pub fn command(command: &Command, stamp: &Stamp<'_>) -> Encoded {
    message(topics::COMMANDS, command.request.to_string(), stamp, &convert::command_message(command))
}

/// A status message.
pub fn status(status: &Status, stamp: &Stamp<'_>) -> Encoded {
    message(topics::STATUS, status.request.to_string(), stamp, &convert::status_message(status))
}

/// The key of an agent's roster.
pub fn roster_key(agent: &AgentId, first_date: Date) -> String {
    format!("{agent}:{first_date}")
}

/// A roster: one record per agent, in the order of its agents. The stamp's id is made unique by the agent's number.
pub fn roster(roster: &Roster, stamp: &Stamp<'_>) -> Vec<Encoded> {
    let first_date = roster.days.first_date();
    let record = |(n, (agent, data)): (usize, (&fika_model::AgentRoster, v1::AgentRoster))| {
        let id = format!("{}/{n}", stamp.id);
        message(topics::ROSTERS, roster_key(&agent.agent, first_date), &Stamp { id: &id, ..*stamp }, &data)
    };
    roster.agents.iter().zip(convert::agent_messages(roster)).enumerate().map(record).collect()
}

/// A roster's summary; `days` are the roster's.
pub fn roster_summary(summary: &RosterSummary, days: &DayMap, stamp: &Stamp<'_>) -> Encoded {
    message(topics::ROSTER_SUMMARIES, summary.roster.to_string(), stamp, &convert::summary_message(summary, days))
}

/// A piece of the counters' state, as they encode it; `None` when it is no longer needed.
pub fn ingest_state(key: impl Into<Vec<u8>>, state: Option<Vec<u8>>) -> Encoded {
    let headers = match state {
        Some(_) => vec![("content-type".to_owned(), b"application/vnd.fika.ingest-state".to_vec())],
        None => Vec::new(),
    };
    Encoded { topic: topics::INGEST_STATE, key: Some(key.into()), value: state, headers }
}

/// Where a record that cannot be read came from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Its topic.
    pub topic: &'a str,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Its time on the bus, in milliseconds since 1970.
    pub timestamp_ms: i64,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value.
    pub value: Option<&'a [u8]>,
    /// Its headers.
    pub headers: &'a Headers,
}

/// Names of the headers that a dead letter has beyond those of the record that was set aside.
pub mod dead_letter_headers {
    /// All faults, one a line.
    pub const REASON: &str = "fika-error-reason";
    /// The codes of the faults, each once, separated by commas.
    pub const CODE: &str = "fika-error-code";
    /// The topic that the record was read from.
    pub const TOPIC: &str = "fika-original-topic";
    /// Its partition there.
    pub const PARTITION: &str = "fika-original-partition";
    /// Its offset there.
    pub const OFFSET: &str = "fika-original-offset";
    /// Its time there, RFC 3339.
    pub const TIME: &str = "fika-original-time";
}

/// A record set aside: key, value and headers byte for byte, and in further headers the reason and the origin.
pub fn dead_letter(origin: &Origin<'_>, faults: &Faults) -> Encoded {
    use dead_letter_headers::{CODE, OFFSET, PARTITION, REASON, TIME, TOPIC};
    let mut codes: Vec<&str> = faults.0.iter().map(|fault| fault.code.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    let added = [
        (REASON, faults.to_string()),
        (CODE, codes.join(",")),
        (TOPIC, origin.topic.to_owned()),
        (PARTITION, origin.partition.to_string()),
        (OFFSET, origin.offset.to_string()),
        (TIME, timestamp_of(origin.timestamp_ms).to_string()),
    ];
    let added = added.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes()));
    Encoded {
        topic: topics::DEAD_LETTERS,
        key: origin.key.map(<[u8]>::to_vec),
        value: origin.value.map(<[u8]>::to_vec),
        headers: origin.headers.iter().cloned().chain(added).collect(),
    }
}

/// Reads a record that carries one message of type `T` and makes a model value of it. Places of faults are those in the message.
fn read<T, M>(headers: &Headers, value: &[u8], parse: impl FnOnce(&T) -> Result<M, Faults>) -> Result<M, Faults>
where
    T: DeserializeOwned + Name + Default,
{
    let events = cloudevents::read(headers, value, MESSAGE_LIMIT_BYTES)?;
    let [event] = events.as_slice() else {
        return Err(Faults::one(FaultCode::Malformed, "", format_args!("{} events, where one is expected", events.len())));
    };
    if event.event_type != T::full_name() {
        let cause = format_args!("{:?}, where {:?} is expected", event.event_type, T::full_name());
        return Err(Faults::one(FaultCode::UnknownType, "type", cause));
    }
    match &event.data {
        Data::Json(bytes) => json::read_then(bytes, MESSAGE_LIMIT_BYTES, parse),
        Data::Bytes(bytes) => match T::decode(bytes.as_ref()) {
            Ok(message) => parse(&message),
            Err(error) => Err(Faults::one(FaultCode::Malformed, "", error)),
        },
        Data::None => Err(Faults::one(FaultCode::Missing, "data", "the event carries no data")),
    }
}

/// Reads the counters of a cell.
pub fn read_interval(headers: &Headers, value: &[u8]) -> Result<(IntervalKey, IntervalCounters), Faults> {
    read(headers, value, convert::parse_interval)
}

/// Reads a forecast and the request that it was made for.
pub fn read_forecast(headers: &Headers, value: &[u8]) -> Result<(RequestId, QueueForecast), Faults> {
    read(headers, value, convert::parse_forecast)
}

/// Reads a request.
pub fn read_request(headers: &Headers, value: &[u8]) -> Result<Request, Faults> {
    read(headers, value, convert::parse_request)
}

/// Reads a command about a request.
pub fn read_command(headers: &Headers, value: &[u8]) -> Result<Command, Faults> {
    read(headers, value, convert::parse_command)
}

/// Reads a status message.
pub fn read_status(headers: &Headers, value: &[u8]) -> Result<Status, Faults> {
    read(headers, value, convert::parse_status)
}

/// Reads one agent's roster, still as a message: a roster is put together by [`convert::parse_agent_rosters`].
pub fn read_agent_roster(headers: &Headers, value: &[u8]) -> Result<v1::AgentRoster, Faults> {
    read(headers, value, |message: &v1::AgentRoster| Ok(message.clone()))
}

/// Reads a summary, with the days that its times are told in.
pub fn read_roster_summary(headers: &Headers, value: &[u8]) -> Result<(DayMap, RosterSummary), Faults> {
    read(headers, value, convert::parse_summary)
}

#[cfg(test)]
mod tests;
