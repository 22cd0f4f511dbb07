//! From shares to people: each person in turn gives up her part of the mix and answers alone to what is left short.
//!
//! Invariant: `there` is what the people who have answered cover, plus what the mix expects of those still to come.

use super::Bound;
use crate::company::Placed;
use crate::problem::Problem;
use crate::weights::SHORT_MINUTE;

/// People short over which a price rises from nothing to its whole: this share of the mean requirement, and at least so many.
const WIDTH: f64 = 0.1;
const LEAST_WIDTH: f64 = 2.0;

/// The mix while people take their places in it.
#[derive(Debug)]
pub(crate) struct Rounding {
    required: Vec<f64>,
    there: Vec<f64>,
    centre: Vec<f64>,
    width: f64,
    /// Per block, what one of its people covers on average.
    mean: Vec<Vec<(u32, f64)>>,
    /// Per person, the blocks of the weeks.
    blocks: Vec<Vec<u32>>,
    /// Per pool and cell, the row.
    rows: Vec<Vec<Option<u32>>>,
    cell: f64,
    prices: Vec<i64>,
}

impl Rounding {
    pub(super) fn new(bound: &Bound<'_>) -> Self {
        let (problem, units) = (bound.problem, &bound.units);
        let row = |pool: usize, cell: usize| units.row(pool, cell / units.cells as usize).map(|row| row as u32);
        let mean_required = bound.mix.required().iter().sum::<f64>() / bound.mix.required().len().max(1) as f64;
        Self {
            required: bound.mix.required().to_vec(),
            there: bound.mix.there().to_vec(),
            centre: bound.best_prices.clone(),
            width: (WIDTH * mean_required).max(LEAST_WIDTH),
            mean: (0..bound.blocks.len()).map(|block| bound.mix.mean(block)).collect(),
            blocks: bound.of_people.clone(),
            rows: (0..problem.pools.len()).map(|pool| (0..problem.cells).map(|cell| row(pool, cell)).collect()).collect(),
            cell: 1.0 / units.per_row(),
            prices: Vec::new(),
        }
    }

    fn price(&self, row: usize) -> f64 {
        (self.centre[row] + (self.required[row] - self.there[row]) / self.width).clamp(0.0, 1.0)
    }

    /// Takes a person's part out of the mix, and says what each cell is worth to her.
    pub(crate) fn leave(&mut self, problem: &Problem, person: usize) -> &[i64] {
        for block in &self.blocks[person] {
            for (row, people) in &self.mean[*block as usize] {
                self.there[*row as usize] -= people;
            }
        }
        let whole = (SHORT_MINUTE * i64::from(problem.step)) as f64;
        let pools = &problem.groups[problem.people[person].group as usize];
        let price = |cell: usize| {
            let of = |pool: &u16| self.rows[usize::from(*pool)][cell].map_or(0.0, |row| self.price(row as usize));
            (pools.iter().map(of).fold(0.0, f64::max) * whole) as i64
        };
        self.prices = (0..problem.cells).map(price).collect();
        &self.prices
    }

    /// Counts what a person works, each cell for the pool that needs it most.
    pub(crate) fn enter(&mut self, problem: &Problem, person: usize, placed: &Placed) {
        let pools = &problem.groups[problem.people[person].group as usize];
        let away: Vec<_> = placed.break_cells(problem).map(|(cells, _)| cells).collect();
        for cell in placed.cells(problem).filter(|cell| !away.iter().any(|cells| cells.contains(cell))) {
            let rows = pools.iter().filter_map(|pool| self.rows[usize::from(*pool)][cell]);
            if let Some(row) = rows.max_by(|a, b| self.price(*a as usize).total_cmp(&self.price(*b as usize))) {
                self.there[row as usize] += self.cell;
            }
        }
    }
}
