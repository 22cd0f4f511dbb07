//! Counting: events of the assigned partitions in, changed counters and changed state out.
//!
//! Each partition has a fold of its own, because only within a partition do watermarks mean anything, and because a
//! partition may move to another process with its state. So the counters of a cell are *parts*, one a partition, and a
//! part must never be written under the key of another: [`Part::counter_key`] makes the record's key. Readers add the parts
//! up: a record replaces the one with the same key, never another part of the same cell.
//! Invariant: effects of a step and the offsets of its events are committed together, or the machine is thrown away, or, where it is
//! certain that nothing was committed, it takes its effects back. Then the events come again, and tell nothing new.

use std::collections::BTreeMap;

use fika_model::event::{CallEventKind, EpochMs, Event, timestamp_of};
use fika_model::fault::{Fault, FaultCode};
use fika_model::{IntervalCounters, IntervalKey};
use fika_stats::{Fold, OpenState, Outcome, Settings};
use thiserror::Error;

mod key;
mod rebuild;

pub use key::{KeyError, Part, StateRecordKey, Stream};
pub use rebuild::{Rebuild, RebuildError};

/// How events are taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IngestSettings {
    /// How they are counted.
    pub fold: Settings,
    /// An event further ahead of the clock than this, in milliseconds, is refused: its time would make all others too late.
    pub most_ahead_ms: i64,
}

impl Default for IngestSettings {
    /// The fold's defaults; a day ahead.
    fn default() -> Self {
        Self { fold: Settings::default(), most_ahead_ms: 24 * 60 * 60 * 1000 }
    }
}

/// Events came of a partition that was not assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("events of {part}, which is not assigned here")]
pub struct Unassigned {
    /// The partition.
    pub part: Part,
}

/// A partition's part of the counters of a cell, with its full new value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The partition. It belongs into the key of the record: see [`Part::counter_key`].
    pub part: Part,
    /// The cell.
    pub cell: IntervalKey,
    /// The part's counters.
    pub counters: IntervalCounters,
}

/// What is to be made durable, together with the offsets of the events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IngestEffects {
    /// Counters that changed, by part and cell.
    pub counters: Vec<Counted>,
    /// State that changed, as [`OpenState::encode`] gives it; `None` deletes it: the call or agent is closed.
    pub states: Vec<(StateRecordKey, Option<Vec<u8>>)>,
    /// Events that were refused, by their position in the batch: set them aside.
    pub refused: Vec<(usize, Fault)>,
    /// How many events came to what.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Call events that came too late, by kind.
    pub late_calls: BTreeMap<CallEventKind, u64>,
    /// Agent events that came too late.
    pub late_agents: u64,
}

/// The counting machine.
#[derive(Debug)]
pub struct Ingest {
    settings: IngestSettings,
    folds: BTreeMap<Part, Fold>,
    /// Effects that were taken back.
    owed_counters: BTreeMap<(Part, IntervalKey), IntervalCounters>,
    owed_states: BTreeMap<StateRecordKey, Option<Vec<u8>>>,
}

impl Ingest {
    /// A machine to which nothing is assigned.
    pub fn new(settings: IngestSettings) -> Self {
        Self { settings, folds: BTreeMap::new(), owed_counters: BTreeMap::new(), owed_states: BTreeMap::new() }
    }

    /// Takes up partitions with the state that they were left in.
    pub fn assign(&mut self, rebuild: Rebuild) {
        for (part, states, counters) in rebuild.into_parts() {
            self.revoke(part);
            self.folds.insert(part, Fold::restore(self.settings.fold, states, counters));
        }
    }

    /// Gives up a partition. What was not committed is another's to count again.
    pub fn revoke(&mut self, part: Part) {
        self.folds.remove(&part);
        self.owed_counters.retain(|(owing, _), _| *owing != part);
        self.owed_states.retain(|key, _| key.part != part);
    }

    /// Takes back the effects of the last step, of which nothing was committed. They come again with the next step's, unless their
    /// partition is given up before; refused events come again by themselves.
    pub fn take_back(&mut self, effects: IngestEffects) {
        self.owed_counters.extend(effects.counters.into_iter().map(|Counted { part, cell, counters }| ((part, cell), counters)));
        self.owed_states.extend(effects.states);
    }

    /// The partitions assigned, in order.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        self.folds.keys().copied()
    }

    /// Calls remembered, in all partitions.
    pub fn open_calls(&self) -> usize {
        self.folds.values().map(Fold::open_calls).sum()
    }

    /// The greatest event time that all assigned partitions with any events have passed; how far counting has come.
    pub fn watermark_ms(&self) -> Option<EpochMs> {
        self.folds.values().filter_map(|fold| fold.watermarks().calls.or(fold.watermarks().agents)).min()
    }

    /// Takes in a batch in the order of the partitions' offsets; `now_ms` is the clock.
    pub fn step(&mut self, now_ms: EpochMs, batch: &[(Part, Event)]) -> Result<IngestEffects, Unassigned> {
        let mut effects = IngestEffects::default();
        if let Some((part, _)) = batch.iter().find(|(part, _)| !self.folds.contains_key(part)) {
            return Err(Unassigned { part: *part });
        }
        for (position, (part, event)) in batch.iter().enumerate() {
            if let Some(fault) = self.ahead(now_ms, event) {
                effects.refused.push((position, fault));
            } else if let Some(fold) = self.folds.get_mut(part) {
                effects.count(fold.apply(event), event);
            }
        }
        for (part, fold) in &mut self.folds {
            let changes = fold.take_counters();
            let counted = |(cell, counters)| Counted { part: *part, cell, counters };
            effects.counters.extend(changes.calls.into_iter().chain(changes.agents).map(counted));
            let states = fold.take_states().into_iter();
            effects.states.extend(states.map(|(key, state)| (StateRecordKey { part: *part, key }, state.as_ref().map(OpenState::encode))));
        }
        self.settle_debts(&mut effects);
        Ok(effects)
    }

    /// Adds what was taken back and has not changed since.
    fn settle_debts(&mut self, effects: &mut IngestEffects) {
        for counted in &effects.counters {
            self.owed_counters.remove(&(counted.part, counted.cell.clone()));
        }
        for (key, _) in &effects.states {
            self.owed_states.remove(key);
        }
        let owed = std::mem::take(&mut self.owed_counters).into_iter();
        effects.counters.extend(owed.map(|((part, cell), counters)| Counted { part, cell, counters }));
        effects.states.extend(std::mem::take(&mut self.owed_states));
    }

    fn ahead(&self, now_ms: EpochMs, event: &Event) -> Option<Fault> {
        let at_ms = event.latest_ms();
        let is_ahead = at_ms > now_ms.saturating_add(self.settings.most_ahead_ms);
        let cause = || format!("{} lies ahead of the clock, which shows {}", timestamp_of(at_ms), timestamp_of(now_ms));
        is_ahead.then(|| Fault::new(FaultCode::BadTime, "time", cause()))
    }
}

impl IngestEffects {
    fn count(&mut self, outcome: Outcome, event: &Event) {
        *self.outcomes.entry(outcome).or_default() += 1;
        match (outcome, event) {
            (Outcome::TooLate(_), Event::Call(call)) => *self.late_calls.entry(call.kind).or_default() += 1,
            (Outcome::TooLate(_), Event::Agent(_)) => self.late_agents += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
