//! What the bus says, as inputs of the desk.

use std::ops::ControlFlow;

use fika_bus::{Error, Record};
use fika_engine::{Input, Publication};
use fika_model::command::{Action, Command};
use fika_model::{Request, RequestId};
use fika_wire::{digest, records, topics};

use crate::roles::Shared;

/// What was said, published and ordered so far.
pub(super) fn history(shared: &Shared) -> Result<Vec<Input>, Error> {
    let mut inputs = Vec::new();
    for topic in [topics::STATUS, topics::ROSTER_SUMMARIES, topics::COMMANDS] {
        shared.bus.scan(topic, &mut |record| {
            inputs.extend(said(&record));
            ControlFlow::Continue(())
        })?;
    }
    Ok(inputs)
}

/// What a record of a status, a forecast, a summary or a command tells the desk; nothing where it cannot be read.
pub(super) fn said(record: &Record) -> Option<Input> {
    let value = record.value.as_deref()?;
    match record.topic.as_str() {
        topics::STATUS => {
            let status = records::read_status(&record.headers, value).ok()?;
            Some(Input::Status { request: status.request, state: status.state })
        }
        topics::ROSTER_SUMMARIES => {
            let (_, summary) = records::read_roster_summary(&record.headers, value).ok()?;
            Some(Input::Published(Publication {
                roster: summary.roster,
                request: summary.request,
                generation: summary.generation,
                at_ms: record.timestamp_ms,
            }))
        }
        topics::COMMANDS => {
            let Command { request, action, .. } = records::read_command(&record.headers, value).ok()?;
            Some(match action {
                Action::Cancel { reason } => Input::Cancel { request, reason },
                Action::Finish => Input::Finish { request },
            })
        }
        topics::FORECASTS => {
            let (request, forecast) = records::read_forecast(&record.headers, value).ok()?;
            Some(Input::Forecast { request, forecast: Box::new(forecast) })
        }
        _ => None,
    }
}

/// What a record of a request tells the desk, and the request's id where it can be known.
pub(super) fn asked(record: &Record) -> (Option<RequestId>, Option<Input>) {
    let by_key = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok()).and_then(|key| RequestId::new(key).ok());
    let Some(value) = record.value.as_deref() else { return (by_key, None) };
    match records::read_request(&record.headers, value) {
        Ok(request) => (Some(request.id.clone()), Some(sound(request))),
        Err(faults) => (by_key.clone(), Some(Input::Unsound { request: by_key, faults })),
    }
}

fn sound(request: Request) -> Input {
    Input::Request { digest: digest::request(&request), request: Box::new(request) }
}
