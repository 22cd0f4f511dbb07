//! A lower bound on the shortfall: the requirement relaxed with prices, each agent priced alone.
//!
//! Each interval of each pool has a price between nothing and one short person. For any prices, what the requirement is worth less the
//! most that each agent alone can earn is a bound: no roster is fewer person-cells short. Agents earn by the same programmes as in the
//! search, without company and without rest between days, so it is a relaxation; agents who may work the same are priced once. `HiGHS`
//! suggests the prices where the request is small (see [`master`]), ascent along slopes where it is large (see [`ascent`]); the bound
//! rests on integer arithmetic here alone, whatever they suggest.

use std::collections::BTreeMap;

use crate::company::Placed;
use crate::problem::{LONG_AGO, Limits, Person, Problem};
use crate::respond::Responder;
use crate::state::State;

mod ascent;
mod master;

use ascent::Ascent;
use master::Master;

/// The price of one person-cell.
const WHOLE: f64 = 4096.0;
/// The share of the best prices in those that are tried next; the rest is `HiGHS`'s suggestion.
const STEADY: f64 = 0.5;
/// Rows of the master programme (a few days of one pool) above which it takes too long, and prices ascend by slopes instead.
const MOST_ROWS: usize = 250;

/// Agents who may work the same.
struct Alike {
    person: Person,
    count: i64,
}

/// What an answer of some agents covers: cells by row of the master programme.
type Cover = Vec<(u32, f64)>;

/// The best bound so far, and what is needed to raise it.
pub(crate) struct Bound<'p> {
    problem: &'p Problem,
    alike: Vec<Alike>,
    /// Which of `alike` each person is one of.
    kinds: Vec<usize>,
    /// Person-cells required in each row (pool and interval with a requirement), and the row of each pool's cells.
    required: Vec<i64>,
    rows: Vec<Vec<Option<u32>>>,
    responder: Responder,
    guide: Guide,
    best_prices: Vec<f64>,
    best_value: f64,
    finished: bool,
}

/// Who suggests prices.
enum Guide {
    /// Nobody yet.
    Nobody,
    Programme(Master),
    Slopes(Ascent),
}

impl<'p> Bound<'p> {
    pub(crate) fn new(problem: &'p Problem) -> Self {
        let mut numbers = BTreeMap::new();
        let mut alike: Vec<Alike> = Vec::new();
        let mut kinds = Vec::new();
        for person in &problem.people {
            let key = (person.group, &person.lists, &person.weeks, person.most_consecutive, person.days_before);
            let number = *numbers.entry(key).or_insert(alike.len());
            if number == alike.len() {
                alike.push(Alike { person: relaxed(person), count: 0 });
            }
            alike[number].count += 1;
            kinds.push(number);
        }
        let per = (problem.request.interval.minutes() / problem.step) as usize;
        let mut required = Vec::new();
        let mut rows = Vec::new();
        for pool in &problem.pools {
            let mut row_of: Vec<Option<u32>> = vec![None; problem.cells];
            for from in (0..problem.horizon_cells).step_by(per) {
                let sum: i64 = pool.required[from..from + per].iter().map(|people| i64::from(*people)).sum();
                if sum > 0 {
                    row_of[from..from + per].fill(Some(required.len() as u32));
                    required.push(sum);
                }
            }
            rows.push(row_of);
        }
        let best_prices = vec![WHOLE; required.len()];
        let finished = required.is_empty() || problem.narrowed;
        let responder = Responder::default();
        Self { problem, alike, kinds, required, rows, responder, guide: Guide::Nobody, best_prices, best_value: 0.0, finished }
    }

    /// Person-cells that every roster is short of.
    pub(crate) fn cells(&self) -> u64 {
        (self.best_value / WHOLE).ceil().max(0.0) as u64
    }

    /// Whether nothing more can be gained.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// What an iteration costs, in steps of the search.
    pub(crate) fn steps_an_iteration(&self) -> u64 {
        self.alike.len() as u64
    }

    /// One iteration: a bound at the prices that are suggested, and the answers that reach it handed to who suggests. The first takes
    /// all prices as whole: what the hours alone give.
    pub(crate) fn iterate(&mut self, state: &State<'_>) {
        match std::mem::replace(&mut self.guide, Guide::Nobody) {
            Guide::Nobody => self.begin(state),
            Guide::Programme(master) => self.ask_programme(master),
            Guide::Slopes(ascent) => self.follow_slopes(ascent, state),
        }
    }

    fn begin(&mut self, state: &State<'_>) {
        let prices = self.best_prices.clone();
        let (value, covers) = self.value(&prices);
        self.best_value = value;
        if self.required.len() + self.alike.len() > MOST_ROWS {
            self.guide = Guide::Slopes(Ascent::new(self.prices_of(state)));
            return;
        }
        let mut master = Master::new(&self.required, &self.alike.iter().map(|alike| alike.count).collect::<Vec<_>>());
        for (person, kind) in self.kinds.iter().enumerate() {
            master.add(*kind, &self.cover_in(state, person));
        }
        covers.iter().enumerate().for_each(|(kind, cover)| master.add(kind, cover));
        self.guide = Guide::Programme(master);
    }

    fn ask_programme(&mut self, mut master: Master) {
        let suggested = master.prices().filter(|(_, limit)| limit * WHOLE - self.best_value >= WHOLE / 2.0);
        let Some((suggested, _)) = suggested else {
            self.finished = true;
            return;
        };
        let between = |(best, new): (&f64, &f64)| (STEADY * best + (1.0 - STEADY) * new * WHOLE).clamp(0.0, WHOLE);
        let prices: Vec<f64> = self.best_prices.iter().zip(&suggested).map(between).collect();
        let (value, covers) = self.value(&prices);
        self.keep(value, &prices);
        covers.iter().enumerate().for_each(|(kind, cover)| master.add(kind, cover));
        self.guide = Guide::Programme(master);
    }

    fn follow_slopes(&mut self, mut ascent: Ascent, state: &State<'_>) {
        let prices = ascent.prices().to_vec();
        let (value, covers) = self.value(&prices);
        self.keep(value, &prices);
        let mut slope: Vec<f64> = self.required.iter().map(|cells| *cells as f64).collect();
        for (cover, alike) in covers.iter().zip(&self.alike) {
            for (row, cells) in cover {
                slope[*row as usize] -= cells * alike.count as f64;
            }
        }
        ascent.learn(value, &slope, state.coverage.short_cells() as f64);
        self.guide = Guide::Slopes(ascent);
    }

    fn keep(&mut self, value: f64, prices: &[f64]) {
        if value > self.best_value {
            self.best_value = value;
            self.best_prices = prices.to_vec();
        }
    }

    /// Prices as a roster suggests them: whole where it is short or just enough, less with each person to spare.
    fn prices_of(&self, state: &State<'_>) -> Vec<f64> {
        let mut spare = vec![0.0; self.required.len()];
        for (pool, row_of) in self.rows.iter().enumerate() {
            for (cell, row) in row_of.iter().enumerate() {
                if let Some(row) = row {
                    let required = self.problem.pools[pool].required[cell];
                    spare[*row as usize] += f64::from(state.coverage.filled(pool, cell).saturating_sub(required));
                }
            }
        }
        let price = |(spare, required): (f64, &i64)| if spare > 0.0 { WHOLE * (1.0 - spare / *required as f64).max(0.0) } else { WHOLE };
        spare.into_iter().zip(&self.required).map(price).collect()
    }

    /// The bound at some prices in units of [`WHOLE`] a person-cell, and what the answers of each kind of agent cover.
    fn value(&mut self, prices: &[f64]) -> (f64, Vec<Cover>) {
        let problem = self.problem;
        let whole: Vec<i64> = prices.iter().map(|price| price.floor() as i64).collect();
        let price = |pool: usize, cell: usize| self.rows[pool][cell].map_or(0, |row| whole[row as usize]);
        let mut value: i64 = self.required.iter().zip(&whole).map(|(required, price)| required * price).sum();
        let best_of = |pools: &Vec<u16>| -> (Vec<i64>, Vec<u16>) {
            let best = |cell: usize| {
                pools.iter().map(|p| (price(usize::from(*p), cell), *p)).max_by_key(|(price, p)| (*price, std::cmp::Reverse(*p)))
            };
            (0..problem.cells).map(|cell| best(cell).unwrap_or((0, 0))).unzip()
        };
        let by_group: Vec<(Vec<i64>, Vec<u16>)> = problem.groups.iter().map(best_of).collect();
        let mut covers = Vec::new();
        for alike in &self.alike {
            let (prices, pools) = &by_group[alike.person.group as usize];
            let (most, shifts) = self.responder.most(problem, &alike.person, prices);
            value -= alike.count * most;
            let serves = !problem.groups[alike.person.group as usize].is_empty();
            let placed = shifts.iter().filter(|_| serves).map(|(_, placed)| placed);
            covers.push(cover(problem, &self.rows, placed, |cell| usize::from(pools[cell])));
        }
        (value as f64, covers)
    }

    /// What a person covers in a roster, in the first of her pools.
    fn cover_in(&self, state: &State<'_>, person: usize) -> Cover {
        let problem = self.problem;
        let pools = &problem.groups[problem.people[person].group as usize];
        let placed = (0..problem.day_count()).filter_map(|day| state.placed(person, day));
        let Some(pool) = pools.first() else { return Vec::new() };
        cover(problem, &self.rows, placed, |_| usize::from(*pool))
    }
}

/// The agent without rest between days: shifts touch only their own day.
fn relaxed(person: &Person) -> Person {
    let mut relaxed = person.clone();
    relaxed.rest = 0;
    relaxed.last_end = LONG_AGO;
    relaxed.limits = Limits::default();
    for week in &mut relaxed.weeks {
        week.rest = 0;
    }
    relaxed
}

/// Cells worked by row, each counted for one pool.
fn cover<'a>(
    problem: &Problem,
    rows: &[Vec<Option<u32>>],
    shifts: impl Iterator<Item = &'a Placed>,
    pool: impl Fn(usize) -> usize,
) -> Cover {
    let mut cells: BTreeMap<u32, f64> = BTreeMap::new();
    for placed in shifts {
        let mut count = |cell: usize| {
            if let Some(row) = rows[pool(cell)][cell] {
                *cells.entry(row).or_default() += 1.0;
            }
        };
        let mut at = placed.cells(problem).start;
        for (away, _) in placed.break_cells(problem) {
            (at..away.start).for_each(&mut count);
            at = away.end;
        }
        (at..placed.cells(problem).end).for_each(&mut count);
    }
    cells.into_iter().collect()
}
