//! Two workers on one roster: each improves the people of half the teams for a round, then both halves are put together.
//!
//! Teams are drawn anew each round, so company stays inside one worker's reach. The halves are put together where that loses no more than the
//! other worker's own steps did and a step may; else team by team in a fixed order, as far as a team's changes are no loss. There are always
//! two workers, whatever the machine has, and neither sees the other's clock: seed and steps alone decide the outcome.

use crate::company::Placed;
use crate::random::Stream;
use crate::respond::{Freedom, Responder};
use crate::search::Search;
use crate::solve::Quota;

/// Steps of one worker's round at least, and per person.
const LEAST_ROUND: u64 = 200;
const ROUND_PER_PERSON: u64 = 2;
/// Steps between two looks at the quota.
const LOOK_EVERY: u64 = 8;

impl Search<'_> {
    /// Steps that one worker takes in a round.
    pub(crate) fn round(&self) -> u64 {
        LEAST_ROUND.max(ROUND_PER_PERSON * self.state.problem.people.len() as u64)
    }

    /// Takes up to `steps` steps with the people at hand. Each counts for `workers`, after `spent` before: so much of the quota is used.
    pub(crate) fn run(&mut self, steps: u64, spent: u64, workers: u64, quota: &dyn Quota) {
        let begun = self.steps;
        let mut used = None;
        while self.steps < begun + steps {
            let total = spent + (self.steps - begun) * workers;
            if (self.steps - begun).is_multiple_of(LOOK_EVERY) {
                if quota.is_reached(total) {
                    return;
                }
                used = quota.used(total);
            }
            self.step(used);
        }
    }

    /// A round of two workers, `steps` steps each.
    pub(crate) fn run_in_two(&mut self, steps: u64, spent: u64, quota: &dyn Quota) {
        let problem = self.state.problem;
        let mut teams: Vec<usize> = (0..problem.teams.len()).filter(|team| !problem.teams[*team].members.is_empty()).collect();
        self.random.shuffle(&mut teams);
        let mut halves = [Vec::new(), Vec::new()];
        let mut people = [Vec::new(), Vec::new()];
        for team in teams {
            let smaller = usize::from(people[0].len() > people[1].len());
            halves[smaller].push(team);
            people[smaller].extend(&problem.teams[team].members);
        }
        if people.iter().any(Vec::is_empty) {
            self.run(steps * 2, spent, 1, quota);
            return;
        }
        let [own, others] = people;
        let mut mate = self.mate(others);
        let all = std::mem::replace(&mut self.people, own);
        std::thread::scope(|scope| {
            let working = scope.spawn(|| mate.run(steps, spent, 2, quota));
            self.run(steps, spent, 2, quota);
            if let Err(panic) = working.join() {
                std::panic::resume_unwind(panic);
            }
        });
        self.people = all;
        self.steps += mate.steps;
        self.state.lack_price = self.state.lack_price.max(mate.state.lack_price);
        self.worth = self.state.worth_at(self.state.lack_price);
        let used = quota.used(spent + 2 * steps).unwrap_or(1.0).clamp(0.0, 1.0);
        let whole = mate.gained.min(0) - self.threshold(used);
        if !self.take_over(&mate, &halves[1], whole) {
            halves[1].sort_unstable();
            for team in &halves[1] {
                self.take_over(&mate, &[*team], 0);
            }
        }
    }

    /// A second worker who begins where this one is.
    fn mate(&mut self, people: Vec<u32>) -> Self {
        let seed = (self.random.unit() * (1u64 << 53) as f64) as u64;
        Self {
            state: self.state.clone(),
            responder: Responder::default(),
            free: vec![Freedom::Free; self.state.problem.day_count()],
            random: Stream::new(seed, "mate"),
            people,
            steps: 0,
            worth: self.worth,
            best: self.best,
            best_lack: self.best_lack,
            best_step: 0,
            gained: 0,
            likely: self.likely.clone(),
            since_best: self.since_best.clone(),
        }
    }

    /// Takes over what the other worker has changed in these teams, if that gains no less than `least`. Tells whether it was taken.
    fn take_over(&mut self, mate: &Self, teams: &[usize], least: i64) -> bool {
        let problem = self.state.problem;
        let mut before: Vec<(usize, usize, Option<Placed>)> = Vec::new();
        for member in teams.iter().flat_map(|team| &problem.teams[*team].members) {
            let person = *member as usize;
            for day in 0..problem.day_count() {
                let (old, new) = (self.state.placed(person, day), mate.state.placed(person, day));
                if old != new {
                    before.push((person, day, old.cloned()));
                }
            }
        }
        for (person, day, _) in &before {
            self.state.lift(*person, *day);
            if let Some(placed) = mate.state.placed(*person, *day).cloned() {
                self.state.put(*person, *day, placed);
            }
        }
        self.state.settle();
        let taken = self.state.worth_at(self.state.lack_price) >= self.worth + least;
        if taken {
            self.accept(before);
        } else {
            self.take_back(before);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bound::Bound;
    use crate::generate::{Settings, pools, request};
    use crate::problem::Problem;
    use crate::solve::StepQuota;
    use crate::state::State;

    #[test]
    fn what_the_other_worker_found_is_taken_over_whole_or_not_at_all() {
        let request = request(&Settings { agents: 60, queues: 1, days: 1, load: 1.04, seed: 2 }).expect("a request");
        let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
        let mut search = Search::construct(&problem, 3, &mut Bound::new(&problem));
        let teams: Vec<usize> = (0..problem.teams.len()).filter(|team| team % 2 == 1).collect();
        let people: Vec<u32> = teams.iter().rev().flat_map(|team| problem.teams[*team].members.clone()).collect();
        let mut mate = search.mate(people.clone());
        // With endless steps the price of lacking company stays what it is.
        mate.run(200, 0, 2, &StepQuota(u64::MAX));
        let shifts = |search: &Search<'_>| -> Vec<_> { people.iter().map(|n| search.state.placed(*n as usize, 0).cloned()).collect() };
        let (before, found) = (shifts(&search), shifts(&mate));
        let worth = search.worth;
        assert!(before != found && mate.gained == mate.worth - worth, "{} from {worth}: {}", mate.worth, mate.gained);
        assert!(!search.take_over(&mate, &teams, mate.gained + 1), "it gains no more than the other worker's steps did");
        assert_eq!((shifts(&search) == before, search.worth), (true, worth));
        assert!(search.take_over(&mate, &teams, mate.gained), "nobody else has moved");
        assert_eq!((shifts(&search) == found, search.worth), (true, mate.worth));
    }

    #[test]
    fn rounds_of_two_count_every_step_and_keep_the_worth() {
        let request = request(&Settings { agents: 60, queues: 1, days: 1, load: 1.04, seed: 2 }).expect("a request");
        let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
        let mut search = Search::construct(&problem, 3, &mut Bound::new(&problem));
        for round in 0..4 {
            search.run_in_two(100, round * 200, &StepQuota(20_000));
            let mut fresh = State::new(&problem);
            for person in 0..problem.people.len() {
                search.state.placed(person, 0).into_iter().for_each(|placed| fresh.put(person, 0, placed.clone()));
            }
            fresh.settle();
            assert_eq!((search.state.worth(), search.steps), (fresh.worth(), problem.people.len() as u64 + 200 * (round + 1)));
        }
    }
}
