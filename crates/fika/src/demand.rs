//! The demand behind a roster: as its summary has it, or as the request and its history give it.

use std::path::{Path, PathBuf};

use fika_model::demand::DemandSource;
use fika_model::fault::{FaultCode, Faults};
use fika_model::forecast::QueueForecast;
use fika_model::{Request, RosterSummary};
use fika_planning::{PoolDemand, forecasts, pools, pools_of_summary};
use fika_wire::{convert, json};

use crate::files;

/// Where the demand comes from when the request takes it from history.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Args {
    /// Forecasts for demand from history: `QueueForecast` messages in JSON, a line each or as a list.
    #[arg(long, value_name = "FILE", conflicts_with = "intervals")]
    forecast: Option<PathBuf>,
    /// Counters to forecast from: `IntervalCounters` messages in JSON, a line each or as a list.
    #[arg(long, value_name = "FILE")]
    intervals: Option<PathBuf>,
}

impl Args {
    /// The forecasts for a request that takes its demand from history; none for another.
    pub(crate) fn history(&self, request: &Request) -> Result<Option<Vec<QueueForecast>>, Faults> {
        if !matches!(request.demand, DemandSource::History { .. }) {
            return Ok(None);
        }
        if let Some(path) = &self.forecast {
            return files::forecasts(path).map(Some);
        }
        let Some(path) = &self.intervals else {
            let cause = "the request takes its demand from history, which is on a bus; \
                use `fika request`, or give --forecast FILE or --intervals FILE";
            return Err(Faults::one(FaultCode::NoHistory, "demand", cause));
        };
        forecast(request, path).map(Some)
    }

    /// What is asked of each pool: as the roster's summary says, or as the request does where there is none.
    pub(crate) fn pools(&self, request: &Request, summary: Option<&RosterSummary>) -> anyhow::Result<Vec<PoolDemand>> {
        if let Some(summary) = summary {
            return Ok(pools_of_summary(request, summary));
        }
        let history = self.history(request)?;
        Ok(match forecasts(request, history.as_deref()) {
            Ok(forecasts) => pools(request, forecasts.as_deref()),
            Err(error) => return Err(error.faults().into()),
        })
    }
}

fn forecast(request: &Request, path: &Path) -> Result<Vec<QueueForecast>, Faults> {
    let cells = files::list(path, |bytes| json::read_then(bytes, json::MESSAGE_LIMIT_BYTES, convert::parse_interval))?;
    let mut faults = Faults::default();
    let forecasts: Vec<_> = request
        .queues
        .iter()
        .filter_map(|queue| faults.take(FaultCode::NoHistory, "demand", fika_forecast::forecast(&cells, request, queue)))
        .collect();
    faults.or(Some(forecasts))
}
