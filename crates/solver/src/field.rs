//! What each cell is worth to one agent while everybody else stays: cover, lost cover under a break, and company.
//!
//! All sums over cells are differences of running totals. Hopes are never below what an exact arrangement can reach as far as
//! cover and company are concerned, so a shift that is not worth its hope is not worth arranging.

use std::cmp::Ordering;

use crate::breaks::{BreakPlan, BreakSort, Position};
use crate::problem::ShiftOption;
use crate::respond::Freedom;
use crate::state::State;
use crate::weights::NEARLY_SOCIAL_MINUTE;

/// Cells in a block of the coarse minimum.
const BLOCK: usize = 4;

/// Cells of break that become too crowded when one more joins so many, of whom no more than `largest` may be away.
fn crowd(mates: u32, largest: u32) -> i64 {
    match mates.cmp(&largest) {
        Ordering::Less => 0,
        Ordering::Equal => i64::from(mates) + 1,
        Ordering::Greater => 1,
    }
}

/// Running totals by cell; entry `c` is the total of the cells before `c`.
#[derive(Debug, Default)]
pub(crate) struct Field {
    /// First cell that was read.
    first: usize,
    cover: Vec<i64>,
    /// What a break over the cells costs: cover lost, less what it brings to team-mates.
    lost: Vec<i64>,
    /// Cells with enough companions.
    social: Vec<u32>,
    /// Cells with any companion.
    some: Vec<u32>,
    /// Cells without a team-mate on shift.
    deserted: Vec<u32>,
    /// Whether rest breaks must not be taken alone.
    never_alone: bool,
    alone_cell: i64,
    help: Vec<i64>,
    prices: Vec<i64>,
    /// What a break costs that lies over something that the person is engaged in, by cell; empty where she is in nothing.
    engaged: Vec<i64>,
    /// Per length and sort (rest or not), the least cost of a break that begins in each block.
    least: Vec<(u32, bool, Vec<i64>)>,
}

impl Field {
    /// Reads the cells of the free days, and as far beyond as a shift may reach.
    ///
    /// Cells are worth what `prices` says where it is given, and what the roster is short of else.
    pub(crate) fn read(&mut self, state: &State<'_>, person: usize, free: &[Freedom], prices: Option<&[i64]>) {
        let problem = state.problem;
        let who = &problem.people[person];
        let (mut first, mut last) = (u32::MAX, 0);
        for (day, freedom) in free.iter().enumerate() {
            let (from, to) = match freedom {
                Freedom::Fixed => continue,
                Freedom::Breaks(option) => {
                    let option = &problem.options[*option as usize];
                    (option.start, option.start + option.len)
                }
                Freedom::Free => problem.list_reach[who.lists[day] as usize],
            };
            first = first.min(from);
            last = last.max(to);
        }
        let first = first.min(last) as usize;
        let last = last as usize;
        self.first = first;
        self.read_help(state, person, first, last);
        match prices {
            Some(prices) => prices[first..last].clone_into(&mut self.prices),
            None => state.coverage.read_prices(who.group, first..last, &mut self.prices),
        }
        self.engage(state, person, first..last);
        let prices = &self.prices;
        let (on_break, on_shift) = (&state.company.on_break(who.team)[first..last], &state.company.on_shift(who.team)[first..last]);
        let companions = problem.company.companions;
        let nearly = if problem.company.need > 0 { NEARLY_SOCIAL_MINUTE * i64::from(problem.step) } else { 0 };
        for totals in [&mut self.cover, &mut self.lost] {
            totals.clear();
            totals.push(0);
        }
        for totals in [&mut self.social, &mut self.some, &mut self.deserted] {
            totals.clear();
            totals.push(0);
        }
        let (mut cover, mut lost, mut social, mut some, mut deserted) = (0, 0, 0, 0, 0);
        for n in 0..prices.len() {
            let mates = u32::from(on_break[n]);
            cover += prices[n];
            lost += prices[n] - self.help[n] - if mates > 0 && mates < companions { nearly } else { 0 };
            if problem.company.limits_groups {
                lost += crowd(mates, problem.most_away(u32::from(on_shift[n]) + 1)) * state.lack_price * i64::from(problem.step);
            }
            lost += self.engaged.get(n).copied().unwrap_or_default();
            social += u32::from(mates >= companions);
            some += u32::from(mates > 0);
            deserted += u32::from(on_shift[n] == 0);
            self.cover.push(cover);
            self.lost.push(lost);
            self.social.push(social);
            self.some.push(some);
            self.deserted.push(deserted);
        }
        self.never_alone = problem.company.never_alone;
        self.alone_cell = state.lack_price * i64::from(problem.step);
        self.least.clear();
    }

    /// Where she is engaged, a cell is worth nothing on the phones, and a break loses all of the engagement.
    fn engage(&mut self, state: &State<'_>, person: usize, read: std::ops::Range<usize>) {
        let problem = state.problem;
        self.engaged.clear();
        for one in problem.engaged(person) {
            let cells = one.cells().start.max(read.start)..one.cells().end.min(read.end);
            if cells.is_empty() {
                continue;
            }
            self.engaged.resize(read.len(), 0);
            for cell in cells {
                self.prices[cell - read.start] = 0;
                self.engaged[cell - read.start] = state.lack_price * i64::from(problem.step) * one.cells().len() as i64;
            }
        }
    }

    /// What a break of this person would bring to team-mates who lack company, and to those who have not met her, by cell.
    fn read_help(&mut self, state: &State<'_>, person: usize, first: usize, last: usize) {
        let problem = state.problem;
        let rules = problem.company;
        let team = problem.people[person].team;
        let on_break = state.company.on_break(team);
        let cell_worth = state.lack_price * i64::from(problem.step);
        let days = problem.days_around(first, last);
        self.help.clear();
        self.help.resize(last - first, 0);
        state.meets.attract(state, person, &(first..last), &mut self.help);
        for mate in problem.teams[team as usize].members.iter().filter(|mate| **mate as usize != person) {
            for day in days.clone() {
                let Some(placed) = state.placed(*mate as usize, day) else { continue };
                let cells = placed.cells(problem);
                if cells.end <= first || last <= cells.start {
                    continue;
                }
                let mut social = 0;
                for (cells, _) in placed.break_cells(problem) {
                    social += cells.filter(|cell| u32::from(on_break[*cell]) > rules.companions).count();
                }
                let lacks = social < rules.need as usize;
                for (cells, rest) in placed.break_cells(problem) {
                    let alone = rest && rules.never_alone && cells.clone().all(|cell| on_break[cell] <= 1);
                    if !lacks && !alone {
                        continue;
                    }
                    for cell in cells.filter(|cell| (first..last).contains(cell)) {
                        let near = lacks && u32::from(on_break[cell]) <= rules.companions;
                        self.help[cell - first] +=
                            i64::from(near) * cell_worth / i64::from(rules.companions.max(1)) + i64::from(alone) * cell_worth;
                    }
                }
            }
        }
    }

    /// Worth of covering all cells of a shift, without breaks.
    pub(crate) fn cover(&self, option: &ShiftOption) -> i64 {
        let start = option.start as usize - self.first;
        self.cover[start + option.len as usize] - self.cover[start]
    }

    /// Cost and social cells of a break of a sort at an offset of a shift.
    pub(crate) fn position(&self, option: &ShiftOption, sort: &BreakSort, offset: u32) -> Position {
        let from = (option.start + offset) as usize - self.first;
        let to = from + sort.len as usize;
        Position { cost: self.cost(from, sort.len, sort.rest), social: self.social[to] - self.social[from] }
    }

    fn cost(&self, from: usize, len: u32, rest: bool) -> i64 {
        let to = from + len as usize;
        let alone = rest && self.never_alone && self.some[to] == self.some[from] && self.deserted[to] == self.deserted[from];
        self.lost[to] - self.lost[from] + if alone { i64::from(len) * self.alone_cell } else { 0 }
    }

    /// No arrangement of the plan's breaks makes the shift worth more, when `need` social cells are asked for.
    pub(crate) fn hope(&mut self, option: &ShiftOption, plan: &BreakPlan, need: u32) -> i64 {
        let start = option.start as usize - self.first;
        let social = self.social[start + option.len as usize] - self.social[start];
        let mut hope = self.cover(option) - i64::from(need.saturating_sub(social)) * self.alone_cell;
        for (sort, first, last) in plan.spots() {
            let from = start + *first as usize;
            let to = start + *last as usize;
            let sort = &plan.sorts[usize::from(*sort)];
            let least = self.least_of(sort.len, sort.rest);
            hope -= least[from / BLOCK..=to / BLOCK].iter().copied().min().unwrap_or(0);
        }
        hope
    }

    fn least_of(&mut self, len: u32, rest: bool) -> &[i64] {
        let rest = rest && self.never_alone;
        if let Some(known) = self.least.iter().position(|(other, kind, _)| (*other, *kind) == (len, rest)) {
            return &self.least[known].2;
        }
        let cells = self.lost.len() - 1;
        let mut blocks = vec![i64::MAX; cells / BLOCK + 1];
        for start in 0..(cells + 1).saturating_sub(len as usize) {
            let cost = self.cost(start, len, rest);
            let block = &mut blocks[start / BLOCK];
            *block = (*block).min(cost);
        }
        self.least.push((len, rest, blocks));
        &self.least[self.least.len() - 1].2
    }
}
