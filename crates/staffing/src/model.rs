//! The queueing model that was decided for.

use fika_model::demand::StaffingModel;

use crate::erlang_a::erlang_a;
use crate::erlang_c::erlang_c;
use crate::error::{Error, within};
use crate::performance::Performance;
use crate::traffic::{Thresholds, Traffic};

/// The longest mean patience that is taken, in seconds: some thirty years.
pub const LONGEST_PATIENCE_S: f64 = 1e9;

/// A queueing model with all it needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Model {
    /// Callers wait for ever.
    ErlangC,
    /// Callers have exponential patience with this mean in seconds.
    ErlangA {
        /// Mean patience in seconds, 0.001 to 1,000,000,000.
        patience_s: f64,
    },
}

impl Model {
    /// Erlang A where patience is known and Erlang C is not asked for. Erlang A without patience is an error.
    pub fn resolve(asked: StaffingModel, patience_s: Option<f64>) -> Result<Self, Error> {
        match (asked, patience_s) {
            (StaffingModel::ErlangC, _) | (StaffingModel::Auto, None) => Ok(Self::ErlangC),
            (StaffingModel::ErlangA, None) => Err(Error::PatienceUnknown),
            (StaffingModel::Auto | StaffingModel::ErlangA, Some(mean_s)) => {
                let patience_s = within("mean patience in seconds", mean_s, 1e-3, LONGEST_PATIENCE_S)?;
                Ok(Self::ErlangA { patience_s })
            }
        }
    }

    /// The long-run performance of so many people.
    pub fn evaluate(self, traffic: Traffic, servers: u32, thresholds: Thresholds) -> Performance {
        match self {
            Self::ErlangC => erlang_c(traffic, servers, thresholds),
            Self::ErlangA { patience_s } => erlang_a(traffic, servers, patience_s, thresholds),
        }
    }

    /// The name people use for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ErlangC => "erlang-c",
            Self::ErlangA { .. } => "erlang-a",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_decides_unless_erlang_c_is_asked_for() {
        assert_eq!(Model::resolve(StaffingModel::Auto, None), Ok(Model::ErlangC));
        assert_eq!(Model::resolve(StaffingModel::Auto, Some(60.0)), Ok(Model::ErlangA { patience_s: 60.0 }));
        assert_eq!(Model::resolve(StaffingModel::ErlangC, Some(60.0)), Ok(Model::ErlangC));
        assert_eq!(Model::resolve(StaffingModel::ErlangA, None), Err(Error::PatienceUnknown));
        assert!(Model::resolve(StaffingModel::Auto, Some(0.0)).is_err() && Model::resolve(StaffingModel::Auto, Some(f64::NAN)).is_err());
    }
}
