//! What the facts of a call amount to: its legs, and what each leg adds to which cell.
//!
//! A leg is one stay in one queue, with the conversation that came of it; a transfer into a queue begins another. Each
//! leg counts in its own queue and in the interval in which it joined it. A leg that left its queue unanswered for
//! another one counts in neither way: the caller is counted where it ends. A direct transfer from agent to agent begins
//! no leg and adds no time.
//! Durations that the ACD told go before differences of its timestamps, and stand in for events that are missing. A leg
//! whose time of joining nothing tells is not counted; an answer without any sign of a wait joined when it was answered.

use fika_model::IntervalCounters;
use fika_model::event::{CallEventKind, EpochMs};

use crate::fact::{Fact, UNTOLD};
use crate::queues::NONE;
use crate::settings::Settings;

mod leg;

pub(crate) use leg::Leg;

/// Clocks of one ACD may differ by this: an answer up to this much before its entry into the queue belongs to it.
const CLOCK_SKEW_MS: i64 = 5_000;

/// What a leg adds to a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) queue: u32,
    pub(crate) slot: EpochMs,
    pub(crate) counters: IntervalCounters,
}

/// What the facts of a call amount to, besides its shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Whether nothing more is expected but stragglers.
    pub(crate) over: bool,
}

/// Reads the facts, in their order, and leaves in `shares` what the call adds to the counters. `lost`: no more events are expected.
pub(crate) fn evaluate(facts: &[Fact], lost: bool, settings: &Settings, legs: &mut Vec<Leg>, shares: &mut Vec<Share>) -> Summary {
    legs.clear();
    shares.clear();
    for fact in facts.iter().filter(|fact| counts(facts, fact)) {
        let index = place(fact, legs);
        legs[index].take(fact);
    }
    for index in 0..legs.len() {
        let next_began = legs.get(index + 1).map(Leg::began);
        shares.extend(legs[index].share(next_began, lost, settings));
    }
    Summary { over: legs.last().is_some_and(Leg::is_over) }
}

/// Whether a fact is the first of its event id, and the first to say what it says.
fn counts(facts: &[Fact], fact: &Fact) -> bool {
    let earlier = facts.iter().take_while(|other| !std::ptr::eq(*other, fact));
    earlier.into_iter().all(|other| other.id != fact.id && !other.says_the_same(fact))
}

/// The position of the leg that a fact belongs to; a new leg is added where there is none.
fn place(fact: &Fact, legs: &mut Vec<Leg>) -> usize {
    let found = match fact.kind {
        CallEventKind::Queued | CallEventKind::Completed => leg_joined(fact, legs),
        _ if fact.queue == NONE => leg_without_queue(fact, legs),
        _ => leg_in_queue(fact, legs),
    };
    found.unwrap_or_else(|| {
        legs.push(Leg::new(fact));
        legs.len() - 1
    })
}

/// The leg that an entry into a queue repeats or completes, if it does not begin one.
fn leg_joined(fact: &Fact, legs: &[Leg]) -> Option<usize> {
    let index = legs.len().checked_sub(1)?;
    let last = &legs[index];
    let same_queue = last.queue == fact.queue || last.queue == NONE || fact.queue == NONE;
    let awaited = match last.joined {
        Some(_) => !last.is_decided(),
        None => fact.at - last.first <= CLOCK_SKEW_MS,
    };
    (same_queue && awaited).then_some(index)
}

fn leg_in_queue(fact: &Fact, legs: &[Leg]) -> Option<usize> {
    let in_queue = |leg: &Leg| leg.queue == fact.queue;
    let by_agent = |leg: &Leg| in_queue(leg) && leg.agent == fact.agent && fact.agent != 0;
    let own = (fact.kind == CallEventKind::WrapupEnded).then(|| legs.iter().rposition(by_agent)).flatten();
    own.or_else(|| legs.iter().rposition(in_queue)).or_else(|| {
        let last = legs.len().checked_sub(1)?;
        (legs[last].queue == NONE).then_some(last)
    })
}

fn leg_without_queue(fact: &Fact, legs: &[Leg]) -> Option<usize> {
    let last = legs.len().checked_sub(1)?;
    let by_agent = |leg: &Leg| leg.agent == fact.agent && fact.agent != 0;
    let fits = |leg: &Leg| match fact.kind {
        CallEventKind::Held | CallEventKind::Resumed | CallEventKind::Ended | CallEventKind::Transferred => leg.in_conversation(),
        CallEventKind::WrapupEnded => leg.is_over(),
        _ => !leg.is_decided(),
    };
    // An agent who answers has answered nothing before in this call, or is called again: the agent's name tells only of later events.
    let own = (fact.kind != CallEventKind::Connected).then(|| legs.iter().rposition(by_agent)).flatten();
    own.or_else(|| legs.iter().rposition(fits)).or(Some(last))
}

/// A told duration in milliseconds, where told.
fn told(ms: i32) -> Option<i64> {
    (ms != UNTOLD).then_some(i64::from(ms))
}

#[cfg(test)]
mod tests;
