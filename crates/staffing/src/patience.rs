//! How patient callers are, from calls that mostly do not tell: an answered call only says that its caller was still there.
//!
//! Answered calls are censored observations. Leaving them out, or averaging the waits of those who gave up, makes callers look
//! far less patient than they are.

use crate::distribution::{gamma_quantile, normal_quantile};
use crate::error::{Error, within};

/// How one call's wait ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wait {
    /// How long it lasted, in seconds.
    pub seconds: f64,
    /// Whether the caller gave up; else the call was answered, and patience was longer than that.
    pub abandoned: bool,
}

/// Exponential patience, estimated.
#[derive(Debug, Clone, PartialEq)]
pub struct PatienceFit {
    /// The maximum-likelihood mean in seconds: all waiting time over abandons. `None` where nobody gave up: then there is only a
    /// lower bound.
    pub mean_s: Option<f64>,
    /// Lower end of the confidence interval of the mean, in seconds.
    pub mean_s_low: f64,
    /// Upper end of it, in seconds; infinite where nobody gave up.
    pub mean_s_high: f64,
    /// Calls that gave up.
    pub abandoned: u64,
    /// All calls.
    pub calls: u64,
    /// The share of callers still patient after each wait at which somebody gave up, whatever the distribution (Kaplan and Meier
    /// 1958): what the exponential is to be held against.
    pub survival: Vec<SurvivalPoint>,
}

/// One step of a survival curve: it holds from this wait to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalPoint {
    /// The wait in seconds.
    pub wait_s: f64,
    /// The share of callers whose patience is longer.
    pub share: f64,
    /// Standard error of the share (Greenwood 1926).
    pub standard_error: f64,
}

impl SurvivalPoint {
    /// The confidence interval of the share, such as 0.95: normal for `ln(-ln(share))`, which keeps it between 0 and 1 (Kalbfleisch
    /// and Prentice 1980). `None` where nobody was left: what nobody was seen to outlast tells of no spread.
    pub fn band(&self, confidence: f64) -> Option<(f64, f64)> {
        if self.share <= 0.0 || self.share >= 1.0 {
            return None;
        }
        let relative = self.standard_error / self.share / self.share.ln().abs();
        let stretch = (normal_quantile(f64::midpoint(1.0, confidence)) * relative).exp();
        Some((self.share.powf(stretch), self.share.powf(1.0 / stretch)))
    }
}

/// Estimates the patience behind observed waits, with a two-sided confidence interval (such as 0.95).
///
/// Giving up is then a Poisson process in waiting time, so the interval is that of a Poisson mean from its count (Garwood 1936).
/// Needs one call that waited at all.
pub fn fit_patience(waits: &[Wait], confidence: f64) -> Result<PatienceFit, Error> {
    within("confidence", confidence, 0.01, 0.9999)?;
    for (position, wait) in waits.iter().enumerate() {
        if !(wait.seconds.is_finite() && wait.seconds >= 0.0) {
            let expected = "0 or more";
            return Err(Error::BadObservation { quantity: "waits in seconds", position, value: wait.seconds, expected });
        }
    }
    let waited_s: f64 = waits.iter().map(|wait| wait.seconds).sum();
    if waited_s <= 0.0 {
        return Err(Error::TooFew { quantity: "waits longer than none", given: 0, needed: 1 });
    }
    let abandoned = waits.iter().filter(|wait| wait.abandoned).count() as u64;
    let (mean_s, mean_s_low, mean_s_high) = exponential_mean(waited_s, abandoned, confidence);
    Ok(PatienceFit { mean_s, mean_s_low, mean_s_high, abandoned, calls: waits.len() as u64, survival: survival(waits) })
}

/// The mean patience and its confidence interval from sums alone: all waiting time in seconds and the number of abandons.
pub fn exponential_mean(waited_s: f64, abandoned: u64, confidence: f64) -> (Option<f64>, f64, f64) {
    let tail = (1.0 - confidence) / 2.0;
    let events = abandoned as f64;
    // A Poisson mean's limits are gamma quantiles with as many events, and one more, as shape.
    let most_events = gamma_quantile(events + 1.0, events + 1.0, 1.0 - tail);
    let least_events = if abandoned == 0 { 0.0 } else { gamma_quantile(events, events, tail) };
    ((abandoned > 0).then(|| waited_s / events), waited_s / most_events, waited_s / least_events)
}

fn survival(waits: &[Wait]) -> Vec<SurvivalPoint> {
    let mut ordered = waits.to_vec();
    ordered.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let mut points = Vec::new();
    let (mut share, mut variance_sum) = (1.0, 0.0);
    let mut at_risk = ordered.len();
    for group in ordered.chunk_by(|a, b| a.seconds.total_cmp(&b.seconds).is_eq()) {
        let gave_up = group.iter().filter(|wait| wait.abandoned).count();
        if gave_up > 0 {
            let stayed = at_risk - gave_up;
            share *= stayed as f64 / at_risk as f64;
            variance_sum += gave_up as f64 / (at_risk as f64 * stayed as f64);
            let standard_error = if stayed > 0 { share * f64::sqrt(variance_sum) } else { 0.0 };
            points.push(SurvivalPoint { wait_s: group[0].seconds, share, standard_error });
        }
        at_risk -= group.len();
    }
    points
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;

    fn wait(seconds: f64, abandoned: bool) -> Wait {
        Wait { seconds, abandoned }
    }

    fn exponential(random: &mut ChaCha8Rng, mean: f64) -> f64 {
        let uniform = (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        -mean * (-uniform).ln_1p()
    }

    /// Calls whose patience and offered wait are independent.
    fn calls(random: &mut ChaCha8Rng, count: usize, patience_s: f64, offered_s: f64) -> Vec<Wait> {
        let mut one = || {
            let (patience, offered) = (exponential(random, patience_s), exponential(random, offered_s));
            wait(patience.min(offered), patience < offered)
        };
        (0..count).map(|_| one()).collect()
    }

    #[test]
    fn the_mean_is_waiting_time_over_abandons() {
        let fit = fit_patience(&[wait(30.0, false), wait(90.0, true), wait(0.0, false), wait(60.0, true)], 0.95).expect("sound");
        assert_eq!((fit.mean_s, fit.abandoned, fit.calls), (Some(90.0), 2, 4));
        // Garwood's limits for two events are 0.2422 and 7.2247.
        assert!((fit.mean_s_low - 180.0 / 7.2247).abs() < 1e-2 && (fit.mean_s_high - 180.0 / 0.2422).abs() < 0.2, "{fit:?}");
    }

    #[test]
    fn nobody_giving_up_leaves_a_lower_bound() {
        let fit = fit_patience(&[wait(30.0, false), wait(70.0, false)], 0.95).expect("sound");
        assert_eq!((fit.mean_s, fit.mean_s_high), (None, f64::INFINITY));
        assert!((fit.mean_s_low - 100.0 / 3.6889).abs() < 1e-2, "{fit:?}");
    }

    #[test]
    fn bad_data_are_refused() {
        assert!(matches!(fit_patience(&[], 0.95), Err(Error::TooFew { .. })));
        assert!(matches!(fit_patience(&[wait(0.0, true)], 0.95), Err(Error::TooFew { .. })));
        assert!(matches!(fit_patience(&[wait(1.0, true), wait(-1.0, true)], 0.95), Err(Error::BadObservation { position: 1, .. })));
        assert!(fit_patience(&[wait(f64::NAN, true)], 0.95).is_err() && fit_patience(&[wait(1.0, true)], 1.0).is_err());
    }

    /// Kaplan and Meier by hand: 1 of 4 at 10 s; a censored one at 15 s; 1 of 2 at 20 s.
    #[test]
    fn survival_steps_where_somebody_gives_up() {
        let fit = fit_patience(&[wait(20.0, true), wait(10.0, true), wait(15.0, false), wait(40.0, false)], 0.95).expect("sound");
        let shares: Vec<(f64, f64)> = fit.survival.iter().map(|point| (point.wait_s, point.share)).collect();
        assert_eq!(shares, [(10.0, 0.75), (20.0, 0.375)]);
        let greenwood = 0.375 * (1.0 / 12.0 + 1.0 / 2.0_f64).sqrt();
        assert!((fit.survival[1].standard_error - greenwood).abs() < 1e-12);
    }

    /// 0.75 with one of four gone: `ln(-ln 0.75)` is -1.2459, its standard error 0.2887 / 0.2877, and 1.96 of them are 1.9667.
    #[test]
    fn bands_stay_between_nobody_and_all() {
        let fit = fit_patience(&[wait(10.0, true), wait(15.0, false), wait(20.0, true)], 0.95).expect("sound");
        assert_eq!(fit.survival.last().and_then(|point| point.band(0.95)), None, "nobody is left");
        let fit = fit_patience(&[wait(10.0, true), wait(15.0, false), wait(20.0, false), wait(40.0, false)], 0.95).expect("sound");
        let (low, high) = fit.survival[0].band(0.95).expect("three are left");
        assert!((low - 0.1279).abs() < 1e-4 && (high - 0.9605).abs() < 1e-4, "{low} to {high}");
        let narrower = fit.survival[0].band(0.5).expect("three are left");
        assert!(low < narrower.0 && narrower.0 < 0.75 && 0.75 < narrower.1 && narrower.1 < high, "{narrower:?}");
    }

    #[test]
    fn the_interval_holds_the_truth_as_often_as_it_says() {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let runs = 1_000;
        let mut held = 0;
        for _ in 0..runs {
            let fit = fit_patience(&calls(&mut random, 200, 300.0, 60.0), 0.9).expect("sound");
            held += usize::from(fit.mean_s_low <= 300.0 && 300.0 <= fit.mean_s_high);
        }
        // 900 expected at the least, as the interval is cautious; three standard errors are 28.
        assert!((872..=960).contains(&held), "{held} of {runs}");
    }

    #[test]
    fn survival_follows_the_exponential_it_was_drawn_from() {
        let mut random = ChaCha8Rng::seed_from_u64(8);
        let fit = fit_patience(&calls(&mut random, 20_000, 120.0, 200.0), 0.95).expect("sound");
        for point in fit.survival.iter().filter(|point| point.wait_s < 200.0) {
            let expected = (-point.wait_s / 120.0).exp();
            assert!((point.share - expected).abs() < 4.5 * point.standard_error + 1e-4, "{point:?}, expected {expected}");
            let (low, high) = point.band(0.999_99).expect("many are left");
            assert!(low - 1e-4 < expected && expected < high + 1e-4, "{point:?}: {low} to {high}, expected {expected}");
        }
    }
}
