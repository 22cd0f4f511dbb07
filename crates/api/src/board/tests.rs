//! What the board shows, on a small roster.

use fika_model::calendar::{DayIndex, DayMap};
use fika_model::fairness::{FairnessReport, TeamCompany};
use fika_model::roster::{Activity, ActivityKind, AgentRoster, Remedy, RemedyKind, Roster, RosterSummary, Shift, Shortfall};
use fika_model::units::{Minute, Minutes, Span};
use fika_model::{AgentId, Certificate, Digest, QueueId, RequestId, RosterId, ServiceLevelTarget, TeamId};

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
fn each_team_says_how_many_of_its_pairs_met() {
    let company = |team: &str| TeamCompany {
        team: TeamId::new(team).expect("an id"),
        pairs: 10,
        met: 7,
        left_out: Vec::new(),
        possible: 9,
        strangers: Vec::new(),
    };
    let shown = |teams: Vec<TeamCompany>| {
        let summary = RosterSummary { fairness: FairnessReport { teams, ..FairnessReport::default() }, ..summary() };
        day_svg(&roster(), Some(&summary), DayIndex::new(0))
    };
    assert!(shown(vec![company("blue"), company("red")]).contains("red</tspan> (1); 7 of 10 pairs met over the horizon, 9 could have"));
    assert!(!shown(vec![company("blue")]).contains("pairs met"), "of a team without pairs nothing is said");
}

#[test]
fn a_day_without_shifts_says_so() {
    assert!(day_svg(&roster(), None, DayIndex::new(1)).contains("nobody is on shift"));
}

#[test]
fn queues_are_told_apart_where_people_change_them_inside_shifts() {
    let queue = |name: &str| QueueId::new(name).expect("an id");
    let mut roster = roster();
    let activities = &mut roster.agents[0].shifts[0].activities;
    activities[0].queues = vec![queue("calls"), queue("claims")];
    activities[2].queues = vec![queue("calls"), queue("claims")];
    let plain = day_svg(&roster, None, DayIndex::new(0));
    assert!(plain.contains(">on the phones<") && !plain.contains(">on calls<"));
    roster.agents[0].shifts[0].activities[2].queues.rotate_left(1);
    let told = day_svg(&roster, None, DayIndex::new(0));
    assert!(told.contains(">on calls<") && told.contains(">on claims<") && !told.contains(">on the phones<"));
    let tones: std::collections::BTreeSet<&str> = told.match_indices("fill=\"#").map(|(at, _)| &told[at + 6..at + 13]).collect();
    assert!(tones.contains(super::TONES[0]) && tones.contains(super::TONES[1]));
}

#[test]
fn shortfalls_and_remedies_of_the_day_are_in_the_box() {
    let roster = roster();
    let span = |start: i32, length: u16| Span::new(Minute::new(start), Minutes::of(length));
    let queues = vec![QueueId::new("calls").expect("an id")];
    let shortfall = |n: i32| Shortfall {
        queues: queues.clone(),
        work: None,
        span: span(600 + 60 * n, 30),
        person_minutes: f64::from(60 - n),
        most_people: 2.0,
        binding: "rest".to_owned(),
        reason: "too few <people>".to_owned(),
    };
    let mut summary = summary();
    summary.shortfalls = (0..6).map(shortfall).chain([shortfall(20)]).collect();
    summary.remedies = vec![Remedy {
        kind: RemedyKind::Overtime,
        queues: queues.clone(),
        shortfall: span(600, 30),
        agents: vec![AgentId::new("anna & co").expect("an id")],
        contract: None,
        added: vec![span(680, 30)],
        moved: None,
        paid_minutes: 30,
        shortfall_minutes: (100.0, 75.0),
        service_level: Some((0.7, 0.8)),
    }];
    let told = day_svg(&roster, Some(&summary), DayIndex::new(0));
    assert!(told.contains("class=\"remedies\"") && told.contains("10:00 to 10:30 calls: 60 person-minutes, up to 2 people at once"));
    assert!(told.contains("too few &lt;people&gt;") && told.contains("and 2 more, 111 person-minutes together"));
    let remedy =
        "overtime of anna &amp; co, 11:20 to 11:50: 25 person-minutes less short for 0.5 paid hours; 70 % to 80 % answered in time";
    assert!(told.contains(remedy), "{told}");
    let other = day_svg(&roster, Some(&summary), DayIndex::new(1));
    assert!(other.contains("calls: 40 person-minutes") && !other.contains("overtime of"), "each day has its own");
    summary.shortfalls.clear();
    assert!(!day_svg(&roster, Some(&summary), DayIndex::new(0)).contains("class=\"remedies\""));
}

fn summary() -> RosterSummary {
    let certificate = Certificate { request: Digest([0; 32]), roster: Digest([0; 32]), rules: Vec::new(), violations: Vec::new() };
    let (roster, request) = (RosterId::new("R<1>").expect("an id"), RequestId::new("q").expect("an id"));
    RosterSummary::bare(roster, request, 1, ServiceLevelTarget::default(), certificate)
}
