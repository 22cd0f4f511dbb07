//! The calls that are open or recent, and when each is closed and forgotten.
//!
//! Invariant: what the cells hold of a call is what its facts amount to, with `lost` as it stands. Closing and
//! forgetting follow the watermark alone, so that they fall the same way whenever the work was cut and taken up again.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use fika_model::CallId;
use fika_model::event::{CallEvent, CallEventKind, EpochMs};

use crate::cells::Cells;
use crate::fact::{Fact, LAST_MS, UNTOLD};
use crate::fold::{Outcome, TooLate};
use crate::legs::{Leg, Share, evaluate};
use crate::queues::{NONE, Queues};
use crate::settings::Settings;
use crate::state::{CallFact, OpenCall, OpenState, StateKey};

/// A call of more facts than this is a fault of the feed; further ones are counted and left out.
const MOST_FACTS: usize = 256;

/// What is expected of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// More events.
    Open,
    /// Stragglers at most.
    Over,
    /// Nothing any more, though its end was never told.
    Lost,
}

#[derive(Debug)]
struct Call {
    id: CallId,
    facts: Vec<Fact>,
    /// When its last fact was known, and the earliest instant that any speaks of.
    last: EpochMs,
    first: EpochMs,
    standing: Standing,
    changed: bool,
    /// Whether its state was ever taken.
    stored: bool,
    /// Whether the cells hold anything of it.
    counted: bool,
    /// The time at which its alarm rings; an alarm of another time is stale.
    alarm: EpochMs,
}

/// All calls that still may change.
#[derive(Debug)]
pub(crate) struct Calls {
    settings: Settings,
    watermark: Option<EpochMs>,
    numbers: HashMap<CallId, u32>,
    slots: Vec<Option<Call>>,
    free: Vec<u32>,
    alarms: BinaryHeap<Reverse<(EpochMs, u32)>>,
    changed: Vec<u32>,
    forgotten: Vec<CallId>,
    legs: Vec<Leg>,
    before: Vec<Share>,
    after: Vec<Share>,
}

impl Calls {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            watermark: None,
            numbers: HashMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            alarms: BinaryHeap::new(),
            changed: Vec::new(),
            forgotten: Vec::new(),
            legs: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
        }
    }

    pub(crate) fn watermark(&self) -> Option<EpochMs> {
        self.watermark
    }

    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Adds what an event tells.
    pub(crate) fn apply(&mut self, event: &CallEvent, queues: &mut Queues, cells: &mut Cells) -> Outcome {
        let fact = Fact::of(event, queues);
        let known = self.numbers.get(&event.call_id).copied();
        if let Some(late) = self.too_late(&fact, known.is_some()) {
            return Outcome::TooLate(late);
        }
        let number = known.unwrap_or_else(|| self.insert(event.call_id.clone()));
        let outcome = self.add(number, fact, queues, cells);
        if outcome == Outcome::Applied {
            let watermark = self.watermark.map_or(fact.known_at(), |mark| mark.max(fact.known_at()));
            self.watermark = Some(watermark);
            self.set_alarm(number);
            self.ring(watermark, cells);
        }
        outcome
    }

    /// Whether an event comes too late: see [`crate::Fold`] for the rule.
    fn too_late(&self, fact: &Fact, known: bool) -> Option<TooLate> {
        let mark = self.watermark?;
        let Settings { longest_call_ms, keep_after_end_ms, lost_end_after_ms, .. } = self.settings;
        if fact.reaches_back_to() < mark - longest_call_ms {
            return Some(TooLate::Frozen);
        }
        // The end of a call that was closed as lost and then forgotten must not count it once more.
        let of_forgotten = fact.kind != CallEventKind::Completed && fact.reaches_back_to() < mark - lost_end_after_ms - keep_after_end_ms;
        let unknown_and_late = !known && (fact.known_at() < mark - keep_after_end_ms || of_forgotten);
        unknown_and_late.then_some(TooLate::Forgotten)
    }

    fn insert(&mut self, id: CallId) -> u32 {
        let (first, last, alarm) = (EpochMs::MAX, EpochMs::MIN, EpochMs::MAX);
        let facts = Vec::with_capacity(4);
        let call =
            Call { id: id.clone(), facts, last, first, standing: Standing::Open, changed: false, stored: false, counted: false, alarm };
        let number = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() as u32 - 1
        });
        self.slots[number as usize] = Some(call);
        self.numbers.insert(id, number);
        number
    }

    /// Adds a fact to a call and sets its counters right.
    fn add(&mut self, number: u32, fact: Fact, queues: &Queues, cells: &mut Cells) -> Outcome {
        let Some(call) = self.slots.get_mut(number as usize).and_then(Option::as_mut) else { return Outcome::Duplicate };
        let position = match call.facts.last() {
            Some(last) if last.order(&fact, queues).is_lt() => call.facts.len(),
            _ => match call.facts.binary_search_by(|known| known.order(&fact, queues)) {
                Ok(_) => return Outcome::Duplicate,
                Err(position) => position,
            },
        };
        if call.facts.len() >= MOST_FACTS {
            return Outcome::Excess;
        }
        self.before.clear();
        if call.counted {
            evaluate(&call.facts, call.standing == Standing::Lost, &self.settings, &mut self.legs, &mut self.before);
        }
        call.facts.insert(position, fact);
        call.last = call.last.max(fact.known_at());
        call.first = call.first.min(fact.reaches_back_to());
        let summary = evaluate(&call.facts, false, &self.settings, &mut self.legs, &mut self.after);
        call.standing = if summary.over { Standing::Over } else { Standing::Open };
        call.counted = !self.after.is_empty();
        if !call.changed {
            call.changed = true;
            self.changed.push(number);
        }
        self.settle(cells);
        Outcome::Applied
    }

    /// Brings the cells from `before` to `after`.
    fn settle(&self, cells: &mut Cells) {
        if self.before != self.after {
            for (shares, sign) in [(&self.before, -1), (&self.after, 1)] {
                for share in shares {
                    cells.add(share.queue, share.slot, &share.counters, sign);
                }
            }
        }
    }

    /// The watermark after which the call is closed as lost, and the one after which it is forgotten.
    fn deadlines(settings: &Settings, call: &Call) -> (EpochMs, EpochMs) {
        let at_most = call.first + settings.longest_call_ms;
        if call.standing == Standing::Over {
            return (EpochMs::MAX, at_most.min(call.last + settings.keep_after_end_ms));
        }
        let lost = at_most.min(call.last + settings.lost_end_after_ms);
        (lost, at_most.min(call.last + settings.lost_end_after_ms + settings.keep_after_end_ms))
    }

    /// Makes sure that an alarm rings no later than the call's next deadline.
    fn set_alarm(&mut self, number: u32) {
        let Some(call) = self.slots.get_mut(number as usize).and_then(Option::as_mut) else { return };
        let (lost, forgotten) = Self::deadlines(&self.settings, call);
        let next = if call.standing == Standing::Lost { forgotten } else { lost.min(forgotten) };
        if next < call.alarm {
            call.alarm = next;
            self.alarms.push(Reverse((next, number)));
        }
    }

    /// Closes and forgets what the watermark has passed.
    fn ring(&mut self, watermark: EpochMs, cells: &mut Cells) {
        while let Some(Reverse((at, number))) = self.alarms.peek().copied().filter(|alarm| alarm.0.0 < watermark) {
            self.alarms.pop();
            let Some(call) = self.slots.get_mut(number as usize).and_then(Option::as_mut).filter(|call| call.alarm == at) else { continue };
            call.alarm = EpochMs::MAX;
            let (lost, forgotten) = Self::deadlines(&self.settings, call);
            if lost < watermark && call.standing == Standing::Open {
                evaluate(&call.facts, false, &self.settings, &mut self.legs, &mut self.before);
                evaluate(&call.facts, true, &self.settings, &mut self.legs, &mut self.after);
                call.standing = Standing::Lost;
                call.counted = !self.after.is_empty();
                self.settle(cells);
            }
            if forgotten < watermark { self.forget(number) } else { self.set_alarm(number) }
        }
    }

    fn forget(&mut self, number: u32) {
        if let Some(call) = self.slots.get_mut(number as usize).and_then(Option::take) {
            self.numbers.remove(&call.id);
            self.free.push(number);
            if call.stored {
                self.forgotten.push(call.id);
            }
        }
    }

    /// Adds to `states` the calls that changed, and with `None` those that were forgotten.
    pub(crate) fn take_states(&mut self, queues: &Queues, states: &mut Vec<(StateKey, Option<OpenState>)>) {
        states.extend(self.forgotten.drain(..).map(|id| (StateKey::Call(id), None)));
        for number in self.changed.drain(..) {
            // The number may belong to another call by now; that one is listed itself, once.
            let Some(call) = self.slots.get_mut(number as usize).and_then(Option::as_mut).filter(|call| call.changed) else { continue };
            call.changed = false;
            call.stored = true;
            let facts = call.facts.iter().map(|fact| exported(fact, queues)).collect();
            states.push((StateKey::Call(call.id.clone()), Some(OpenState::Call(OpenCall { id: call.id.clone(), facts }))));
        }
    }

    pub(crate) fn restore_watermark(&mut self, watermark: Option<EpochMs>) {
        self.watermark = watermark.map(|mark| mark.clamp(0, 2 * LAST_MS));
    }

    /// Takes a call up again, whose share of the counters is counted already. The watermark must have been restored.
    pub(crate) fn restore(&mut self, open: &OpenCall, queues: &mut Queues) {
        let number = self.insert(open.id.clone());
        let mut facts: Vec<Fact> = open.facts.iter().map(|fact| imported(fact, queues)).collect();
        facts.sort_by(|a, b| a.order(b, queues));
        let Some(call) = self.slots.get_mut(number as usize).and_then(Option::as_mut) else { return };
        call.last = facts.iter().map(Fact::known_at).max().unwrap_or(call.last);
        call.first = facts.iter().map(Fact::reaches_back_to).min().unwrap_or(call.first);
        call.facts = facts;
        call.stored = true;
        let summary = evaluate(&call.facts, false, &self.settings, &mut self.legs, &mut self.after);
        call.standing = if summary.over { Standing::Over } else { Standing::Open };
        let (lost, _) = Self::deadlines(&self.settings, call);
        if self.watermark.is_some_and(|mark| lost < mark) {
            call.standing = Standing::Lost;
        }
        call.counted = call.standing == Standing::Lost || !self.after.is_empty();
        self.set_alarm(number);
    }
}

fn exported(fact: &Fact, queues: &Queues) -> CallFact {
    let told = |ms: i32| (ms != UNTOLD).then_some(ms);
    CallFact {
        at_ms: fact.at,
        kind: fact.kind,
        event_hash: fact.id,
        agent_hash: fact.agent,
        queue: queues.name(fact.queue).cloned(),
        wait_ms: told(fact.wait),
        talk_ms: told(fact.talk),
        hold_ms: told(fact.hold),
        wrapup_ms: told(fact.wrapup),
        answered: fact.answered,
    }
}

fn imported(fact: &CallFact, queues: &mut Queues) -> Fact {
    Fact {
        at: fact.at_ms.clamp(0, LAST_MS),
        id: fact.event_hash,
        agent: fact.agent_hash,
        queue: fact.queue.as_ref().map_or(NONE, |queue| queues.number(queue)),
        wait: fact.wait_ms.unwrap_or(UNTOLD),
        talk: fact.talk_ms.unwrap_or(UNTOLD),
        hold: fact.hold_ms.unwrap_or(UNTOLD),
        wrapup: fact.wrapup_ms.unwrap_or(UNTOLD),
        kind: fact.kind,
        answered: fact.answered,
    }
}
