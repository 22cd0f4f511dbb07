//! Student's distribution, for confidence intervals of means.

use super::{ln_gamma, normal_quantile};

/// The probability that Student's variable with this many degrees of freedom is at most `t`.
pub fn student_cdf(degrees: f64, t: f64) -> f64 {
    let tail = 0.5 * beta_share(degrees / 2.0, 0.5, degrees / (degrees + t * t));
    if t < 0.0 { tail } else { 1.0 - tail }
}

/// The value that Student's variable with this many degrees of freedom (1 or more) stays below with this probability.
///
/// From the normal quantile outwards the bounds double until they hold the answer, and are then halved.
pub fn student_quantile(degrees: f64, probability: f64) -> f64 {
    if probability < 0.5 {
        return -student_quantile(degrees, 1.0 - probability);
    }
    if probability >= 1.0 {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (0.0, normal_quantile(probability) + 1.0);
    while student_cdf(degrees, high) < probability {
        low = high;
        high *= 2.0;
    }
    while high - low > 1e-12 * high {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if student_cdf(degrees, middle) < probability { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function `I_x(a, b)`.
fn beta_share(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    if x < (a + 1.0) / (a + b + 2.0) { front * beta_fraction(a, b, x) / a } else { 1.0 - front * beta_fraction(b, a, 1.0 - x) / b }
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / (1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for n in 1..10_000 {
        let m = f64::from(n);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / (1.0 + even * d);
        c = 1.0 + even / c;
        value *= c * d;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / (1.0 + odd * d);
        c = 1.0 + odd / c;
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles from the printed tables (Abramowitz and Stegun, table 26.10); one degree of freedom is Cauchy's distribution.
    #[test]
    fn known_quantiles() {
        for (degrees, probability, value) in
            [(1.0, 0.975, 12.706_2), (5.0, 0.95, 2.015_05), (10.0, 0.995, 3.169_27), (120.0, 0.975, 1.979_93)]
        {
            let quantile = student_quantile(degrees, probability);
            assert!((quantile - value).abs() < 5e-6 * value, "{degrees} degrees, {probability}: {quantile}");
        }
        assert!((student_cdf(1.0, 1.0) - 0.75).abs() < 1e-14);
        assert!((student_quantile(7.0, 0.1) + student_quantile(7.0, 0.9)).abs() < 1e-12);
        assert!((student_quantile(1e7, 0.975) - normal_quantile(0.975)).abs() < 1e-6);
    }
}
