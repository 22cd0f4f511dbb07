//! Profiles of weekday and time of day.

use super::*;

const FIRST: Date = Date::constant(2026, 1, 5);

fn days(totals: &[f64]) -> Vec<Day> {
    let on = |n: usize| FIRST.saturating_add(std::time::Duration::from_secs(n as u64 * 7 * 86_400));
    totals.iter().enumerate().map(|(n, total)| Day { date: on(n), calls: vec![*total / 2.0, *total / 2.0], total: *total }).collect()
}

fn open() -> [Vec<bool>; 7] {
    std::array::from_fn(|_| vec![true; 2])
}

#[test]
fn days_unlike_the_others_are_left_out_on_both_sides() {
    let kept = |odd: f64| usual_days(&days(&[1000.0, 1000.0, odd, 1000.0])).len();
    assert_eq!([kept(499.0), kept(500.0), kept(2500.0), kept(2501.0)], [3, 4, 4, 3]);
    // What chance does to a few calls is no reason.
    let few = |odd: f64| usual_days(&days(&[16.0, 16.0, odd, 16.0])).len();
    assert_eq!([few(0.0), few(40.0), few(41.0)], [4, 4, 3]);
    // Of two days nobody knows which is the odd one.
    assert_eq!(usual_days(&days(&[1000.0, 10.0])).len(), 2);
}

#[test]
fn recent_days_weigh_more() {
    let days = days(&[100.0, 100.0, 100.0, 130.0]);
    let profile = fit(&days, days[3].date, &open());
    let total = profile.totals[0].expect("a Monday");
    assert!(total > 107.5 && total < 130.0, "{total}");
    assert_eq!(profile.sources[3], vec![0], "all weekdays are open alike, only Mondays are known");
}

#[test]
fn shapes_sum_to_one_and_keep_to_open_slots() {
    let mut open = open();
    open[0][1] = false;
    let profile = fit(&days(&[100.0, 100.0]), FIRST, &open);
    assert_eq!(profile.shapes[0], [1.0, 0.0]);
    assert!((profile.shapes[1].iter().sum::<f64>() - 1.0).abs() < 1e-12);
}
