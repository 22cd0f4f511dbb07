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

/// No pool before this one.
const NOWHERE: u16 = u16::MAX;

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
    /// Per pool and other pool, how people counted for the one may be counted for the other: from which link to which.
    ways: Vec<Vec<(u32, u32)>>,
    counted: Vec<u16>,
    /// Per cell, pool and other pool: people counted for the one who could serve the other; and the others with any, as a set.
    could: Vec<u16>,
    onward: Vec<Pools>,
    /// Per cell and pool: the pools that moves can lead to from it, `onward` closed over chains.
    reach: Vec<Pools>,
    /// Whether `onward` of the cell at hand has changed since `reach` was read from it.
    loose: bool,
    /// Per pool and cell: what one more person is worth, if others move on to where they bring the most.
    price: Vec<i64>,
    gained: i64,
    short: u64,
    /// Working memory of [`Coverage::shift`]: the pool before each on a chain, and the pools to go on from.
    before: Vec<u16>,
    waiting: Vec<u16>,
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
        let mut ways = vec![Vec::new(); pools * pools];
        for (from, (group, pool)) in links.iter().enumerate() {
            for (to, (other_group, other)) in links.iter().enumerate() {
                if group == other_group && pool != other {
                    ways[usize::from(*pool) * pools + usize::from(*other)].push((from as u32, to as u32));
                }
            }
        }
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
            reach: vec![0; pools * chained],
            loose: false,
            links,
            first_link,
            ways,
            price: vec![0; problem.cells * pools],
            gained: 0,
            short: 0,
            before: Vec::new(),
            waiting: Vec::new(),
        };
        coverage.short = coverage.required.iter().map(|people| u64::from(*people)).sum();
        for cell in 0..coverage.cells {
            for pool in 0..pools {
                let at = cell * pools + pool;
                coverage.next[at] = coverage.step * marginal(coverage.required[at], 0);
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

    /// One person of a pool more or less: what the next one would have brought, the last one now has, and the other way round.
    fn fill(&mut self, pool: usize, cell: usize, more: bool) {
        let at = cell * self.pools + pool;
        let required = self.required[at];
        if more {
            self.gained += self.next[at];
            self.short -= u64::from(self.filled[at] < required);
            self.filled[at] += 1;
            self.last[at] = self.next[at];
            self.next[at] = self.step * marginal(required, self.filled[at]);
        } else {
            self.gained -= self.last[at];
            self.filled[at] -= 1;
            self.short += u64::from(self.filled[at] < required);
            self.next[at] = self.last[at];
            self.last[at] = self.filled[at].checked_sub(1).map_or(i64::MAX, |before| self.step * marginal(required, before));
        }
    }

    /// Reads the prices of a cell: the most that the last of a chain of moves brings.
    fn reprice(&mut self, cell: usize) {
        let row = cell * self.pools;
        if self.pools == 1 {
            self.price[cell] = self.next[row];
            return;
        }
        if std::mem::take(&mut self.loose) {
            self.close(cell);
        }
        let next = &self.next[row..row + self.pools];
        let reach = &self.reach[row..row + self.pools];
        let mut known: (Pools, i64) = (0, 0);
        for (pool, (reach, own)) in reach.iter().zip(next).enumerate() {
            // Pools that lead to each other lead to the same ones: what was found for one holds for the next.
            let set = reach | bit(pool);
            if set != known.0 || set == 0 {
                let mut best = *own;
                each(*reach, |other| best = best.max(next[other]));
                known = (set, best);
            }
            self.price[pool * self.cells + cell] = known.1;
        }
    }

    /// Fills `reach` of a cell.
    fn close(&mut self, cell: usize) {
        let chained = self.pools.min(MOST_CHAINED);
        let row = cell * self.pools;
        let reach = &mut self.reach[row..row + self.pools];
        reach.copy_from_slice(&self.onward[row..row + self.pools]);
        for through in 0..chained {
            let further = reach[through];
            for set in &mut reach[..chained] {
                if *set & bit(through) != 0 {
                    *set |= further;
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
        let could = &mut self.could[row * self.pools..(row + 1) * self.pools];
        let onward = &mut self.onward[row];
        let old = *onward;
        each(self.masks[usize::from(group)] & !bit(pool), |other| {
            let count = &mut could[other];
            *count = if more { *count + 1 } else { *count - 1 };
            *onward = if *count > 0 { *onward | bit(other) } else { *onward & !bit(other) };
        });
        self.loose |= *onward != old;
    }

    fn link(&self, group: usize, pool: usize) -> usize {
        let first = self.first_link[group] as usize;
        first + self.groups[group].iter().position(|p| usize::from(*p) == pool).expect("a group is linked to the pools it serves")
    }

    /// Lets people move up by one pool each so that somebody leaves `from` and somebody more is counted for `to`.
    fn shift(&mut self, cell: usize, from: usize, to: usize) {
        let row = cell * self.pools;
        if from == to {
            return;
        }
        if self.onward[row + from] & bit(to) != 0 {
            self.move_on(cell, from, to);
            return;
        }
        let (mut before, mut waiting) = (std::mem::take(&mut self.before), std::mem::take(&mut self.waiting));
        before.clear();
        before.resize(self.pools, NOWHERE);
        waiting.clear();
        waiting.push(from as u16);
        let mut at = 0;
        while before[to] == NOWHERE && at < waiting.len() {
            let here = waiting[at];
            at += 1;
            each(self.onward[row + usize::from(here)], |other| {
                if before[other] == NOWHERE && other != from {
                    before[other] = here;
                    waiting.push(other as u16);
                }
            });
        }
        let mut pool = to;
        while pool != from {
            let here = usize::from(before[pool]);
            self.move_on(cell, here, pool);
            pool = here;
        }
        (self.before, self.waiting) = (before, waiting);
    }

    /// Counts somebody for another pool than before; `onward` says that there is somebody.
    fn move_on(&mut self, cell: usize, from: usize, to: usize) {
        let counted = &self.counted[cell * self.links.len()..(cell + 1) * self.links.len()];
        let way = self.ways[from * self.pools + to].iter().find(|(link, _)| counted[*link as usize] > 0);
        let (link, onward) = *way.expect("somebody counted here could serve there");
        self.count(cell, link as usize, false);
        self.count(cell, onward as usize, true);
    }

    fn chain_in(&mut self, group: u32, cell: usize) {
        let row = cell * self.pools;
        let price = |pool: usize| self.price[pool * self.cells + cell];
        let pools = self.groups[group as usize].iter().map(|pool| usize::from(*pool));
        // Of pools of the same worth, one that nobody need leave for another.
        let rank = |pool: &usize| (price(*pool), self.next[row + pool] == price(*pool), std::cmp::Reverse(*pool));
        let Some(pool) = pools.max_by_key(rank) else { return };
        let worth = price(pool);
        let mut last = pool;
        if self.next[row + pool] < worth {
            let reach = self.reach[row + pool];
            last = (0..self.pools).find(|other| reach & bit(*other) != 0 && self.next[row + other] == worth).unwrap_or(pool);
        }
        self.shift(cell, pool, last);
        let link = self.link(group as usize, pool);
        self.count(cell, link, true);
        self.fill(last, cell, true);
    }

    fn chain_out(&mut self, group: u32, cell: usize) {
        let row = cell * self.pools;
        let last = &self.last[row..row + self.pools];
        let first_link = cell * self.links.len() + self.first_link[group as usize] as usize;
        let own = &self.groups[group as usize];
        let counted = &self.counted[first_link..first_link + own.len()];
        // The pool that loses least, whether somebody must move for it, and the pool that the person is counted for.
        let mut best = (i64::MAX, true, 0, 0);
        let mut mine: Pools = 0;
        for (pool, _) in own.iter().zip(counted).filter(|(_, counted)| **counted > 0) {
            let pool = usize::from(*pool);
            mine |= bit(pool);
            best = best.min((last[pool], false, pool, pool));
        }
        for (first, (reach, last)) in self.reach[row..row + self.pools].iter().zip(last).enumerate() {
            let met = reach & mine;
            if met != 0 && *last < best.0 {
                best = (*last, true, first, met.trailing_zeros() as usize);
            }
        }
        let (_, _, first, pool) = best;
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
