//! Activities beside calls in the sound week: shifts from nine to five, on queue but for 10:30, 12:30 and 15:00.

use super::*;
use crate::fixture::{Case, id, span};
use fika_model::agenda::BackOfficeWork;
use fika_model::people::{WallWindow, Weekdays};
use fika_model::{Curve, Date, Fraction, Grid, Minutes, SkillId, Verdict};

use ActivityKind::{BackOffice, Coaching, Huddle, Meeting, Training};

fn agents(names: &[&str]) -> Vec<AgentId> {
    names.iter().map(|name| id!(AgentId, *name)).collect()
}

fn asked(name: &str, length: u16, circle: Circle) -> AskedActivity {
    AskedActivity::new(id!(ActivityId, name), Minutes::of(length), circle)
}

fn training(smallest_piece: Option<u16>) -> AskedActivity {
    asked("course", 60, Circle::Training { agents: agents(&["a1"]), smallest_piece: smallest_piece.map(Minutes::of) })
}

fn huddle(percent: u8, halves: bool) -> AskedActivity {
    let teams = vec![id!(TeamId, "red")];
    let circle = Circle::Huddle { teams, least_share: Fraction::percent(percent), halves };
    AskedActivity { each_week: true, ..asked("huddle", 15, circle) }
}

/// The week with something asked for, and something done.
fn case(activity: &AskedActivity, change: impl FnOnce(&mut Case)) -> Case {
    Case::week().with(|case| {
        case.parts.activities.push(activity.clone());
        change(case);
    })
}

#[test]
fn what_is_asked_for_may_be_there_and_nothing_else() {
    let check = |activity: &AskedActivity, kind, agent: usize, expect: &[(i64, i64)]| {
        case(activity, |case| case.hold("course", kind, 0, (0, 60), &[agent])).expect(Rule::ActivityAsked, expect);
    };
    check(&training(None), Training, 0, &[]);
    check(&training(None), Training, 1, &[(0, 60)]);
    check(&training(None), Meeting, 0, &[(0, 60)]);
    check(&asked("other", 60, training(None).circle), Training, 0, &[(0, 60)]);
    let on_queue = case(&training(None), |case| case.shift(0, 0).activities[0].asked = Some(id!(ActivityId, "course")));
    on_queue.expect(Rule::ActivityAsked, &[(0, 90)]);
    assert_eq!(case(&training(None), |case| case.hold("course", Training, 0, (0, 60), &[0])).certificate().verdict(), Verdict::Proved);
}

#[test]
fn activities_lie_in_their_windows_and_dates_on_the_step() {
    let window = |from_minute, to_minute| vec![WallWindow { weekdays: Weekdays::ALL, from_minute, to_minute }];
    let check = |windows, dates: Option<(i8, i8)>, day, start, expect: &[(i64, i64)]| {
        let dates = dates.map(|(from, to)| (Date::constant(2026, 3, from), Date::constant(2026, 3, to)));
        let activity = AskedActivity { windows, dates, ..training(None) };
        case(&activity, |case| case.hold("course", Training, day, (start - 540, 60), &[0])).expect(Rule::ActivityTime, expect);
    };
    check(Vec::new(), None, 0, 545, &[]);
    check(Vec::new(), None, 0, 547, &[(0, 60)]);
    check(window(545, 605), None, 0, 545, &[]);
    check(window(545, 605), None, 0, 540, &[(0, 60)]);
    check(window(545, 605), None, 0, 550, &[(0, 60)]);
    check(Vec::new(), Some((3, 4)), 1, 540, &[]);
    check(Vec::new(), Some((3, 4)), 2, 540, &[]);
    check(Vec::new(), Some((3, 4)), 0, 540, &[(0, 60)]);
    check(Vec::new(), Some((3, 4)), 3, 540, &[(0, 60)]);
}

#[test]
fn activities_are_as_long_as_asked_for_and_pieces_long_enough() {
    let check = |activity: &AskedActivity, lengths: &[u32], expect: &[(i64, i64)], once: &[(i64, i64)]| {
        let case = case(activity, |case| {
            for (day, length) in lengths.iter().enumerate() {
                case.hold("course", Training, day, (0, *length), &[0]);
            }
        });
        case.expect(Rule::ActivityLength, expect);
        case.expect(Rule::ActivityOnce, once);
    };
    check(&training(None), &[60], &[], &[]);
    check(&training(None), &[55], &[(60, 55)], &[]);
    check(&training(None), &[65], &[(60, 65)], &[(60, 65)]);
    check(&training(None), &[60, 60], &[], &[(60, 120)]);
    check(&training(Some(30)), &[30, 30], &[], &[]);
    check(&training(Some(30)), &[30], &[], &[]);
    check(&training(Some(30)), &[25, 35], &[(30, 25)], &[]);
    check(&training(Some(30)), &[30, 35], &[], &[(60, 65)]);
}

#[test]
fn who_is_named_takes_part_and_nobody_else() {
    let meeting = asked("leads", 30, Circle::Meeting { invited: agents(&["a1", "a2", "b1"]), quorum: 2 });
    let held = |change: fn(&mut Activity)| {
        case(&meeting, |case| {
            case.hold("leads", Meeting, 0, (0, 30), &[0, 1]);
            change(&mut case.shift(0, 0).activities[0]);
        })
    };
    held(|_| ()).expect(Rule::ActivityWith, &[]);
    held(|own| own.with.clear()).expect(Rule::ActivityWith, &[(2, 1)]);
    held(|own| own.with.push(id!(AgentId, "b1"))).expect(Rule::ActivityWith, &[(3, 1), (2, 1)]);
    held(|own| own.with.insert(0, id!(AgentId, "a1"))).expect(Rule::ActivityWith, &[(3, 1), (2, 1)]);
}

#[test]
fn a_meeting_has_its_quorum() {
    let check = |quorum, there: &[usize], expect: &[(i64, i64)]| {
        let meeting = asked("leads", 30, Circle::Meeting { invited: agents(&["a1", "a2", "b1"]), quorum });
        case(&meeting, |case| case.hold("leads", Meeting, 0, (0, 30), there)).expect(Rule::ActivityCircle, expect);
    };
    check(2, &[0, 3], &[]);
    check(3, &[0, 1, 3], &[]);
    check(3, &[0, 3], &[(3, 2)]);
}

#[test]
fn coaching_is_for_two_of_whom_one_may_coach() {
    let check = |coach: Coach, there: &[usize], expect: &[(i64, i64)]| {
        let coaching = asked("coaching", 30, Circle::Coaching { coach, coached: agents(&["a2"]) });
        let case = case(&coaching, |case| {
            case.parts.skills.push(id!(SkillId, "lead"));
            for leader in [2, 3] {
                let own = case.parts.agents[leader].skills[0].clone();
                case.parts.agents[leader].skills.push(fika_model::people::AgentSkill { skill: id!(SkillId, "lead"), ..own });
            }
            case.hold("coaching", Coaching, 0, (0, 30), there);
        });
        case.expect(Rule::ActivityCircle, expect);
    };
    let (named, skilled) = (Coach::Agent(id!(AgentId, "b1")), Coach::Skill(id!(SkillId, "lead")));
    check(named.clone(), &[1, 3], &[]);
    check(named.clone(), &[1, 2], &[(2, 2)]);
    check(named, &[1], &[(2, 1)]);
    check(skilled.clone(), &[1, 2], &[]);
    // A lead, but of the other team.
    check(skilled.clone(), &[1, 3], &[(2, 2)]);
    check(skilled, &[0, 1, 2], &[(2, 3)]);
}

#[test]
fn a_whole_team_meets_and_nobody_of_it_stays_on_the_phones() {
    let check = |percent, there: &[usize], expect: &[(i64, i64)]| {
        case(&huddle(percent, false), |case| case.hold("huddle", Huddle, 0, (0, 15), there)).expect(Rule::ActivityCircle, expect);
    };
    check(100, &[0, 1, 2], &[]);
    check(100, &[0, 1], &[(3, 2), (0, 1)]);
    check(67, &[0, 1], &[(3, 2), (0, 1)]);
    check(66, &[0, 1], &[(0, 1)]);
    check(100, &[0, 1, 2, 3], &[(4, 3)]);
    // Who is not on shift then does not stay on the phones, and counts among those who work that week.
    let off = |percent| {
        case(&huddle(percent, false), |case| {
            case.roster.agents[2].shifts.remove(0);
            case.hold("huddle", Huddle, 0, (0, 15), &[0, 1]);
        })
    };
    off(66).expect(Rule::ActivityCircle, &[]);
    off(67).expect(Rule::ActivityCircle, &[(3, 2)]);
}

#[test]
fn halves_are_two_and_neither_is_smaller_than_a_third() {
    let check = |parts: &[&[usize]], expect: &[(i64, i64)], once: &[(i64, i64)]| {
        let case = case(&huddle(100, true), |case| {
            parts.iter().enumerate().for_each(|(day, there)| case.hold("huddle", Huddle, day, (0, 15), there));
        });
        case.expect(Rule::ActivityCircle, expect);
        case.expect(Rule::ActivityOnce, once);
    };
    check(&[&[0, 1], &[2]], &[], &[]);
    check(&[&[0, 1, 2]], &[(1, 0)], &[]);
    check(&[&[0], &[2]], &[(3, 2)], &[]);
    check(&[&[0, 1], &[1, 2]], &[], &[(0, 1)]);
    check(&[&[0, 1], &[2], &[0]], &[(2, 0)], &[(30, 45), (0, 1)]);
}

#[test]
fn what_must_be_held_is_held() {
    let check = |must, held: &[u32], expect: &[(i64, i64)]| {
        let activity = AskedActivity { must, ..training(Some(30)) };
        let case = case(&activity, |case| {
            for (day, length) in held.iter().enumerate() {
                case.hold("course", Training, day, (0, *length), &[0]);
            }
        });
        case.expect(Rule::ActivityMust, expect);
    };
    check(true, &[60], &[]);
    check(true, &[30, 30], &[]);
    check(true, &[55], &[(60, 55)]);
    check(true, &[], &[(60, 0)]);
    check(false, &[], &[]);
}

#[test]
fn blocks_of_work_are_long_enough_for_people_who_can_do_it() {
    let check = |length, skill: &str, asked: &[(i64, i64)], expect: &[(i64, i64)]| {
        let case = Case::week().with(|case| {
            let grid = Grid::new(case.parts.days.start(), case.parts.interval, 672);
            let work = BackOfficeWork {
                id: id!(ActivityId, "mail"),
                name: String::new(),
                skill: id!(SkillId, skill),
                least_block: Minutes::of(45),
                required: Curve::from_fn(grid, |_| 1.0),
            };
            case.parts.back_office.push(work);
            case.hold("mail", BackOffice, 0, (0, length), &[0]);
        });
        case.expect(Rule::ActivityAsked, asked);
        case.expect(Rule::ActivityLength, expect);
    };
    check(45, "calls", &[], &[]);
    check(90, "calls", &[], &[]);
    check(40, "calls", &[], &[(45, 40)]);
    check(45, "claims", &[(0, 45)], &[]);
}

#[test]
fn what_was_held_is_told_for_each_it_is_for() {
    let request = |case: &Case| fika_model::Request::check(case.parts.clone()).expect("a sound request");
    let whole = case(&huddle(66, false), |case| case.hold("huddle", Huddle, 1, (0, 15), &[0, 1, 2]));
    let told = crate::activities(&request(&whole), &whole.roster);
    assert_eq!((told[0].minutes, told[0].people, told[0].is_held()), ((15, 15), (2, 3), true));
    assert_eq!((&told[0].held, &told[0].team), (&vec![span(1440 + 540, 15)], &Some(id!(TeamId, "red"))));
    let part = case(&training(Some(30)), |case| case.hold("course", Training, 0, (0, 30), &[0]));
    let told = crate::activities(&request(&part), &part.roster);
    assert_eq!((told[0].minutes, told[0].people, told[0].is_held()), ((60, 30), (1, 1), false));
    // Nobody of the team works: there is nothing to hold.
    let nobody = case(&huddle(100, false), |case| (0..3).for_each(|n| case.roster.agents[n].shifts.clear()));
    assert_eq!(crate::activities(&request(&nobody), &nobody.roster), []);
}
