//! When a search ends: a budget of steps, a clock, or both.

use std::time::{Duration, Instant};

use fika_model::request::Budget;
use fika_solver::Quota;

/// The time a search takes where the request gives neither steps nor seconds.
const DEFAULT: Duration = Duration::from_secs(20);

/// A budget whose clock runs from now on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    began: Instant,
    steps: Option<u64>,
    time: Option<Duration>,
}

impl Deadline {
    /// Starts the clock of a budget.
    pub(crate) fn start(budget: Budget) -> Self {
        let seconds = budget.seconds.map(|seconds| Duration::from_secs(u64::from(seconds)));
        let time = if budget.steps.is_none() { Some(seconds.unwrap_or(DEFAULT)) } else { seconds };
        Self { began: Instant::now(), steps: budget.steps, time }
    }

    /// The share of the budget that is used after so many steps, 0 to 1: of what ends the search first. For people to see.
    pub(crate) fn progress(&self, steps: u64) -> f64 {
        self.by_steps(steps).unwrap_or_default().max(self.by_time().unwrap_or_default())
    }

    fn by_steps(&self, steps: u64) -> Option<f64> {
        self.steps.map(|most| if most == 0 { 1.0 } else { (steps as f64 / most as f64).min(1.0) })
    }

    fn by_time(&self) -> Option<f64> {
        self.time.map(|most| if most.is_zero() { 1.0 } else { (self.began.elapsed().as_secs_f64() / most.as_secs_f64()).min(1.0) })
    }
}

impl Quota for Deadline {
    fn is_reached(&self, steps: u64) -> bool {
        self.steps.is_some_and(|most| steps >= most) || self.time.is_some_and(|most| self.began.elapsed() >= most)
    }

    /// By steps alone where they are given, so that a clock that does not end the search does not change it either.
    fn used(&self, steps: u64) -> Option<f64> {
        self.by_steps(steps).or_else(|| self.by_time())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_limit_ends_the_search() {
        let check = |steps, seconds, at, expect| assert_eq!(Deadline::start(Budget { steps, seconds }).is_reached(at), expect);
        check(Some(10), None, 9, false);
        check(Some(10), None, 10, true);
        check(Some(10), Some(0), 0, true);
        check(Some(10), Some(3600), 9, false);
        check(None, Some(0), 0, true);
        check(None, None, u64::MAX, false);
    }

    #[test]
    fn steps_alone_leave_the_clock_out() {
        let deadline = Deadline::start(Budget { steps: Some(4), seconds: None });
        assert_eq!([0, 1, 4, 9].map(|steps| deadline.used(steps)), [Some(0.0), Some(0.25), Some(1.0), Some(1.0)]);
        assert!(deadline.time.is_none());
        let both = Deadline::start(Budget { steps: Some(4), seconds: Some(0) });
        assert_eq!((both.used(1), both.is_reached(1)), (Some(0.25), true));
        assert!((both.progress(1) - 1.0).abs() < 1e-12);
        assert_eq!(Deadline::start(Budget { steps: None, seconds: Some(0) }).used(0), Some(1.0));
    }
}
