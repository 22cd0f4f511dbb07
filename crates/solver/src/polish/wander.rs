//! Small exchanges drawn at random, which may share a little worse at first and never cost service, pay or company.
//!
//! Breaks of one length change places between two team-mates, or the two exchange a day. Invariant: what is left in the end is the best
//! that was met. Steps that cost nothing lead past arrangements that no single exchange makes better.

use super::{Change, Kept, Polish, meet};
use crate::fairness::{PARTS, tally};
use crate::weights::STRANGERS;

/// What a step may share worse at first, in units of the score; it falls to nothing.
const HEAT: i64 = 2 * STRANGERS;
/// Steps for each person and week, and in all: a second or two; and draws for each, most of which are no exchange at all.
const STEPS_A_WEEK: u64 = 200;
const MOST_STEPS: u64 = 60_000;
const DRAWS_A_STEP: u64 = 4;
/// Of so many exchanges one is of whole days.
const DAYS_OF: usize = 4;

impl Polish<'_, '_> {
    /// Spends a number of trials of its own on exchanges within teams. Tells whether the roster is better.
    pub(super) fn wander(&mut self) -> bool {
        let problem = self.state.problem;
        let people: Vec<usize> =
            problem.teams.iter().filter(|team| team.members.len() > 1).flat_map(|team| &team.members).map(|n| *n as usize).collect();
        let weeks = problem.day_count().div_ceil(7) as u64;
        let trials = (STEPS_A_WEEK * weeks * people.len() as u64).min(MOST_STEPS);
        let others = std::mem::replace(&mut self.trials, trials);
        let mut since_best: Vec<Change> = Vec::new();
        let (mut balance, mut best, mut better) = (0, 0, false);
        for draw in 0..DRAWS_A_STEP * trials {
            let left = self.trials.min(trials - draw / DRAWS_A_STEP);
            if left == 0 || self.is_late() {
                break;
            }
            let one = people[self.random.below(people.len())];
            let Some(changes) = self.drawn(one) else { continue };
            let slack = (HEAT * PARTS) as f64 * (left as f64 / trials as f64) * self.random.unit();
            let Some(Kept { better_above, gain, taken }) = self.keep_within(&changes, Self::make, slack as i64) else { continue };
            balance += gain;
            since_best.extend(taken);
            if better_above || balance > best {
                (best, better) = (balance, true);
                since_best.clear();
            }
        }
        self.trials = others;
        while let Some(change) = since_best.pop() {
            self.make(std::slice::from_ref(&change));
        }
        self.tallies = (0..self.tallies.len()).map(|person| tally(self.state, person)).collect();
        better
    }

    /// An exchange between a person and a team-mate on a day, if the one drawn can be made.
    fn drawn(&mut self, one: usize) -> Option<Vec<Change>> {
        let problem = self.state.problem;
        let members = &problem.teams[problem.people[one].team as usize].members;
        let other = members[self.random.below(members.len())] as usize;
        let day = self.random.below(problem.day_count());
        let whole = self.random.below(DAYS_OF) == 0;
        if one == other || self.is_fixed(one, day) || self.is_fixed(other, day) {
            return None;
        }
        if whole {
            if self.state.placed(one, day).is_none() && self.state.placed(other, day).is_none() {
                return None;
            }
            return self.may_exchange((one, other), &[day]).then(|| self.exchanged((one, other), &[day]));
        }
        let (own, theirs) = (self.state.placed(one, day)?, self.state.placed(other, day)?);
        let (mine, others) = (meet::pieces(problem, own), meet::pieces(problem, theirs));
        if mine.is_empty() || others.is_empty() {
            return None;
        }
        let (n, m) = (self.random.below(mine.len()), self.random.below(others.len()));
        let (own, theirs) = (self.state.placed(one, day)?, self.state.placed(other, day)?);
        if mine[n].1 != others[m].1 || mine[n].0 == others[m].0 {
            return None;
        }
        let own = meet::with_break_at(problem, own, n, others[m].0)?;
        let theirs = meet::with_break_at(problem, theirs, m, mine[n].0)?;
        Some(vec![(one, day, Some(own)), (other, day, Some(theirs))])
    }
}
