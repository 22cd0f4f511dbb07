//! Shifts that have begun when the freeze ends: each gets an option of its own, whose plan pins the breaks that have begun and lets the
//! others begin later only.

use std::collections::{BTreeMap, BTreeSet};

use fika_model::{AgentId, Minute};

use super::{Kept, Shift, placed_of};
use crate::breaks::{BreakPlan, BreakSort};
use crate::company::Placed;
use crate::problem::Problem;

/// Leaves to each day with such a shift that option alone, which must be worked; gives back these days, with the agents' positions in the
/// request. Where it has no legal arrangement, or nothing is left to move, the freeze holds for all of the day.
pub(super) fn enter(problem: &mut Problem, kept: &Kept<'_>, until: Minute) -> BTreeSet<(usize, usize)> {
    let mut entered = BTreeSet::new();
    let known: BTreeMap<&AgentId, &[Shift]> = kept.agents.iter().map(|agent| (&agent.agent, &agent.shifts[..])).collect();
    for n in 0..problem.people.len() {
        let person = problem.people[n].clone();
        let shifts = known.get(&problem.request.agents[person.position].id).copied().unwrap_or_default();
        for shift in shifts.iter().filter(|shift| shift.span.start() < until && until < shift.span.end()) {
            let Some(day) = problem.request.days.day_at(shift.span.start()) else { continue };
            let Some(placed) = placed_of(problem, &person, day.get(), shift) else { continue };
            let Some(plan) = pinned(problem, &placed, until) else { continue };
            problem.plans.push(plan);
            let plan = problem.plans.len() as u32 - 1;
            problem.options.push(crate::problem::ShiftOption { plan, ..problem.options[placed.option as usize] });
            problem.fairness.mark_alike(placed.option);
            problem.lists.push(vec![problem.options.len() as u32 - 1]);
            problem.people[n].lists[day.get()] = problem.lists.len() as u32 - 1;
            problem.people[n].limits.must.push(day.get() as u16);
            entered.insert((person.position, day.get()));
        }
    }
    problem.read_reach();
    entered
}

/// The plan of a shift with the breaks that have begun where they are; `None` where nothing else is possible or all have begun.
fn pinned(problem: &Problem, placed: &Placed, until: Minute) -> Option<BreakPlan> {
    let option = &problem.options[placed.option as usize];
    let plan = &problem.plans[option.plan as usize];
    let frozen = (until.get() - option.start_minute).max(0) as u32;
    let frozen = frozen.div_ceil(problem.step);
    let mut sorts: Vec<BreakSort> = Vec::new();
    for one in placed.breaks.iter().filter(|one| u32::from(one.offset) < frozen) {
        let at = u32::from(one.offset);
        sorts.push(BreakSort { count: 1, first: at, last: at, ..plan.sorts[usize::from(one.sort)].clone() });
    }
    let begun = sorts.len();
    for (n, sort) in plan.sorts.iter().enumerate() {
        let taken = placed.breaks.iter().filter(|one| usize::from(one.sort) == n && u32::from(one.offset) < frozen).count() as u32;
        let first = sort.first.max(frozen);
        if taken < sort.count && first <= sort.last {
            sorts.push(BreakSort { count: sort.count - taken, first, ..sort.clone() });
        }
    }
    let plan = BreakPlan::new(plan.len, sorts, plan.stretches);
    (plan.is_possible() && plan.sorts.len() > begun).then_some(plan)
}
