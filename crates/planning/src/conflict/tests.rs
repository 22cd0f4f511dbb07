//! Contradictions of two rules each, found among all, and how far each must give way.

use super::*;
use crate::fixture::request;
use fika_model::Minutes;
use fika_model::agenda::{AskedActivity, Circle, Coach};
use fika_model::people::{Absence, Averaging, FixedShift, LoadLimits, MinutesRange, WallWindow, Weekdays, WeekendRule};
use fika_model::{Weekday, request::RequestParts};

fn found(change: impl FnOnce(&mut RequestParts)) -> Vec<Conflict> {
    let request = request(change);
    match Problem::new(&request, Vec::new()) {
        Ok(_) => Vec::new(),
        Err(infeasible) => conflicts(&request, &[], &infeasible, false),
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
        let case = Case::of(&request, &[], &conflict.agents[0], false).expect("the agent");
        let kept: Vec<RuleGroup> = conflict.rules.iter().map(|rule| rule.group.clone()).collect();
        let others: Vec<RuleGroup> = case.groups().into_iter().filter(|group| !kept.contains(group)).collect();
        assert!(!case.feasible(&others), "the set alone contradicts");
        for rule in &kept {
            let all = [others.clone(), vec![rule.clone()]].concat();
            assert!(case.feasible(&all), "without {rule:?} it does not");
        }
    }
}

/// The rules of the only conflict, with what is enough of each.
fn rules(change: impl FnOnce(&mut RequestParts)) -> Vec<(RuleGroup, Option<String>)> {
    let conflicts = found(change);
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    conflicts[0].rules.iter().map(|rule| (rule.group.clone(), rule.enough.clone())).collect()
}

#[test]
fn further_limits_of_contracts_are_looked_into() {
    let check = |group: &RuleGroup, words: &str, change: &dyn Fn(&mut LoadLimits, &mut RequestParts)| {
        let rules = rules(|parts| {
            let mut limits = LoadLimits::default();
            change(&mut limits, parts);
            parts.contracts[0].limits = limits;
        });
        let enough = rules.iter().find(|(own, _)| own == group).unwrap_or_else(|| panic!("{group:?} is not in {rules:?}"));
        assert!(enough.1.as_ref().is_some_and(|enough| enough.contains(words)), "{group:?}: {enough:?}");
    };
    let range = |least, most| MinutesRange { least: Minutes::of(least), most: Minutes::of(most) };
    check(&RuleGroup::AverageLeast, "can be had on average", &|limits, _| {
        limits.averaging = Some(Averaging { weeks: 1, week_paid: range(2700, 2800) });
    });
    check(&RuleGroup::AverageMost, "1800 paid minutes a week must be allowed on average", &|limits, _| {
        limits.averaging = Some(Averaging { weeks: 1, week_paid: range(0, 1700) });
    });
    check(&RuleGroup::DayPaid, "without it", &|limits, _| limits.day_paid = Some(range(100, 300)));
    check(&RuleGroup::Weekends, "at most 0 free weekends of 1", &|limits, parts| {
        limits.weekends = Some(WeekendRule { free: 1, of: 1 });
        parts
            .agents
            .iter_mut()
            .for_each(|agent| agent.availability = only_on(&[Weekday::Thursday, Weekday::Friday, Weekday::Saturday, Weekday::Sunday]));
        parts.rest.weekly = Minutes::ZERO;
    });
    check(&RuleGroup::StartsWithin, "starts 120 minutes apart must be allowed", &|limits, parts| {
        limits.starts_within = Some(Minutes::of(60));
        let on = |day, from, to| WallWindow { weekdays: Weekdays::of([day]), from_minute: from, to_minute: to };
        let late = |day| on(day, 660, 1320);
        let early = |day| on(day, 480, 990);
        let windows = vec![early(Weekday::Monday), early(Weekday::Tuesday), late(Weekday::Thursday), late(Weekday::Friday)];
        parts.agents.iter_mut().for_each(|agent| agent.availability.clone_from(&windows));
    });
    check(&RuleGroup::DailyRest, "minutes of rest in the 24 hours", &|_, parts| parts.rest.daily = Minutes::of(1100));
}

#[test]
fn a_fixed_shift_that_cannot_stand_is_named() {
    let rules = rules(|parts| {
        let (template, start) = (parts.templates[0].id.clone(), fika_model::Minute::new(480));
        let span = fika_model::Span::new(start, Minutes::of(480));
        parts.agents[0].fixed = vec![FixedShift { template, span, breaks: Vec::new() }];
        parts.agents[0].availability = only_on(&Weekdays::ALL.iter().filter(|day| *day != Weekday::Monday).collect::<Vec<_>>());
    });
    let groups: Vec<_> = rules.iter().map(|(group, _)| group.clone()).collect();
    assert_eq!(groups, [RuleGroup::Fixed, RuleGroup::Availability], "{rules:?}");
}

#[test]
fn what_a_search_does_not_find_is_looked_into_by_searching() {
    // One of the team can work in the morning only, the others in the evening: she has no company, and nothing contradicts before a search.
    let request = request(|parts| {
        let window = |from_minute, to_minute| vec![WallWindow { weekdays: Weekdays::ALL, from_minute, to_minute }];
        parts.templates[0].length_from = Minutes::of(240);
        parts.templates[0].length_to = Minutes::of(300);
        parts.contracts[0].shift_length.least = Minutes::of(240);
        parts.contracts[0].week_paid.least = Minutes::of(1200);
        parts.templates[0].start_to = 1020;
        for agent in &mut parts.agents {
            agent.availability = if agent.id.as_str() == "a1" { window(480, 780) } else { window(960, 1320) };
        }
    });
    let problem = Problem::new(&request, Vec::new()).expect("nothing contradicts");
    let unmet = solve(&problem, &ShortSearch::default(), &mut |_| ()).unmet;
    assert!(!unmet.is_empty());
    let conflicts = conflicts(&request, &[], &Infeasible { contradictions: unmet }, true);
    let rules: Vec<_> = conflicts.iter().flat_map(|conflict| conflict.rules.iter().map(|rule| &rule.group)).collect();
    assert!(rules.contains(&&RuleGroup::Social) && rules.contains(&&RuleGroup::WeekLeast), "{conflicts:?}");
}

/// What is named where a search finds no roster.
fn searched(change: impl FnOnce(&mut RequestParts)) -> Vec<(RuleGroup, Option<String>)> {
    let request = request(change);
    let problem = Problem::new(&request, Vec::new()).expect("nothing contradicts before a search");
    let unmet = solve(&problem, &ShortSearch::default(), &mut |_| ()).unmet;
    assert!(!unmet.is_empty());
    let conflicts = conflicts(&request, &[], &Infeasible { contradictions: unmet }, true);
    conflicts.into_iter().flat_map(|conflict| conflict.rules).map(|rule| (rule.group, rule.enough)).collect()
}

/// One rest in each shift, at a time or within two hours of its start, and no company asked for.
fn one_rest(parts: &mut RequestParts, wall: Option<(u32, u32)>) {
    (parts.wellbeing.social, parts.wellbeing.no_rest_alone) = (Minutes::ZERO, false);
    parts.wellbeing.longest_stretch = Minutes::of(600);
    parts.breaks.truncate(1);
    (parts.breaks[0].count, parts.breaks[0].window.wall) = (1, wall);
    parts.breaks[0].window.latest_after_start = wall.is_none().then(|| Minutes::of(120));
}

#[test]
fn the_largest_group_and_the_team_mates_to_be_met_are_among_what_contradicts() {
    let check = |group: &RuleGroup, words: &str, rules: &[(RuleGroup, Option<String>)]| {
        let found = rules.iter().find(|(own, _)| own == group).unwrap_or_else(|| panic!("{group:?} is not in {rules:?}"));
        assert!(found.1.as_ref().is_some_and(|enough| enough.contains(words)), "{found:?}");
    };
    // Three people with four shifts a week or more all rest at noon: two at once on some day.
    let rules = searched(|parts| {
        one_rest(parts, Some((720, 735)));
        (parts.templates[0].start_to, parts.templates[0].start_step) = (600, Minutes::of(60));
        parts.wellbeing.largest_group = Some(1);
        parts.agents.truncate(3);
    });
    check(&RuleGroup::LargestGroup, "of a team on break at once must be allowed", &rules);
    // The first rests before ten, her team-mates, who come at two when she is still there, after two.
    let rules = searched(|parts| {
        one_rest(parts, None);
        parts.templates[0].start_to = 840;
        parts.agents.truncate(3);
        parts.wellbeing.least_met_a_week = 1;
        let window = |from_minute, to_minute| vec![WallWindow { weekdays: Weekdays::ALL, from_minute, to_minute }];
        parts.agents[0].availability = window(480, 1020);
        parts.agents[1..3].iter_mut().for_each(|agent| agent.availability = window(840, 1380));
    });
    check(&RuleGroup::LeastMet, "at most 0 team-mates can be met in a week", &rules);
    // Whoever is named: her hours, or that she must come at all.
    assert!(rules.iter().any(|(group, _)| matches!(group, RuleGroup::Availability | RuleGroup::WeekLeast)), "{rules:?}");
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
    let (served, out, _) = without_contradicted(&request, &infeasible).expect("a rest");
    assert_eq!((served.agents.len(), out[0].as_str()), (5, "a1"));
    // Two are left of her team: too few for company, so they are next.
    let Err(next) = Problem::new(&served, Vec::new()) else { panic!("a team of two") };
    let (served, out, _) = without_contradicted(&served, &next).expect("a rest");
    assert_eq!((served.agents.len(), out.len()), (3, 2));
    assert!(Problem::new(&served, Vec::new()).is_ok());
}

/// What is said of an activity of the small week that must be held for somebody and cannot be.
fn held(asked: Vec<AskedActivity>, whom: &str, change: impl FnOnce(&mut RequestParts)) -> Vec<(RuleGroup, Option<String>)> {
    let activity = asked[0].id.clone();
    let request = request(|parts| {
        parts.activities = asked;
        change(parts);
    });
    let named = Contradiction::NotHeld { position: 0, activity: activity.clone(), whom: whom.to_owned(), reason: String::new() };
    let found = conflicts(&request, &[], &Infeasible { contradictions: vec![named] }, true);
    assert!(found.len() <= 1 && found.iter().all(|conflict| conflict.held.as_ref() == Some(&activity)), "{found:?}");
    let words = found.iter().map(ToString::to_string).collect::<String>();
    assert!(found.is_empty() || words.starts_with(&format!("{activity} must be held; for ")), "{words}");
    found.into_iter().flat_map(|conflict| conflict.rules).map(|rule| (rule.group, rule.enough)).collect()
}

fn asked(id: &str, length: u16, windows: Vec<WallWindow>, circle: Circle) -> AskedActivity {
    let (id, length) = (ActivityId::new(id).expect("an id"), Minutes::of(length));
    AskedActivity { windows, must: true, ..AskedActivity::new(id, length, circle) }
}

fn people(names: &[&str]) -> Vec<AgentId> {
    names.iter().map(|name| AgentId::new(*name).expect("an id")).collect()
}

fn on(day: Weekday, from_minute: u32, to_minute: u32) -> Vec<WallWindow> {
    vec![WallWindow { weekdays: Weekdays::of([day]), from_minute, to_minute }]
}

#[test]
fn what_must_be_held_and_cannot_has_a_smallest_set_with_what_relaxing_each_gives() {
    use RuleGroup as G;
    let course = |length, windows| asked("course", length, windows, Circle::Training { agents: people(&["a1"]), smallest_piece: None });
    let enough = |text: &str| Some(text.to_owned());
    // Nobody begins before eight; from eight on there is room.
    let early = held(vec![course(60, on(Weekday::Monday, 300, 480))], "a1", |_| ());
    assert_eq!(early, [(G::HeldWindows, enough("without it it can be held"))]);
    assert_eq!(held(vec![course(60, on(Weekday::Monday, 300, 540))], "a1", |_| ()), []);
    // Of the hour, forty minutes are after eight.
    let partly = held(vec![course(60, on(Weekday::Monday, 440, 520))], "a1", |_| ());
    assert_eq!(
        partly,
        [(G::HeldWindows, enough("without it it can be held")), (G::HeldLength, enough("at most 40 minutes of it can be held"))]
    );
    let off = held(vec![course(60, on(Weekday::Monday, 600, 720))], "a1", |parts| {
        parts.agents[0].availability = only_on(&Weekdays::ALL.iter().filter(|day| *day != Weekday::Monday).collect::<Vec<_>>());
    });
    assert_eq!(off.iter().map(|(group, _)| group).collect::<Vec<_>>(), [&G::Availability, &G::HeldWindows]);
    assert!(off.iter().all(|(_, enough)| enough.as_deref() == Some("without it it can be held")), "{off:?}");
}

#[test]
fn people_who_are_never_there_together_are_told_by_what_keeps_them_apart() {
    use RuleGroup as G;
    let never = |from_minute, to_minute| vec![WallWindow { weekdays: Weekdays::ALL, from_minute, to_minute }];
    let coach = Coach::Agent(AgentId::new("b1").expect("an id"));
    let coaching = asked("coaching", 45, Vec::new(), Circle::Coaching { coach, coached: people(&["a1"]) });
    let found = held(vec![coaching], "a1", |parts| {
        parts.agents[0].availability = never(480, 900);
        parts.agents[3].availability = never(900, 1440);
    });
    assert!(found.iter().any(|(group, enough)| *group == G::Availability && enough.is_some()), "{found:?}");
    let leads = asked("leads", 30, Vec::new(), Circle::Meeting { invited: people(&["a1", "a2", "b1"]), quorum: 3 });
    let found = held(vec![leads], "", |parts| {
        let whole = parts.days.span();
        parts.agents[1].absences = vec![Absence { span: whole, code: "leave".into(), credited: Minutes::of(2000) }];
    });
    let quorum = Some("at most 2 of those invited can be there at one time".to_owned());
    assert_eq!(found.iter().map(|(group, _)| group).collect::<Vec<_>>(), [&G::Absences, &G::Quorum]);
    assert_eq!(found[1].1, quorum);
}

#[test]
fn things_that_must_be_held_at_the_same_time_contradict_each_other() {
    let training = |id: &str| {
        let circle = Circle::Training { agents: people(&["a1"]), smallest_piece: None };
        asked(id, 90, on(Weekday::Wednesday, 600, 720), circle)
    };
    let found = held(vec![training("course"), training("drill")], "a1", |_| ());
    let groups: Vec<_> = found.iter().map(|(group, _)| group).collect();
    assert!(groups.contains(&&RuleGroup::OthersHeld) && groups.contains(&&RuleGroup::HeldWindows), "{found:?}");
}
