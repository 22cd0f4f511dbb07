//! Two workers on one roster: each improves the people of half the teams for a round, then both halves are put together.
//!
//! Teams are drawn anew each round, so company stays inside one worker's reach. The halves meet team by team in a fixed order, and a team's
//! changes are taken only where they are still no loss beside those of the other worker. There are always two workers, whatever the
//! machine has, and neither sees the other's clock: seed and steps alone decide the outcome.

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
        for team in &teams {
            let smaller = usize::from(halves[0].len() > halves[1].len());
            halves[smaller].extend(&problem.teams[*team].members);
        }
        if halves.iter().any(Vec::is_empty) {
            self.run(steps * 2, spent, 1, quota);
            return;
        }
        let [own, others] = halves;
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
        teams.sort_unstable();
        self.join(&mate, &teams);
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
            since_best: self.since_best.clone(),
        }
    }

    /// Takes over what the other worker has changed.
    fn join(&mut self, mate: &Self, teams: &[usize]) {
        let problem = self.state.problem;
        self.steps += mate.steps;
        self.state.lack_price = self.state.lack_price.max(mate.state.lack_price);
        self.worth = self.state.worth_at(self.state.lack_price);
        for team in teams {
            let mut before: Vec<(usize, usize, Option<Placed>)> = Vec::new();
            for member in &problem.teams[*team].members {
                let person = *member as usize;
                if mate.people.binary_search(member).is_err() {
                    continue;
                }
                for day in 0..problem.day_count() {
                    let (old, new) = (self.state.placed(person, day), mate.state.placed(person, day));
                    if old != new {
                        before.push((person, day, old.cloned()));
                    }
                }
            }
            if before.is_empty() {
                continue;
            }
            for (person, day, _) in &before {
                self.state.lift(*person, *day);
                if let Some(placed) = mate.state.placed(*person, *day).cloned() {
                    self.state.put(*person, *day, placed);
                }
            }
            self.state.settle();
            if self.state.worth_at(self.state.lack_price) >= self.worth {
                self.accept(before);
            } else {
                self.take_back(before);
            }
        }
    }
}
