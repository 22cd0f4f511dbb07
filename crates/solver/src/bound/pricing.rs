//! What each shift earns at some prices with its best breaks, and the best week made of such shifts.
//!
//! Shifts are priced once for all people who serve the same pools; the best of each paid length of a list of options is kept, and a block's
//! answer is a walk over days by paid minutes and shifts so far. A shift whose breaks, each alone where it costs least, could not make it
//! the best of its length is not arranged.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::least::Least;
use super::units::Units;
use super::week::Weeks;
use super::{Block, WHOLE};
use crate::breaks::{PlacedBreak, Placer, Position, gcd};
use crate::problem::Problem;

/// The best shift of a list for one length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Best {
    /// Paid time, in the common step of all options.
    pub(super) paid: u32,
    pub(super) value: i64,
    pub(super) option: u32,
}

/// Prices of one group, and what was read from them.
#[derive(Debug)]
pub(super) struct Pricer {
    placer: Placer,
    weeks: Weeks,
    /// Paid minutes that all options are multiples of.
    paid_step: u32,
    group: usize,
    /// Price by unit summed from the start, and the pool that pays it.
    total: Vec<i64>,
    pool: Vec<u16>,
    /// Per length of a break that occurs: the length in units, and what such a break costs at each unit.
    breaks: Vec<(u32, Least)>,
    /// Per option: no arrangement of its breaks earns more; and what the best one earns, where that was asked.
    hopes: Vec<i64>,
    values: Vec<Option<i64>>,
    /// Per list of options, those of each paid length.
    by_paid: Vec<Vec<(u32, Vec<u32>)>>,
    lists: Vec<Option<Vec<Best>>>,
    cover: Vec<u32>,
}

/// A price as a whole number of parts.
pub(super) fn whole(price: f64) -> i64 {
    (price * WHOLE) as i64
}

impl Pricer {
    pub(super) fn new(problem: &Problem, units: &Units) -> Self {
        let paid_step = problem.options.iter().map(|option| option.paid).fold(0, gcd).max(1);
        let by_paid = |list: &Vec<u32>| {
            let mut found: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for option in list {
                found.entry(problem.options[*option as usize].paid / paid_step).or_default().push(*option);
            }
            found.into_iter().collect()
        };
        let lengths: BTreeSet<u32> = units.plans.iter().flat_map(|plan| plan.sorts.iter().map(|sort| sort.len)).collect();
        Self {
            placer: Placer::default(),
            weeks: Weeks::default(),
            paid_step,
            group: 0,
            total: vec![0; units.count + 1],
            pool: vec![0; units.count],
            breaks: lengths.into_iter().map(|length| (length, Least::default())).collect(),
            hopes: vec![0; problem.options.len()],
            values: vec![None; problem.options.len()],
            by_paid: problem.lists.iter().map(by_paid).collect(),
            lists: vec![None; problem.lists.len()],
            cover: Vec::new(),
        }
    }

    /// Takes the prices of all rows as a group sees them: each unit counts for the pool that pays best.
    pub(super) fn read(&mut self, problem: &Problem, units: &Units, group: usize, price: impl Fn(usize) -> f64) {
        self.group = group;
        self.values.fill(None);
        self.lists.fill(None);
        let pools = &problem.groups[group];
        let mut total = 0;
        for unit in 0..units.count {
            let paid = |pool: &u16| units.row(usize::from(*pool), unit).map_or(0, |row| whole(price(row)));
            let best = pools.iter().map(|pool| (paid(pool), *pool)).max_by_key(|(price, pool)| (*price, Reverse(*pool)));
            let (price, pool) = best.unwrap_or_default();
            total += price * i64::from(units.cells);
            self.total[unit + 1] = total;
            self.pool[unit] = pool;
        }
        for (length, least) in &mut self.breaks {
            least.read(self.total.iter().zip(self.total.iter().skip(*length as usize)).map(|(from, to)| to - from));
        }
        for (hope, option) in self.hopes.iter_mut().zip(&problem.options) {
            let plan = &units.plans[option.plan as usize];
            let start = (option.start / units.cells) as usize;
            let least = |(sort, first, last): &(u16, u32, u32)| {
                let length = plan.sorts[usize::from(*sort)].len;
                let known = self.breaks.iter().find(|(other, _)| *other == length).filter(|_| first <= last);
                known.map_or(0, |(_, least)| least.of(start + *first as usize, start + *last as usize))
            };
            *hope = self.total[start + plan.len as usize] - self.total[start] - plan.spots().iter().map(least).sum::<i64>();
        }
    }

    /// The most that a week of a block can earn, and the rows covered by one that does, a unit each.
    pub(super) fn answer(&mut self, problem: &Problem, units: &Units, block: &Block) -> (i64, &[u32]) {
        for list in &block.lists {
            if self.lists[*list as usize].is_none() {
                self.lists[*list as usize] = Some(self.best_of(problem, units, *list));
            }
        }
        let days: Vec<&[Best]> = block.lists.iter().map(|list| self.lists[*list as usize].as_deref().unwrap_or_default()).collect();
        let limits = &block.limits;
        let shifts = limits.shifts.min(limits.touched);
        let paid = (limits.least.max(0) as u32).div_ceil(self.paid_step)..=(limits.most.max(0) as u32 / self.paid_step);
        let (value, chosen) = self.weeks.best(&days, shifts as usize, paid);
        self.cover.clear();
        let chosen = chosen.to_vec();
        for option in chosen {
            self.put_cover(problem, units, option);
        }
        (value, &self.cover)
    }

    fn best_of(&mut self, problem: &Problem, units: &Units, list: u32) -> Vec<Best> {
        let by_paid = std::mem::take(&mut self.by_paid[list as usize]);
        let mut best = Vec::with_capacity(by_paid.len());
        for (paid, options) in &by_paid {
            let Some(likely) = options.iter().copied().max_by_key(|option| (self.hopes[*option as usize], Reverse(*option))) else {
                continue;
            };
            let mut found = Best { paid: *paid, value: self.value(problem, units, likely), option: likely };
            for option in options {
                if self.hopes[*option as usize] > found.value {
                    let value = self.value(problem, units, *option);
                    if value > found.value {
                        found = Best { paid: *paid, value, option: *option };
                    }
                }
            }
            best.push(found);
        }
        self.by_paid[list as usize] = by_paid;
        best
    }

    /// The options of a list that earn no less than the best of their length by more than `within`.
    pub(super) fn near(&mut self, problem: &Problem, units: &Units, list: u32, within: i64) -> Vec<u32> {
        let best: BTreeMap<u32, i64> = self.best_of(problem, units, list).iter().map(|best| (best.paid, best.value - within)).collect();
        let mut near = problem.lists[list as usize].clone();
        near.retain(|option| {
            let least = best.get(&(problem.options[*option as usize].paid / self.paid_step)).copied().unwrap_or(i64::MIN);
            self.hopes[*option as usize] >= least && self.value(problem, units, *option) >= least
        });
        near
    }

    /// No arrangement of a shift's breaks earns more.
    #[cfg(test)]
    pub(super) fn hope(&self, option: u32) -> i64 {
        self.hopes[option as usize]
    }

    /// What a shift earns with its best breaks.
    pub(super) fn value(&mut self, problem: &Problem, units: &Units, option: u32) -> i64 {
        if let Some(known) = self.values[option as usize] {
            return known;
        }
        let mut breaks = Vec::new();
        let value = self.arrange(problem, units, option, &mut breaks);
        self.values[option as usize] = Some(value);
        value
    }

    fn arrange(&mut self, problem: &Problem, units: &Units, option: u32, breaks: &mut Vec<PlacedBreak>) -> i64 {
        let option = &problem.options[option as usize];
        let plan = &units.plans[option.plan as usize];
        let start = (option.start / units.cells) as usize;
        let total = &self.total;
        let price = |sort: usize, offset: u32| {
            let from = start + offset as usize;
            Position { cost: total[from + plan.sorts[sort].len as usize] - total[from], social: 0 }
        };
        // A plan without any arrangement on the grid would lose something: its breaks then cost nothing.
        let cost = self.placer.place(plan, 0, 0, price, breaks).unwrap_or(0);
        total[start + plan.len as usize] - total[start] - cost
    }

    fn put_cover(&mut self, problem: &Problem, units: &Units, option: u32) {
        let mut breaks = Vec::new();
        self.arrange(problem, units, option, &mut breaks);
        let option = &problem.options[option as usize];
        let plan = &units.plans[option.plan as usize];
        let start = (option.start / units.cells) as usize;
        if problem.groups[self.group].is_empty() {
            return;
        }
        let mut at = 0;
        for one in &breaks {
            self.cover_units(units, start + at..start + usize::from(one.offset));
            at = usize::from(one.offset) + plan.sorts[usize::from(one.sort)].len as usize;
        }
        self.cover_units(units, start + at..start + plan.len as usize);
    }

    fn cover_units(&mut self, units: &Units, range: std::ops::Range<usize>) {
        for unit in range {
            if let Some(row) = units.row(usize::from(self.pool[unit]), unit) {
                self.cover.push(row as u32);
            }
        }
    }
}
