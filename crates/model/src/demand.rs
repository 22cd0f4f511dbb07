//! Demand: what callers will want, and how it becomes people.

use crate::calendar::Timestamp;
use crate::forecast::QueueForecast;
use crate::grid::Curve;
use crate::id::QueueId;
use crate::service::ServiceLevelTarget;
use crate::units::Fraction;

/// Where the demand of a request comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum DemandSource {
    /// Forecast from the counters on the bus.
    History {
        /// Only intervals that begin before this are used; `None` means all.
        until: Option<Timestamp>,
    },
    /// Calls and handling times are in the request.
    Forecast(Vec<QueueForecast>),
    /// The people needed on the phones are in the request, per queue and interval.
    Required(Vec<(QueueId, Curve<f64>)>),
}

/// The queueing model behind a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StaffingModel {
    /// Erlang A where patience is known, Erlang C else.
    #[default]
    Auto,
    /// Erlang C: callers wait for ever.
    ErlangC,
    /// Erlang A: callers have exponential patience.
    ErlangA,
}

/// How load is taken from calls that vary over the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoadModel {
    /// Each interval as if it lasted for ever.
    Stationary,
    /// Modified offered load: the mean number of busy servers if there were infinitely many.
    #[default]
    ModifiedOfferedLoad,
}

/// How calls become people on the phones, and people on the phones people on shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StaffingPolicy {
    /// The promise to callers.
    pub target: ServiceLevelTarget,
    /// The queueing model.
    pub model: StaffingModel,
    /// How load is taken.
    pub load: LoadModel,
    /// The quantile of the calls' distribution that is staffed for (default 0.8).
    pub volume_quantile: Fraction,
    /// The share of scheduled phone time that is lost in ways the roster does not hold (default 0). Below 0.9.
    pub shrinkage: Fraction,
    /// Patience in seconds to use where the history or the forecast tells none.
    pub patience_s: Option<f64>,
}

impl Default for StaffingPolicy {
    fn default() -> Self {
        Self {
            target: ServiceLevelTarget::default(),
            model: StaffingModel::default(),
            load: LoadModel::default(),
            volume_quantile: Fraction::percent(80),
            shrinkage: Fraction::ZERO,
            patience_s: None,
        }
    }
}
