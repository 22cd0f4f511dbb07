//! Who is counted where: people on the phones per cell, spread over the pools that they may serve.
//!
//! Each person counts for one pool. The worth of the k-th person of a pool falls with k, so filling pools by best augmenting chains
//! is optimal, and one chain per person added or removed keeps it so (exchange in a transversal matroid with separable
//! concave worth). Chains are looked for over pools, not people: one bit says whether anybody counted for a pool could serve another.
//! Invariant: `gained` is the optimum over all ways of spreading the people present, for up to [`MOST_CHAINED`] pools; with more, people
//! counted for the later ones stay where they are.

use std::ops::Range;

use crate::problem::Problem;
use crate::weights::marginal;

/// Pools between which people are moved.
const MOST_CHAINED: usize = 128;

/// A set of pools.
type Pools = u128;

/// People per cell and what one more is worth.
#[derive(Debug, Clone)]
pub(crate) struct Coverage {
    cells: usize,
    pools: usize,
    step: i64,
    required: Vec<u32>,
    /// Per cell and pool.
    filled: Vec<u32>,
    /// What one more person of a pool brings, and one less loses.
    next: Vec<i64>,
    last: Vec<i64>,
    groups: Vec<Vec<u16>>,
    masks: Vec<Pools>,
    /// Pairs of group and pool, first pair of each group, and for each cell the people of the group counted for the pool.
    links: Vec<(u16, u16)>,
    first_link: Vec<u32>,
    /// Per pool, the links to it.
    links_of: Vec<Vec<u32>>,
    counted: Vec<u16>,
    /// Per cell, pool and other pool: people counted for the one who could serve the other; and the others with any, as a set.
    could: Vec<u16>,
    onward: Vec<Pools>,
    /// Per pool and cell: what one more person is worth, if others move on to where they bring the most.
    price: Vec<i64>,
    gained: i64,
    short: u64,
    reach: Vec<Pools>,
}

impl Coverage {
    pub(crate) fn new(problem: &Problem) -> Self {
        Self::of(problem, problem.groups.clone())
    }

    /// Nobody yet but who is there from before, of groups that serve these pools; the problem's own come first.
    pub(crate) fn of(problem: &Problem, groups: Vec<Vec<u16>>) -> Self {
        let pools = problem.pools.len();
        let links: Vec<(u16, u16)> = groups.iter().enumerate().flat_map(|(g, pools)| pools.iter().map(move |p| (g as u16, *p))).collect();
        let first_link = (0..=groups.len()).map(|g| links.partition_point(|(group, _)| usize::from(*group) < g) as u32).collect();
        let to = |pool: usize| links.iter().enumerate().filter(|(_, link)| usize::from(link.1) == pool).map(|(n, _)| n as u32).collect();
        let links_of = (0..pools).map(to).collect();
        let mask =
            |pools: &Vec<u16>| pools.iter().filter(|p| usize::from(**p) < MOST_CHAINED).fold(0, |mask, p| mask | bit(usize::from(*p)));
        let chained = if pools > 1 { problem.cells } else { 0 };
        let mut coverage = Self {
            cells: problem.cells,
            pools,
            step: i64::from(problem.step),
            required: (0..problem.cells).flat_map(|cell| problem.pools.iter().map(move |pool| pool.required[cell])).collect(),
            filled: vec![0; problem.cells * pools],
            next: vec![0; problem.cells * pools],
            last: vec![i64::MAX; problem.cells * pools],
            masks: groups.iter().map(mask).collect(),
            groups,
            counted: vec![0; links.len() * chained],
            could: vec![0; pools * pools * chained],
            onward: vec![0; pools * chained],
            links,
            first_link,
            links_of,
            price: vec![0; problem.cells * pools],
            gained: 0,
            short: 0,
            reach: vec![0; pools],
        };
        coverage.short = coverage.required.iter().map(|people| u64::from(*people)).sum();
        for cell in 0..coverage.cells {
            for pool in 0..pools {
                coverage.weigh(cell, pool);
            }
            coverage.reprice(cell);
        }
        for (group, cells) in &problem.tails {
            coverage.add(*group, cells.clone());
        }
        coverage
    }

    /// What one more person of a group is worth, by cell.
    pub(crate) fn prices(&self, group: u32) -> Vec<i64> {
        let mut prices = Vec::new();
        self.read_prices(group, 0..self.cells, &mut prices);
        prices
    }

    /// The same for some cells.
    pub(crate) fn read_prices(&self, group: u32, cells: Range<usize>, prices: &mut Vec<i64>) {
        prices.clear();
        let mut pools = self.groups[group as usize].iter().map(|pool| usize::from(*pool) * self.cells);
        let Some(first) = pools.next() else {
            prices.resize(cells.len(), 0);
            return;
        };
        prices.extend_from_slice(&self.price[first + cells.start..first + cells.end]);
        for other in pools {
            let row = &self.price[other + cells.start..other + cells.end];
            prices.iter_mut().zip(row).for_each(|(price, other)| *price = (*price).max(*other));
        }
    }

    /// Worth of all people present.
    pub(crate) fn gained(&self) -> i64 {
        self.gained
    }

    /// People counted for a pool in a cell.
    pub(crate) fn filled(&self, pool: usize, cell: usize) -> u32 {
        self.filled[cell * self.pools + pool]
    }

    /// People missing in a pool in a cell.
    pub(crate) fn short(&self, pool: usize, cell: usize) -> u32 {
        let at = cell * self.pools + pool;
        self.required[at].saturating_sub(self.filled[at])
    }

    /// Person-cells short over all pools.
    pub(crate) fn short_cells(&self) -> u64 {
        self.short
    }

    /// Reads what one more and one less person of a pool means.
    fn weigh(&mut self, cell: usize, pool: usize) {
        let at = cell * self.pools + pool;
        let (required, filled) = (self.required[at], self.filled[at]);
        self.next[at] = self.step * marginal(required, filled);
        self.last[at] = if filled == 0 { i64::MAX } else { self.step * marginal(required, filled - 1) };
    }

    /// One more person of a group in these cells.
    pub(crate) fn add(&mut self, group: u32, cells: Range<usize>) {
        for cell in cells {
            match self.groups[group as usize].first().copied() {
                None => return,
                Some(pool) if self.pools == 1 => self.fill(usize::from(pool), cell, true),
                Some(_) => self.chain_in(group, cell),
            }
            self.reprice(cell);
        }
    }

    /// One person of a group fewer in these cells; there must be one.
    pub(crate) fn remove(&mut self, group: u32, cells: Range<usize>) {
        for cell in cells {
            match self.groups[group as usize].first().copied() {
                None => return,
                Some(pool) if self.pools == 1 => self.fill(usize::from(pool), cell, false),
                Some(_) => self.chain_out(group, cell),
            }
            self.reprice(cell);
        }
    }

    fn fill(&mut self, pool: usize, cell: usize, more: bool) {
        let at = cell * self.pools + pool;
        if more {
            self.gained += self.next[at];
            self.short -= u64::from(self.filled[at] < self.required[at]);
            self.filled[at] += 1;
        } else {
            self.gained -= self.last[at];
            self.filled[at] -= 1;
            self.short += u64::from(self.filled[at] < self.required[at]);
        }
        self.weigh(cell, pool);
    }

    /// Reads the prices of a cell: the most that the last of a chain of moves brings.
    fn reprice(&mut self, cell: usize) {
        let row = cell * self.pools;
        if self.pools == 1 {
            self.price[cell] = self.next[row];
            return;
        }
        self.close(cell);
        for pool in 0..self.pools {
            let mut best = self.next[row + pool];
            each(self.reach[pool], |other| best = best.max(self.next[row + other]));
            self.price[pool * self.cells + cell] = best;
        }
    }

    /// Fills `reach`: the pools that moves can lead to from each pool.
    fn close(&mut self, cell: usize) {
        let chained = self.pools.min(MOST_CHAINED);
        self.reach.copy_from_slice(&self.onward[cell * self.pools..(cell + 1) * self.pools]);
        for through in 0..chained {
            let further = self.reach[through];
            for pool in 0..chained {
                if self.reach[pool] & bit(through) != 0 {
                    self.reach[pool] |= further;
                }
            }
        }
    }

    /// Counts one person of a link more or less, and whom she could serve instead.
    fn count(&mut self, cell: usize, link: usize, more: bool) {
        let at = cell * self.links.len() + link;
        self.counted[at] = if more { self.counted[at] + 1 } else { self.counted[at] - 1 };
        let (group, pool) = self.links[link];
        let pool = usize::from(pool);
        if pool >= MOST_CHAINED {
            return;
        }
        let row = cell * self.pools + pool;
        let (could, onward) = (&mut self.could, &mut self.onward[row]);
        each(self.masks[usize::from(group)] & !bit(pool), |other| {
            let count = &mut could[row * self.pools + other];
            *count = if more { *count + 1 } else { *count - 1 };
            *onward = if *count > 0 { *onward | bit(other) } else { *onward & !bit(other) };
        });
    }

    fn link(&self, group: usize, pool: usize) -> usize {
        let first = self.first_link[group] as usize;
        first + self.groups[group].iter().position(|p| usize::from(*p) == pool).expect("a group is linked to the pools it serves")
    }

    /// Lets people move up by one pool each so that somebody leaves `from` and somebody more is counted for `to`.
    fn shift(&mut self, cell: usize, from: usize, to: usize) {
        if from == to {
            return;
        }
        let row = cell * self.pools;
        let mut before = vec![usize::MAX; self.pools];
        let mut waiting = vec![from];
        let mut at = 0;
        while before[to] == usize::MAX && at < waiting.len() {
            let here = waiting[at];
            at += 1;
            each(self.onward[row + here], |other| {
                if before[other] == usize::MAX && other != from {
                    before[other] = here;
                    waiting.push(other);
                }
            });
        }
        let mut pool = to;
        while pool != from {
            let here = before[pool];
            let movable = |link: &&u32| {
                let group = usize::from(self.links[**link as usize].0);
                self.counted[cell * self.links.len() + **link as usize] > 0 && self.masks[group] & bit(pool) != 0
            };
            let link = *self.links_of[here].iter().find(movable).expect("somebody counted here could serve there") as usize;
            let onward = self.link(usize::from(self.links[link].0), pool);
            self.count(cell, link, false);
            self.count(cell, onward, true);
            pool = here;
        }
    }

    fn chain_in(&mut self, group: u32, cell: usize) {
        let row = cell * self.pools;
        let price = |pool: usize| self.price[pool * self.cells + cell];
        let pools = self.groups[group as usize].iter().map(|p| usize::from(*p));
        let Some(pool) = pools.max_by_key(|pool| (price(*pool), std::cmp::Reverse(*pool))) else { return };
        let worth = price(pool);
        let mut last = pool;
        if self.next[row + pool] < worth {
            self.close(cell);
            last = (0..self.pools).find(|other| self.reach[pool] & bit(*other) != 0 && self.next[row + other] == worth).unwrap_or(pool);
        }
        self.shift(cell, pool, last);
        let link = self.link(group as usize, pool);
        self.count(cell, link, true);
        self.fill(last, cell, true);
    }

    fn chain_out(&mut self, group: u32, cell: usize) {
        let row = cell * self.pools;
        self.close(cell);
        let from_link = self.first_link[group as usize] as usize;
        let mut best = (i64::MAX, 0, 0);
        for (n, pool) in self.groups[group as usize].iter().enumerate() {
            if self.counted[cell * self.links.len() + from_link + n] == 0 {
                continue;
            }
            let pool = usize::from(*pool);
            for first in 0..self.pools {
                if first == pool || (first < MOST_CHAINED && pool < MOST_CHAINED && self.reach[first] & bit(pool) != 0) {
                    best = best.min((self.last[row + first], pool, first));
                }
            }
        }
        let (_, pool, first) = best;
        let link = self.link(group as usize, pool);
        self.shift(cell, first, pool);
        self.count(cell, link, false);
        self.fill(first, cell, false);
    }
}

fn bit(pool: usize) -> Pools {
    if pool < MOST_CHAINED { 1 << pool } else { 0 }
}

/// Visits the members of a set in order.
fn each(mut set: Pools, mut visit: impl FnMut(usize)) {
    while set != 0 {
        visit(set.trailing_zeros() as usize);
        set &= set - 1;
    }
}

#[cfg(test)]
mod tests;
