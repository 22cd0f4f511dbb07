//! What is done when the search ends and some shift still lacks its company: short steps around the lonely, then the team's breaks of the
//! day as a whole by [`team_breaks`].

use crate::search::{Search, ruin};
use crate::solve::Quota;
use crate::team_breaks;
use crate::weights::BROKEN_MINUTE;

/// Steps around the lonely for each shift that lacks company: within the day, and over whole weeks.
const STEPS_A_SHIFT: usize = 40;
const WIDE_STEPS_A_SHIFT: usize = 15;
/// Teams and days that are given to the programme in a cycle.
const MOST_TEAM_DAYS: usize = 10;
/// Times that all of it is tried in a row without mending anything, and steps in vain after which fewer times are enough; what is left
/// then is named as unmet.
const MOST_CYCLES: usize = 25;
const FEWEST_CYCLES: usize = 4;
const MOST_IN_VAIN: u64 = 5_000;

impl Search<'_> {
    /// Mends what can be mended; never makes worse. Runs only where company is lacking, whatever the budget unless that gives up, and takes
    /// a bounded number of steps for each shift that it mends.
    pub(crate) fn mend(&mut self, quota: &dyn Quota) {
        self.state.lack_price = BROKEN_MINUTE;
        self.worth = self.state.worth();
        let (mut least, mut cycles, mut begun) = (self.state.lack_minutes(), 0, self.steps);
        while cycles < FEWEST_CYCLES || (cycles < MOST_CYCLES && self.steps - begun < MOST_IN_VAIN) {
            self.mend_by_steps(STEPS_A_SHIFT, false, quota);
            self.mend_by_steps(WIDE_STEPS_A_SHIFT, true, quota);
            if self.state.lack_minutes() == 0 || quota.gives_up() {
                return;
            }
            let mut team_days: Vec<(u32, usize)> =
                self.lonely().iter().map(|(person, day)| (self.state.problem.people[*person].team, *day)).collect();
            team_days.sort_unstable();
            team_days.dedup();
            self.random.shuffle(&mut team_days);
            for (team, day) in team_days.into_iter().take(MOST_TEAM_DAYS) {
                self.arrange_team(team, day);
            }
            cycles += 1;
            if self.state.lack_minutes() < least {
                (least, cycles, begun) = (self.state.lack_minutes(), 0, self.steps);
            }
        }
    }

    fn mend_by_steps(&mut self, steps_a_shift: usize, wide: bool, quota: &dyn Quota) {
        for _ in 0..steps_a_shift * self.lonely().len() {
            if quota.gives_up() {
                return;
            }
            self.steps += 1;
            match ruin::lonely(&self.state, &mut self.random, &self.people, wide) {
                Some(ruin) => self.attempt(&ruin, 0),
                None => return,
            };
        }
    }

    /// Shifts that lack company.
    fn lonely(&self) -> Vec<(usize, usize)> {
        let slots =
            (0..self.state.problem.people.len()).flat_map(|person| (0..self.state.problem.day_count()).map(move |day| (person, day)));
        slots.filter(|(person, day)| self.state.lack(*person, *day).minutes > 0).collect()
    }

    /// Gives a team's breaks of a day to the programme and keeps its answer if it is worth more by count.
    fn arrange_team(&mut self, team: u32, day: usize) {
        let members = self.state.problem.teams[team as usize].members.clone();
        let problem = self.state.problem;
        if problem.keep.as_ref().is_some_and(|keep| keep.is_fixed(problem, &members, day)) {
            return;
        }
        let mut before = Vec::new();
        for member in members {
            if let Some(placed) = self.state.lift(member as usize, day) {
                before.push((member as usize, day, Some(placed)));
            }
        }
        let shifts: Vec<(usize, u32)> = before.iter().filter_map(|(person, _, placed)| Some((*person, placed.as_ref()?.option))).collect();
        let answer = team_breaks::arrange(&self.state, &shifts);
        let answered = answer.is_some();
        let old = || before.iter().filter_map(|(_, _, placed)| placed.clone()).collect();
        for ((person, _), placed) in shifts.iter().zip(answer.unwrap_or_else(old)) {
            self.state.put(*person, day, placed);
        }
        self.state.settle();
        if answered && self.state.worth() >= self.worth {
            self.accept(before);
        } else if answered {
            self.take_back(before);
        }
    }
}
