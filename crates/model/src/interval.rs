//! Interval counters: what happened in a queue in one interval. Sums only, so that any formula and
//! any coarser interval can be computed from them later.

use crate::calendar::Timestamp;
use crate::id::QueueId;
use crate::service::ServiceCounts;
use crate::units::IntervalLength;

/// Which cell: a queue and an interval.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalKey {
    /// The queue.
    pub queue: QueueId,
    /// Where the interval begins.
    pub start: Timestamp,
    /// How long it is.
    pub length: IntervalLength,
}

/// The counters of one cell. A call counts, with all it took, in the interval in which it joined the queue;
/// staffed and idle time count where they passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IntervalCounters {
    /// Calls that joined the queue and are decided: answered or abandoned.
    pub offered: i64,
    /// Calls answered by an agent.
    pub answered: i64,
    /// Of these, answered within the threshold.
    pub answered_within: i64,
    /// Calls abandoned in the queue.
    pub abandoned: i64,
    /// Of these, abandoned within the threshold.
    pub abandoned_within: i64,
    /// Of the abandoned, those that left before the limit for short abandons.
    pub short_abandons: i64,
    /// Waiting time of answered calls, in milliseconds.
    pub answered_wait_ms: i64,
    /// Waiting time of abandoned calls, in milliseconds.
    pub abandoned_wait_ms: i64,
    /// Answered calls with a known handling time.
    pub handled: i64,
    /// Conversation of handled calls, in milliseconds.
    pub talk_ms: i64,
    /// Hold of handled calls, in milliseconds.
    pub hold_ms: i64,
    /// Wrap-up of handled calls, in milliseconds.
    pub wrapup_ms: i64,
    /// Sum of the squares of handling times (talk, hold and wrap-up), in square seconds, rounded per call.
    pub handle_s_squared: i64,
    /// Calls whose end was lost and that were closed by the timeout.
    pub lost_ends: i64,
    /// Logged-in time, except when not ready, of agents serving this queue, in milliseconds. An agent of several queues counts in each.
    pub staffed_ms: i64,
    /// The part of it in which they waited for calls, in milliseconds.
    pub idle_ms: i64,
}

impl IntervalCounters {
    /// Calls by outcome, for the service-level formulas.
    pub fn service(&self) -> ServiceCounts {
        ServiceCounts {
            answered_within: self.answered_within as f64,
            answered_late: (self.answered - self.answered_within) as f64,
            abandoned_within: self.abandoned_within as f64,
            abandoned_late: (self.abandoned - self.abandoned_within) as f64,
            short_abandons: self.short_abandons as f64,
        }
    }

    /// Mean handling time in seconds, where any is known.
    pub fn aht_s(&self) -> Option<f64> {
        let handle_ms = self.talk_ms + self.hold_ms + self.wrapup_ms;
        (self.handled > 0).then(|| handle_ms as f64 / 1000.0 / self.handled as f64)
    }

    /// Adds `other`, `sign` times: 1 to add, -1 to take away.
    pub fn accumulate(&mut self, other: &Self, sign: i64) {
        let fields = [
            (&mut self.offered, other.offered),
            (&mut self.answered, other.answered),
            (&mut self.answered_within, other.answered_within),
            (&mut self.abandoned, other.abandoned),
            (&mut self.abandoned_within, other.abandoned_within),
            (&mut self.short_abandons, other.short_abandons),
            (&mut self.answered_wait_ms, other.answered_wait_ms),
            (&mut self.abandoned_wait_ms, other.abandoned_wait_ms),
            (&mut self.handled, other.handled),
            (&mut self.talk_ms, other.talk_ms),
            (&mut self.hold_ms, other.hold_ms),
            (&mut self.wrapup_ms, other.wrapup_ms),
            (&mut self.handle_s_squared, other.handle_s_squared),
            (&mut self.lost_ends, other.lost_ends),
            (&mut self.staffed_ms, other.staffed_ms),
            (&mut self.idle_ms, other.idle_ms),
        ];
        for (mine, theirs) in fields {
            *mine += sign * theirs;
        }
    }
}
