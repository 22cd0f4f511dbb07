//! The small week solved, and its breaks asked about.

mod reasons;

use super::*;
use crate::agenda::{Diary, place};
use crate::fixture::request;
use crate::pools::pools;
use crate::trial::list_companions;
use fika_model::agenda::{AskedActivity, Circle};
use fika_model::demand::DemandSource;
use fika_model::people::{WallWindow, Weekdays};
use fika_model::{ActivityId, Curve, Minutes, RosterId};
use fika_solver::{StepQuota, solve};

/// Six agents for a demand of `people` from 09:00 to 17:00 on each day.
fn solved(people: f64) -> (Request, Vec<Pool>, Roster) {
    let request = request(|parts| {
        let grid = fika_model::Grid::new(parts.days.start(), parts.interval, 672);
        let curve = |people: f64| Curve::from_fn(grid, |at| if (36..68).contains(&(at.get() % 96)) { people } else { 0.0 });
        let ids: Vec<_> = parts.queues.iter().map(|queue| queue.id.clone()).collect();
        parts.demand = DemandSource::Required(vec![(ids[0].clone(), curve(people)), (ids[1].clone(), curve(0.0))]);
    });
    let pools: Vec<Pool> = pools(&request, None).into_iter().map(|demand| demand.pool).collect();
    let problem = Problem::new(&request, pools.clone()).expect("a feasible problem");
    let solution = solve(&problem, &StepQuota(1500), &mut |_| ());
    assert!(solution.unmet.is_empty());
    let roster = Roster {
        id: RosterId::new("o1").expect("an id"),
        request: request.id.clone(),
        generation: 1,
        parent: None,
        days: request.days.clone(),
        agents: solution.agents,
    };
    (request, pools, roster)
}

fn first_break(roster: &Roster) -> (AgentId, Span, Span) {
    let agent = roster.agents.iter().find(|agent| !agent.shifts.is_empty()).expect("somebody works");
    let shift = &agent.shifts[0];
    (agent.agent.clone(), shift.span, shift.breaks().next().expect("a break").span)
}

#[test]
fn every_place_of_a_break_is_tried_and_told_with_what_it_breaks_or_costs() {
    let (request, pools, roster) = solved(3.0);
    let legal = |told: &BreakPlaces| told.places.iter().filter(|place| matches!(place.best(), Effect::Legal { .. })).count();
    let mut told = roster.agents.iter().filter(|agent| !agent.shifts.is_empty()).map(|agent| {
        let (shift, span) =
            (agent.shifts[0].span, agent.shifts[0].breaks().find(|one| one.kind == ActivityKind::RestBreak).expect("a rest").span);
        let told = explain(&request, pools.clone(), &roster, &agent.agent, span.start()).expect("an explanation");
        let Explanation::Break(told) = told else { panic!("a break was asked about") };
        (agent.agent.clone(), shift, span, told)
    });
    let (agent, shift, span, told) = told.find(|(.., told)| legal(told) > 0).expect("some first rest may lie elsewhere");
    assert_eq!((told.shift, told.span, told.rule.as_ref().map(RuleId::as_str)), (shift, span, Some("rest")));
    let starts = (shift.length().get() - span.length().get()) / 5 + 1;
    assert_eq!(told.places.len() as u32, starts - 1, "every other start on the step");
    // A break at the very start or end of the shift breaks the edge by its 45 minutes.
    for place in [&told.places[0], &told.places[told.places.len() - 1]] {
        let Effect::Broken { rule, by, .. } = &place.alone else { panic!("{place:?}") };
        assert!(rule.as_str() != "stretch.edge" || *by == 45, "{place:?}");
    }
    assert!(legal(&told) < told.places.len(), "{} of {}", legal(&told), told.places.len());
    // What is said of a place is what happens when the roster has it.
    let place = told.places.iter().find(|place| matches!(place.alone, Effect::Legal { .. })).unwrap_or(&told.places[0]);
    let mut moved = roster.clone();
    let own = moved.agents.iter_mut().find(|own| own.agent == agent).expect("the agent");
    if let Some(shift) = with_break_at(&own.shifts[0], span, place.start) {
        own.shifts[0] = shift;
        list_companions(&mut moved.agents);
        let problem = Problem::new(&request, pools).expect("a problem");
        let more = fika_solver::cover(&problem, &moved.agents).shortfall_minutes()
            - fika_solver::cover(&problem, &roster.agents).shortfall_minutes();
        if let Effect::Legal { more_short, .. } = place.alone {
            assert!((more - more_short).abs() < 1e-9);
        }
    }
}

#[test]
fn work_and_time_off_are_explained_by_what_would_change_them() {
    let (request, pools, roster) = solved(3.0);
    let (agent, shift, span) = first_break(&roster);
    let ask = |at: i32| explain(&request, pools.clone(), &roster, &agent, Minute::new(at)).expect("an explanation");
    let Explanation::Work { nearest: Some((nearest, place)), .. } = ask(shift.start().get() + 5) else { panic!("she works") };
    assert_eq!((nearest, place.start), (span, Minute::new(shift.start().get() + 5)));
    assert!(matches!(place.alone, Effect::Broken { .. }), "a break five minutes after the start: {place:?}");
    let Explanation::Off { longer, effect, .. } = ask(shift.end().get() + 5) else { panic!("she is off") };
    assert_eq!(longer.end().get(), shift.end().get() + 15);
    assert!(matches!(effect, Effect::Broken { .. }), "no template is that long: {effect:?}");
}

#[test]
fn who_is_not_there_is_named() {
    let (request, pools, roster) = solved(1.0);
    let nobody = AgentId::new("nobody").expect("an id");
    assert!(matches!(explain(&request, pools.clone(), &roster, &nobody, Minute::new(0)), Err(ExplainError::NoAgent { .. })));
    let mut idle = roster.clone();
    idle.agents[0].shifts.clear();
    let agent = idle.agents[0].agent.clone();
    assert!(matches!(explain(&request, pools, &idle, &agent, Minute::new(0)), Err(ExplainError::NoShift { .. })));
}

#[test]
fn every_place_of_a_meeting_is_tried_alone_and_with_those_who_take_part() {
    let (request, pools, roster) = solved(3.0);
    let mut parts = (*request).clone();
    let invited: Vec<AgentId> = parts.agents.iter().take(3).map(|agent| agent.id.clone()).collect();
    parts.activities = vec![AskedActivity {
        id: ActivityId::new("leads").expect("an id"),
        name: String::new(),
        circle: Circle::Meeting { invited, quorum: 2 },
        length: Minutes::of(30),
        each_week: false,
        dates: None,
        windows: vec![WallWindow { weekdays: Weekdays::ALL, from_minute: 540, to_minute: 1020 }],
        must: false,
    }];
    let request = Request::check(parts).expect("a sound request");
    let problem = Problem::new(&request, pools.clone()).expect("a feasible problem");
    let mut diary = Diary::new(&request, &problem, roster.agents.clone(), None);
    let occasion = request.occasions()[0];
    let (held, missed) = place(&mut diary, &occasion, 0);
    assert_eq!(missed, None);
    let (span, people) = (held[0].activity.span, held[0].agents.clone());
    let roster = Roster { agents: diary.agents, ..roster };
    let told = explain(&request, pools, &roster, &people[0], span.start()).expect("an explanation");
    let Explanation::Break(told) = told else { panic!("an activity was asked about") };
    assert_eq!((told.span, told.kind, told.asked.as_ref()), (span, ActivityKind::Meeting, Some(&request.activities[0].id)));
    assert_eq!((told.companions.as_slice(), told.rule), (&people[1..], None));
    let (first, last) = told.window.expect("a window of the request");
    assert_eq!((request.days.wall_at(first).1, request.days.wall_at(last).1), (540, 990));
    let alone = |place: &Place| matches!(&place.alone, Effect::Broken { rule, .. } if rule.as_str() == "activity.with");
    assert!(told.places.iter().all(|place| alone(place) || !matches!(place.alone, Effect::Legal { .. })), "nobody moves it alone");
    let together = |place: &&Place| matches!(place.together, Some(Effect::Legal { .. }));
    assert!(told.places.iter().any(|place| together(&place)), "all of them may");
    for place in told.places.iter().filter(together) {
        assert!((first..=last).contains(&place.start));
        let Some(Effect::Legal { more_short, .. }) = place.together else { continue };
        assert!(more_short >= -1e-9, "no other time was better: {place:?}");
    }
}
