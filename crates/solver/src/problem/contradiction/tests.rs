//! Each contradiction with its amount, and the request next to it that has none.

use fika_model::people::{Absence, WallWindow, Weekdays};
use fika_model::request::RequestParts;
use fika_model::{Minute, Minutes, Span};

use super::*;
use crate::fixture::{checked, contract, parts};

fn contradictions(parts: RequestParts) -> Vec<Contradiction> {
    match Problem::new(&checked(parts), Vec::new()) {
        Ok(_) => Vec::new(),
        Err(infeasible) => {
            assert_eq!(infeasible.faults().0.len(), infeasible.contradictions.len(), "each is a fault with its place");
            infeasible.contradictions
        }
    }
}

/// A week of at most five shifts of 240 minutes.
fn week(least: u16) -> RequestParts {
    let mut parts = parts(1, 7, |_| 0.0);
    parts.contracts = vec![contract(least, 2400)];
    parts
}

#[test]
fn least_minutes_beyond_reach_are_named_with_both_amounts() {
    assert_eq!(contradictions(week(1200)), []);
    let found = contradictions(week(1201));
    assert!(matches!(found[..], [Contradiction::TooFewMinutes { least: 1201, reachable: 1200, position: 0, .. }]), "{found:?}");
}

#[test]
fn availability_limits_what_is_reachable() {
    let mut parts = week(480);
    // A shift that begins at 08:00 needs all of the window.
    parts.agents[0].availability = vec![WallWindow { weekdays: Weekdays::ALL, from_minute: 480, to_minute: 720 }];
    assert_eq!(contradictions(parts.clone()), []);
    parts.agents[0].availability[0].to_minute = 719;
    let found = contradictions(parts);
    assert!(matches!(found[..], [Contradiction::TooFewMinutes { least: 480, reachable: 0, .. }]), "{found:?}");
}

#[test]
fn a_least_between_two_sums_is_named_with_the_sum_below() {
    let mut parts = week(250);
    parts.contracts = vec![contract(250, 470)];
    let found = contradictions(parts);
    assert!(
        matches!(found[..], [Contradiction::TooFewMinutes { least: 250, reachable: 240, .. }]),
        "one shift is too little, two too much: {found:?}"
    );
}

#[test]
fn credits_above_the_most_are_named() {
    let with = |credited: u16| {
        let mut parts = week(0);
        let span = Span::new(Minute::new(0), Minutes::of(60));
        parts.agents[0].absences = vec![Absence { span, code: "leave".into(), credited: Minutes::of(credited) }];
        parts
    };
    assert_eq!(contradictions(with(2400)), []);
    assert!(matches!(contradictions(with(2401))[..], [Contradiction::CreditAboveMost { excess: 1, .. }]));
}

#[test]
fn a_team_too_small_for_company_is_named_where_somebody_must_work() {
    let team = |agents: usize, least: u16| {
        let mut parts = parts(agents, 7, |_| 0.0);
        parts.contracts = vec![contract(least, 1200)];
        parts.wellbeing.social = Minutes::of(15);
        parts.wellbeing.social_companions = 2;
        parts
    };
    assert_eq!(contradictions(team(3, 240)), []);
    assert_eq!(contradictions(team(2, 0)), []);
    assert!(matches!(contradictions(team(2, 240))[..], [Contradiction::TeamTooSmall { members: 2, companions: 2, .. }]));
}

#[test]
fn shifts_that_no_breaks_fit_are_named_when_there_are_no_others() {
    let mut parts = week(240);
    parts.wellbeing.longest_stretch = Minutes::of(100);
    let found = contradictions(parts);
    assert!(found.iter().any(|one| matches!(one, Contradiction::NoLegalBreaks { template: 0, length_minutes: 240 })), "{found:?}");
}

#[test]
fn one_contradiction_is_one() {
    let words = |count: usize| {
        let one = Contradiction::NoLegalBreaks { template: 0, length_minutes: 60 };
        Infeasible { contradictions: vec![one; count] }.to_string()
    };
    assert!(words(1).starts_with("one contradiction: shifts of 60 minutes"), "{}", words(1));
    assert!(words(2).starts_with("2 contradictions, the first: shifts"), "{}", words(2));
}
