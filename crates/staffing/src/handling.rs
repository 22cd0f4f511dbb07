//! The distribution of handling times: log-normal, as call centres find it, with confidence intervals.
//!
//! Source of the law: Brown, Gans, Mandelbaum, Sakov, Shen, Zeltyn and Zhao, "Statistical analysis of a telephone call center",
//! JASA 100 (2005).

use crate::distribution::{gamma_quantile, normal_cdf, student_quantile};
use crate::error::{Error, within};

/// An estimate with its two-sided confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The lower end of its confidence interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Handling times as a log-normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HandlingFit {
    /// Mean of the logarithms of seconds.
    pub ln_mean: Estimate,
    /// Standard deviation of the logarithms.
    pub ln_sd: Estimate,
    /// Mean handling time of the fitted distribution, in seconds.
    pub mean_s: Estimate,
    /// Median handling time, in seconds.
    pub median_s: Estimate,
    /// Coefficient of variation of the fitted distribution.
    pub cv: Estimate,
    /// Plain mean of the observations, in seconds, whatever their distribution; Student's interval.
    pub sample_mean_s: Estimate,
    /// The observation in the middle, in seconds.
    pub sample_median_s: f64,
    /// Coefficient of variation of the observations.
    pub sample_cv: f64,
    /// The largest gap between the fitted and the observed distribution function, 0 to 1 (Kolmogorov's distance).
    pub distance: f64,
    /// The same gap for an exponential distribution with the observed mean: what the Erlang formulas assume.
    pub exponential_distance: f64,
    /// How many calls were observed.
    pub calls: u64,
}

/// Fits a log-normal distribution to handling times in seconds, all above 0, with two-sided confidence intervals (such as 0.95).
///
/// The logarithms are normal: their mean has Student's interval, their deviation the chi-square one, and the mean handling time
/// `exp(mu + sigma^2 / 2)` Cox's with Student's quantile (Olsson 2005). Needs two observations that differ.
pub fn fit_handling(seconds: &[f64], confidence: f64) -> Result<HandlingFit, Error> {
    within("confidence", confidence, 0.01, 0.9999)?;
    for (position, value) in seconds.iter().enumerate() {
        if !(value.is_finite() && *value > 0.0) {
            return Err(Error::BadObservation { quantity: "handling times in seconds", position, value: *value, expected: "above 0" });
        }
    }
    let mut ordered = seconds.to_vec();
    ordered.sort_by(f64::total_cmp);
    let count = seconds.len() as f64;
    let different = ordered.windows(2).filter(|pair| pair[0] < pair[1]).count() + usize::from(!ordered.is_empty());
    if different < 2 {
        return Err(Error::TooFew { quantity: "different handling times", given: different, needed: 2 });
    }
    let mu = ordered.iter().map(|value| value.ln()).sum::<f64>() / count;
    let variance = ordered.iter().map(|value| (value.ln() - mu).powi(2)).sum::<f64>() / (count - 1.0);
    let sigma = variance.sqrt();
    let tail = (1.0 - confidence) / 2.0;
    let student = student_quantile(count - 1.0, 1.0 - tail);
    let ln_mean = around(mu, student * sigma / count.sqrt());
    let chi_square = |probability: f64| gamma_quantile(count - 1.0, 2.0 * (count - 1.0), probability);
    let ln_sd_at = |probability: f64| sigma * ((count - 1.0) / chi_square(probability)).sqrt();
    let ln_sd = Estimate { value: sigma, low: ln_sd_at(1.0 - tail), high: ln_sd_at(tail) };
    let cox = student * (variance / count + variance * variance / (2.0 * (count - 1.0))).sqrt();
    let sample_mean_s = ordered.iter().sum::<f64>() / count;
    let sample_sd_s = (ordered.iter().map(|value| (value - sample_mean_s).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
    Ok(HandlingFit {
        ln_mean,
        ln_sd,
        mean_s: exponential_of(around(mu + variance / 2.0, cox)),
        median_s: exponential_of(ln_mean),
        cv: Estimate { value: cv(ln_sd.value), low: cv(ln_sd.low), high: cv(ln_sd.high) },
        sample_mean_s: around(sample_mean_s, student * sample_sd_s / count.sqrt()),
        sample_median_s: f64::midpoint(ordered[(ordered.len() - 1) / 2], ordered[ordered.len() / 2]),
        sample_cv: sample_sd_s / sample_mean_s,
        distance: distance(&ordered, |value| normal_cdf((value.ln() - mu) / sigma)),
        exponential_distance: distance(&ordered, |value| -(-value / sample_mean_s).exp_m1()),
        calls: seconds.len() as u64,
    })
}

/// The coefficient of variation of a log-normal distribution from the standard deviation of its logarithms.
fn cv(ln_sd: f64) -> f64 {
    (ln_sd * ln_sd).exp_m1().sqrt()
}

fn around(value: f64, half_width: f64) -> Estimate {
    Estimate { value, low: value - half_width, high: value + half_width }
}

fn exponential_of(logarithm: Estimate) -> Estimate {
    Estimate { value: logarithm.value.exp(), low: logarithm.low.exp(), high: logarithm.high.exp() }
}

/// Kolmogorov's distance between ordered observations and a distribution function.
fn distance(ordered: &[f64], cdf: impl Fn(f64) -> f64) -> f64 {
    let count = ordered.len() as f64;
    let gap = |(n, value): (usize, &f64)| {
        let fitted = cdf(*value);
        (fitted - n as f64 / count).abs().max(((n + 1) as f64 / count - fitted).abs())
    };
    ordered.iter().enumerate().map(gap).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;
    use crate::distribution::normal_quantile;

    fn sample(random: &mut ChaCha8Rng, count: usize, mu: f64, sigma: f64) -> Vec<f64> {
        let mut uniform = || ((random.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        (0..count).map(|_| (mu + sigma * normal_quantile(uniform())).exp()).collect()
    }

    #[test]
    fn two_calls_by_hand() {
        // Logarithms 4 and 6: mean 5, deviation the root of 2; Student's quantile for one degree of freedom is 12.7062.
        let fit = fit_handling(&[4.0_f64.exp(), 6.0_f64.exp()], 0.95).expect("sound");
        assert!((fit.ln_mean.value - 5.0).abs() < 1e-12 && (fit.ln_sd.value - 2.0_f64.sqrt()).abs() < 1e-12);
        assert!((fit.ln_mean.high - (5.0 + 12.7062)).abs() < 1e-3, "{fit:?}");
        assert!((fit.mean_s.value - 6.0_f64.exp()).abs() < 1e-9 && (fit.median_s.value - 5.0_f64.exp()).abs() < 1e-9);
    }

    #[test]
    fn the_observations_themselves_by_hand() {
        // Mean 20, deviation 10; Student's quantile for two degrees of freedom is 4.30265.
        let fit = fit_handling(&[30.0, 10.0, 20.0], 0.95).expect("sound");
        assert!((fit.sample_mean_s.value - 20.0).abs() < 1e-12 && (fit.sample_cv - 0.5).abs() < 1e-12, "{fit:?}");
        assert!((fit.sample_mean_s.high - 20.0 - 4.30265 * 10.0 / 3.0_f64.sqrt()).abs() < 1e-3, "{fit:?}");
        let middle = |seconds: &[f64]| fit_handling(seconds, 0.95).map(|fit| fit.sample_median_s);
        assert_eq!((middle(&[30.0, 10.0, 20.0]), middle(&[40.0, 10.0, 20.0, 30.0])), (Ok(20.0), Ok(25.0)));
    }

    #[test]
    fn bad_data_are_refused() {
        assert!(matches!(fit_handling(&[], 0.95), Err(Error::TooFew { given: 0, .. })));
        assert!(matches!(fit_handling(&[60.0, 60.0, 60.0], 0.95), Err(Error::TooFew { given: 1, .. })));
        assert!(matches!(fit_handling(&[60.0, 0.0], 0.95), Err(Error::BadObservation { position: 1, .. })));
        assert!(fit_handling(&[60.0, f64::INFINITY], 0.95).is_err() && fit_handling(&[60.0, 61.0], 0.0).is_err());
    }

    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let mut random = ChaCha8Rng::seed_from_u64(11);
        let (mu, sigma, runs) = (5.0_f64, 0.8, 1_000);
        let mean = (mu + sigma * sigma / 2.0).exp();
        let mut held = [0; 5];
        for _ in 0..runs {
            let fit = fit_handling(&sample(&mut random, 60, mu, sigma), 0.9).expect("sound");
            let of_fit = [(fit.ln_mean, mu), (fit.ln_sd, sigma), (fit.mean_s, mean), (fit.median_s, mu.exp()), (fit.cv, cv(sigma))];
            for (count, (interval, truth)) in held.iter_mut().zip(of_fit) {
                *count += usize::from(interval.low <= truth && truth <= interval.high);
            }
        }
        // 900 expected, three standard errors are 28.
        assert!(held.iter().all(|count| (872..=928).contains(count)), "{held:?} of {runs}");
    }

    #[test]
    fn the_distance_tells_the_right_law() {
        let mut random = ChaCha8Rng::seed_from_u64(12);
        let fit = fit_handling(&sample(&mut random, 5_000, 5.0, 0.5), 0.95).expect("sound");
        assert!(fit.distance < 0.02 && fit.exponential_distance > 0.15, "{fit:?}");
        assert!((fit.cv.value - (0.25_f64).exp_m1().sqrt()).abs() < 0.03 && fit.calls == 5_000);
    }
}
