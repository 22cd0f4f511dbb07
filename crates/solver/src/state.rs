//! A roster under change: who works which shift with which breaks, and its worth kept up to date.
//!
//! Invariant: after [`State::settle`], `worth` equals the worth counted afresh from the shifts alone.

use std::ops::Range;

use fika_model::fairness::Burden;

use crate::company::{Company, Lack, PARTS, Placed, SHARED_MINUTES};
use crate::coverage::Coverage;
use crate::fairness::{self, Meets, starts_near};
use crate::problem::{Person, Problem, ShiftOption};
use crate::weights::{BROKEN_MINUTE, PAID_MINUTE, WISH};

/// The burdens that a shift may bring, the last by its breaks.
const SHIFT_BURDENS: [Burden; 3] = [Burden::UnpopularShifts, Burden::WeekendShifts, Burden::LateBreaks];

/// Shifts, counts and worth.
#[derive(Debug, Clone)]
pub(crate) struct State<'p> {
    pub(crate) problem: &'p Problem,
    placed: Vec<Option<Placed>>,
    pub(crate) coverage: Coverage,
    pub(crate) company: Company,
    lacks: Vec<Lack>,
    lack_minutes: i64,
    lack_parts: i64,
    /// What a minute of lacking company costs at present; [`BROKEN_MINUTE`] where nothing is to be tried out.
    pub(crate) lack_price: i64,
    paid: i64,
    wishes: i64,
    /// Burdens by person in the order of [`SHIFT_BURDENS`], and what they cost in parts of a unit.
    carried: Vec<[i64; 3]>,
    unfair: i64,
    pub(crate) meets: Meets,
    /// Teams and days whose lacks must be counted again.
    stale: Vec<(u32, usize)>,
}

impl<'p> State<'p> {
    /// Nobody works.
    pub(crate) fn new(problem: &'p Problem) -> Self {
        let slots = problem.people.len() * problem.day_count();
        let mut state = Self {
            problem,
            placed: vec![None; slots],
            coverage: Coverage::new(problem),
            company: Company::new(problem),
            lacks: vec![Lack::default(); slots],
            lack_minutes: 0,
            lack_parts: 0,
            lack_price: BROKEN_MINUTE,
            paid: 0,
            wishes: 0,
            carried: vec![[0; 3]; problem.people.len()],
            unfair: 0,
            meets: Meets::new(problem),
            stale: Vec::new(),
        };
        state.wishes = problem.people.iter().flat_map(|p| (0..problem.day_count()).map(move |d| wish_cost(problem, p, d, None))).sum();
        state
    }

    fn slot(&self, person: usize, day: usize) -> usize {
        person * self.problem.day_count() + day
    }

    /// The shift of a person on a day.
    pub(crate) fn placed(&self, person: usize, day: usize) -> Option<&Placed> {
        self.placed[self.slot(person, day)].as_ref()
    }

    /// What a shift lacks of its company, as of the last [`State::settle`].
    pub(crate) fn lack(&self, person: usize, day: usize) -> Lack {
        self.lacks[self.slot(person, day)]
    }

    /// Takes a shift out.
    pub(crate) fn lift(&mut self, person: usize, day: usize) -> Option<Placed> {
        let slot = self.slot(person, day);
        let placed = self.placed[slot].take()?;
        let problem = self.problem;
        let who = &problem.people[person];
        self.count(person, &placed, Coverage::remove);
        self.company.leave(problem, who.team, &placed);
        let option = &problem.options[placed.option as usize];
        self.paid -= i64::from(option.paid);
        self.wishes += wish_cost(problem, who, day, None) - wish_cost(problem, who, day, Some(option));
        self.carry(person, &placed, -1);
        self.count_meetings(person, day, &placed, false);
        self.forget(slot);
        self.stale.push((who.team, day));
        Some(placed)
    }

    /// Puts a shift in; the day must be free.
    pub(crate) fn put(&mut self, person: usize, day: usize, placed: Placed) {
        let problem = self.problem;
        let who = &problem.people[person];
        self.count(person, &placed, Coverage::add);
        self.count_meetings(person, day, &placed, true);
        self.company.enter(problem, who.team, &placed);
        let option = &problem.options[placed.option as usize];
        self.paid += i64::from(option.paid);
        self.wishes += wish_cost(problem, who, day, Some(option)) - wish_cost(problem, who, day, None);
        self.carry(person, &placed, 1);
        self.stale.push((who.team, day));
        let slot = self.slot(person, day);
        self.placed[slot] = Some(placed);
    }

    /// Counts a shift's time on the phones, and at work in the back office, in or out.
    fn count(&mut self, person: usize, placed: &Placed, apply: impl Fn(&mut Coverage, u32, Range<usize>)) {
        let problem = self.problem;
        let group = problem.people[person].group;
        let mut away: Vec<Range<usize>> = Vec::new();
        for engaged in problem.held(person, placed) {
            away.push(engaged.cells());
            if let Some(work) = engaged.work {
                apply(&mut self.coverage, work, engaged.cells());
            }
        }
        let mut free = placed.cells(problem).start;
        let mut skip = |cells: Range<usize>| {
            apply(&mut self.coverage, group, free..cells.start);
            free = cells.end;
        };
        if away.is_empty() {
            placed.break_cells(problem).for_each(|(cells, _)| skip(cells));
        } else {
            away.extend(placed.break_cells(problem).map(|(cells, _)| cells));
            away.sort_unstable_by_key(|cells| cells.start);
            away.into_iter().for_each(skip);
        }
        apply(&mut self.coverage, group, free..placed.cells(problem).end);
    }

    /// Counts the burdens of a shift for a person, once more or once less.
    fn carry(&mut self, person: usize, placed: &Placed, more: i64) {
        let fairness = &self.problem.fairness;
        let marks = fairness.marks(placed.option);
        let brought = [marks.unpopular, marks.weekend, fairness.is_late(self.problem, placed)];
        for (n, (burden, marked)) in SHIFT_BURDENS.into_iter().zip(brought).enumerate() {
            if marked {
                let carried = &mut self.carried[person][n];
                self.unfair += fairness.cost(person, burden, *carried + more, 0) - fairness.cost(person, burden, *carried, 0);
                *carried += more;
            }
        }
    }

    /// Counts the meetings of a shift in or out, while it is not among the shifts.
    fn count_meetings(&mut self, person: usize, day: usize, placed: &Placed, is_in: bool) {
        let mut meets = std::mem::take(&mut self.meets);
        meets.count(self, person, day, placed, is_in);
        self.meets = meets;
    }

    /// What one more unpopular shift, one more weekend shift and one more late break cost a person.
    pub(crate) fn burden_prices(&self, person: usize) -> [i64; 3] {
        let carried = self.carried[person];
        [0, 1, 2].map(|n| self.problem.fairness.price(person, SHIFT_BURDENS[n], carried[n]))
    }

    fn forget(&mut self, slot: usize) {
        let lack = std::mem::take(&mut self.lacks[slot]);
        self.lack_minutes -= lack.minutes;
        self.lack_parts -= lack.parts;
    }

    /// Counts again what the shifts of changed teams lack.
    pub(crate) fn settle(&mut self) {
        let near = usize::from(self.problem.overnight);
        let mut around: Vec<(u32, usize)> = Vec::new();
        for (team, day) in self.stale.drain(..) {
            around.extend((day.saturating_sub(near)..(day + near + 1).min(self.problem.day_count())).map(|day| (team, day)));
        }
        around.sort_unstable();
        around.dedup();
        for (team, day) in around {
            for member in &self.problem.teams[team as usize].members {
                let slot = self.slot(*member as usize, day);
                self.forget(slot);
                if let Some(placed) = &self.placed[slot] {
                    let lack = self.lack_of(team, *member, day, placed);
                    self.lacks[slot] = lack;
                    self.lack_minutes += lack.minutes;
                    self.lack_parts += lack.parts;
                }
            }
        }
    }

    fn lack_of(&self, team: u32, member: u32, day: usize, placed: &Placed) -> Lack {
        let during = |cells: Range<usize>| self.mate_during(team, member, day, &cells);
        let shares = |cells: Range<usize>| self.mate_shares(team, member, day, &cells);
        let lack = self.company.lack(self.problem, team, placed, during, shares);
        if self.problem.engaged.is_empty() {
            return lack;
        }
        let lost = self.problem.lost_cells(member as usize, placed) * i64::from(self.problem.step);
        Lack { minutes: lack.minutes + lost, parts: lack.parts + lost * PARTS as i64, lost, ..lack }
    }

    /// Whether a break of one team-mate holds five minutes of these cells, or all of them where they are fewer.
    fn mate_shares(&self, team: u32, member: u32, day: usize, cells: &Range<usize>) -> bool {
        let least = (SHARED_MINUTES.div_ceil(self.problem.step) as usize).min(cells.len());
        let near = usize::from(self.problem.overnight);
        let days = day.saturating_sub(near)..(day + near + 1).min(self.problem.day_count());
        self.problem.teams[team as usize].members.iter().filter(|mate| **mate != member).any(|mate| {
            days.clone().filter_map(|day| self.placed(*mate as usize, day)).any(|placed| {
                let shared = |other: Range<usize>| cells.end.min(other.end).saturating_sub(cells.start.max(other.start));
                placed.break_cells(self.problem).any(|(other, _)| shared(other) >= least)
            })
        })
    }

    /// Whether a team-mate is on shift during all of these cells.
    fn mate_during(&self, team: u32, member: u32, day: usize, cells: &Range<usize>) -> bool {
        let near = usize::from(self.problem.overnight);
        let days = day.saturating_sub(near)..(day + near + 1).min(self.problem.day_count());
        self.problem.teams[team as usize].members.iter().filter(|mate| **mate != member).any(|mate| {
            days.clone().filter_map(|day| self.placed(*mate as usize, day)).any(|placed| {
                let shift = placed.cells(self.problem);
                shift.start <= cells.start && cells.end <= shift.end
            })
        })
    }

    /// Worth of the whole roster; larger is better. Settle first.
    pub(crate) fn worth(&self) -> i64 {
        self.worth_at(BROKEN_MINUTE)
    }

    /// The same at another price of a minute of lacking company.
    pub(crate) fn worth_at(&self, lack_price: i64) -> i64 {
        self.coverage.gained()
            - self.lack_parts * lack_price / PARTS as i64
            - self.paid * PAID_MINUTE
            - self.wishes
            - self.unfair / fairness::PARTS
            - self.meets.cost()
    }

    /// Minutes of company that shifts lack.
    pub(crate) fn lack_minutes(&self) -> i64 {
        self.lack_minutes
    }

    /// Those of them by which breaks lie over what people are engaged in; it is given up in what leaves the search.
    pub(crate) fn lost_minutes(&self) -> i64 {
        if self.problem.engaged.is_empty() { 0 } else { self.lacks.iter().map(|lack| lack.lost).sum() }
    }

    /// Paid minutes of everybody.
    pub(crate) fn paid(&self) -> i64 {
        self.paid
    }
}

/// What a day costs in wishes, worked by this option or off.
pub(crate) fn wish_cost(problem: &Problem, person: &Person, day: usize, option: Option<&ShiftOption>) -> i64 {
    let mut cost = problem.keep.as_ref().map_or(0, |keep| keep.cost(problem, person, day, option.map(|o| (o.start, o.len))));
    if person.wishes.is_empty() && person.starts_near.is_empty() {
        return cost;
    }
    let mut denied = 0;
    for (_, wish) in person.wishes.iter().filter(|(wished, _)| *wished == day) {
        denied += i64::from(!wish.is_granted(option)) * WISH;
    }
    if let Some(option) = option {
        denied += person.starts_near.iter().filter(|near| !starts_near(option, **near)).count() as i64 * (WISH / 5);
    }
    cost += denied * person.wish_percent / 100;
    cost
}

#[cfg(test)]
mod tests;
