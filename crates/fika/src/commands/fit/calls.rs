//! Calls put together from their events, and what each tells of patience and handling time.
//!
//! Invariant: order and repetition of events change nothing. A call is kept as the set of what was told about it, and read at the end
//! by the same fold that counts intervals, so that a wait here is a wait there: transfers, holds, lost events and all. Nothing is ever
//! too late, at the price of some 350 bytes a call.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use fika_model::event::{CallEvent, CallEventKind, EpochMs, Event};
use fika_model::{AgentId, CallId, IntervalCounters, QueueId};
use fika_staffing::Wait;
use fika_stats::{Fold, Settings};

/// A call of more events than this is a fault of the feed; further ones are counted and left out, as they are in the service.
const MOST_EVENTS: usize = 256;

/// What one event tells of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    at_ms: EpochMs,
    kind: CallEventKind,
    /// Source and event id, hashed.
    event: u64,
    /// The agent, hashed.
    agent: Option<u64>,
    queue: Option<u32>,
    wait_ms: Option<i32>,
    talk_ms: Option<i32>,
    hold_ms: Option<i32>,
    wrapup_ms: Option<i32>,
    answered: Option<bool>,
}

/// Calls by id.
#[derive(Debug, Default)]
pub(super) struct Calls {
    by_id: BTreeMap<CallId, Vec<Told>>,
    numbers: BTreeMap<QueueId, u32>,
    queues: Vec<QueueId>,
    /// Events of calls that had too many.
    pub(super) excess: u64,
}

/// Which calls are looked at, by the instant of their first event.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    /// None before this.
    pub(super) from_ms: Option<EpochMs>,
    /// This and none after it.
    pub(super) to_ms: Option<EpochMs>,
}

impl Window {
    fn holds(self, at_ms: EpochMs) -> bool {
        self.from_ms.is_none_or(|from| from <= at_ms) && self.to_ms.is_none_or(|to| at_ms < to)
    }
}

/// What the calls of a queue, or of several, tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Observed {
    /// How each wait ended.
    pub(super) waits: Vec<Wait>,
    /// Handling times above 0, in seconds.
    pub(super) handling_s: Vec<f64>,
    /// Answered calls whose handling time was told as nothing; they fit no distribution and are left out.
    pub(super) without_length: u64,
    /// Answered calls whose handling time is not known: still running, or their end was lost.
    pub(super) unknown_length: u64,
}

impl Observed {
    /// Adds what another has.
    pub(super) fn extend(&mut self, other: &Self) {
        self.waits.extend_from_slice(&other.waits);
        self.handling_s.extend_from_slice(&other.handling_s);
        self.without_length += other.without_length;
        self.unknown_length += other.unknown_length;
    }

    /// Adds a call. Stays of one call in one queue within a quarter of an hour are counted together; each then has their mean.
    fn add(&mut self, counters: &IntervalCounters) {
        let mean_s = |sum_ms: i64, count: i64| sum_ms as f64 / 1000.0 / count as f64;
        for (count, sum_ms, abandoned) in
            [(counters.answered, counters.answered_wait_ms, false), (counters.abandoned, counters.abandoned_wait_ms, true)]
        {
            self.waits.extend((0..count).map(|_| Wait { seconds: mean_s(sum_ms, count), abandoned }));
        }
        let handled_ms = counters.talk_ms + counters.hold_ms + counters.wrapup_ms;
        if handled_ms > 0 {
            self.handling_s.extend((0..counters.handled).map(|_| mean_s(handled_ms, counters.handled)));
        } else {
            self.without_length += counters.handled as u64;
        }
        self.unknown_length += (counters.answered - counters.handled).max(0) as u64;
    }
}

impl Calls {
    /// Takes in an event; those of agents tell nothing here.
    pub(super) fn add(&mut self, event: Event) {
        let Event::Call(call) = event else { return };
        let queue = call.queue.as_ref().map(|queue| self.number(queue));
        let told = Told {
            at_ms: call.occurred_at_ms,
            kind: call.kind,
            event: hashed(&(&call.source, &call.event_id)),
            agent: call.agent.as_ref().map(hashed),
            queue,
            wait_ms: call.wait_ms.map(short),
            talk_ms: call.talk_ms.map(short),
            hold_ms: call.hold_ms.map(short),
            wrapup_ms: call.wrapup_ms.map(short),
            answered: call.answered,
        };
        let known = self.by_id.entry(call.call_id).or_default();
        if known.contains(&told) {
            return;
        }
        if known.len() < MOST_EVENTS { known.push(told) } else { self.excess += 1 }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    fn number(&mut self, queue: &QueueId) -> u32 {
        if let Some(number) = self.numbers.get(queue) {
            return *number;
        }
        let number = self.queues.len() as u32;
        self.queues.push(queue.clone());
        self.numbers.insert(queue.clone(), number);
        number
    }

    /// What the calls of a window tell, by queue.
    pub(super) fn observed(&self, window: Window) -> BTreeMap<QueueId, Observed> {
        let mut observed: BTreeMap<QueueId, Observed> = BTreeMap::new();
        for (id, told) in &self.by_id {
            if !told.iter().map(|told| told.at_ms).min().is_some_and(|at| window.holds(at)) {
                continue;
            }
            for (queue, counters) in self.counted(id, told) {
                observed.entry(queue).or_default().add(&counters);
            }
        }
        observed.retain(|_, observed| !observed.waits.is_empty());
        observed
    }

    /// What one call counts in its queues.
    fn counted(&self, id: &CallId, told: &[Told]) -> Vec<(QueueId, IntervalCounters)> {
        let mut ordered = told.to_vec();
        ordered.sort_unstable();
        let mut fold = Fold::new(Settings::default());
        for told in &ordered {
            fold.apply(&Event::Call(self.event(id, told)));
        }
        fold.take_counters().calls.into_iter().map(|(cell, counters)| (cell.queue, counters)).collect()
    }

    /// The event as far as the counters need it.
    fn event(&self, id: &CallId, told: &Told) -> CallEvent {
        CallEvent {
            event_id: format!("{:x}", told.event),
            source: String::new(),
            call_id: id.clone(),
            kind: told.kind,
            occurred_at_ms: told.at_ms,
            queue: told.queue.and_then(|number| self.queues.get(number as usize).cloned()),
            agent: told.agent.and_then(|agent| AgentId::new(format!("{agent:x}")).ok()),
            wait_ms: told.wait_ms.map(i64::from),
            talk_ms: told.talk_ms.map(i64::from),
            hold_ms: told.hold_ms.map(i64::from),
            wrapup_ms: told.wrapup_ms.map(i64::from),
            answered: told.answered,
        }
    }
}

/// A length as it is kept: 24 days at most.
fn short(ms: i64) -> i32 {
    ms.clamp(0, i64::from(i32::MAX)) as i32
}

/// Two names meet in one of 10^19 pairs; then one event of a call would be missing.
fn hashed(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
