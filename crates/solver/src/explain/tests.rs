//! One small centre per binding rule.

use fika_model::people::Weekdays;
use fika_model::request::RequestParts;
use fika_model::rules::BreakKind;
use fika_model::{Minutes, Timestamp};

use crate::fixture::{checked, contract, parts, rule};
use crate::generate::pools;
use crate::problem::Problem;
use crate::solve::{StepQuota, solve};

/// The binding rules of all shortfalls, worst first.
fn codes(parts: RequestParts) -> Vec<String> {
    let request = checked(parts);
    let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
    let solution = solve(&problem, &StepQuota(600), &mut |_| {});
    assert!(solution.shortfalls.iter().all(|s| !s.reason.is_empty() && s.person_minutes > 0.0 && s.most_people > 0.0));
    solution.shortfalls.into_iter().map(|s| s.binding).collect()
}

fn morning(minute: u32) -> f64 {
    if (480..720).contains(&(minute % 1440)) { 1.0 } else { 0.0 }
}

#[test]
fn a_break_that_stays_is_named() {
    // One person for all of the morning: only her rest is missing.
    assert_eq!(codes(parts(1, 1, morning)), ["breaks"]);
}

#[test]
fn time_that_no_shift_reaches_is_named() {
    assert_eq!(codes(parts(1, 1, |minute| if minute >= 1380 { 1.0 } else { 0.0 })), ["no-agent-available"]);
}

#[test]
fn weekly_hours_are_named() {
    let mut parts = parts(1, 2, morning);
    parts.contracts = vec![contract(0, 240)];
    assert!(codes(parts).contains(&"weekly-hours".to_owned()));
}

#[test]
fn days_off_are_named() {
    let mut parts = parts(1, 2, morning);
    parts.contracts[0].most_days_per_week = 1;
    assert!(codes(parts).contains(&"days-off".to_owned()));
}

#[test]
fn rest_is_named() {
    let mut parts = parts(1, 1, morning);
    parts.agents[0].last_shift_end = Timestamp::from_second(parts.days.start().as_second() - 3600).ok();
    assert_eq!(codes(parts), ["rest"]);
}

#[test]
fn what_costs_another_time_is_left_to_the_search() {
    // One person, two times of the day: she can be at either.
    let mut parts = parts(1, 1, |minute| if (480..540).contains(&minute) || (900..960).contains(&minute) { 1.0 } else { 0.0 });
    parts.templates[0].weekdays = Weekdays::ALL;
    parts.breaks = vec![rule("rest", BreakKind::Rest, 0, 1440, 1, 15)];
    parts.wellbeing.edge = Minutes::of(60);
    assert_eq!(codes(parts), ["search"]);
}
