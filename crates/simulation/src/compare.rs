//! Two scenarios with the same callers: is one better, and how surely.
//!
//! Both see the same calls (common random numbers), so the difference is taken replication by replication and what the callers'
//! luck does to both falls out of it.

use fika_model::fault::FaultCode;
use fika_model::{Faults, ServiceCounts, ServiceLevelFormula};

use crate::moments::{Estimate, Moments};
use crate::report::{Report, SliceReport, parts};
use crate::run::{RunSettings, run_watched};
use crate::scenario::Scenario;

/// Two reports and what lies between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The first scenario's report.
    pub first: Report,
    /// The second scenario's report.
    pub second: Report,
    /// The formula of the difference.
    pub formula: ServiceLevelFormula,
    /// Service level of the whole horizon, second minus first, with the paired interval; `None` when either has no calls.
    pub difference: Option<Estimate>,
    /// How sure it is that the difference has the sign that it shows, 0.5 to 1, by Student's quantiles turned into the normal's.
    pub confidence: Option<f64>,
}

/// What a comparison says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The first has the higher service level, with 95 % confidence.
    First,
    /// The second has.
    Second,
    /// The difference lies within what chance does at this number of replications.
    NotClear,
}

impl Comparison {
    /// Which is better.
    pub fn better(&self) -> Better {
        match self.difference {
            Some(difference) if difference.low > 0.0 => Better::Second,
            Some(difference) if difference.high < 0.0 => Better::First,
            _ => Better::NotClear,
        }
    }
}

/// Simulates both with the same streams. They must have the same queues and horizon.
pub fn compare(first: &Scenario, second: &Scenario, formula: ServiceLevelFormula, settings: &RunSettings) -> Result<Comparison, Faults> {
    compare_watched(first, second, formula, settings, &mut |_| ())
}

/// [`compare`]; `observe` hears after each replication how many are done, of twice those of `settings`.
pub fn compare_watched(
    first: &Scenario,
    second: &Scenario,
    formula: ServiceLevelFormula,
    settings: &RunSettings,
    observe: &mut dyn FnMut(u32),
) -> Result<Comparison, Faults> {
    let same = first.queues.len() == second.queues.len()
        && (first.horizon_s() - second.horizon_s()).abs() < 1e-6
        && first.day_starts_s == second.day_starts_s;
    if !same {
        return Err(Faults::one(FaultCode::Contradiction, "", "the two scenarios have other queues, days or horizons"));
    }
    let first = run_watched(first, settings, observe)?;
    let second = run_watched(second, settings, &mut |done| observe(settings.replications.saturating_add(done)))?;
    let difference = paired(&first.total, &second.total, formula, settings.replications as usize);
    let confidence = difference.map(sign_confidence);
    Ok(Comparison { first, second, formula, difference, confidence })
}

/// The normal probability of `1.96 |mean| / half width`: an interval that ends at 0 gives 0.975.
fn sign_confidence(difference: Estimate) -> f64 {
    let half = (difference.high - difference.low) / 2.0;
    if difference.mean.abs() <= 0.0 {
        return 0.5;
    }
    normal(1.959_964 * difference.mean.abs() / half.max(f64::MIN_POSITIVE))
}

/// The normal distribution function for `z >= 0`, off by less than 1e-7 (Abramowitz and Stegun 26.2.17).
fn normal(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let tail = t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    1.0 - (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * tail
}

fn per_replication(slice: &SliceReport, replications: usize) -> Vec<ServiceCounts> {
    let days = (slice.by_day.len() / replications.max(1)).max(1);
    let sum = |days: &[ServiceCounts]| {
        let mut sum = ServiceCounts::default();
        for day in days {
            sum.add(day);
        }
        sum
    };
    slice.by_day.chunks(days).map(sum).collect()
}

/// The difference of two ratios of means; its error is that of the paired, linearised replications.
fn paired(first: &SliceReport, second: &SliceReport, formula: ServiceLevelFormula, replications: usize) -> Option<Estimate> {
    let (a, b) = (per_replication(first, replications), per_replication(second, replications));
    let level = |slice: &SliceReport| slice.whole.service_level(formula).map(|level| level.mean);
    let (level_a, level_b) = (level(first)?, level(second)?);
    let weight = |counts: &[ServiceCounts]| counts.iter().map(|c| parts(formula, c).1).sum::<f64>() / replications as f64;
    let (weight_a, weight_b) = (weight(&a), weight(&b));
    let mut residuals = Moments::<1>::new();
    for (a, b) in a.iter().zip(&b) {
        let ((above_a, below_a), (above_b, below_b)) = (parts(formula, a), parts(formula, b));
        residuals.add(&[(above_b - level_b * below_b) / weight_b - (above_a - level_a * below_a) / weight_a]);
    }
    let spread = residuals.estimate(&[1.0]);
    let shift = level_b - level_a - spread.mean;
    Some(Estimate { mean: level_b - level_a, low: spread.low + shift, high: spread.high + shift })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_is_the_normal_one() {
        for (z, expected) in [(0.0, 0.5), (1.0, 0.841_345), (1.959_964, 0.975), (3.0, 0.998_650)] {
            assert!((normal(z) - expected).abs() < 1e-6, "{z}: {}", normal(z));
        }
        let sure = |mean, half| sign_confidence(Estimate { mean, low: mean - half, high: mean + half });
        assert!((sure(0.02, 0.02) - 0.975).abs() < 1e-6 && (sure(-0.02, 0.02) - 0.975).abs() < 1e-6);
        assert!((sure(0.0, 0.0) - 0.5).abs() < 1e-12 && (sure(0.1, 0.0) - 1.0).abs() < 1e-12);
    }
}
