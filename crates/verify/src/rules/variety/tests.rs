//! Runs and hard minutes on the sound week: accepted, refused with the amount, and both sides of each bound.

use fika_model::people::{AgentSkill, WallWindow, Weekdays};
use fika_model::request::Queue;
use fika_model::{Activity, ActivityKind, Minutes, QueueId, SkillId};

use crate::fixture::{Case, id, span};
use crate::rule::Rule;

/// A piece of the first shift: minutes after its start, length, the queues it names; none is a rest.
type Laid<'a> = (i32, u32, &'a [&'a str]);

/// The sound week where the first agent can serve both queues, `claims` from nine to five, with her first shift laid anew. Its time is
/// 540 to 1,020; rest at 90, meal at 210, rest at 360 minutes after the start.
fn case(most: Option<u16>, hard: Option<u16>, laid: &[Laid<'_>]) -> Case {
    Case::week().with(|case| {
        case.parts.wellbeing.most_on_one_queue = most.map(Minutes::of);
        case.parts.agents[0].skills.push(AgentSkill { skill: id!(SkillId, "claims"), proficiency: 1.0, priority: 2 });
        let claims: &mut Queue = &mut case.parts.queues[1];
        claims.hard_minutes_per_day = hard.map(Minutes::of);
        claims.hours = vec![WallWindow { weekdays: Weekdays::ALL, from_minute: 540, to_minute: 1020 }];
        case.roster.agents.truncate(1);
        case.roster.agents[0].shifts.truncate(1);
        let shift = case.shift(0, 0);
        let (work, rest) = (shift.activities[0].clone(), shift.activities[1].clone());
        let piece = |(offset, length, queues): &Laid<'_>| {
            let base = if queues.is_empty() { rest.clone() } else { work.clone() };
            let queues = queues.iter().map(|name| id!(QueueId, *name)).collect();
            Activity { span: span(540 + offset, *length), queues, ..base }
        };
        shift.activities = laid.iter().map(piece).collect();
    })
}

const CALLS: &[&str] = &["calls", "claims"];
const CLAIMS: &[&str] = &["claims", "calls"];

#[test]
fn runs_count_across_breaks_up_to_the_limit() {
    let check = |laid: &[Laid<'_>], row: &[(i64, i64)], least: &[(i64, i64)]| {
        let case = case(Some(120), None, laid);
        case.expect(Rule::QueueInRow, row);
        case.expect(Rule::QueueLeast, least);
    };
    check(&[(0, 90, CALLS), (90, 15, &[]), (105, 30, CALLS), (135, 30, CLAIMS)], &[], &[]);
    check(&[(0, 90, CALLS), (90, 15, &[]), (105, 31, CALLS), (136, 30, CLAIMS)], &[(120, 121)], &[]);
    check(&[(0, 90, CALLS), (90, 15, &[]), (105, 30, CALLS), (135, 29, CLAIMS)], &[], &[(30, 29)]);
    check(&[(0, 90, CALLS), (90, 29, CLAIMS), (119, 60, CALLS)], &[], &[(30, 29)]);
    check(&[(0, 121, &["calls"])], &[(120, 121)], &[]);
    check(&[(0, 20, CALLS)], &[], &[]);
}

#[test]
fn other_work_ends_a_run_and_a_part_alone_may_be_short() {
    let with_training = |length: u32| {
        case(Some(120), None, &[(0, 120, CALLS), (120, 30, &["calls"]), (150, length, CALLS)]).with(|case| {
            let training = &mut case.shift(0, 0).activities[1];
            (training.kind, training.queues) = (ActivityKind::Training, Vec::new());
        })
    };
    with_training(10).expect(Rule::QueueLeast, &[]);
    with_training(120).expect(Rule::QueueInRow, &[]);
    with_training(121).expect(Rule::QueueInRow, &[(120, 121)]);
}

#[test]
fn minutes_count_while_another_queue_is_open_that_is_not_hard() {
    let late: &[Laid<'_>] = &[(0, 60, CLAIMS), (60, 480, CALLS)];
    // Claims closes at 17:00, 480 minutes after the start.
    case(Some(420), None, late).expect(Rule::QueueInRow, &[]);
    case(Some(419), None, late).expect(Rule::QueueInRow, &[(419, 420)]);
    // A hard queue is no way out of the run on calls; on the hard one itself, calls is.
    case(Some(60), Some(60), late).expect(Rule::QueueInRow, &[]);
    case(Some(60), Some(60), &[(0, 61, CLAIMS), (61, 60, CALLS)]).expect(Rule::QueueInRow, &[(60, 61)]);
}

#[test]
fn without_several_queues_or_a_limit_nothing_is_asked() {
    case(None, None, &[(0, 10, CALLS), (10, 10, CLAIMS), (20, 400, CALLS)]).expect(Rule::QueueLeast, &[]);
    let single = case(Some(60), None, &[(0, 400, &["calls"])]).with(|case| drop(case.parts.agents[0].skills.pop()));
    single.expect(Rule::QueueInRow, &[]);
}

#[test]
fn hard_minutes_count_wherever_the_queue_is_named() {
    let check = |laid: &[Laid<'_>], expect: &[(i64, i64)]| case(None, Some(60), laid).expect(Rule::HardMinutes, expect);
    check(&[(0, 60, CALLS), (60, 60, &["calls"])], &[]);
    check(&[(0, 61, CALLS), (61, 60, &["calls"])], &[(60, 61)]);
    check(&[(0, 30, CLAIMS), (30, 60, &["calls"]), (90, 31, CALLS)], &[(60, 61)]);
    check(&[(0, 400, &["calls"])], &[]);
}

#[test]
fn who_can_serve_hard_queues_alone_may_name_none() {
    let named = |queues: &'static [&'static str], skills: usize| {
        let case = case(None, Some(60), &[(0, 60, queues)]).with(|case| drop(case.parts.agents[0].skills.drain(..skills)));
        case.with(|case| case.shift(0, 0).activities[0].kind = ActivityKind::OnQueue)
    };
    named(&[], 1).expect(Rule::ActivityQueues, &[]);
    named(&["claims"], 1).expect(Rule::ActivityQueues, &[]);
    named(&[], 0).expect(Rule::ActivityQueues, &[(0, 60)]);
}
