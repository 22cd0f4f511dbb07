//! Counters, wishes, spreads and pairs, each against a count by hand.

use fika_model::Request;
use fika_model::calendar::Date;
use fika_model::fairness::{Apart, TeamCompany};
use fika_model::people::LoadHistory;
use fika_model::{ActivityKind, Minutes, TemplateId};

use super::*;
use crate::fixture::{Case, Lay, id, shift as lay};

const REST: ActivityKind = ActivityKind::RestBreak;

fn report(case: &Case) -> FairnessReport {
    crate::fairness(&Request::check(case.parts.clone()).expect("a sound request"), &case.roster)
}

/// The counters of the first agent after a roster with these shifts: day, start, length and offset of the first break.
fn counted(shifts: &[(i32, i32, u32, u32)]) -> FairCounters {
    let case = Case::week().with(|case| {
        let one = |(day, start, length, offset): &(i32, i32, u32, u32)| {
            lay(&format!("{day}"), day * 1440 + start, *length, &[(REST, *offset, 15, true)])
        };
        case.roster.agents[0].shifts = shifts.iter().map(one).collect();
    });
    report(&case).carry_over[0].history.counters
}

#[test]
fn burdens_on_both_sides_of_each_bound() {
    let check = |shifts: &[(i32, i32, u32, u32)], expect: (u32, u32, u32)| {
        let counters = counted(shifts);
        assert_eq!((counters.unpopular_shifts, counters.late_breaks, counters.weekend_shifts), expect, "{shifts:?}");
        assert_eq!(counters.paid_minutes, shifts.iter().map(|(_, _, length, _)| *length).sum::<u32>());
    };
    check(&[(0, 420, 480, 105)], (0, 0, 0));
    check(&[(0, 419, 480, 105)], (1, 0, 0));
    check(&[(0, 720, 480, 106)], (0, 1, 0));
    check(&[(0, 721, 480, 105)], (1, 0, 0));
    check(&[(4, 540, 480, 105), (5, 540, 240, 105), (6, 960, 480, 106)], (1, 1, 2));
}

#[test]
fn earlier_counters_are_added_to_and_the_spread_is_told_before_and_after() {
    let case = Case::week().with(|case| {
        for (n, unpopular) in [3, 1, 0, 0, 0, 0].into_iter().enumerate() {
            let counters = FairCounters { paid_minutes: 2400, unpopular_shifts: unpopular, ..FairCounters::default() };
            case.parts.agents[n].history.counters = counters;
        }
    });
    let told = report(&case);
    assert_eq!(told.carry_over[0].history.counters.unpopular_shifts, 3);
    let [measure] = &told.measures[..] else { panic!("one burden is carried: {:?}", told.measures) };
    assert_eq!((measure.burden, measure.agents, measure.groups), (Burden::UnpopularShifts, 6, 1));
    // Shares of 3, 1 and four of 0: half the mean difference is 1/2, the mean 2/3.
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
    close(measure.before.range, 3.0);
    close(measure.before.gini, 0.75);
    // With this week all have 4,650 paid minutes, which changes the scale and not the shares of each other.
    close(measure.after.range, 3.0 * 2400.0 / 4650.0);
    close(measure.after.gini, 0.75);
}

#[test]
fn only_like_agents_are_compared() {
    let case = Case::week().with(|case| {
        case.parts.agents[0].history.counters = FairCounters { paid_minutes: 2400, unpopular_shifts: 3, ..FairCounters::default() };
        let morning = WallWindow { weekdays: fika_model::people::Weekdays::ALL, from_minute: 480, to_minute: 1080 };
        case.parts.agents[0].availability = vec![morning];
    });
    let told = report(&case);
    assert_eq!((told.measures[0].agents, told.measures[0].groups), (5, 1));
    assert!(told.measures[0].after.range.abs() < 1e-9);
}

#[test]
fn gini_of_equal_and_of_one_for_all() {
    let check = |shares: &[f64], expect: f64| assert!((gini(shares) - expect).abs() < 1e-9, "{shares:?}: {}", gini(shares));
    check(&[0.0, 0.0], 0.0);
    check(&[2.0, 2.0, 2.0], 0.0);
    check(&[0.0, 1.0], 0.5);
    check(&[1.0, 0.0, 0.0, 0.0], 0.75);
}

#[test]
fn wishes_count_by_kind() {
    let check = |wish: Wish, offsets: [u32; 2], expect: Option<(u32, u32)>| {
        let case = Case::week().with(|case| {
            case.parts.agents[0].wishes = vec![wish.clone()];
            for (agent, offset) in offsets.into_iter().enumerate() {
                let rest: Lay = (REST, offset, 15, true);
                case.roster.agents[agent].shifts.truncate(2);
                *case.shift(agent, 0) = lay(&format!("x{agent}"), 540, 480, &[rest]);
            }
        });
        let told = report(&case);
        let counters = told.carry_over[0].history.counters;
        assert_eq!((counters.wishes_asked, counters.wishes_granted), expect.unwrap_or_default(), "{wish:?}");
        assert_eq!(told.wishes.first().map(|count| (count.asked, count.granted)), expect, "{wish:?}");
    };
    let date = |day| Date::constant(2026, 3, day);
    check(Wish::DayOff(date(2)), [90, 90], Some((1, 0)));
    check(Wish::DayOff(date(4)), [90, 90], Some((1, 1)));
    check(Wish::DayOff(date(9)), [90, 90], None);
    check(Wish::Template(date(2), id!(TemplateId, "day")), [90, 90], Some((1, 1)));
    check(Wish::Template(date(4), id!(TemplateId, "day")), [90, 90], Some((1, 0)));
    check(Wish::StartNear(570), [90, 90], Some((2, 2)));
    check(Wish::StartNear(571), [90, 90], Some((2, 0)));
    let colleague = |name: &str| Wish::Colleague(id!(AgentId, name));
    check(colleague("a2"), [90, 100], Some((2, 2)));
    check(colleague("a2"), [90, 101], Some((2, 1)));
    check(colleague("a1"), [90, 100], None);
    // b1 works every day; their rests lie at 90 minutes on both days that a1 works.
    check(colleague("b1"), [90, 90], Some((2, 2)));
}

/// The first team on Monday with rests of 15 minutes at these offsets and nothing else.
fn monday(offsets: [u32; 3]) -> Case {
    Case::week().with(|case| {
        case.roster.agents.truncate(3);
        for (agent, offset) in offsets.into_iter().enumerate() {
            case.roster.agents[agent].shifts.truncate(1);
            *case.shift(agent, 0) = lay(&format!("x{agent}"), 540, 480, &[(REST, offset, 15, true)]);
        }
    })
}

#[test]
fn pairs_who_met_and_those_left_out() {
    let check = |case: &Case, expect: &[(u32, u32, &[&str])]| {
        let told = report(case);
        let read = |team: &TeamCompany| (team.pairs, team.met, team.left_out.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>());
        let expect: Vec<_> =
            expect.iter().map(|(pairs, met, out)| (*pairs, *met, out.iter().map(|id| (*id).to_owned()).collect())).collect();
        assert_eq!(told.teams.iter().map(read).collect::<Vec<_>>(), expect);
    };
    check(&monday([90, 90, 90]), &[(3, 3, &[])]);
    check(&monday([90, 100, 110]), &[(3, 2, &[])]);
    check(&monday([90, 100, 111]), &[(3, 1, &["a3"])]);
    check(&Case::week(), &[(3, 3, &[]), (3, 3, &[])]);
    check(&monday([90, 90, 90]).with(|case| case.roster.agents.truncate(1)), &[]);
    // The third is on shift with the others for the last five minutes, or four, of theirs: a pair, but no chance to meet.
    let late = |start| monday([90, 90, 90]).with(|case| *case.shift(2, 0) = lay("late", start, 480, &[(REST, 90, 15, true)]));
    check(&late(1015), &[(3, 1, &[])]);
    check(&late(1016), &[(1, 1, &[])]);
}

/// Who did not meet in a team of three, and why; with how many pairs could have.
fn apart(case: &Case) -> (u32, Vec<(String, Apart)>) {
    let told = report(case);
    let of = |team: &TeamCompany| team.strangers.iter().map(|two| (format!("{} {}", two.one, two.other), two.why)).collect();
    told.teams.first().map(|team| (team.possible, of(team))).unwrap_or_default()
}

#[test]
fn who_did_not_meet_is_named_with_the_reason() {
    let named = |all: &[(&str, Apart)]| all.iter().map(|(two, why)| ((*two).to_owned(), *why)).collect::<Vec<_>>();
    assert_eq!(apart(&monday([90, 90, 90])), (3, Vec::new()));
    assert_eq!(apart(&monday([90, 100, 111])), (3, named(&[("a1 a3", Apart::PlacedApart), ("a2 a3", Apart::PlacedApart)])));
    // The third comes when the others have gone; or for the last 35 minutes of theirs, or 34, of which both edges take 30.
    let at = |start| monday([90, 90, 90]).with(|case| *case.shift(2, 0) = lay("late", start, 480, &[(REST, 90, 15, true)]));
    let never = named(&[("a1 a3", Apart::NeverTogether), ("a2 a3", Apart::NeverTogether)]);
    assert_eq!(apart(&at(1020)), (1, never));
    let edge = i32::from(u16::try_from(Case::week().parts.wellbeing.edge.get()).expect("a short edge"));
    let no_window = named(&[("a1 a3", Apart::NoCommonWindow), ("a2 a3", Apart::NoCommonWindow)]);
    assert_eq!(apart(&at(1020 - 2 * edge - 4)), (1, no_window.clone()));
    let placed = named(&[("a1 a3", Apart::PlacedApart), ("a2 a3", Apart::PlacedApart)]);
    assert_eq!(apart(&at(1020 - 2 * edge - 5)), (3, placed));
    // A window of the rule that ends early is no common window with one that begins late.
    let early = at(840).with(|case| {
        for rule in &mut case.parts.breaks {
            rule.window = fika_model::rules::BreakWindow { latest_after_start: Some(Minutes::of(120)), ..rule.window };
        }
    });
    assert_eq!(apart(&early), (1, no_window));
}

#[test]
fn who_has_social_time_with_two_companions_is_never_left_out() {
    let report = report(&Case::week());
    assert!(Case::week().parts.wellbeing.social_companions > 0 && Case::week().certificate().violations.is_empty());
    assert!(report.teams.iter().all(|team| team.left_out.is_empty()));
}

#[test]
fn what_goes_out_can_come_in() {
    let case = Case::week();
    let mut parts = case.parts.clone();
    for (agent, carried) in parts.agents.iter_mut().zip(report(&case).carry_over) {
        assert_eq!(agent.id, carried.agent);
        (agent.last_shift_end, agent.days_worked_before, agent.history) = (carried.last_shift_end, carried.days_worked, carried.history);
    }
    assert!(Request::check(parts.clone()).is_ok());
    let twice = Case { parts, ..case.clone() };
    assert_eq!(report(&twice).carry_over[0].history.counters.paid_minutes, 2 * report(&case).carry_over[0].history.counters.paid_minutes);
    assert_ne!(report(&case).carry_over[0].history, LoadHistory::default());
    assert_eq!(case.parts.wellbeing.social, Minutes::of(15));
}

#[test]
fn who_was_hardly_there_is_not_compared() {
    let measured = |paid: u32| {
        let case = Case::week().with(|case| {
            case.roster.agents.iter_mut().for_each(|agent| agent.shifts.clear());
            for (n, agent) in case.parts.agents.iter_mut().enumerate() {
                let paid_minutes = if n == 0 { paid } else { 2400 };
                agent.history.counters = FairCounters { paid_minutes, unpopular_shifts: 1, ..FairCounters::default() };
            }
        });
        report(&case).measures[0].agents
    };
    // Half of the mean of five with 2,400 minutes and one with 1,090.9.
    assert_eq!((measured(1091), measured(1090)), (6, 5));
}
