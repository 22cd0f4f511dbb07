//! Events in: by the rules of `CloudEvents` 1.0, one or a batch of them, or in an ACD's own dialect, as its webhooks send them.
//!
//! The dialect is named by the path (`/v1/events/twilio`) or by the content type (`application/vnd.fika.twilio+json`). A single event that
//! cannot be read is refused, and its sender still has it. Of several the sound ones are taken; the others are named by their index and
//! set aside as dead letters, so that nothing is lost with a sender that only looks at the status.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use fika_model::event::Event;
use fika_model::fault::{FaultCode, Faults};
use fika_wire::cloudevents;
use fika_wire::dialect::{self, Context, Dialect, Fika, Input, STREAMED, Unknown};
use fika_wire::records::{self, Encoded, Origin};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{App, media_type, read_body};
use crate::problem::{Problem, fault_list};

/// What stands as the topic in a dead letter that came over HTTP.
const HTTP_ORIGIN: &str = "http:/v1/events";
/// The beginning of the content types that name a dialect.
const DIALECT_TYPE: &str = "application/vnd.fika.";

type Headers = Vec<(String, Vec<u8>)>;

pub(super) async fn post(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let media = media_type(&headers).unwrap_or_default();
    match media.strip_prefix(DIALECT_TYPE).map(|rest| rest.split('+').next().unwrap_or(rest)) {
        None => own(&app, &headers, body).await,
        Some(name) => {
            if let Some(name) = STREAMED.into_iter().find(|known| *known == name) {
                in_dialect(&app, name, body).await
            } else {
                let detail = format!("there is no dialect {name:?}; there are {}", STREAMED.join(", "));
                Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
            }
        }
    }
}

pub(super) async fn post_to(State(app): State<App>, Path(name): Path<String>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    match STREAMED.into_iter().find(|known| *known == name) {
        Some(name) if name == Fika.name() => own(&app, &headers, body).await,
        Some(name) => in_dialect(&app, name, body).await,
        None => Err(Problem::not_found(format!("there is no dialect {name:?}; there are {}", STREAMED.join(", ")))),
    }
}

/// The product's own events.
async fn own(app: &App, headers: &HeaderMap, body: Body) -> Result<Response, Problem> {
    let headers: Headers = headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
    let is_typed = headers.iter().any(|(name, _)| name == "content-type");
    let limit = app.settings.body_limit_bytes;
    match cloudevents::mode(&headers) {
        cloudevents::Mode::Batch => batch(app, &read_body(body, limit).await?).await,
        cloudevents::Mode::Binary => single(app, &headers, &read_body(body, limit).await?).await,
        cloudevents::Mode::Structured if is_typed => single(app, &headers, &read_body(body, limit).await?).await,
        cloudevents::Mode::Structured | cloudevents::Mode::Raw => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "events are sent as application/cloudevents+json, as application/cloudevents-batch+json, with ce- headers, or in a dialect",
        )),
    }
}

async fn single(app: &App, headers: &Headers, value: &[u8]) -> Result<Response, Problem> {
    let refused = |faults| Problem::faulty(StatusCode::BAD_REQUEST, "the event has faults; nothing was done", faults);
    let mut context = Context::default();
    let events = read(app, &mut Fika, Input { headers, value }, &mut context).map_err(refused)?;
    let accepted = events.len();
    app.append(events.iter().map(records::event).collect()).await?;
    app.backend.unknown(Fika.name(), context.unknown);
    Ok((StatusCode::ACCEPTED, Json(json!({ "accepted": accepted }))).into_response())
}

async fn batch(app: &App, value: &[u8]) -> Result<Response, Problem> {
    let malformed = |error: serde_json::Error| {
        let faults = Faults::one(FaultCode::Malformed, "", error);
        Problem::faulty(StatusCode::BAD_REQUEST, "the body is no list of events; nothing was done", faults)
    };
    let items: Vec<&RawValue> = serde_json::from_slice(value).map_err(malformed)?;
    let headers = cloudevents::structured_headers();
    let mut sorted = Sorted::new(HTTP_ORIGIN.to_owned(), headers);
    for item in items {
        sorted.take(app, &mut Fika, item.get().as_bytes());
    }
    sorted.answer(app, Fika.name()).await
}

/// Records of an ACD in its own dialect: one, or as many as its form holds.
async fn in_dialect(app: &App, name: &'static str, body: Body) -> Result<Response, Problem> {
    let no_reader = |faults| Problem::faulty(StatusCode::NOT_FOUND, "this service is not set up for the dialect", faults);
    let mut reader = dialect::open(name, app.settings.mapping.as_ref()).map_err(no_reader)?;
    let body = read_body(body, app.settings.body_limit_bytes).await?;
    let broken = |faults| Problem::faulty(StatusCode::BAD_REQUEST, "the body cannot be taken apart into records; nothing was done", faults);
    let mut sorted = Sorted::new(format!("{HTTP_ORIGIN}/{name}"), Vec::new());
    for piece in dialect::pieces(reader.form(), &body).map_err(broken)? {
        sorted.take(app, &mut *reader, piece);
    }
    sorted.answer(app, name).await
}

/// Records sorted into sound ones and others.
struct Sorted {
    origin: String,
    headers: Headers,
    taken: usize,
    sound: Vec<Encoded>,
    dead: Vec<Encoded>,
    rejected: Vec<Value>,
    unknown: Unknown,
}

impl Sorted {
    fn new(origin: String, headers: Headers) -> Self {
        Self { origin, headers, taken: 0, sound: Vec::new(), dead: Vec::new(), rejected: Vec::new(), unknown: Unknown::default() }
    }

    fn take(&mut self, app: &App, reader: &mut dyn Dialect, value: &[u8]) {
        let index = self.taken;
        self.taken += 1;
        let mut context = Context { received_ms: Some(app.backend.now().as_millisecond()), unknown: self.unknown };
        match read(app, reader, Input { headers: &self.headers, value }, &mut context) {
            Ok(events) => {
                self.sound.extend(events.iter().map(records::event));
                self.unknown = context.unknown;
            }
            Err(faults) => {
                let origin = Origin {
                    topic: &self.origin,
                    partition: 0,
                    offset: index as i64,
                    timestamp_ms: app.backend.now().as_millisecond(),
                    key: None,
                    value: Some(value),
                    headers: &self.headers,
                };
                self.dead.push(records::dead_letter(&origin, &faults));
                self.rejected.push(json!({"index": index, "faults": fault_list(&faults)}));
            }
        }
    }

    /// Appends the sound records and the dead letters, and says what became of them.
    async fn answer(mut self, app: &App, name: &'static str) -> Result<Response, Problem> {
        let accepted = self.taken - self.rejected.len();
        if accepted == 0 && !self.rejected.is_empty() {
            let problem = Problem::new(StatusCode::BAD_REQUEST, "no event of the body is sound; nothing was done");
            return Err(problem.with("rejected", Value::from(self.rejected)));
        }
        let status = if self.rejected.is_empty() { StatusCode::ACCEPTED } else { StatusCode::MULTI_STATUS };
        self.sound.append(&mut self.dead);
        app.append(self.sound).await?;
        app.backend.unknown(name, self.unknown);
        let unknown = json!({"types": self.unknown.types, "fields": self.unknown.fields});
        Ok((status, Json(json!({"accepted": accepted, "rejected": self.rejected, "unknown": unknown}))).into_response())
    }
}

/// The events of a record, all of known queues.
fn read(app: &App, reader: &mut dyn Dialect, input: Input<'_>, context: &mut Context) -> Result<Vec<Event>, Faults> {
    let events = reader.read_in(input, context)?;
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
