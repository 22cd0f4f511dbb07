//! What callers bring: how often they call, how long a call takes, and the waiting times that are asked about.

use crate::error::{Error, within};

/// The most calls a second that are taken.
pub const MOST_CALLS_PER_S: f64 = 1e5;
/// The longest handling time that is taken, in seconds: a week.
pub const LONGEST_HANDLING_S: f64 = 604_800.0;
/// The largest load that is taken, in erlangs.
pub const LARGEST_LOAD_ERLANGS: f64 = 1e6;

/// Poisson arrivals and exponential handling times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traffic {
    calls_per_s: f64,
    handling_s: f64,
}

impl Traffic {
    /// Takes a rate (0 to 100,000 calls a second) and a mean handling time (above 0, up to a week), together no more than a
    /// million erlangs.
    pub fn new(calls_per_s: f64, handling_s: f64) -> Result<Self, Error> {
        within("calls a second", calls_per_s, 0.0, MOST_CALLS_PER_S)?;
        within("mean handling time in seconds", handling_s, 1e-3, LONGEST_HANDLING_S)?;
        within("load in erlangs", calls_per_s * handling_s, 0.0, LARGEST_LOAD_ERLANGS)?;
        Ok(Self { calls_per_s, handling_s })
    }

    /// Takes a number of calls in an interval.
    pub fn in_interval(calls: f64, interval_s: f64, handling_s: f64) -> Result<Self, Error> {
        within("interval in seconds", interval_s, 1.0, LONGEST_HANDLING_S)?;
        within("calls in the interval", calls, 0.0, MOST_CALLS_PER_S * interval_s)?;
        Self::new(calls / interval_s, handling_s)
    }

    /// Calls a second.
    pub const fn calls_per_s(self) -> f64 {
        self.calls_per_s
    }

    /// Mean handling time (talk, hold, wrap-up), in seconds.
    pub const fn handling_s(self) -> f64 {
        self.handling_s
    }

    /// Offered load: the people who would be busy on average if everybody were answered at once.
    pub const fn load_erlangs(self) -> f64 {
        self.calls_per_s * self.handling_s
    }
}

/// The waiting times that service is measured at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// The acceptable waiting time, in seconds.
    pub answer_s: f64,
    /// Who leaves before this is a short abandon, in seconds.
    pub short_abandon_s: f64,
}

impl Thresholds {
    /// The usual limit for short abandons, in seconds.
    pub const SHORT_ABANDON_S: f64 = 5.0;

    /// An acceptable waiting time in seconds, with the usual limit for short abandons.
    pub const fn answer(answer_s: f64) -> Self {
        Self { answer_s, short_abandon_s: Self::SHORT_ABANDON_S }
    }
}

impl Default for Thresholds {
    /// 20 s, and 5 s for short abandons.
    fn default() -> Self {
        Self::answer(20.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_is_calls_times_handling_time() {
        let load = |calls, interval_s, handling_s| Traffic::in_interval(calls, interval_s, handling_s).map(Traffic::load_erlangs);
        assert_eq!(load(120.0, 900.0, 300.0), Ok(40.0));
        assert!((load(1000.0, 1800.0, 240.0).unwrap_or_default() - 133.333_333).abs() < 1e-6);
    }

    #[test]
    fn ranges_are_held_on_both_sides() {
        assert!(Traffic::new(0.0, 180.0).is_ok() && Traffic::new(-1e-9, 180.0).is_err());
        assert!(Traffic::new(1.0, 1e-3).is_ok() && Traffic::new(1.0, 0.0).is_err());
        assert!(Traffic::new(1.0, LONGEST_HANDLING_S).is_ok() && Traffic::new(1.0, LONGEST_HANDLING_S * 1.001).is_err());
        assert!(Traffic::new(1e5, 10.0).is_ok() && Traffic::new(1e5, 10.1).is_err());
        assert!(Traffic::new(f64::NAN, 1.0).is_err() && Traffic::new(1.0, f64::INFINITY).is_err());
    }
}
