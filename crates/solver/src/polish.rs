//! The last touch on a roster: burdens, wishes and meetings are shared better by changes that cost nothing above them in the score.
//!
//! Two people exchange days, breaks change places or move beside those of somebody not met. Invariant: a change is kept only where the
//! score falls, level by level; promises of company come first, then service, pay and at last fairness. The number of trials is bounded by
//! the size of the problem, so the same search ends in the same bytes.

use std::collections::BTreeSet;
use std::ops::Range;

use fika_model::score::Score;

use crate::company::Placed;
use crate::fairness::{PARTS, Tally, tally};
use crate::output::service;
use crate::path::{Choice, DayChoices, Pathfinder};
use crate::problem::{Contradiction, Problem};
use crate::random::Stream;
use crate::respond::{Freedom, Responder};
use crate::solve::Quota;
use crate::state::State;
use crate::weights::BROKEN_MINUTE;

mod exchange;
mod meet;
mod meetings;
mod wander;

use meetings::Meetings;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// All of it.
    Everything,
    /// Only what is promised: the team-mates that everybody meets in a week.
    Promises,
}

/// Trials for each person and week, and in all: a few seconds.
const TRIALS_A_WEEK: u64 = 40;
const MOST_TRIALS: u64 = 30_000;
/// Pairs of team-mates, over the weeks, whose meetings are counted in the time of a trial.
const PAIRS_A_TRIAL: u64 = 2000;
/// Times that everything is gone through.
const MOST_ROUNDS: usize = 3;

/// A person's day as it is to be; `None` is off.
type Change = (usize, usize, Option<Placed>);

/// People still to be met by promise, and what unfairness, denied wishes and strangers cost.
pub(crate) fn measure(state: &State<'_>) -> (i64, i64) {
    let problem = state.problem;
    let people: i64 = (0..problem.people.len()).map(|person| problem.fairness.worth(person, &tally(state, person))).sum();
    let company = Meetings::new(state).all();
    (company.owed, people / PARTS + company.cost)
}

/// Weeks in which somebody meets fewer team-mates than promised.
pub(crate) fn unmet(state: &State<'_>) -> Vec<Contradiction> {
    if state.problem.company.least_met == 0 { Vec::new() } else { Meetings::new(state).unmet(state.problem) }
}

/// Improves a roster. What is not promised is left as it is when the time for the answer is over.
pub(crate) fn polish(state: &mut State<'_>, seed: u64, goal: Goal, quota: &dyn Quota) {
    let problem = state.problem;
    if goal == Goal::Promises && problem.company.least_met == 0 {
        return;
    }
    state.lack_price = BROKEN_MINUTE;
    let weeks = problem.day_count().div_ceil(7) as u64;
    let mut polish = Polish {
        meetings: Meetings::new(state),
        tallies: (0..problem.people.len()).map(|person| tally(state, person)).collect(),
        state,
        finder: Pathfinder::default(),
        responder: Responder::default(),
        random: Stream::new(seed, "polish"),
        quota: None,
        trials: (TRIALS_A_WEEK * weeks * problem.people.len().max(10) as u64).min(MOST_TRIALS),
    };
    for round in 0..MOST_ROUNDS {
        polish.quota = None;
        let mut better = polish.keep_promises();
        if goal == Goal::Everything {
            polish.quota = Some(quota);
            better |= polish.exchange_days();
            better |= round == 0 && polish.exchange_across_teams();
            better |= polish.bring_together();
            better |= polish.advance_late_breaks();
            better |= round == 0 && polish.wander();
        }
        if !better || polish.trials == 0 {
            return;
        }
    }
}

/// Changes that were kept.
struct Kept {
    /// Whether the score is better above fairness.
    better_above: bool,
    /// By how many parts fairness is better.
    gain: i64,
    /// What takes them back.
    taken: Vec<Change>,
}

struct Polish<'s, 'p> {
    /// Where the time is asked for while nothing that is promised is at stake.
    quota: Option<&'s dyn Quota>,
    state: &'s mut State<'p>,
    meetings: Meetings,
    /// What the horizon gives each person.
    tallies: Vec<Tally>,
    finder: Pathfinder,
    responder: Responder,
    random: Stream,
    /// Trials that are left.
    trials: u64,
}

impl Polish<'_, '_> {
    /// Makes the changes if the score then falls. Days must be named once.
    fn attempt(&mut self, changes: &[Change]) -> bool {
        self.attempt_with(changes, Self::make)
    }

    /// The same, the changes made in a way that tells how to take them back.
    fn attempt_with(&mut self, changes: &[Change], make: impl FnOnce(&mut Self, &[Change]) -> Vec<Change>) -> bool {
        self.trials > 0 && !self.is_late() && self.keep_within(changes, make, -1).is_some()
    }

    fn is_late(&self) -> bool {
        self.quota.is_some_and(Quota::is_late)
    }

    /// Makes the changes, and keeps them if the score gets no worse above fairness, nor by more than `slack` parts in fairness unless it gets
    /// better above it.
    fn keep_within(&mut self, changes: &[Change], make: impl FnOnce(&mut Self, &[Change]) -> Vec<Change>, slack: i64) -> Option<Kept> {
        let problem = self.state.problem;
        let mut people: Vec<usize> = changes.iter().map(|(person, _, _)| *person).collect();
        let wishing: Vec<usize> = people.iter().flat_map(|p| &problem.fairness.standing(*p).wished_by).map(|p| *p as usize).collect();
        let mut teams: Vec<u32> = people.iter().map(|person| problem.people[*person].team).collect();
        people.extend(wishing);
        people.sort_unstable();
        people.dedup();
        teams.sort_unstable();
        teams.dedup();
        self.trials = self.trials.saturating_sub(1 + self.meetings.pairs(&teams) / PAIRS_A_TRIAL);
        let cells = self.cells(changes);
        let before = self.score(&people, &teams, &cells);
        let taken = make(self, changes);
        let after = self.score(&people, &teams, &cells);
        let gain = before.fairness - after.fairness;
        let (before, after) = (Score { fairness: 0, ..before }, Score { fairness: 0, ..after });
        if after < before || (after == before && gain >= -slack) {
            for person in people {
                self.tallies[person] = tally(self.state, person);
            }
            return Some(Kept { better_above: after < before, gain, taken });
        }
        self.make(&taken);
        None
    }

    /// Makes changes and gives those that take them back.
    fn make(&mut self, changes: &[Change]) -> Vec<Change> {
        let taken: Vec<Change> = changes.iter().map(|(person, day, _)| (*person, *day, self.state.lift(*person, *day))).collect();
        for (person, day, placed) in changes {
            if let Some(placed) = placed {
                self.state.put(*person, *day, placed.clone());
            }
        }
        self.settle(&taken);
        taken
    }

    /// Makes changes of shifts, and lays their breaks anew where they cost least and have company.
    fn make_anew(&mut self, changes: &[Change]) -> Vec<Change> {
        let problem = self.state.problem;
        let taken: Vec<Change> = changes.iter().map(|(person, day, _)| (*person, *day, self.state.lift(*person, *day))).collect();
        let people: BTreeSet<usize> = changes.iter().map(|change| change.0).collect();
        for person in people {
            let own = || changes.iter().filter(move |change| change.0 == person);
            let mut free = vec![Freedom::Fixed; problem.day_count()];
            for (_, day, placed) in own() {
                free[*day] = placed.as_ref().map_or(Freedom::Fixed, |placed| Freedom::Breaks(placed.option));
            }
            let as_given = || own().filter_map(|(_, day, placed)| Some((*day, placed.clone()?))).collect();
            let laid = self.responder.answer(self.state, person, &free).unwrap_or_else(as_given);
            for (day, placed) in laid {
                self.state.put(person, day, placed);
            }
        }
        self.settle(&taken);
        taken
    }

    fn settle(&mut self, changed: &[Change]) {
        self.state.settle();
        for (person, day, _) in changed {
            self.meetings.read(self.state, *person, *day);
        }
    }

    /// The score as far as these people, teams and cells make it.
    fn score(&self, people: &[usize], teams: &[u32], cells: &[Range<usize>]) -> Score {
        let company = self.meetings.of(teams);
        let fairness = &self.state.problem.fairness;
        let shared: i64 = people.iter().map(|person| fairness.worth(*person, &tally(self.state, *person))).sum();
        Score {
            hard: self.state.lack_minutes() + company.owed,
            service: cells.iter().map(|cells| service(self.state, cells.clone())).sum(),
            cost: self.state.paid(),
            fairness: shared + company.cost * PARTS,
        }
    }

    /// The cells of the shifts that changes put or take away, each once.
    fn cells(&self, changes: &[Change]) -> Vec<Range<usize>> {
        let problem = self.state.problem;
        let old = changes.iter().filter_map(|(person, day, _)| self.state.placed(*person, *day));
        let mut all: Vec<Range<usize>> =
            changes.iter().filter_map(|change| change.2.as_ref()).chain(old).map(|p| p.cells(problem)).collect();
        all.sort_unstable_by_key(|cells| cells.start);
        let mut joined: Vec<Range<usize>> = Vec::new();
        for cells in all {
            match joined.last_mut() {
                Some(last) if cells.start <= last.end => last.end = last.end.max(cells.end),
                _ => joined.push(cells),
            }
        }
        joined
    }

    /// Whether a person may work her days with these changed.
    fn is_legal(&mut self, person: usize, changed: &[(usize, Option<u32>)]) -> bool {
        let problem = self.state.problem;
        let who = &problem.people[person];
        let listed =
            |(day, option): &(usize, Option<u32>)| option.is_none_or(|option| problem.lists[who.lists[*day] as usize].contains(&option));
        if !changed.iter().all(listed) {
            return false;
        }
        let worked = |day: usize| match changed.iter().find(|(changed, _)| *changed == day) {
            Some((_, option)) => *option,
            None => self.state.placed(person, day).map(|placed| placed.option),
        };
        let choices: Vec<DayChoices> = (0..problem.day_count()).map(|day| only(problem, worked(day))).collect();
        self.finder.best(problem, who, &choices, 0, &mut Vec::new()).is_some()
    }

    /// Whether nothing of a person's day may change.
    fn is_fixed(&self, person: usize, day: usize) -> bool {
        let problem = self.state.problem;
        problem.keep.as_ref().is_some_and(|keep| keep.is_fixed(problem, &[person as u32], day))
    }
}

/// A day on which nothing but this is done.
fn only(problem: &Problem, option: Option<u32>) -> DayChoices {
    let Some(number) = option else { return DayChoices::of(Vec::new(), Some(0)) };
    let option = &problem.options[number as usize];
    let (start, end) = (option.start_minute, problem.end_minute(option));
    DayChoices::of(vec![Choice { option: number, value: 0, start, end, paid: option.paid as i32 }], None)
}

#[cfg(test)]
mod tests;
