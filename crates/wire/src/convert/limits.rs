//! Further limits of contracts, and the counters that they go on from.

use fika_model::fault::FaultCode;
use fika_model::people::{Averaging, EarlierWork, LoadHistory, LoadLimits, NightRule, WeekendRule};
use fika_model::{Minutes, Timestamp};

use super::fairness;
use super::people::{LAST_OF_DAY, LAST_OF_NEXT_DAY, range, range_message};
use super::reading::{At, Reading, wall_text};
use crate::proto::fika::v1;

/// Minutes of the night that make a night shift where the rule tells none.
const COUNTS_FROM: u16 = 180;

pub(super) fn read(r: &mut Reading, at: &At<'_>, p: &v1::Contract) -> LoadLimits {
    LoadLimits {
        day_paid: p.day_paid_minutes.as_ref().map(|day| range(r, &at.field("dayPaidMinutes"), Some(day))),
        averaging: p.averaging.as_ref().map(|averaging| {
            let at = at.field("averaging");
            Averaging {
                weeks: r.count(&at.field("weeks"), averaging.weeks),
                week_paid: range(r, &at.field("weekPaidMinutes"), averaging.week_paid_minutes.as_ref()),
            }
        }),
        weekends: p.weekends.as_ref().map(|weekends| {
            let at = at.field("weekends");
            WeekendRule { free: r.count(&at.field("free"), weekends.free), of: r.count(&at.field("of"), weekends.of) }
        }),
        nights: p.nights.as_ref().map(|rule| nights(r, &at.field("nights"), rule)),
        forward_rotation: p.forward_rotation,
        starts_within: p.starts_within_minutes.map(|minutes| r.minutes(&at.field("startsWithinMinutes"), minutes)),
    }
}

fn nights(r: &mut Reading, at: &At<'_>, p: &v1::NightRule) -> NightRule {
    let window = p.window.as_ref().map(|window| {
        let at = at.field("window");
        (r.wall(&at.field("from"), &window.from, LAST_OF_DAY), r.wall(&at.field("to"), &window.to, LAST_OF_NEXT_DAY))
    });
    if window.is_none() {
        r.fault(FaultCode::Missing, &at.field("window"), "no night is told");
    }
    NightRule {
        window: window.unwrap_or((0, 1)),
        counts_from: r.minutes_or(&at.field("countsFromMinutes"), p.counts_from_minutes, Minutes::of(COUNTS_FROM)),
        most_in_row: p.most_in_row.map(|nights| r.count(&at.field("mostInRow"), nights)),
        most_per_week: p.most_per_week.map(|nights| r.count(&at.field("mostPerWeek"), nights)),
        longest_shift: p.longest_shift_minutes.map(|minutes| r.minutes(&at.field("longestShiftMinutes"), minutes)),
    }
}

/// A contract that has these limits and nothing else.
pub(super) fn message(limits: &LoadLimits) -> v1::Contract {
    v1::Contract {
        day_paid_minutes: limits.day_paid.map(range_message),
        averaging: limits
            .averaging
            .map(|averaging| v1::Averaging { weeks: averaging.weeks as i32, week_paid_minutes: Some(range_message(averaging.week_paid)) }),
        weekends: limits.weekends.map(|weekends| v1::WeekendRule { free: weekends.free as i32, of: weekends.of as i32 }),
        nights: limits.nights.map(|nights| v1::NightRule {
            window: Some(v1::WallRange { from: wall_text(nights.window.0), to: wall_text(nights.window.1) }),
            counts_from_minutes: Some(nights.counts_from.get() as i32),
            most_in_row: nights.most_in_row.map(|nights| nights as i32),
            most_per_week: nights.most_per_week.map(|nights| nights as i32),
            longest_shift_minutes: nights.longest_shift.map(|minutes| minutes.get() as i32),
        }),
        forward_rotation: limits.forward_rotation,
        starts_within_minutes: limits.starts_within.map(|minutes| minutes.get() as i32),
        ..v1::Contract::default()
    }
}

pub(super) fn history(r: &mut Reading, at: &At<'_>, p: &v1::AgentHistory) -> LoadHistory {
    let start = &p.start_of_day_before;
    LoadHistory {
        start_of_day_before: (!start.is_empty()).then(|| r.wall(&at.field("startOfDayBefore"), start, LAST_OF_DAY)),
        nights_in_row: r.count(&at.field("nightsInRow"), p.nights_in_row),
        weekends_worked: p.weekends_worked.clone(),
        averaging_weeks: r.count(&at.field("averagingWeeks"), p.averaging_weeks),
        averaging_paid: r.minutes(&at.field("averagingPaidMinutes"), p.averaging_paid_minutes),
        counters: fairness::counters(r, at, p),
        employed_since: (!p.employed_since.is_empty()).then(|| r.date(&at.field("employedSince"), &p.employed_since)),
        hard_queue_minutes: r.minutes(&at.field("hardQueueMinutes"), p.hard_queue_minutes),
        on_queue_in_horizon: r.each(&at.field("onQueueInHorizon"), &p.on_queue_in_horizon, earlier),
    }
}

/// What came before a horizon.
pub(super) fn history_message(last_shift_end: Option<Timestamp>, days_worked: u32, history: &LoadHistory) -> v1::AgentHistory {
    v1::AgentHistory {
        last_shift_end: last_shift_end.map(Into::into),
        days_worked: days_worked as i32,
        start_of_day_before: history.start_of_day_before.map(wall_text).unwrap_or_default(),
        nights_in_row: history.nights_in_row as i32,
        weekends_worked: history.weekends_worked.clone(),
        averaging_weeks: history.averaging_weeks as i32,
        averaging_paid_minutes: history.averaging_paid.get() as i32,
        hard_queue_minutes: history.hard_queue_minutes.get() as i32,
        on_queue_in_horizon: history.on_queue_in_horizon.iter().map(earlier_message).collect(),
        employed_since: history.employed_since.map(|date| date.to_string()).unwrap_or_default(),
        ..fairness::counters_message(history.counters)
    }
}

fn earlier(r: &mut Reading, at: &At<'_>, p: &v1::EarlierWork) -> EarlierWork {
    EarlierWork {
        start: r.time(&at.field("start"), p.start),
        length: r.minutes(&at.field("lengthMinutes"), p.length_minutes),
        queues: r.ids(&at.field("queueIds"), &p.queue_ids),
    }
}

fn earlier_message(work: &EarlierWork) -> v1::EarlierWork {
    v1::EarlierWork {
        start: Some(work.start.into()),
        length_minutes: work.length.get() as i32,
        queue_ids: work.queues.iter().map(ToString::to_string).collect(),
    }
}
