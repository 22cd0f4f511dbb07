//! Each kind of reason why a break is not elsewhere, with its amount, on one day laid by hand.

use fika_model::people::Wish;
use fika_model::request::RequestParts;
use fika_model::rules::SameTime;
use fika_model::{AgentRoster, Curve, Grid, QueueId, TeamId};

use super::*;

/// Monday's shift of eight hours from eight with one rest of 15 minutes, begun so many minutes after its start.
fn shift(rest: u16, queue: &QueueId) -> Shift {
    let activity = |kind, from: u16, to: u16| Activity {
        code: "x".to_owned(),
        kind,
        span: Span::between(Minute::new(480 + i32::from(from)), Minute::new(480 + i32::from(to))),
        paid: true,
        queues: if kind == ActivityKind::OnQueue { vec![queue.clone()] } else { Vec::new() },
        companions: Vec::new(),
        choice: None,
        asked: None,
        with: Vec::new(),
    };
    let (work, end) = (ActivityKind::OnQueue, rest + 15);
    let activities = vec![activity(work, 0, rest), activity(ActivityKind::RestBreak, rest, end), activity(work, end, 480)];
    Shift { id: "s".to_owned(), template: None, span: Span::new(Minute::new(480), Minutes::of(480)), activities }
}

/// What is told of the first one's rest in a team of three, nobody of whom is promised anything but by `change`.
fn told(rests: [u16; 3], busy: std::ops::Range<usize>, change: impl FnOnce(&mut RequestParts)) -> BreakPlaces {
    let request = request(|parts| {
        let grid = Grid::new(parts.days.start(), parts.interval, 672);
        let people = Curve::from_fn(grid, |at| if busy.contains(&at.get()) { 3.0 } else { 0.0 });
        parts.demand = DemandSource::Required(vec![(parts.queues[0].id.clone(), people)]);
        parts.queues.truncate(1);
        parts.retain_agents(|agent| agent.team.as_str() == "red");
        parts.contracts[0].week_paid.least = Minutes::ZERO;
        parts.breaks.truncate(1);
        parts.breaks[0].count = 1;
        (parts.wellbeing.longest_stretch, parts.wellbeing.social) = (Minutes::of(480), Minutes::ZERO);
        parts.wellbeing.no_rest_alone = false;
        change(parts);
    });
    let team = TeamId::new("red").expect("an id");
    let agent = |(n, rest): (usize, &u16)| AgentRoster {
        agent: AgentId::new(format!("a{}", n + 1)).expect("an id"),
        team: team.clone(),
        shifts: vec![shift(*rest, &request.queues[0].id)],
    };
    let mut agents: Vec<AgentRoster> = rests.iter().enumerate().map(agent).collect();
    list_companions(&mut agents);
    let (id, days) = (RosterId::new("o1").expect("an id"), request.days.clone());
    let roster = Roster { id, request: request.id.clone(), generation: 1, parent: None, days, agents };
    let pools = pools(&request, None).into_iter().map(|demand| demand.pool).collect();
    let first = &roster.agents[0].agent;
    match explain(&request, pools, &roster, first, Minute::new(480 + i32::from(rests[0]))).expect("an explanation") {
        Explanation::Break(told) => told,
        other => panic!("a break was asked about: {other:?}"),
    }
}

/// What happens when the rest begins so many minutes after the start of the shift.
fn at(told: &BreakPlaces, minutes: i32) -> &Place {
    told.places.iter().find(|place| place.start.get() == 480 + minutes).expect("a place on the step")
}

fn broken(effect: &Effect) -> (&str, i64, &str) {
    let Effect::Broken { rule, by, unit, .. } = effect else { panic!("it is not broken: {effect:?}") };
    (rule.as_str(), *by, unit)
}

/// Person-minutes more short, rounded, and what is shared otherwise.
fn legal(effect: &Effect) -> (i64, SharedChange) {
    let Effect::Legal { more_short, shared, .. } = effect else { panic!("it is not legal: {effect:?}") };
    (more_short.round() as i64, *shared)
}

#[test]
fn its_own_rules() {
    let told = told([60, 60, 60], 0..0, |parts| {
        parts.breaks[0].window.latest_after_start = Some(Minutes::of(120));
        parts.wellbeing.edge = Minutes::of(45);
    });
    assert_eq!(broken(&at(&told, 150).alone), ("rest", 30, "minutes"));
    assert_eq!(broken(&at(&told, 30).alone), ("stretch.edge", 15, "minutes"));
    assert!(matches!(at(&told, 120).alone, Effect::Legal { .. }));
    assert_eq!(told.window.map(|(first, last)| (first.get(), last.get())), Some((480, 600)));
}

#[test]
fn company() {
    let told = told([90, 90, 90], 0..0, |parts| (parts.wellbeing.social, parts.wellbeing.no_rest_alone) = (Minutes::of(15), true));
    assert_eq!(broken(&at(&told, 80).alone), ("social.minutes", 10, "minutes"));
    assert_eq!(broken(&at(&told, 120).alone), ("social.minutes", 15, "minutes"));
    assert_eq!(at(&told, 60).together.as_ref().map(legal), Some((0, SharedChange::default())), "all three may move");
}

#[test]
fn the_size_of_groups() {
    let told = told([90, 150, 150], 0..0, |parts| parts.wellbeing.largest_group = Some(2));
    assert_eq!(broken(&at(&told, 150).alone), ("social.largest-group", 1, "people"));
    assert!(matches!(at(&told, 165).alone, Effect::Legal { .. }));
}

#[test]
fn the_time_that_a_team_takes_a_break_at() {
    let told = told([90, 90, 90], 0..0, |parts| parts.breaks[0].terms.same_time = Some(SameTime::Team));
    assert_eq!(broken(&at(&told, 100).alone), ("rest", 10, "minutes"));
    assert!(matches!(at(&told, 100).together, Some(Effect::Legal { .. })));
}

#[test]
fn service() {
    // From ten to a quarter past, all three are needed; from a quarter past on nobody is.
    let told = told([90, 60, 60], 40..41, |_| ());
    let Effect::Legal { more_short, worst, .. } = at(&told, 120).alone else { panic!("it is legal") };
    assert_eq!((more_short, worst.map(|(span, minutes)| (span.start().get(), minutes))), (15.0, Some((600, 15.0))));
    assert_eq!(legal(&at(&told, 110).alone).0, 5);
    assert_eq!(legal(&at(&told, 135).alone).0, 0);
}

#[test]
fn wishes() {
    let wish = |parts: &mut RequestParts| parts.agents[1].wishes = vec![Wish::Colleague(parts.agents[0].id.clone())];
    let granted = |told: &BreakPlaces, minutes| legal(&at(told, minutes).alone).1.wishes_granted;
    let together = told([60, 60, 90], 0..0, wish);
    assert_eq!([granted(&together, 70), granted(&together, 75)], [0, -1]);
    assert!(at(&together, 75).alone.is_worse());
    let apart = told([90, 60, 60], 0..0, wish);
    assert_eq!([granted(&apart, 75), granted(&apart, 70)], [0, 1]);
    assert!(at(&apart, 60).alone.is_better());
}

#[test]
fn late_breaks_and_the_pairs_who_meet() {
    let told = told([90, 90, 90], 0..0, |_| ());
    let change = |minutes| legal(&at(&told, minutes).alone).1;
    assert_eq!(change(100), SharedChange::default(), "five minutes are shared");
    assert_eq!(change(105), SharedChange { pairs_met: -2, left_out: 1, ..SharedChange::default() });
    assert_eq!(change(110), SharedChange { late_breaks: 1, pairs_met: -2, left_out: 1, ..SharedChange::default() });
    let moved = at(&told, 110).together.as_ref().map(legal);
    assert_eq!(moved, Some((0, SharedChange { late_breaks: 3, ..SharedChange::default() })));
}
