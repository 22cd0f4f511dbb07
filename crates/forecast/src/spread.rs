//! How far off the forecast is: what was forecast a week ahead against what came.
//!
//! The calls of a slot have the variance `m + m^2 (a^2 + b^2)`: Poisson with mean `m`, times a factor that the whole day
//! shares (coefficient of variation `a`), times one of the slot's own (`b`). Both are found by moments over the past weeks,
//! each forecast from the days before it only. With less than three such days they are estimated from the fit itself.

use crate::days::{Day, days_between};
use crate::profile::{Profile, fit};

/// Past weeks that are forecast, at most.
const WEEKS: i64 = 8;

/// A factor is never taken for surer than this: no forecast is without error.
const LEAST_DAY_CV: f64 = 0.03;

/// Assumed where there is a single day to learn from.
const UNKNOWN_DAY_CV: f64 = 0.2;

/// Coefficients of variation of the factor of a day and of that of a slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) day_cv: f64,
    pub(crate) slot_cv: f64,
}

impl Spread {
    /// The standard deviation of the calls of a slot with this mean.
    pub(crate) fn sd(&self, mean: f64) -> f64 {
        (mean + mean * mean * (self.day_cv * self.day_cv + self.slot_cv * self.slot_cv)).sqrt()
    }
}

/// Sums for the moments.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    days: f64,
    /// Square errors of day factors less what Poisson gives them.
    day_excess: f64,
    /// Square errors of slots after the day's factor, less what Poisson gives them; and the squares of their means.
    slot_excess: f64,
    slot_squares: f64,
}

impl Moments {
    fn add(&mut self, day: &Day, profile: &Profile, correction: f64) {
        let Some(expected) = profile.totals[day.weekday()].filter(|total| *total > 0.0) else { return };
        let factor = day.total / expected;
        // A holiday is not the spread of ordinary days.
        if !(0.5..=2.0).contains(&factor) && (day.total - expected).abs() > 4.0 * expected.sqrt() {
            return;
        }
        self.days += 1.0;
        self.day_excess += correction * (factor - 1.0).powi(2) - 1.0 / expected;
        for (slot, calls) in day.calls.iter().enumerate() {
            let mean = factor * profile.calls(day.weekday(), slot);
            self.slot_excess += correction * (calls - mean).powi(2) - mean;
            self.slot_squares += mean * mean;
        }
    }

    fn spread(&self) -> Spread {
        let day_cv = (self.day_excess / self.days).max(0.0).sqrt().max(LEAST_DAY_CV);
        let slot_cv = if self.slot_squares > 0.0 { (self.slot_excess / self.slot_squares).max(0.0).sqrt() } else { 0.0 };
        Spread { day_cv, slot_cv }
    }
}

/// The spread of a forecast for the week after the last of these days.
pub(crate) fn spread(days: &[Day], open: &[Vec<bool>; 7]) -> Spread {
    let Some(last) = days.last() else { return Spread { day_cv: UNKNOWN_DAY_CV, slot_cv: 0.0 } };
    let mut ahead = Moments::default();
    for week in 0..WEEKS {
        let age = |day: &Day| days_between(day.date, last.date);
        let known = days.partition_point(|day| age(day) >= (week + 1) * 7);
        // The first two weeks only tell the profile.
        if known == 0 || days_between(days[0].date, days[known - 1].date) < 13 {
            break;
        }
        let profile = fit(&days[..known], days[known - 1].date, open);
        days[known..].iter().take_while(|day| age(day) >= week * 7).for_each(|day| ahead.add(day, &profile, 1.0));
    }
    if ahead.days >= 3.0 {
        return ahead.spread();
    }
    let mut inside = Moments::default();
    let profile = fit(days, last.date, open);
    let correction = days.len() as f64 / (days.len() as f64 - 1.0).max(1.0);
    for day in days {
        inside.add(day, &profile, correction);
    }
    if inside.days < 2.0 { Spread { day_cv: UNKNOWN_DAY_CV, slot_cv: 0.0 } } else { inside.spread() }
}
