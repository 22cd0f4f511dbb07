//! One stay in one queue, with the conversation that came of it.

use fika_model::IntervalCounters;
use fika_model::event::{CallEventKind, EpochMs};

use super::{Share, told};
use crate::fact::Fact;
use crate::queues::NONE;
use crate::settings::Settings;

/// What is known of a leg. Of facts of one kind the earliest stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leg {
    pub(super) queue: u32,
    pub(super) agent: u64,
    pub(super) first: EpochMs,
    pub(super) joined: Option<EpochMs>,
    /// The earliest instant that any of its facts speaks of; nothing is derived that lies before it.
    reach: EpochMs,
    connected: Option<EpochMs>,
    /// The first hold or return from it: a sign of a conversation.
    sign: Option<EpochMs>,
    held_since: Option<EpochMs>,
    held_ms: i64,
    holds: bool,
    transferred: Option<EpochMs>,
    ended: Option<EpochMs>,
    abandoned: Option<EpochMs>,
    wrapup_ended: Option<EpochMs>,
    answered: Option<bool>,
    wait: Option<i64>,
    talk: Option<i64>,
    hold: Option<i64>,
    wrapup: Option<i64>,
}

/// How a leg came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Answered,
    Abandoned,
    Undecided,
}

impl Leg {
    pub(super) fn new(fact: &Fact) -> Self {
        Self {
            queue: fact.queue,
            agent: 0,
            first: fact.at,
            joined: None,
            reach: fact.reaches_back_to(),
            connected: None,
            sign: None,
            held_since: None,
            held_ms: 0,
            holds: false,
            transferred: None,
            ended: None,
            abandoned: None,
            wrapup_ended: None,
            answered: None,
            wait: None,
            talk: None,
            hold: None,
            wrapup: None,
        }
    }

    /// Adds a fact; facts come in their order.
    pub(super) fn take(&mut self, fact: &Fact) {
        if self.queue == NONE {
            self.queue = fact.queue;
        }
        self.reach = self.reach.min(fact.reaches_back_to());
        let after_transfer = self.transferred.is_some_and(|at| at < fact.at);
        match fact.kind {
            CallEventKind::Queued => self.joined = self.joined.or(Some(fact.at)),
            CallEventKind::Completed => {
                self.joined = self.joined.or(Some(fact.at));
                self.answered = self.answered.or(fact.answered);
            }
            CallEventKind::Offered => return,
            CallEventKind::Connected => self.connected = self.connected.or(Some(fact.at)),
            CallEventKind::Held => {
                self.sign = self.sign.or(Some(fact.at));
                self.held_since = self.held_since.or(Some(fact.at));
                self.holds = true;
            }
            CallEventKind::Resumed => {
                self.sign = self.sign.or(Some(fact.at));
                self.held_ms += self.held_since.take().map_or(0, |since| fact.at - since);
            }
            CallEventKind::Transferred => self.transferred = self.transferred.or(Some(fact.at)),
            CallEventKind::Ended => self.ended = self.ended.or(Some(fact.at)),
            CallEventKind::Abandoned => self.abandoned = self.abandoned.or(Some(fact.at)),
            CallEventKind::WrapupEnded => self.wrapup_ended = self.wrapup_ended.or(Some(fact.at)),
        }
        if self.agent == 0 {
            self.agent = fact.agent;
        }
        self.wait = self.wait.or(told(fact.wait));
        self.wrapup = self.wrapup.or(told(fact.wrapup));
        if !after_transfer {
            self.talk = self.talk.or(told(fact.talk));
            self.hold = self.hold.or(told(fact.hold));
        }
    }

    /// When it is first heard of.
    pub(super) fn began(&self) -> EpochMs {
        self.joined.unwrap_or(self.first)
    }

    /// Whether it is known to wait no longer.
    pub(super) fn is_decided(&self) -> bool {
        let left = self.connected.or(self.sign).or(self.transferred).or(self.ended).or(self.abandoned);
        left.is_some() || self.answered.is_some()
    }

    pub(super) fn in_conversation(&self) -> bool {
        self.connected.or(self.sign).is_some() && self.ended.or(self.transferred).is_none()
    }

    /// Whether nothing more is expected of the whole call when this is its last leg.
    pub(super) fn is_over(&self) -> bool {
        self.ended.is_some() || self.answered.is_some() || (self.abandoned.is_some() && self.connected.is_none())
    }

    fn outcome(&self) -> Outcome {
        let spoke = self.connected.or(self.sign).is_some() || self.answered == Some(true) || self.talk.is_some_and(|ms| ms > 0);
        let wrapped_up = self.joined.is_some() && self.wrapup_ended.is_some();
        if spoke || wrapped_up {
            Outcome::Answered
        } else if self.abandoned.is_some() || self.answered == Some(false) {
            Outcome::Abandoned
        } else if self.ended.is_some() {
            Outcome::Answered
        } else {
            Outcome::Undecided
        }
    }

    /// The end of the conversation, where anything tells it.
    fn parted(&self, next_began: Option<EpochMs>) -> Option<EpochMs> {
        let own = self.transferred.into_iter().chain(self.ended).min();
        own.or_else(|| next_began.filter(|next| self.connected.is_some_and(|connected| *next >= connected)))
    }

    /// When it was answered, where anything tells it.
    fn answered_at(&self, parted: Option<EpochMs>) -> Option<EpochMs> {
        let by_wait = || Some(self.joined? + self.wait?);
        let by_talk = || Some(parted? - self.talk? - self.hold.unwrap_or(0));
        self.connected.or_else(by_wait).or_else(by_talk).or(self.sign)
    }

    /// What it adds to which cell; nothing when it cannot be placed or has nothing to count.
    pub(super) fn share(&self, next_began: Option<EpochMs>, lost: bool, settings: &Settings) -> Option<Share> {
        let outcome = self.outcome();
        let parted = self.parted(next_began);
        let answered_at = self.answered_at(parted);
        let joined = match (self.joined, outcome) {
            (Some(joined), _) => joined,
            (None, Outcome::Answered) => answered_at? - self.wait.unwrap_or(0),
            (None, Outcome::Abandoned) => self.abandoned? - self.wait?,
            (None, Outcome::Undecided) => return None,
        };
        if self.queue == NONE {
            return None;
        }
        let counters = match outcome {
            Outcome::Answered => self.as_answered(joined, answered_at, parted, lost, settings),
            Outcome::Abandoned => self.as_abandoned(joined, settings),
            Outcome::Undecided if lost && next_began.is_none() && self.transferred.is_none() => {
                IntervalCounters { lost_ends: 1, ..IntervalCounters::default() }
            }
            Outcome::Undecided => return None,
        };
        Some(Share { queue: self.queue, slot: settings.slot(joined.max(self.reach)), counters })
    }

    fn as_answered(
        &self,
        joined: EpochMs,
        answered_at: Option<EpochMs>,
        parted: Option<EpochMs>,
        lost: bool,
        settings: &Settings,
    ) -> IntervalCounters {
        // An end without an answer: how long the caller waited is not known, and not taken for granted.
        let wait = self.wait.or_else(|| answered_at.map(|at| (at - joined).max(0)));
        let mut counters = IntervalCounters {
            offered: 1,
            answered: 1,
            answered_within: i64::from(wait.is_some_and(|ms| ms <= settings.threshold_ms)),
            answered_wait_ms: wait.unwrap_or(0),
            ..IntervalCounters::default()
        };
        let still_held = self.held_since.zip(parted).map_or(0, |(since, end)| (end - since).max(0));
        let hold = self.hold.unwrap_or(if self.holds { self.held_ms + still_held } else { 0 });
        let by_times = || Some((parted? - answered_at? - hold).max(0));
        if let Some(talk) = self.talk.or_else(by_times) {
            let by_event = || self.wrapup_ended.zip(parted).map_or(0, |(end, from)| (end - from).max(0));
            let wrapup = self.wrapup.unwrap_or_else(by_event);
            counters.handled = 1;
            counters.talk_ms = talk;
            counters.hold_ms = hold;
            counters.wrapup_ms = wrapup;
            counters.handle_s_squared = square_s(talk + hold + wrapup);
        } else if parted.is_none() && lost {
            counters.lost_ends = 1;
        }
        counters
    }

    fn as_abandoned(&self, joined: EpochMs, settings: &Settings) -> IntervalCounters {
        let wait = self.wait.or_else(|| self.abandoned.map(|at| (at - joined).max(0))).unwrap_or(0);
        IntervalCounters {
            offered: 1,
            abandoned: 1,
            abandoned_within: i64::from(wait <= settings.threshold_ms),
            short_abandons: i64::from(wait < settings.short_abandon_ms),
            abandoned_wait_ms: wait,
            ..IntervalCounters::default()
        }
    }
}

/// The square of a length in square seconds, rounded to the nearest.
fn square_s(ms: i64) -> i64 {
    let square = i128::from(ms) * i128::from(ms);
    i64::try_from((square + 500_000) / 1_000_000).unwrap_or(i64::MAX)
}
