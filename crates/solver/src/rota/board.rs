//! How many people are on each queue, what one more is worth there, and how many minutes each agent has on hard queues.
//!
//! The worth of people on a queue is a sum over cells of a function that bends down, so shifts that answer one after the other to what is
//! there climb one hill: `wanted / people` for the next person (the divisors of D'Hondt: people follow what is wanted in proportion, and
//! meet it exactly where there are enough), and more where a hard queue, which nobody else serves, has too few.

use fika_model::grid::Curve;
use fika_model::request::Queue;
use fika_model::{Minute, Request, Span};

use super::line::{Line, Segment};

/// One person for a minute.
const UNIT: i64 = 1000;
/// What a person wanted on a hard queue is worth beyond the rest, in persons.
const HARD: i64 = 3;
/// What being on a closed queue costs.
const CLOSED: i64 = 100;
/// What each run costs, so that there are no more than help: two minutes of a person where it begins after a break or other work, ten where
/// it begins inside a stretch.
const RUN: i64 = 2 * UNIT;
const RUN_INSIDE: i64 = 10 * UNIT;
/// What a minute on a hard queue costs for each minute that an agent is above the mean, and from how many on no more than that.
const UNFAIR: i64 = 20;
const MOST_UNFAIR: i64 = 120;

/// The count.
pub(super) struct Board {
    step: i32,
    interval: i32,
    cells: usize,
    queues: usize,
    /// Thousandths of people wanted, per queue and interval.
    wanted: Vec<Vec<i64>>,
    open: Vec<Vec<Span>>,
    hard: Vec<Option<i32>>,
    /// Whether runs on one queue are limited, and to what.
    pub(super) most: Option<i32>,
    /// People on each queue, by cell; and those who name it, first or not.
    on: Vec<u16>,
    named: Vec<u16>,
    /// Minutes on hard queues of each agent of the roster, history included, and what would be fair.
    minutes: Vec<i64>,
    mean: i64,
}

impl Board {
    pub(super) fn new(request: &Request, wanted: &[Curve<f64>]) -> Self {
        let step = request.break_step.get() as i32;
        let cells = (request.days.span().length().get() as i32 / step) as usize;
        let queues = request.queues.len();
        let milli = |curve: &Curve<f64>| curve.values().iter().map(|people| (people * UNIT as f64).round().max(0.0) as i64).collect();
        Self {
            step,
            interval: request.interval.minutes() as i32,
            cells,
            queues,
            wanted: wanted.iter().map(milli).collect(),
            open: request.queues.iter().map(|queue| queue.hours_in(&request.days)).collect(),
            hard: request.queues.iter().map(|queue: &Queue| queue.hard_minutes_per_day.map(|most| most.get() as i32)).collect(),
            most: request.wellbeing.most_on_one_queue.map(|most| most.get() as i32),
            on: vec![0; cells * queues],
            named: vec![0; cells * queues],
            minutes: Vec::new(),
            mean: 0,
        }
    }

    /// Sets what each agent brings from before, and the mean over those who can serve a hard queue with what is wanted now.
    pub(super) fn begin(&mut self, before: Vec<i64>, sharing: &[bool]) {
        let hard = |queue: &usize| self.hard[*queue].is_some();
        let wanted: i64 =
            (0..self.queues).filter(hard).flat_map(|queue| &self.wanted[queue]).sum::<i64>() * i64::from(self.interval) / UNIT;
        let there: i64 = before.iter().zip(sharing).filter(|(_, shares)| **shares).map(|(minutes, _)| minutes).sum();
        self.mean = (there + wanted) / (sharing.iter().filter(|shares| **shares).count().max(1) as i64);
        self.minutes = before;
    }

    pub(super) const fn interval(&self) -> i32 {
        self.interval
    }

    pub(super) const fn step(&self) -> i32 {
        self.step
    }

    /// Most minutes a day, where the queue is hard.
    pub(super) fn hard(&self, queue: usize) -> Option<i32> {
        self.hard[queue]
    }

    /// Minutes of a piece in which one of these queues is open.
    pub(super) fn open_minutes(&self, queues: &[usize], piece: Span) -> i32 {
        let open = |minute: &i32| queues.iter().any(|queue| self.open[*queue].iter().any(|hours| hours.holds(Minute::new(*minute))));
        (piece.start().get()..piece.end().get()).filter(open).count() as i32
    }

    pub(super) fn hard_minutes(&self, agent: usize) -> i64 {
        self.minutes[agent]
    }

    pub(super) fn cells_of(&self, piece: Span) -> std::ops::Range<usize> {
        let first = (piece.start().get().max(0) / self.step) as usize;
        let last = (piece.end().get().max(0) / self.step) as usize;
        first.min(self.cells)..last.min(self.cells)
    }

    /// Thousandths of people wanted on a queue in a cell.
    pub(super) fn wanted(&self, queue: usize, cell: usize) -> i64 {
        let interval = cell * self.step as usize / self.interval as usize;
        self.wanted[queue].get(interval).copied().unwrap_or_default()
    }

    /// What one more person on a queue is worth in a piece; nobody on any queue first is worth nothing.
    pub(super) fn gain(&self, queue: Option<usize>, piece: Span) -> i64 {
        let Some(queue) = queue else { return 0 };
        let cell = |cell: usize| {
            let (wanted, on) = (self.wanted(queue, cell), i64::from(self.on[cell * self.queues + queue]));
            let fair = if self.most.is_some() { wanted / (on + 1) } else { 0 };
            let missing = if self.hard[queue].is_some() { (wanted - UNIT * on).clamp(0, UNIT) * HARD } else { 0 };
            let middle = Minute::new((cell as i32) * self.step);
            let closed = wanted == 0 && !self.open[queue].iter().any(|hours| hours.holds(middle));
            fair + missing - if closed { CLOSED } else { 0 }
        };
        self.cells_of(piece).map(cell).sum::<i64>() * i64::from(self.step)
    }

    /// What it costs to give an agent so many minutes on hard queues.
    pub(super) fn unfair(&self, agent: usize, more: i32) -> i64 {
        let cost = |minutes: i64| {
            let off = (minutes - self.mean).abs();
            if off <= MOST_UNFAIR { UNFAIR * off * off / 2 } else { UNFAIR * MOST_UNFAIR * (off - MOST_UNFAIR / 2) }
        };
        cost(self.minutes[agent] + i64::from(more)) - cost(self.minutes[agent])
    }

    /// What a run that begins at a segment costs beyond what it brings.
    pub(super) fn run_cost(line: &Line, begin: usize) -> i64 {
        let inside = begin > 0 && line.segments[begin - 1].activity == line.segments[begin].activity;
        if inside { RUN_INSIDE } else { RUN }
    }

    /// What the runs of a line are worth, the line itself not counted.
    pub(super) fn worth(&self, line: &Line) -> i64 {
        let segments =
            |run: &super::line::Run| line.segments[run.segments.clone()].iter().map(|s| self.gain(run.queue, s.span)).sum::<i64>();
        let gained: i64 = line.runs.iter().map(|run| segments(run) - Self::run_cost(line, run.segments.start)).sum();
        gained - self.unfair(line.agent, self.hard_of(line))
    }

    /// Takes a line off and gives back what it was worth.
    pub(super) fn lift(&mut self, line: &Line) -> i64 {
        self.leave(line);
        self.worth(line)
    }

    pub(super) fn enter(&mut self, line: &Line) {
        self.minutes[line.agent] += i64::from(self.hard_of(line));
        self.count(line, 1);
    }

    pub(super) fn leave(&mut self, line: &Line) {
        self.minutes[line.agent] -= i64::from(self.hard_of(line));
        self.count(line, -1);
    }

    /// People who are on one queue whatever the rota says.
    pub(super) fn enter_always(&mut self, queue: usize, piece: Span) {
        for cell in self.cells_of(piece) {
            self.on[cell * self.queues + queue] += 1;
        }
    }

    fn count(&mut self, line: &Line, by: i16) {
        for run in &line.runs {
            let Some(queue) = run.queue else { continue };
            for Segment { span, .. } in &line.segments[run.segments.clone()] {
                for cell in self.cells_of(*span) {
                    let at = cell * self.queues + queue;
                    self.on[at] = self.on[at].wrapping_add_signed(by);
                }
            }
        }
    }

    /// Minutes that the runs of a line are on hard queues.
    fn hard_of(&self, line: &Line) -> i32 {
        let hard = line.runs.iter().filter(|run| run.queue.is_some_and(|queue| self.hard[queue].is_some()));
        hard.map(|run| line.minutes(&run.segments)).sum()
    }

    /// Counts who names a hard queue first.
    pub(super) fn begin_naming(&mut self) {
        self.named.clone_from(&self.on);
    }

    /// People who name a queue in a cell.
    pub(super) fn named(&self, queue: usize, cell: usize) -> i64 {
        i64::from(self.named[cell * self.queues + queue])
    }

    /// One more agent names a hard queue in a piece.
    pub(super) fn name(&mut self, agent: usize, queue: usize, piece: Span) {
        self.minutes[agent] += i64::from(piece.length().get());
        for cell in self.cells_of(piece) {
            self.named[cell * self.queues + queue] += 1;
        }
    }
}
