//! Envelopes: every fault of an envelope named with its place.

use fika_model::fault::{FaultCode, Faults};
use proptest::prelude::*;

use super::{Data, Headers, Mode, mode, read};
use crate::json::MESSAGE_LIMIT_BYTES;

fn headers(named: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    named.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
}

fn places(faults: &Faults) -> Vec<(&str, FaultCode)> {
    faults.0.iter().map(|fault| (fault.at.as_str(), fault.code)).collect()
}

fn faults_of(headers: &Headers, value: &[u8]) -> Faults {
    read(headers, value, MESSAGE_LIMIT_BYTES).err().unwrap_or_default()
}

const BINARY: [(&str, &str); 4] = [("ce_specversion", "1.0"), ("ce_id", "7"), ("ce_source", "/pbx"), ("ce_type", "call.queued")];

#[test]
fn modes_are_told_apart_by_content_type_and_headers() {
    let check = |named: &[(&str, &str)], expect| assert_eq!(mode(&headers(named)), expect, "{named:?}");
    check(&[("content-type", "application/cloudevents+json; charset=UTF-8")], Mode::Structured);
    check(&[("Content-Type", "Application/CloudEvents+JSON")], Mode::Structured);
    check(&[("content-type", "application/cloudevents-batch+json")], Mode::Batch);
    check(&[], Mode::Structured);
    check(&BINARY, Mode::Binary);
    check(&BINARY[1..], Mode::Structured);
    check(&[&BINARY[..], &[("content-type", "application/json")]].concat(), Mode::Binary);
    check(&[("content-type", "application/json")], Mode::Raw);
    check(&[("ce-specversion", "1.0"), ("CE-ID", "7"), ("ce-source", "/pbx"), ("Ce-Type", "x")], Mode::Binary);
}

#[test]
fn structured_events_are_read_with_what_they_do_not_say_left_empty() {
    let value = br#"{"specversion":"1.0","id":"a\u0062","source":"/pbx","type":"call.queued","traceparent":"00-1","data":{"x": [1, 2]}}"#;
    let events = read(&[], value, MESSAGE_LIMIT_BYTES).expect("a sound event");
    assert_eq!(events.len(), 1);
    assert_eq!((&*events[0].id, &*events[0].source, &*events[0].event_type), ("ab", "/pbx", "call.queued"));
    assert_eq!((&*events[0].subject, &*events[0].content_type, events[0].time_ms), ("", "", None));
    assert_eq!(events[0].data, Data::Json(br#"{"x": [1, 2]}"#));
}

#[test]
fn the_other_spelling_of_the_version_and_base64_data_are_read() {
    let value = br#"{"specVersion":"1.0","id":"1","source":"s","type":"t","time":"2026-01-01T01:00:00+01:00","data_base64":"AAEC"}"#;
    let events = read(&[], value, MESSAGE_LIMIT_BYTES).expect("a sound event");
    assert_eq!(events[0].data, Data::Bytes(vec![0, 1, 2].into()));
    assert_eq!(events[0].time_ms, Some(1_767_225_600_000));
}

#[test]
fn every_missing_attribute_is_named() {
    let faults = faults_of(&[], br#"{"id":"","time":"soon","type":"t","data_base64":"?"}"#);
    let expect = [
        ("data_base64", FaultCode::WrongType),
        ("specversion", FaultCode::Missing),
        ("id", FaultCode::Missing),
        ("source", FaultCode::Missing),
        ("time", FaultCode::BadTime),
    ];
    assert_eq!(places(&faults), expect);
    assert_eq!(
        places(&faults_of(&[], br#"{"specversion":"0.3","id":"1","source":"s","type":"t"}"#)),
        [("specversion", FaultCode::OutOfRange)]
    );
    assert_eq!(places(&faults_of(&[], br#"{"specversion":1.0}"#)), [("", FaultCode::WrongType)]);
    assert_eq!(places(&faults_of(&[], b"<xml/>")), [("", FaultCode::Malformed)]);
    assert_eq!(places(&faults_of(&headers(&[("content-type", "text/csv")]), b"a,b")), [("", FaultCode::Malformed)]);
}

#[test]
fn binary_events_carry_json_or_bytes() {
    let with = |content_type| headers(&[&BINARY[..], &[("content-type", content_type), ("ce_time", "2026-01-01T00:00:00Z")]].concat());
    let json = with("application/vnd.acme+json; charset=utf-8");
    let events = read(&json, b"{}", MESSAGE_LIMIT_BYTES).expect("a sound event");
    assert_eq!((events[0].time_ms, &events[0].data), (Some(1_767_225_600_000), &Data::Json(b"{}")));
    let protobuf = with("application/protobuf");
    let events = read(&protobuf, b"\x0a\x01x", MESSAGE_LIMIT_BYTES).expect("a sound event");
    assert_eq!(events[0].data, Data::Bytes(b"\x0a\x01x".as_slice().into()));
    let mut broken = with("application/json");
    broken[1].1 = vec![0xff];
    assert_eq!(places(&faults_of(&broken, b"{}")), [("ce_id", FaultCode::WrongType), ("id", FaultCode::Missing)]);
}

#[test]
fn a_batch_is_taken_whole_or_not_at_all() {
    let batch = headers(&[("content-type", "application/cloudevents-batch+json")]);
    let sound = r#"{"specversion":"1.0","id":"1","source":"s","type":"t"}"#;
    let read_ids = |value: &str| read(&batch, value.as_bytes(), MESSAGE_LIMIT_BYTES).map(|events| events.len());
    assert_eq!(read_ids("[]"), Ok(0));
    assert_eq!(read_ids(&format!("[{sound}, {sound}]")), Ok(2));
    let value = format!("[{sound}, {{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"s\"}}, 5]");
    assert_eq!(places(&faults_of(&batch, value.as_bytes())), [("[1].type", FaultCode::Missing), ("[2]", FaultCode::WrongType)]);
    assert_eq!(places(&faults_of(&batch, sound.as_bytes())), [("", FaultCode::WrongType)]);
}

#[test]
fn too_large_is_too_large_in_every_mode() {
    for content_type in ["application/cloudevents+json", "application/cloudevents-batch+json", "text/plain"] {
        let faults = read(&headers(&[("content-type", content_type)]), b"12345", 4).err().unwrap_or_default();
        assert_eq!(places(&faults), [("", FaultCode::TooLarge)]);
    }
}

proptest! {
    #[test]
    fn arbitrary_records_never_panic(
        names in proptest::collection::vec((".{0,20}", any::<Vec<u8>>()), 0..4),
        value: Vec<u8>,
        kind in 0..4_usize,
    ) {
        let mut headers = names;
        let content_type = ["application/cloudevents+json", "application/cloudevents-batch+json", "application/protobuf", ""][kind];
        headers.push(("content-type".to_owned(), content_type.as_bytes().to_vec()));
        headers.extend(BINARY.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).into_iter().take(kind * 2));
        let _ = read(&headers, &value, MESSAGE_LIMIT_BYTES);
    }
}
