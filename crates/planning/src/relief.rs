//! Rounds in which the rota has the last word: where the limit of a hard queue leaves it short, more people who can serve it are asked for
//! at that time, and the search goes on from the roster that it found.
//!
//! The search counts whoever can serve a hard queue as there for it all day; what that leaves out shows when the rota is laid. Invariant: a
//! round's roster is kept only if, by the requirement as it is and with its rota laid, service loses less. The limit stands.

use fika_model::request::Queue;
use fika_model::roster::Shortfall;
use fika_model::{Curve, IntervalIndex, Minutes};
use fika_solver::{Kept, Progress, Quota, Solution, resolve};

use crate::agenda::{missing, recounted, settled};
use crate::cut::Round;
use crate::error::PlanError;
use crate::making::Making;
use crate::pools::PoolDemand;
use crate::rota;

/// Rounds at most; each takes a share of the steps that the search took, as one for a service level below target does.
const MOST_ROUNDS: usize = 3;

/// Goes on from a solution while hard queues are short for their limits and a round brings something. No round begins when the time is over.
pub(crate) fn rounds(
    making: &mut Making<'_>,
    solution: Solution,
    quota: &dyn Quota,
    observe: &mut dyn FnMut(&Progress),
) -> Result<Solution, PlanError> {
    if !making.request.queues.iter().any(Queue::is_hard) || !solution.unmet.is_empty() {
        return Ok(solution);
    }
    let (problem, asked) = (making.problem()?, making.pools.clone());
    let mut raised = asked.clone();
    let round = Round::of(solution.steps, quota);
    let (bound, mut steps) = (solution.bound_minutes, solution.steps);
    let mut laid = rota::laid(making, &problem, &solution, 1);
    let mut best = solution;
    for _ in 0..MOST_ROUNDS {
        let short: Vec<&Shortfall> = laid.shortfalls.iter().filter(|one| one.binding == rota::BINDING).collect();
        if short.is_empty() || quota.is_late() {
            break;
        }
        for one in short {
            raise(&mut raised, one);
        }
        making.pools.clone_from(&raised);
        let kept = Kept { agents: &best.agents, change_price_minutes: 0, fixed: &|_, _| false, breaks_only: false, frozen_until: None };
        let mut hear = |progress: &Progress| observe(&Progress { steps: progress.steps + steps, bound_minutes: bound, ..*progress });
        let next = resolve(making.problem()?, &kept, &round, &mut hear);
        let taken = next.steps;
        let next = settled(making, next, None, false)?;
        making.pools.clone_from(&asked);
        steps += taken;
        let next = Solution { bound_minutes: bound, ..recounted(making, &next)? };
        let next_laid = rota::laid(making, &problem, &next, 1);
        let rank = |laid: &Solution| (!laid.unmet.is_empty(), missing(making, &laid.agents), laid.score.service, laid.score.cost);
        if rank(&next_laid) >= rank(&laid) {
            break;
        }
        (best, laid) = (next, next_laid);
    }
    Ok(Solution { steps, bound_minutes: bound.min(best.shortfall_minutes), ..best })
}

/// Asks for as many more people as were missing at most, in every interval that was short.
fn raise(pools: &mut [PoolDemand], short: &Shortfall) {
    for demand in pools.iter_mut().filter(|demand| demand.pool.work.is_none() && demand.pool.queues == short.queues) {
        let grid = demand.pool.required.grid();
        let more = |at: IntervalIndex| if grid.span(at).overlap(short.span) > Minutes::ZERO { short.most_people.ceil() as u32 } else { 0 };
        demand.pool.required = Curve::from_fn(grid, |at| demand.pool.required.at(at).copied().unwrap_or_default() + more(at));
    }
}
