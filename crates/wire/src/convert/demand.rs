//! Demand, forecasts and the staffing policy.

use fika_model::calendar::DayMap;
use fika_model::demand::{DemandSource, LoadModel, StaffingModel, StaffingPolicy};
use fika_model::fault::{FaultCode, Faults};
use fika_model::forecast::{IntervalForecast, QueueForecast};
use fika_model::{Curve, Grid, IntervalLength, QueueId, RequestId, ServiceLevelFormula, ServiceLevelTarget, TargetScope};

use super::reading::{At, Reading, paired};
use crate::proto::fika::v1;

/// The most calls, people or seconds that one interval may be given: far above any centre, far below what overflows.
const MOST_CALLS: f64 = 1e6;
const MOST_PEOPLE: f64 = 1e5;
const MOST_SECONDS: f64 = 86_400.0;

paired! { formula_message, formula_model: ServiceLevelFormula = v1::service_level_target::Formula {
    AbandonsNegative = AbandonsNegative, AbandonsIgnored = AbandonsIgnored, ShortAbandonsDropped = ShortAbandonsDropped,
    AbandonsPositive = AbandonsPositive, AnsweredOnly = AnsweredOnly,
} }
paired! { scope_message, scope_model: TargetScope = v1::service_level_target::Scope { Interval = Interval, Day = Day, Horizon = Horizon } }
paired! { model_message, model_model: StaffingModel = v1::staffing_policy::Model { Auto = Auto, ErlangC = ErlangC, ErlangA = ErlangA } }
paired! { load_message, load_model: LoadModel = v1::staffing_policy::Load {
    Stationary = Stationary, ModifiedOfferedLoad = ModifiedOfferedLoad,
} }

/// What demand given in a request must fit.
pub(super) struct Frame<'a> {
    pub(super) days: &'a DayMap,
    pub(super) interval: IntervalLength,
    /// Whether `days` is what was asked, and not a placeholder.
    pub(super) horizon_known: bool,
}

pub(super) fn source(r: &mut Reading, at: &At<'_>, p: Option<&v1::Demand>, frame: &Frame<'_>) -> DemandSource {
    let none = v1::Demand::default();
    let p = p.unwrap_or(&none);
    if p.queues.is_empty() {
        let until = p.history.as_ref().and_then(|history| r.time_if_any(&at.field("history").field("until"), history.until));
        return DemandSource::History { until };
    }
    if p.history.is_some() {
        r.fault(FaultCode::Contradiction, at, "the demand is to come from history and is given too");
    }
    let list = at.field("queues");
    let people = |queue: &v1::QueueDemand| !queue.required_people.is_empty();
    let as_people = people(&p.queues[0]);
    for (n, queue) in p.queues.iter().enumerate() {
        let cause = match (queue.forecast.is_empty(), queue.required_people.is_empty()) {
            (true, true) => Some((FaultCode::Missing, "neither calls nor people are given")),
            (false, false) => Some((FaultCode::Contradiction, "both calls and people are given")),
            _ if people(queue) != as_people => Some((FaultCode::Contradiction, "one queue is given in calls, another in people")),
            _ => None,
        };
        if let Some((code, cause)) = cause {
            r.fault(code, &list.item(n), cause);
        }
    }
    if as_people {
        DemandSource::Required(r.each(&list, &p.queues, |r, at, queue| required(r, at, queue, frame)))
    } else {
        DemandSource::Forecast(r.each(&list, &p.queues, |r, at, queue| forecast(r, at, queue, frame)))
    }
}

/// The grid of a queue's demand, which must be the horizon's.
fn grid(r: &mut Reading, at: &At<'_>, p: &v1::QueueDemand, frame: &Frame<'_>, given: usize, field: &'static str) -> Grid {
    let interval = p.interval_minutes.map_or(frame.interval, |minutes| r.interval(&at.field("intervalMinutes"), minutes));
    let expected = (frame.days.span().length().get() / interval.minutes()) as usize;
    if frame.horizon_known && given != 0 && interval == frame.interval && given != expected {
        r.fault(FaultCode::OutOfRange, &at.field(field), format_args!("{given} intervals, where the horizon has {expected}"));
    }
    Grid::new(frame.days.start(), interval, given as u32)
}

fn required(r: &mut Reading, at: &At<'_>, p: &v1::QueueDemand, frame: &Frame<'_>) -> (QueueId, Curve<f64>) {
    let grid = grid(r, at, p, frame, p.required_people.len(), "requiredPeople");
    let people = r.each(&at.field("requiredPeople"), &p.required_people, |r, at, people| r.number(at, *people, 0.0, MOST_PEOPLE));
    (r.id(&at.field("queueId"), &p.queue_id), curve(grid, people))
}

/// People by interval of the horizon.
pub(super) fn people(r: &mut Reading, at: &At<'_>, values: &[f64], frame: &Frame<'_>) -> Curve<f64> {
    let expected = (frame.days.span().length().get() / frame.interval.minutes()) as usize;
    if frame.horizon_known && values.len() != expected {
        r.fault(FaultCode::OutOfRange, at, format_args!("{} intervals, where the horizon has {expected}", values.len()));
    }
    let values = r.each(at, values, |r, at, people| r.number(at, *people, 0.0, MOST_PEOPLE));
    curve(Grid::new(frame.days.start(), frame.interval, values.len() as u32), values)
}

fn forecast(r: &mut Reading, at: &At<'_>, p: &v1::QueueDemand, frame: &Frame<'_>) -> QueueForecast {
    let grid = grid(r, at, p, frame, p.forecast.len(), "forecast");
    let intervals = r.each(&at.field("forecast"), &p.forecast, interval_forecast);
    queue_forecast(r, at, &p.queue_id, curve(grid, intervals), p.callers.as_ref())
}

fn curve<T>(grid: Grid, values: Vec<T>) -> Curve<T> {
    Curve::new(grid, values).expect("the grid was made for this many values")
}

fn interval_forecast(r: &mut Reading, at: &At<'_>, p: &v1::IntervalForecast) -> IntervalForecast {
    IntervalForecast {
        calls_mean: r.number(&at.field("callsMean"), p.calls_mean, 0.0, MOST_CALLS),
        calls_sd: r.number(&at.field("callsSd"), p.calls_sd, 0.0, MOST_CALLS),
        aht_s: r.number(&at.field("ahtSeconds"), p.aht_seconds, 0.0, MOST_SECONDS),
    }
}

fn queue_forecast(
    r: &mut Reading,
    at: &At<'_>,
    queue_id: &str,
    intervals: Curve<IntervalForecast>,
    callers: Option<&v1::CallerProfile>,
) -> QueueForecast {
    let callers_at = at.field("callers");
    let unknown = v1::CallerProfile::default();
    let callers = callers.unwrap_or(&unknown);
    QueueForecast {
        queue: r.id(&at.field("queueId"), queue_id),
        intervals,
        patience_s: callers.patience_seconds.map(|patience| patience_s(r, &callers_at.field("patienceSeconds"), patience)),
        day_factor_cv: r.number(&callers_at.field("dayFactorCv"), callers.day_factor_cv, 0.0, 10.0),
        aht_cv: r.number(&callers_at.field("ahtCv"), callers.aht_cv, 0.0, 100.0),
        history_days: r.count(&callers_at.field("historyDays"), callers.history_days),
    }
}

fn patience_s(r: &mut Reading, at: &At<'_>, patience_s: f64) -> f64 {
    r.number(at, patience_s, 0.001, 1e9)
}

/// Reads a published forecast: the request it was made for, and what is expected.
pub fn parse_forecast(message: &v1::QueueForecast) -> Result<(RequestId, QueueForecast), Faults> {
    let mut r = Reading::default();
    let at = At::WHOLE;
    let interval = r.interval(&at.field("intervalMinutes"), message.interval_minutes);
    let start = r.time(&at.field("start"), message.start);
    let intervals = r.each(&at.field("intervals"), &message.intervals, interval_forecast);
    let curve = curve(Grid::new(start, interval, intervals.len() as u32), intervals);
    let forecast = queue_forecast(&mut r, &at, &message.queue_id, curve, message.callers.as_ref());
    let request = r.id(&at.field("requestId"), &message.request_id);
    r.end((request, forecast))
}

/// Writes the forecast that was made for a request.
pub fn forecast_message(request: &RequestId, forecast: &QueueForecast) -> v1::QueueForecast {
    let grid = forecast.intervals.grid();
    v1::QueueForecast {
        request_id: request.to_string(),
        queue_id: forecast.queue.to_string(),
        start: Some(grid.start().into()),
        interval_minutes: grid.interval().minutes() as i32,
        intervals: forecast.intervals.values().iter().map(interval_forecast_message).collect(),
        callers: Some(callers_message(forecast)),
    }
}

fn interval_forecast_message(interval: &IntervalForecast) -> v1::IntervalForecast {
    v1::IntervalForecast { calls_mean: interval.calls_mean, calls_sd: interval.calls_sd, aht_seconds: interval.aht_s }
}

fn callers_message(forecast: &QueueForecast) -> v1::CallerProfile {
    v1::CallerProfile {
        patience_seconds: forecast.patience_s,
        day_factor_cv: forecast.day_factor_cv,
        aht_cv: forecast.aht_cv,
        history_days: forecast.history_days as i32,
    }
}

pub(super) fn source_message(source: &DemandSource) -> v1::Demand {
    let demand = |queue: &QueueId, grid: Grid| v1::QueueDemand {
        queue_id: queue.to_string(),
        interval_minutes: Some(grid.interval().minutes() as i32),
        ..v1::QueueDemand::default()
    };
    match source {
        DemandSource::History { until } => {
            v1::Demand { history: Some(v1::demand::History { until: until.map(Into::into) }), queues: Vec::new() }
        }
        DemandSource::Forecast(queues) => {
            let queue = |forecast: &QueueForecast| v1::QueueDemand {
                forecast: forecast.intervals.values().iter().map(interval_forecast_message).collect(),
                callers: Some(callers_message(forecast)),
                ..demand(&forecast.queue, forecast.intervals.grid())
            };
            v1::Demand { history: None, queues: queues.iter().map(queue).collect() }
        }
        DemandSource::Required(queues) => {
            let queue = |(queue, people): &(QueueId, Curve<f64>)| v1::QueueDemand {
                required_people: people.values().to_vec(),
                ..demand(queue, people.grid())
            };
            v1::Demand { history: None, queues: queues.iter().map(queue).collect() }
        }
    }
}

pub(super) fn staffing(r: &mut Reading, at: &At<'_>, p: &v1::StaffingPolicy) -> StaffingPolicy {
    let default = StaffingPolicy::default();
    let quantile_at = at.field("volumeQuantile");
    let volume_quantile = r.fraction_or(&quantile_at, p.volume_quantile, default.volume_quantile);
    if p.volume_quantile.is_some_and(|quantile| quantile <= 0.0 || quantile >= 1.0) && !r.has_fault_at(&quantile_at) {
        r.fault(FaultCode::OutOfRange, &quantile_at, "no volume has this quantile; it lies above 0 and below 1");
    }
    StaffingPolicy {
        target: p.target.as_ref().map_or(default.target, |t| target(r, &at.field("target"), t)),
        model: r.choice_or(&at.field("model"), p.model, model_model, default.model),
        load: r.choice_or(&at.field("load"), p.load, load_model, default.load),
        volume_quantile,
        shrinkage: r.fraction_or(&at.field("shrinkage"), p.shrinkage, default.shrinkage),
        patience_s: p.patience_seconds.map(|patience| patience_s(r, &at.field("patienceSeconds"), patience)),
    }
}

fn target(r: &mut Reading, at: &At<'_>, p: &v1::ServiceLevelTarget) -> ServiceLevelTarget {
    let default = ServiceLevelTarget::default();
    ServiceLevelTarget {
        fraction: r.fraction_or(&at.field("fraction"), p.fraction, default.fraction),
        threshold_s: p.threshold_seconds.unwrap_or(default.threshold_s),
        formula: r.choice_or(&at.field("formula"), p.formula, formula_model, default.formula),
        scope: r.choice_or(&at.field("scope"), p.scope, scope_model, default.scope),
    }
}

pub(super) fn staffing_message(policy: &StaffingPolicy) -> v1::StaffingPolicy {
    v1::StaffingPolicy {
        target: Some(v1::ServiceLevelTarget {
            fraction: Some(policy.target.fraction.get()),
            threshold_seconds: Some(policy.target.threshold_s),
            formula: formula_message(policy.target.formula),
            scope: scope_message(policy.target.scope),
        }),
        model: model_message(policy.model),
        load: load_message(policy.load),
        volume_quantile: Some(policy.volume_quantile.get()),
        shrinkage: Some(policy.shrinkage.get()),
        patience_seconds: policy.patience_s,
    }
}
