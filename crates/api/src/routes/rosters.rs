//! Rosters as messages and as pictures.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use fika_model::Date;
use fika_model::calendar::DayIndex;
use fika_wire::proto::fika::v1 as proto;
use fika_wire::{convert, json};

use super::{App, json_answer, waiting};
use crate::board;
use crate::problem::Problem;
use crate::view::{RosterLookup, View};

type Options = Query<BTreeMap<String, String>>;

async fn find(app: &App, id: &str, query: &BTreeMap<String, String>) -> Result<proto::Roster, Problem> {
    let look = |view: &View| {
        let roster = view.roster(id);
        let whole = matches!(roster, RosterLookup::Complete(_));
        (roster, whole)
    };
    match waiting::until(&app.view, waiting::wait_of(query)?, look).await {
        RosterLookup::Complete(roster) => Ok(*roster),
        RosterLookup::Unknown => Err(Problem::not_found(format!("there is no roster {id:?}"))),
        RosterLookup::Incomplete => {
            Err(Problem::not_found(format!("roster {id:?} is not whole: it is still arriving, or a newer one has taken its place")))
        }
    }
}

pub(super) async fn roster(State(app): State<App>, Path(id): Path<String>, Query(query): Options) -> Result<Response, Problem> {
    let roster = find(&app, &id, &query).await?;
    Ok(json_answer(json::write(&roster)))
}

pub(super) async fn day(State(app): State<App>, Path(id): Path<String>, Query(query): Options) -> Result<Response, Problem> {
    let message = find(&app, &id, &query).await?;
    let (roster, summary) = convert::parse_roster(&message)
        .map_err(|faults| Problem::faulty(StatusCode::INTERNAL_SERVER_ERROR, "the published roster has faults", faults))?;
    let day = match query.get("date") {
        None => DayIndex::new(0),
        Some(text) => {
            let bad = |_| Problem::new(StatusCode::BAD_REQUEST, format!("date {text:?} is no date; write it as 2026-01-31"));
            let date: Date = text.parse().map_err(bad)?;
            let first = roster.days.first_date();
            let last = roster.days.date(DayIndex::new(roster.days.len() as u32 - 1));
            let outside = || Problem::not_found(format!("{date} is not in the roster, which covers {first} to {last}"));
            roster.days.day_of_date(date).ok_or_else(outside)?
        }
    };
    let svg = board::day_svg(&roster, summary.as_ref(), day);
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}
