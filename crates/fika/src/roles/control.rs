//! What keeps the threads of roles in hand: a stop flag to wait on, pauses that grow, and the health that `/readyz` tells.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Role;

/// A flag that is set once; waiting for it ends when it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Sets it.
    pub(crate) fn set(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Whether it is set.
    pub(crate) fn is_set(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for so long, or until it is set; tells whether it is.
    pub(crate) fn wait(&self, most: Duration) -> bool {
        let set = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (set, _) = self.0.1.wait_timeout_while(set, most, |set| !*set).unwrap_or_else(PoisonError::into_inner);
        *set
    }
}

/// Pauses between tries: 0.1 s, doubled each time, at most 10 s.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: Duration::from_millis(100) }
    }
}

impl Backoff {
    /// The pause before the next try.
    pub(crate) fn next_pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(Duration::from_secs(10));
        pause
    }
}

/// How often an error that lasts is told.
const SELDOM: Duration = Duration::from_secs(60);

/// The error that was told last: an outage may last for hours, and its log is to be read.
#[derive(Debug, Default)]
pub(super) struct Told(Option<(String, Instant)>);

impl Told {
    /// Whether an error is to be told that came at this time: it is another one, or a minute has passed. Then that is noted.
    pub(super) fn is_news(&mut self, error: &str, at: Instant) -> bool {
        let is_known = self.0.as_ref().is_some_and(|(last, told)| last == error && at.saturating_duration_since(*told) < SELDOM);
        if !is_known {
            self.0 = Some((error.to_owned(), at));
        }
        !is_known
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Starting,
    Working,
    Waiting(String),
    Stopped,
    Panicked,
}

/// How each role is.
#[derive(Debug)]
pub(crate) struct Health(Mutex<BTreeMap<Role, Condition>>);

impl Health {
    /// All roles starting.
    pub(crate) fn new(roles: &[Role]) -> Self {
        Self(Mutex::new(roles.iter().map(|role| (*role, Condition::Starting)).collect()))
    }

    fn set(&self, role: Role, condition: Condition) -> bool {
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(role, condition.clone());
        before != Some(condition)
    }

    /// The role does its work; tells whether that is news.
    pub(crate) fn working(&self, role: Role) -> bool {
        self.set(role, Condition::Working)
    }

    /// The role waits, for this reason.
    pub(crate) fn waiting(&self, role: Role, reason: String) {
        self.set(role, Condition::Waiting(reason));
    }

    /// The role has ended as told.
    pub(crate) fn stopped(&self, role: Role) {
        self.set(role, Condition::Stopped);
    }

    /// The role has a bug.
    pub(crate) fn panicked(&self, role: Role) {
        self.set(role, Condition::Panicked);
    }

    /// Whether any role has panicked.
    pub(crate) fn has_panicked(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().any(|condition| *condition == Condition::Panicked)
    }

    /// Why the process is not ready; empty when it is.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let conditions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reason = |(role, condition): (&Role, &Condition)| match condition {
            Condition::Working => None,
            Condition::Starting => Some(format!("{} is starting", role.name())),
            Condition::Waiting(reason) => Some(format!("{} waits for the bus: {reason}", role.name())),
            Condition::Stopped => Some(format!("{} has stopped", role.name())),
            Condition::Panicked => Some(format!("{} has panicked", role.name())),
        };
        conditions.iter().filter_map(reason).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_ten_seconds() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u128> = (0..9).map(|_| backoff.next_pause().as_millis()).collect();
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    }

    #[test]
    fn an_error_that_lasts_is_told_once_a_minute() {
        let (mut told, begin) = (Told::default(), Instant::now());
        let check = |told: &mut Told, error: &str, after: Duration, expect: bool| {
            assert_eq!(told.is_news(error, begin + after), expect, "{error} after {after:?}");
        };
        check(&mut told, "away", Duration::ZERO, true);
        check(&mut told, "away", SELDOM / 60 * 59, false);
        check(&mut told, "away", SELDOM, true);
        check(&mut told, "refused", SELDOM, true);
        check(&mut told, "away", SELDOM, true);
    }

    #[test]
    fn waiting_ends_when_the_flag_is_set() {
        let stop = Stop::default();
        assert!(!stop.wait(Duration::ZERO));
        let other = stop.clone();
        let waiter = std::thread::spawn(move || other.wait(Duration::from_secs(600)));
        stop.set();
        assert_eq!(waiter.join().ok(), Some(true));
    }

    #[test]
    fn readiness_names_every_role_that_is_not_at_work() {
        let health = Health::new(&[Role::Ingest, Role::Api]);
        assert_eq!(health.reasons().len(), 2);
        health.working(Role::Ingest);
        health.waiting(Role::Api, "no broker".to_owned());
        assert_eq!(health.reasons(), ["api waits for the bus: no broker"]);
        health.working(Role::Api);
        assert!(health.reasons().is_empty());
        health.panicked(Role::Api);
        assert!(health.has_panicked());
    }
}
