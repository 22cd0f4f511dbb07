//! Roster requests in, their statuses out.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fika_wire::proto::fika::v1 as proto;
use fika_wire::records::{self, Stamp};
use fika_wire::{convert, json as wire_json};
use serde_json::json;

use super::{App, json_answer, media_type, read_body, waiting};
use crate::problem::Problem;
use crate::view::View;

/// Who says that a request was made, or what is to become of it.
pub(super) const SOURCE: &str = "/fika/api";

/// `POST /v1/requests`, with `?after=ROSTER` for agents' histories from what that roster carries over.
pub(super) async fn post(
    State(app): State<App>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let before = query.get("after").map(|id| {
        app.view.summary(id).ok_or_else(|| Problem::not_found(format!("there is no roster {id:?} whose counters could be carried over")))
    });
    let carried = before.transpose()?.map(|summary| summary.carry_over).unwrap_or_default();
    if let Some(other) = media_type(&headers).filter(|media| media != "application/json") {
        let detail = format!("a request is sent as application/json, not {other:?}");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let bytes = read_body(body, app.settings.body_limit_bytes).await?;
    let faulty = |faults| Problem::faulty(StatusCode::UNPROCESSABLE_ENTITY, "the request has faults; nothing was done", faults);
    let parse = |message: &proto::RosterRequest| {
        let mut message = message.clone();
        if message.id.is_empty() {
            message.id = app.backend.fresh_id();
        }
        convert::take_over(&mut message, &carried);
        convert::parse_request(&message)
    };
    let request = wire_json::read_then(&bytes, app.settings.body_limit_bytes, parse).map_err(faulty)?;
    let stamp = Stamp { id: &app.backend.fresh_id(), source: SOURCE, at: app.backend.now() };
    app.append(vec![records::request(&request, &stamp)]).await?;
    let id = request.id.as_str();
    let location = location(id);
    let answer = json!({"id": id, "status": location});
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(answer)).into_response())
}

pub(super) async fn status(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let look = |view: &View| {
        let status = view.status(&id);
        let is_final = status.as_ref().is_some_and(is_final);
        (status, is_final)
    };
    let status = waiting::until(&app.view, waiting::wait_of(&query)?, look).await;
    let unknown = || Problem::not_found(format!("there is no status of a request {id:?} (yet)"));
    Ok(json_answer(wire_json::write(&status.ok_or_else(unknown)?)))
}

/// Where the status of a request is.
pub(super) fn location(id: &str) -> String {
    format!("/v1/requests/{}", path_segment(id))
}

/// Whether nothing more will come.
pub(super) fn is_final(status: &proto::RequestStatus) -> bool {
    use proto::request_status::State;

    matches!(status.state, Some(State::Done(_) | State::Infeasible(_) | State::Failed(_)))
}

/// An id as a segment of a path: everything but unreserved characters of RFC 3986 is percent-encoded.
fn path_segment(id: &str) -> String {
    use std::fmt::Write;

    let mut segment = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            let _ = write!(segment, "%{byte:02X}");
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::path_segment;

    #[test]
    fn ids_become_safe_path_segments() {
        assert_eq!(path_segment("week-9.A_~"), "week-9.A_~");
        assert_eq!(path_segment("a/b ?é"), "a%2Fb%20%3F%C3%A9");
    }
}
