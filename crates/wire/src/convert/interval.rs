//! Interval counters.

use fika_model::fault::Faults;
use fika_model::interval::{IntervalCounters, IntervalKey};

use super::reading::{At, Reading};
use crate::proto::fika::v1;

/// Reads the counters of a cell.
pub fn parse_interval(p: &v1::IntervalCounters) -> Result<(IntervalKey, IntervalCounters), Faults> {
    let mut r = Reading::default();
    let at = At::WHOLE;
    let key = IntervalKey {
        queue: r.id(&at.field("queueId"), &p.queue_id),
        start: r.time(&at.field("start"), p.start),
        length: r.interval(&at.field("lengthMinutes"), p.length_minutes),
    };
    let mut sum = |name: &'static str, sum: i64| r.sum(&at.field(name), sum);
    let counters = IntervalCounters {
        offered: sum("offered", p.offered),
        answered: sum("answered", p.answered),
        answered_within: sum("answeredWithin", p.answered_within),
        abandoned: sum("abandoned", p.abandoned),
        abandoned_within: sum("abandonedWithin", p.abandoned_within),
        short_abandons: sum("shortAbandons", p.short_abandons),
        answered_wait_ms: sum("answeredWaitMs", p.answered_wait_ms),
        abandoned_wait_ms: sum("abandonedWaitMs", p.abandoned_wait_ms),
        handled: sum("handled", p.handled),
        talk_ms: sum("talkMs", p.talk_ms),
        hold_ms: sum("holdMs", p.hold_ms),
        wrapup_ms: sum("wrapupMs", p.wrapup_ms),
        handle_s_squared: sum("handleSecondsSquared", p.handle_seconds_squared),
        lost_ends: sum("lostEnds", p.lost_ends),
        staffed_ms: sum("staffedMs", p.staffed_ms),
        idle_ms: sum("idleMs", p.idle_ms),
    };
    r.end((key, counters))
}

/// Writes the counters of a cell.
pub fn interval_message(key: &IntervalKey, counters: &IntervalCounters) -> v1::IntervalCounters {
    v1::IntervalCounters {
        queue_id: key.queue.to_string(),
        start: Some(key.start.into()),
        length_minutes: key.length.minutes() as i32,
        offered: counters.offered,
        answered: counters.answered,
        answered_within: counters.answered_within,
        abandoned: counters.abandoned,
        abandoned_within: counters.abandoned_within,
        short_abandons: counters.short_abandons,
        answered_wait_ms: counters.answered_wait_ms,
        abandoned_wait_ms: counters.abandoned_wait_ms,
        handled: counters.handled,
        talk_ms: counters.talk_ms,
        hold_ms: counters.hold_ms,
        wrapup_ms: counters.wrapup_ms,
        handle_seconds_squared: counters.handle_s_squared,
        lost_ends: counters.lost_ends,
        staffed_ms: counters.staffed_ms,
        idle_ms: counters.idle_ms,
    }
}
