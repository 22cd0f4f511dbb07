//! Distributions of lengths of time, and of factors of mean 1.

/// A distribution of lengths of time: a shape of mean 1, times a mean by the period in which the call arrives.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// The shape.
    pub shape: Shape,
    /// The mean in seconds, by period; with one more, the last is for the time after the last period.
    pub mean_s: Vec<f64>,
}

impl Times {
    /// Exponential times of one mean.
    pub fn exponential(mean_s: f64) -> Self {
        Self { shape: Shape::Exponential, mean_s: vec![mean_s] }
    }
}

/// The shape of a distribution of times.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Always the mean.
    Constant,
    /// Exponential.
    Exponential,
    /// Log-normal with this coefficient of variation.
    LogNormal {
        /// Standard deviation over mean.
        cv: f64,
    },
    /// Gamma with this coefficient of variation.
    Gamma {
        /// Standard deviation over mean.
        cv: f64,
    },
    /// Weibull with this exponent: below 1 the longer it has lasted the longer it lasts, at 1 exponential.
    Weibull {
        /// The exponent, often written k.
        exponent: f64,
    },
    /// Uniform between `1 - half_width` and `1 + half_width` times the mean.
    Uniform {
        /// Half the width over the mean, 0 to 1.
        half_width: f64,
    },
    /// One of these values, each as likely, scaled so that their mean is the mean of the period.
    Empirical(Vec<f64>),
    /// One of several shapes, by chance; scaled so that the mean of all is the mean of the period. Hyperexponential times are one, and so
    /// is patience of which a share is none at all.
    Mixture(Vec<Part>),
}

/// A part of a mixture.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// How many are of this part, in proportion to the other parts' shares.
    pub share: f64,
    /// The mean of this part, in proportion to the other parts' means; it may be 0.
    pub mean: f64,
    /// The shape of this part.
    pub shape: Shape,
}
