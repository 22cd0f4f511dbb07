//! A part of a quota: from one share of the budget to another.

use fika_solver::{Progress, Quota};

/// What a search may use of a budget of which earlier searches have used some.
pub(super) struct Share<'a> {
    quota: &'a dyn Quota,
    /// Steps taken before.
    before: u64,
    from: f64,
    to: f64,
    /// Whether there is a roster to fall back on.
    spare: bool,
}

impl<'a> Share<'a> {
    /// From the first share, 0 to 1, to the second, after so many steps.
    pub(super) const fn of(quota: &'a dyn Quota, before: u64, from: f64, to: f64) -> Self {
        Self { quota, before, from, to, spare: false }
    }

    /// The same for a search that is given up when its part is used up and its roster is not whole.
    pub(super) const fn or_nothing(self) -> Self {
        Self { spare: true, ..self }
    }
}

impl Quota for Share<'_> {
    fn is_reached(&self, steps: u64) -> bool {
        let steps = steps + self.before;
        self.quota.is_reached(steps) || self.quota.used(steps).is_some_and(|used| used >= self.to)
    }

    fn used(&self, steps: u64) -> Option<f64> {
        let used = self.quota.used(steps + self.before)?;
        Some(((used - self.from) / (self.to - self.from)).clamp(0.0, 1.0))
    }

    fn is_late(&self) -> bool {
        self.quota.is_late()
    }

    fn gives_up(&self) -> bool {
        // What steps are used up is not known here; a clock needs none.
        self.spare && self.quota.used(0).is_some_and(|used| used >= self.to)
    }

    fn hear(&self, progress: &Progress) {
        self.quota.hear(&Progress { steps: progress.steps + self.before, ..*progress });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fika_solver::StepQuota;

    /// A clock of which so much is used up, whatever the steps.
    struct Clock(f64);

    impl Quota for Clock {
        fn is_reached(&self, _: u64) -> bool {
            self.0 >= 1.0
        }

        fn used(&self, _: u64) -> Option<f64> {
            Some(self.0)
        }
    }

    #[test]
    fn what_is_not_whole_is_given_up_by_the_clock_where_there_is_something_to_fall_back_on() {
        let check = |used: f64, spare: bool, expect: bool| {
            let clock = Clock(used);
            let share = Share::of(&clock, 10, 0.6, 0.8);
            assert_eq!(if spare { share.or_nothing() } else { share }.gives_up(), expect, "{used} {spare}");
        };
        check(0.79, true, false);
        check(0.8, true, true);
        check(1.0, false, false);
        assert!(!Share::of(&StepQuota(10), 10, 0.6, 0.8).or_nothing().gives_up(), "steps tell of no time");
    }

    #[test]
    fn a_share_ends_where_the_next_begins() {
        let quota = StepQuota(100);
        let check = |before, (from, to), steps, expect: (bool, f64)| {
            let share = Share::of(&quota, before, from, to);
            assert_eq!((share.is_reached(steps), share.used(steps)), (expect.0, Some(expect.1)), "{before} {steps}");
        };
        check(0, (0.0, 0.5), 49, (false, 0.98));
        check(0, (0.0, 0.5), 50, (true, 1.0));
        check(50, (0.5, 1.0), 0, (false, 0.0));
        check(50, (0.5, 1.0), 25, (false, 0.5));
        check(50, (0.5, 1.0), 50, (true, 1.0));
    }
}
