//! Handling times: means that lean on the day where calls are few.

use super::*;

const DATE: Date = Date::constant(2026, 1, 5);

/// Hours with so many calls of so many seconds, and a coefficient of variation of 1 inside each.
fn history_of(hours: &[(usize, f64, f64)]) -> History {
    let mut history = History::default();
    for (hour, calls, seconds) in hours {
        let handled = Handled { calls: *calls, seconds: calls * seconds, square_seconds: calls * 2.0 * seconds * seconds };
        history.handled.insert((DATE, *hour), handled);
    }
    history
}

#[test]
fn hours_that_differ_clearly_keep_their_own_mean() {
    let handling = handling(&history_of(&[(9, 1e6, 100.0), (15, 1e6, 300.0)]), DATE).expect("handling times");
    assert!((handling.by_hour_s[9] - 100.0).abs() < 0.1 && (handling.by_hour_s[15] - 300.0).abs() < 0.1);
    assert!((handling.by_hour_s[3] - 200.0).abs() < 1e-9, "an hour without calls has the mean of the day");
}

#[test]
fn hours_with_few_calls_are_drawn_to_the_mean() {
    let handling = handling(&history_of(&[(9, 10_000.0, 100.0), (12, 10_000.0, 200.0), (15, 10_000.0, 150.0), (20, 2.0, 900.0)]), DATE);
    let evening = handling.expect("handling times").by_hour_s[20];
    assert!(evening > 150.0 && evening < 400.0, "{evening}");
}

#[test]
fn hours_that_differ_by_chance_only_are_one() {
    let handling = handling(&history_of(&[(9, 100.0, 195.0), (10, 100.0, 205.0), (11, 100.0, 200.0)]), DATE).expect("handling times");
    assert!(handling.by_hour_s.iter().all(|mean| (mean - 200.0).abs() < 1e-9));
    assert!((handling.cv - 1.0).abs() < 0.01);
}

#[test]
fn patience_needs_abandons() {
    let told = |abandoned: f64| patience_s(&History { abandoned, wait_s: 1000.0, ..History::default() });
    assert_eq!(told(5.0), Some(200.0));
    assert_eq!(told(4.0), None);
    assert_eq!(handling(&History::default(), DATE), None);
}
