//! Beginning from shifts that stand, and going back to their breaks where that costs nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::problem::Problem;
use crate::random::Stream;
use crate::respond::{Freedom, Responder};
use crate::search::Search;
use crate::state::State;
use crate::warm::Keep;

impl<'p> Search<'p> {
    /// A search whose first roster is what stands, by person and day.
    pub(crate) fn standing(problem: &'p Problem, seed: u64, keep: &Keep) -> Self {
        let mut state = State::new(problem);
        let days = problem.day_count();
        for (n, person) in problem.people.iter().enumerate() {
            for day in 0..days {
                if let Some(placed) = keep.placed(problem, person, day) {
                    state.put(n, day, placed.clone());
                }
            }
        }
        state.settle();
        let mut search = Self {
            state,
            responder: Responder::default(),
            free: vec![Freedom::Free; days],
            random: Stream::new(seed, "standing"),
            people: (0..problem.people.len() as u32).filter(|n| !keep.is_person_fixed(problem, *n as usize)).collect(),
            steps: 0,
            worth: 0,
            best: 0,
            best_lack: i64::MAX / 4,
            best_step: 0,
            gained: 0,
            likely: Arc::default(),
            since_best: BTreeMap::new(),
        };
        search.begin_from_here();
        search
    }

    /// Whether there is anybody to ask.
    pub(crate) fn may_step(&self) -> bool {
        !self.people.is_empty()
    }

    /// The present roster is the one to beat.
    pub(crate) fn begin_from_here(&mut self) {
        self.worth = self.state.worth();
        self.since_best.clear();
        self.best = self.worth;
        self.best_lack = self.state.lack_minutes();
        self.best_step = self.steps;
    }

    /// Puts breaks back where they were in shifts that are the same: a team's day at once, then those who met, then each alone, where the
    /// roster loses no more for it than the moved breaks are priced at, and no company.
    pub(crate) fn take_breaks_back(&mut self, keep: &Keep) {
        let problem = self.state.problem;
        let days = problem.day_count();
        let moved = |search: &Self, person: usize, day: usize| {
            let was = keep.placed(problem, &problem.people[person], day)?;
            let now = search.state.placed(person, day)?;
            (now.option == was.option && now.breaks != was.breaks).then(|| was.clone())
        };
        let breaks = |person: usize, day: usize| -> Vec<_> {
            let placed = keep.placed(problem, &problem.people[person], day);
            placed.into_iter().flat_map(|placed| placed.break_cells(problem).map(|(cells, _)| cells)).collect()
        };
        let mut tries: Vec<Vec<(usize, usize)>> = Vec::new();
        for day in 0..days {
            for team in &problem.teams {
                let members: Vec<_> = team.members.iter().map(|member| (*member as usize, day)).collect();
                tries.push(members.clone());
                for (person, _) in &members {
                    let own = breaks(*person, day);
                    let meets = |other: usize| {
                        let near = breaks(other, day);
                        own.iter().any(|a| near.iter().any(|b| a.start < b.end && b.start < a.end))
                    };
                    tries.push(members.iter().copied().filter(|(other, _)| meets(*other)).collect());
                }
                tries.extend(members.into_iter().map(|one| vec![one]));
            }
        }
        for slots in tries {
            let back: Vec<_> = slots.iter().filter_map(|(person, day)| Some((*person, *day, moved(self, *person, *day)?))).collect();
            if back.is_empty() {
                continue;
            }
            let (worth, lack) = (self.state.worth(), self.state.lack_minutes());
            let may_lose = back.iter().map(|(person, _, was)| keep.break_price(problem, *person) * was.breaks.len() as i64).sum::<i64>();
            let before: Vec<_> = back.iter().map(|(person, day, _)| (*person, *day, self.state.lift(*person, *day))).collect();
            for (person, day, was) in back {
                self.state.put(person, day, was);
            }
            self.state.settle();
            if self.state.worth() >= worth - may_lose && self.state.lack_minutes() <= lack {
                continue;
            }
            for (person, day, now) in before {
                self.state.lift(person, day);
                if let Some(now) = now {
                    self.state.put(person, day, now);
                }
            }
            self.state.settle();
        }
        self.begin_from_here();
    }
}
