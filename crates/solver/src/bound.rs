//! A lower bound on the shortfall: a relaxation in which people mix their weeks, solved by prices.
//!
//! Dropped are company, rest between shifts, weekly rest and days in a row; whole people become shares, and an interval is counted as
//! a whole. People who may work the same week are one block. Each interval of each pool has a price between nothing and one short person;
//! for any prices, what the requirement is worth less the most that each block alone can earn is a bound. [`Mix`] finds the prices by solving
//! the relaxation; the bound rests on integer arithmetic here alone, whatever they are.

use std::collections::BTreeMap;

use crate::problem::{Problem, WeekLimits};

mod least;
mod mix;
mod pricing;
mod rounding;
mod units;
mod week;

use mix::Mix;
use pricing::Pricer;
pub(crate) use rounding::Rounding;
use units::Units;

/// The price of one person-cell.
const WHOLE: f64 = 65_536.0;
/// Rounds of answers between two bounds.
const ROUNDS: usize = 2;
/// The share of the requirement by which mix and bound may differ in the end.
const NEAR: f64 = 2e-5;
/// Answers of blocks that take as long as a step of the search.
const BLOCKS_A_STEP: usize = 8;
/// Iterations without a better bound after which it stays what it is.
const PATIENCE: u32 = 60;

/// Person-cells that a likely option loses at most.
const LIKELY: i64 = 1;

/// Options by group and number of their list.
pub(crate) type Likely = BTreeMap<(u32, u32), Vec<u32>>;

/// People who may work the same week.
#[derive(Debug)]
struct Block {
    group: u32,
    /// Per day of the week, the list of options.
    lists: Vec<u32>,
    limits: WeekLimits,
    count: u32,
}

/// The best bound so far, and what is needed to raise it.
#[derive(Debug)]
pub(crate) struct Bound<'p> {
    problem: &'p Problem,
    units: Units,
    blocks: Vec<Block>,
    /// Per person, the blocks of her weeks.
    of_people: Vec<Vec<u32>>,
    /// First block of each group, and the end.
    groups: Vec<usize>,
    pricer: Pricer,
    mix: Mix,
    best_value: i64,
    best_prices: Vec<f64>,
    waited: u32,
    finished: bool,
}

impl<'p> Bound<'p> {
    pub(crate) fn new(problem: &'p Problem) -> Self {
        let units = Units::new(problem);
        let (blocks, of_people) = blocks(problem);
        let groups = (0..=problem.groups.len()).map(|group| blocks.partition_point(|block| (block.group as usize) < group)).collect();
        let finished = units.required.is_empty() || problem.narrowed;
        let pricer = Pricer::new(problem, &units);
        let mix = Mix::new(&units, blocks.len());
        let best_prices = vec![1.0; units.required.len()];
        Self { problem, units, blocks, of_people, groups, pricer, mix, best_value: 0, best_prices, waited: 0, finished }
    }

    /// Person-cells that every roster is short of.
    pub(crate) fn cells(&self) -> u64 {
        (self.best_value as f64 / WHOLE).ceil().max(0.0) as u64
    }

    /// Whether nothing more is to be gained.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// What an iteration costs, in steps of the search.
    pub(crate) fn steps_an_iteration(&self) -> u64 {
        (self.blocks.len() * (ROUNDS + 1)).div_ceil(BLOCKS_A_STEP) as u64
    }

    /// Person-cells that the mix is short of, the relaxation's own objective: the bound cannot pass it.
    pub(crate) fn mixed_cells(&self) -> f64 {
        self.mix.short() * self.units.per_row()
    }

    /// One iteration: some rounds of answers, each block mixing its best into what it has, then a bound at the prices reached.
    pub(crate) fn iterate(&mut self) {
        for _ in 0..ROUNDS {
            for group in 0..self.problem.groups.len() {
                self.pricer.read(self.problem, &self.units, group, |row| self.mix.price(row));
                for block in self.groups[group]..self.groups[group + 1] {
                    let (_, cover) = self.pricer.answer(self.problem, &self.units, &self.blocks[block]);
                    self.mix.take(block, f64::from(self.blocks[block].count), cover);
                }
            }
        }
        let prices: Vec<f64> = (0..self.units.required.len()).map(|row| self.mix.price(row)).collect();
        let value = self.value(&prices);
        self.waited += 1;
        if value > self.best_value {
            self.best_value = value;
            self.best_prices = prices;
            self.waited = 0;
        }
        self.mix.recentre();
        let near = NEAR * self.units.required.iter().sum::<i64>() as f64;
        self.finished = self.waited > PATIENCE || self.mixed_cells() - self.cells() as f64 <= near.max(0.5);
    }

    /// The mix as a start for people.
    pub(crate) fn rounding(&self) -> Rounding {
        Rounding::new(self)
    }

    /// Per group and list of options, those that at the bound's prices lose little against the best of their length; nothing for a problem
    /// that numbers its lists otherwise.
    pub(crate) fn likely(&mut self, problem: &Problem) -> Likely {
        let mut likely = Likely::new();
        if !std::ptr::eq(self.problem, problem) {
            return likely;
        }
        for group in 0..self.problem.groups.len() {
            self.pricer.read(self.problem, &self.units, group, |row| self.best_prices[row]);
            for list in self.blocks[self.groups[group]..self.groups[group + 1]].iter().flat_map(|block| &block.lists) {
                let near = || self.pricer.near(self.problem, &self.units, *list, LIKELY * WHOLE as i64);
                likely.entry((group as u32, *list)).or_insert_with(near);
            }
        }
        likely
    }

    /// The bound at some prices, in units of [`WHOLE`] a person-cell.
    fn value(&mut self, prices: &[f64]) -> i64 {
        let mut value: i64 = self.units.required.iter().zip(prices).map(|(cells, price)| cells * pricing::whole(*price)).sum();
        for group in 0..self.problem.groups.len() {
            self.pricer.read(self.problem, &self.units, group, |row| prices[row]);
            for block in &self.blocks[self.groups[group]..self.groups[group + 1]] {
                value -= i64::from(block.count) * self.pricer.answer(self.problem, &self.units, block).0;
            }
        }
        value
    }
}

/// Everybody's weeks by group, alike ones together; and per person the blocks of her weeks.
fn blocks(problem: &Problem) -> (Vec<Block>, Vec<Vec<u32>>) {
    let mut found = BTreeMap::new();
    for (number, person) in problem.people.iter().enumerate() {
        for (week, limits) in person.weeks.iter().enumerate() {
            let days = problem.week_days(week);
            let lists = person.lists[days.clone()].to_vec();
            found.entry((person.group, days.start, lists, *limits)).or_insert_with(Vec::new).push(number);
        }
    }
    let mut of_people = vec![Vec::new(); problem.people.len()];
    for (block, people) in found.values().enumerate() {
        for person in people {
            of_people[*person].push(block as u32);
        }
    }
    let block = |((group, _, lists, limits), people): ((u32, usize, Vec<u32>, WeekLimits), Vec<usize>)| Block {
        group,
        lists,
        limits,
        count: people.len() as u32,
    };
    (found.into_iter().map(block).collect(), of_people)
}

#[cfg(test)]
mod tests;
