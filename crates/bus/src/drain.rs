//! How much time is left: a process that is told to end says by when, and whatever waits hears of it.
//!
//! Invariant: once said it stays said. What only reads gives up at once; what publishes may go on until the end.

use crate::Error;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// When the process ends, once that is known.
#[derive(Debug, Default)]
pub(crate) struct Drain {
    by: OnceLock<Instant>,
}

/// A time limit that a drain makes shorter, also one that begins later.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience<'a> {
    /// None: only a drain ends it.
    until: Option<Instant>,
    drain: &'a Drain,
}

impl Drain {
    /// The process ends by then. Only the first word counts.
    pub(crate) fn begin(&self, by: Instant) {
        self.by.get_or_init(|| by);
    }

    /// Fails once the process is to end: for everything that only reads.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.has_begun() { Err(Error::Draining) } else { Ok(()) }
    }

    /// Whether the process is to end.
    pub(crate) fn has_begun(&self) -> bool {
        self.end().is_some()
    }

    /// When the process ends, once that is known.
    pub(crate) fn end(&self) -> Option<Instant> {
        self.by.get().copied()
    }

    /// Fails once the time is over: for everything that publishes.
    pub(crate) fn check_publishing(&self) -> Result<(), Error> {
        if self.patience(Duration::MAX).is_over() { Err(Error::Draining) } else { Ok(()) }
    }

    /// A limit of this length from now.
    pub(crate) fn patience(&self, most: Duration) -> Patience<'_> {
        Patience { until: Instant::now().checked_add(most), drain: self }
    }
}

impl Patience<'_> {
    /// What is left; zero when it is over.
    pub(crate) fn left(&self) -> Duration {
        let until = self.until.into_iter().chain(self.drain.end()).min();
        until.map_or(Duration::MAX, |until| until.saturating_duration_since(Instant::now()))
    }

    /// Whether nothing is left.
    pub(crate) fn is_over(&self) -> bool {
        self.left().is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_drain_cuts_short_what_began_before_and_what_begins_after() {
        let drain = Drain::default();
        let before = drain.patience(HOUR);
        assert!(drain.check().is_ok() && !before.is_over() && before.left() > HOUR / 2);
        drain.begin(Instant::now());
        assert!(before.is_over() && drain.patience(HOUR).is_over());
        assert_eq!((drain.check(), drain.check_publishing()), (Err(Error::Draining), Err(Error::Draining)));
        // Who says it again, later, prolongs nothing.
        drain.begin(Instant::now() + HOUR);
        assert!(before.is_over());
    }

    #[test]
    fn a_drain_prolongs_no_limit() {
        let drain = Drain::default();
        drain.begin(Instant::now() + HOUR);
        assert!(drain.patience(Duration::ZERO).is_over());
        assert!(drain.patience(2 * HOUR).left() <= HOUR);
        assert_eq!((drain.check(), drain.check_publishing()), (Err(Error::Draining), Ok(())));
    }
}
