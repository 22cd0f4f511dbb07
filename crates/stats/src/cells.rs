//! The counters that can still change, by interval and queue, and which of them did.

use std::collections::BTreeMap;

use fika_model::event::{EpochMs, timestamp_of};
use fika_model::{IntervalCounters, IntervalKey};

use crate::queues::Queues;
use crate::settings::Settings;

#[derive(Debug, Default)]
struct Cell {
    counters: IntervalCounters,
    changed: bool,
}

/// Counters by start of interval and queue number.
#[derive(Debug)]
pub(crate) struct Cells {
    settings: Settings,
    live: BTreeMap<(EpochMs, u32), Cell>,
    changed: Vec<(EpochMs, u32)>,
}

impl Cells {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, live: BTreeMap::new(), changed: Vec::new() }
    }

    fn touch(&mut self, queue: u32, slot: EpochMs) -> &mut IntervalCounters {
        let cell = self.live.entry((slot, queue)).or_default();
        if !cell.changed {
            cell.changed = true;
            self.changed.push((slot, queue));
        }
        &mut cell.counters
    }

    /// Adds counters to a cell, `sign` times.
    pub(crate) fn add(&mut self, queue: u32, slot: EpochMs, counters: &IntervalCounters, sign: i64) {
        self.touch(queue, slot).accumulate(counters, sign);
    }

    /// Adds an agent's staffed time between two instants to the cells that it passes, `sign` times.
    pub(crate) fn add_staffed(&mut self, queue: u32, from: EpochMs, to: EpochMs, idle: bool, sign: i64) {
        let mut at = from;
        while at < to {
            let slot = self.settings.slot(at);
            let next = to.min(slot + self.settings.interval_ms());
            let counters = self.touch(queue, slot);
            counters.staffed_ms += sign * (next - at);
            counters.idle_ms += if idle { sign * (next - at) } else { 0 };
            at = next;
        }
    }

    /// Puts back what was counted before; not a change.
    pub(crate) fn restore(&mut self, queue: u32, slot: EpochMs, counters: IntervalCounters) {
        self.live.insert((slot, queue), Cell { counters, changed: false });
    }

    /// The cells that changed since the last call, in the order of queue and time; then forgets those that end at `frozen` or before.
    pub(crate) fn take(&mut self, queues: &Queues, frozen: Option<EpochMs>) -> Vec<(IntervalKey, IntervalCounters)> {
        let mut taken = Vec::with_capacity(self.changed.len());
        for (slot, queue) in self.changed.drain(..) {
            let (Some(cell), Some(name)) = (self.live.get_mut(&(slot, queue)), queues.name(queue)) else { continue };
            cell.changed = false;
            let key = IntervalKey { queue: name.clone(), start: timestamp_of(slot), length: self.settings.interval };
            taken.push((key, cell.counters));
        }
        taken.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        if let Some(frozen) = frozen {
            let first_live = frozen - self.settings.interval_ms() + 1;
            self.live = self.live.split_off(&(first_live, 0));
        }
        taken
    }

    /// How many cells are remembered.
    pub(crate) fn len(&self) -> usize {
        self.live.len()
    }
}
