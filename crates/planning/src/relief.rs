//! Rounds in which the rota has the last word: where the limit of a hard queue leaves it short, more people who can serve it are asked for
//! at that time, and the search goes on from the roster that it found.
//!
//! The search counts whoever can serve a hard queue as there for it all day; what that leaves out shows when the rota is laid. Invariant: a
//! round's roster is kept only if, by the requirement as it is and with its rota laid, service loses less. The limit stands.

use fika_model::request::Queue;
use fika_model::roster::Shortfall;
use fika_model::{Curve, IntervalIndex, Minutes};
use fika_solver::{Kept, Progress, Quota, Solution, resolve};

use crate::agenda::{Share, missing, recounted, settled};
use crate::error::PlanError;
use crate::making::Making;
use crate::pools::PoolDemand;
use crate::rota;

/// The shares of the budget at which the search ends and each round but the last does, where queues are hard.
const ENDS: [f64; 3] = [0.8, 0.87, 0.94];

/// What of the budget the search has before the rounds.
pub(crate) fn before<'a>(making: &Making<'_>, quota: &'a dyn Quota) -> Share<'a> {
    let hard = making.request.queues.iter().any(Queue::is_hard);
    Share::of(quota, 0, 0.0, if hard { ENDS[0] } else { 1.0 })
}

/// Goes on from a solution until the budget is used up, while hard queues are short for their limits with more people asked for.
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
    let (mut raised, mut steps) = (asked.clone(), solution.steps);
    let mut laid = rota::laid(making, &problem, &solution, 1);
    let mut best = solution;
    for (n, from) in ENDS.iter().enumerate() {
        let short: Vec<&Shortfall> = laid.shortfalls.iter().filter(|one| one.binding == rota::BINDING).collect();
        let is_last = short.is_empty();
        short.into_iter().for_each(|one| raise(&mut raised, one));
        let until = ENDS.get(n + 1).copied().filter(|_| !is_last).unwrap_or(1.0);
        let kept = Kept { agents: &best.agents, change_price_minutes: 0, fixed: &|_, _| false, breaks_only: false, frozen_until: None };
        let (bound, taken) = (best.bound_minutes, steps);
        let mut hear = |progress: &Progress| observe(&Progress { steps: progress.steps + taken, bound_minutes: bound, ..*progress });
        making.pools.clone_from(&raised);
        let next = resolve(making.problem()?, &kept, &Share::of(quota, steps, *from, until), &mut hear);
        steps += next.steps;
        let next = settled(making, next, None, false)?;
        making.pools.clone_from(&asked);
        let next = Solution { bound_minutes: bound, ..recounted(making, next)? };
        let next_laid = rota::laid(making, &problem, &next, 1);
        let rank = |laid: &Solution| (!laid.unmet.is_empty(), missing(making, &laid.agents), laid.score.service, laid.score.cost);
        if rank(&next_laid) < rank(&laid) {
            (best, laid) = (next, next_laid);
        }
        if is_last || quota.is_late() {
            break;
        }
    }
    Ok(Solution { steps, bound_minutes: best.bound_minutes.min(best.shortfall_minutes), ..best })
}

/// Asks for as many more people as were missing at most, in every interval that was short.
fn raise(pools: &mut [PoolDemand], short: &Shortfall) {
    for demand in pools.iter_mut().filter(|demand| demand.pool.work.is_none() && demand.pool.queues == short.queues) {
        let grid = demand.pool.required.grid();
        let more = |at: IntervalIndex| if grid.span(at).overlap(short.span) > Minutes::ZERO { short.most_people.ceil() as u32 } else { 0 };
        demand.pool.required = Curve::from_fn(grid, |at| demand.pool.required.at(at).copied().unwrap_or_default() + more(at));
    }
}
