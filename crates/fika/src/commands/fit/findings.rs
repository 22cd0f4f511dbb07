//! What was found out about each queue: patience, and the distribution of handling times.

use std::collections::BTreeMap;

use fika_model::QueueId;
use fika_staffing::{Error, HandlingFit, PatienceFit, fit_handling, fit_patience};

use super::bins::Histogram;
use super::calls::Observed;

/// The name of all queues together.
pub(super) const ALL: &str = "all queues";

/// How to estimate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    /// How sure the intervals are to hold the truth.
    pub(super) confidence: f64,
    /// Handling times below this are left out, in seconds.
    pub(super) shortest_s: f64,
}

/// One queue, or all of them together.
#[derive(Debug)]
pub(super) struct Finding {
    /// The queue; `None` for all together.
    pub(super) queue: Option<QueueId>,
    /// Calls that were answered or gave up.
    pub(super) calls: u64,
    /// Answered calls that are not among the handling times.
    pub(super) unmeasured: Unmeasured,
    /// The patience, or why it cannot be told.
    pub(super) patience: Result<PatienceFit, Error>,
    /// The wait that 99.5 % of the calls do not exceed, in seconds: as far as a curve of patience is worth drawing.
    pub(super) longest_drawn_s: f64,
    /// The distribution of handling times, or why it cannot be told.
    pub(super) handling: Result<HandlingFit, Error>,
    /// The handling times by class.
    pub(super) histogram: Option<Histogram>,
}

/// Answered calls that are not among the handling times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Unmeasured {
    /// Their handling time was told as nothing.
    pub(super) without_length: u64,
    /// Their end is not known.
    pub(super) unknown_length: u64,
    /// It is shorter than what was asked for.
    pub(super) too_short: u64,
}

impl Finding {
    fn new(queue: Option<QueueId>, observed: &Observed, settings: Settings) -> Self {
        let mut handling_s = observed.handling_s.clone();
        handling_s.retain(|seconds| *seconds >= settings.shortest_s);
        let Settings { confidence, .. } = settings;
        let too_short = (observed.handling_s.len() - handling_s.len()) as u64;
        Self {
            queue,
            calls: observed.waits.len() as u64,
            unmeasured: Unmeasured { without_length: observed.without_length, unknown_length: observed.unknown_length, too_short },
            patience: fit_patience(&observed.waits, confidence),
            longest_drawn_s: longest_drawn_s(observed),
            handling: fit_handling(&handling_s, confidence),
            histogram: Histogram::new(&handling_s),
        }
    }

    /// The queue's name.
    pub(super) fn name(&self) -> &str {
        self.queue.as_ref().map_or(ALL, QueueId::as_str)
    }
}

/// Estimates for each queue, in the order of their names; with several of them, first for all together.
pub(super) fn findings(observed: &BTreeMap<QueueId, Observed>, settings: Settings) -> Vec<Finding> {
    let mut findings = Vec::with_capacity(observed.len() + 1);
    if observed.len() > 1 {
        let mut all = Observed::default();
        for observed in observed.values() {
            all.extend(observed);
        }
        findings.push(Finding::new(None, &all, settings));
    }
    findings.extend(observed.iter().map(|(queue, observed)| Finding::new(Some(queue.clone()), observed, settings)));
    findings
}

fn longest_drawn_s(observed: &Observed) -> f64 {
    let mut waits: Vec<f64> = observed.waits.iter().map(|wait| wait.seconds).collect();
    waits.sort_by(f64::total_cmp);
    waits.get(waits.len().saturating_sub(1) * 995 / 1000).copied().unwrap_or_default()
}

/// The share still patient after a wait, as observed.
pub(super) fn survival_at(fit: &PatienceFit, wait_s: f64) -> f64 {
    let passed = fit.survival.partition_point(|point| point.wait_s <= wait_s);
    passed.checked_sub(1).map_or(1.0, |last| fit.survival[last].share)
}

/// The confidence interval of that share. Where nobody was left to tell, the last one known goes on down to 0.
pub(super) fn band_at(fit: &PatienceFit, wait_s: f64, confidence: f64) -> (f64, f64) {
    let passed = &fit.survival[..fit.survival.partition_point(|point| point.wait_s <= wait_s)];
    match passed {
        [] => (1.0, 1.0),
        [.., last] => last.band(confidence).unwrap_or_else(|| {
            let known = passed.iter().rev().find_map(|point| point.band(confidence));
            (0.0, known.map_or(1.0, |(_, high)| high))
        }),
    }
}

/// The share still patient by the fitted exponential distribution.
pub(super) fn exponential_at(mean_s: f64, wait_s: f64) -> f64 {
    (-wait_s / mean_s).exp()
}

/// The densities of the logarithm of a handling time: log-normal, and exponential with the observed mean.
pub(super) fn densities_at(fit: &HandlingFit, seconds: f64) -> (f64, f64) {
    let deviations = (seconds.ln() - fit.ln_mean.value) / fit.ln_sd.value;
    let log_normal = (-deviations * deviations / 2.0).exp() / (fit.ln_sd.value * (2.0 * std::f64::consts::PI).sqrt());
    let means = seconds / fit.sample_mean_s.value;
    (log_normal, means * (-means).exp())
}

#[cfg(test)]
mod tests {
    use fika_staffing::Wait;

    use super::*;

    const SETTINGS: Settings = Settings { confidence: 0.95, shortest_s: 0.0 };

    fn observed(waits: &[(f64, bool)], handling_s: &[f64]) -> Observed {
        let waits = waits.iter().map(|(seconds, abandoned)| Wait { seconds: *seconds, abandoned: *abandoned }).collect();
        Observed { waits, handling_s: handling_s.to_vec(), ..Observed::default() }
    }

    #[test]
    fn all_together_come_first_where_there_are_several() {
        let queue = |name: &str| QueueId::new(name).expect("an id");
        let mut queues = BTreeMap::from([(queue("b"), observed(&[(30.0, true)], &[60.0, 70.0]))]);
        let names = |findings: Vec<Finding>| findings.iter().map(|finding| finding.name().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(findings(&queues, SETTINGS)), ["b"]);
        queues.insert(queue("a"), observed(&[(50.0, false)], &[]));
        let found = findings(&queues, SETTINGS);
        assert_eq!(found[0].patience.as_ref().map(|fit| fit.mean_s), Ok(Some(80.0)), "30 s and 50 s for one who gave up");
        assert!(found[1].handling.is_err() && found[2].handling.is_ok(), "a has no handling times");
        assert_eq!(names(found), ["all queues", "a", "b"]);
    }

    #[test]
    fn shorter_times_than_asked_for_are_counted_and_left_out() {
        let queues = BTreeMap::from([(QueueId::new("a").expect("an id"), observed(&[(1.0, false)], &[9.999, 10.0, 20.0]))]);
        let found = findings(&queues, Settings { shortest_s: 10.0, ..SETTINGS });
        assert_eq!(found[0].handling.as_ref().map(|fit| (fit.calls, fit.sample_median_s)), Ok((2, 15.0)));
        assert_eq!(found[0].unmeasured.too_short, 1);
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "steps are exact")]
    fn survival_steps_at_the_wait_itself() {
        let fit = fit_patience(&[Wait { seconds: 10.0, abandoned: true }, Wait { seconds: 20.0, abandoned: false }], 0.95).expect("sound");
        assert_eq!([0.0, 9.999, 10.0, 99.0].map(|wait_s| survival_at(&fit, wait_s)), [1.0, 1.0, 0.5, 0.5]);
        assert_eq!(band_at(&fit, 9.0, 0.95), (1.0, 1.0));
        let (low, high) = band_at(&fit, 10.0, 0.95);
        assert!(0.0 < low && low < 0.5 && 0.5 < high && high < 1.0, "{low} to {high}");
    }

    #[test]
    fn densities_of_the_logarithm_sum_to_one() {
        let fit = fit_handling(&[20.0, 60.0, 300.0, 90.0], 0.95).expect("sound");
        let step = 0.001_f64;
        let sums = (-20_000..25_000).map(|n| densities_at(&fit, (f64::from(n) * step).exp()));
        let (log_normal, exponential) = sums.fold((0.0, 0.0), |(a, b), (x, y)| (a + x * step, b + y * step));
        assert!((log_normal - 1.0_f64).abs() < 1e-6 && (exponential - 1.0_f64).abs() < 1e-6, "{log_normal} {exponential}");
    }
}
