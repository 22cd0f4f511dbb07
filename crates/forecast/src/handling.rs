//! Handling times by hour of the day, and patience.

use fika_model::calendar::Date;

use crate::days::{Handled, History, days_between};

/// After so many days a day's handling times weigh half.
const HALF_LIFE_DAYS: f64 = 28.0;

/// Patience is told by at least so many abandoned calls.
const LEAST_ABANDONED: f64 = 5.0;

/// Coefficients of variation outside these are faults of the data.
const CV_RANGE: (f64, f64) = (0.05, 5.0);

/// Handling times of a queue.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Handling {
    /// Mean per hour of the day, in seconds.
    pub(crate) by_hour_s: [f64; 24],
    /// Coefficient of variation of a single call.
    pub(crate) cv: f64,
}

/// Handling times by hour, each drawn towards the mean of the day by as much as chance explains its difference: with a
/// variance `s^2` of single calls and `t^2` between hours, an hour of `n` calls weighs `n / (n + s^2 / t^2)` (the moment
/// estimator of a one-way random-effects model). `None` without any handled call.
pub(crate) fn handling(history: &History, as_of: Date) -> Option<Handling> {
    let mut hours = [Handled::default(); 24];
    let mut all = Handled::default();
    for ((date, hour), handled) in &history.handled {
        let weight = 0.5_f64.powf(days_between(*date, as_of).max(0) as f64 / HALF_LIFE_DAYS);
        hours[(*hour).min(23)].add(handled, weight);
        all.add(handled, weight);
    }
    if all.calls <= 0.0 || all.seconds <= 0.0 {
        return None;
    }
    let mean = all.seconds / all.calls;
    let variance = (all.square_seconds / all.calls - mean * mean).max(0.0);
    let known = || hours.iter().filter(|hour| hour.calls > 0.0);
    let between: f64 = known().map(|hour| hour.calls * (hour.seconds / hour.calls - mean).powi(2)).sum();
    let squares: f64 = known().map(|hour| hour.calls * hour.calls).sum();
    let spread = all.calls - squares / all.calls;
    let between_variance = if spread > 0.0 { (between - (known().count() as f64 - 1.0) * variance) / spread } else { 0.0 };
    let drawn = |hour: &Handled| {
        if between_variance <= 0.0 || hour.calls <= 0.0 {
            return mean;
        }
        let weight = hour.calls / (hour.calls + variance / between_variance);
        weight * hour.seconds / hour.calls + (1.0 - weight) * mean
    };
    Some(Handling { by_hour_s: hours.each_ref().map(drawn), cv: (variance.sqrt() / mean).clamp(CV_RANGE.0, CV_RANGE.1) })
}

/// Mean patience in seconds: all waiting over all abandons, the maximum-likelihood estimate for exponential patience with
/// answered calls as censored observations.
pub(crate) fn patience_s(history: &History) -> Option<f64> {
    (history.abandoned >= LEAST_ABANDONED && history.wait_s > 0.0).then(|| history.wait_s / history.abandoned)
}

#[cfg(test)]
mod tests;
