//! A fact: what one event tells about a call, in 64 bytes.
//!
//! Facts of a call are a set, kept in an order that depends on nothing but their content. Who called is not among them.

use std::cmp::Ordering;

use fika_model::event::{CallEvent, CallEventKind, EpochMs};

use crate::queues::{NONE, Queues};

/// The longest told duration that is believed: 12 hours. A longer one, or a negative one, counts as not told.
const LONGEST_TOLD_MS: i64 = 12 * 60 * 60 * 1000;

/// The last instant that is told apart, in the year 2200; what lies outside 1970 to then is cut to it.
pub(crate) const LAST_MS: EpochMs = 7_289_654_400_000;

/// A duration that was not told.
pub(crate) const UNTOLD: i32 = -1;

/// What one event tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) at: EpochMs,
    /// Stable hash of the event's source and id.
    pub(crate) id: u64,
    /// Stable hash of the agent's id; 0 where not told.
    pub(crate) agent: u64,
    pub(crate) queue: u32,
    pub(crate) wait: i32,
    pub(crate) talk: i32,
    pub(crate) hold: i32,
    pub(crate) wrapup: i32,
    pub(crate) kind: CallEventKind,
    pub(crate) answered: Option<bool>,
}

impl Fact {
    /// What an event tells, with its queue as a number.
    pub(crate) fn of(event: &CallEvent, queues: &mut Queues) -> Self {
        let told = |ms: Option<i64>| match ms {
            Some(ms) if (0..=LONGEST_TOLD_MS).contains(&ms) => ms as i32,
            _ => UNTOLD,
        };
        Self {
            at: event.occurred_at_ms.clamp(0, LAST_MS),
            id: stable_hash(&event.source, &event.event_id),
            agent: event.agent.as_ref().map_or(0, |agent| stable_hash(agent.as_str(), "")),
            queue: event.queue.as_ref().map_or(NONE, |queue| queues.number(queue)),
            wait: told(event.wait_ms),
            talk: told(event.talk_ms),
            hold: told(event.hold_ms),
            wrapup: told(event.wrapup_ms),
            kind: event.kind,
            answered: event.answered,
        }
    }

    /// The earliest instant that the event speaks of: for an end, when the call began by the durations told.
    pub(crate) fn reaches_back_to(&self) -> EpochMs {
        match self.kind {
            CallEventKind::Completed | CallEventKind::Queued | CallEventKind::WrapupEnded => self.at,
            _ => self.at - self.told_sum(false),
        }
    }

    /// When it was known: at once, but a whole call in one record at its end.
    pub(crate) fn known_at(&self) -> EpochMs {
        if self.kind == CallEventKind::Completed { self.at + self.told_sum(true) } else { self.at }
    }

    fn told_sum(&self, with_wrapup: bool) -> i64 {
        let wrapup = if with_wrapup { self.wrapup } else { 0 };
        [self.wait, self.talk, self.hold, wrapup].iter().map(|ms| i64::from(*ms.max(&0))).sum()
    }

    /// The order in which facts are read: by time; at the same millisecond as a call's life goes, except that a
    /// transfer goes before the entry into the next queue.
    pub(crate) fn order(&self, other: &Self, queues: &Queues) -> Ordering {
        let quick = (self.at, rank(self.kind), self.id).cmp(&(other.at, rank(other.kind), other.id));
        quick.then_with(|| {
            let rest = |f: &Self| (f.agent, f.wait, f.talk, f.hold, f.wrapup, f.answered);
            queues.name(self.queue).cmp(&queues.name(other.queue)).then_with(|| rest(self).cmp(&rest(other)))
        })
    }

    /// Whether both say the same, under one event id or two.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.at == other.at && self.kind == other.kind && Self { id: other.id, ..*self } == *other
    }
}

const fn rank(kind: CallEventKind) -> u8 {
    match kind {
        CallEventKind::Transferred => 0,
        CallEventKind::Queued => 1,
        CallEventKind::Completed => 2,
        CallEventKind::Offered => 3,
        CallEventKind::Connected => 4,
        CallEventKind::Held => 5,
        CallEventKind::Resumed => 6,
        CallEventKind::Ended => 7,
        CallEventKind::Abandoned => 8,
        CallEventKind::WrapupEnded => 9,
    }
}

/// FNV-1a over both texts, with a byte between them that UTF-8 never holds; then mixed. Never 0. Part of the stored
/// state, so it must not change.
pub(crate) fn stable_hash(first: &str, second: &str) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = first.as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, step);
    let hash = second.as_bytes().iter().fold(step(hash, &0xff), step);
    (hash ^ (hash >> 32)).max(1)
}
