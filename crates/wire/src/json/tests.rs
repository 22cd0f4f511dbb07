//! JSON in protobuf's mapping.

use fika_model::fault::Faults;

use super::{MESSAGE_LIMIT_BYTES, read, read_then};
use crate::convert::parse_request;
use crate::proto::fika::v1;

/// `place code` of each fault.
fn places(faults: &Faults) -> Vec<String> {
    faults.0.iter().map(|fault| format!("{} {}", fault.at, fault.code)).collect()
}

fn check_request(json: &str, expect: &[&str]) {
    let faults = read::<v1::RosterRequest>(json.as_bytes(), MESSAGE_LIMIT_BYTES).err().unwrap_or_default();
    assert_eq!(places(&faults), expect, "{json}: {faults}");
}

#[test]
fn every_wrong_type_is_named() {
    check_request(
        r#"{"id": 5, "agents": [{"id": "a", "skills": {}}, 7, null], "horizon": {"days": "seven", "firstDate": "2026-01-01"}, "seed": -1,
            "queues": "sales", "wellbeing": {"noRestAlone": "yes", "edgeMinutes": 1.5, "socialMinutes": 3000000000},
            "shiftTemplates": [{"weekdays": ["MONDAY", "LUNDI"]}], "demand": {"history": {"until": "soon"}}}"#,
        &[
            "agents[0].skills F1002",
            "agents[1] F1002",
            "agents[2] F1002",
            "demand.history.until F1005",
            "horizon.days F1002",
            "id F1002",
            "queues F1002",
            "seed F1004",
            "shiftTemplates[0].weekdays[1] F1002",
            "wellbeing.edgeMinutes F1002",
            "wellbeing.noRestAlone F1002",
            "wellbeing.socialMinutes F1004",
        ],
    );
}

#[test]
fn unknown_fields_and_nulls_are_taken() {
    check_request(r#"{"id": "r", "colour": {"deep": [1]}, "agents": null, "seed": null, "site": null, "wellbeing": {"mood": 3}}"#, &[]);
    check_request(r#"{"break_step_minutes": 5, "seed": "18446744073709551615"}"#, &[]);
    check_request("\u{feff}{}", &[]);
}

#[test]
fn one_of_two_alternatives() {
    let json = r#"{"agents": [{"wishes": [{"dayOff": {"date": "2026-01-01"}, "colleague": {"agentId": "b"}}]}]}"#;
    check_request(json, &["agents[0].wishes[0].dayOff F2003"]);
}

#[test]
fn malformed_json_is_named_with_its_line_and_column() {
    for (json, line, column) in [("{\"id\": \"r\",\n  \"seed\": }", 2, 11), ("", 1, 0), ("{} x", 1, 4), ("{\"id\": \"\u{1}\"}", 1, 9)] {
        let faults = read::<v1::RosterRequest>(json.as_bytes(), MESSAGE_LIMIT_BYTES).err().unwrap_or_default();
        assert_eq!(places(&faults), [" F1001"], "{json}");
        assert!(faults.to_string().contains(&format!("line {line} column {column}")), "{json}: {faults}");
    }
    let deep = "[".repeat(100_000);
    let faults = read::<v1::RosterRequest>(deep.as_bytes(), MESSAGE_LIMIT_BYTES).err().unwrap_or_default();
    assert_eq!(places(&faults), [" F1001"]);
    check_request("[]", &[" F1002"]);
}

#[test]
fn the_limit_is_the_last_size_that_is_taken() {
    let json = br#"{"id": "r"}"#;
    assert!(read::<v1::RosterRequest>(json, json.len()).is_ok());
    let faults = read::<v1::RosterRequest>(json, json.len() - 1).err().unwrap_or_default();
    assert_eq!(places(&faults), [" F1007"]);
}

#[test]
fn a_flood_of_faults_is_cut() {
    let json = format!("{{\"queues\": [{}1]}}", "1,".repeat(5000));
    let faults = read::<v1::RosterRequest>(json.as_bytes(), MESSAGE_LIMIT_BYTES).err().unwrap_or_default();
    assert_eq!(faults.0.len(), 1001);
    assert_eq!(faults.0[1000].cause, "4001 further faults are not listed");
}

#[test]
fn faults_of_types_and_of_meaning_are_named_together() {
    let json = r#"{"id": "r", "site": {"id": "s", "timeZone": "UTC"}, "horizon": {"firstDate": "2026-01-05", "days": 7},
        "skills": [{"id": "k"}], "queues": [{"id": "q", "skillId": "other"}], "teams": [{"id": "t"}],
        "contracts": [{"id": "c", "weekPaidMinutes": {"least": -5, "most": 2400}, "shiftLengthMinutes": {"least": 240, "most": 600},
            "mostDaysPerWeek": 5, "mostConsecutiveDays": 5}],
        "shiftTemplates": [{"id": "day", "startFrom": "08:00", "startTo": "10:00", "lengthFromMinutes": "eight hours"}],
        "agents": [{"id": "a", "teamId": "t", "contractId": "c", "skills": [{"skillId": "k"}]},
            {"id": "a", "teamId": "t", "contractId": "none", "skills": [{"skillId": 1}]}]}"#;
    let faults = read_then::<v1::RosterRequest, _>(json.as_bytes(), MESSAGE_LIMIT_BYTES, parse_request).err().unwrap_or_default();
    let expect = [
        "agents[1].skills[0].skillId F1002",
        "shiftTemplates[0].lengthFromMinutes F1002",
        "contracts[0].weekPaidMinutes.least F1004",
        "agents[1].id F2002",
        "queues[0].skillId F2001",
        "agents[1].contractId F2001",
    ];
    assert_eq!(places(&faults), expect, "{faults}");
}
