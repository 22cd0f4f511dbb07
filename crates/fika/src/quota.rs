//! When a search ends: a budget of steps, a clock, or both.

use std::time::{Duration, Instant};

use fika_model::request::Budget;
use fika_solver::Quota;

/// The time a search takes where the request gives neither steps nor seconds.
const DEFAULT: Duration = Duration::from_secs(20);

/// The share of the time that the search may take; the rest is for what is said of the roster. What needs more than that is left out.
const SEARCH: f64 = 0.9;
/// The share of the time after which nothing more is begun that the answer can do without.
const LATE: f64 = 0.95;

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
        let search = self.time?.mul_f64(SEARCH);
        Some(if search.is_zero() { 1.0 } else { (self.began.elapsed().as_secs_f64() / search.as_secs_f64()).min(1.0) })
    }
}

impl Quota for Deadline {
    fn is_reached(&self, steps: u64) -> bool {
        self.steps.is_some_and(|most| steps >= most) || self.by_time().is_some_and(|used| used >= 1.0)
    }

    fn is_late(&self) -> bool {
        self.time.is_some_and(|most| self.began.elapsed() >= most.mul_f64(LATE))
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
        assert!(!deadline.is_late());
        let both = Deadline::start(Budget { steps: Some(4), seconds: Some(0) });
        assert_eq!((both.used(1), both.is_reached(1)), (Some(0.25), true));
        assert!((both.progress(1) - 1.0).abs() < 1e-12);
        assert_eq!(Deadline::start(Budget { steps: None, seconds: Some(0) }).used(0), Some(1.0));
        assert!(both.is_late());
    }

    #[test]
    fn the_search_leaves_time_for_the_rest_of_the_answer() {
        let time = Duration::from_secs(1000);
        let at = |seconds: f64| {
            let began = Instant::now().checked_sub(Duration::from_secs_f64(seconds)).expect("a clock that ran before");
            let deadline = Deadline { began, steps: None, time: Some(time) };
            (deadline.is_reached(0), deadline.is_late())
        };
        assert_eq!([at(1000.0 * SEARCH - 20.0), at(1000.0 * SEARCH), at(1000.0 * LATE)], [(false, false), (true, false), (true, true)]);
    }
}
