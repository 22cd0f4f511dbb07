//! The chart of a small day, sign by sign.

use fika_model::calendar::{DayIndex, DayMap};
use fika_model::certificate::{Certificate, Digest};
use fika_model::roster::{Activity, ActivityKind, AgentRoster, IntervalOutcome, Roster, RosterSummary, Shift};
use fika_model::units::{Minute, Minutes, Span};
use fika_model::{AgentId, RequestId, RosterId, ServiceLevelFormula, ServiceLevelTarget, TeamId};

use super::{agent_day, day};
use crate::paint::Paint;

fn roster() -> Roster {
    let piece = |kind, start, length, with: &[&str]| Activity {
        code: "x".into(),
        kind,
        span: Span::new(Minute::new(start), Minutes::of(length)),
        paid: true,
        queues: Vec::new(),
        companions: with.iter().map(|id| AgentId::new(*id).expect("an id")).collect(),
        choice: None,
        asked: None,
        with: Vec::new(),
    };
    let activities = vec![
        piece(ActivityKind::OnQueue, 480, 60, &[]),
        piece(ActivityKind::RestBreak, 540, 15, &["bo", "ida"]),
        piece(ActivityKind::OnQueue, 555, 45, &[]),
    ];
    let shift = Shift { id: "s".into(), template: None, span: Span::new(Minute::new(480), Minutes::of(120)), activities };
    Roster {
        id: RosterId::new("R1").expect("an id"),
        request: RequestId::new("q").expect("an id"),
        generation: 1,
        parent: None,
        days: DayMap::new("Europe/Stockholm", jiff::civil::date(2026, 11, 23), 1).expect("a day"),
        agents: vec![AgentRoster {
            agent: AgentId::new("anna").expect("an id"),
            team: TeamId::new("red").expect("an id"),
            shifts: vec![shift],
        }],
    }
}

fn summary(people: &[(f64, f64, Option<f64>)]) -> RosterSummary {
    let outcome = |(n, (required, scheduled, level)): (usize, &(f64, f64, Option<f64>))| IntervalOutcome {
        queues: Vec::new(),
        work: None,
        span: Span::new(Minute::new(480 + 15 * n as i32), Minutes::of(15)),
        calls: 10.0,
        required: *required,
        scheduled: *scheduled,
        service_level: *level,
        service_level_interval: None,
        occupancy: None,
    };
    let certificate = Certificate { request: Digest([0; 32]), roster: Digest([0; 32]), rules: Vec::new(), violations: Vec::new() };
    let (roster, request) = (RosterId::new("R1").expect("an id"), RequestId::new("q").expect("an id"));
    let target = ServiceLevelTarget { formula: ServiceLevelFormula::AbandonsNegative, ..ServiceLevelTarget::default() };
    RosterSummary {
        intervals: people.iter().enumerate().map(outcome).collect(),
        ..RosterSummary::bare(roster, request, 1, target, certificate)
    }
}

#[test]
fn a_day_reads_at_a_glance() {
    let people = [(1.0, 2.0, Some(0.9)), (2.0, 2.0, Some(0.8)), (3.0, 1.0, Some(0.3)), (0.0, 1.0, None), (1.0, 1.0, Some(1.0))];
    let chart = day(&roster(), &summary(&people), DayIndex::new(0), Paint::plain());
    let expect = "Monday 2026-11-23, people by interval
    3 ┤   ━  \n    2 ┤ █━░  \n    1 ┤ ━███━
      └─┬───┬
        08  09
  SL    ▇▆▂·█
        predicted service level (abandons-negative in 20 s): at or above 80 % in 3 of 4 intervals, lowest 30 %
        ━ required   █ scheduled   ░ short   a column is 15 minutes
";
    assert_eq!(chart, expect);
}

#[test]
fn a_day_without_work_says_so() {
    assert!(day(&roster(), &summary(&[]), DayIndex::new(0), Paint::plain()).contains("nobody is required"));
}

#[test]
fn an_agents_day_names_the_company() {
    let roster = roster();
    let text = agent_day(&roster, &roster.agents[0], &roster.agents[0].shifts[0], Paint::plain());
    assert_eq!(text, "  anna (red)  08:00 to 10:00  ████████☕██████\n      09:00  rest 15 min, with bo, ida\n");
}
