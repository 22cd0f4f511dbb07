//! The product's own events: `CloudEvents` 1.0, structured, binary or in batches, with the data as JSON or protobuf.

use fika_model::event::Event;
use fika_model::fault::{FaultCode, Faults};
use prost::Name;
use serde::de::DeserializeOwned;

use super::{Dialect, Input};
use crate::cloudevents::{self, CloudEvent, Data, within};
use crate::convert;
use crate::json::{self, MESSAGE_LIMIT_BYTES};

pub(super) const NAME: &str = "fika";

/// Reads the product's own events.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fika;

impl Dialect for Fika {
    fn name(&self) -> &'static str {
        NAME
    }

    fn read(&mut self, input: Input<'_>) -> Result<Vec<Event>, Faults> {
        let events = cloudevents::read(input.headers, input.value, MESSAGE_LIMIT_BYTES)?;
        let batch = cloudevents::mode(input.headers) == cloudevents::Mode::Batch;
        let mut faults = Faults::default();
        let mut read = Vec::with_capacity(events.len());
        for (n, event) in events.iter().enumerate() {
            match read_event(event) {
                Ok(event) => read.push(event),
                Err(found) if batch => faults.0.extend(within(&format!("[{n}]"), found).0),
                Err(found) => faults.0.extend(found.0),
            }
        }
        if faults.0.is_empty() { Ok(read) } else { Err(faults) }
    }
}

/// Reads one event of a call or an agent.
fn read_event(event: &CloudEvent<'_>) -> Result<Event, Faults> {
    let CloudEvent { id, source, event_type, time_ms, .. } = event;
    if let Some(kind) = convert::call_kind(event_type) {
        return data(event, |p| convert::parse_call_event(kind, id, source, *time_ms, p)).map(Event::Call);
    }
    if event_type == convert::AGENT_TYPE {
        return data(event, |p| convert::parse_agent_event(id, source, *time_ms, p)).map(Event::Agent);
    }
    Err(Faults::one(FaultCode::UnknownType, "type", format_args!("{event_type:?}")))
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
