//! The history of one queue as local days of equal slots.

use std::collections::BTreeMap;

use fika_model::calendar::Date;
use fika_model::people::WallWindow;
use fika_model::{DayMap, IntervalCounters, IntervalKey, IntervalLength, QueueId, Timestamp, Weekday};

const MINUTES_A_DAY: u32 = 1440;

/// A local day on which calls came.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Day {
    pub(crate) date: Date,
    /// Calls offered per slot.
    pub(crate) calls: Vec<f64>,
    /// Their sum.
    pub(crate) total: f64,
}

impl Day {
    pub(crate) fn weekday(&self) -> usize {
        index_of(self.date.weekday())
    }
}

/// Monday is 0.
pub(crate) fn index_of(weekday: Weekday) -> usize {
    weekday.to_monday_zero_offset() as usize
}

/// Days from `earlier` to `later`; negative when it is the later one.
pub(crate) fn days_between(earlier: Date, later: Date) -> i64 {
    earlier.until(later).map_or(0, |span| i64::from(span.get_days()))
}

/// Sums over hours of the day, and over the whole.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Handled {
    pub(crate) calls: f64,
    pub(crate) seconds: f64,
    pub(crate) square_seconds: f64,
}

impl Handled {
    pub(crate) fn add(&mut self, other: &Self, weight: f64) {
        self.calls += weight * other.calls;
        self.seconds += weight * other.seconds;
        self.square_seconds += weight * other.square_seconds;
    }
}

/// What one queue's history tells.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct History {
    /// In order of date; days without any call are not among them.
    pub(crate) days: Vec<Day>,
    /// Handled calls by date and hour of the day.
    pub(crate) handled: BTreeMap<(Date, usize), Handled>,
    /// Waiting time of all callers, in seconds, and how many abandoned.
    pub(crate) wait_s: f64,
    pub(crate) abandoned: f64,
}

/// The slots of a day.
pub(crate) fn slots(interval: IntervalLength) -> usize {
    (MINUTES_A_DAY / interval.minutes()) as usize
}

/// The calls of a queue before an instant, by local day and slot of `interval`. Several counters of one cell add up; a cell
/// that is longer than a slot is shared out evenly.
pub(crate) fn history(
    cells: &[(IntervalKey, IntervalCounters)],
    queue: &QueueId,
    until: Timestamp,
    days: &DayMap,
    interval: IntervalLength,
) -> History {
    let mut found = History::default();
    let mut calls: BTreeMap<Date, Vec<f64>> = BTreeMap::new();
    for (key, counters) in cells.iter().filter(|(key, _)| key.queue == *queue && key.start < until) {
        let (date, minute) = days.wall_at(days.minute_of(key.start));
        if counters.offered > 0 {
            let day = calls.entry(date).or_insert_with(|| vec![0.0; slots(interval)]);
            share_out(day, minute, key.length, interval, counters.offered as f64);
        }
        if counters.handled > 0 {
            let hour = found.handled.entry((date, (minute / 60) as usize)).or_default();
            hour.calls += counters.handled as f64;
            hour.seconds += (counters.talk_ms + counters.hold_ms + counters.wrapup_ms) as f64 / 1000.0;
            hour.square_seconds += counters.handle_s_squared as f64;
        }
        found.wait_s += (counters.answered_wait_ms + counters.abandoned_wait_ms) as f64 / 1000.0;
        found.abandoned += counters.abandoned as f64;
    }
    found.days = calls.into_iter().map(|(date, calls)| Day { date, total: calls.iter().sum(), calls }).collect();
    found
}

fn share_out(day: &mut [f64], minute: u32, length: IntervalLength, interval: IntervalLength, calls: f64) {
    let first = (minute / interval.minutes()) as usize;
    let pieces = (length.minutes().div_ceil(interval.minutes()) as usize).max(1);
    for slot in first..first + pieces {
        // A cell that passes midnight, in a zone off the hour, stays with its day.
        let slot = slot.min(day.len() - 1);
        day[slot] += calls / pieces as f64;
    }
}

/// Which slots of each weekday are open, Monday first; without hours all are. A window that passes midnight opens slots of the next day.
pub(crate) fn open_slots(hours: &[WallWindow], interval: IntervalLength) -> [Vec<bool>; 7] {
    let count = slots(interval);
    let mut open: [Vec<bool>; 7] = std::array::from_fn(|_| vec![hours.is_empty(); count]);
    for window in hours {
        for weekday in window.weekdays.iter() {
            let first = (window.from_minute / interval.minutes()) as usize;
            let last = window.to_minute.div_ceil(interval.minutes()) as usize;
            for slot in first..last {
                open[(index_of(weekday) + slot / count) % 7][slot % count] = true;
            }
        }
    }
    open
}
