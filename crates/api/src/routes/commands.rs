//! Commands about requests that were sent: no roster any more, or the best one so far.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use fika_model::RequestId;
use fika_model::command::{Action, Command};
use fika_model::fault::{FaultCode, Faults};
use fika_wire::records::{self, Stamp};
use serde_json::{Map, Value, json};

use super::requests::{SOURCE, is_final, location};
use super::{App, read_body};
use crate::problem::Problem;

/// `POST /v1/requests/{id}/cancel`, with an optional body `{"reason": "..."}`.
pub(super) async fn cancel(State(app): State<App>, Path(id): Path<String>, body: Body) -> Result<Response, Problem> {
    let bytes = read_body(body, app.settings.body_limit_bytes).await?;
    let reason = reason(&bytes).map_err(|faults| Problem::faulty(StatusCode::BAD_REQUEST, "nothing was cancelled", faults))?;
    order(&app, &id, Action::Cancel { reason }).await
}

/// `POST /v1/requests/{id}/best-now`.
pub(super) async fn best_now(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    order(&app, &id, Action::Finish).await
}

/// Why a request is cancelled; nothing where the body is empty.
fn reason(body: &[u8]) -> Result<String, Faults> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(String::new());
    }
    let mut fields: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|error| Faults::one(FaultCode::Malformed, "", format!("give {{\"reason\": ...}}: {error}")))?;
    match fields.remove("reason").unwrap_or_default() {
        Value::Null => Ok(String::new()),
        Value::String(reason) => Ok(reason),
        other => Err(Faults::one(FaultCode::WrongType, "reason", format!("{other} is no text"))),
    }
}

async fn order(app: &App, id: &str, action: Action) -> Result<Response, Problem> {
    let malformed =
        |error| Problem::faulty(StatusCode::BAD_REQUEST, "this cannot be a request's id", Faults::one(FaultCode::BadId, "id", error));
    let request = RequestId::new(id).map_err(malformed)?;
    // One that is not known here may be known elsewhere, or come later: the command waits for it.
    if app.view.status(id).as_ref().is_some_and(is_final) {
        return Err(Problem::new(StatusCode::CONFLICT, format!("the request {id:?} has its answer already")));
    }
    let at = app.backend.now();
    let stamp = Stamp { id: &app.backend.fresh_id(), source: SOURCE, at };
    app.append(vec![records::command(&Command { request, at, action }, &stamp)]).await?;
    let location = location(id);
    let answer = json!({"id": id, "status": location});
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(answer)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: Result<&str, &str>) {
        let found = reason(body.as_bytes());
        let found = found.as_deref().map_err(|faults| faults.0[0].code.code());
        assert_eq!(found, expect.as_ref().copied().map_err(|code| *code), "{body}");
    }

    #[test]
    fn a_reason_is_a_text_or_not_given() {
        check("", Ok(""));
        check(" \n", Ok(""));
        check("{}", Ok(""));
        check(r#"{"reason": null}"#, Ok(""));
        check(r#"{"reason": "the site is closed"}"#, Ok("the site is closed"));
        check(r#"{"reason": 5}"#, Err("F1002"));
        check("[]", Err("F1001"));
        check("{", Err("F1001"));
    }
}
