//! The demand of a request out of what was counted.

use fika_forecast::{NoHistory, forecast};
use fika_model::fault::FaultCode;
use fika_model::forecast::QueueForecast;
use fika_model::{Faults, IntervalCounters, IntervalKey, Request};

/// Forecasts every queue of a request, in the order of its queues; the faults name each queue without history.
/// `cells` are all counters known: of each record key the last. Several counters of one cell, one a partition, add up.
pub fn forecasts(cells: &[(IntervalKey, IntervalCounters)], request: &Request) -> Result<Vec<QueueForecast>, Faults> {
    let mut faults = Faults::default();
    let at = |n: usize| format!("queues[{n}].id");
    let made: Vec<QueueForecast> = request
        .queues
        .iter()
        .enumerate()
        .filter_map(|(n, queue)| faults.take::<_, NoHistory>(FaultCode::NoHistory, at(n), forecast(cells, request, queue)))
        .collect();
    faults.or(Some(made))
}
