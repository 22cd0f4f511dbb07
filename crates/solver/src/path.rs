//! The best legal sequence of days for one agent: off, or one of the choices of the day.
//!
//! Labels run from day to day and carry what the rules need to know: paid minutes and shifts of the week, days touched, days
//! in a row, the end of the last shift, whether the week has had its rest. A label that another one beats in all of that is dropped,
//! so the result is exact. Rules read here: week's paid minutes, shifts a week, days off, days in a row, rest between
//! shifts, weekly rest, shifts that stand; averages, weekends, nights, rotation and starts of a week are [`load`]'s. Absent on purpose: what a shift is worth (the caller says) and what lies inside it.

use crate::problem::{Person, Problem};

mod load;

use load::Load;

/// A shift that may be worked on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Number of the option.
    pub(crate) option: u32,
    pub(crate) value: i64,
    /// Minutes of the horizon.
    pub(crate) start: i32,
    pub(crate) end: i32,
    /// Paid minutes.
    pub(crate) paid: i32,
}

/// What may be done on one day.
#[derive(Debug, Clone, Default)]
pub(crate) struct DayChoices {
    pub(crate) choices: Vec<Choice>,
    /// The value of a day off, where that is a choice.
    pub(crate) off: Option<i64>,
    /// No choice of the day, shown now or later, begins earlier (minutes of the horizon).
    pub(crate) earliest: i32,
    /// None pays more minutes.
    pub(crate) longest: i32,
}

impl DayChoices {
    /// These choices and no others later.
    pub(crate) fn of(choices: Vec<Choice>, off: Option<i64>) -> Self {
        let earliest = choices.iter().map(|choice| choice.start).min().unwrap_or(i32::MAX);
        let longest = choices.iter().map(|choice| choice.paid).max().unwrap_or(0);
        Self { choices, off, earliest, longest }
    }
}

#[derive(Debug, Clone, Copy)]
struct Label {
    value: i64,
    /// Paid minutes of the week so far.
    paid: i32,
    last_end: i32,
    shifts: u8,
    touched: u8,
    row: u16,
    rested: bool,
    load: Load,
    before: u32,
    /// Position in the day's choices; [`OFF`] for none.
    choice: u32,
    /// The next label of the same bucket.
    next: u32,
    beaten: bool,
}

const OFF: u32 = u32::MAX;
const END: u32 = u32::MAX;

/// Working memory of the label programme.
#[derive(Debug, Default)]
pub(crate) struct Pathfinder {
    /// Whether ends of shifts that differ by less than three hours may count as equal as far as the weekly rest is concerned.
    coarse: bool,
    labels: Vec<Label>,
    /// First label before each day, and the one after the last label; one more than days.
    layers: Vec<usize>,
    ends: Vec<usize>,
    buckets: Vec<u32>,
    used: Vec<usize>,
    /// Earliest start that matters for the rest after each day.
    earliest: Vec<i32>,
    /// Most paid minutes that a single shift of the days from here on to the week's end can bring.
    longest: Vec<i32>,
}

/// Minutes within which ends of shifts are not told apart.
const COARSE: i32 = 180;

impl Pathfinder {
    /// A programme that may miss the best path where only the weekly rest makes it so, and is faster. Every path it gives is legal.
    pub(crate) fn coarse() -> Self {
        Self { coarse: true, ..Self::default() }
    }

    /// The best legal path; per day the position of the choice, or `None` for a day off. `None` when no path is legal.
    ///
    /// Only days from `changed` on differ from the call before; pass 0 for another person or other rules.
    pub(crate) fn best(
        &mut self,
        problem: &Problem,
        person: &Person,
        days: &[DayChoices],
        changed: usize,
        path: &mut Vec<Option<usize>>,
    ) -> Option<i64> {
        if changed == 0 || self.layers.len() <= changed {
            self.begin(person, days);
        }
        let known = (self.layers.len() - 1).min(changed);
        self.layers.truncate(known + 1);
        self.labels.truncate(self.ends[known]);
        self.ends.truncate(known + 1);
        for (day, today) in days.iter().enumerate().skip(known) {
            let (from, to) = (self.layers[day], self.labels.len());
            for number in from..to {
                if !self.labels[number].beaten {
                    self.leave(problem, person, day, today, number);
                }
            }
            for bucket in self.used.drain(..) {
                self.buckets[bucket] = END;
            }
            if self.labels.len() == to {
                return None;
            }
            self.layers.push(to);
            self.ends.push(self.labels.len());
        }
        let last = self.layers[days.len()];
        let alive = (last..self.labels.len()).filter(|n| !self.labels[*n].beaten);
        let best = alive.max_by_key(|n| (self.labels[*n].value, std::cmp::Reverse(*n)))?;
        path.clear();
        path.resize(days.len(), None);
        let mut number = best;
        for day in (0..days.len()).rev() {
            let label = &self.labels[number];
            path[day] = (label.choice != OFF).then_some(label.choice as usize);
            number = label.before as usize;
        }
        Some(self.labels[best].value)
    }

    fn begin(&mut self, person: &Person, days: &[DayChoices]) {
        self.labels.clear();
        self.layers.clear();
        self.ends.clear();
        self.labels.push(Label {
            value: 0,
            paid: 0,
            last_end: person.last_end,
            shifts: 0,
            touched: 0,
            row: person.days_before.min(u32::from(u16::MAX)) as u16,
            rested: false,
            load: Load::start(person),
            before: END,
            choice: OFF,
            next: END,
            beaten: false,
        });
        self.layers.push(0);
        self.ends.push(1);
        let mut earliest = i32::MAX;
        self.earliest.clear();
        self.earliest.resize(days.len(), i32::MAX);
        self.longest.clear();
        self.longest.resize(days.len() + 1, 0);
        for day in (0..days.len()).rev() {
            // What ends so early that even the earliest later shift is not held up by it ends early enough.
            self.earliest[day] = earliest;
            earliest = earliest.min(days[day].earliest);
            let later = if (day + 1) % 7 == 0 { 0 } else { self.longest[day + 1] };
            self.longest[day] = days[day].longest.max(later);
        }
    }

    /// Everything that may follow a label on a day.
    fn leave(&mut self, problem: &Problem, person: &Person, day: usize, today: &DayChoices, number: usize) {
        let label = self.labels[number];
        let (week, _) = problem.week_of(day);
        let limits = &person.weeks[week];
        let reached = label.last_end > problem.days[day].start;
        if let Some(value) = today.off.filter(|_| !person.limits.must(day))
            && let Some(load) = label.load.after_day(problem, person, day, reached, None)
        {
            let next = Label {
                value: label.value + value,
                touched: label.touched + u8::from(reached),
                row: 0,
                load,
                before: number as u32,
                choice: OFF,
                ..label
            };
            self.arrive(problem, person, day, next);
        }
        if u32::from(label.shifts) >= limits.shifts || u32::from(label.row) >= person.most_consecutive {
            return;
        }
        let week_start = problem.days[week * 7].start;
        for (position, choice) in today.choices.iter().enumerate() {
            if choice.start < label.last_end.saturating_add(person.rest) || label.paid + choice.paid > limits.most {
                continue;
            }
            let Some(load) = label.load.after_day(problem, person, day, reached, Some(choice)) else { continue };
            let gap = choice.start - label.last_end.max(week_start);
            let next = Label {
                value: label.value + choice.value,
                paid: label.paid + choice.paid,
                last_end: choice.end,
                shifts: label.shifts + 1,
                touched: label.touched + 1,
                row: label.row.saturating_add(1),
                rested: label.rested || gap >= limits.rest,
                load,
                before: number as u32,
                choice: position as u32,
                next: END,
                beaten: false,
            };
            self.arrive(problem, person, day, next);
        }
    }

    /// Takes a label into the layer after `day` unless a rule forbids it or another label beats it.
    fn arrive(&mut self, problem: &Problem, person: &Person, day: usize, mut label: Label) {
        let (week, _) = problem.week_of(day);
        let limits = &person.weeks[week];
        if u32::from(label.touched) > limits.touched {
            return;
        }
        label.rested |= limits.rest <= 0;
        let last = day + 1 == problem.week_days(week).end;
        let left = problem.week_days(week).end - day - 1;
        let shifts_left = limits.shifts.saturating_sub(u32::from(label.shifts)).min(left as u32) as i32;
        let longest = if last { 0 } else { self.longest[day + 1] };
        if label.paid + shifts_left * longest < limits.least {
            return;
        }
        if last {
            let gap = problem.days[day].end - label.last_end.max(problem.days[week * 7].start);
            if !label.rested && gap < limits.rest {
                return;
            }
            label.paid = 0;
            label.shifts = 0;
            label.touched = 0;
            label.rested = false;
            if !label.load.end_week(problem, person, week) {
                return;
            }
        }
        self.keep(problem, person, day, label);
    }

    fn keep(&mut self, problem: &Problem, person: &Person, day: usize, mut label: Label) {
        let unit = problem.step.max(1) as i32;
        let bucket = (label.paid / unit) as usize * 8 + usize::from(label.shifts.min(7));
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 64, END);
        }
        let matters = self.earliest[day].saturating_sub(person.rest).min(problem.days[day].end);
        let mut at = self.buckets[bucket];
        while at != END {
            let other = self.labels[at as usize];
            if !other.beaten {
                if self.beats(&other, &label, matters) {
                    return;
                }
                if self.beats(&label, &other, matters) {
                    self.labels[at as usize].beaten = true;
                }
            }
            at = other.next;
        }
        if self.buckets[bucket] == END {
            self.used.push(bucket);
        }
        label.next = self.buckets[bucket];
        label.beaten = false;
        self.buckets[bucket] = self.labels.len() as u32;
        self.labels.push(label);
    }

    /// Whether the first label is at least as good as the second in everything that may come.
    fn beats(&self, a: &Label, b: &Label, matters: i32) -> bool {
        if a.value < b.value || a.touched > b.touched || a.row > b.row || (!a.rested && b.rested) || !a.load.is_no_worse(&b.load) {
            return false;
        }
        // Before `matters` the rest between shifts cannot bind; the weekly rest still counts from the true end.
        let early = a.last_end <= matters && (a.rested || (self.coarse && a.last_end.div_euclid(COARSE) <= b.last_end.div_euclid(COARSE)));
        a.last_end <= b.last_end || early
    }
}

#[cfg(test)]
mod tests;
