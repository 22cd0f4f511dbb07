//! Events in, by the rules of `CloudEvents` 1.0: one in structured or binary mode, or a batch of them.
//!
//! A single event that cannot be read is refused, and its sender still has it. In a batch the sound events are taken; the others are named
//! by their index and set aside as dead letters, so that nothing is lost with a sender that only looks at the status.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use fika_model::event::Event;
use fika_model::fault::{FaultCode, Faults};
use fika_wire::cloudevents;
use fika_wire::dialect::{Dialect, Fika, Input};
use fika_wire::records::{self, Encoded, Origin};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{App, read_body};
use crate::problem::{Problem, fault_list};

/// What stands as the topic in a dead letter that came over HTTP.
const HTTP_ORIGIN: &str = "http:/v1/events";

type Headers = Vec<(String, Vec<u8>)>;

pub(super) async fn post(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let headers: Headers = headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
    let is_typed = headers.iter().any(|(name, _)| name == "content-type");
    let limit = app.settings.body_limit_bytes;
    match cloudevents::mode(&headers) {
        cloudevents::Mode::Batch => batch(&app, &read_body(body, limit).await?).await,
        cloudevents::Mode::Binary => single(&app, &headers, &read_body(body, limit).await?).await,
        cloudevents::Mode::Structured if is_typed => single(&app, &headers, &read_body(body, limit).await?).await,
        cloudevents::Mode::Structured | cloudevents::Mode::Raw => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "events are sent as application/cloudevents+json, as application/cloudevents-batch+json, or with ce- headers",
        )),
    }
}

async fn single(app: &App, headers: &Headers, value: &[u8]) -> Result<Response, Problem> {
    let refused = |faults| Problem::faulty(StatusCode::BAD_REQUEST, "the event has faults; nothing was done", faults);
    let events = read(app, headers, value).map_err(refused)?;
    let accepted = events.len();
    app.append(events.iter().map(records::event).collect()).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "accepted": accepted }))).into_response())
}

async fn batch(app: &App, value: &[u8]) -> Result<Response, Problem> {
    let malformed = |error: serde_json::Error| {
        let faults = Faults::one(FaultCode::Malformed, "", error);
        Problem::faulty(StatusCode::BAD_REQUEST, "the body is no list of events; nothing was done", faults)
    };
    let items: Vec<&RawValue> = serde_json::from_slice(value).map_err(malformed)?;
    let headers = cloudevents::structured_headers();
    let (mut sound, mut dead, mut rejected) = (Vec::new(), Vec::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        match read(app, &headers, item.get().as_bytes()) {
            Ok(events) => sound.extend(events.iter().map(records::event)),
            Err(faults) => {
                dead.push(dead_letter(app, &headers, index, item, &faults));
                rejected.push(json!({"index": index, "faults": fault_list(&faults)}));
            }
        }
    }
    let accepted = items.len() - rejected.len();
    if accepted == 0 && !rejected.is_empty() {
        let problem = Problem::new(StatusCode::BAD_REQUEST, "no event of the batch is sound; nothing was done");
        return Err(problem.with("rejected", Value::from(rejected)));
    }
    let status = if rejected.is_empty() { StatusCode::ACCEPTED } else { StatusCode::MULTI_STATUS };
    sound.append(&mut dead);
    app.append(sound).await?;
    Ok((status, Json(json!({"accepted": accepted, "rejected": rejected}))).into_response())
}

fn dead_letter(app: &App, headers: &Headers, index: usize, item: &RawValue, faults: &Faults) -> Encoded {
    let origin = Origin {
        topic: HTTP_ORIGIN,
        partition: 0,
        offset: index as i64,
        timestamp_ms: app.backend.now().as_millisecond(),
        key: None,
        value: Some(item.get().as_bytes()),
        headers,
    };
    records::dead_letter(&origin, faults)
}

/// The events of a record, all of known queues.
fn read(app: &App, headers: &Headers, value: &[u8]) -> Result<Vec<Event>, Faults> {
    let events = Fika.read(Input { headers, value })?;
    let mut faults = Faults::default();
    for event in &events {
        let queues = match event {
            Event::Call(call) => call.queue.as_slice(),
            Event::Agent(agent) => agent.queues.as_slice(),
        };
        for queue in queues.iter().filter(|queue| !app.settings.queues.is_empty() && !app.settings.queues.contains(*queue)) {
            faults.push(FaultCode::UnknownReference, "data.queueId", format_args!("there is no queue {:?}", queue.as_str()));
        }
    }
    faults.or(Some(events))
}
