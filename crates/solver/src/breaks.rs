//! Where the breaks of one shift may lie, and the cheapest legal arrangement by dynamic programming.
//!
//! A plan is what the rules ask of a shift: sorts of breaks with count, length and window, and the stretches between them. The
//! programme runs over (breaks taken so far, social cells so far, end of the last break). Offsets are cells from the shift's start.
//! Absent on purpose: what a cell costs; the caller prices each position.

use fika_model::rules::WellbeingPolicy;

mod place;

pub(crate) use place::{Placer, Position};

/// The breaks that one rule gives a shift.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BreakSort {
    /// Position of the rule in the request.
    pub(crate) rule: u16,
    /// How many.
    pub(crate) count: u32,
    /// Length of each, in cells.
    pub(crate) len: u32,
    /// Whether it is a rest break (else a meal).
    pub(crate) rest: bool,
    /// Earliest start.
    pub(crate) first: u32,
    /// Latest start.
    pub(crate) last: u32,
}

/// Bounds of the stretches without a break, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stretches {
    pub(crate) longest: u32,
    pub(crate) shortest: u32,
    pub(crate) edge: u32,
}

impl Stretches {
    pub(crate) fn of(policy: &WellbeingPolicy, step: u32) -> Self {
        Self {
            longest: policy.longest_stretch.get() / step,
            shortest: policy.shortest_stretch.get().div_ceil(step),
            edge: policy.edge.get().div_ceil(step),
        }
    }
}

/// One break in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlacedBreak {
    /// Position of its sort in the plan.
    pub(crate) sort: u16,
    /// Its start.
    pub(crate) offset: u16,
}

/// What the rules ask of one kind of shift.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BreakPlan {
    /// Length of the shift.
    pub(crate) len: u32,
    pub(crate) sorts: Vec<BreakSort>,
    pub(crate) stretches: Stretches,
    /// Per state (breaks taken of each sort, in mixed radix): the ends of the last break from which the rest can be placed.
    useful: Vec<Ends>,
    /// How much one more break of a sort adds to the number of a state.
    strides: Vec<u32>,
    /// Each single break: its sort, and the earliest and latest start that it has in any legal arrangement.
    spots: Vec<(u16, u32, u32)>,
}

/// A range of ends of the last break, both included; empty when `first > last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ends {
    pub(crate) first: u32,
    pub(crate) last: u32,
}

impl Ends {
    const NONE: Self = Self { first: 1, last: 0 };

    fn widen(&mut self, end: u32) {
        *self = if self.first > self.last {
            Self { first: end, last: end }
        } else {
            Self { first: self.first.min(end), last: self.last.max(end) }
        };
    }
}

impl BreakPlan {
    pub(crate) fn new(len: u32, sorts: Vec<BreakSort>, stretches: Stretches) -> Self {
        let mut strides = Vec::new();
        let mut states = 1;
        for sort in &sorts {
            strides.push(states);
            states *= sort.count + 1;
        }
        let mut plan = Self { len, sorts, stretches, useful: Vec::new(), strides, spots: Vec::new() };
        plan.read_useful(states as usize);
        plan
    }

    /// The largest number of cells that length, breaks, windows and stretches are all multiples of.
    pub(crate) fn common_step(&self) -> u32 {
        let stretches = [self.stretches.longest, self.stretches.shortest, self.stretches.edge];
        let sorts = self.sorts.iter().flat_map(|sort| [sort.len, sort.first, sort.last]);
        sorts.chain(stretches).fold(self.len, gcd)
    }

    /// The same plan on a grid of so many cells; [`BreakPlan::common_step`] must be a multiple of them.
    pub(crate) fn on_grid(&self, cells: u32) -> Self {
        let sort =
            |sort: &BreakSort| BreakSort { len: sort.len / cells, first: sort.first / cells, last: sort.last / cells, ..sort.clone() };
        let of = self.stretches;
        let stretches = Stretches { longest: of.longest / cells, shortest: of.shortest / cells, edge: of.edge / cells };
        Self::new(self.len / cells, self.sorts.iter().map(sort).collect(), stretches)
    }

    /// Each single break: its sort, earliest and latest start.
    pub(crate) fn spots(&self) -> &[(u16, u32, u32)] {
        &self.spots
    }

    /// How many states there are.
    pub(crate) fn states(&self) -> usize {
        self.useful.len()
    }

    /// The ends worth looking at in a state.
    pub(crate) fn useful(&self, state: usize) -> Ends {
        self.useful[state]
    }

    /// The state with one more break of a sort, if there is one left.
    pub(crate) fn after(&self, state: usize, sort: usize) -> Option<usize> {
        (self.taken(state, sort) < self.sorts[sort].count as usize).then(|| state + self.strides[sort] as usize)
    }

    /// The state with one break of a sort less.
    pub(crate) fn before(&self, state: usize, sort: usize) -> usize {
        state - self.strides[sort] as usize
    }

    /// Whether any legal arrangement exists.
    pub(crate) fn is_possible(&self) -> bool {
        if self.sorts.is_empty() { self.len <= self.stretches.longest } else { self.useful[0].first <= self.useful[0].last }
    }

    /// Cells of break in all.
    pub(crate) fn break_cells(&self) -> u32 {
        self.sorts.iter().map(|sort| sort.count * sort.len).sum()
    }

    /// Starts of the next break of a sort after a break that ended at `end` (0: none yet), as a half-open range.
    pub(crate) fn next_starts(&self, state: usize, end: u32, sort: usize) -> std::ops::Range<u32> {
        let least = if state == 0 { self.stretches.edge } else { self.stretches.shortest };
        let sort = &self.sorts[sort];
        (end + least).max(sort.first)..(end + self.stretches.longest).min(sort.last) + 1
    }

    /// Whether the shift may end after a last break that ended here.
    pub(crate) fn may_finish(&self, end: u32) -> bool {
        let stretch = self.len.saturating_sub(end);
        end <= self.len && stretch >= self.stretches.edge && stretch <= self.stretches.longest
    }

    /// Fills `useful` and `spots`: what can be reached and from there completed. State 0 holds the end 0 if anything is possible.
    fn read_useful(&mut self, states: usize) {
        let width = self.len as usize + 1;
        let mut reached = vec![false; states * width];
        reached[0] = true;
        for state in 0..states {
            for end in 0..width {
                if reached[state * width + end] {
                    self.each_next(state, end as u32, |_, next, at| reached[next * width + at as usize] = true);
                }
            }
        }
        let mut completes = vec![false; states * width];
        let mut useful = vec![Ends::NONE; states];
        let mut starts: Vec<Vec<Ends>> = self.sorts.iter().map(|sort| vec![Ends::NONE; sort.count as usize]).collect();
        for state in (0..states).rev() {
            for end in 0..width {
                let mut good = state + 1 == states && state > 0 && self.may_finish(end as u32);
                let here = reached[state * width + end];
                self.each_next(state, end as u32, |sort, next, at| {
                    if completes[next * width + at as usize] {
                        good = true;
                        if here {
                            starts[sort][self.taken(state, sort)].widen(at - self.sorts[sort].len);
                        }
                    }
                });
                completes[state * width + end] = good;
                if good && here {
                    useful[state].widen(end as u32);
                }
            }
        }
        self.useful = useful;
        let each = starts.iter().enumerate().flat_map(|(sort, all)| all.iter().map(move |ends| (sort as u16, ends.first, ends.last)));
        self.spots = each.collect();
    }

    /// Breaks of a sort taken in a state.
    pub(crate) fn taken(&self, state: usize, sort: usize) -> usize {
        state / self.strides[sort] as usize % (self.sorts[sort].count as usize + 1)
    }

    fn each_next(&self, state: usize, end: u32, mut visit: impl FnMut(usize, usize, u32)) {
        for sort in 0..self.sorts.len() {
            let Some(next) = self.after(state, sort) else { continue };
            for start in self.next_starts(state, end, sort) {
                let at = start + self.sorts[sort].len;
                if at <= self.len {
                    visit(sort, next, at);
                }
            }
        }
    }

    /// Whether an arrangement, in order of time, keeps every rule of the plan.
    pub(crate) fn allows(&self, breaks: &[PlacedBreak]) -> bool {
        let mut state = 0;
        let mut end = 0;
        for one in breaks {
            let sort = one.sort as usize;
            let Some(next) = self.after(state, sort) else { return false };
            if !self.next_starts(state, end, sort).contains(&u32::from(one.offset)) {
                return false;
            }
            end = u32::from(one.offset) + self.sorts[sort].len;
            state = next;
        }
        state + 1 == self.states() && (if state == 0 { self.len <= self.stretches.longest } else { self.may_finish(end) })
    }
}

/// The greatest common divisor.
pub(crate) fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests;
