//! What is configured about counting. All lengths are milliseconds of event time.

use fika_model::IntervalLength;
use fika_model::event::EpochMs;

/// How calls are counted and how long they are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The length of the intervals that are counted. They begin on multiples of it from 1970-01-01T00:00:00Z.
    pub interval: IntervalLength,
    /// A call that waited this long or less counts as within the threshold.
    pub threshold_ms: i64,
    /// A call that left after less than this is a short abandon.
    pub short_abandon_ms: i64,
    /// A call without an end is closed when the watermark passes its last event by this.
    pub lost_end_after_ms: i64,
    /// A closed call is remembered until the watermark passes its last event by this; nor does an event begin a call, or a
    /// change enter an agent's day, that is further behind the watermark.
    pub keep_after_end_ms: i64,
    /// Nothing older than this against the watermark is changed any more, whatever arrives. A shorter length than the others need is made longer.
    pub longest_call_ms: i64,
    /// An agent's state that lasted longer had a lost end, and counts nothing.
    pub longest_agent_state_ms: i64,
}

/// Longer lengths are cut to this: 366 days.
const LONGEST_MS: i64 = 366 * 24 * 60 * MINUTE_MS;

const MINUTE_MS: i64 = 60_000;

impl Default for Settings {
    fn default() -> Self {
        Self {
            interval: IntervalLength::QUARTER_HOUR,
            threshold_ms: 20_000,
            short_abandon_ms: 5_000,
            lost_end_after_ms: 4 * 60 * MINUTE_MS,
            keep_after_end_ms: 30 * MINUTE_MS,
            longest_call_ms: 24 * 60 * MINUTE_MS,
            longest_agent_state_ms: 12 * 60 * MINUTE_MS,
        }
    }
}

impl Settings {
    /// Counters of an interval that ended further behind the watermark than this are changed no more.
    pub fn reach_ms(&self) -> i64 {
        let widened = self.widened();
        widened.longest_call_ms + widened.interval_ms()
    }

    /// The same with lengths that are not negative, and with a longest call that covers what the others can change.
    pub(crate) fn widened(self) -> Self {
        let lengths = [self.lost_end_after_ms, self.keep_after_end_ms, self.longest_call_ms, self.longest_agent_state_ms];
        let [lost, keep, longest, state] = lengths.map(|ms| ms.clamp(0, LONGEST_MS));
        let needed = (state + keep).max(lost + keep) + self.interval_ms();
        Self {
            lost_end_after_ms: lost,
            keep_after_end_ms: keep,
            longest_call_ms: longest.max(needed),
            longest_agent_state_ms: state,
            ..self
        }
    }

    /// The length of an interval.
    pub(crate) fn interval_ms(&self) -> i64 {
        i64::from(self.interval.seconds()) * 1000
    }

    /// The start of the interval that holds an instant.
    pub(crate) fn slot(&self, at_ms: EpochMs) -> EpochMs {
        at_ms.div_euclid(self.interval_ms()) * self.interval_ms()
    }
}
