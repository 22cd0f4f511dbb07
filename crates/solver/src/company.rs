//! Who is on break together: counts per team and cell, and what a shift lacks of the company it was promised.
//!
//! Social time: enough cells of break with enough companions at once. Never alone: a rest break shares a cell with a break of a
//! team-mate, unless no team-mate is on shift during the whole of it. Groups: no more of a team are away than the policy allows; a cell of a break
//! that is too crowded lacks as much as one that is not social.

use crate::breaks::PlacedBreak;
use crate::problem::Problem;

/// A shift in a roster: an option and where its breaks lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) option: u32,
    pub(crate) breaks: Vec<PlacedBreak>,
}

impl Placed {
    /// First cell and the cell after the last.
    pub(crate) fn cells(&self, problem: &Problem) -> std::ops::Range<usize> {
        let option = &problem.options[self.option as usize];
        option.start as usize..(option.start + option.len) as usize
    }

    /// Its breaks as cells, with whether they are rests.
    pub(crate) fn break_cells<'a>(&'a self, problem: &'a Problem) -> impl Iterator<Item = (std::ops::Range<usize>, bool)> + 'a {
        let option = &problem.options[self.option as usize];
        let sorts = &problem.plans[option.plan as usize].sorts;
        self.breaks.iter().map(move |one| {
            let sort = &sorts[one.sort as usize];
            let start = (option.start + u32::from(one.offset)) as usize;
            (start..start + sort.len as usize, sort.rest)
        })
    }
}

/// Counts per team and cell.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    on_break: Vec<Vec<u16>>,
    on_shift: Vec<Vec<u16>>,
}

/// What a shift lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Lack {
    /// Minutes of social time and of rest with company that are missing.
    pub(crate) minutes: i64,
    /// The same as the search weighs it, in [`PARTS`] of a minute: half the companions count half.
    pub(crate) parts: i64,
    /// Whether social time is missing.
    pub(crate) social: bool,
    /// Minutes of engagements among them that are lost to breaks.
    pub(crate) lost: i64,
}

/// Breaks that hold at least this many of the same minutes are shared.
pub(crate) const SHARED_MINUTES: u32 = 5;

/// Parts into which what a minute lacks of its companions is told apart.
pub(crate) const PARTS: usize = 32;

impl Company {
    pub(crate) fn new(problem: &Problem) -> Self {
        let empty = vec![vec![0; problem.cells]; problem.teams.len()];
        Self { on_break: empty.clone(), on_shift: empty }
    }

    /// Team-mates on break by cell.
    pub(crate) fn on_break(&self, team: u32) -> &[u16] {
        &self.on_break[team as usize]
    }

    /// Team-mates on shift by cell.
    pub(crate) fn on_shift(&self, team: u32) -> &[u16] {
        &self.on_shift[team as usize]
    }

    pub(crate) fn enter(&mut self, problem: &Problem, team: u32, placed: &Placed) {
        for cell in placed.cells(problem) {
            self.on_shift[team as usize][cell] += 1;
        }
        for (cells, _) in placed.break_cells(problem) {
            for cell in cells {
                self.on_break[team as usize][cell] += 1;
            }
        }
    }

    /// Counts people who are expected on break in these cells, until they are taken back with the opposite sign.
    pub(crate) fn expect(&mut self, team: u32, cells: std::ops::Range<usize>, people: i32) {
        for count in &mut self.on_break[team as usize][cells] {
            *count = count.wrapping_add_signed(people as i16);
        }
    }

    pub(crate) fn leave(&mut self, problem: &Problem, team: u32, placed: &Placed) {
        for cell in placed.cells(problem) {
            self.on_shift[team as usize][cell] -= 1;
        }
        for (cells, _) in placed.break_cells(problem) {
            for cell in cells {
                self.on_break[team as usize][cell] -= 1;
            }
        }
    }

    /// What a shift that has been entered lacks. `mate_during` tells whether a team-mate is on shift during all of these cells; `shares`
    /// whether a break of one team-mate holds enough of them, and is asked only where a shared cell alone is not enough.
    pub(crate) fn lack(
        &self,
        problem: &Problem,
        team: u32,
        placed: &Placed,
        mut mate_during: impl FnMut(std::ops::Range<usize>) -> bool,
        mut shares: impl FnMut(std::ops::Range<usize>) -> bool,
    ) -> Lack {
        let rules = problem.company;
        let (on_break, on_shift) = (&self.on_break[team as usize], &self.on_shift[team as usize]);
        let step = i64::from(problem.step);
        let mut parts = [0u32; PARTS + 1];
        let mut lack = Lack::default();
        for (cells, rest) in placed.break_cells(problem) {
            let mut alone = true;
            let is_crowded = |cell: &usize| u32::from(on_break[*cell]) > problem.most_away(u32::from(on_shift[*cell]));
            let crowded = if rules.limits_groups { cells.clone().filter(is_crowded).count() as i64 } else { 0 };
            lack.minutes += crowded * step;
            lack.parts += crowded * step * PARTS as i64;
            for cell in cells.clone() {
                let mates = u32::from(on_break[cell]) - 1;
                alone &= mates == 0;
                parts[part(mates, rules.companions)] += 1;
            }
            if rest && rules.never_alone && !alone && problem.step < SHARED_MINUTES {
                alone = !shares(cells.clone());
            }
            if rest && alone && rules.never_alone && cells.clone().all(|cell| on_shift[cell] > 1) && mate_during(cells.clone()) {
                lack.minutes += cells.len() as i64 * step;
                lack.parts += cells.len() as i64 * step * PARTS as i64;
            }
        }
        let mut left = rules.need;
        for (part, count) in parts.iter().enumerate().rev() {
            let taken = left.min(*count);
            lack.parts += i64::from(taken) * step * (PARTS - part) as i64;
            left -= taken;
        }
        lack.parts += i64::from(left) * step * PARTS as i64;
        let missing = i64::from(rules.need.saturating_sub(parts[PARTS]));
        lack.social = missing > 0;
        lack.minutes += missing * step;
        lack
    }
}

fn part(mates: u32, companions: u32) -> usize {
    if mates >= companions { PARTS } else { mates as usize * PARTS / companions as usize }
}
