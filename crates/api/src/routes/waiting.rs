//! `?wait=20s`: an answer that may come later, for callers who'd otherwise ask again and again.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::time::{Instant, timeout_at};

use crate::problem::Problem;
use crate::view::View;

/// The longest wait, in seconds.
const LONGEST_S: u64 = 60;

/// How long the caller is willing to wait; not at all where nothing is said.
pub(super) fn wait_of(query: &BTreeMap<String, String>) -> Result<Duration, Problem> {
    let Some(text) = query.get("wait") else { return Ok(Duration::ZERO) };
    let seconds = text.strip_suffix('s').and_then(|number| number.parse::<u64>().ok());
    match seconds {
        Some(seconds) if seconds <= LONGEST_S => Ok(Duration::from_secs(seconds)),
        _ => Err(Problem::new(StatusCode::BAD_REQUEST, format!("wait is {text:?}; write it as 20s, at most {LONGEST_S}s"))),
    }
}

/// Looks until `look` is satisfied with what it sees or the wait is over; gives what was seen last.
pub(super) async fn until<T>(view: &View, wait: Duration, look: impl Fn(&View) -> (T, bool)) -> T {
    let deadline = Instant::now() + wait;
    let mut changes = view.changes();
    loop {
        changes.mark_unchanged();
        let (seen, satisfied) = look(view);
        if satisfied || view.is_closed() || timeout_at(deadline, changes.changed()).await.is_err() {
            return seen;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, seconds: Option<u64>) {
        let query = BTreeMap::from([("wait".to_owned(), text.to_owned())]);
        assert_eq!(wait_of(&query).ok().map(|wait| wait.as_secs()), seconds, "{text}");
    }

    #[test]
    fn waits_have_a_unit_and_an_end() {
        check("0s", Some(0));
        check("60s", Some(60));
        check("61s", None);
        check("20", None);
        check("-1s", None);
        assert_eq!(wait_of(&BTreeMap::new()).ok(), Some(Duration::ZERO));
    }
}
