//! The plan: each step once, in order, with its progress told.

use fika_model::forecast::QueueForecast;
use fika_model::status::{Phase, Progress};
use fika_model::{Request, Roster, RosterId, RosterSummary, Verdict};
use fika_solver::{Infeasible, Problem, Quota, solve};
use fika_verify::{Digests, verify};

use crate::error::PlanError;
use crate::forecasting::forecasts;
use crate::pools::pools;
use crate::prediction::{Prediction, predict};
use crate::seal::Seal;
use crate::summary::{Material, summary};

/// What the roster is to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanIds {
    /// The roster's id.
    pub roster: RosterId,
    /// Its generation: 1, or one above that of the request's parent.
    pub generation: u64,
}

/// How much is spent around the search. None of it changes what a step budget promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanSettings {
    /// Calls to simulate over all replications of the prediction.
    pub simulated_calls: u64,
    /// Threads of the simulation; the prediction is the same with any number.
    pub workers: usize,
}

impl Default for PlanSettings {
    /// A million and a half calls, about two seconds, on one thread.
    fn default() -> Self {
        Self { simulated_calls: 1_500_000, workers: 1 }
    }
}

/// A checked roster.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The roster.
    pub roster: Roster,
    /// Its figures; the certificate in it proves every hard rule.
    pub summary: RosterSummary,
}

/// Makes the roster that a request asks for.
///
/// `given` are forecasts from history; they are needed where the request takes its demand from there and left alone where it does not.
/// The search ends when `quota` says so; with [`StepQuota`](fika_solver::StepQuota) the result is the same, byte for byte, each time.
/// `observe` hears of each phase as it begins and ends, and of the search in between; the share of the search that is done is told by
/// steps where the request has a budget of steps, and is 0 else.
pub fn plan(
    request: &Request,
    given: Option<&[QueueForecast]>,
    ids: PlanIds,
    settings: PlanSettings,
    seal: &dyn Seal,
    quota: &dyn Quota,
    observe: &mut dyn FnMut(Progress),
) -> Result<Planned, PlanError> {
    let phase = |phase: Phase, done: f64| Progress { phase, done, steps: 0, score: None, shortfall_minutes: None };
    observe(phase(Phase::Requirement, 0.0));
    let forecasts = forecasts(request, given)?;
    let pools = pools(request, forecasts.as_deref());
    observe(phase(Phase::Requirement, 1.0));

    let problem = Problem::new(request, pools.iter().map(|demand| demand.pool.clone()).collect())?;
    let budget = request.budget.steps.filter(|steps| *steps > 0);
    let mut last = phase(Phase::Solve, 0.0);
    observe(last);
    let solution = solve(&problem, quota, &mut |progress| {
        last = Progress {
            phase: Phase::Solve,
            done: budget.map_or(0.0, |budget| (progress.steps as f64 / budget as f64).min(1.0)),
            steps: progress.steps,
            score: Some(progress.score),
            shortfall_minutes: Some(progress.shortfall_minutes),
        };
        observe(last);
    });
    if !solution.unmet.is_empty() {
        return Err(PlanError::Unmet(Infeasible { contradictions: solution.unmet }));
    }
    let mut after = |phase: Phase| {
        let shortfall_minutes = Some(solution.shortfall_minutes);
        observe(Progress { phase, done: 0.0, steps: solution.steps, score: Some(solution.score), shortfall_minutes });
    };

    let roster = Roster {
        id: ids.roster,
        request: request.id.clone(),
        generation: ids.generation,
        parent: request.parent.clone(),
        days: request.days.clone(),
        agents: solution.agents.clone(),
    };
    after(Phase::Verify);
    let certificate = verify(request, &roster, Digests { request: seal.request(request), roster: seal.roster(&roster) });
    if certificate.verdict() == Verdict::Refuted {
        return Err(PlanError::Refuted { certificate: Box::new(certificate) });
    }
    after(Phase::Simulate);
    let prediction = match &forecasts {
        Some(forecasts) => predict(request, &roster, forecasts, &pools, settings)?,
        None => Prediction::default(),
    };
    let material = Material { request, roster: &roster, pools: &pools, solution: &solution, prediction: &prediction };
    let summary = summary(&material, certificate);
    Ok(Planned { roster, summary })
}

#[cfg(test)]
mod keeps;
#[cfg(test)]
mod keeps_load;
#[cfg(test)]
mod tests;
