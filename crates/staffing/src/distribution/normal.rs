//! The normal distribution.

use super::gamma_cdf;

/// The probability that a standard normal variable is at most `z`.
pub fn normal_cdf(z: f64) -> f64 {
    let half = 0.5 * gamma_cdf(0.5, z * z / 2.0);
    if z < 0.0 { 0.5 - half } else { 0.5 + half }
}

/// The value that a standard normal variable stays below with this probability; infinite at 0 and 1.
///
/// Hastings' rational start (Abramowitz and Stegun 26.2.23, good to 4.5e-4), then Newton's steps on the distribution itself.
pub fn normal_quantile(probability: f64) -> f64 {
    if probability <= 0.0 || probability >= 1.0 {
        return if probability <= 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let tail = probability.min(1.0 - probability);
    let t = (-2.0 * tail.ln()).sqrt();
    let start = t - (2.515_517 + t * (0.802_853 + t * 0.010_328)) / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    let z = if probability < 0.5 { -start } else { start };
    // Two steps from 4.5e-4 leave about 1e-13; in the far tail the start alone is as good as 1 - p can tell.
    if z.abs() > 6.0 { z } else { refined(refined(z, probability), probability) }
}

fn refined(z: f64, probability: f64) -> f64 {
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let newton = (normal_cdf(z) - probability) / density;
    z - newton / (1.0 + 0.5 * z * newton)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::float_cmp, reason = "the ends are exact")]
    fn known_quantiles() {
        for (probability, value) in
            [(0.5, 0.0), (0.8, 0.841_621_233_572_914_3), (0.975, 1.959_963_984_540_054), (0.001, -3.090_232_306_167_813)]
        {
            assert!((normal_quantile(probability) - value).abs() < 1e-12, "{probability}: {}", normal_quantile(probability));
        }
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
    }
}
