//! What is expected: a distribution per queue and interval, not only a mean.

use crate::grid::Curve;
use crate::id::QueueId;

/// What is expected of one queue in one interval.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct IntervalForecast {
    /// Expected calls offered.
    pub calls_mean: f64,
    /// Standard deviation of the calls offered, day-to-day randomness included.
    pub calls_sd: f64,
    /// Mean handling time (talk, hold, wrap-up), in seconds.
    pub aht_s: f64,
}

/// What is expected of one queue over a horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueForecast {
    /// The queue.
    pub queue: QueueId,
    /// Per interval of the horizon.
    pub intervals: Curve<IntervalForecast>,
    /// Mean patience of its callers in seconds, where the history tells it (total waiting time over abandons, which is the
    /// maximum-likelihood estimate for exponential patience with answered calls as censored observations).
    pub patience_s: Option<f64>,
    /// Coefficient of variation of the factor that all intervals of a day share.
    pub day_factor_cv: f64,
    /// Coefficient of variation of the handling time.
    pub aht_cv: f64,
    /// Days of history that it was made from.
    pub history_days: u32,
}
