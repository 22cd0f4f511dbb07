//! The grid of the relaxation: the coarsest on which every shift, break and limit of the request begins and ends.
//!
//! A price is the same for a whole interval and breaks are held apart by differences, so for each order of the breaks the best starts
//! lie on the common grid (the corners of a system of differences): nothing is lost by looking there alone.

use crate::breaks::{BreakPlan, gcd};
use crate::problem::Problem;

/// Cells put together, and the rows that are priced: each interval of each pool with a requirement.
#[derive(Debug)]
pub(super) struct Units {
    /// Cells in a unit.
    pub(super) cells: u32,
    /// Units in the horizon and beyond.
    pub(super) count: usize,
    /// Units in an interval.
    per_interval: usize,
    /// Break plans on this grid, in the problem's order.
    pub(super) plans: Vec<BreakPlan>,
    /// Person-cells required, by row.
    pub(super) required: Vec<i64>,
    /// Per pool and interval, its row.
    rows: Vec<Vec<Option<u32>>>,
}

impl Units {
    pub(super) fn new(problem: &Problem) -> Self {
        let per = (problem.request.interval.minutes() / problem.step) as usize;
        let mut cells = per as u32;
        for option in &problem.options {
            cells = gcd(cells, gcd(option.start, option.len));
        }
        for plan in &problem.plans {
            cells = gcd(cells, plan.common_step());
        }
        Self::on(problem, cells.max(1))
    }

    /// The grid of so many cells a unit; everything must lie on it.
    pub(super) fn on(problem: &Problem, cells: u32) -> Self {
        let per = (problem.request.interval.minutes() / problem.step) as usize;
        let mut required = Vec::new();
        let mut rows = Vec::new();
        let there = from_before(problem);
        for (number, pool) in problem.pools.iter().enumerate() {
            let left = |cell: usize| i64::from(pool.required[cell].saturating_sub(there[number][cell]));
            let mut of_pool = vec![None; problem.cells.div_ceil(per)];
            for (interval, row) in of_pool.iter_mut().enumerate().take(problem.horizon_cells / per) {
                let sum: i64 = (interval * per..(interval + 1) * per).map(left).sum();
                if sum > 0 {
                    *row = Some(required.len() as u32);
                    required.push(sum);
                }
            }
            rows.push(of_pool);
        }
        Self {
            cells,
            count: problem.cells.div_ceil(cells as usize),
            per_interval: per / cells as usize,
            plans: problem.plans.iter().map(|plan| plan.on_grid(cells)).collect(),
            required,
            rows,
        }
    }

    /// The row of a unit of a pool.
    pub(super) fn row(&self, pool: usize, unit: usize) -> Option<usize> {
        self.rows[pool].get(unit / self.per_interval).copied().flatten().map(|row| row as usize)
    }

    /// Person-cells in one person for a row.
    pub(super) fn per_row(&self) -> f64 {
        (self.per_interval * self.cells as usize) as f64
    }

    /// The share of a row that one unit is.
    pub(super) fn share(&self) -> f64 {
        1.0 / self.per_interval as f64
    }
}

/// People who are there from the roster before, by pool and cell; who may serve several counts for each, so that no bound is too high.
fn from_before(problem: &Problem) -> Vec<Vec<u32>> {
    let mut there = vec![vec![0; problem.cells]; problem.pools.len()];
    for (group, cells) in &problem.tails {
        for pool in &problem.groups[*group as usize] {
            for cell in cells.clone() {
                there[usize::from(*pool)][cell] += 1;
            }
        }
    }
    there
}
