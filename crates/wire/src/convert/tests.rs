//! Messages to the model and back, and the faults between.

use fika_model::Request;
use fika_model::demand::{DemandSource, StaffingPolicy};
use fika_model::fairness::FairnessPolicy;
use fika_model::fault::{FaultCode, Faults};
use fika_model::people::Weekdays;
use fika_model::rules::{RestRules, WellbeingPolicy};
use serde_json::{Value, json};

use super::{parse_agent_rosters, parse_request, parse_roster};
use crate::json::{MESSAGE_LIMIT_BYTES, read_then};
use crate::proto::fika::v1;

fn example() -> Value {
    serde_json::from_str(include_str!("../../testdata/request.json")).expect("the example is JSON")
}

fn read(request: &Value) -> Result<Request, Faults> {
    read_then(request.to_string().as_bytes(), MESSAGE_LIMIT_BYTES, parse_request)
}

/// Sets the value at a JSON pointer of the example, and compares the faults: `place code`.
fn check(pointer: &str, value: Value, expect: &[&str]) {
    check_all(&[(pointer, value)], expect);
}

fn check_all(changes: &[(&str, Value)], expect: &[&str]) {
    let mut request = example();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = request.pointer_mut(parent).unwrap_or_else(|| panic!("nothing is at {parent}"));
        match parent {
            Value::Array(items) => items.push(value.clone()),
            other => other[name] = value.clone(),
        }
    }
    let faults = read(&request).err().unwrap_or_default();
    let places: Vec<String> = faults.0.iter().map(|fault| format!("{} {}", fault.at, fault.code)).collect();
    assert_eq!(places, expect, "{changes:?}: {faults}");
}

#[test]
fn what_is_absent_takes_the_default_of_the_contract() {
    let request = read(&example()).expect("the example is sound");
    assert_eq!(request.interval.minutes(), 15);
    assert_eq!(request.break_step.get(), 5);
    assert_eq!(request.wellbeing, WellbeingPolicy::default());
    assert_eq!(request.rest, RestRules::default());
    assert_eq!(request.staffing, StaffingPolicy::default());
    assert_eq!(request.demand, DemandSource::History { until: None });
    assert_eq!((request.budget.steps, request.budget.seconds, request.seed), (Some(20_000), None, 7));
    let (rest, meal) = (&request.breaks[0], &request.breaks[1]);
    assert_eq!((rest.paid, rest.count, rest.shift_at_most.get()), (true, 1, 1440));
    assert!(!meal.paid && meal.window.wall == Some((660, 870)));
    assert_eq!(request.queues[1].hours[0].to_minute, 1800);
    assert_eq!(request.queues[1].hours[0].weekdays, Weekdays::ALL);
    assert_eq!((request.agents[0].skills[0].priority, request.agents[0].skills[1].priority), (1, 2));
    assert!((request.agents[1].skills[0].proficiency - 1.0).abs() < f64::EPSILON);
    // One hour of the week is skipped on the 29th, and the absence before it is at 08:00 of the site's clock.
    assert_eq!(request.days.span().length().get(), 7 * 1440 - 60);
    assert_eq!(request.days.wall_at(request.agents[0].absences[0].span.start()).1, 480);
    check("/demand", Value::Null, &[]);
}

#[test]
fn bounds_are_held_on_both_sides() {
    check("/horizon/days", json!(92), &[]);
    check("/horizon/days", json!(93), &["horizon.days F2004"]);
    check("/horizon/days", json!(0), &["horizon.days F2004"]);
    check("/horizon/days", json!(3650), &["horizon.days F2004"]);
    check("/horizon/days", json!(-1), &["horizon.days F1004"]);
    check("/horizon/firstDate", json!("1979-12-31"), &["horizon.firstDate F2004"]);
    check("/horizon/firstDate", json!("2262-01-01"), &["horizon.firstDate F2004"]);
    check("/horizon/firstDate", json!("2026-02-30"), &["horizon.firstDate F1005"]);
    check("/intervalMinutes", json!(30), &[]);
    check("/intervalMinutes", json!(7), &["intervalMinutes F1004"]);
    check_in_absence("lengthMinutes", json!(0), &[]);
    check_in_absence("lengthMinutes", json!(-1), &["agents[0].absences[0].lengthMinutes F1004"]);
    check_in_absence("lengthMinutes", json!(527_040), &[]);
    check_in_absence("lengthMinutes", json!(527_041), &["agents[0].absences[0].lengthMinutes F1004"]);
    check_in_absence("start", json!("2026-03-25T07:00:30Z"), &["agents[0].absences[0].start F2007"]);
    check_in_absence("start", json!("1970-01-01T00:00:00Z"), &["agents[0].absences[0].start F1005"]);
    check_in_absence("start", json!("2262-01-01T00:00:00Z"), &["agents[0].absences[0].start F1005"]);
    check_in_absence("start", Value::Null, &["agents[0].absences[0].start F1003"]);
    check("/staffing/volumeQuantile", json!(0.999), &[]);
    for quantile in [0.0, 1.0, 1.5] {
        check("/staffing/volumeQuantile", json!(quantile), &["staffing.volumeQuantile F1004"]);
    }
    check("/staffing/patienceSeconds", json!("NaN"), &["staffing.patienceSeconds F1004"]);
    check("/budget/steps", json!(0), &["budget.steps F1004"]);
    check("/budget/seconds", json!(604_800), &[]);
    check("/budget/seconds", json!(604_801), &["budget.seconds F1004"]);
}

fn check_in_absence(field: &str, value: Value, expect: &[&str]) {
    check(&format!("/agents/0/absences/0/{field}"), value, expect);
}

#[test]
fn references_and_names_are_checked() {
    check("/site/timeZone", json!("Mars/Olympus"), &["site.timeZone F2005"]);
    check("/site", Value::Null, &["site.timeZone F2005", "site.id F1006"]);
    check("/id", json!("x".repeat(200)), &[]);
    check("/id", json!("x".repeat(201)), &["id F1006"]);
    check("/agents/2", json!({"id": "ada", "teamId": "south", "contractId": "full"}), &["agents[2].id F2002", "agents[2].teamId F2001"]);
    check("/agents/2", json!({}), &["agents[2].id F1006", "agents[2].teamId F1006", "agents[2].contractId F1006"]);
    check(
        "/contracts/1",
        json!({"id": "odd"}),
        &[
            "contracts[1].mostDaysPerWeek F1003",
            "contracts[1].mostConsecutiveDays F1003",
            "contracts[1].weekPaidMinutes F1003",
            "contracts[1].shiftLengthMinutes F1003",
        ],
    );
    check("/replaces", json!({"rosterId": "", "generation": 1}), &["replaces.rosterId F1006"]);
    check("/breakRules/2", json!({"id": "none", "lengthMinutes": 15}), &["breakRules[2].kind F1003"]);
    check("/horizon", Value::Null, &["horizon F1003"]);
}

#[test]
fn demand_is_from_history_or_given_for_every_queue_in_one_manner() {
    let people = |queue: &str, count: usize| json!({"queueId": queue, "requiredPeople": vec![1.5; count]});
    let calls = |queue: &str| json!({"queueId": queue, "forecast": vec![json!({"callsMean": 3, "ahtSeconds": 180}); 668]});
    let given = |queues: &[Value]| json!({"queues": queues});
    check("/demand", given(&[people("support", 668), people("night", 668)]), &[]);
    check("/demand", given(&[calls("support"), calls("night")]), &[]);
    check("/demand", given(&[people("support", 668)]), &["demand.queues F1003"]);
    check("/demand", given(&[people("support", 672), people("night", 668)]), &["demand.queues[0].requiredPeople F1004"]);
    check("/demand", given(&[calls("support"), people("night", 668)]), &["demand.queues[1] F2003"]);
    check("/demand", given(&[people("support", 668), json!({"queueId": "night"})]), &["demand.queues[1] F1003"]);
    check("/demand", json!({"history": {}, "queues": [people("support", 668), people("night", 668)]}), &["demand F2003"]);
    let mut negative = people("night", 668);
    negative["requiredPeople"][5] = json!(-0.5);
    check("/demand", given(&[people("support", 668), negative]), &["demand.queues[1].requiredPeople[5] F1004"]);
    let mut coarse = people("night", 334);
    coarse["intervalMinutes"] = json!(30);
    check("/demand", given(&[people("support", 668), coarse]), &["demand.queues[1].intervalMinutes F2007"]);
}

#[test]
fn a_wrong_grid_does_not_make_everything_else_wrong() {
    check_all(
        &[("/intervalMinutes", json!(7)), ("/site/timeZone", json!("X")), ("/queues/0/skillId", json!("lost"))],
        &["site.timeZone F2005", "intervalMinutes F1004", "queues[0].skillId F2001"],
    );
    check_all(
        &[("/intervalMinutes", json!(7)), ("/agents/2", json!({"id": "ada", "teamId": "north", "contractId": "full"}))],
        &["intervalMinutes F1004", "agents[2].id F2002"],
    );
}

fn agent_roster(agent: &str) -> v1::AgentRoster {
    v1::AgentRoster {
        roster_id: "r".to_owned(),
        request_id: "q".to_owned(),
        generation: 1,
        agent_id: agent.to_owned(),
        team_id: "t".to_owned(),
        time_zone: "UTC".to_owned(),
        period: Some(v1::Period { first_date: "2026-01-05".to_owned(), days: 7 }),
        ..v1::AgentRoster::default()
    }
}

#[test]
fn agents_of_different_rosters_do_not_make_one() {
    let codes = |messages: &[v1::AgentRoster]| {
        let faults = parse_agent_rosters(messages).err().unwrap_or_default();
        faults.0.into_iter().map(|fault| (fault.at, fault.code)).collect::<Vec<_>>()
    };
    assert_eq!(codes(&[agent_roster("b"), agent_roster("a")]), []);
    assert_eq!(codes(&[]).first(), Some(&(String::new(), FaultCode::Missing)));
    assert_eq!(codes(&[agent_roster("a"), agent_roster("a")]), [(String::new(), FaultCode::Duplicate)]);
    let other = v1::AgentRoster { generation: 2, ..agent_roster("b") };
    assert_eq!(codes(&[agent_roster("a"), other]), [("[1].generation".to_owned(), FaultCode::Contradiction)]);
    let summary = v1::RosterSummary { roster_id: "other".to_owned(), ..v1::RosterSummary::default() };
    let faults = parse_roster(&v1::Roster { agents: vec![agent_roster("a")], summary: Some(summary) }).err().unwrap_or_default();
    assert!(faults.0.iter().any(|fault| fault.at == "summary" && fault.code == FaultCode::Contradiction), "{faults}");
    assert!(faults.0.iter().any(|fault| fault.at == "summary.certificate" && fault.code == FaultCode::Missing), "{faults}");
}

#[test]
fn fairness_is_read_with_its_defaults_and_bounds() {
    let request = read(&example()).expect("the example is sound");
    assert_eq!(request.fairness, FairnessPolicy::default());
    check("/fairness", json!({"earlyBefore": "24:00", "lateAfter": "48:00", "seniorityPercentPerYear": 100}), &[]);
    check("/fairness", json!({"earlyBefore": "24:01"}), &["fairness.earlyBefore F1004"]);
    check("/fairness", json!({"lateAfter": "49:00"}), &["fairness.lateAfter F1005"]);
    for percent in [-1, 101] {
        check("/fairness", json!({"seniorityPercentPerYear": percent}), &["fairness.seniorityPercentPerYear F1004"]);
    }
    check("/wellbeing", json!({"largestGroup": 3, "leastMetAWeek": 2}), &[]);
    check("/wellbeing", json!({"largestGroup": 2}), &["wellbeing.largestGroup F2003"]);
    check("/wellbeing", json!({"largestGroupShare": 1.0}), &[]);
    for share in [-0.1, 0.0, 1.1] {
        check("/wellbeing", json!({"largestGroupShare": share}), &["wellbeing.largestGroupShare F1004"]);
    }
    check("/wellbeing", json!({"leastMetAWeek": -1}), &["wellbeing.leastMetAWeek F1004"]);
    let history = |value: Value, expect: &[&str]| check("/agents/1/history", value, expect);
    history(json!({"wishesAsked": 2, "wishesGranted": 2, "employedSince": "2019-04-01"}), &[]);
    history(json!({"wishesAsked": 1, "wishesGranted": 2}), &["agents[1].history.wishesGranted F2003"]);
    history(json!({"unpopularShifts": -1}), &["agents[1].history.unpopularShifts F1004"]);
    history(json!({"employedSince": "2019-13-01"}), &["agents[1].history.employedSince F1005"]);
}
