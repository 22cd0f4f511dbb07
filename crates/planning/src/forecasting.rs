//! The demand of a request: which forecasts count, and what several queues ask for as one.

use std::borrow::Cow;

use fika_model::calendar::Timestamp;
use fika_model::demand::DemandSource;
use fika_model::forecast::{IntervalForecast, QueueForecast};
use fika_model::{Curve, Grid, IntervalIndex, Request};

use crate::error::PlanError;
use crate::hours::open;

/// The forecasts to plan with, in the order of the request's queues, without calls outside opening hours; `None` where the request gives
/// people instead of calls.
///
/// Calls in the request win over `given`, which is what history told.
pub fn forecasts(request: &Request, given: Option<&[QueueForecast]>) -> Result<Option<Vec<QueueForecast>>, PlanError> {
    let source: Cow<'_, [QueueForecast]> = match &request.demand {
        DemandSource::Required(_) => return Ok(None),
        DemandSource::Forecast(forecasts) => Cow::Borrowed(forecasts),
        DemandSource::History { .. } => Cow::Borrowed(given.unwrap_or_default()),
    };
    let missing = |queue: &&fika_model::request::Queue| !source.iter().any(|forecast| forecast.queue == queue.id);
    let queues: Vec<_> = request.queues.iter().filter(missing).map(|queue| queue.id.clone()).collect();
    if !queues.is_empty() {
        return Err(PlanError::NoForecast { queues });
    }
    let mut forecasts = Vec::new();
    for queue in &request.queues {
        let Some(forecast) = source.iter().find(|forecast| forecast.queue == queue.id) else { continue };
        let open = open(request, queue);
        let intervals = on_grid(&forecast.intervals, request.grid()).ok_or_else(|| PlanError::ForecastGrid { queue: queue.id.clone() })?;
        let served = |index: IntervalIndex| if open.at(index) == Some(&true) { intervals.at(index).copied() } else { None };
        let intervals = Curve::from_fn(request.grid(), |index| served(index).unwrap_or_default());
        forecasts.push(QueueForecast { intervals, ..forecast.clone() });
    }
    Ok(Some(forecasts))
}

/// A curve cut to a grid of the same interval that it covers; `None` where it does not.
pub(crate) fn on_grid<T: Clone>(curve: &Curve<T>, grid: Grid) -> Option<Curve<T>> {
    let from = curve.grid();
    let seconds = |at: Timestamp| at.as_second();
    let interval_s = i64::from(grid.interval().seconds());
    let ahead = seconds(grid.start()) - seconds(from.start());
    if from.interval() != grid.interval() || ahead < 0 || ahead % interval_s != 0 {
        return None;
    }
    let first = usize::try_from(ahead / interval_s).ok()?;
    let values = curve.values().get(first..first + grid.len())?;
    Curve::new(grid, values.to_vec())
}

/// Several queues as one: calls add up, handling time and patience are weighted by calls.
///
/// The spread above Poisson's is added as it stands and not as a root of squares: what makes a day busy makes it busy for all queues of a
/// site (the cautious side).
pub(crate) fn pooled(forecasts: &[&QueueForecast], grid: Grid) -> (Curve<IntervalForecast>, Option<f64>) {
    let intervals = Curve::from_fn(grid, |index| {
        let cells = || forecasts.iter().filter_map(|forecast| forecast.intervals.at(index));
        let calls: f64 = cells().map(|cell| cell.calls_mean).sum();
        if calls <= 0.0 {
            return IntervalForecast::default();
        }
        let work_s: f64 = cells().map(|cell| cell.calls_mean * cell.aht_s).sum();
        let excess: f64 = cells().map(|cell| (cell.calls_sd * cell.calls_sd - cell.calls_mean).max(0.0).sqrt()).sum();
        let below: f64 = cells().map(|cell| (cell.calls_sd * cell.calls_sd).min(cell.calls_mean)).sum();
        IntervalForecast { calls_mean: calls, calls_sd: (below + excess * excess).sqrt(), aht_s: work_s / calls }
    });
    let calls = |forecast: &QueueForecast| forecast.intervals.values().iter().map(|cell| cell.calls_mean).sum::<f64>();
    let known = || forecasts.iter().filter_map(|forecast| Some((calls(forecast), forecast.patience_s?)));
    let weight: f64 = known().map(|(calls, _)| calls).sum();
    let patience_s = (weight > 0.0).then(|| known().map(|(calls, patience_s)| calls * patience_s).sum::<f64>() / weight);
    (intervals, patience_s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{forecast, request};
    use fika_model::IntervalLength;

    fn cell(calls_mean: f64, calls_sd: f64, aht_s: f64) -> IntervalForecast {
        IntervalForecast { calls_mean, calls_sd, aht_s }
    }

    #[test]
    fn history_without_forecasts_is_an_error_that_names_the_queues() {
        let request = request(|_| ());
        let Err(PlanError::NoForecast { queues }) = forecasts(&request, None) else { panic!("an error") };
        assert_eq!(queues.iter().map(fika_model::QueueId::as_str).collect::<Vec<_>>(), ["calls", "claims"]);
        let half = [forecast(&request, "claims", |_| cell(1.0, 1.0, 60.0))];
        let Err(PlanError::NoForecast { queues }) = forecasts(&request, Some(&half)) else { panic!("an error") };
        assert_eq!(queues.len(), 1);
    }

    #[test]
    fn forecasts_are_cut_to_the_horizon_and_refused_off_its_grid() {
        let request = request(|_| ());
        let grid = request.grid();
        let shifted = |minutes: i64, intervals: u32, length: i64| {
            let start = Timestamp::from_second(grid.start().as_second() + minutes * 60).expect("a time");
            let interval = IntervalLength::new(length).expect("an interval");
            Curve::from_fn(Grid::new(start, interval, intervals), IntervalIndex::get)
        };
        let check = |curve: Curve<usize>, expect: Option<usize>| {
            assert_eq!(on_grid(&curve, grid).map(|cut| cut.values()[0]), expect);
        };
        check(shifted(0, 672, 15), Some(0));
        check(shifted(-30, 674, 15), Some(2));
        check(shifted(-30, 673, 15), None);
        check(shifted(15, 672, 15), None);
        check(shifted(-7, 700, 15), None);
        check(shifted(0, 672, 30), None);
    }

    #[test]
    fn pooled_calls_keep_work_and_do_not_lose_spread() {
        let request = request(|_| ());
        let first = forecast(&request, "calls", |n| if n == 0 { cell(9.0, 5.0, 100.0) } else { cell(0.0, 0.0, 0.0) });
        let mut second = forecast(&request, "claims", |n| if n == 0 { cell(1.0, 1.0, 200.0) } else { cell(0.0, 0.0, 0.0) });
        second.patience_s = None;
        let (pool, patience_s) = pooled(&[&first, &second], request.grid());
        assert_eq!(pool.values()[0], cell(10.0, (10.0_f64 + 16.0).sqrt(), 110.0));
        assert_eq!(pool.values()[1], IntervalForecast::default());
        assert_eq!(patience_s, Some(180.0));
        second.patience_s = Some(80.0);
        assert_eq!(pooled(&[&first, &second], request.grid()).1, Some(170.0));
    }
}
