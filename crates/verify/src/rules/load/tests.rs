//! Limits of days, averages, weekends, nights and starts: accepted, rejected with the amount, and both sides of each bound.

use super::*;
use crate::fixture::{Case, MEAL, MORNING, id, shift as lay, span};
use fika_model::people::{FixedShift, LoadLimits, MinutesRange};
use fika_model::{Minute, RuleId, TemplateId};

/// One agent with shifts of these starts and lengths and these limits.
fn case(days: u32, limits: LoadLimits, shifts: &[(i32, u32)]) -> Case {
    Case::days(days).with(|case| {
        case.parts.contracts[0].limits = limits;
        case.roster.agents.truncate(1);
        case.roster.agents[0].shifts = shifts.iter().map(|(start, length)| lay(&start.to_string(), *start, *length, &[])).collect();
    })
}

fn range(least: u16, most: u16) -> MinutesRange {
    MinutesRange { least: Minutes::of(least), most: Minutes::of(most) }
}

/// So many days of eight hours from 09:00, from a day on.
fn days(from: i32, count: i32) -> Vec<(i32, u32)> {
    (from..from + count).map(|day| (day * 1440 + 540, 480)).collect()
}

#[test]
fn fixed_shifts_stand() {
    let check = |start, length, template: &str, breaks: &[(&str, i32)], expect: &[(i64, i64)]| {
        let case = Case::week().with(|case| {
            case.parts.agents[0].fixed.push(FixedShift {
                template: id!(TemplateId, "day"),
                span: span(540, 480),
                breaks: breaks.iter().map(|(rule, start)| (id!(RuleId, *rule), Minute::new(*start))).collect(),
            });
            case.parts.breaks[0].count = 1;
            *case.shift(0, 0) = lay("x", start, length, &[MORNING, MEAL]);
            let mut other = case.parts.templates[0].clone();
            other.id = id!(TemplateId, "other");
            case.parts.templates.push(other);
            case.shift(0, 0).template = Some(id!(TemplateId, template));
        });
        case.expect(Rule::Fixed, expect);
    };
    check(540, 480, "day", &[], &[]);
    check(570, 480, "day", &[], &[(1, 0)]);
    check(540, 485, "day", &[], &[(1, 0)]);
    check(540, 480, "other", &[], &[(1, 0)]);
    check(540, 480, "day", &[("meal", 750), ("rest", 630)], &[]);
    check(540, 480, "day", &[("meal", 755)], &[(1, 0)]);
    check(540, 480, "day", &[("rest", 750)], &[(1, 0)]);
}

#[test]
fn paid_minutes_of_a_day() {
    let limits = LoadLimits { day_paid: Some(range(300, 480)), ..LoadLimits::default() };
    let check = |length, expect: &[(i64, i64)]| case(7, limits, &[(540, length)]).expect(Rule::DayPaid, expect);
    check(300, &[]);
    check(299, &[(300, 299)]);
    check(480, &[]);
    check(481, &[(480, 481)]);
}

#[test]
fn paid_minutes_on_average() {
    let limits = |weeks| LoadLimits { averaging: Some(Averaging { weeks, week_paid: range(1920, 2160) }), ..LoadLimits::default() };
    let check = |weeks, spans: &[(i32, u32)], before: (u32, u16), least: &[(i64, i64)], most: &[(i64, i64)]| {
        let case = case(14, limits(weeks), spans).with(|case| {
            case.parts.agents[0].history.averaging_weeks = before.0;
            case.parts.agents[0].history.averaging_paid = Minutes::of(before.1);
        });
        case.expect(Rule::AveragePaidLeast, least);
        case.expect(Rule::AveragePaidMost, most);
    };
    // Five days of 480 and four of 480 make 4,320 in two weeks: just the most.
    let nine = [days(0, 5), days(7, 4)].concat();
    check(2, &nine, (0, 0), &[], &[]);
    let more = [days(0, 5), days(7, 3), vec![(10 * 1440 + 540, 481)]].concat();
    check(2, &more, (0, 0), &[], &[(4320, 4321)]);
    let eight = [days(0, 4), days(7, 4)].concat();
    check(2, &eight, (0, 0), &[], &[]);
    let seven = [days(0, 4), days(7, 3)].concat();
    check(2, &seven, (0, 0), &[(3840, 3360)], &[]);
    // A period of four weeks that does not end here: only the most is asked for, with what came before.
    check(4, &nine, (1, 4320), &[], &[]);
    check(4, &nine, (1, 4321), &[], &[(8640, 8641)]);
    // A period that ends after the first week.
    check(2, &nine, (1, 1440), &[], &[]);
    check(2, &nine, (1, 1439), &[(3840, 3839)], &[]);
}

#[test]
fn weekends_off_look_back() {
    let limits = |free, of| LoadLimits { weekends: Some(WeekendRule { free, of }), ..LoadLimits::default() };
    let check = |free, of, spans: &[(i32, u32)], before: &[bool], expect: &[(i64, i64)]| {
        let case = case(14, limits(free, of), spans).with(|case| case.parts.agents[0].history.weekends_worked = before.to_vec());
        case.expect(Rule::WeekendsOff, expect);
    };
    let saturday = (5 * 1440 + 540, 480);
    let next_sunday = (13 * 1440 + 540, 480);
    check(1, 2, &[saturday], &[], &[]);
    check(1, 2, &[saturday, next_sunday], &[], &[(1, 0)]);
    check(1, 3, &[saturday, next_sunday], &[], &[]);
    check(1, 3, &[saturday, next_sunday], &[true], &[(1, 0)]);
    check(1, 2, &[saturday], &[true, false], &[(1, 0)]);
    check(1, 2, &[saturday], &[false, true], &[]);
    // Friday's shift reaches into Saturday, or ends with Friday.
    check(2, 2, &[(4 * 1440 + 960, 480)], &[], &[]);
    check(2, 2, &[(4 * 1440 + 960, 481)], &[], &[(2, 1), (2, 1)]);
}

#[test]
fn nights_are_limited() {
    let rule = NightRule {
        window: (1380, 1800),
        counts_from: Minutes::of(180),
        most_in_row: Some(2),
        most_per_week: Some(3),
        longest_shift: Some(Minutes::of(480)),
    };
    let limits = LoadLimits { nights: Some(rule), ..LoadLimits::default() };
    let night = |day: i32| (day * 1440 + 1320, 480_u32);
    let check = |spans: &[(i32, u32)], before, rule, expect: &[(i64, i64)]| {
        let case = case(7, limits, spans).with(|case| case.parts.agents[0].history.nights_in_row = before);
        case.expect(rule, expect);
    };
    check(&[night(0), night(1)], 0, Rule::NightsInRow, &[]);
    check(&[night(0), night(1)], 1, Rule::NightsInRow, &[(2, 3)]);
    check(&[night(1), night(2)], 1, Rule::NightsInRow, &[]);
    check(&[night(0), night(1), night(2)], 0, Rule::NightsInRow, &[(2, 3)]);
    check(&[night(0), night(1), night(3)], 0, Rule::NightsPerWeek, &[]);
    check(&[night(0), night(1), night(3), night(4)], 0, Rule::NightsPerWeek, &[(3, 4)]);
    check(&[(1320, 481)], 0, Rule::NightLength, &[(480, 481)]);
    // Three hours of the night make a night shift: 01:00 to 10:00 has five, 18:00 to 02:00 has three, one minute less has not.
    check(&[(60, 540)], 0, Rule::NightLength, &[(480, 540)]);
    check(&[(1080, 480)], 0, Rule::NightLength, &[]);
    check(&[(1050, 510)], 0, Rule::NightLength, &[(480, 510)]);
    check(&[(1049, 510)], 0, Rule::NightLength, &[]);
}

#[test]
fn rotation_goes_forward_on_days_in_a_row() {
    let limits = LoadLimits { forward_rotation: true, ..LoadLimits::default() };
    let check = |spans: &[(i32, u32)], before, expect: &[(i64, i64)]| {
        let case = case(7, limits, spans).with(|case| case.parts.agents[0].history.start_of_day_before = before);
        case.expect(Rule::ForwardRotation, expect);
    };
    check(&[(540, 480), (1980, 480)], None, &[]);
    check(&[(540, 480), (1979, 480)], None, &[(540, 539)]);
    check(&[(540, 480), (3419, 480)], None, &[]);
    check(&[(540, 480)], Some(540), &[]);
    check(&[(540, 480)], Some(541), &[(541, 540)]);
}

#[test]
fn starts_of_a_week_lie_close() {
    let limits = LoadLimits { starts_within: Some(Minutes::of(60)), ..LoadLimits::default() };
    let check = |spans: &[(i32, u32)], expect: &[(i64, i64)]| case(14, limits, spans).expect(Rule::StartsWithin, expect);
    check(&[(540, 480), (1440 + 600, 480)], &[]);
    check(&[(540, 480), (1440 + 601, 480)], &[(60, 61)]);
    check(&[(540, 480), (7 * 1440 + 700, 480)], &[]);
}
