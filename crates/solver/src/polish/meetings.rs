//! Who is on shift with whom, could meet and meets, by team and week: kept up to date under changes.
//!
//! The same definitions as `fika_model::fairness::TeamCompany` gives them, in the week of the one who looks.

use fika_model::DayIndex;

use crate::company::{Placed, SHARED_MINUTES};
use crate::fairness::share_a_break;
use crate::problem::{Contradiction, Problem};
use crate::state::State;
use crate::weights::{LEFT_OUT, STRANGERS};

const MET: u8 = 1;
const TOGETHER: u8 = 2;
const COULD: u8 = 4;

/// What company over the weeks comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Company {
    /// People still to be met by promise.
    pub(super) owed: i64,
    /// What strangers and those left out cost, in units of the score.
    pub(super) cost: i64,
}

/// One team: by week, the one who looks and the one she looks at.
#[derive(Debug, Clone)]
struct TeamWeeks {
    size: usize,
    seen: Vec<u8>,
}

impl TeamWeeks {
    fn row(&self, week: usize, one: usize) -> &[u8] {
        let from = (week * self.size + one) * self.size;
        &self.seen[from..from + self.size]
    }

    fn weeks(&self) -> usize {
        self.seen.len().checked_div(self.size * self.size).unwrap_or(0)
    }

    /// Team-mates whom somebody could meet in a week, and those she meets.
    fn could_and_met(&self, week: usize, one: usize) -> (u32, u32) {
        let count = |bit: u8| self.row(week, one).iter().filter(|seen| **seen & bit != 0).count() as u32;
        (count(COULD), count(MET))
    }

    /// Whether two were on shift together in some week, and whether they ever met.
    fn pair(&self, one: usize, other: usize) -> (bool, bool) {
        let seen = (0..self.weeks()).fold(0, |seen, week| seen | self.row(week, one)[other] | self.row(week, other)[one]);
        (seen & TOGETHER != 0, seen & MET != 0)
    }
}

/// All teams.
#[derive(Debug, Clone)]
pub(super) struct Meetings {
    teams: Vec<TeamWeeks>,
    /// Position of each person in her team.
    places: Vec<usize>,
    members: Vec<Vec<u32>>,
    least: u32,
    edge: i32,
}

impl Meetings {
    pub(super) fn new(state: &State<'_>) -> Self {
        let problem = state.problem;
        let weeks = problem.day_count().div_ceil(7);
        let mut places = vec![0; problem.people.len()];
        for team in &problem.teams {
            team.members.iter().enumerate().for_each(|(n, member)| places[*member as usize] = n);
        }
        let empty = |size: usize| TeamWeeks { size, seen: vec![0; weeks * size * size] };
        let mut meetings = Self {
            teams: problem.teams.iter().map(|team| empty(team.members.len())).collect(),
            places,
            members: problem.teams.iter().map(|team| team.members.clone()).collect(),
            least: problem.company.least_met,
            edge: problem.request.wellbeing.edge.get() as i32,
        };
        for (team, data) in problem.teams.iter().enumerate() {
            for (one, a) in data.members.iter().enumerate() {
                for b in &data.members[..one] {
                    (0..weeks).for_each(|week| meetings.read_pair(state, team, *a as usize, *b as usize, week));
                }
            }
        }
        meetings
    }

    /// Reads again what a changed day of a person means.
    pub(super) fn read(&mut self, state: &State<'_>, person: usize, day: usize) {
        let problem = state.problem;
        let near = usize::from(problem.overnight);
        let team = problem.people[person].team as usize;
        let last = (day + near).min(problem.day_count() - 1);
        for week in problem.week_of(day.saturating_sub(near)).0..=problem.week_of(last).0 {
            for n in 0..self.members[team].len() {
                let mate = self.members[team][n] as usize;
                if mate != person {
                    self.read_pair(state, team, person, mate, week);
                }
            }
        }
    }

    fn read_pair(&mut self, state: &State<'_>, team: usize, a: usize, b: usize, week: usize) {
        for (one, other) in [(a, b), (b, a)] {
            let seen = seen(state, one, other, week, self.edge);
            let data = &mut self.teams[team];
            data.seen[(week * data.size + self.places[one]) * data.size + self.places[other]] = seen;
        }
    }

    /// All teams.
    pub(super) fn all(&self) -> Company {
        let teams: Vec<u32> = (0..self.teams.len() as u32).collect();
        self.of(&teams)
    }

    /// Some teams.
    pub(super) fn of(&self, teams: &[u32]) -> Company {
        let mut company = Company::default();
        for data in teams.iter().map(|team| &self.teams[*team as usize]) {
            for one in 0..data.size {
                for week in 0..data.weeks() {
                    let (could, met) = data.could_and_met(week, one);
                    company.owed += i64::from(could.min(self.least).saturating_sub(met));
                    company.cost += if could > 0 && met == 0 { LEFT_OUT } else { 0 };
                }
                let strangers = (0..one).filter(|other| !data.pair(one, *other).1).count();
                company.cost += strangers as i64 * STRANGERS;
            }
        }
        company
    }

    /// Pairs that counting some teams takes.
    pub(super) fn pairs(&self, teams: &[u32]) -> u64 {
        teams.iter().map(|team| self.teams[*team as usize].seen.len() as u64).sum()
    }

    /// People who owe somebody a meeting in a week, and with whom they could have one, all by their numbers.
    pub(super) fn owing(&self) -> Vec<(usize, usize, Vec<usize>)> {
        let mut found = Vec::new();
        for (team, data) in self.teams.iter().enumerate() {
            for week in 0..data.weeks() {
                for one in 0..data.size {
                    let (could, met) = data.could_and_met(week, one);
                    if met < could.min(self.least.max(1)) {
                        let row = data.row(week, one).iter().enumerate();
                        let mates = row.filter(|(_, seen)| **seen & (COULD | MET) == COULD).map(|(n, _)| self.members[team][n] as usize);
                        found.push((self.members[team][one] as usize, week, mates.collect()));
                    }
                }
            }
        }
        found
    }

    /// Pairs of team-mates who were on shift together and never met.
    pub(super) fn strangers(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (team, data) in self.teams.iter().enumerate() {
            let members = &self.members[team];
            for one in 0..data.size {
                let others = (0..one).filter(|other| data.pair(one, *other) == (true, false));
                found.extend(others.map(|other| (members[one] as usize, members[other] as usize)));
            }
        }
        found
    }

    pub(super) fn unmet(&self, problem: &Problem) -> Vec<Contradiction> {
        let owed = |(person, week, _): (usize, usize, Vec<usize>)| {
            let team = problem.people[person].team as usize;
            let (could, met) = self.teams[team].could_and_met(week, self.places[person]);
            let position = problem.people[person].position;
            let agent = problem.request.agents[position].id.clone();
            let week = problem.request.days.date(DayIndex::new(week as u32 * 7));
            Contradiction::TooFewMet { position, agent, week, required: could.min(self.least), met }
        };
        self.owing().into_iter().map(owed).collect()
    }
}

/// What one sees of another in a week.
fn seen(state: &State<'_>, one: usize, other: usize, week: usize, edge: i32) -> u8 {
    let problem = state.problem;
    let near = usize::from(problem.overnight);
    let mut seen = 0;
    for day in problem.week_days(week) {
        let Some(own) = state.placed(one, day) else { continue };
        for theirs in (day.saturating_sub(near)..=(day + near).min(problem.day_count() - 1)).filter_map(|day| state.placed(other, day)) {
            let least = SHARED_MINUTES as i32;
            if in_common(problem, own, theirs, 0) < least {
                continue;
            }
            seen |= TOGETHER;
            seen |= if in_common(problem, own, theirs, edge) >= least { COULD } else { 0 };
            seen |= if share_a_break(problem, own, theirs) { MET } else { 0 };
        }
    }
    seen
}

/// Minutes that two shifts have in common, each without its edges.
fn in_common(problem: &Problem, a: &Placed, b: &Placed, edge: i32) -> i32 {
    let inner = |placed: &Placed| {
        let option = &problem.options[placed.option as usize];
        (option.start_minute + edge, problem.end_minute(option) - edge)
    };
    let (a, b) = (inner(a), inner(b));
    if a.0 > a.1 || b.0 > b.1 { 0 } else { a.1.min(b.1) - a.0.max(b.0) }
}
