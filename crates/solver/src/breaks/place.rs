//! The cheapest arrangement of a plan's breaks.

use crate::breaks::{BreakPlan, PlacedBreak};

const NEVER: i64 = i64::MAX / 4;

/// What a position costs and how many social cells it brings.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Position {
    pub(crate) cost: i64,
    pub(crate) social: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Step {
    end: u16,
    layer: u8,
    sort: u8,
}

/// Working memory of the dynamic programme, kept between calls.
#[derive(Debug, Default)]
pub(crate) struct Placer {
    /// Per state, layer of social cells and end of the last break; a row that is not open holds nothing.
    cost: Vec<i64>,
    step: Vec<Step>,
    /// Per state and layer, whether something may be there.
    open: Vec<bool>,
    best: Vec<(i64, u16)>,
    queue: Vec<u16>,
    positions: Vec<Vec<Position>>,
    /// Per sort, the most social cells of a position.
    social: Vec<u32>,
    /// What a first break costs more that begins after this offset.
    late: (u32, i64),
}

impl Placer {
    /// Lets a first break that begins after an offset cost so much more than its place does.
    pub(crate) const fn set_late(&mut self, after: u32, cost: i64) {
        self.late = (after, cost);
    }

    /// The cheapest legal arrangement: its cost, and its breaks in order of time through `breaks`.
    ///
    /// `price(sort, offset)` says what a break of the sort costs there; each of the `need` social cells that are missing in
    /// the end costs `missing`. `None` when the plan is impossible.
    pub(crate) fn place(
        &mut self,
        plan: &BreakPlan,
        need: u32,
        missing: i64,
        mut price: impl FnMut(usize, u32) -> Position,
        breaks: &mut Vec<PlacedBreak>,
    ) -> Option<i64> {
        breaks.clear();
        if plan.sorts.is_empty() {
            return plan.is_possible().then_some(i64::from(need) * missing);
        }
        if !plan.is_possible() {
            return None;
        }
        self.read_prices(plan, &mut price);
        let layers = need as usize + 1;
        let width = plan.len as usize + 1;
        let states = plan.states();
        let cells = (states * layers * width).max(self.cost.len());
        self.cost.resize(cells, NEVER);
        self.step.resize(cells, Step::default());
        self.open.clear();
        self.open.resize(states * layers, false);
        self.open_row(0, width);
        self.cost[0] = 0;
        for state in 0..states - 1 {
            for layer in (0..layers).filter(|layer| state > 0 || *layer == 0) {
                self.extend(plan, state, layer, layers);
            }
        }
        let last = states - 1;
        let ends = plan.useful(last);
        let mut best = (NEVER, 0, 0);
        for layer in (0..layers).filter(|layer| self.open[last * layers + layer]) {
            for end in ends.first..=ends.last {
                let cost = self.cost[(last * layers + layer) * width + end as usize] + i64::from(need - layer as u32) * missing;
                if plan.may_finish(end) && cost < best.0 {
                    best = (cost, layer, end as usize);
                }
            }
        }
        if best.0 >= NEVER {
            return None;
        }
        self.trace(plan, layers, best.1, best.2, breaks);
        Some(best.0)
    }

    fn read_prices(&mut self, plan: &BreakPlan, price: &mut impl FnMut(usize, u32) -> Position) {
        if self.positions.len() < plan.sorts.len() {
            self.positions.resize_with(plan.sorts.len(), Vec::new);
        }
        self.social.clear();
        for (n, sort) in plan.sorts.iter().enumerate() {
            self.positions[n].clear();
            self.positions[n].extend((sort.first..=sort.last).map(|offset| price(n, offset)));
            self.social.push(self.positions[n].iter().map(|position| position.social).max().unwrap_or(0));
        }
    }

    /// Makes a row ready, with nothing in it.
    fn open_row(&mut self, row: usize, width: usize) {
        if !std::mem::replace(&mut self.open[row], true) {
            self.cost[row * width..(row + 1) * width].fill(NEVER);
        }
    }

    /// Every arrangement in a state and layer, with one more break of each sort that is left.
    fn extend(&mut self, plan: &BreakPlan, state: usize, layer: usize, layers: usize) {
        let width = plan.len as usize + 1;
        let base = (state * layers + layer) * width;
        let ends = plan.useful(state);
        if ends.first > ends.last || !self.open[state * layers + layer] {
            return;
        }
        let first = self.cheapest_before(plan, state, base);
        if self.best.is_empty() {
            return;
        }
        for (n, sort) in plan.sorts.iter().enumerate() {
            let Some(next) = plan.after(state, n) else { continue };
            let target = plan.useful(next);
            let from = first.max(sort.first).max(target.first.saturating_sub(sort.len));
            let to = (first + self.best.len() as u32).min(sort.last + 1).min((target.last + 1).saturating_sub(sort.len));
            if from >= to {
                continue;
            }
            let most = layers - 1;
            for into in layer..=(layer + self.social[n] as usize).min(most) {
                self.open_row(next * layers + into, width);
            }
            let befores = &self.best[(from - first) as usize..(to - first) as usize];
            let positions = &self.positions[n][(from - sort.first) as usize..(to - sort.first) as usize];
            let (row, at) = (next * layers, (from + sort.len) as usize);
            if self.social[n] == 0 || layer == most {
                // Nothing changes the layer: both rows are read side by side.
                let here = (row + layer) * width + at;
                let (costs, steps) = (&mut self.cost[here..here + befores.len()], &mut self.step[here..here + befores.len()]);
                let into = costs.iter_mut().zip(steps);
                for (((before, end), position), (cost, step)) in befores.iter().zip(positions).zip(into) {
                    if *before < NEVER && before + position.cost < *cost {
                        *cost = before + position.cost;
                        *step = Step { end: *end, layer: layer as u8, sort: n as u8 };
                    }
                }
                continue;
            }
            for (n_start, ((before, end), position)) in befores.iter().zip(positions).enumerate() {
                let cell = (row + (layer + position.social as usize).min(most)) * width + at + n_start;
                if *before < NEVER && before + position.cost < self.cost[cell] {
                    self.cost[cell] = before + position.cost;
                    self.step[cell] = Step { end: *end, layer: layer as u8, sort: n as u8 };
                }
            }
        }
    }

    /// Fills `best` with the cheapest end for each start of a next break, from the returned start on: a sliding minimum.
    fn cheapest_before(&mut self, plan: &BreakPlan, state: usize, base: usize) -> u32 {
        let ends = plan.useful(state);
        let least = if state == 0 { plan.stretches.edge } else { plan.stretches.shortest };
        let longest = plan.stretches.longest;
        let (first, last) = (ends.first + least, (ends.last + longest).min(plan.len));
        self.best.clear();
        self.queue.clear();
        let mut head = 0;
        let mut entering = ends.first;
        let mut any = false;
        for start in first..=last {
            while entering <= ends.last && entering + least <= start {
                let cost = self.cost[base + entering as usize];
                if cost < NEVER {
                    while self.queue.len() > head && self.queue.last().is_some_and(|end| self.cost[base + *end as usize] >= cost) {
                        self.queue.pop();
                    }
                    self.queue.push(entering as u16);
                }
                entering += 1;
            }
            while head < self.queue.len() && u32::from(self.queue[head]) + longest < start {
                head += 1;
            }
            let found = self.queue.get(head).map_or((NEVER, 0), |end| (self.cost[base + *end as usize], *end));
            any |= found.0 < NEVER;
            let late = if state == 0 && start > self.late.0 && found.0 < NEVER { self.late.1 } else { 0 };
            self.best.push((found.0 + late, found.1));
        }
        if !any {
            self.best.clear();
        }
        first
    }

    fn trace(&self, plan: &BreakPlan, layers: usize, mut layer: usize, mut end: usize, breaks: &mut Vec<PlacedBreak>) {
        let width = plan.len as usize + 1;
        let mut state = plan.states() - 1;
        while state > 0 {
            let step = self.step[(state * layers + layer) * width + end];
            let sort = step.sort as usize;
            breaks.push(PlacedBreak { sort: u16::from(step.sort), offset: (end - plan.sorts[sort].len as usize) as u16 });
            // The state before this one is the one without a break of this sort.
            state = plan.before(state, sort);
            end = step.end as usize;
            layer = step.layer as usize;
        }
        breaks.reverse();
    }
}
