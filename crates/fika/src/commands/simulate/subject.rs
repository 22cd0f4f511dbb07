//! What is simulated, with the words and figures that belong to it: a roster of a request, or a scenario file.

use std::ops::ControlFlow;
use std::path::Path;

use fika_model::calendar::DayMap;
use fika_model::demand::DemandSource;
use fika_model::forecast::QueueForecast;
use fika_model::units::Minute;
use fika_model::{FaultCode, Faults, Request, Roster, RosterSummary, ServiceLevelFormula};
use fika_planning::PlanError;
use fika_simulation::{Arrivals, Scenario};
use fika_wire::{records, topics};

use crate::config::{BusArgs, environment};
use crate::scenario_file::{self, Published};
use crate::{chart, files};

/// Calls that are simulated where nobody says how many replications.
const CALLS: f64 = 2e6;

/// What is simulated.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) title: String,
    pub(super) scenario: Scenario,
    pub(super) formula: ServiceLevelFormula,
    /// The service level promised, 0 to 1.
    pub(super) target: Option<f64>,
    pub(super) seed: u64,
    replications: Option<u32>,
    /// The name of each interval of the report.
    pub(super) labels: Vec<String>,
    /// Where each day begins, by interval, with its name.
    pub(super) days: Vec<(usize, String)>,
    /// People required and scheduled by interval, all pools together, where the roster has a summary.
    pub(super) people: Option<Vec<(f64, f64)>>,
    pub(super) published: Vec<Published>,
}

impl Subject {
    /// Replications where the command line tells none.
    pub(super) fn replications(&self) -> u32 {
        let expected = |queue: &fika_simulation::Queue| match &queue.arrivals {
            Arrivals::Expected(calls) if calls.len() == 1 => calls[0] * self.scenario.periods as f64,
            Arrivals::Expected(calls) => calls.iter().sum(),
            Arrivals::Listed(at_s) => at_s.len() as f64,
        };
        let calls: f64 = self.scenario.queues.iter().map(expected).sum();
        self.replications.unwrap_or((CALLS / calls.max(1.0)).clamp(20.0, 1000.0) as u32)
    }

    /// The scenario of a file.
    pub(super) fn of_file(path: &Path) -> anyhow::Result<Self> {
        let bytes = files::bytes(path)?;
        let name = path.display().to_string();
        let text = String::from_utf8(bytes).map_err(|error| Faults::one(FaultCode::Malformed, name.clone(), error))?;
        let file = scenario_file::read(&text).map_err(|faults| files::of_file(path, faults))?;
        let scenario = file.scenario;
        let intervals = (scenario.horizon_s() / scenario.interval_s).round() as usize;
        let begins_s = f64::from(file.begins_at.unwrap_or(0)) * 60.0;
        let label = |n: usize| clock(begins_s + n as f64 * scenario.interval_s);
        let days = scenario.day_starts_s.iter().enumerate();
        Ok(Self {
            title: file.title.unwrap_or(name),
            formula: file.formula,
            target: file.target,
            seed: file.seed.unwrap_or(1),
            replications: file.replications,
            labels: (0..intervals).map(label).collect(),
            days: days.map(|(n, start)| ((start / scenario.interval_s).round() as usize, format!("day {}", n + 1))).collect(),
            people: None,
            published: file.published,
            scenario,
        })
    }

    fn of_roster(request: &Request, roster: &Roster, summary: Option<&RosterSummary>, scenario: Scenario) -> Self {
        let days = &request.days;
        let grid = request.grid();
        let label = |index| chart::clock(days, grid.span(index).start());
        Self {
            title: format!(
                "roster {} of request {}, {} {}",
                roster.id,
                request.id,
                if days.len() == 1 { "on".to_owned() } else { format!("{} days from", days.len()) },
                days.first_date()
            ),
            formula: request.staffing.target.formula,
            target: Some(request.staffing.target.fraction.get()),
            seed: request.seed,
            replications: None,
            labels: grid.indices().map(label).collect(),
            days: day_marks(days, scenario.interval_s),
            people: summary.map(|summary| people(summary, grid.len(), scenario.interval_s)),
            published: Vec::new(),
            scenario,
        }
    }
}

/// `HH:MM` of seconds after midnight; hours go on counting after a day.
fn clock(seconds: f64) -> String {
    let minutes = (seconds / 60.0 + 1e-6).floor() as u64;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn day_marks(days: &DayMap, interval_s: f64) -> Vec<(usize, String)> {
    let mark = |day| {
        let start_s = f64::from(days.day_span(day).start().get()) * 60.0;
        ((start_s / interval_s).round().max(0.0) as usize, format!("{:?} {}", days.weekday(day), days.date(day)))
    };
    days.days().map(mark).collect()
}

fn people(summary: &RosterSummary, intervals: usize, interval_s: f64) -> Vec<(f64, f64)> {
    let mut people = vec![(0.0, 0.0); intervals];
    for outcome in &summary.intervals {
        let passed = outcome.span.start().minutes_since(Minute::new(0));
        let index = (f64::from(passed) * 60.0 / interval_s).round();
        if let Some((required, scheduled)) = people.get_mut(index.max(0.0) as usize) {
            *required += outcome.required;
            *scheduled += outcome.scheduled;
        }
    }
    people
}

/// A roster of a request, and perhaps another one.
pub(super) fn of_rosters(
    request: &Path,
    roster: &Path,
    other: Option<&Path>,
    forecast: Option<&Path>,
    bus: &BusArgs,
) -> anyhow::Result<(Subject, Option<Scenario>)> {
    let request = files::request(request)?;
    let (first, summary) = files::roster(roster)?;
    let second = other.map(files::roster).transpose()?;
    let forecasts = forecasts(&request, forecast, bus)?;
    let scenario = |roster: &Roster, path: &Path| {
        Scenario::from_roster(&request, roster, &forecasts)
            .map_err(|error| Faults::one(FaultCode::UnknownReference, path.display().to_string(), error))
    };
    let subject = Subject::of_roster(&request, &first, summary.as_ref(), scenario(&first, roster)?);
    let other = match (second, other) {
        (Some((roster, _)), Some(path)) => Some(scenario(&roster, path)?),
        _ => None,
    };
    Ok((subject, other))
}

/// The forecasts of a request: its own, those of a file, or those that the bus has under its id.
fn forecasts(request: &Request, file: Option<&Path>, bus: &BusArgs) -> anyhow::Result<Vec<QueueForecast>> {
    let given = match (&request.demand, file) {
        (DemandSource::History { .. }, Some(path)) => Some(files::forecasts(path)?),
        (DemandSource::History { .. }, None) => Some(on_the_bus(request, bus)?),
        _ => None,
    };
    match fika_planning::forecasts(request, given.as_deref()) {
        Ok(Some(forecasts)) => Ok(forecasts),
        Ok(None) => Err(Faults::one(FaultCode::Missing, "demand", "the request gives people and no calls; nobody would call").into()),
        Err(error @ (PlanError::NoForecast { .. } | PlanError::ForecastGrid { .. })) => Err(error.faults().into()),
        Err(error) => Err(error.into()),
    }
}

fn on_the_bus(request: &Request, args: &BusArgs) -> anyhow::Result<Vec<QueueForecast>> {
    let environment = environment();
    let named = args.bus.is_some() || args.brokers.is_some();
    if !named && !["FIKA_BUS_FILE", "FIKA_BUS_BROKERS"].iter().any(|name| environment.contains_key(*name)) {
        let cause =
            "the request takes its demand from history; give --forecast FILE, or the bus that has its forecasts (--bus or --brokers)";
        return Err(Faults::one(FaultCode::NoHistory, "demand", cause).into());
    }
    let bus = args.open_existing()?;
    let mut found: Vec<QueueForecast> = Vec::new();
    bus.scan(topics::FORECASTS, &mut |record| {
        let read = record.value.as_deref().and_then(|value| records::read_forecast(&record.headers, value).ok());
        if let Some((id, forecast)) = read
            && id == request.id
        {
            // The last one of a queue counts.
            found.retain(|known| known.queue != forecast.queue);
            found.push(forecast);
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}
