//! Rounds in which the simulation has the last word: intervals that are covered and yet below target are asked for more people, and the
//! roster goes on from where it is (constraint generation as in Cezik and L'Ecuyer, Management Science 54 (2008), with raised
//! requirements for cuts).
//!
//! Invariant: a round's roster is kept only if a smaller share of calls then meets an interval below target, by the same simulated callers.

use fika_model::roster::CutRound;
use fika_model::{Curve, IntervalIndex, TargetScope};
use fika_solver::{Kept, Quota, resolve};

use crate::agenda;
use crate::error::PlanError;
use crate::making::{Draft, Making};
use crate::pools::PoolDemand;
use crate::prediction::Prediction;

/// A round takes one step of so many that the search took, within bounds.
const STEP_SHARE: u64 = 10;
const FEWEST_STEPS: u64 = 200;
const MOST_STEPS: u64 = 50_000;
/// What a changed shift must bring, in person-minutes short.
const CHANGE_PRICE_MINUTES: u32 = 5;
/// A level so far below target asks for one person more; twice as far for two.
const GAP_A_PERSON: f64 = 0.2;
const MOST_RAISE: u32 = 3;

/// Goes on until no covered interval is below target, a round brings nothing, or there have been as many as the settings allow. The pools
/// keep the requirement of the roster that is kept. No round begins when the time is over.
pub(crate) fn rounds(making: &mut Making<'_>, draft: Draft, quota: &dyn Quota) -> Result<(Draft, Vec<CutRound>), PlanError> {
    let mut draft = draft;
    let mut rounds = Vec::new();
    for _ in 0..making.settings.cut_rounds {
        if quota.is_late() {
            break;
        }
        let Some((raised, intervals, people)) = raised(making, &draft) else { break };
        let before = std::mem::replace(&mut making.pools, raised);
        let next = again(making, &draft, &Round::of(draft.solution.steps, quota));
        let below = (below_target(making, &draft.prediction), next.as_ref().map_or(1.0, |next| below_target(making, &next.prediction)));
        let level = |prediction: &Prediction| prediction.service_level.map_or(0.0, |level| level.mean);
        let kept = next.is_ok() && below.1 < below.0;
        let after = next.as_ref().map_or(0.0, |next| level(&next.prediction));
        rounds.push(CutRound {
            raised_intervals: intervals,
            raised_minutes: f64::from(people * making.request.interval.minutes()),
            below_target: (below.0, if next.is_ok() { below.1 } else { below.0 }),
            service_level: (level(&draft.prediction), if next.is_ok() { after } else { level(&draft.prediction) }),
            kept,
        });
        match next {
            Ok(next) if kept => draft = next,
            Ok(_) | Err(PlanError::Unmet(_)) => {
                making.pools = before;
                break;
            }
            Err(error) => return Err(error),
        }
    }
    Ok((draft, rounds))
}

/// The steps of a round, ended early when the time for the answer is over.
pub(crate) struct Round<'a> {
    steps: u64,
    quota: &'a dyn Quota,
}

impl<'a> Round<'a> {
    /// Of a search that took so many steps.
    pub(crate) fn of(steps: u64, quota: &'a dyn Quota) -> Self {
        Self { steps: (steps / STEP_SHARE).clamp(FEWEST_STEPS, MOST_STEPS), quota }
    }
}

impl Quota for Round<'_> {
    fn is_reached(&self, steps: u64) -> bool {
        steps >= self.steps || self.quota.is_late()
    }

    fn used(&self, steps: u64) -> Option<f64> {
        Some(steps as f64 / self.steps.max(1) as f64)
    }
}

/// The roster gone on with for a round. The bound stays what it was: what is short of less is short of more.
fn again(making: &Making<'_>, draft: &Draft, round: &Round<'_>) -> Result<Draft, PlanError> {
    let kept = Kept {
        agents: &draft.roster.agents,
        change_price_minutes: CHANGE_PRICE_MINUTES,
        fixed: &|_, _| false,
        breaks_only: false,
        frozen_until: None,
    };
    let solution = resolve(making.problem()?, &kept, round, &mut |_| ());
    let mut solution = agenda::settled(making, solution, None, false)?;
    solution.steps += draft.solution.steps;
    solution.bound_minutes = draft.solution.bound_minutes.min(solution.shortfall_minutes);
    // Changes are weighed against the roster gone on from, which nobody has seen.
    solution.score.fairness = solution.score.fairness.min(draft.solution.score.fairness);
    making.draft(solution)
}

/// The pools with more people asked for where they are covered and below target, how many intervals that are, and how many people.
fn raised(making: &Making<'_>, draft: &Draft) -> Option<(Vec<PoolDemand>, u32, u32)> {
    let target = making.request.staffing.target;
    if making.forecasts.is_none() || !may_raise(making, draft) {
        return None;
    }
    let (mut intervals, mut people) = (0, 0);
    let mut pools = making.pools.clone();
    for (number, demand) in pools.iter_mut().enumerate() {
        let more = |index: IntervalIndex| {
            let required = demand.pool.required.at(index).copied().unwrap_or_default();
            let scheduled = draft.solution.allocation.get(number).and_then(|curve| curve.at(index)).copied().unwrap_or_default();
            let (mean, (_, high)) = draft.prediction.cell(number, index.get()).service_level?;
            let covered = required > 0 && scheduled + 1e-9 >= f64::from(required);
            let gap = target.fraction.get() - mean;
            (covered && high < target.fraction.get()).then(|| ((gap / GAP_A_PERSON).ceil() as u32).clamp(1, MOST_RAISE))
        };
        let raise: Vec<u32> = making.request.grid().indices().map(|index| more(index).unwrap_or_default()).collect();
        intervals += raise.iter().filter(|raise| **raise > 0).count() as u32;
        people += raise.iter().sum::<u32>();
        let required =
            Curve::from_fn(making.request.grid(), |index| demand.pool.required.at(index).copied().unwrap_or_default() + raise[index.get()]);
        demand.pool.required = required;
    }
    (intervals > 0).then_some((pools, intervals, people))
}

/// Whether the target is missed over what it must hold for; where it is each interval, that is asked interval by interval.
fn may_raise(making: &Making<'_>, draft: &Draft) -> bool {
    let target = making.request.staffing.target;
    match target.scope {
        TargetScope::Interval => true,
        TargetScope::Day | TargetScope::Horizon => {
            draft.prediction.service_level.is_some_and(|level| level.interval.1 < target.fraction.get())
        }
    }
}

/// The share of calls in intervals whose predicted level is below target, 0 to 1.
fn below_target(making: &Making<'_>, prediction: &Prediction) -> f64 {
    let target = making.request.staffing.target.fraction.get();
    let (mut below, mut all) = (0.0, 0.0);
    for (number, demand) in making.pools.iter().enumerate() {
        for (index, calls) in demand.calls.values().iter().enumerate() {
            if let Some((mean, _)) = prediction.cell(number, index).service_level {
                all += calls;
                below += if mean < target { *calls } else { 0.0 };
            }
        }
    }
    if all > 0.0 { below / all } else { 0.0 }
}

#[cfg(test)]
mod tests;
