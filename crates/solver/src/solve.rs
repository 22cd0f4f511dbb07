//! One solve from the problem to the solution: bound, construction, search, mending, explanation.

use fika_model::grid::Curve;
use fika_model::roster::{AgentRoster, Shortfall};
use fika_model::score::Score;

use crate::bound::Bound;
use crate::explain;
use crate::output;
use crate::problem::{Contradiction, Problem};
use crate::search::Search;

/// When to stop. Asked once a step.
pub trait Quota {
    /// Whether a search that has taken so many steps must end.
    fn is_reached(&self, steps: u64) -> bool;

    /// The share of the budget that is used up after so many steps, 0 to 1, where that is known. The search gambles early and settles
    /// late; without this it does so in waves.
    fn used(&self, steps: u64) -> Option<f64> {
        let _ = steps;
        None
    }
}

/// A number of steps; the only quota with which the same request and seed give the same bytes on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepQuota(pub u64);

impl Quota for StepQuota {
    fn is_reached(&self, steps: u64) -> bool {
        steps >= self.0
    }

    fn used(&self, steps: u64) -> Option<f64> {
        Some(steps as f64 / self.0.max(1) as f64)
    }
}

/// How far a solve is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Steps so far.
    pub steps: u64,
    /// The best score so far.
    pub score: Score,
    /// Person-minutes short of the requirement, of the present roster.
    pub shortfall_minutes: f64,
    /// Proven lower bound on them.
    pub bound_minutes: f64,
}

/// A roster with its score and its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// Every agent of the request, in the order of the ids; shifts complete with activities and companions.
    pub agents: Vec<AgentRoster>,
    /// Its score; `hard` is 0 unless `unmet` says why.
    pub score: Score,
    /// Steps taken.
    pub steps: u64,
    /// No roster under the hard rules is fewer person-minutes short than this.
    pub bound_minutes: f64,
    /// Person-minutes short of the requirement.
    pub shortfall_minutes: f64,
    /// Per pool, the people on the phones that count for it by interval (mean over the interval); each person counts once.
    pub allocation: Vec<Curve<f64>>,
    /// Where it is short and why, worst first.
    pub shortfalls: Vec<Shortfall>,
    /// Promises that no roster was found to keep, named; empty in a legal roster. Not to be published otherwise.
    pub unmet: Vec<Contradiction>,
}

/// Steps between two calls of the observer.
const OBSERVE_EVERY: u64 = 200;
/// Steps per agent before the bound is first asked: its prices begin at what the roster then suggests.
const BOUND_AFTER: u64 = 5;
/// Steps per agent without any gain after which a roster with a proven shortfall is left as it is.
const PATIENCE_PER_AGENT: u64 = 50;
/// One step of this many goes to the bound.
const BOUND_SHARE: u64 = 5;

/// Searches until the quota is reached, or nothing better is in sight.
///
/// The roster is complete and legal whatever the quota: construction always runs to its end. `observe` hears of the progress.
pub fn solve(problem: &Problem, quota: &dyn Quota, observe: &mut dyn FnMut(&Progress)) -> Solution {
    let mut search = Search::construct(problem, problem.request.seed);
    let mut bound = Bound::new(problem);
    let mut spent = 0;
    let progress = |search: &Search<'_>, bound: &Bound<'_>, steps: u64| Progress {
        steps,
        score: output::score(&search.state),
        shortfall_minutes: search.state.coverage.short_cells() as f64 * f64::from(problem.step),
        bound_minutes: bound.cells() as f64 * f64::from(problem.step),
    };
    observe(&progress(&search, &bound, search.steps));
    let patience = PATIENCE_PER_AGENT * problem.people.len().max(20) as u64;
    while !quota.is_reached(search.steps + spent) {
        if !bound.is_finished() && search.steps > BOUND_AFTER * problem.people.len() as u64 && spent * BOUND_SHARE < search.steps {
            bound.iterate();
            spent += bound.steps_an_iteration();
            continue;
        }
        search.step(quota.used(search.steps + spent));
        if search.steps.is_multiple_of(OBSERVE_EVERY) {
            observe(&progress(&search, &bound, search.steps + spent));
        }
        let done = search.state.lack_minutes() == 0 && search.state.coverage.short_cells() <= bound.cells();
        if done && search.stagnant() > patience {
            break;
        }
    }
    search.back_to_best();
    if search.state.lack_minutes() > 0 {
        search.mend();
        search.back_to_best();
    }
    observe(&progress(&search, &bound, search.steps + spent));
    let state = &search.state;
    Solution {
        agents: output::agents(state),
        score: output::score(state),
        steps: search.steps + spent,
        bound_minutes: bound.cells() as f64 * f64::from(problem.step),
        shortfall_minutes: state.coverage.short_cells() as f64 * f64::from(problem.step),
        allocation: output::allocation(state),
        shortfalls: explain::shortfalls(state),
        unmet: output::unmet(state),
    }
}

/// TEMPORARY
pub fn bound_trace(problem: &Problem, iterations: usize, observe: &mut dyn FnMut(usize, f64, f64)) {
    let mut bound = Bound::new(problem);
    for n in 0..iterations {
        if bound.is_finished() { break; }
        bound.iterate();
        observe(n, bound.cells() as f64 * f64::from(problem.step), bound.mixed_cells() * f64::from(problem.step));
    }
}

#[cfg(test)]
mod tests;
