//! Activities beside calls: what a request may ask for, and the things it then has to place.

use fika_model::agenda::{AskedActivity, BackOfficeWork, Circle, Coach, Party};
use fika_model::fault::FaultCode::{Contradiction, Duplicate, Missing, OffGrid, OutOfRange, UnknownReference};
use fika_model::people::{WallWindow, Weekdays};
use fika_model::request::RequestParts;
use fika_model::{ActivityId, AgentId, Curve, Date, Fraction, Grid, IntervalLength, Minutes, SkillId, TeamId};

use super::{check, sound};

fn agents(names: &[&str]) -> Vec<AgentId> {
    names.iter().map(|name| AgentId::new(*name).expect("an id")).collect()
}

fn asked(length: u16, circle: Circle) -> AskedActivity {
    let id = ActivityId::new("x").expect("an id");
    AskedActivity::new(id, Minutes::of(length), circle)
}

fn training(smallest_piece: Option<u16>) -> Circle {
    Circle::Training { agents: agents(&["a1"]), smallest_piece: smallest_piece.map(Minutes::of) }
}

fn with(activity: AskedActivity) -> impl FnOnce(&mut RequestParts) {
    |parts| parts.activities.push(activity)
}

#[test]
fn lengths_fit_the_step_and_the_longest_stretch() {
    check(with(asked(120, training(None))), &[]);
    check(with(asked(125, training(None))), &[(Contradiction, "activities[0].lengthMinutes")]);
    check(with(asked(0, training(None))), &[(OutOfRange, "activities[0].lengthMinutes")]);
    check(with(asked(62, training(None))), &[(OffGrid, "activities[0].lengthMinutes")]);
    check(with(asked(240, training(Some(120)))), &[]);
    check(with(asked(240, training(Some(125)))), &[(Contradiction, "activities[0].smallestPieceMinutes")]);
    check(with(asked(60, training(Some(60)))), &[]);
    check(with(asked(55, training(Some(60)))), &[(Contradiction, "activities[0].smallestPieceMinutes")]);
}

#[test]
fn circles_name_people_and_teams_that_are_there() {
    let names = |names: &[&str]| asked(30, Circle::Training { agents: agents(names), smallest_piece: None });
    check(with(names(&["a1", "a2"])), &[]);
    check(with(names(&[])), &[(Missing, "activities[0].agentIds")]);
    check(with(names(&["a1", "z"])), &[(UnknownReference, "activities[0].agentIds[1]")]);
    check(with(names(&["a1", "a1"])), &[(Duplicate, "activities[0].agentIds[1]")]);
    let meeting = |quorum| asked(30, Circle::Meeting { invited: agents(&["a1", "a2"]), quorum });
    check(with(meeting(2)), &[]);
    check(with(meeting(1)), &[(OutOfRange, "activities[0].quorum")]);
    check(with(meeting(3)), &[(OutOfRange, "activities[0].quorum")]);
    let coaching = |coach| asked(30, Circle::Coaching { coach, coached: agents(&["a1"]) });
    let agent = |name: &str| Coach::Agent(AgentId::new(name).expect("an id"));
    let skill = |name: &str| Coach::Skill(SkillId::new(name).expect("an id"));
    check(with(coaching(agent("a2"))), &[]);
    check(with(coaching(skill("calls"))), &[]);
    check(with(coaching(agent("a1"))), &[(Contradiction, "activities[0].coachId")]);
    check(with(coaching(agent("z"))), &[(UnknownReference, "activities[0].coachId")]);
    check(with(coaching(skill("chess"))), &[(UnknownReference, "activities[0].coachSkillId")]);
    let huddle = |team: &str, share| {
        let teams = vec![TeamId::new(team).expect("an id")];
        asked(30, Circle::Huddle { teams, least_share: Fraction::percent(share), halves: false })
    };
    check(with(huddle("red", 1)), &[]);
    check(with(huddle("red", 0)), &[(OutOfRange, "activities[0].leastShare")]);
    check(with(huddle("blue", 50)), &[(UnknownReference, "activities[0].teamIds[0]")]);
}

#[test]
fn there_is_time_for_them() {
    let window = |from_minute, to_minute| vec![WallWindow { weekdays: Weekdays::ALL, from_minute, to_minute }];
    let at = |windows| AskedActivity { windows, ..asked(60, training(None)) };
    check(with(at(window(540, 600))), &[]);
    check(with(at(window(540, 595))), &[(Contradiction, "activities[0].windows")]);
    check(with(at(window(600, 540))), &[(Contradiction, "activities[0].windows[0]"), (Contradiction, "activities[0].windows")]);
    let on = |from, to| AskedActivity {
        dates: Some((Date::constant(2026, 11, from), Date::constant(2026, 11, to))),
        ..asked(60, training(None))
    };
    check(with(on(29, 30)), &[]);
    check(with(on(22, 23)), &[]);
    check(with(on(30, 30)), &[(Contradiction, "activities[0].firstDate")]);
    check(with(on(22, 22)), &[(Contradiction, "activities[0].firstDate")]);
    check(with(on(25, 24)), &[(Contradiction, "activities[0].firstDate")]);
}

#[test]
fn work_is_done_in_blocks_of_half_an_hour_at_least() {
    let work = |skill: &str, block, minutes| BackOfficeWork {
        id: ActivityId::new("mail").expect("an id"),
        name: String::new(),
        skill: SkillId::new(skill).expect("an id"),
        least_block: Minutes::of(block),
        required: Curve::from_fn(Grid::new(sound().days.start(), IntervalLength::new(minutes).expect("a length"), 672), |_| 1.0),
    };
    check(|p| p.back_office.push(work("calls", 30, 15)), &[]);
    check(|p| p.back_office.push(work("calls", 25, 15)), &[(OutOfRange, "backOffice[0].leastBlockMinutes")]);
    check(|p| p.back_office.push(work("calls", 125, 15)), &[(Contradiction, "backOffice[0].leastBlockMinutes")]);
    check(|p| p.back_office.push(work("chess", 30, 15)), &[(UnknownReference, "backOffice[0].skillId")]);
    check(|p| p.back_office.push(work("calls", 30, 30)), &[(OffGrid, "backOffice[0].requiredPeople")]);
    let twice = |p: &mut RequestParts| {
        p.back_office.push(BackOfficeWork { id: ActivityId::new("x").expect("an id"), ..work("calls", 30, 15) });
        p.activities.push(asked(60, training(None)));
    };
    check(twice, &[(Duplicate, "backOffice[1].id")]);
}

#[test]
fn each_week_is_asked_for_once_and_only_whole_weeks() {
    let spans = |each_week, days: u32, dates: Option<(i8, i8)>| {
        let mut parts = sound();
        parts.days = fika_model::DayMap::new("Europe/Stockholm", Date::constant(2026, 11, 2), days).expect("a horizon");
        let dates = dates.map(|(from, to)| (Date::constant(2026, 11, from), Date::constant(2026, 11, to)));
        parts.activities = vec![AskedActivity { each_week, dates, ..asked(60, training(None)) }];
        let occasions = parts.occasions();
        assert!(occasions.iter().all(|one| one.party == Party::Agent(&agents(&["a1"])[0])));
        occasions.iter().map(|one| (one.span.start().get() / 1440, one.span.end().get() / 1440)).collect::<Vec<_>>()
    };
    assert_eq!(spans(false, 17, None), [(0, 17)]);
    assert_eq!(spans(true, 17, None), [(0, 7), (7, 14)]);
    assert_eq!(spans(true, 6, None), []);
    assert_eq!(spans(true, 14, Some((5, 10))), [(3, 7), (7, 9)]);
    assert_eq!(spans(false, 14, Some((5, 10))), [(3, 9)]);
}

#[test]
fn who_leaves_a_request_leaves_its_activities() {
    let mut parts = sound();
    let both = agents(&["a1", "a2"]);
    parts.activities = vec![
        asked(30, Circle::Training { agents: both.clone(), smallest_piece: None }),
        asked(30, Circle::Meeting { invited: both.clone(), quorum: 2 }),
        asked(30, Circle::Coaching { coach: Coach::Agent(both[1].clone()), coached: both[..1].to_vec() }),
    ];
    parts.retain_agents(|agent| agent.id != both[1]);
    assert_eq!(parts.activities, [asked(30, Circle::Training { agents: both[..1].to_vec(), smallest_piece: None })]);
}
