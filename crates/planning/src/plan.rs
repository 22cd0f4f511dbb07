//! The plan: each step once, in order, with its progress told.

use fika_model::forecast::QueueForecast;
use fika_model::request::Budget;
use fika_model::roster::{CutRound, Remedy};
use fika_model::status::{Phase, Progress};
use fika_model::{Request, Roster, RosterId, RosterSummary};
use fika_solver::{Quota, relaxed_bound};

use crate::agenda;
use crate::cut;
use crate::error::PlanError;
use crate::forecasting::forecasts;
use crate::making::{Draft, Making};
use crate::pools::pools;
use crate::relief;
use crate::remedies::remedies;
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
    /// Rounds in which intervals that are covered and yet below target are asked for more people; 0 for none. A round takes a tenth of
    /// the steps that the search took.
    pub cut_rounds: u32,
    /// Remedies that are shown for what is short; 0 looks for none.
    pub remedies: usize,
}

impl Default for PlanSettings {
    /// A million and a half calls, about two seconds, on one thread.
    fn default() -> Self {
        Self { simulated_calls: 1_500_000, workers: 1, cut_rounds: 2, remedies: 4 }
    }
}

/// Calls that are simulated for each second of a budget of time.
const CALLS_A_SECOND: u64 = 75_000;

impl PlanSettings {
    /// The same with no more callers than fit a budget of so many seconds; a budget with steps changes nothing.
    #[must_use]
    pub fn within(self, budget: Budget) -> Self {
        let seconds = budget.seconds.filter(|_| budget.steps.is_none());
        let most = seconds.map_or(u64::MAX, |seconds| CALLS_A_SECOND * u64::from(seconds).max(1));
        Self { simulated_calls: self.simulated_calls.min(most), ..self }
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

    let mut making = Making { request, forecasts, pools, ids, settings, seal, stays: None };
    let budget = request.budget.steps.filter(|steps| *steps > 0);
    let mut last = phase(Phase::Solve, 0.0);
    observe(last);
    let mut hear = |progress: &fika_solver::Progress| {
        last = Progress {
            phase: Phase::Solve,
            done: budget.map_or(0.0, |budget| (progress.steps as f64 / budget as f64).min(1.0)),
            steps: progress.steps,
            score: Some(progress.score),
            shortfall_minutes: Some(progress.shortfall_minutes),
        };
        observe(last);
    };
    let solution = agenda::solved(&making, quota, &mut hear)?;
    let mut solution = relief::rounds(&mut making, solution, quota, &mut hear)?;
    if request.breaks.iter().any(|rule| rule.terms.same_time.is_some()) || !request.stretches.is_empty() {
        let relaxed = relaxed_bound(&making.problem()?, making.solver_pools()).min(solution.shortfall_minutes);
        solution.bound_minutes = solution.bound_minutes.max(relaxed);
    }
    let (steps, score, shortfall_minutes) = (solution.steps, Some(solution.score), Some(solution.shortfall_minutes));
    let mut after = |phase: Phase| observe(Progress { phase, done: 0.0, steps, score, shortfall_minutes });
    let draft = making.draft_telling(solution, &mut after)?;
    let (draft, cut_rounds) = cut::rounds(&mut making, draft, quota)?;
    let remedies = remedies(&making, &draft, quota)?;
    planned(&making, draft, cut_rounds, remedies)
}

/// The roster with its summary.
pub(crate) fn planned(making: &Making<'_>, draft: Draft, cut_rounds: Vec<CutRound>, remedies: Vec<Remedy>) -> Result<Planned, PlanError> {
    let activities = agenda::outcomes(making, &draft.roster)?;
    let Draft { solution, roster, certificate, prediction, variety } = draft;
    let material =
        Material { request: making.request, roster: &roster, pools: &making.pools, solution: &solution, prediction: &prediction };
    let summary = RosterSummary { cut_rounds, remedies, activities, variety, ..summary(&material, certificate) };
    Ok(Planned { roster, summary })
}

#[cfg(test)]
pub(crate) mod keeps;
#[cfg(test)]
mod keeps_load;
#[cfg(test)]
mod tests;
