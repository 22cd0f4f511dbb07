//! Quantiles of the distributions that volumes, confidence intervals and fits are made of.

mod gamma;
mod normal;
mod student;

pub use gamma::{gamma_cdf, gamma_quantile};
pub use normal::{normal_cdf, normal_quantile};
pub use student::{student_cdf, student_quantile};

/// The natural logarithm of the gamma function for `x > 0`, to about 1e-14: Stirling's series from 10 on, the recursion below.
pub fn ln_gamma(x: f64) -> f64 {
    let (mut shifted, mut product) = (x, 1.0);
    while shifted < 10.0 {
        product *= shifted;
        shifted += 1.0;
    }
    (shifted - 0.5) * shifted.ln() - shifted + 0.5 * (2.0 * std::f64::consts::PI).ln() + stirling_rest(shifted) - product.ln()
}

/// What Stirling's formula leaves out, for `x >= 10`: Bernoulli numbers over `2k (2k - 1) x^(2k - 1)`.
fn stirling_rest(x: f64) -> f64 {
    let inverse = 1.0 / (x * x);
    let tail = 1.0 / 1188.0 - inverse * (691.0 / 360_360.0 - inverse / 156.0);
    (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1260.0 - inverse * (1.0 / 1680.0 - inverse * tail)))) / x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_gamma_gives_factorials_and_roots_of_pi() {
        assert!(ln_gamma(1.0).abs() < 1e-14 && ln_gamma(2.0).abs() < 1e-14);
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-14);
        let mut ln_factorial = 0.0;
        for n in 1..400 {
            ln_factorial += f64::from(n).ln();
            assert!((ln_gamma(f64::from(n) + 1.0) - ln_factorial).abs() < 1e-13 * ln_factorial.max(1.0), "{n}");
        }
    }
}
