//! Integrals of the offered wait's density `exp(y (1 - exp(-u)) - c u)` over `u` from 0, time in units of patience.
//!
//! With `phi(c)` for the plain integral, `c phi(c) = 1 + y phi(c + 1)`. A short series of positive terms is summed (it is
//! Kummer's `M(1, c + 1, y) / c`); else the log-concave integrand is integrated by Gauss and Legendre's rule from its peak to
//! where it has fallen by `exp(-40)`, in the same time whatever the size. Both are exact to about 1e-13; a test holds one against
//! the other.

use std::sync::LazyLock;

/// How far down the integrand is followed, as a logarithm.
const DROP: f64 = 40.0;
/// A longer series than this is slower than the quadrature.
const LONGEST_SERIES: f64 = 300.0;
/// From this `c` on the integrand is smooth enough for the quadrature; smaller ones are reached by the recursion.
const SMOOTH_FROM: f64 = 32.0;

/// Integrals with the weights named, each to be multiplied by `exp(ln_peak + ln_scale)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Delay {
    /// Weight 1.
    pub(super) all: f64,
    /// Weight `exp(-u)`: those whose patience lasts.
    pub(super) answered: f64,
    /// Weight `1 - exp(-u)`: those whose patience does not.
    pub(super) lost: f64,
    /// Weight `u exp(-u)`: the wait of those whose patience lasts.
    pub(super) answered_moment: f64,
    /// The logarithm of the density at its peak, where that was taken out; else 0.
    pub(super) ln_peak: f64,
    /// The logarithm of what else was taken out to stay in the range of floats.
    pub(super) ln_scale: f64,
    /// The peak is that of the density for `c + raised`.
    raised: f64,
}

impl Delay {
    /// The integrals for `c > 0` and `y >= 0`.
    pub(super) fn new(c: f64, y: f64) -> Self {
        if series_length(c, y) <= LONGEST_SERIES { Self::series(c, y) } else { Self::quadrature(c, y) }
    }

    /// Sums `q_k = y^(k-1) / ((c+1) .. (c+k))`, of which all four integrals are made.
    fn series(c: f64, y: f64) -> Self {
        let mut q = 1.0 / (c + 1.0);
        let mut harmonic = q;
        let (mut answered, mut weighted, mut answered_moment) = (q, q, q * q);
        let mut k = 1.0;
        loop {
            k += 1.0;
            let step = 1.0 / (c + k);
            let ratio = y * step;
            q *= ratio;
            harmonic += step;
            answered += q;
            weighted += k * q;
            answered_moment += q * harmonic;
            if ratio < 1.0 && k * q <= 1e-17 * weighted * (1.0 - ratio) {
                break;
            }
        }
        Self { all: (1.0 + y * answered) / c, answered, lost: weighted / c, answered_moment, ln_peak: 0.0, ln_scale: 0.0, raised: 0.0 }
    }

    fn quadrature(c: f64, y: f64) -> Self {
        let raised = (SMOOTH_FROM - c).max(0.0).ceil();
        let base = Self { raised, ..Self::smooth(c + raised, y) };
        (0..raised as u32).rev().fold(base, |above, steps| above.lowered(c + f64::from(steps), y))
    }

    /// The integrals for `c` from those for `c + 1`.
    fn lowered(self, c: f64, y: f64) -> Self {
        let above_moment = (self.all + y * self.answered_moment) / (c + 1.0);
        let all = ((-self.ln_factor()).exp() + y * self.all) / c;
        let lowered = Self { all, answered: self.all, lost: all - self.all, answered_moment: above_moment, ..self };
        if all > 1e150 { lowered.scaled_down(1e-150) } else { lowered }
    }

    fn scaled_down(self, by: f64) -> Self {
        Self {
            all: self.all * by,
            answered: self.answered * by,
            lost: self.lost * by,
            answered_moment: self.answered_moment * by,
            ln_scale: self.ln_scale - by.ln(),
            ..self
        }
    }

    /// The logarithm of the common factor of all four.
    pub(super) fn ln_factor(self) -> f64 {
        self.ln_peak + self.ln_scale
    }

    /// The logarithm of the factor between the density at 0 here and the same integrals from `u` on, `rest` being those of `c`
    /// and `y exp(-u)`.
    ///
    /// The peak is the same point for both: relative to it the huge parts of the logarithms drop out before they are computed.
    pub(super) fn ln_ratio(self, rest: Self, c: f64, y: f64, u: f64) -> f64 {
        let scales = rest.ln_scale - self.ln_scale;
        let peaked = |delay: Self| delay.ln_peak > 0.0;
        match (peaked(self), peaked(rest)) {
            (true, true) => scales + self.raised * u,
            (true, false) => scales + self.raised * u - ln_peak(c + self.raised, y * (-u).exp()),
            (false, _) => scales + ln_density(c, y, u) + rest.ln_peak,
        }
    }

    /// From the peak, at `u = ln(y / c)` or 0, both ways to where the integrand no longer counts.
    fn smooth(c: f64, y: f64) -> Self {
        let slope = (c - y).max(0.0);
        let bend = c.min(y);
        let (peak, ln_peak) = if y > c { ((y / c).ln(), ln_peak(c, y)) } else { (0.0, 0.0) };
        let mut sum = Self { all: 0.0, answered: 0.0, lost: 0.0, answered_moment: 0.0, ln_peak, ln_scale: 0.0, raised: 0.0 };
        // exp(-v) - 1 + v is at least v^2 / (2 + v) to the right of the peak, and at least v^2 / 2 to its left.
        let right = (DROP / slope).min((DROP + (DROP * DROP + 8.0 * DROP * bend).sqrt()) / (2.0 * bend));
        let left = peak.min((2.0 * DROP / c).sqrt());
        let still_here = (c / y).min(1.0);
        let gone = (1.0 - c / y).max(0.0);
        let mut panel = |from: f64, length: f64| {
            for (place, share) in RULE.iter() {
                let v = from + length * place;
                let (less, curve) = decay(v);
                let density = share * length * (-(slope * v + bend * curve)).exp();
                let answered = density * still_here * (1.0 + less);
                sum.all += density;
                sum.answered += answered;
                sum.lost += density * (gone - still_here * less);
                sum.answered_moment += answered * (peak + v);
            }
        };
        panel(0.0, right);
        if left > 0.0 {
            panel(-left, left);
        }
        sum
    }
}

/// The logarithm of the density at `u`, 0 at 0: `y (1 - exp(-u)) - c u` without cancellation.
fn ln_density(c: f64, y: f64, u: f64) -> f64 {
    (y - c) * u - y * decay(u).1
}

/// `y - c - c ln(y / c)`: for `y > c` the logarithm of the density at its peak.
fn ln_peak(c: f64, y: f64) -> f64 {
    let excess = (y - c) / c;
    c * (excess - excess.ln_1p())
}

/// `exp(-v) - 1` and `exp(-v) - 1 + v`; the latter of full accuracy near 0 too.
fn decay(v: f64) -> (f64, f64) {
    if v.abs() < SERIES_BELOW {
        let sum = DECAY.iter().rev().fold(0.0, |sum, coefficient| coefficient - v * sum);
        let curve = v * v * sum;
        (curve - v, curve)
    } else {
        let less = (-v).exp() - 1.0;
        (less, less + v)
    }
}

/// From here on `exp(-v) - 1 + v` keeps 14 digits without the series, and `exp(-v) - 1` 15.
const SERIES_BELOW: f64 = 0.1;
/// `1 / (k + 2)!`, the coefficients of `(exp(-v) - 1 + v) / v^2` without their signs.
const DECAY: [f64; 10] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
];

/// Roughly how many terms the series takes.
fn series_length(c: f64, y: f64) -> f64 {
    if y > c { y - c + (2.0 * DROP * y).sqrt() } else { (DROP / (c / y).ln()).min((2.0 * DROP * c).sqrt()) }
}

/// Gauss and Legendre's rule with 32 points on `[0, 1]`: places and shares.
static RULE: LazyLock<[(f64, f64); 32]> = LazyLock::new(|| {
    let points = 32.0;
    std::array::from_fn(|index| {
        let mut x = ((index as f64 + 0.75) / (points + 0.5) * std::f64::consts::PI).cos();
        // Newton's steps converge quadratically from this start; the last leaves x where it is.
        for _ in 0..8 {
            let (value, slope) = legendre(x);
            x -= value / slope;
        }
        let slope = legendre(x).1;
        (f64::midpoint(1.0, x), 1.0 / ((1.0 - x * x) * slope * slope))
    })
});

/// The Legendre polynomial of degree 32 and its derivative.
fn legendre(x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for degree in 2..=32 {
        let n = f64::from(degree);
        let next = ((2.0 * n - 1.0) * x * value - (n - 1.0) * before) / n;
        (before, value) = (value, next);
    }
    (value, 32.0 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, tolerance: f64) -> bool {
        (a - b).abs() <= tolerance * b.abs()
    }

    fn check_same(c: f64, y: f64) {
        let (series, quadrature) = (Delay::series(c, y), Delay::quadrature(c, y));
        let scale = quadrature.ln_factor().exp();
        let pairs = [
            (series.all, quadrature.all),
            (series.answered, quadrature.answered),
            (series.lost, quadrature.lost),
            (series.answered_moment, quadrature.answered_moment),
        ];
        for (by_series, by_quadrature) in pairs {
            assert!(close(by_quadrature * scale, by_series, 2e-12), "c {c}, y {y}: {by_series} and {}", by_quadrature * scale);
        }
    }

    #[test]
    fn series_and_quadrature_are_two_ways_to_one_number() {
        for c in [1e-3, 0.4, 1.0, 7.3, 31.9, 32.0, 100.0, 1500.0, 30_000.0] {
            for share in [1e-6, 0.2, 0.8, 0.97, 1.0, 1.0001, 1.03, 1.2] {
                check_same(c, c * share);
            }
        }
        for (c, y) in [(0.01, 40.0), (1.0, 300.0), (5.0, 600.0), (30.0, 500.0), (60.0, 650.0)] {
            check_same(c, y);
        }
    }

    #[test]
    fn the_recursion_in_c_holds() {
        for (c, y) in [(40.0, 1e4), (2000.0, 2000.0), (1e6, 0.999e6), (1e9, 1.000_001e9), (1e12, 1e12)] {
            let (here, above) = (Delay::new(c, y), Delay::new(c + 1.0, y));
            let left = c * here.all;
            let right = (-here.ln_factor()).exp() + y * above.all * (above.ln_factor() - here.ln_factor()).exp();
            assert!(close(left, right, 1e-9), "c {c}, y {y}: {left} and {right}");
        }
    }

    #[test]
    fn the_rule_integrates_polynomials_up_to_degree_63() {
        for degree in [0, 1, 2, 31, 62, 63] {
            let sum: f64 = RULE.iter().map(|(x, share)| share * x.powi(degree)).sum();
            assert!(close(sum, 1.0 / f64::from(degree + 1), 1e-13), "degree {degree}: {sum}");
        }
    }

    #[test]
    fn decay_has_no_seam() {
        for v in [0.099_999_f64, 0.100_001, -0.099_999, -0.100_001, 0.01, -0.01] {
            let terms = (2..20).scan((1.0, -v), |(factorial, power), k| {
                (*factorial, *power) = (*factorial * f64::from(k), *power * -v);
                Some(*power / *factorial)
            });
            let exact: f64 = terms.collect::<Vec<_>>().into_iter().rev().sum();
            assert!(close(decay(v).1, exact, 5e-14) && close(decay(v).0, exact - v, 5e-15), "{v}: {:?}, {exact}", decay(v));
        }
    }
}
