//! Forecasts of made-up histories whose truth is known.

use fika_model::calendar::{Date, Weekday};
use fika_model::people::Weekdays;
use fika_model::{IntervalIndex, IntervalLength};
use proptest::prelude::*;

use super::*;

mod backtest;

/// A Monday.
pub(super) const FIRST: Date = Date::constant(2026, 1, 5);

pub(super) fn queue(id: &str) -> QueueId {
    QueueId::new(id).expect("an id")
}

/// A week from this day, by half hours.
pub(super) fn week(zone: &str, first: Date) -> (DayMap, Grid) {
    let days = DayMap::new(zone, first, 7).expect("a week");
    let minutes = days.span().length().get();
    (days.clone(), Grid::new(days.start(), IntervalLength::HALF_HOUR, minutes / 30))
}

fn on_days(days: impl IntoIterator<Item = Weekday>, from_hour: u32, to_hour: u32) -> WallWindow {
    WallWindow { weekdays: Weekdays::of(days), from_minute: from_hour * 60, to_minute: to_hour * 60 }
}

/// Counters of half an hour with so many calls, each handled in 200 s.
fn cell(days: &DayMap, date: Date, minute_of_day: u32, calls: i64) -> (IntervalKey, IntervalCounters) {
    let day = (date.duration_since(days.first_date()).as_hours() / 24) as i32;
    let minute = fika_model::Minute::new(day * 1440 + minute_of_day as i32);
    let key = IntervalKey { queue: queue("q"), start: days.timestamp(minute), length: IntervalLength::HALF_HOUR };
    let counters = IntervalCounters {
        offered: calls,
        answered: calls,
        handled: calls,
        talk_ms: calls * 200_000,
        handle_s_squared: calls * 80_000,
        answered_wait_ms: calls * 30_000,
        abandoned: calls / 10,
        ..IntervalCounters::default()
    };
    (key, counters)
}

/// Weeks before the horizon with the same calls in each half hour from 9 to 17 on Monday to Friday, as `of(weeks before, date)` says.
fn weeks(days: &DayMap, count: i64, of: impl Fn(i64, Date) -> i64) -> Vec<(IntervalKey, IntervalCounters)> {
    let mut cells = Vec::new();
    for back in (1..=count * 7).rev() {
        let date = days.first_date().saturating_sub(jiff_days(back));
        if date.weekday().to_monday_zero_offset() >= 5 {
            continue;
        }
        let calls = of((back - 1) / 7 + 1, date);
        if calls > 0 {
            cells.extend((18..34).map(|slot| cell(days, date, slot * 30, calls)));
        }
    }
    cells
}

fn jiff_days(days: i64) -> std::time::Duration {
    std::time::Duration::from_secs(days as u64 * 86_400)
}

fn made(cells: &[(IntervalKey, IntervalCounters)], hours: &[WallWindow]) -> Forecast {
    let (days, grid) = week("UTC", FIRST);
    let frame = Frame { queue: &queue("q"), days: &days, grid, hours, until: days.start() };
    make(cells, &frame).expect("a forecast")
}

/// Calls expected on each day of the week.
fn totals(forecast: &Forecast) -> Vec<f64> {
    forecast.forecast.intervals.values().chunks(48).map(|day| day.iter().map(|interval| interval.calls_mean).sum()).collect()
}

#[test]
fn a_steady_week_comes_again() {
    let (days, _) = week("UTC", FIRST);
    let forecast = made(&weeks(&days, 6, |_, _| 50), &[]);
    let expected = [800.0, 800.0, 800.0, 800.0, 800.0];
    for (found, expected) in totals(&forecast).iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{found}");
    }
    let nine = forecast.forecast.intervals.at(IntervalIndex::new(18)).expect("an interval");
    assert!((nine.aht_s - 200.0).abs() < 1e-9);
    assert!(nine.calls_sd >= nine.calls_mean.sqrt());
    assert_eq!(forecast.forecast.patience_s, Some(300.0));
    assert!((forecast.forecast.aht_cv - 1.0).abs() < 1e-9);
    assert_eq!(forecast.forecast.history_days, 30);
}

#[test]
fn a_holiday_and_missing_days_do_not_poison_their_weekday() {
    let (days, _) = week("UTC", FIRST);
    let steady = totals(&made(&weeks(&days, 6, |_, _| 50), &[]));
    let holiday = totals(&made(&weeks(&days, 6, |week, date| if week == 2 && date.weekday() == Weekday::Monday { 3 } else { 50 }), &[]));
    let missing = totals(&made(&weeks(&days, 6, |week, date| if week < 3 && date.weekday() == Weekday::Monday { 0 } else { 50 }), &[]));
    for other in [holiday, missing] {
        for (steady, other) in steady.iter().zip(&other) {
            assert!((steady - other).abs() < 1e-6 * steady.max(1.0), "{steady} {other}");
        }
    }
}

#[test]
fn a_change_of_level_is_mostly_followed_within_two_weeks() {
    let (days, _) = week("UTC", FIRST);
    let grown = totals(&made(&weeks(&days, 8, |week, _| if week <= 2 { 60 } else { 50 }), &[]));
    assert!(grown[0] > 0.92 * 960.0 && grown[0] < 1.02 * 960.0, "{}", grown[0]);
}

#[test]
fn a_weekday_without_history_borrows_from_its_like_and_says_so() {
    let (days, _) = week("UTC", FIRST);
    let cells = weeks(&days, 6, |_, date| match date.weekday() {
        Weekday::Tuesday => 0,
        Weekday::Friday => 20,
        _ => 50,
    });
    let hours =
        [on_days([Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday], 9, 17), on_days([Weekday::Friday], 9, 12)];
    let forecast = made(&cells, &hours);
    assert!((totals(&forecast)[1] - 800.0).abs() < 1e-6);
    let like = vec![Weekday::Monday, Weekday::Wednesday, Weekday::Thursday];
    let closed = [Basis::Closed, Basis::Closed];
    assert_eq!(forecast.basis[..5], [Basis::Own, Basis::Borrowed(like), Basis::Own, Basis::Own, Basis::Own]);
    assert_eq!(forecast.basis[5..], closed);
    // Without hours nothing tells what is alike.
    let anywhere = made(&cells, &[]);
    assert!(matches!(&anywhere.basis[1], Basis::Borrowed(days) if days.len() == 4));
}

#[test]
fn nothing_is_expected_outside_the_hours() {
    let (days, _) = week("UTC", FIRST);
    let hours = [on_days([Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday], 9, 12)];
    let forecast = made(&weeks(&days, 6, |_, _| 50), &hours);
    for (n, interval) in forecast.forecast.intervals.values().iter().enumerate() {
        let open = n / 48 < 5 && (18..24).contains(&(n % 48));
        assert_eq!(interval.calls_mean > 0.0, open, "interval {n}");
    }
}

#[test]
fn hours_past_midnight_open_the_next_day() {
    let open = open_slots(&[on_days([Weekday::Sunday], 22, 26)], IntervalLength::HALF_HOUR);
    let hours: Vec<(usize, usize)> =
        (0..7).flat_map(|day| (0..48).map(move |slot| (day, slot))).filter(|(day, slot)| open[*day][*slot]).collect();
    assert_eq!(hours, [(0, 0), (0, 1), (0, 2), (0, 3), (6, 44), (6, 45), (6, 46), (6, 47)]);
}

#[test]
fn what_is_missing_is_named() {
    let (days, grid) = week("UTC", FIRST);
    let other = queue("other");
    let frame = Frame { queue: &other, days: &days, grid, hours: &[], until: days.start() };
    let mut cells = weeks(&days, 2, |_, _| 5);
    assert_eq!(make(&cells, &frame), Err(NoHistory::Calls { queue: other.clone(), until: days.start() }));
    let known = queue("q");
    let later = Frame { queue: &known, until: days.timestamp(fika_model::Minute::new(-100 * 1440)), ..frame };
    assert!(matches!(make(&cells, &later), Err(NoHistory::Calls { .. })));
    for (_, counters) in &mut cells {
        counters.handled = 0;
    }
    let counted = Frame { queue: &known, ..frame };
    assert!(matches!(make(&cells, &counted), Err(NoHistory::HandlingTimes { .. })));
}

#[test]
fn a_queue_with_a_call_every_few_days_is_not_taken_for_a_daily_one() {
    let (days, _) = week("UTC", FIRST);
    let cells: Vec<_> = (1..=20).map(|n| cell(&days, FIRST.saturating_sub(jiff_days(n * 3)), 600, 1)).collect();
    let total: f64 = totals(&made(&cells, &[])).iter().sum();
    assert!((1.5..3.5).contains(&total), "{total} calls a week");
}

#[test]
fn wall_clock_hours_stay_where_they_are_when_clocks_change() {
    // The Sunday of the change is 2026-03-29.
    let (days, grid) = week("Europe/Berlin", Date::constant(2026, 3, 30));
    let (before, _) = week("Europe/Berlin", Date::constant(2026, 3, 23));
    let mut cells = Vec::new();
    for day in before.days() {
        for slot in 18..34 {
            let (mut key, counters) = cell(&before, before.date(day), slot * 30, 50);
            key.start = before.timestamp(before.minute_at_wall(day, slot * 30));
            cells.push((key, counters));
        }
    }
    let frame = Frame { queue: &queue("q"), days: &days, grid, hours: &[], until: days.start() };
    let forecast = make(&cells, &frame).expect("a forecast").forecast;
    let at = |hour: u32| forecast.intervals.values()[(hour * 2) as usize].calls_mean;
    assert!(at(9) > 45.0 && at(16) > 45.0, "{} {}", at(9), at(16));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Any history gives finite figures that are not negative, whatever the order of its cells and however they are split up.
    #[test]
    fn figures_are_finite_and_order_does_not_matter(
        history in proptest::collection::vec((0..60_i64, 0..48_u32, 0..200_i64), 1..200),
        turn in any::<prop::sample::Index>(),
    ) {
        let (days, _) = week("UTC", FIRST);
        let told = |(back, slot, calls): &(i64, u32, i64)| cell(&days, FIRST.saturating_sub(jiff_days(back + 1)), slot * 30, calls + 1);
        let mut cells: Vec<_> = history.iter().map(told).collect();
        let forecast = made(&cells, &[]);
        for interval in forecast.forecast.intervals.values() {
            prop_assert!(interval.calls_mean.is_finite() && interval.calls_mean >= 0.0);
            prop_assert!(interval.calls_sd.is_finite() && interval.calls_sd >= interval.calls_mean.sqrt() - 1e-9);
            prop_assert!(interval.aht_s.is_finite() && interval.aht_s > 0.0);
        }
        let turn = turn.index(cells.len());
        cells.rotate_left(turn);
        let turned = made(&cells, &[]);
        for (a, b) in forecast.forecast.intervals.values().iter().zip(turned.forecast.intervals.values()) {
            prop_assert!((a.calls_mean - b.calls_mean).abs() < 1e-6 && (a.calls_sd - b.calls_sd).abs() < 1e-6);
        }
    }
}
