//! Going on from a roster that exists: what stays is kept, and each change of a shift must be worth its price.
//!
//! Invariant: a fixed day of an agent leaves as it came, shift and breaks, and of every day what begins before the freeze ends. Absent on
//! purpose: the bound; a roster that was changed little is measured against the one it came from.

use std::collections::{BTreeMap, BTreeSet};

use fika_model::roster::{ActivityKind, AgentRoster, Shift};
use fika_model::{AgentId, DayIndex, Minute};

use crate::breaks::PlacedBreak;
use crate::company::Placed;
use crate::engaged::Engaged;
use crate::explain;
use crate::output;
use crate::polish::{Goal, polish};
use crate::problem::{Person, Problem};
use crate::search::{Freed, Ruin, Search};
use crate::solve::{Progress, Quota, Solution};
use crate::state::State;
use crate::weights::{SHORT_MINUTE, WISH};

mod begun;

/// What is kept of a roster, and what a change costs.
pub struct Kept<'a> {
    /// The roster to go on from, in any order of the agents.
    pub agents: &'a [AgentRoster],
    /// What a changed, added or dropped shift must bring, in person-minutes short; a moved break a sixth of it.
    pub change_price_minutes: u32,
    /// Whether nothing of an agent's day may change.
    pub fixed: &'a dyn Fn(&AgentId, DayIndex) -> bool,
    /// Whether all shifts stay and only breaks may move.
    pub breaks_only: bool,
    /// What begins before this minute of the horizon stays: no shift begins or ends otherwise that has begun by then, its breaks that have
    /// begun stay, the others begin no earlier than this. No new shift begins before it.
    pub frozen_until: Option<Minute>,
}

/// The same in dense form, as the search asks for it; people by their position in the request.
#[derive(Debug, Clone)]
pub(crate) struct Keep {
    placed: Vec<Option<Placed>>,
    fixed: Vec<bool>,
    breaks_only: bool,
    /// Per person: what a changed shift costs; 0 for people whom the roster does not know.
    price: Vec<i64>,
}

impl Keep {
    fn new(problem: &Problem, kept: &Kept<'_>, begun: &BTreeSet<(usize, usize)>) -> Self {
        let days = problem.day_count();
        let mut keep = Self {
            placed: vec![None; problem.people.len() * days],
            fixed: vec![false; problem.people.len() * days],
            breaks_only: kept.breaks_only,
            price: vec![0; problem.people.len()],
        };
        let known: BTreeMap<&AgentId, &AgentRoster> = kept.agents.iter().map(|agent| (&agent.agent, agent)).collect();
        for person in &problem.people {
            let n = person.position;
            let id = &problem.request.agents[n].id;
            let own = known.get(id).copied();
            keep.price[n] = own.map_or(0, |_| i64::from(kept.change_price_minutes) * SHORT_MINUTE);
            for day in 0..days {
                let begins = |shift: &&Shift| problem.request.days.day_at(shift.span.start()).is_some_and(|found| found.get() == day);
                let shift = own.and_then(|own| own.shifts.iter().find(begins));
                keep.placed[n * days + day] = shift.and_then(|shift| placed_of(problem, person, day, shift));
                let frozen =
                    shift.zip(kept.frozen_until).is_some_and(|(shift, until)| shift.span.start() < until) && !begun.contains(&(n, day));
                keep.fixed[n * days + day] = frozen || (kept.fixed)(id, DayIndex::new(day as u32));
            }
        }
        keep
    }

    /// What a day costs that is not as it was.
    pub(crate) fn cost(&self, problem: &Problem, person: &Person, day: usize, option: Option<(u32, u32)>) -> i64 {
        let was = self.placed(problem, person, day).map(|placed| {
            let option = &problem.options[placed.option as usize];
            (option.start, option.len)
        });
        if was == option { 0 } else { self.price[person.position] }
    }

    /// What all changes of a roster cost, beyond what each weighs in the score: as much as a wish that is not granted.
    fn whole_cost(&self, problem: &Problem, state: &State<'_>) -> i64 {
        let slots = (0..problem.people.len()).flat_map(|n| (0..problem.day_count()).map(move |day| (n, day)));
        let cost = |(n, day): (usize, usize)| {
            let option = state.placed(n, day).map(|placed| &problem.options[placed.option as usize]);
            let cost = self.cost(problem, &problem.people[n], day, option.map(|option| (option.start, option.len)));
            cost - cost.min(WISH)
        };
        slots.map(cost).sum()
    }

    /// What stood on a person's day.
    pub(crate) fn placed(&self, problem: &Problem, person: &Person, day: usize) -> Option<&Placed> {
        self.placed[person.position * problem.day_count() + day].as_ref()
    }

    /// What a moved break costs: a sixth of a changed shift.
    pub(crate) fn break_price(&self, problem: &Problem, person: usize) -> i64 {
        self.price[problem.people[person].position] / 6
    }

    /// Whether nothing of a person may change.
    pub(crate) fn is_person_fixed(&self, problem: &Problem, person: usize) -> bool {
        (0..problem.day_count()).all(|day| self.is_day_fixed(problem, person, day))
    }

    fn is_day_fixed(&self, problem: &Problem, person: usize, day: usize) -> bool {
        self.fixed[problem.people[person].position * problem.day_count() + day]
    }

    /// What may be freed of it.
    pub(crate) fn thaw(&self, problem: &Problem, ruin: &Ruin) -> Ruin {
        let mut ruin = ruin.clone();
        for freed in &mut ruin.freed {
            freed.days.retain(|day| !self.is_day_fixed(problem, freed.person, *day));
            freed.keep_shifts |= self.breaks_only;
        }
        ruin.freed.retain(|freed| !freed.days.is_empty());
        ruin
    }

    /// Whether nothing of the day may change for one of these people.
    pub(crate) fn is_fixed(&self, problem: &Problem, people: &[u32], day: usize) -> bool {
        people.iter().any(|person| self.is_day_fixed(problem, *person as usize, day))
    }
}

/// A shift of a roster as an option of a person's day with its breaks in the option's sorts, if she may work it.
fn placed_of(problem: &Problem, person: &Person, day: usize, shift: &Shift) -> Option<Placed> {
    let list = &problem.lists[*person.lists.get(day)? as usize];
    let same = |number: &&u32| {
        let option = &problem.options[**number as usize];
        option.start_minute == shift.span.start().get() && option.len * problem.step == shift.span.length().get()
    };
    list.iter().filter(same).find_map(|number| {
        let mut breaks = Vec::new();
        sort_breaks(problem, *number, shift, &mut breaks).then_some(Placed { option: *number, breaks })
    })
}

/// Finds a sort for each break in turn so that the plan allows all of them.
fn sort_breaks(problem: &Problem, number: u32, shift: &Shift, breaks: &mut Vec<PlacedBreak>) -> bool {
    let plan = &problem.plans[problem.options[number as usize].plan as usize];
    let Some(activity) = shift.breaks().nth(breaks.len()) else { return plan.allows(breaks) };
    let from = activity.span.start().minutes_since(shift.span.start());
    let (Ok(from), step) = (u32::try_from(from), problem.step) else { return false };
    if !from.is_multiple_of(step) {
        return false;
    }
    for (n, sort) in plan.sorts.iter().enumerate() {
        if sort.rest == (activity.kind == ActivityKind::RestBreak) && sort.len * step == activity.span.length().get() {
            breaks.push(PlacedBreak { sort: n as u16, offset: (from / step) as u16 });
            if sort_breaks(problem, number, shift, breaks) {
                return true;
            }
            breaks.pop();
        }
    }
    false
}

/// Leaves to each day what may be worked on it: on a fixed day the shift that is there, after the freeze no start before its end, and shifts
/// that hold what the person is engaged in.
fn narrow(problem: &mut Problem, keep: &Keep, frozen_until: Option<Minute>) {
    let days = problem.day_count();
    let mut numbers: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
    for person in 0..problem.people.len() {
        for day in 0..days {
            let own = keep.placed(problem, &problem.people[person], day).map(|placed| placed.option);
            let fixed = keep.is_day_fixed(problem, person, day);
            let holds = |engaged: &&Engaged| own.is_some_and(|own| problem.covers(own, engaged));
            let today: Vec<Engaged> = problem.engaged(person).iter().filter(holds).cloned().collect();
            if !today.is_empty() {
                problem.people[person].limits.must.push(day as u16);
            }
            let list = &problem.lists[problem.people[person].lists[day] as usize];
            let begins = |number: &u32| problem.options[*number as usize].start_minute;
            let is_free = |number: &u32| {
                frozen_until.is_none_or(|until| begins(number) >= until.get())
                    && today.iter().all(|engaged| problem.covers(*number, engaged))
            };
            let stays = |number: &u32| own == Some(*number) || (!fixed && is_free(number));
            if list.iter().all(stays) {
                continue;
            }
            let left: Vec<u32> = list.iter().copied().filter(stays).collect();
            let number = *numbers.entry(left).or_insert_with_key(|left| {
                problem.lists.push(left.clone());
                problem.lists.len() as u32 - 1
            });
            problem.people[person].lists[day] = number;
        }
    }
    problem.read_reach();
}

/// Steps per agent without any gain after which nothing better is looked for.
const PATIENCE_PER_AGENT: u64 = 20;
/// The share of a budget from which on the search only settles.
const SETTLING: f64 = 0.92;

/// Changes a roster as little as is worth it under the problem's rules and requirement.
///
/// Shifts that the problem does not allow any more fall away, and their agents answer anew; so do agents whom the roster does not know. As
/// with [`crate::solve`], `unmet` of the result says where a promise was not kept; the bound is 0.
pub fn resolve(mut problem: Problem, kept: &Kept<'_>, quota: &dyn Quota, observe: &mut dyn FnMut(&Progress)) -> Solution {
    let begun = kept.frozen_until.map(|until| begun::enter(&mut problem, kept, until)).unwrap_or_default();
    let keep = Keep::new(&problem, kept, &begun);
    problem.engage_standing(kept.agents, |problem, person, day| keep.placed(problem, &problem.people[person], day).is_some());
    narrow(&mut problem, &keep, kept.frozen_until);
    problem.keep = Some(keep.clone());
    let problem = &problem;
    let mut search = Search::standing(problem, problem.request.seed, &keep);
    let days = problem.day_count();
    let rosters: BTreeMap<&AgentId, &AgentRoster> = kept.agents.iter().map(|agent| (&agent.agent, agent)).collect();
    for (person, who) in problem.people.iter().enumerate() {
        let known = rosters.get(&problem.request.agents[who.position].id);
        let placed = (0..days).filter(|day| keep.placed(problem, who, *day).is_some()).count();
        let is_placed = |day: &u16| keep.placed(problem, who, usize::from(*day)).is_some();
        let stands = known.is_some_and(|known| known.shifts.len() == placed) && who.limits.must.iter().all(is_placed);
        if stands || kept.breaks_only {
            continue;
        }
        let ruin = Ruin { freed: vec![Freed { person, days: (0..days).collect(), keep_shifts: false }], ..Ruin::default() };
        search.attempt(&ruin, i64::MAX / 4);
        search.steps += 1;
    }
    search.begin_from_here();
    let patience = PATIENCE_PER_AGENT * problem.people.len().max(20) as u64;
    while search.may_step() && !quota.is_reached(search.steps) && search.stagnant() <= patience {
        search.step(quota.used(search.steps).map(|used| SETTLING + (1.0 - SETTLING) * used).or(Some(SETTLING)));
    }
    search.back_to_best();
    if search.may_step() && search.state.lack_minutes() > 0 {
        search.mend(quota);
        search.back_to_best();
    }
    search.take_breaks_back(&keep);
    polish(&mut search.state, problem.request.seed, Goal::Promises, quota);
    let state = &search.state;
    let mut score = output::score(state);
    score.fairness -= keep.whole_cost(problem, state);
    let shortfall_minutes = state.coverage.short_cells() as f64 * f64::from(problem.step);
    observe(&Progress { steps: search.steps, score, shortfall_minutes, bound_minutes: 0.0 });
    Solution {
        agents: output::agents(state),
        score,
        steps: search.steps,
        bound_minutes: 0.0,
        shortfall_minutes,
        allocation: output::allocation(state),
        shortfalls: explain::shortfalls(state),
        unmet: output::unmet(state),
    }
}

#[cfg(test)]
mod tests;
