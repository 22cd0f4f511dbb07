//! What the roster does to callers, by simulation.

use fika_model::forecast::QueueForecast;
use fika_model::roster::Predicted;
use fika_model::{Request, Roster};
use fika_simulation::{Report, RunSettings, Scenario, run};

use crate::error::PlanError;
use crate::plan::PlanSettings;
use crate::pools::PoolDemand;

/// The fewest replications: below this an interval over replications says little.
const FEWEST_REPLICATIONS: f64 = 20.0;
/// The most replications: beyond this the interval is far narrower than the forecast is good.
const MOST_REPLICATIONS: f64 = 400.0;

/// What is predicted for one pool and interval.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Cell {
    /// Service level by the target's formula, with its 95 % interval.
    pub(crate) service_level: Option<(f64, (f64, f64))>,
    /// Handling time over staffed time of the people who serve the pool.
    pub(crate) occupancy: Option<f64>,
}

/// What is predicted for a roster.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Prediction {
    pub(crate) service_level: Option<Predicted>,
    /// Pool by pool, interval by interval; empty where nothing was simulated.
    pub(crate) cells: Vec<Vec<Cell>>,
}

impl Prediction {
    pub(crate) fn cell(&self, pool: usize, interval: usize) -> Cell {
        self.cells.get(pool).and_then(|cells| cells.get(interval)).copied().unwrap_or_default()
    }
}

/// Simulates a roster. As many replications as `settings` has calls for, within bounds: a number that hangs on the forecast alone, so that
/// the same request gives the same prediction on every machine.
pub(crate) fn predict(
    request: &Request,
    roster: &Roster,
    forecasts: &[QueueForecast],
    pools: &[PoolDemand],
    settings: PlanSettings,
) -> Result<Prediction, PlanError> {
    let calls: f64 = pools.iter().flat_map(|demand| demand.calls.values()).sum();
    if calls <= 0.0 {
        return Ok(Prediction::default());
    }
    let mut scenario = Scenario::from_roster(request, roster, forecasts)?;
    let position = |id: &fika_model::QueueId| request.queues.iter().position(|queue| &queue.id == id);
    scenario.pools = pools
        .iter()
        .filter(|demand| demand.pool.work.is_none())
        .map(|demand| demand.pool.queues.iter().filter_map(position).collect())
        .collect();
    let replications = (settings.simulated_calls as f64 / calls).clamp(FEWEST_REPLICATIONS, MOST_REPLICATIONS) as u32;
    let report = run(&scenario, &RunSettings { replications, seed: request.seed, workers: settings.workers })?;
    let formula = request.staffing.target.formula;
    let cells = |(number, queues): (usize, &Vec<usize>)| {
        let groups = groups_of(&scenario, queues);
        let intervals = report.pools.get(number).map_or(&[][..], |pool| &pool.intervals);
        let cell = |(interval, tally): (usize, &fika_simulation::CallTally)| {
            let level = tally.service_level(formula);
            let occupancy = level.and_then(|_| occupancy(&report, &groups, interval));
            Cell { service_level: level.map(|level| (level.mean, (level.low, level.high))), occupancy }
        };
        intervals.iter().enumerate().map(cell).collect()
    };
    Ok(Prediction { service_level: report.total.predicted(formula), cells: scenario.pools.iter().enumerate().map(cells).collect() })
}

/// The groups of agents that serve any of the queues.
fn groups_of(scenario: &Scenario, queues: &[usize]) -> Vec<usize> {
    let serves = |group: &fika_simulation::Group| group.serves.iter().any(|serves| queues.contains(&serves.queue));
    scenario.groups.iter().enumerate().filter(|(_, group)| serves(group)).map(|(n, _)| n).collect()
}

fn occupancy(report: &Report, groups: &[usize], interval: usize) -> Option<f64> {
    let loads = || groups.iter().filter_map(|group| report.groups.get(*group)?.intervals.get(interval));
    let staffed_s: f64 = loads().map(|load| load.staffed_s().mean).sum();
    let busy_s: f64 = loads().map(|load| load.busy_s().mean).sum();
    (staffed_s > 0.0).then(|| busy_s / staffed_s)
}
