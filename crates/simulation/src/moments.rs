//! Sums and sums of products of a vector over replications, and the ratios that come from them with their confidence intervals.
//!
//! Every figure of a report is a ratio of two linear forms of the counted sums (a service level, a mean wait, an occupancy), so one
//! matrix of products serves all of them. Intervals are the delta method's for a ratio of means, with Student's quantile.

/// A figure with its 95 % confidence interval over replications.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub mean: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Estimate {
    /// The estimate with an interval of so many standard errors, from `replications` values.
    pub(crate) fn around(mean: f64, standard_error: f64, replications: u32) -> Self {
        let half = student_975(replications.saturating_sub(1)) * standard_error;
        Self { mean, low: mean - half, high: mean + half }
    }

    /// Divides by a positive number.
    pub(crate) fn over(self, by: f64) -> Self {
        Self { mean: self.mean / by, low: self.low / by, high: self.high / by }
    }

    /// Cuts the interval to what is possible.
    pub(crate) fn within(self, least: f64, most: f64) -> Self {
        Self { mean: self.mean, low: self.low.max(least), high: self.high.min(most) }
    }

    /// Whether the interval holds a value.
    pub fn holds(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// The 97.5 % quantile of Student's distribution. Exact values for 1 and 2 degrees of freedom, then Cornish and Fisher's expansion
/// (Abramowitz and Stegun 26.7.5), which is off by less than 0.01 from 3 on.
fn student_975(degrees: u32) -> f64 {
    match degrees {
        0 => f64::INFINITY,
        1 => 12.706,
        2 => 4.303,
        _ => {
            let z = 1.959_963_984_540_054_f64;
            let n = f64::from(degrees);
            let first = (z.powi(3) + z) / 4.0;
            let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
            let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
            let fourth = (79.0 * z.powi(9) + 776.0 * z.powi(7) + 1482.0 * z.powi(5) - 1920.0 * z.powi(3) - 945.0 * z) / 92_160.0;
            z + first / n + second / n.powi(2) + third / n.powi(3) + fourth / n.powi(4)
        }
    }
}

/// Sums and sums of products of vectors.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moments<const N: usize> {
    count: u32,
    sums: [f64; N],
    /// The upper triangle is used.
    products: [[f64; N]; N],
}

impl<const N: usize> Moments<N> {
    pub(crate) fn new() -> Self {
        Self { count: 0, sums: [0.0; N], products: [[0.0; N]; N] }
    }

    /// Adds the vector of a replication.
    pub(crate) fn add(&mut self, values: &[f64; N]) {
        self.count += 1;
        for (row, value) in values.iter().enumerate() {
            // Most cells of a night, and most columns of a good day, are empty.
            if value.abs() > 0.0 {
                self.sums[row] += value;
                for (product, other) in self.products[row][row..].iter_mut().zip(&values[row..]) {
                    *product += value * other;
                }
            }
        }
    }

    /// The mean of a linear form.
    pub(crate) fn mean(&self, form: &[f64; N]) -> f64 {
        if self.count == 0 { 0.0 } else { dot(form, &self.sums) / f64::from(self.count) }
    }

    /// The mean of the square of a linear form.
    fn mean_square(&self, form: &[f64; N]) -> f64 {
        let mut sum = 0.0;
        for row in 0..N {
            for column in row..N {
                let twice = if row == column { 1.0 } else { 2.0 };
                sum += twice * form[row] * form[column] * self.products[row][column];
            }
        }
        (sum / f64::from(self.count.max(1))).max(0.0)
    }

    /// The mean of a linear form with its interval.
    pub(crate) fn estimate(&self, form: &[f64; N]) -> Estimate {
        let mean = self.mean(form);
        let n = f64::from(self.count);
        let variance = (self.mean_square(form) - mean * mean).max(0.0) * n / (n - 1.0).max(1.0);
        Estimate::around(mean, (variance / n.max(1.0)).sqrt(), self.count)
    }

    /// The ratio of the means of two linear forms with its interval; `None` when the denominator is not positive.
    pub(crate) fn ratio(&self, numerator: &[f64; N], denominator: &[f64; N]) -> Option<Estimate> {
        let below = self.mean(denominator);
        if below <= 0.0 {
            return None;
        }
        let ratio = self.mean(numerator) / below;
        let residual: [f64; N] = std::array::from_fn(|n| numerator[n] - ratio * denominator[n]);
        let n = f64::from(self.count);
        let variance = self.mean_square(&residual) * n / (n - 1.0).max(1.0);
        Some(Estimate::around(ratio, (variance / n).sqrt() / below, self.count))
    }
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn student_quantiles_are_those_of_the_tables() {
        let table = [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980), (100_000, 1.960)];
        for (degrees, expected) in table {
            assert!((student_975(degrees) - expected).abs() < 0.01, "{degrees}: {}", student_975(degrees));
        }
    }

    #[test]
    fn means_and_ratios_have_the_textbook_intervals() {
        let mut moments = Moments::<2>::new();
        for pair in [[1.0, 2.0], [3.0, 4.0], [2.0, 3.0], [4.0, 7.0]] {
            moments.add(&pair);
        }
        let mean = moments.estimate(&[1.0, 0.0]);
        // Standard deviation of 1, 2, 3, 4 is sqrt(5/3); 3 degrees of freedom.
        let half = 3.182 * (5.0_f64 / 3.0 / 4.0).sqrt();
        assert!((mean.mean - 2.5).abs() < 1e-12 && (mean.high - mean.mean - half).abs() < 0.01);
        let ratio = moments.ratio(&[1.0, 0.0], &[0.0, 1.0]).expect("a positive denominator");
        // Residuals x - 0.625 y: -0.25, 0.5, 0.125, -0.375.
        let squares: f64 = 0.0625 + 0.25 + 0.015_625 + 0.140_625;
        let half = 3.182 * (squares / 3.0 / 4.0).sqrt() / 4.0;
        assert!((ratio.mean - 0.625).abs() < 1e-12 && (ratio.high - ratio.mean - half).abs() < 0.001);
        assert_eq!(moments.ratio(&[1.0, 0.0], &[0.0, 0.0]), None);
    }
}
