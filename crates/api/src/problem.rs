//! Errors as `application/problem+json` (RFC 9457), with every fault of the input.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fika_model::Faults;
use serde_json::{Value, json};

/// An answer that says what is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    faults: Faults,
    extra: Option<(&'static str, Value)>,
}

impl Problem {
    /// A problem with this status, told in a sentence.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), faults: Faults::default(), extra: None }
    }

    /// A problem of the input, with all its faults.
    pub fn faulty(status: StatusCode, detail: impl Into<String>, faults: Faults) -> Self {
        Self { faults, ..Self::new(status, detail) }
    }

    /// Adds a member beyond those of the RFC.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Value) -> Self {
        self.extra = Some((name, value));
        self
    }

    /// The bus is away; the sender should try again.
    pub fn unavailable(reason: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, reason)
    }

    /// Nothing has this name.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }
}

/// Faults as the interface and the contract's `Faults` message write them.
pub(crate) fn fault_list(faults: &Faults) -> Value {
    let one =
        |fault: &fika_model::Fault| json!({"at": fault.at, "code": fault.code.code(), "cause": fault.cause, "action": fault.code.action()});
    faults.0.iter().map(one).collect()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let mut body = json!({"type": "about:blank", "title": title, "status": self.status.as_u16(), "detail": self.detail});
        if !self.faults.0.is_empty() {
            body["faults"] = fault_list(&self.faults);
        }
        if let Some((name, value)) = self.extra {
            body[name] = value;
        }
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
