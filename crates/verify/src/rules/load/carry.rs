//! What the next horizon needs to know of an agent: how this one ended for her, and her counters with this roster's added.
//!
//! Invariant: a limit that looks back finds in it what it would find in one long horizon.

use fika_model::fairness::{CarryOver, FairCounters};
use fika_model::people::{Averaging, EarlierWork, LoadHistory};
use fika_model::{Activity, ActivityKind, DayIndex, Minutes, QueueId, Span};

use super::Tools;
use crate::book::{Book, Person};

/// Weekends that are told to the next horizon.
const MOST_WEEKENDS: usize = 8;

/// The state of an agent at the end of the horizon; `counters` are this roster's alone.
pub(crate) fn carry_over(book: &Book<'_>, person: &Person<'_>, counters: FairCounters) -> CarryOver {
    let tools = Tools { book, person };
    let days = &book.request.days;
    let (agent, before) = (person.agent, &person.agent.history);
    let by_day = tools.by_day();
    // Days at the end of the horizon that `is` holds for, and those before where it holds for all of them.
    let row = |is: &dyn Fn(DayIndex) -> bool, before: u32| {
        let all: Vec<DayIndex> = days.days().collect();
        let ends = all.iter().rev().take_while(|day| is(**day)).count();
        ends as u32 + if ends == all.len() { before } else { 0 }
    };
    let last_day = DayIndex::new(days.len().saturating_sub(1) as u32);
    let last_end = person.roster.shifts.iter().map(|shift| shift.span.end()).max();
    let nights = person.contract.limits.nights.map(|rule| tools.is_night(rule));
    let worked_night = |day: DayIndex| nights.as_ref().is_some_and(|is| by_day.get(&day).is_some_and(|shift| is(shift)));
    let weekends = tools.worked_weekends().into_iter().rev().map(|(_, worked)| worked);
    let (averaging_weeks, averaging_paid) = person.contract.limits.averaging.map_or((0, Minutes::ZERO), |rule| averaging(&tools, rule));
    CarryOver {
        agent: agent.id.clone(),
        last_shift_end: last_end.map_or(agent.last_shift_end, |end| Some(days.timestamp(end))),
        days_worked: row(&|day| by_day.contains_key(&day), agent.days_worked_before),
        history: LoadHistory {
            start_of_day_before: by_day.get(&last_day).map(|shift| tools.wall(shift) as u32),
            nights_in_row: row(&worked_night, before.nights_in_row),
            weekends_worked: weekends.chain(before.weekends_worked.iter().copied()).take(MOST_WEEKENDS).collect(),
            averaging_weeks,
            averaging_paid,
            counters: before.counters.plus(counters),
            employed_since: before.employed_since,
            hard_queue_minutes: hard_minutes(book, person),
            on_queue_in_horizon: after_horizon(book, person),
        },
    }
}

/// Minutes of time on queue that names a hard queue, with those of earlier rosters.
fn hard_minutes(book: &Book<'_>, person: &Person<'_>) -> Minutes {
    let hard: Vec<&QueueId> = book.request.queues.iter().filter(|queue| queue.is_hard()).map(|queue| &queue.id).collect();
    let activities = person.roster.shifts.iter().flat_map(|shift| &shift.activities);
    let serves = |activity: &&Activity| hard.iter().filter(|queue| activity.queues.contains(queue)).count() as i64;
    let minutes: i64 = activities.map(|activity| serves(&activity) * i64::from(activity.span.length().get())).sum();
    let before = person.agent.history.hard_queue_minutes;
    Minutes::new(i64::from(before.get()) + minutes).unwrap_or(before)
}

/// Time on queue of shifts that begin in this horizon and lies after it.
fn after_horizon(book: &Book<'_>, person: &Person<'_>) -> Vec<EarlierWork> {
    let days = &book.request.days;
    let end = days.span().end();
    let activities = person.roster.shifts.iter().flat_map(|shift| &shift.activities);
    let late = activities.filter(|activity| activity.kind == ActivityKind::OnQueue && activity.span.end() > end);
    late.map(|activity| {
        let start = activity.span.start().max(end);
        let length = Span::between(start, activity.span.end()).length();
        EarlierWork { start: days.timestamp(start), length, queues: activity.queues.clone() }
    })
    .collect()
}

/// Weeks and paid minutes of the reference period that runs at the end of the horizon.
fn averaging(tools: &Tools<'_, '_>, rule: Averaging) -> (u32, Minutes) {
    let before = &tools.person.agent.history;
    let (mut weeks, mut paid) = (before.averaging_weeks, i64::from(before.averaging_paid.get()));
    for days in tools.book.weeks() {
        weeks += 1;
        paid += tools.paid(tools.book.span_of(&days));
        if weeks >= rule.weeks {
            (weeks, paid) = (0, 0);
        }
    }
    (weeks, Minutes::new(paid).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Case, shift as lay};
    use fika_model::Request;
    use fika_model::people::{LoadLimits, MinutesRange, NightRule};

    /// What is carried over from a week of one agent with these shifts (start and length in minutes), after this history.
    fn carried(limits: LoadLimits, history: (u32, LoadHistory), shifts: &[(i32, u32)]) -> CarryOver {
        let case = Case::week().with(|case| {
            case.parts.contracts[0].limits = limits;
            (case.parts.agents[0].days_worked_before, case.parts.agents[0].history) = history;
            case.roster.agents[0].shifts = shifts.iter().map(|(start, length)| lay(&start.to_string(), *start, *length, &[])).collect();
        });
        let request = Request::check(case.parts.clone()).expect("a sound request");
        crate::fairness(&request, &case.roster).carry_over.swap_remove(0)
    }

    #[test]
    fn rows_go_on_only_where_no_day_breaks_them() {
        let daily = |from: i32| (from..7).map(|day| (day * 1440 + 540, 480)).collect::<Vec<_>>();
        let days = |from, before| carried(LoadLimits::default(), (before, LoadHistory::default()), &daily(from)).days_worked;
        assert_eq!([days(0, 3), days(1, 3), days(5, 3), days(7, 3)], [10, 6, 2, 0]);
    }

    #[test]
    fn the_end_of_the_week_is_told() {
        let history = LoadHistory { weekends_worked: vec![true; 8], ..LoadHistory::default() };
        let none = carried(LoadLimits::default(), (0, history.clone()), &[]);
        assert_eq!((none.last_shift_end, none.history.start_of_day_before), (None, None));
        assert_eq!(none.history.weekends_worked, [false, true, true, true, true, true, true, true]);
        let sunday = carried(LoadLimits::default(), (0, history), &[(6 * 1440 + 600, 300)]);
        assert_eq!((sunday.days_worked, sunday.history.start_of_day_before), (1, Some(600)));
        assert_eq!(sunday.last_shift_end.map(|end| end.to_string()), Some("2026-03-08T14:00:00Z".to_owned()));
        assert_eq!(sunday.history.weekends_worked, [true; 8]);
    }

    #[test]
    fn what_lies_after_the_horizon_is_told_and_hard_minutes_add_up() {
        let inside = carried(LoadLimits::default(), (0, LoadHistory::default()), &[(6 * 1440 + 900, 540)]);
        assert_eq!(inside.history.on_queue_in_horizon, []);
        let night = carried(LoadLimits::default(), (0, LoadHistory::default()), &[(6 * 1440 + 1200, 541)]);
        let [late] = &night.history.on_queue_in_horizon[..] else { panic!("{:?}", night.history) };
        // The next horizon begins at midnight in Berlin.
        assert_eq!((late.start.to_string().as_str(), late.length.get()), ("2026-03-08T23:00:00Z", 301));
        assert_eq!(late.queues.iter().map(QueueId::as_str).collect::<Vec<_>>(), ["calls"]);
        let case = Case::week().with(|case| {
            case.parts.queues[0].hard_minutes_per_day = Some(Minutes::of(1440));
            case.parts.agents[0].history.hard_queue_minutes = Minutes::of(100);
            case.roster.agents[0].shifts = vec![lay("one", 540, 480, &[])];
        });
        let request = Request::check(case.parts.clone()).expect("a sound request");
        let carried = crate::fairness(&request, &case.roster).carry_over;
        assert_eq!(carried[0].history.hard_queue_minutes, Minutes::of(580));
    }

    #[test]
    fn nights_and_averages_run_on() {
        let range = MinutesRange { least: Minutes::ZERO, most: Minutes::of(2400) };
        let limits = LoadLimits {
            averaging: Some(Averaging { weeks: 3, week_paid: range }),
            nights: Some(NightRule {
                window: (1380, 1800),
                counts_from: Minutes::of(180),
                most_in_row: Some(7),
                most_per_week: None,
                longest_shift: None,
            }),
            ..LoadLimits::default()
        };
        let after = |weeks, nights: &[(i32, u32)]| {
            let history =
                LoadHistory { averaging_weeks: weeks, averaging_paid: Minutes::of(1000), nights_in_row: 2, ..LoadHistory::default() };
            let history = carried(limits, (0, history), nights).history;
            (history.averaging_weeks, history.averaging_paid.get(), history.nights_in_row)
        };
        let every_night: Vec<(i32, u32)> = (0..7).map(|day| (day * 1440 + 1320, 300)).collect();
        assert_eq!(after(0, &every_night), (1, 3100, 9));
        assert_eq!(after(1, &every_night[6..]), (2, 1300, 1));
        assert_eq!(after(2, &every_night[..6]), (0, 0, 0));
    }
}
