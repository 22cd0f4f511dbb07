//! Reports as people have them, read with mappings.

use super::super::{Dialect as _, Input};
use super::*;

fn mapping(toml: &str) -> Mapping {
    toml::from_str(toml).expect("a mapping")
}

const BERLIN: &str = r#"
    separator = ";"
    time_zone = "Europe/Berlin"
    time_format = "%d.%m.%Y %H:%M:%S"
    unit = "hh:mm:ss"
    [columns]
    call = "Nr"
    queue = "Gruppe"
    agent = "Platz"
    joined = ["Datum", "Zeit"]
    wait = "Wartezeit"
    talk = "Gespraech"
    wrapup = "Nacharbeit"
    outcome = "Ergebnis"
    [outcome]
    answered = ["angenommen"]
    abandoned = ["aufgelegt", "Ueberlauf"]
    left_out = ["Test"]
"#;
const HEADER: &str = "Nr;Rufnummer;Gruppe;Datum;Zeit;Wartezeit;Gespraech;Nacharbeit;Platz;Ergebnis";

fn read_after(toml: &str, header: &str, line: &str) -> Result<Vec<CallEvent>, String> {
    let mut reader = CallsCsv::new(Some(&mapping(toml))).map_err(|faults| faults.to_string())?;
    if !header.is_empty() {
        assert_eq!(reader.read(Input::line(header.as_bytes())), Ok(Vec::new()));
    }
    let events = reader.read(Input::line(line.as_bytes()));
    let call = |event| match event {
        Event::Call(call) => call,
        Event::Agent(_) => panic!("an event of a call"),
    };
    events.map(|events| events.into_iter().map(call).collect()).map_err(|faults| faults.to_string())
}

#[test]
fn a_report_with_local_times_is_read() {
    let line = r#"17;"+49 30; 1";Service;29.03.2026;03:00:10;0:00:25;00:03:20;1:05;7140;angenommen"#;
    let calls = read_after(BERLIN, HEADER, line).expect("a call");
    let [call] = &calls[..] else { panic!("one call") };
    // An hour is missing in this night: 03:00:10 in Berlin is 01:00:10 UTC.
    assert_eq!(call.occurred_at_ms, instant_ms("2026-03-29T01:00:10Z").expect("a time"));
    assert_eq!((call.wait_ms, call.talk_ms, call.hold_ms, call.wrapup_ms), (Some(25_000), Some(200_000), None, Some(65_000)));
    let names = (call.call_id.as_str(), call.queue.as_ref().map(QueueId::as_str), call.agent.as_ref().map(AgentId::as_str));
    assert_eq!((names, call.answered), (("17", Some("Service"), Some("7140")), Some(true)));
    let left = read_after(BERLIN, HEADER, "18;;Service;29.03.2026;09:00:00;0:07;;;;Ueberlauf").expect("a call");
    assert_eq!((left[0].answered, left[0].wait_ms, left[0].talk_ms), (Some(false), Some(7_000), None));
    assert_eq!(read_after(BERLIN, HEADER, "19;;Service;29.03.2026;09:00:00;0:07;;;;Test"), Ok(Vec::new()));
    assert_eq!(read_after(BERLIN, HEADER, HEADER), Ok(Vec::new()), "a header in the middle, where files were put together");
}

fn instant_ms(text: &str) -> Option<i64> {
    super::super::fields::instant_ms(text)
}

#[test]
fn lengths_follow_from_times_where_only_these_are_told() {
    let toml = r#"
        queue = "sales"
        header = ["start", "answer", "end", "hold"]
        [columns]
        joined = "start"
        answered_at = "answer"
        ended_at = "end"
        hold = "hold"
    "#;
    let check = |line: &str, expect: (bool, Option<i64>, Option<i64>)| {
        let calls = read_after(toml, "", line).expect("a call");
        assert_eq!((calls[0].answered == Some(true), calls[0].wait_ms, calls[0].talk_ms), expect, "{line}");
        assert_eq!(calls[0].call_id.as_str().len(), 32, "an id made of the line");
    };
    check("1699286234,1699286240,1699286300,10", (true, Some(6_000), Some(50_000)));
    check("2023-11-06T15:57:14,2023-11-06T15:57:20,2023-11-06T15:58:20,", (true, Some(6_000), Some(60_000)));
    check("1699286234,,1699286264,", (false, Some(30_000), None));
    let same = |line: &str| read_after(toml, "", line).expect("a call")[0].call_id.clone();
    assert_eq!(same("1699286234,,1699286264,"), same("1699286234,,1699286264,"));
    assert_ne!(same("1699286234,,1699286264,"), same("1699286234,,1699286265,"));
}

/// Place and code of each fault.
fn check_faults(line: &str, expect: &[&str]) {
    let faults = read_after(BERLIN, HEADER, line).expect_err("faults");
    assert_eq!(faults.lines().count(), expect.len(), "{faults}");
    assert!(expect.iter().all(|fault| faults.contains(fault)), "{faults}");
}

#[test]
fn faults_name_the_column_and_not_what_stands_in_it() {
    check_faults("17;1;Service;29.03.2026", &["F1001"]);
    check_faults("17;1;Service;29.03.2026;9:00;0:01;0:60;0:01;7140;eben", &["F1005 at it", "F1002", "F1008"].map(|f| &f[..5]));
    check_faults(";1;;29.03.2026;09:00:00;0:01;0:01;-1:00;7140;angenommen", &["F1006", "F1006", "F1002"]);
    check_faults("17;1;Service;;;0:01;0:01;;7140;angenommen", &["F1003"]);
    check_faults("17;\"1;Service", &["F1001"]);
    let faults = read_after(BERLIN, HEADER, "17;1;Service;4930123456;9:00;4930123456;4930123456;0:01;7140;4930123456").expect_err("faults");
    assert!(!faults.contains("4930"), "{faults}");
    let mut reader = CallsCsv::new(Some(&mapping(BERLIN))).expect("a reader");
    assert!(reader.read(Input::line(b"Nr;Gruppe")).is_err(), "columns of the mapping are missing");
}

#[test]
fn a_mapping_that_cannot_be_is_refused_with_all_its_faults() {
    let check = |toml: &str, faults: usize| {
        let found = mapping(toml).check().err().unwrap_or_default();
        assert_eq!(found.0.len(), faults, "{toml} {found}");
    };
    check("queue = 'a'\n[columns]\njoined = 'b'", 0);
    check("separator = ';;'\ntime_zone = 'Mars/Base'\n[columns]\njoined = []", 4);
    check("queue = 'a'\n[columns]\njoined = 'b'\nqueue = 'c'\noutcome = 'd'", 2);
    check("queue = 'a'\n[columns]\njoined = 'b'\noutcome = 'd'\n[outcome]\nanswered = ['x']\nabandoned = ['x']", 1);
    assert!(toml::from_str::<Mapping>("queue = 'a'\nqeueu = 'b'\n[columns]\njoined = 'b'").is_err());
    assert!(CallsCsv::new(None).is_err());
}
