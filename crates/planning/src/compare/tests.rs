//! Rosters of one or two agents with each kind of change.

use super::*;
use fika_model::calendar::Date;
use fika_model::roster::AgentRoster;
use fika_model::{DayMap, RequestId, RosterId, TeamId};

/// A shift of eight hours with a rest of 15 minutes at this offset.
fn shift(start: i32, rest: i32) -> Shift {
    let piece = |kind, from: i32, to: i32| Activity {
        code: String::new(),
        kind,
        span: Span::between(Minute::new(start + from), Minute::new(start + to)),
        paid: true,
        queues: Vec::new(),
        companions: Vec::new(),
        choice: None,
        asked: None,
        with: Vec::new(),
    };
    let activities = vec![
        piece(ActivityKind::OnQueue, 0, rest),
        piece(ActivityKind::RestBreak, rest, rest + 15),
        piece(ActivityKind::OnQueue, rest + 15, 480),
    ];
    Shift { id: format!("{start}"), template: None, span: Span::new(Minute::new(start), Minutes::of(480)), activities }
}

fn roster(first_day: i8, shifts: &[(&str, i32, i32)]) -> Roster {
    let mut agents: BTreeMap<&str, Vec<Shift>> = BTreeMap::from([("a", Vec::new()), ("b", Vec::new())]);
    for (agent, start, rest) in shifts {
        agents.entry(agent).or_default().push(shift(*start, *rest));
    }
    let agent = |(name, shifts): (&str, Vec<Shift>)| AgentRoster {
        agent: AgentId::new(name).expect("an id"),
        team: TeamId::new("red").expect("an id"),
        shifts,
    };
    Roster {
        id: RosterId::new("o1").expect("an id"),
        request: RequestId::new("r1").expect("an id"),
        generation: 1,
        parent: None,
        days: DayMap::new("UTC", Date::constant(2026, 3, first_day), 7).expect("a horizon"),
        agents: agents.into_iter().map(agent).collect(),
    }
}

#[test]
fn the_same_roster_has_no_changes_also_on_shifted_days() {
    let one = roster(2, &[("a", 1440 + 540, 120)]);
    assert_eq!(compare(&one, &one), Comparison::default());
    let other = roster(3, &[("a", 540, 120)]);
    assert!(compare(&one, &other).is_equal() && compare(&one, &other).cover.is_empty());
}

#[test]
fn each_kind_of_change_is_told_once_with_its_amount() {
    let check = |after: &[(&str, i32, i32)], expect: (usize, usize, usize, usize, i64)| {
        let comparison = compare(&roster(2, &[("a", 540, 120), ("b", 540, 120)]), &roster(2, after));
        let a = comparison.agents.iter().find(|agent| agent.agent.as_str() == "a");
        let found = a.map_or((0, 0, 0, 0, 0), |a| (a.added.len(), a.gone.len(), a.moved.len(), a.breaks.len(), a.paid_minutes));
        assert_eq!(found, expect);
        assert_eq!(comparison.changed_shifts() + comparison.moved_breaks(), expect.0 + expect.1 + expect.2 + expect.3);
    };
    check(&[("a", 540, 120), ("b", 540, 120)], (0, 0, 0, 0, 0));
    check(&[("b", 540, 120)], (0, 1, 0, 0, -480));
    check(&[("a", 540, 120), ("a", 1980, 120), ("b", 540, 120)], (1, 0, 0, 0, 480));
    check(&[("a", 540, 150), ("b", 540, 120)], (0, 0, 0, 1, 0));
    check(&[("a", 570, 90), ("b", 540, 120)], (0, 0, 1, 0, 0));
}

#[test]
fn cover_is_told_in_runs_of_more_or_fewer_people() {
    let comparison = compare(&roster(2, &[("a", 540, 120)]), &roster(2, &[("a", 600, 60)]));
    let runs: Vec<_> = comparison.cover.iter().map(|c| (c.span.start().get(), c.span.length().get(), c.before, c.after)).collect();
    assert_eq!(runs, [(540, 60, 1.0, 0.0), (1020, 60, 0.0, 1.0)]);
}

#[test]
fn activities_at_other_times_new_and_gone_are_told() {
    let held = |at: &[i32]| {
        let mut roster = roster(2, &[("a", 540, 120)]);
        let activities = &mut roster.agents[0].shifts[0].activities;
        for start in at {
            let asked = Some(ActivityId::new("leads").expect("an id"));
            let span = Span::new(Minute::new(*start), Minutes::of(30));
            activities.push(Activity { kind: ActivityKind::Meeting, span, asked, ..activities[0].clone() });
        }
        roster
    };
    let check = |before: &[i32], after: &[i32], expect: &[(Option<i32>, Option<i32>)]| {
        let comparison = compare(&held(before), &held(after));
        let moved = comparison.agents.iter().flat_map(|agent| &agent.activities);
        let start = |span: Option<Span>| span.map(|span| span.start().get());
        let found: Vec<_> = moved.map(|moved| (start(moved.from), start(moved.to))).collect();
        assert_eq!((found.as_slice(), comparison.moved_activities()), (expect, expect.len()));
    };
    check(&[600], &[600], &[]);
    check(&[600], &[630], &[(Some(600), Some(630))]);
    check(&[600], &[], &[(Some(600), None)]);
    check(&[600], &[600, 700], &[(None, Some(700))]);
}
