//! The gamma distribution.

use super::{ln_gamma, normal_quantile, stirling_rest};

/// The probability that a gamma variable with this shape and scale 1 is at most `x`.
///
/// Kummer's series where `x` is below the shape, Legendre's continued fraction (by Lentz's method) above it.
pub fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let density = x * density(shape, x);
    if density == 0.0 {
        return if x > shape { 1.0 } else { 0.0 };
    }
    if x < shape + 1.0 { (density * series(shape, x)).min(1.0) } else { 1.0 - density * fraction(shape, x) }
}

/// The density at `x > 0`, with the large parts of the exponent cancelled before they are computed.
fn density(shape: f64, x: f64) -> f64 {
    if shape < 10.0 {
        return ((shape - 1.0) * x.ln() - x - ln_gamma(shape)).exp();
    }
    let excess = (x - shape) / shape;
    let exponent = shape * (excess.ln_1p() - excess) - stirling_rest(shape);
    exponent.exp() * (shape / (2.0 * std::f64::consts::PI)).sqrt() / x
}

/// `P / (x density)`: `sum_k x^k / (shape (shape + 1) .. (shape + k))`.
fn series(shape: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut k) = (1.0 / shape, 1.0 / shape, shape);
    while term > sum * 1e-17 {
        k += 1.0;
        term *= x / k;
        sum += term;
    }
    sum
}

/// `Q / (x density)`.
fn fraction(shape: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - shape;
    let mut c = f64::MAX;
    let mut d = 1.0 / b;
    let mut value = d;
    let mut n = 0.0;
    loop {
        n += 1.0;
        let a = n * (shape - n);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() < 1e-16 || n > 1e6 {
            return value;
        }
    }
}

/// The value that a gamma variable with this mean and variance stays below with `probability`; the mean itself where there is no
/// variance.
///
/// Starts at Wilson and Hilferty's cube (1931) and goes on by Halley's steps on the distribution itself, kept between bounds that
/// close in.
pub fn gamma_quantile(mean: f64, variance: f64, probability: f64) -> f64 {
    if mean <= 0.0 || variance <= mean * mean * 1e-14 {
        return mean.max(0.0);
    }
    if probability <= 0.0 {
        return 0.0;
    }
    if probability >= 1.0 {
        return f64::INFINITY;
    }
    let shape = mean * mean / variance;
    standard_quantile(shape, probability) * (variance / mean)
}

fn standard_quantile(shape: f64, probability: f64) -> f64 {
    let ninth = 1.0 / (9.0 * shape);
    let cube = 1.0 - ninth + normal_quantile(probability) * ninth.sqrt();
    // Near 0 the distribution function is x^shape / gamma(shape + 1).
    let near_zero = ((probability.ln() + ln_gamma(shape + 1.0)) / shape).exp();
    let mut x = if cube > 0.3 { shape * cube.powi(3) } else { near_zero };
    if x == 0.0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, f64::INFINITY);
    for _ in 0..100 {
        let miss = gamma_cdf(shape, x) - probability;
        if miss > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let newton = miss / density(shape, x);
        let halley = newton / (1.0 - 0.5 * (newton * ((shape - 1.0) / x - 1.0)).clamp(-1.0, 1.0));
        let next = x - halley;
        if (next - x).abs() <= 1e-10 * x {
            return next;
        }
        x = if next > low && next < high {
            next
        } else if high.is_finite() {
            f64::midpoint(low, high)
        } else {
            2.0 * x
        };
    }
    x
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shape_one_is_the_exponential_distribution() {
        for x in [1e-6_f64, 0.1, 1.0, 1.9, 2.1, 5.0, 30.0] {
            assert!((gamma_cdf(1.0, x) + (-x).exp_m1()).abs() < 1e-14, "{x}");
        }
        for p in [0.01_f64, 0.5, 0.8, 0.999] {
            assert!((gamma_quantile(3.0, 9.0, p) + 3.0 * (-p).ln_1p()).abs() < 1e-9, "{p}");
        }
    }

    /// Chi-square quantiles from the printed tables (Abramowitz and Stegun, table 26.8).
    #[test]
    fn chi_square_tables_are_met() {
        for (degrees, probability, value) in
            [(1.0, 0.95, 3.841_46), (2.0, 0.975, 7.377_76), (10.0, 0.025, 3.246_97), (10.0, 0.99, 23.209_3), (100.0, 0.95, 124.342)]
        {
            let quantile = gamma_quantile(degrees, 2.0 * degrees, probability);
            assert!((quantile - value).abs() < 1e-5 * value, "{degrees} degrees, {probability}: {quantile}");
        }
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "the ends are exact")]
    fn edges_are_the_ends() {
        assert_eq!(gamma_quantile(5.0, 0.0, 0.8), 5.0);
        assert_eq!(gamma_quantile(5.0, 1.0, 0.0), 0.0);
        assert_eq!(gamma_quantile(5.0, 1.0, 1.0), f64::INFINITY);
        assert_eq!(gamma_quantile(0.0, 1.0, 0.8), 0.0);
    }

    proptest! {
        #[test]
        fn the_quantile_inverts_the_distribution(ln_shape in -4.0..16.0_f64, probability in 0.001..0.999_f64) {
            let shape = ln_shape.exp();
            let x = gamma_quantile(shape, shape, probability);
            prop_assert!(x < 1e-300 || (gamma_cdf(shape, x) - probability).abs() < 1e-8, "shape {shape}: {x}");
        }

        #[test]
        fn the_distribution_grows(shape in 0.05..5000.0_f64, share in 0.01..3.0_f64) {
            let x = shape * share;
            prop_assert!(gamma_cdf(shape, x * 1.001) >= gamma_cdf(shape, x) - 1e-14);
        }
    }
}
