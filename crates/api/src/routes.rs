//! The table of routes, and what all of them share: the body limit, the count of answers, the answer to what is not there.

mod commands;
mod events;
mod operations;
mod requests;
mod rosters;
mod waiting;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use fika_model::fault::{FaultCode, Faults};
use http_body_util::BodyExt;

use crate::backend::{Backend, Settings, Unavailable};
use crate::problem::Problem;
use crate::view::View;

/// The routes, in the order of the table; also the values of the label `route`.
const ROUTES: [&str; 11] = [
    "/v1/events",
    "/v1/events/{dialect}",
    "/v1/requests",
    "/v1/requests/{id}",
    "/v1/requests/{id}/cancel",
    "/v1/requests/{id}/best-now",
    "/v1/rosters/{id}",
    "/v1/rosters/{id}/day.svg",
    "/metrics",
    "/livez",
    "/readyz",
];

/// What every handler may use.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) view: Arc<View>,
    pub(crate) settings: Arc<Settings>,
}

impl App {
    /// Appends off the event loop; the answer is a problem where the bus is away.
    pub(crate) async fn append(&self, batch: Vec<fika_wire::records::Encoded>) -> Result<(), Problem> {
        let backend = Arc::clone(&self.backend);
        let outcome = tokio::task::spawn_blocking(move || backend.append(batch)).await;
        match outcome {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Unavailable { reason })) => Err(Problem::unavailable(&format!("the bus is not available: {reason}"))),
            Err(_) => Err(Problem::unavailable("the process is stopping")),
        }
    }
}

/// The interface over a backend and a view.
pub fn router(backend: Arc<dyn Backend>, view: Arc<View>, settings: Settings) -> Router {
    let app = App { backend, view, settings: Arc::new(settings) };
    Router::new()
        .route("/v1/events", post(events::post))
        .route("/v1/events/{dialect}", post(events::post_to))
        .route("/v1/requests", post(requests::post))
        .route("/v1/requests/{id}", get(requests::status))
        .route("/v1/requests/{id}/cancel", post(commands::cancel))
        .route("/v1/requests/{id}/best-now", post(commands::best_now))
        .route("/v1/rosters/{id}", get(rosters::roster))
        .route("/v1/rosters/{id}/day.svg", get(rosters::day))
        .route("/metrics", get(operations::metrics))
        .route("/livez", get(operations::alive))
        .route("/readyz", get(operations::ready))
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_so)
        .layer(middleware::from_fn_with_state(app.clone(), count))
        .with_state(app)
}

/// How much of a body that is too large is read and thrown away, in limits: a client that is still sending would not hear the answer.
const DRAINED_LIMITS: usize = 4;

/// The whole body, or why it is not taken.
async fn read_body(mut body: Body, limit_bytes: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let mut seen = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Problem::new(StatusCode::BAD_REQUEST, format!("the body breaks off: {error}")))?;
        let Ok(piece) = frame.into_data() else { continue };
        seen = seen.saturating_add(piece.len());
        if seen <= limit_bytes {
            bytes.extend_from_slice(&piece);
        } else {
            bytes = Vec::new();
            if seen > limit_bytes.saturating_mul(DRAINED_LIMITS) {
                break;
            }
        }
    }
    if seen > limit_bytes {
        let cause = format!("the body has more than {limit_bytes} bytes");
        let faults = Faults::one(FaultCode::TooLarge, "", &cause);
        return Err(Problem::faulty(StatusCode::PAYLOAD_TOO_LARGE, cause, faults));
    }
    Ok(bytes)
}

/// A message that was written as JSON.
fn json_answer(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

/// The content type without its parameters, in lower case, if one is given.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().unwrap_or("?");
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

async fn nothing_here(uri: Uri) -> Problem {
    Problem::not_found(format!("there is nothing at {}; there is {}", uri.path(), ROUTES.join(", ")))
}

async fn not_so(uri: Uri) -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("{} does not take this method", uri.path()))
}

async fn count(State(app): State<App>, path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let route = path.and_then(|path| ROUTES.into_iter().find(|route| *route == path.as_str())).unwrap_or("other");
    let response = next.run(request).await;
    app.backend.answered(route, response.status().as_u16());
    response
}

#[cfg(test)]
mod tests {
    use super::ROUTES;

    #[test]
    fn every_route_is_documented_and_no_other() {
        let document = include_str!("../README.md");
        let path = |line: &str| line.strip_prefix("| `")?.split_once('`')?.0.split_once(' ').map(|(_, path)| path.to_owned());
        let documented: Vec<String> = document.lines().filter_map(path).collect();
        assert_eq!(documented, ROUTES);
    }
}
