//! One solve from the problem to the solution: bound, construction, search, mending, explanation.

use fika_model::grid::Curve;
use fika_model::roster::{AgentRoster, Shortfall};
use fika_model::score::Score;

use crate::bound::Bound;
use crate::explain;
use crate::output;
use crate::polish::{Goal, polish};
use crate::problem::{Contradiction, Problem};
use crate::search::Search;

/// When to stop. Asked once a step.
pub trait Quota: Sync {
    /// Whether a search that has taken so many steps must end.
    fn is_reached(&self, steps: u64) -> bool;

    /// The share of the budget that is used up after so many steps, 0 to 1, where that is known. The search gambles early and settles
    /// late; without this it does so in waves.
    fn used(&self, steps: u64) -> Option<f64> {
        let _ = steps;
        None
    }

    /// Whether the time for the whole answer is over, so that nothing more is tried that it can do without. Asked after the search.
    fn is_late(&self) -> bool {
        false
    }

    /// Whether a roster that is not whole is of no use any more, because there is another to fall back on and the time is over. Asked while
    /// it is mended.
    fn gives_up(&self) -> bool {
        false
    }

    /// Hears how far the search is, after the start and after each round; a quota may end a search on it.
    fn hear(&self, progress: &Progress) {
        let _ = progress;
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

/// Iterations of the bound before the first roster is made from it, and the share of the budget after which they end early.
const MOST_BEFORE: u64 = 40;
const SHARE_BEFORE: f64 = 0.15;
/// Steps per agent without any gain after which a roster with a proven shortfall is left as it is.
const PATIENCE_PER_AGENT: u64 = 50;
/// The share of the budget after which the second worker searches, whatever the bound.
const SHARE_BOUND: f64 = 0.4;

/// Searches until the quota is reached, or nothing better is in sight.
///
/// The roster is complete and legal whatever the quota: construction always runs to its end. `observe` hears of the progress.
pub fn solve(problem: &Problem, quota: &dyn Quota, observe: &mut dyn FnMut(&Progress)) -> Solution {
    solve_engaged(problem, problem, quota, observe)
}

/// The same for a problem in which people are engaged beside calls; the bound is that of the problem as it is `free` of it.
pub fn solve_engaged(free: &Problem, problem: &Problem, quota: &dyn Quota, observe: &mut dyn FnMut(&Progress)) -> Solution {
    let mut bound = Bound::new(free);
    let mut spent = 0;
    for _ in 0..MOST_BEFORE {
        if bound.is_finished() || (spent > 0 && quota.used(spent).is_some_and(|used| used > SHARE_BEFORE)) {
            break;
        }
        bound.iterate();
        spent += bound.steps_an_iteration();
    }
    let mut search = Search::construct(problem, problem.request.seed, &mut bound);
    let progress = |search: &Search<'_>, bound: &Bound<'_>, steps: u64| Progress {
        steps,
        score: output::score(&search.state),
        shortfall_minutes: search.state.coverage.short_cells() as f64 * f64::from(problem.step),
        bound_minutes: bound.cells() as f64 * f64::from(problem.step),
    };
    let mut tell = |progress: Progress| {
        quota.hear(&progress);
        observe(&progress);
    };
    tell(progress(&search, &bound, search.steps + spent));
    let patience = PATIENCE_PER_AGENT * problem.people.len().max(20) as u64;
    while !quota.is_reached(search.steps + spent) {
        spent += round(&mut search, &mut bound, spent, quota);
        tell(progress(&search, &bound, search.steps + spent));
        let done = search.state.lack_minutes() == 0 && search.state.coverage.short_cells() <= bound.cells();
        if done && search.stagnant() > patience {
            break;
        }
    }
    search.back_to_best();
    if search.state.lack_minutes() > 0 {
        search.mend(quota);
        search.back_to_best();
    }
    polish(&mut search.state, problem.request.seed, Goal::Everything, quota);
    tell(progress(&search, &bound, search.steps + spent));
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

/// One round of two workers: one searches; the other raises the bound while that is young, and searches too from then on. Returns the steps
/// that went to the bound.
fn round(search: &mut Search<'_>, bound: &mut Bound<'_>, spent: u64, quota: &dyn Quota) -> u64 {
    let total = search.steps + spent;
    let steps = search.round();
    if bound.is_finished() || quota.used(total).is_some_and(|used| used > SHARE_BOUND) {
        search.run_in_two(steps, total, quota);
        return 0;
    }
    let iterations = (steps / bound.steps_an_iteration()).max(1);
    std::thread::scope(|scope| {
        let raising = scope.spawn(|| {
            let mut steps = 0;
            for _ in 0..iterations {
                if bound.is_finished() || quota.is_reached(total + 2 * steps) {
                    break;
                }
                bound.iterate();
                steps += bound.steps_an_iteration();
            }
            steps
        });
        search.run(steps, total, 2, quota);
        raising.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

#[cfg(test)]
mod tests;
