//! What the bus says, as inputs of the desk.

use std::ops::ControlFlow;

use fika_bus::{Error, Record};
use fika_engine::{Input, Period, Publication};
use fika_model::command::{Action, Command};
use fika_model::status::{State, Status};
use fika_model::{Request, RequestId, SiteId};
use fika_wire::{digest, records, topics};

use crate::roles::Shared;

/// The header of a summary that names the site: its value tells the days only.
pub(super) const SITE: &str = "fika-site";
/// The header of a summary that says which publication of its period it is, as a decimal number from 1 on.
pub(super) const TURN: &str = "fika-turn";

/// All publications there are.
pub(super) fn publications(shared: &Shared) -> Result<Vec<Publication>, Error> {
    let mut found = Vec::new();
    shared.bus.scan(topics::ROSTER_SUMMARIES, &mut |record| {
        if let Some(Input::Published(publication)) = said(&record) {
            found.push(publication);
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

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
            let (days, summary) = records::read_roster_summary(&record.headers, value).ok()?;
            let header = |wanted: &str| {
                let found = record.headers.iter().find(|(name, _)| name == wanted);
                found.and_then(|(_, value)| std::str::from_utf8(value).ok())
            };
            let site = header(SITE).and_then(|site| SiteId::new(site).ok());
            Some(Input::Published(Publication {
                roster: summary.roster,
                request: summary.request,
                generation: summary.generation,
                turn: header(TURN).and_then(|turn| turn.parse().ok()).unwrap_or(0),
                at_ms: record.timestamp_ms,
                period: site.map(|site| Period { site, first_date: days.first_date(), days: days.len() }),
            }))
        }
        topics::COMMANDS => {
            let Command { request, action, .. } = records::read_command(&record.headers, value).ok()?;
            Some(match action {
                Action::Cancel { reason } => Input::Cancel { request, reason },
                Action::Finish => Input::Finish { request },
            })
        }
        topics::FORECASTS => match records::read_forecast(&record.headers, value) {
            Ok((request, forecast)) => Some(Input::Forecast { request, forecast: Box::new(forecast) }),
            // Where no forecast can be made, a status with the faults comes in its place.
            Err(_) => match records::read_status(&record.headers, value).ok()? {
                Status { request, state: State::Failed { faults }, .. } => Some(Input::NoForecast { request, faults }),
                _ => None,
            },
        },
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
