//! The forecast of a queue over a horizon, put together from its parts.

use fika_model::calendar::Date;
use fika_model::demand::DemandSource;
use fika_model::forecast::{IntervalForecast, QueueForecast};
use fika_model::people::WallWindow;
use fika_model::request::Queue;
use fika_model::{Curve, DayMap, Grid, IntervalCounters, IntervalKey, QueueId, Request, Timestamp, Weekday};
use thiserror::Error;

use crate::days::{Day, History, history, index_of, open_slots};
use crate::handling::{handling, patience_s};
use crate::profile::fit;
use crate::spread::spread;

/// Days of a queue with fewer calls than this on average may well be empty by chance.
const OFTEN_EMPTY_BELOW: f64 = 5.0;

/// What is to be forecast.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The queue.
    pub queue: &'a QueueId,
    /// The days of the horizon, with their time zone.
    pub days: &'a DayMap,
    /// The intervals of the horizon.
    pub grid: Grid,
    /// When callers are served; empty means always.
    pub hours: &'a [WallWindow],
    /// Only intervals that begin before this are history.
    pub until: Timestamp,
}

/// What the forecast of a weekday was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// Days of the same weekday.
    Own,
    /// The weekday has no history: days of these weekdays, which have the same opening hours if any do.
    Borrowed(Vec<Weekday>),
    /// The queue is closed.
    Closed,
}

/// A forecast with what it was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The forecast.
    pub forecast: QueueForecast,
    /// Per day of the horizon.
    pub basis: Vec<Basis>,
}

/// There is too little history to forecast from.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoHistory {
    /// No call of the queue is known.
    #[error("no call of queue {queue} is counted before {until}")]
    Calls {
        /// The queue.
        queue: QueueId,
        /// Where the history ends.
        until: Timestamp,
    },
    /// No handling time of the queue is known.
    #[error("no handling time of queue {queue} is counted before {until}")]
    HandlingTimes {
        /// The queue.
        queue: QueueId,
        /// Where the history ends.
        until: Timestamp,
    },
}

/// Forecasts a queue of a request over its horizon from the counters of all intervals known; see [`make`]. History ends where the
/// request says, and at the latest where its horizon begins.
pub fn forecast(cells: &[(IntervalKey, IntervalCounters)], request: &Request, queue: &Queue) -> Result<QueueForecast, NoHistory> {
    let start = request.days.start();
    let until = match request.demand {
        DemandSource::History { until: Some(until) } => until.min(start),
        _ => start,
    };
    let frame = Frame { queue: &queue.id, days: &request.days, grid: request.grid(), hours: &queue.hours, until };
    make(cells, &frame).map(|made| made.forecast)
}

/// Forecasts a queue over a horizon. `cells` may hold other queues too, in any order; several counters of one cell add up.
pub fn make(cells: &[(IntervalKey, IntervalCounters)], frame: &Frame<'_>) -> Result<Forecast, NoHistory> {
    let found = history(cells, frame.queue, frame.until, frame.days, frame.grid.interval());
    let no_calls = || NoHistory::Calls { queue: frame.queue.clone(), until: frame.until };
    let as_of = found.days.last().map(|day| day.date).ok_or_else(no_calls)?;
    let no_times = || NoHistory::HandlingTimes { queue: frame.queue.clone(), until: frame.until };
    let handling = handling(&found, as_of).ok_or_else(no_times)?;
    let calls = calls(&found, frame);
    let by_hour = |minute_of_day: u32| handling.by_hour_s[(minute_of_day as usize / 60).min(23)];
    let intervals = Curve::from_fn(frame.grid, |index| {
        let (_, minute_of_day) = frame.days.wall_at(frame.grid.span(index).start());
        let mean = calls.means[index.get()];
        IntervalForecast { calls_mean: mean, calls_sd: calls.sds[index.get()], aht_s: by_hour(minute_of_day) }
    });
    let forecast = QueueForecast {
        queue: frame.queue.clone(),
        intervals,
        patience_s: patience_s(&found),
        day_factor_cv: calls.day_cv,
        aht_cv: handling.cv,
        history_days: found.days.len() as u32,
    };
    Ok(Forecast { forecast, basis: calls.basis })
}

/// Calls per interval of the horizon.
pub(crate) struct Calls {
    pub(crate) means: Vec<f64>,
    pub(crate) sds: Vec<f64>,
    pub(crate) day_cv: f64,
    pub(crate) basis: Vec<Basis>,
}

pub(crate) fn calls(found: &History, frame: &Frame<'_>) -> Calls {
    let interval = frame.grid.interval();
    let open = open_slots(frame.hours, interval);
    let days = with_empty_days(&found.days, &open);
    let as_of = days.last().map_or_else(|| frame.days.first_date(), |day| day.date);
    let profile = fit(&days, as_of, &open);
    let spread = spread(&days, &open);
    let means: Vec<f64> = frame
        .grid
        .indices()
        .map(|index| {
            let (date, minute_of_day) = frame.days.wall_at(frame.grid.span(index).start());
            profile.calls(index_of(date.weekday()), (minute_of_day / interval.minutes()) as usize)
        })
        .collect();
    let basis = |weekday: Weekday| {
        let own = index_of(weekday);
        match profile.sources[own].as_slice() {
            _ if !open[own].contains(&true) => Basis::Closed,
            [source] if *source == own => Basis::Own,
            sources => Basis::Borrowed(sources.iter().filter_map(|n| Weekday::from_monday_zero_offset(*n as i8).ok()).collect()),
        }
    };
    Calls {
        sds: means.iter().map(|mean| spread.sd(*mean)).collect(),
        means,
        day_cv: spread.day_cv,
        basis: frame.days.days().map(|day| basis(frame.days.weekday(day))).collect(),
    }
}

/// The days, with the open ones between them on which nobody called where that happens by chance. Elsewhere a day
/// without calls is a day without data.
fn with_empty_days(days: &[Day], open: &[Vec<bool>; 7]) -> Vec<Day> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Vec::new() };
    let mean = days.iter().map(|day| day.total).sum::<f64>() / days.len() as f64;
    if mean >= OFTEN_EMPTY_BELOW {
        return days.to_vec();
    }
    let mut filled = Vec::new();
    let mut known = days.iter().peekable();
    let mut date: Date = first.date;
    while date <= last.date {
        if let Some(day) = known.next_if(|day| day.date == date) {
            filled.push(day.clone());
        } else if open[index_of(date.weekday())].contains(&true) {
            filled.push(Day { date, calls: vec![0.0; first.calls.len()], total: 0.0 });
        }
        date = date.tomorrow().unwrap_or(Date::MAX);
        if date == Date::MAX {
            break;
        }
    }
    filled
}

#[cfg(test)]
mod tests;
