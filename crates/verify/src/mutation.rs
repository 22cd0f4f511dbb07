//! Every mutant of a sound roster is refuted, and by the rule that it breaks.
//!
//! Sound rosters are built, not searched for: the members of a team share a day's start, length and breaks, which are drawn so that all
//! rules hold. Then one thing is changed.

use proptest::prelude::*;

use crate::fixture::{Case, Lay, id, shift as lay, span};
use crate::rule::Rule;
use fika_model::agenda::{AskedActivity, BackOfficeWork, Circle};
use fika_model::people::{AgentSkill, WallWindow, Weekdays};
use fika_model::request::Queue;
use fika_model::{Activity, ActivityId, ActivityKind, AgentId, Curve, Fraction, Grid, Minute, Minutes, QueueId, SkillId, Verdict};

/// A day of a team: start after midnight, and how far the breaks lie from their usual places.
#[derive(Debug, Clone, Copy)]
struct TeamDay {
    start: i32,
    morning: u32,
    meal: u32,
    afternoon: u32,
}

impl TeamDay {
    fn breaks(self) -> [Lay; 3] {
        let (rest, meal) = (ActivityKind::RestBreak, ActivityKind::Meal);
        [(rest, 80 + self.morning, 15, true), (meal, 200 + self.meal, 30, false), (rest, 345 + self.afternoon, 15, true)]
    }
}

/// Stretches of 80 to 95, 90 to 115, 105 to 120 and 115 to 120 minutes: all between 45 and 120.
fn team_day() -> impl Strategy<Value = TeamDay> {
    (0..3_i32, 0..4_u32, 0..3_u32, 0..2_u32).prop_map(|(start, morning, meal, afternoon)| TeamDay {
        start: 510 + 30 * start,
        morning: 5 * morning,
        meal: 5 * meal,
        afternoon: 5 * afternoon,
    })
}

/// A queue of a name, with the skill of the same name, that may be hard.
fn queue(name: &str, hard: Option<u16>) -> Queue {
    let hard_minutes_per_day = hard.map(Minutes::of);
    Queue { id: id!(QueueId, name), name: String::new(), skill: id!(SkillId, name), hours: Vec::new(), hard_minutes_per_day }
}

/// Everybody can serve `calls`, `claims` and the hard queue `post`, the last for two hours a day, and is on one queue for four at most: on
/// `calls` before the meal, on `claims` after it, and in the last piece on `post` too.
fn share_queues(case: &mut Case) {
    case.parts.queues.push(queue("post", Some(120)));
    case.parts.skills.push(id!(SkillId, "post"));
    case.parts.wellbeing.most_on_one_queue = Some(Minutes::of(240));
    for agent in &mut case.parts.agents {
        agent.skills.extend(["claims", "post"].map(|name| AgentSkill { skill: id!(SkillId, name), proficiency: 1.0, priority: 2 }));
    }
    for activities in case.roster.agents.iter_mut().flat_map(|agent| &mut agent.shifts).map(|shift| &mut shift.activities) {
        for (n, names) in
            [(0, &["calls", "claims"][..]), (2, &["calls", "claims"]), (4, &["claims", "calls"]), (6, &["claims", "calls", "post"])]
        {
            activities[n].queues = names.iter().map(|name| id!(QueueId, *name)).collect();
        }
    }
}

/// A sound case: per team five days from Monday or Wednesday on, each day its own layout.
fn sound() -> impl Strategy<Value = Case> {
    // Tuesday to Saturday would leave neither end of the week enough rest.
    let team = || (prop_oneof![Just(0_i32), Just(2)], prop::collection::vec(team_day(), 5));
    [team(), team()].prop_map(|teams| {
        Case::week().with_listed(|case| {
            ask(case);
            (case.parts.wellbeing.largest_group, case.parts.wellbeing.least_met_a_week) = (Some(3), 2);
            case.parts.wellbeing.largest_group_share = Some(Fraction::percent(90));
            for (position, entry) in case.roster.agents.iter_mut().enumerate() {
                let (first, layouts) = &teams[position / 3];
                let name = entry.agent.clone();
                entry.shifts = (*first..)
                    .zip(layouts)
                    .map(|(day, layout)| lay(&format!("{name}-{day}"), day * 1440 + layout.start, 480, &layout.breaks()))
                    .collect();
            }
            share_queues(case);
            for team in 0..2 {
                case.hold("huddle", ActivityKind::Huddle, 1, (465, 15), &[3 * team, 3 * team + 1, 3 * team + 2]);
            }
            (0..6).for_each(|agent| case.hold("course", ActivityKind::Training, 2, (420, 60), &[agent]));
            case.hold("mail", ActivityKind::BackOffice, 3, (450, 30), &[0]);
        })
    })
}

/// What is asked for beside calls: a huddle of each team and an hour of training for everybody, both of which must be, and mail.
fn ask(case: &mut Case) {
    let asked = |name: &str, length, circle| AskedActivity {
        id: id!(ActivityId, name),
        name: String::new(),
        circle,
        length: Minutes::of(length),
        each_week: false,
        dates: None,
        windows: vec![WallWindow { weekdays: Weekdays::ALL, from_minute: 930, to_minute: 1050 }],
        must: true,
    };
    let agents = case.parts.agents.iter().map(|agent| agent.id.clone()).collect();
    let huddle = Circle::Huddle { teams: Vec::new(), least_share: Fraction::ONE, halves: false };
    case.parts.activities = vec![asked("huddle", 15, huddle), asked("course", 60, Circle::Training { agents, smallest_piece: None })];
    let required = Curve::from_fn(Grid::new(case.parts.days.start(), case.parts.interval, 672), |_| 1.0);
    let (id, skill) = (id!(ActivityId, "mail"), id!(SkillId, "calls"));
    case.parts.back_office = vec![BackOfficeWork { id, name: String::new(), skill, least_block: Minutes::of(30), required }];
}

/// One change to a roster, with the rule that must refute it.
#[derive(Debug, Clone, Copy)]
enum Mutant {
    ShiftRestOffGrid,
    MoveRestAway,
    MoveMealOutOfWindow,
    DropCompanion,
    InventCompanion,
    LengthenShift,
    LengthenShiftOffTemplate,
    MoveStart,
    UnpayWork,
    PayMeal,
    UnpayRest,
    DeleteActivity,
    DeleteBreak,
    AddBreak,
    ForeignQueue,
    StayOnQueue,
    FlitToQueue,
    MoreOfTheHard,
    DeleteWeek,
    ExtraShift,
    ShortRest,
    DropAgent,
    RenameShift,
    NextGeneration,
    LeaveHuddle,
    MoveHuddle,
    ForgetColleague,
    MoveTraining,
    CutTraining,
    RepeatTraining,
    InventTraining,
    DropTraining,
    UnpayTraining,
    ShortenMail,
    GatherEverybody,
    MeetNobody,
}

const MUTANTS: &[(Mutant, &str)] = &[
    (Mutant::ShiftRestOffGrid, Rule::BreakGrid.id()),
    (Mutant::MoveRestAway, Rule::SocialMinutes.id()),
    (Mutant::MoveMealOutOfWindow, "meal"),
    (Mutant::DropCompanion, Rule::Companions.id()),
    (Mutant::InventCompanion, Rule::Companions.id()),
    (Mutant::LengthenShift, Rule::WeekPaidMost.id()),
    (Mutant::LengthenShiftOffTemplate, Rule::ShiftLength.id()),
    (Mutant::MoveStart, Rule::ShiftStart.id()),
    (Mutant::UnpayWork, Rule::ActivityPaid.id()),
    (Mutant::PayMeal, "meal"),
    (Mutant::UnpayRest, "rest"),
    (Mutant::DeleteActivity, Rule::Tiling.id()),
    (Mutant::DeleteBreak, "rest"),
    (Mutant::AddBreak, Rule::BreakUnasked.id()),
    (Mutant::ForeignQueue, Rule::ActivityQueues.id()),
    (Mutant::StayOnQueue, Rule::QueueInRow.id()),
    (Mutant::FlitToQueue, Rule::QueueLeast.id()),
    (Mutant::MoreOfTheHard, Rule::HardMinutes.id()),
    (Mutant::DeleteWeek, Rule::WeekPaidLeast.id()),
    (Mutant::ExtraShift, Rule::OneShiftADay.id()),
    (Mutant::ShortRest, Rule::RestBetweenShifts.id()),
    (Mutant::DropAgent, Rule::Agents.id()),
    (Mutant::RenameShift, Rule::ShiftId.id()),
    (Mutant::NextGeneration, Rule::Lineage.id()),
    (Mutant::LeaveHuddle, Rule::ActivityCircle.id()),
    (Mutant::MoveHuddle, Rule::ActivityWith.id()),
    (Mutant::ForgetColleague, Rule::ActivityWith.id()),
    (Mutant::MoveTraining, Rule::ActivityTime.id()),
    (Mutant::CutTraining, Rule::ActivityLength.id()),
    (Mutant::RepeatTraining, Rule::ActivityOnce.id()),
    (Mutant::InventTraining, Rule::ActivityAsked.id()),
    (Mutant::DropTraining, Rule::ActivityMust.id()),
    (Mutant::UnpayTraining, Rule::ActivityPaid.id()),
    (Mutant::ShortenMail, Rule::ActivityLength.id()),
    (Mutant::GatherEverybody, Rule::LargestGroup.id()),
    (Mutant::GatherEverybody, Rule::GroupShare.id()),
    (Mutant::MeetNobody, Rule::LeastMet.id()),
];

/// Moves an activity and lets its neighbours give way; activities stand as work, rest, work, meal, work, rest, work.
fn slide(case: &mut Case, agent: usize, shift: usize, activity: usize, by: i32) {
    let activities = &mut case.shift(agent, shift).activities;
    let moved = activities[activity].span;
    activities[activity].span = span(moved.start().get() + by, moved.length().get());
    let (before, after) = (activities[activity - 1].span, activities[activity + 1].span);
    activities[activity - 1].span = span(before.start().get(), (before.length().get() as i32 + by) as u32);
    activities[activity + 1].span = span(after.start().get() + by, (after.length().get() as i32 - by) as u32);
}

fn lengthen(case: &mut Case, agent: usize, shift: usize, by: u32) {
    let shift = case.shift(agent, shift);
    shift.span = span(shift.span.start().get(), shift.span.length().get() + by);
    let last = shift.activities.last_mut().expect("a shift has activities");
    last.span = span(last.span.start().get(), last.span.length().get() + by);
}

/// Moves all breaks of a shift away from those of the team.
fn be_alone(case: &mut Case, agent: usize, shift: usize) {
    for (activity, by) in [(1, -20), (3, -35), (5, -30)] {
        slide(case, agent, shift, activity, by);
    }
}

fn relay(case: &mut Case, agent: usize, at: usize, start: i32, breaks: &[Lay]) {
    let id = case.shift(agent, at).id.clone();
    *case.shift(agent, at) = lay(&id, start, 480, breaks);
}

/// A change to what is held beside calls: the huddle ends the second shift, training the third, mail the fourth of the first agent.
fn beside(case: &mut Case, mutant: Mutant, agent: usize) {
    let shift = if matches!(mutant, Mutant::LeaveHuddle | Mutant::MoveHuddle | Mutant::ForgetColleague) { 1 } else { 2 };
    let (agent, shift) = if matches!(mutant, Mutant::ShortenMail) { (0, 3) } else { (agent, shift) };
    if matches!(mutant, Mutant::RepeatTraining) {
        return case.hold("course", ActivityKind::Training, 0, (420, 60), &[agent]);
    }
    let own = &mut case.shift(agent, shift).activities;
    let last = own.len() - 1;
    let (before, held) = (own[last - 1].span, own[last].span);
    // The held piece from another minute on, and time on queue up to it.
    let mut from = |by: i32, length: u32| {
        own[last - 1].span = span(before.start().get(), (before.length().get() as i32 + by) as u32);
        own[last].span = span(held.start().get() + by, length);
    };
    match mutant {
        Mutant::LeaveHuddle | Mutant::DropTraining => {
            from(held.length().get() as i32, 0);
            own.pop();
        }
        Mutant::MoveHuddle => from(-5, held.length().get()),
        Mutant::MoveTraining => from(-1, held.length().get()),
        Mutant::CutTraining | Mutant::ShortenMail => from(5, held.length().get() - 5),
        Mutant::ForgetColleague => drop(own[last].with.pop()),
        Mutant::InventTraining => own[last].asked = Some(id!(ActivityId, "holiday")),
        _ => own[last].paid = false,
    }
}

fn apply(case: &mut Case, mutant: Mutant, agent: usize, at: usize) {
    let start = case.shift(agent, at).span.start().get();
    match mutant {
        Mutant::ShiftRestOffGrid => slide(case, agent, at, 1, 1),
        Mutant::MoveRestAway => be_alone(case, agent, at),
        Mutant::MoveMealOutOfWindow => slide(case, agent, at, 3, 45),
        Mutant::DropCompanion => drop(case.shift(agent, at).activities[3].companions.pop()),
        Mutant::InventCompanion => {
            let stranger = AgentId::new("zoe").expect("an id");
            case.shift(agent, at).activities[1].companions.push(stranger);
        }
        Mutant::LengthenShift => (0..5).for_each(|shift| lengthen(case, agent, shift, 60)),
        Mutant::LengthenShiftOffTemplate => lengthen(case, agent, at, 10),
        Mutant::MoveStart => relay(case, agent, at, start + 15, &[]),
        Mutant::UnpayWork => case.shift(agent, at).activities[2].paid = false,
        Mutant::PayMeal => case.shift(agent, at).activities[3].paid = true,
        Mutant::UnpayRest => case.shift(agent, at).activities[5].paid = false,
        Mutant::DeleteActivity => drop(case.shift(agent, at).activities.remove(at)),
        Mutant::DeleteBreak => {
            let kept = case.shift(agent, at).activities[1].span;
            case.shift(agent, at).activities.remove(1);
            let before = case.shift(agent, at).activities[0].span;
            case.shift(agent, at).activities[0].span = span(before.start().get(), before.length().get() + kept.length().get());
        }
        Mutant::AddBreak => {
            let breaks =
                [(ActivityKind::RestBreak, 80, 15, true), (ActivityKind::RestBreak, 140, 15, true), (ActivityKind::Meal, 200, 30, false)];
            relay(case, agent, at, start, &[&breaks[..], &[(ActivityKind::RestBreak, 345, 15, true)]].concat());
        }
        Mutant::ForeignQueue => case.shift(agent, at).activities[4].queues.push(id!(QueueId, "letters")),
        Mutant::StayOnQueue => [4, 6].iter().for_each(|n| case.shift(agent, at).activities[*n].queues.rotate_left(1)),
        Mutant::FlitToQueue => {
            let activities = &mut case.shift(agent, at).activities;
            let whole = activities[4].clone();
            let (start, length) = (whole.span.start().get(), whole.span.length().get());
            activities[4].span = span(start, 29);
            activities[4].queues.rotate_left(1);
            activities[2].queues.rotate_left(1);
            activities.insert(5, Activity { span: span(start + 29, length - 29), ..whole });
        }
        Mutant::MoreOfTheHard => case.shift(agent, at).activities[4].queues.push(id!(QueueId, "post")),
        Mutant::DeleteWeek => case.roster.agents[agent].shifts.truncate(3),
        Mutant::ExtraShift => {
            let first = case.roster.agents[agent].shifts[0].span.start().get() / 1440 * 1440;
            case.roster.agents[agent].shifts.insert(0, lay("extra", first, 240, &[]));
        }
        Mutant::ShortRest => {
            let late = Minute::new(case.roster.agents[agent].shifts[1].span.start().get() - 659 - 480);
            relay(case, agent, 0, late.get(), &[]);
        }
        Mutant::DropAgent => drop(case.roster.agents.remove(agent)),
        Mutant::RenameShift => case.shift(agent, at).id = case.roster.agents[(agent + 1) % 6].shifts[at].id.clone(),
        Mutant::NextGeneration => case.roster.generation += 1,
        Mutant::GatherEverybody => {
            let other = (agent + 3) % 6;
            let own = case.roster.agents[agent].clone();
            case.parts.agents[other].team = own.team.clone();
            (case.roster.agents[other].team, case.roster.agents[other].shifts) = (own.team, own.shifts);
        }
        Mutant::MeetNobody => (0..5).for_each(|shift| be_alone(case, agent, shift)),
        _ => beside(case, mutant, agent),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn sound_rosters_are_proved(case in sound()) {
        let certificate = case.certificate();
        prop_assert_eq!(certificate.verdict(), Verdict::Proved, "{:?}", certificate.violations);
    }

    #[test]
    fn every_mutant_is_refuted_by_its_rule(case in sound(), agent in 0..6_usize, at in 0..5_usize) {
        for (mutant, rule) in MUTANTS {
            let mutated = case.with(|case| apply(case, *mutant, agent, at));
            prop_assert!(mutated.broken().contains(*rule), "{:?} must break {}, broke {:?}", mutant, rule, mutated.broken());
        }
    }

    #[test]
    fn a_certificate_does_not_hang_on_the_order_of_the_request(case in sound(), by in 0..6_usize) {
        let turned = case.with(|case| {
            case.parts.agents.rotate_left(by);
            case.parts.teams.reverse();
        });
        prop_assert_eq!(turned.certificate(), case.certificate());
    }
}

#[test]
fn an_empty_roster_and_wild_times_are_refuted_without_a_panic() {
    let empty = Case::week().with(|case| case.roster.agents.clear());
    assert_eq!(empty.broken().into_iter().collect::<Vec<_>>(), [Rule::Agents.id()]);
    for start in [i32::MIN, -1, 0, 10_080, i32::MAX] {
        for length in [0, Minutes::MAX] {
            let wild = Case::week().with(|case| {
                let piece = fika_model::Span::new(Minute::new(start), Minutes::new(i64::from(length)).expect("a length"));
                case.shift(0, 0).span = piece;
                case.shift(0, 0).activities.iter_mut().for_each(|a| a.span = piece);
            });
            assert_eq!(wild.certificate().verdict(), Verdict::Refuted);
        }
    }
}
