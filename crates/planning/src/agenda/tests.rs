//! Activities in small weeks: each is held where that costs least, or named with the reason; nothing of the rest gives way.

use super::*;
use crate::fixture::request as small;
use crate::plan::{PlanIds, PlanSettings, Planned, plan};
use crate::pools::pools;
use crate::seal::Seal;
use fika_model::agenda::{AskedActivity, BackOfficeWork, Coach};
use fika_model::demand::DemandSource;
use fika_model::people::{Absence, Agent, WallWindow, Weekdays};
use fika_model::request::RequestParts;
use fika_model::roster::{Activity, ActivityKind, Shift};
use fika_model::{AgentId, Curve, Digest, Fraction, Grid, Minutes, Request, RosterId, Span, Verdict};

struct NoSeal;

impl Seal for NoSeal {
    fn request(&self, _: &Request) -> Digest {
        Digest([1; 32])
    }

    fn roster(&self, _: &Roster) -> Digest {
        Digest([2; 32])
    }
}

const STEPS: u64 = 1200;
const SETTINGS: PlanSettings = PlanSettings { simulated_calls: 20_000, workers: 1, cut_rounds: 0, remedies: 3 };

fn ids() -> PlanIds {
    PlanIds { roster: RosterId::new("o1").expect("an id"), generation: 1 }
}

fn planned(request: &Request) -> Result<Planned, PlanError> {
    plan(request, None, ids(), SETTINGS, &NoSeal, &StepQuota(STEPS), &mut |_| ())
}

fn agents(names: &[&str]) -> Vec<AgentId> {
    names.iter().map(|name| AgentId::new(*name).expect("an id")).collect()
}

fn asked(name: &str, length: u16, circle: Circle) -> AskedActivity {
    let id = ActivityId::new(name).expect("an id");
    AskedActivity::new(id, Minutes::of(length), circle)
}

fn window(from_minute: u32, to_minute: u32) -> Vec<WallWindow> {
    vec![WallWindow { weekdays: Weekdays::ALL, from_minute, to_minute }]
}

/// The small week with so many people asked for from eight to eight.
fn week(people: f64, change: impl FnOnce(&mut RequestParts)) -> Request {
    small(|parts| {
        let grid = Grid::new(parts.days.start(), parts.interval, 672);
        let curve = |people: f64| Curve::from_fn(grid, |at| if (32..80).contains(&(at.get() % 96)) { people } else { 0.0 });
        let ids: Vec<_> = parts.queues.iter().map(|queue| queue.id.clone()).collect();
        parts.demand = DemandSource::Required(vec![(ids[0].clone(), curve(people)), (ids[1].clone(), curve(0.0))]);
        change(parts);
    })
}

fn of_each_kind() -> Vec<AskedActivity> {
    let huddle = Circle::Huddle { teams: Vec::new(), least_share: Fraction::ONE, halves: false };
    vec![
        AskedActivity { each_week: true, ..asked("huddle", 20, huddle) },
        asked("course", 120, Circle::Training { agents: agents(&["a1", "b2"]), smallest_piece: Some(Minutes::of(45)) }),
        asked("coaching", 45, Circle::Coaching { coach: Coach::Agent(AgentId::new("b1").expect("an id")), coached: agents(&["a2", "b3"]) }),
        asked("leads", 60, Circle::Meeting { invited: agents(&["a1", "a3", "b1"]), quorum: 2 }),
    ]
}

#[test]
fn everything_that_has_room_is_held_and_the_roster_is_proved() {
    let request = week(2.0, |parts| parts.activities = of_each_kind());
    let Planned { roster, summary } = planned(&request).expect("a plan");
    assert_eq!(summary.certificate.verdict(), Verdict::Proved);
    assert_eq!(summary.activities.len(), 2 + 2 + 2 + 1);
    for outcome in &summary.activities {
        assert!(outcome.is_held() && outcome.binding.is_empty() && outcome.reason.is_empty(), "{outcome:?}");
    }
    let again = planned(&request).expect("a plan");
    assert_eq!((again.roster, again.summary), (roster, summary), "the same seed and steps give the same roster");
}

#[test]
fn the_order_of_agents_changes_nothing() {
    let turned = |by: usize| {
        let request = week(3.0, |parts| {
            parts.activities = of_each_kind();
            parts.agents.rotate_left(by);
        });
        planned(&request).expect("a plan").roster
    };
    assert_eq!(turned(0).agents, turned(2).agents);
}

fn making_of(request: &Request) -> Making<'_> {
    Making { request, forecasts: None, pools: pools(request, None), ids: ids(), settings: SETTINGS, stays: None, seal: &NoSeal }
}

#[test]
fn a_training_is_where_it_costs_least_and_no_other_start_is_better() {
    let request =
        week(3.0, |parts| parts.activities = vec![asked("course", 60, Circle::Training { agents: agents(&["a1"]), smallest_piece: None })]);
    let making = making_of(&request);
    let problem = making.problem().expect("a problem");
    let solution = solve(&problem, &StepQuota(300), &mut |_| ());
    let mut diary = Diary::new(&request, &problem, solution.agents, None);
    let occasion = request.occasions()[0];
    let worth = diary.cover.worth();
    let (held, missed) = place::place(&mut diary, &occasion, 0);
    assert_eq!((held.len(), missed), (1, None));
    let best = diary.cover.worth();
    diary.release(&held[0]);
    assert_eq!(diary.cover.worth(), worth, "what is cleared is back");
    for start in (0..7 * 1440 - 60).step_by(5) {
        let piece = place::piece_of(occasion.activity, Span::new(Minute::new(start), Minutes::of(60)));
        if let Some(session) = diary.hold(&piece, &[0]) {
            assert!(diary.cover.worth() <= best, "at {start}");
            diary.release(&session);
        }
    }
}

#[test]
fn a_training_in_pieces_costs_no_more_than_in_one_and_keeps_its_least_piece() {
    let check = |length: u16, smallest: u16, pieces: &[u32]| {
        let circle = Circle::Training { agents: agents(&["a1"]), smallest_piece: Some(Minutes::of(smallest)) };
        let request = week(3.0, |parts| parts.activities = vec![asked("course", length, circle)]);
        let Planned { roster, summary } = planned(&request).expect("a plan");
        let told = &summary.activities[0];
        assert_eq!(told.minutes, (u32::from(length), u32::from(length)));
        let all = roster.agents.iter().flat_map(|agent| &agent.shifts).flat_map(|shift| &shift.activities);
        let held: Vec<u32> = all.filter(|activity| activity.asked.is_some()).map(|activity| activity.span.length().get()).collect();
        assert_eq!(held.iter().sum::<u32>(), u32::from(length));
        assert!(held.iter().all(|piece| *piece >= u32::from(smallest)) && pieces.contains(&(held.len() as u32)), "{held:?}");
    };
    // No stretch without a break is longer than two hours.
    check(300, 60, &[3, 4, 5]);
    check(60, 60, &[1]);
    check(90, 60, &[1]);
}

#[test]
fn what_finds_no_place_is_named_with_the_reason() {
    let check = |activity: AskedActivity, change: &dyn Fn(&mut RequestParts), binding: &str, reason: &str| {
        let request = week(2.0, |parts| {
            parts.activities = vec![activity];
            change(parts);
        });
        let summary = planned(&request).expect("a plan").summary;
        assert_eq!(summary.certificate.verdict(), Verdict::Proved);
        let told = &summary.activities[0];
        assert_eq!((told.is_held(), told.binding.as_str()), (false, binding), "{told:?}");
        assert!(told.reason.contains(reason), "{}", told.reason);
    };
    let course = || Circle::Training { agents: agents(&["a1"]), smallest_piece: None };
    let away = |parts: &mut RequestParts| {
        let whole = parts.days.span();
        // Two of the team are left.
        parts.wellbeing.social_companions = 1;
        parts.agents[0].absences = vec![Absence { span: whole, code: "leave".into(), credited: Minutes::of(2000) }];
    };
    check(asked("course", 60, course()), &away, "nobody-on-shift", "a1 has no shift");
    // Nobody begins before eight.
    let early = || AskedActivity { windows: window(300, 480), ..asked("course", 60, course()) };
    check(early(), &|_| (), "no-room", "a1 is never on the phones for 60 minutes");
    let leads = Circle::Meeting { invited: agents(&["a1", "a2"]), quorum: 2 };
    check(asked("leads", 30, leads), &away, "no-common-time", "at most 1 of those invited");
    let coaching = Circle::Coaching { coach: Coach::Agent(AgentId::new("a1").expect("an id")), coached: agents(&["b1"]) };
    check(asked("coaching", 30, coaching), &away, "no-coach", "none of 1 who may coach");
}

#[test]
fn what_must_be_held_and_cannot_makes_a_request_infeasible_and_nothing_else_does() {
    let circle = || Circle::Training { agents: agents(&["a1"]), smallest_piece: None };
    let early = |must| AskedActivity { windows: window(300, 480), must, ..asked("course", 60, circle()) };
    let error = planned(&week(2.0, |parts| parts.activities = vec![early(true)])).expect_err("no roster");
    assert!(error.is_infeasible());
    assert!(error.to_string().contains("course must be held for a1: a1 is never on the phones"), "{error}");
    assert_eq!(error.faults().0[0].at, "activities[0].must");
    assert!(planned(&week(2.0, |parts| parts.activities = vec![early(false)])).is_ok());
    let room = AskedActivity { must: true, ..asked("course", 60, circle()) };
    assert!(planned(&week(6.0, |parts| parts.activities = vec![room])).is_ok(), "short as it is, what must be held is");
}

#[test]
fn a_team_that_covers_all_hours_meets_in_halves() {
    let circle = Circle::Huddle { teams: Vec::new(), least_share: Fraction::ONE, halves: true };
    let request = week(2.0, |parts| parts.activities = vec![AskedActivity { each_week: true, ..asked("huddle", 15, circle) }]);
    let summary = planned(&request).expect("a plan").summary;
    assert_eq!(summary.certificate.verdict(), Verdict::Proved);
    for told in &summary.activities {
        assert_eq!((told.is_held(), told.held.len(), told.people), (true, 2, (3, 3)), "{told:?}");
    }
}

#[test]
fn mail_is_done_in_blocks_and_short_of_it_is_told() {
    let mail = |people: f64| {
        week(1.0, |parts| {
            let grid = Grid::new(parts.days.start(), parts.interval, 672);
            let required = Curve::from_fn(grid, |at| if (40..60).contains(&(at.get() % 96)) && at.get() < 5 * 96 { people } else { 0.0 });
            let (id, skill) = (ActivityId::new("mail").expect("an id"), parts.skills[1].clone());
            parts.back_office = vec![BackOfficeWork { id, name: String::new(), skill, least_block: Minutes::of(45), required }];
        })
    };
    let Planned { roster, summary } = planned(&mail(1.0)).expect("a plan");
    assert_eq!(summary.certificate.verdict(), Verdict::Proved);
    let all = roster.agents.iter().flat_map(|agent| agent.shifts.iter().map(move |shift| (agent, shift)));
    let blocks: Vec<_> = all
        .flat_map(|(agent, shift)| shift.activities.iter().filter(|a| a.asked.is_some()).map(move |a| (agent.agent.as_str(), a.span)))
        .collect();
    assert!(!blocks.is_empty() && blocks.iter().all(|(agent, span)| agent.starts_with('b') && span.length().get() >= 45), "{blocks:?}");
    let own: Vec<_> = summary.intervals.iter().filter(|interval| interval.work.is_some()).collect();
    assert_eq!(own.len(), 672);
    let done: f64 = own.iter().map(|interval| interval.scheduled * 15.0).sum();
    let held: u32 = blocks.iter().map(|(_, span)| span.length().get()).sum();
    assert!((done - f64::from(held)).abs() < 1e-6, "every block counts: {done} {held}");
    let short: f64 = own.iter().map(|interval| (interval.required - interval.scheduled).max(0.0) * 15.0).sum();
    assert!(short < 0.2 * 5.0 * 300.0, "three people do an hour's mail between them: {short}");
    assert!(summary.shortfall_bound_minutes <= summary.shortfall_minutes + 1e-6);
    // More than anybody could do is short, by as much as it is.
    let much = planned(&mail(9.0)).expect("a plan").summary;
    assert_eq!(much.certificate.verdict(), Verdict::Proved);
    let told: f64 = much.shortfalls.iter().filter(|one| one.work.is_some()).map(|one| one.person_minutes).sum();
    let missing: f64 =
        much.intervals.iter().filter(|one| one.work.is_some()).map(|one| (one.required - one.scheduled).max(0.0) * 15.0).sum();
    assert!((told - missing).abs() < 1e-6 && told > 5.0 * 300.0 * 5.0, "{told} {missing}");
}

/// Everybody is wanted from three to nine, and nobody before.
fn late_week(activity: AskedActivity, change: impl FnOnce(&mut RequestParts)) -> Request {
    week(6.0, |parts| {
        let grid = Grid::new(parts.days.start(), parts.interval, 672);
        let curve = |people: f64| Curve::from_fn(grid, |at| if (60..84).contains(&(at.get() % 96)) { people } else { 0.0 });
        let ids: Vec<_> = parts.queues.iter().map(|queue| queue.id.clone()).collect();
        parts.demand = DemandSource::Required(vec![(ids[0].clone(), curve(6.0)), (ids[1].clone(), curve(0.0))]);
        parts.wellbeing.social_companions = 1;
        let wednesday = Weekdays::of([fika_model::Weekday::Wednesday]);
        let windows = vec![WallWindow { weekdays: wednesday, from_minute: 480, to_minute: 540 }];
        parts.activities = vec![AskedActivity { windows, ..activity }];
        change(parts);
    })
}

#[test]
fn shifts_are_chosen_so_that_those_who_are_to_meet_are_there() {
    let check = |activity: AskedActivity, change: fn(&mut RequestParts), expect: bool| {
        let request = late_week(activity, change);
        let making = making_of(&request);
        let problem = making.problem().expect("a problem");
        let solution = solve(&problem, &StepQuota(600), &mut |_| ());
        assert_eq!(missing(&making, &arranged(&making, solution.agents, None, true).expect("a roster")), 1, "not by itself");
        let Planned { summary, .. } = planned(&request).expect("a plan");
        assert_eq!(summary.certificate.verdict(), Verdict::Proved);
        assert_eq!(summary.activities[0].is_held(), expect, "{:?}", summary.activities[0]);
    };
    let coaching = || {
        let coach = Coach::Agent(AgentId::new("b1").expect("an id"));
        asked("coaching", 45, Circle::Coaching { coach, coached: agents(&["a2"]) })
    };
    let training = |smallest: Option<u16>| {
        asked("course", 60, Circle::Training { agents: agents(&["a1"]), smallest_piece: smallest.map(Minutes::of) })
    };
    check(coaching(), |_| (), true);
    check(training(None), |_| (), true);
    check(training(Some(30)), |_| (), true);
    check(asked("leads", 30, Circle::Meeting { invited: agents(&["a1", "b1", "b3"]), quorum: 3 }), |_| (), true);
    // The coach has Wednesdays off.
    let away = |parts: &mut RequestParts| {
        let days = Weekdays::ALL.iter().filter(|day| *day != fika_model::Weekday::Wednesday);
        parts.agents[3].availability = vec![WallWindow { weekdays: Weekdays::of(days), from_minute: 0, to_minute: 1440 }];
    };
    check(coaching(), away, false);
}

#[test]
fn halves_of_a_large_team_are_everybody_of_it() {
    let halves = Circle::Huddle { teams: Vec::new(), least_share: Fraction::ONE, halves: true };
    let request = week(2.0, |parts| {
        let monday = Weekdays::of([fika_model::Weekday::Monday]);
        let at = |from_minute: u32| WallWindow { weekdays: monday, from_minute, to_minute: from_minute + 60 };
        parts.activities = vec![AskedActivity { windows: vec![at(540), at(1080)], ..asked("huddle", 20, halves) }];
        let one = parts.agents[0].clone();
        parts.agents = (0..200).map(|n| Agent { id: AgentId::new(format!("a{n:03}")).expect("an id"), ..one.clone() }).collect();
    });
    let problem = Problem::new(&request, pools(&request, None).into_iter().map(|demand| demand.pool).collect()).expect("a problem");
    // 120 people in the morning, 80 in the evening.
    let shift = |n: usize| {
        let span = Span::new(Minute::new(if n < 120 { 480 } else { 720 }), Minutes::of(480));
        let work = Activity { kind: ActivityKind::OnQueue, asked: None, ..place::piece_of(&request.activities[0], span) };
        Shift { id: format!("s{n}"), template: None, span, activities: vec![work] }
    };
    let roster = |(n, agent): (usize, &Agent)| AgentRoster { agent: agent.id.clone(), team: agent.team.clone(), shifts: vec![shift(n)] };
    let rosters = request.agents.iter().enumerate().map(roster).collect();
    let mut diary = Diary::new(&request, &problem, rosters, None);
    let red = request.occasions().into_iter().find(|one| matches!(one.party, Party::Team(team) if team.as_str() == "red"));
    let (held, missed) = place::place(&mut diary, &red.expect("the team's huddle"), 0);
    assert_eq!((held.iter().map(|part| part.agents.len()).collect::<Vec<_>>(), missed), (vec![120, 80], None));
}
