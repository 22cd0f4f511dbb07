//! Team-mates exchange days: shifts with their breaks go from one to the other, and as many come back as the rules of both ask for.

use super::{Change, Polish};
use crate::fairness::{PARTS, Tally};

/// Exchanges of one pair in one week that are looked at closely, the most promising first.
const MOST_OF_A_PAIR: usize = 3;

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
        let weeks = problem.day_count().div_ceil(7);
        let mut better = false;
        for pair in pairs {
            for week in 0..weeks {
                better |= self.exchange(pair, problem.week_days(week));
            }
        }
        better
    }

    /// The best legal exchange of a pair within some days.
    fn exchange(&mut self, pair: (usize, usize), days: std::ops::Range<usize>) -> bool {
        let problem = self.state.problem;
        let looked_at: Vec<(usize, Day)> = days.filter_map(|day| Some((day, self.look(pair, day)?))).collect();
        let mut sets: Vec<Vec<usize>> = Vec::new();
        for n in 0..looked_at.len() {
            sets.push(vec![n]);
            sets.extend((0..n).map(|other| vec![other, n]));
        }
        if looked_at.len() > 2 {
            sets.push((0..looked_at.len()).collect());
        }
        let gain = |set: &Vec<usize>| {
            let of = |side: usize, person: usize| {
                let mut tally = self.tallies[person];
                for n in set {
                    let day = &looked_at[*n].1;
                    tally = tally.exchanged(&day.own[side], &day.exchanged[side]);
                }
                problem.fairness.worth(person, &self.tallies[person]) - problem.fairness.worth(person, &tally)
            };
            of(0, pair.0) + of(1, pair.1)
        };
        let mut promising: Vec<(i64, Vec<usize>)> =
            sets.into_iter().map(|set| (gain(&set), set)).filter(|(gain, _)| *gain >= PARTS).collect();
        promising.sort_by(|(a, first), (b, second)| b.cmp(a).then(first.cmp(second)));
        for (_, set) in promising.into_iter().take(MOST_OF_A_PAIR) {
            let days: Vec<usize> = set.iter().map(|n| looked_at[*n].0).collect();
            if self.may_exchange(pair, &days) && self.attempt(self.exchanged(pair, &days)) {
                return true;
            }
        }
        false
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

    fn may_exchange(&mut self, (a, b): (usize, usize), days: &[usize]) -> bool {
        let given = |to: usize, from: usize, polish: &Self| {
            debug_assert!(to != from, "two people");
            days.iter().map(|day| (*day, polish.state.placed(from, *day).map(|placed| placed.option))).collect::<Vec<_>>()
        };
        let (to_a, to_b) = (given(a, b, self), given(b, a, self));
        self.is_legal(a, &to_a) && self.is_legal(b, &to_b)
    }

    fn exchanged(&self, (a, b): (usize, usize), days: &[usize]) -> Vec<Change> {
        let of = |day: &usize| {
            let (own, other) = (self.state.placed(a, *day).cloned(), self.state.placed(b, *day).cloned());
            [(a, *day, other), (b, *day, own)]
        };
        days.iter().flat_map(of).collect()
    }
}
