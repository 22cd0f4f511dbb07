//! What the board shows, on a small roster.

use fika_model::calendar::{DayIndex, DayMap};
use fika_model::roster::{Activity, ActivityKind, AgentRoster, Roster, Shift};
use fika_model::units::{Minute, Minutes, Span};
use fika_model::{AgentId, RequestId, RosterId, TeamId};

use super::day_svg;

fn activity(kind: ActivityKind, start: i32, length: u16) -> Activity {
    let companions = if kind.is_break() { vec![AgentId::new("bo").expect("an id")] } else { Vec::new() };
    Activity {
        code: "x".into(),
        kind,
        span: Span::new(Minute::new(start), Minutes::of(length)),
        paid: true,
        queues: Vec::new(),
        companions,
        choice: None,
        asked: None,
        with: Vec::new(),
    }
}

fn roster() -> Roster {
    let activities = vec![
        activity(ActivityKind::OnQueue, 480, 90),
        activity(ActivityKind::RestBreak, 570, 15),
        activity(ActivityKind::OnQueue, 585, 95),
    ];
    let shift = Shift { id: "s".into(), template: None, span: Span::new(Minute::new(480), Minutes::of(200)), activities };
    Roster {
        id: RosterId::new("R<1>").expect("an id"),
        request: RequestId::new("q").expect("an id"),
        generation: 1,
        parent: None,
        days: DayMap::new("Europe/Stockholm", jiff::civil::date(2026, 11, 23), 2).expect("two days"),
        agents: vec![AgentRoster {
            agent: AgentId::new("anna & co").expect("an id"),
            team: TeamId::new("red").expect("an id"),
            shifts: vec![shift],
        }],
    }
}

#[test]
fn people_and_companions_are_shown_and_text_is_escaped() {
    let svg = day_svg(&roster(), None, DayIndex::new(0));
    assert_eq!(svg.matches("<rect x=").count(), 3 + 2, "three activities and two legend boxes");
    assert!(svg.contains("anna &amp; co: rest break 09:30 to 09:45 with bo"));
    assert!(svg.contains("roster R&lt;1&gt;") && !svg.contains("R<1>"));
    assert!(svg.contains(">08:00<") && svg.contains(">12:00<") && !svg.contains(">07:00<"));
}

#[test]
fn a_day_without_shifts_says_so() {
    assert!(day_svg(&roster(), None, DayIndex::new(1)).contains("nobody is on shift"));
}
