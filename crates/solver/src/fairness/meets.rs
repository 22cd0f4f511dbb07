//! Who has met whom in the roster under search: what strangers in a team and colleagues wished for in vain cost, kept up to date.
//!
//! Two team-mates are strangers until a break of the one holds five minutes of a break of the other, whether they are on shift together or
//! not. Invariant: the cost is that of the shifts that are there, in whatever order they came. The prices are far below those of service and
//! pay, so they decide between places that cost the same. Absent on purpose: weeks, and who is left out in one ([`crate::polish`]).

use std::ops::Range;

use crate::company::{Placed, SHARED_MINUTES};
use crate::fairness::{minutes_in_common, share_a_break};
use crate::problem::Problem;
use crate::state::State;
use crate::weights::{STRANGERS, WISH};

/// Minutes of break over which a meeting's worth is spread where places are compared.
const MEETING_MINUTES: i64 = 15;

/// Somebody with whom a day without a common break denies a wish.
#[derive(Debug, Clone, Copy)]
struct Link {
    mate: u32,
    /// What such a day costs.
    price: i64,
}

/// Meetings of the roster under search.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meets {
    /// Per team, how often each of its pairs meets, by the places of the two in the team.
    teams: Vec<Vec<u16>>,
    /// Place of each person in her team.
    places: Vec<u32>,
    /// By person, colleagues of wishes either way.
    links: Vec<Vec<Link>>,
    strangers: i64,
    denied: i64,
    /// How many times the usual worth meetings have where places are compared.
    zeal: i64,
}

impl Meets {
    /// Nobody has met anybody.
    pub(crate) fn new(problem: &Problem) -> Self {
        let mut places = vec![0; problem.people.len()];
        for team in &problem.teams {
            team.members.iter().zip(0..).for_each(|(member, place)| places[*member as usize] = place);
        }
        let mut links: Vec<Vec<Link>> = vec![Vec::new(); problem.people.len()];
        for (person, who) in problem.people.iter().enumerate() {
            for colleague in &problem.fairness.standing(person).colleagues {
                let price = WISH / 5 * who.wish_percent / 100;
                links[person].push(Link { mate: *colleague, price });
                links[*colleague as usize].push(Link { mate: person as u32, price });
            }
        }
        let pairs = |size: usize| (size * size.saturating_sub(1) / 2) as i64;
        Self {
            teams: problem.teams.iter().map(|team| vec![0; team.members.len().pow(2)]).collect(),
            places,
            links,
            strangers: problem.teams.iter().map(|team| pairs(team.members.len())).sum(),
            denied: 0,
            zeal: 1,
        }
    }

    /// What strangers and denied wishes cost, in units of the score.
    pub(crate) const fn cost(&self) -> i64 {
        self.strangers * STRANGERS + self.denied
    }

    /// Lets meetings weigh so many times as much where places are compared; what they cost stays.
    pub(crate) const fn set_zeal(&mut self, zeal: i64) {
        self.zeal = zeal;
    }

    fn slot(&self, problem: &Problem, one: usize, other: usize) -> (usize, usize) {
        let team = problem.people[one].team as usize;
        (team, self.places[one] as usize * problem.teams[team].members.len() + self.places[other] as usize)
    }

    /// Counts a shift in or out; it is itself not among the state's when it is.
    pub(crate) fn count(&mut self, state: &State<'_>, person: usize, day: usize, own: &Placed, is_in: bool) {
        let problem = state.problem;
        let sign = if is_in { 1 } else { -1 };
        let team = problem.people[person].team;
        let on_break = state.company.on_break(team);
        if own.break_cells(problem).any(|(cells, _)| on_break[cells].iter().any(|mates| *mates > 0)) {
            let near = usize::from(problem.overnight);
            let days = day.saturating_sub(near)..(day + near + 1).min(problem.day_count());
            for mate in problem.teams[team as usize].members.iter().map(|mate| *mate as usize).filter(|mate| *mate != person) {
                let theirs = days.clone().filter_map(|day| state.placed(mate, day));
                let times = theirs.filter(|theirs| share_a_break(problem, own, theirs)).count() as i16;
                if times > 0 {
                    self.meet(problem, person, mate, sign * times);
                }
            }
        }
        for link in &self.links[person] {
            let Some(theirs) = state.placed(link.mate as usize, day) else { continue };
            let together = minutes_in_common(problem, &own.cells(problem), &theirs.cells(problem)) >= SHARED_MINUTES;
            if together && !share_a_break(problem, own, theirs) {
                self.denied += i64::from(sign) * link.price;
            }
        }
    }

    fn meet(&mut self, problem: &Problem, one: usize, other: usize, times: i16) {
        for (a, b) in [(one, other), (other, one)] {
            let (team, slot) = self.slot(problem, a, b);
            let met = &mut self.teams[team][slot];
            let before = *met;
            *met = met.wrapping_add_signed(times);
            if a == one {
                self.strangers += i64::from(*met == 0) - i64::from(before == 0);
            }
        }
    }

    /// Adds to each cell of a range what a break of a person there is worth for the meetings that it brings.
    pub(crate) fn attract(&self, state: &State<'_>, person: usize, cells: &Range<usize>, worth: &mut [i64]) {
        let problem = state.problem;
        let days = problem.days_around(cells.start, cells.end);
        let mut add = |mate: usize, price: i64| {
            let by_cell = self.zeal * price * i64::from(problem.step) / MEETING_MINUTES;
            for placed in days.clone().filter_map(|day| state.placed(mate, day)) {
                for (theirs, _) in placed.break_cells(problem) {
                    let shared = theirs.start.max(cells.start)..theirs.end.min(cells.end);
                    shared.for_each(|cell| worth[cell - cells.start] += by_cell);
                }
            }
        };
        for mate in problem.teams[problem.people[person].team as usize].members.iter().map(|mate| *mate as usize) {
            let (team, slot) = self.slot(problem, person, mate);
            if mate != person && self.teams[team][slot] == 0 {
                add(mate, STRANGERS);
            }
        }
        self.links[person].iter().for_each(|link| add(link.mate as usize, link.price));
    }
}

#[cfg(test)]
mod tests;
