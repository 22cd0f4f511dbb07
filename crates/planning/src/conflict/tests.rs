//! Contradictions of two rules each, found among all, and how far each must give way.

use super::*;
use crate::fixture::request;
use fika_model::people::{WallWindow, Weekdays};
use fika_model::{Weekday, request::RequestParts};

fn found(change: impl FnOnce(&mut RequestParts)) -> Vec<Conflict> {
    let request = request(change);
    match Problem::new(&request, Vec::new()) {
        Ok(_) => Vec::new(),
        Err(infeasible) => conflicts(&request, &[], &infeasible),
    }
}

fn only_on(days: &[Weekday]) -> Vec<WallWindow> {
    vec![WallWindow { weekdays: Weekdays::of(days.iter().copied()), from_minute: 480, to_minute: 1320 }]
}

#[test]
fn a_sound_request_has_no_conflict() {
    assert_eq!(found(|_| ()), []);
}

#[test]
fn availability_against_the_least_hours_is_a_set_of_two_with_the_hours_that_can_be_had() {
    let conflicts = found(|parts| parts.agents[0].availability = only_on(&[Weekday::Monday, Weekday::Tuesday]));
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    assert_eq!(conflicts[0].agents.iter().map(AgentId::as_str).collect::<Vec<_>>(), ["a1"]);
    let groups: Vec<_> = conflicts[0].rules.iter().map(|rule| rule.group.clone()).collect();
    assert!(groups.contains(&RuleGroup::WeekLeast) && groups.contains(&RuleGroup::Availability), "{conflicts:?}");
    let least = conflicts[0].rules.iter().find(|rule| rule.group == RuleGroup::WeekLeast).and_then(|rule| rule.enough.clone());
    // Two shifts of nine hours with half an hour unpaid.
    assert_eq!(least.as_deref(), Some("at most 1020 paid minutes a week can be had"));
    let sentence = &conflicts[0].rules.iter().find(|rule| rule.group == RuleGroup::Availability).expect("a rule").enough;
    assert_eq!(sentence.as_deref(), Some("without it there is a legal week"));
}

#[test]
fn each_rule_of_the_set_is_needed_and_the_set_contradicts() {
    let change = |parts: &mut RequestParts| parts.rest.between_shifts = Minutes::of(4000);
    let request = request(change);
    let conflicts = found(change);
    assert_eq!(conflicts.iter().map(|conflict| conflict.agents.len()).sum::<usize>(), 6, "{conflicts:?}");
    for conflict in &conflicts {
        let case = Case::of(&request, &[], &conflict.agents[0]).expect("the agent");
        let kept: Vec<RuleGroup> = conflict.rules.iter().map(|rule| rule.group.clone()).collect();
        let others: Vec<RuleGroup> = case.groups().into_iter().filter(|group| !kept.contains(group)).collect();
        assert!(!case.feasible(&others), "the set alone contradicts");
        for rule in &kept {
            let all = [others.clone(), vec![rule.clone()]].concat();
            assert!(case.feasible(&all), "without {rule:?} it does not");
        }
    }
}

#[test]
fn a_team_too_small_for_company_is_told_by_social_time() {
    let conflicts = found(|parts| parts.agents.truncate(2));
    assert!(conflicts.iter().any(|conflict| conflict.rules.iter().any(|rule| rule.group == RuleGroup::Social)), "{conflicts:?}");
}

#[test]
fn who_is_contradicted_is_left_out_and_named() {
    let request = request(|parts| parts.agents[0].availability = only_on(&[Weekday::Monday]));
    let Err(infeasible) = Problem::new(&request, Vec::new()) else { panic!("a contradiction") };
    let (served, out) = without_contradicted(&request, &infeasible).expect("a rest");
    assert_eq!((served.agents.len(), out[0].as_str()), (5, "a1"));
    // Two are left of her team: too few for company, so they are next.
    let Err(next) = Problem::new(&served, Vec::new()) else { panic!("a team of two") };
    let (served, out) = without_contradicted(&served, &next).expect("a rest");
    assert_eq!((served.agents.len(), out.len()), (3, 2));
    assert!(Problem::new(&served, Vec::new()).is_ok());
}
