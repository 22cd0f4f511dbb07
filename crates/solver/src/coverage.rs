//! Who is counted where: people on the phones per cell, spread over the pools that they may serve.
//!
//! Each person counts for one pool. The worth of the k-th person of a pool falls with k, so filling pools by best augmenting chains
//! is optimal, and one chain per person added or removed keeps it so (exchange in a transversal matroid with separable
//! concave worth). Invariant: `gained` is the optimum over all ways of spreading the people present.

use crate::problem::Problem;
use crate::weights::marginal;

/// People per cell and what one more is worth.
#[derive(Debug, Clone)]
pub(crate) struct Coverage {
    cells: usize,
    step: i64,
    required: Vec<Vec<u32>>,
    /// Per pool and cell.
    filled: Vec<Vec<u32>>,
    groups: Vec<Vec<u16>>,
    /// Pairs of group and pool, and for each cell the people of the group counted for the pool. Empty with a single pool.
    links: Vec<(u16, u16)>,
    counted: Vec<u16>,
    /// Per group and cell: what one more person is worth.
    price: Vec<Vec<i64>>,
    gained: i64,
    worth: Vec<i64>,
    next: Vec<Option<usize>>,
}

impl Coverage {
    pub(crate) fn new(problem: &Problem) -> Self {
        let pools = problem.pools.len();
        let links: Vec<(u16, u16)> =
            problem.groups.iter().enumerate().flat_map(|(g, pools)| pools.iter().map(move |p| (g as u16, *p))).collect();
        let chained = pools > 1;
        let mut coverage = Self {
            cells: problem.cells,
            step: i64::from(problem.step),
            required: problem.pools.iter().map(|pool| pool.required.clone()).collect(),
            filled: vec![vec![0; problem.cells]; pools],
            groups: problem.groups.clone(),
            counted: if chained { vec![0; links.len() * problem.cells] } else { Vec::new() },
            links,
            price: vec![vec![0; problem.cells]; problem.groups.len()],
            gained: 0,
            worth: vec![0; pools],
            next: vec![None; pools],
        };
        for cell in 0..coverage.cells {
            coverage.reprice(cell);
        }
        coverage
    }

    /// What one more person of a group is worth, by cell.
    pub(crate) fn prices(&self, group: u32) -> &[i64] {
        &self.price[group as usize]
    }

    /// Worth of all people present.
    pub(crate) fn gained(&self) -> i64 {
        self.gained
    }

    /// People counted for a pool in a cell.
    pub(crate) fn filled(&self, pool: usize, cell: usize) -> u32 {
        self.filled[pool][cell]
    }

    /// People missing in a pool in a cell.
    pub(crate) fn short(&self, pool: usize, cell: usize) -> u32 {
        self.required[pool][cell].saturating_sub(self.filled[pool][cell])
    }

    /// Person-cells short over all pools.
    pub(crate) fn short_cells(&self) -> u64 {
        (0..self.required.len()).flat_map(|p| (0..self.cells).map(move |c| (p, c))).map(|(p, c)| u64::from(self.short(p, c))).sum()
    }

    fn marginal(&self, pool: usize, cell: usize, filled: u32) -> i64 {
        self.step * marginal(self.required[pool][cell], filled)
    }

    /// One more person of a group in a cell.
    pub(crate) fn add(&mut self, group: u32, cell: usize) {
        let pools = &self.groups[group as usize];
        match pools.len() {
            0 => return,
            1 if self.counted.is_empty() => {
                let pool = usize::from(pools[0]);
                self.fill(pool, cell, true);
            }
            _ => self.chain_in(group, cell),
        }
        self.reprice(cell);
    }

    /// One person of a group fewer in a cell; there must be one.
    pub(crate) fn remove(&mut self, group: u32, cell: usize) {
        let pools = &self.groups[group as usize];
        match pools.len() {
            0 => return,
            1 if self.counted.is_empty() => {
                let pool = usize::from(pools[0]);
                self.fill(pool, cell, false);
            }
            _ => self.chain_out(group, cell),
        }
        self.reprice(cell);
    }

    fn fill(&mut self, pool: usize, cell: usize, more: bool) {
        let filled = self.filled[pool][cell];
        if more {
            self.gained += self.marginal(pool, cell, filled);
            self.filled[pool][cell] = filled + 1;
        } else {
            self.gained -= self.marginal(pool, cell, filled - 1);
            self.filled[pool][cell] = filled - 1;
        }
    }

    fn reprice(&mut self, cell: usize) {
        if self.counted.is_empty() {
            for group in 0..self.groups.len() {
                let Some(pool) = self.groups[group].first().copied().map(usize::from) else { continue };
                self.price[group][cell] = self.marginal(pool, cell, self.filled[pool][cell]);
            }
            return;
        }
        self.worth_of_one_more(cell);
        for (group, pools) in self.groups.iter().enumerate() {
            self.price[group][cell] = pools.iter().map(|p| self.worth[usize::from(*p)]).max().unwrap_or(0);
        }
    }

    fn link(&self, group: u16, pool: u16) -> usize {
        self.links.binary_search(&(group, pool)).expect("a group is linked to the pools it serves")
    }

    /// Fills `worth` with what a person set to each pool brings, if others move on to where they bring the most.
    fn worth_of_one_more(&mut self, cell: usize) {
        for pool in 0..self.worth.len() {
            self.worth[pool] = self.marginal(pool, cell, self.filled[pool][cell]);
            self.next[pool] = None;
        }
        self.relax(cell, |worth, from, to| worth[to] > worth[from], true);
    }

    /// Fills `worth` with what is lost when a person leaves each pool, if others move up from where they are missed least.
    fn loss_of_one_less(&mut self, cell: usize) {
        for pool in 0..self.worth.len() {
            let filled = self.filled[pool][cell];
            self.worth[pool] = if filled == 0 { i64::MAX } else { self.marginal(pool, cell, filled - 1) };
            self.next[pool] = None;
        }
        self.relax(cell, |worth, from, to| worth[to] < worth[from], false);
    }

    /// Lets pools take over the better worth of others along people who can move between them. `next` holds the link that moves.
    fn relax(&mut self, cell: usize, better: impl Fn(&[i64], usize, usize) -> bool, outward: bool) {
        let row = cell * self.links.len();
        loop {
            let mut changed = false;
            for (here, (group, counted_pool)) in self.links.iter().enumerate() {
                if self.counted[row + here] == 0 {
                    continue;
                }
                for other in &self.groups[usize::from(*group)] {
                    // Outward: who is counted at `from` may move on to `to`. Inward: who is counted at `to` may move up to `from`.
                    let (from, to) = if outward { (*counted_pool, *other) } else { (*other, *counted_pool) };
                    let (from, to) = (usize::from(from), usize::from(to));
                    if from != to && better(&self.worth, from, to) {
                        self.worth[from] = self.worth[to];
                        self.next[from] = Some(here * self.worth.len() + to);
                        changed = true;
                    }
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn chain_in(&mut self, group: u32, cell: usize) {
        self.worth_of_one_more(cell);
        let row = cell * self.links.len();
        let pools = &self.groups[group as usize];
        let Some(mut pool) = pools.iter().map(|p| usize::from(*p)).max_by_key(|p| (self.worth[*p], std::cmp::Reverse(*p))) else { return };
        let here = self.link(group as u16, pool as u16);
        self.counted[row + here] += 1;
        while let Some(step) = self.next[pool] {
            let (link, to) = (step / self.worth.len(), step % self.worth.len());
            let moving = self.links[link].0;
            self.counted[row + link] -= 1;
            let onward = self.link(moving, to as u16);
            self.counted[row + onward] += 1;
            pool = to;
        }
        self.fill(pool, cell, true);
    }

    fn chain_out(&mut self, group: u32, cell: usize) {
        self.loss_of_one_less(cell);
        let row = cell * self.links.len();
        let present = |p: &usize| self.counted[row + self.link(group as u16, *p as u16)] > 0;
        let pools = self.groups[group as usize].iter().map(|p| usize::from(*p));
        let mut pool = pools.filter(present).min_by_key(|p| (self.worth[*p], *p)).expect("a person of the group is present");
        let here = self.link(group as u16, pool as u16);
        self.counted[row + here] -= 1;
        while let Some(step) = self.next[pool] {
            let (link, from) = (step / self.worth.len(), step % self.worth.len());
            let moving = self.links[link].0;
            self.counted[row + link] -= 1;
            let up = self.link(moving, pool as u16);
            self.counted[row + up] += 1;
            pool = from;
        }
        self.fill(pool, cell, false);
    }
}

#[cfg(test)]
mod tests;
