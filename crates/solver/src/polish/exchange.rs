//! Two people exchange days: shifts go from one to the other, and as many come back as the rules of both ask for. Between team-mates the
//! breaks go along, so that everybody keeps her company; between teams they are laid anew.

use super::{Change, Polish};
use crate::fairness::{PARTS, Tally};

/// Exchanges of one pair in one week that are looked at closely, the most promising first.
const MOST_OF_A_PAIR: usize = 3;
/// People of other teams whom each person is looked at beside, and exchanges with them that are tried, for each person.
const OTHERS_A_PERSON: usize = 20;
const ACROSS_A_PERSON: usize = 6;
const MOST_ACROSS: usize = 2000;
/// Pairs of team-mates that are looked at; only teams of many hundreds have more.
const MOST_PAIRS: usize = 200_000;

/// What a day gives each of two people: as it is, and with each in the other's place.
#[derive(Debug, Clone, Copy, Default)]
struct Day {
    own: [Tally; 2],
    exchanged: [Tally; 2],
}

impl Polish<'_, '_> {
    /// Exchanges days within each team where burdens and wishes are then shared better. Tells whether anything was.
    pub(super) fn exchange_days(&mut self) -> bool {
        let problem = self.state.problem;
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for team in &problem.teams {
            for (n, one) in team.members.iter().enumerate() {
                pairs.extend(team.members[..n].iter().map(|other| (*other as usize, *one as usize)));
            }
        }
        self.random.shuffle(&mut pairs);
        pairs.truncate(MOST_PAIRS);
        let mut better = false;
        for pair in pairs {
            for week in 0..problem.day_count().div_ceil(7) {
                let promising = self.promising(pair, problem.week_days(week));
                better |= promising
                    .into_iter()
                    .take(MOST_OF_A_PAIR)
                    .any(|(_, days)| self.may_exchange(pair, &days) && self.attempt(&self.exchanged(pair, &days)));
            }
        }
        better
    }

    /// Exchanges days between people of different teams who are asked for the same, the most promising first. Tells whether anything was.
    pub(super) fn exchange_across_teams(&mut self) -> bool {
        let problem = self.state.problem;
        let mut found: Vec<(i64, (usize, usize), Vec<usize>)> = Vec::new();
        for group in problem.fairness.alike() {
            for one in group.iter().map(|one| *one as usize) {
                for _ in 0..OTHERS_A_PERSON.min(group.len() - 1) {
                    let other = group[self.random.below(group.len())] as usize;
                    if problem.people[one].team == problem.people[other].team {
                        continue;
                    }
                    for week in 0..problem.day_count().div_ceil(7) {
                        let best = self.promising((other, one), problem.week_days(week)).into_iter().take(MOST_OF_A_PAIR);
                        found.extend(best.map(|(gain, days)| (gain, (other, one), days)));
                    }
                }
            }
        }
        found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| (a.1, &a.2).cmp(&(b.1, &b.2))));
        let mut better = false;
        let mut left = (ACROSS_A_PERSON * problem.people.len()).min(MOST_ACROSS);
        for (_, pair, days) in found {
            let still = left > 0 && self.gain(pair, &self.looked_at(pair, days.iter().copied())) >= PARTS;
            if still && self.may_exchange(pair, &days) {
                left -= 1;
                better |= self.attempt_with(&self.exchanged(pair, &days), Self::make_anew);
            }
        }
        better
    }

    /// Those of some days on which there is something to exchange.
    fn looked_at(&self, pair: (usize, usize), days: impl Iterator<Item = usize>) -> Vec<(usize, Day)> {
        days.filter_map(|day| Some((day, self.look(pair, day)?))).collect()
    }

    /// What exchanging all of these days makes better, in parts of a unit of the score.
    fn gain(&self, pair: (usize, usize), days: &[(usize, Day)]) -> i64 {
        let fairness = &self.state.problem.fairness;
        let of = |side: usize, person: usize| {
            let exchange = |tally: Tally, (_, day): &(usize, Day)| tally.exchanged(&day.own[side], &day.exchanged[side]);
            let exchanged = days.iter().fold(self.tallies[person], exchange);
            fairness.worth(person, &self.tallies[person]) - fairness.worth(person, &exchanged)
        };
        of(0, pair.0) + of(1, pair.1)
    }

    /// Sets of these days whose exchange promises to share better, the most promising first.
    fn promising(&self, pair: (usize, usize), days: std::ops::Range<usize>) -> Vec<(i64, Vec<usize>)> {
        let all = self.looked_at(pair, days);
        let mut sets: Vec<Vec<(usize, Day)>> = Vec::new();
        for (n, one) in all.iter().enumerate() {
            sets.push(vec![*one]);
            sets.extend(all[..n].iter().map(|other| vec![*other, *one]));
        }
        if all.len() > 2 {
            sets.push(all);
        }
        let named = |set: &Vec<(usize, Day)>| set.iter().map(|(day, _)| *day).collect();
        let gains = sets.iter().map(|set| (self.gain(pair, set), set)).filter(|(gain, _)| *gain >= PARTS);
        let mut promising: Vec<(i64, Vec<usize>)> = gains.map(|(gain, set)| (gain, named(set))).collect();
        promising.sort_by(|(a, first), (b, second)| b.cmp(a).then(first.cmp(second)));
        promising
    }

    /// What a day gives two people; `None` where there is nothing to exchange.
    fn look(&self, (a, b): (usize, usize), day: usize) -> Option<Day> {
        let problem = self.state.problem;
        let placed = [self.state.placed(a, day), self.state.placed(b, day)];
        if placed[0].map(|placed| placed.option) == placed[1].map(|placed| placed.option) {
            return None;
        }
        let mut seen = Day::default();
        for (side, person) in [a, b].into_iter().enumerate() {
            seen.own[side].add_day(problem, person, day, placed[side]);
            seen.exchanged[side].add_day(problem, person, day, placed[1 - side]);
        }
        Some(seen)
    }

    pub(super) fn may_exchange(&mut self, (a, b): (usize, usize), days: &[usize]) -> bool {
        let of = |polish: &Self, person: usize| -> Vec<(usize, Option<u32>)> {
            days.iter().map(|day| (*day, polish.state.placed(person, *day).map(|placed| placed.option))).collect()
        };
        let (from_a, from_b) = (of(self, a), of(self, b));
        self.is_legal(a, &from_b) && self.is_legal(b, &from_a)
    }

    pub(super) fn exchanged(&self, (a, b): (usize, usize), days: &[usize]) -> Vec<Change> {
        let of = |day: &usize| {
            let (own, other) = (self.state.placed(a, *day).cloned(), self.state.placed(b, *day).cloned());
            [(a, *day, other), (b, *day, own)]
        };
        days.iter().flat_map(of).collect()
    }
}
