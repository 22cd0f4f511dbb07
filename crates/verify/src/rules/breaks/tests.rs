//! Breaks by rule: accepted, rejected with the amount, and both sides of each bound.

use super::*;
use crate::fixture::{AFTERNOON, Case, Lay, MEAL, MORNING, shift as lay};
use fika_model::ActivityKind;
use fika_model::Minutes;
use fika_model::rules::{BreakTrigger, BreakWindow, Every, SameTime};

const REST: ActivityKind = ActivityKind::RestBreak;

fn with_breaks(start: i32, length: u32, breaks: &[Lay]) -> Case {
    Case::week().with(|case| *case.shift(0, 0) = lay("x", start, length, breaks))
}

#[test]
fn breaks_lie_on_the_step() {
    let check = |offset, length, expect: &[(i64, i64)]| {
        with_breaks(540, 480, &[(REST, offset, length, true)]).expect(Rule::BreakGrid, expect);
    };
    check(90, 15, &[]);
    check(91, 15, &[(0, 1)]);
    check(90, 13, &[(0, 3)]);
    check(89, 16, &[(0, 4)]);
}

#[test]
fn count_kind_length_and_pay_are_those_of_the_rules() {
    let check = |breaks: &[Lay], rest: &[(i64, i64)], meal: &[(i64, i64)], unasked: &[(i64, i64)]| {
        let case = with_breaks(540, 480, breaks);
        assert_eq!(case.amounts("rest"), rest, "{breaks:?}");
        assert_eq!(case.amounts("meal"), meal, "{breaks:?}");
        case.expect(Rule::BreakUnasked, unasked);
    };
    check(&[MORNING, MEAL, AFTERNOON], &[], &[], &[]);
    check(&[MORNING, MEAL], &[(15, 0)], &[], &[]);
    check(&[], &[(15, 0), (15, 0)], &[(30, 0)], &[]);
    check(&[MORNING, MEAL, AFTERNOON, (REST, 400, 20, true)], &[], &[], &[(0, 20)]);
    check(&[MORNING, MEAL, (REST, 360, 10, true)], &[(15, 10)], &[], &[]);
    check(&[MORNING, MEAL, (REST, 360, 15, false)], &[(15, 0)], &[], &[]);
    check(&[MORNING, (ActivityKind::Meal, 210, 30, true), AFTERNOON], &[], &[(0, 30)], &[]);
    check(&[MORNING, (REST, 210, 30, true), AFTERNOON], &[], &[(30, 0)], &[(0, 30)]);
}

#[test]
fn every_limit_of_a_window_holds_on_both_sides() {
    // The meal: 120 to 240 minutes after the start; from 330 before the end, ending 120 before it; between 11:00 and 14:00.
    let check = |start: i32, length, offset, expect: &[(i64, i64)]| {
        let case = with_breaks(start, length, &[(ActivityKind::Meal, offset, 30, false)]);
        assert_eq!(case.amounts("meal"), expect, "start {start}, length {length}, offset {offset}");
    };
    check(540, 420, 120, &[]);
    check(540, 420, 115, &[(120, 115)]);
    check(540, 480, 240, &[]);
    check(540, 480, 245, &[(240, 245)]);
    check(540, 540, 210, &[]);
    check(540, 540, 205, &[(210, 205)]);
    check(540, 390, 240, &[]);
    check(540, 390, 245, &[(240, 245)]);
    check(540, 380, 230, &[]);
    check(540, 380, 235, &[(230, 235)]);
    check(480, 480, 180, &[]);
    check(480, 480, 175, &[(180, 175)]);
    check(600, 480, 210, &[]);
    check(600, 480, 215, &[(210, 215)]);
}

#[test]
fn rules_apply_by_length_and_add_up() {
    let check = |length, rest: usize, meal: usize| {
        let case = with_breaks(540, length, &[]);
        assert_eq!((case.amounts("rest").len(), case.amounts("meal").len()), (rest, meal), "{length}");
    };
    check(240, 0, 0);
    check(241, 2, 0);
    check(360, 2, 0);
    check(361, 2, 1);
    let case = with_breaks(540, 480, &[]).with(|case| case.parts.breaks[1].shift_at_most = Minutes::of(479));
    assert_eq!(case.amounts("meal").len(), 0);
}

#[test]
fn a_largest_matching_decides_and_not_the_order() {
    // The early rule takes only the first break, the free rule either: a greedy choice in the order of the rules would fail.
    let case = Case::week().with(|case| {
        let free = &mut case.parts.breaks[0];
        free.count = 1;
        let mut early = free.clone();
        early.id = crate::fixture::id!(fika_model::RuleId, "early");
        early.window = BreakWindow { latest_after_start: Some(Minutes::of(120)), ..BreakWindow::default() };
        case.parts.breaks.push(early);
    });
    assert_eq!((case.amounts("rest"), case.amounts("early")), (vec![], vec![]));
    let late = case.with(|case| *case.shift(0, 0) = lay("x", 540, 480, &[(REST, 125, 15, true), MEAL, AFTERNOON]));
    assert_eq!((late.amounts("rest"), late.amounts("early")), (vec![], vec![(120, 125)]));
}

/// One agent's one shift, with the meal rule changed.
fn with_meal(change: impl FnOnce(&mut fika_model::rules::BreakRule), length: u32, breaks: &[Lay]) -> Case {
    Case::week().with(|case| {
        change(&mut case.parts.breaks[1]);
        case.roster.agents.truncate(1);
        case.roster.agents[0].shifts = vec![lay("x", 540, length, breaks)];
    })
}

fn meal(offset: u32, length: u32) -> Lay {
    (ActivityKind::Meal, offset, length, false)
}

#[test]
fn breaks_for_every_so_many_minutes_or_major_fraction() {
    // The California rule: 10 minutes for each 4 hours or major fraction, none in shifts of less than 3 1/2 hours.
    let check = |length, due: usize| {
        let case = Case::week().with(|case| {
            let rule = &mut case.parts.breaks[0];
            (rule.count, rule.shift_longer_than) = (1, Minutes::of(209));
            rule.terms.every = Some(Every { length: Minutes::of(240), or_major_fraction: true });
            *case.shift(0, 0) = lay("x", 540, length, &[]);
        });
        assert_eq!(case.amounts("rest"), vec![(15, 0); due], "{length}");
    };
    check(209, 0);
    check(210, 1);
    check(360, 1);
    check(361, 2);
    check(600, 2);
    check(601, 3);
}

#[test]
fn a_break_may_be_cut_into_pieces_of_the_least_length() {
    let check = |breaks: &[Lay], expect: &[(i64, i64)]| {
        let case = with_meal(|rule| (rule.length, rule.terms.smallest_piece) = (Minutes::of(45), Some(Minutes::of(15))), 480, breaks);
        assert_eq!(case.amounts("meal"), expect, "{breaks:?}");
    };
    check(&[meal(210, 45)], &[]);
    check(&[meal(150, 15), meal(210, 30)], &[]);
    check(&[meal(150, 25), meal(210, 20)], &[]);
    check(&[meal(150, 15), meal(180, 15), meal(210, 15)], &[]);
    check(&[meal(150, 10), meal(210, 35)], &[(45, 35)]);
    check(&[meal(150, 15), meal(210, 25)], &[(45, 25)]);
    check(&[meal(115, 15), meal(210, 30)], &[(45, 30)]);
}

#[test]
fn the_walk_comes_on_top() {
    let check = |length, expect: &[(i64, i64)]| {
        let case = with_meal(|rule| rule.terms.walk = Minutes::of(10), 480, &[meal(210, length)]);
        assert_eq!(case.amounts("meal"), expect);
    };
    check(40, &[]);
    check(30, &[(40, 30)]);
    check(45, &[(40, 45)]);
}

#[test]
fn a_meal_around_the_middle() {
    let check = |start, length, most, offset, expect: &[(i64, i64)]| {
        let change = |rule: &mut fika_model::rules::BreakRule| {
            rule.window = BreakWindow { around_middle: Some(Minutes::of(most)), ..BreakWindow::default() };
        };
        let case = Case::week().with(|case| {
            change(&mut case.parts.breaks[1]);
            case.roster.agents.truncate(1);
            case.roster.agents[0].shifts = vec![lay("x", start, length, &[meal(offset, 30)])];
        });
        assert_eq!(case.amounts("meal"), expect, "{length} {offset}");
    };
    check(540, 480, 30, 195, &[]);
    check(540, 480, 30, 194, &[(195, 194)]);
    check(540, 480, 30, 255, &[]);
    check(540, 480, 30, 256, &[(255, 256)]);
    check(540, 480, 0, 225, &[]);
    check(540, 495, 0, 232, &[(233, 232)]);
}

#[test]
fn triggers_by_the_wall_clock() {
    let trigger = |begins, ends_after, touches| BreakTrigger { begins, ends_after, touches };
    let check = |trigger, start: i32, length, due: usize| {
        let case = Case::week().with(|case| {
            case.parts.breaks[1].terms.trigger = trigger;
            *case.shift(0, 0) = lay("x", start, length, &[]);
        });
        assert_eq!(case.amounts("meal").len(), due, "{start} {length}");
    };
    // Beginning between 13:00 and 06:00.
    let late = trigger(Some((780, 1800)), None, None);
    check(late, 779, 400, 0);
    check(late, 780, 400, 1);
    check(late, 359, 400, 1);
    check(late, 360, 400, 0);
    // Ending after 19:00.
    let evening = trigger(None, Some(1140), None);
    check(evening, 660, 480, 0);
    check(evening, 660, 481, 1);
    // Some minute between 11:00 and 14:00.
    let noon = trigger(None, None, Some((660, 840)));
    check(noon, 180, 480, 0);
    check(noon, 181, 480, 1);
    check(noon, 839, 480, 1);
    check(noon, 840, 480, 0);
}

#[test]
fn a_waiver_frees_only_its_agent_and_only_short_shifts() {
    let check = |waived: bool, length, due: usize| {
        let case = Case::week().with(|case| {
            case.parts.breaks[1].terms.waivable_at_most = Some(Minutes::of(420));
            if waived {
                case.parts.agents[0].waives.push(crate::fixture::id!(fika_model::RuleId, "meal"));
            }
            *case.shift(0, 0) = lay("x", 540, length, &[]);
        });
        assert_eq!(case.amounts("meal").len(), due, "{waived} {length}");
    };
    check(false, 420, 1);
    check(true, 420, 0);
    check(true, 421, 1);
}

#[test]
fn a_missed_break_costs_what_the_law_sets_once_a_shift_and_kind() {
    let priced = |breaks: &[Lay]| {
        Case::week().with(|case| {
            for rule in &mut case.parts.breaks {
                rule.terms.missed_premium = Minutes::of(60);
            }
            *case.shift(0, 0) = lay("x", 540, 480, breaks);
        })
    };
    let check = |breaks: &[Lay], expect| assert_eq!(priced(breaks).certificate().premium_minutes(), expect, "{breaks:?}");
    check(&[MORNING, MEAL, AFTERNOON], 0);
    check(&[MORNING, MEAL], 60);
    check(&[MEAL], 60);
    check(&[MORNING], 120);
    let certificate = priced(&[MEAL]).certificate();
    let missed: Vec<_> = certificate.violations.iter().filter(|v| v.rule.as_str() == "rest").collect();
    assert_eq!(missed.iter().map(|v| v.premium_minutes).collect::<Vec<_>>(), [60, 0]);
    assert!(missed[0].cause.ends_with("the law sets 60 minutes of pay for it"), "{}", missed[0].cause);
}

#[test]
fn a_group_begins_its_meal_at_one_minute() {
    let check = |same, offset, template: &str, expect: &[(i64, i64)]| {
        let case = Case::week().with(|case| {
            case.parts.breaks[1].terms.same_time = Some(same);
            let mut other = case.parts.templates[0].clone();
            other.id = crate::fixture::id!(fika_model::TemplateId, "other");
            case.parts.templates.push(other);
            // a2's Monday.
            *case.shift(1, 0) = lay("x", 540, 480, &[MORNING, meal(offset, 30), AFTERNOON]);
            case.shift(1, 0).template = Some(crate::fixture::id!(fika_model::TemplateId, template));
        });
        assert_eq!(case.amounts("meal"), expect, "{same:?} {offset} {template}");
    };
    check(SameTime::Crew, 210, "day", &[]);
    check(SameTime::Crew, 215, "day", &[(750, 755)]);
    check(SameTime::Crew, 215, "other", &[]);
    check(SameTime::Team, 215, "other", &[(750, 755)]);
    check(SameTime::Site, 215, "other", &[(750, 755)]);
    let other_team = |same, expect: &[(i64, i64)]| {
        let case = Case::week().with(|case| {
            case.parts.breaks[1].terms.same_time = Some(same);
            for agent in 3..6 {
                *case.shift(agent, 0) = lay(&format!("y{agent}"), 540, 480, &[MORNING, meal(215, 30), AFTERNOON]);
            }
        });
        assert_eq!(case.amounts("meal"), expect, "{same:?}");
    };
    other_team(SameTime::Team, &[]);
    other_team(SameTime::Site, &[(750, 755); 3]);
}

#[test]
fn the_bounds_of_a_choice_are_safe_at_every_start() {
    // The meal may begin 180 to 240 minutes after the start (11:00 is 120, 330 before the end is 150, 120 before the end leaves 330);
    // the stretches of 120 minutes at most leave 195 to 225 between rests at 90 to 105 and 360 to 375.
    let check = |choice: Option<(i32, u32)>, asked: bool, expect: &[(i64, i64)]| {
        let case = Case::week().with(|case| {
            case.parts.breaks[1].terms.choice = asked;
            case.roster.agents.truncate(1);
            case.roster.agents[0].shifts.truncate(1);
            case.shift(0, 0).activities[3].choice = choice.map(|(start, length)| crate::fixture::span(start, length));
        });
        case.expect(Rule::BreakChoice, expect);
    };
    check(None, false, &[]);
    check(None, true, &[(1, 0)]);
    check(Some((750, 30)), true, &[]);
    check(Some((750, 45)), true, &[]);
    check(Some((750, 50)), true, &[(0, 5)]);
    check(Some((750, 55)), true, &[(0, 10)]);
    check(Some((755, 30)), true, &[(0, 1)]);
    check(Some((750, 30)), false, &[(0, 1), (0, 1)]);
    let on_work = Case::week().with(|case| case.shift(0, 0).activities[0].choice = Some(crate::fixture::span(540, 30)));
    on_work.expect(Rule::BreakChoice, &[(0, 1)]);
}
