//! Records as they lie on the bus.

use fika_model::event::Event;
use fika_model::fault::{FaultCode, Faults};
use fika_model::{Request, Timestamp};
use proptest::prelude::*;
use prost::Message;

use super::{Encoded, Origin, Stamp, dead_letter_headers};
use crate::arbitrary::{any_command, any_event, any_forecast, any_interval, any_request, any_roster, any_status, any_summary};
use crate::dialect::{Dialect, Fika, Input};
use crate::proto::fika::v1;
use crate::{cloudevents, convert, digest, json, records};

const STAMP: Stamp<'static> = Stamp { id: "1", source: "/fika/test", at: Timestamp::UNIX_EPOCH };

fn value(record: &Encoded) -> &[u8] {
    record.value.as_deref().expect("the record has a value")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn requests_come_back_with_the_same_digest(request in any_request()) {
        let record = records::request(&request, &STAMP);
        let back = records::read_request(&record.headers, value(&record));
        prop_assert_eq!(&back, &Ok(request.clone()));
        prop_assert_eq!(back.map(|back| digest::request(&back)), Ok(digest::request(&request)));
        let bytes = convert::request_message(&request).encode_to_vec();
        let binary = v1::RosterRequest::decode(&bytes[..]).expect("what was encoded");
        prop_assert_eq!(convert::parse_request(&binary), Ok(request));
    }

    #[test]
    fn rosters_come_back_from_files_and_from_the_bus(roster in any_roster(), summary in any_summary()) {
        let mut summary = summary.1;
        (summary.roster, summary.generation) = (roster.id.clone(), roster.generation);
        let file = json::write_pretty(&convert::roster_message(&roster, Some(&summary)));
        let (back, back_summary) = json::read_then(&file, file.len(), convert::parse_roster).expect("what was written");
        prop_assert_eq!(&back, &roster);
        prop_assert_eq!(back_summary.as_ref(), Some(&summary));
        let mut messages = Vec::new();
        for record in records::roster(&roster, &STAMP).iter().rev() {
            messages.push(records::read_agent_roster(&record.headers, value(record)).expect("what was written"));
        }
        let back = convert::parse_agent_rosters(&messages).expect("the agents of one roster");
        prop_assert_eq!(digest::roster(&back), digest::roster(&roster));
        prop_assert_eq!(back, roster);
    }

    #[test]
    fn summaries_come_back((days, summary) in any_summary()) {
        let record = records::roster_summary(&summary, &days, &STAMP);
        prop_assert_eq!(records::read_roster_summary(&record.headers, value(&record)), Ok((days, summary)));
    }

    #[test]
    fn statuses_come_back(status in any_status()) {
        let record = records::status(&status, &STAMP);
        prop_assert_eq!(records::read_status(&record.headers, value(&record)), Ok(status));
    }

    #[test]
    fn commands_come_back(command in any_command()) {
        let record = records::command(&command, &STAMP);
        prop_assert_eq!(records::read_command(&record.headers, value(&record)), Ok(command));
    }

    #[test]
    fn forecasts_come_back((request, forecast) in any_forecast()) {
        let record = records::forecast(&request, &forecast, &STAMP);
        prop_assert_eq!(records::read_forecast(&record.headers, value(&record)), Ok((request, forecast)));
    }

    #[test]
    fn counters_come_back((key, counters) in any_interval()) {
        let record = records::interval(&key, &counters, &STAMP);
        prop_assert_eq!(records::read_interval(&record.headers, value(&record)), Ok((key, counters)));
    }

    #[test]
    fn events_come_back(event in any_event()) {
        let record = records::event(&event);
        let input = Input { headers: &record.headers, value: value(&record) };
        prop_assert_eq!(Fika.read(input), Ok(vec![event.clone()]));
        let key = match &event {
            Event::Call(call) => call.call_id.as_str(),
            Event::Agent(agent) => agent.agent.as_str(),
        };
        prop_assert_eq!(record.key.as_deref(), Some(key.as_bytes()));
    }

    #[test]
    fn different_requests_have_different_digests(a in any_request(), b in any_request()) {
        prop_assert_eq!(a == b, digest::request(&a) == digest::request(&b));
    }
}

/// The digest is part of the contract: certificates that were written must stay true.
#[test]
fn the_digest_of_the_example_is_fixed() {
    let request: Request =
        json::read_then(include_bytes!("../../testdata/request.json"), json::MESSAGE_LIMIT_BYTES, convert::parse_request)
            .expect("the example is sound");
    assert_eq!(digest::request(&request).to_string(), "aa53c36e6e019778d344ba6bb97b19e28dd337f7722251584bbe3d111188e19b");
}

#[test]
fn a_message_of_another_type_is_refused() {
    let record = records::tombstone("fika.status", "r");
    assert_eq!((record.value, record.headers.len()), (None, 0));
    let attributes =
        cloudevents::Attributes { id: "1", source: "/x", event_type: "fika.v1.RosterRequest", subject: "r", time: Timestamp::UNIX_EPOCH };
    let value = cloudevents::write_structured(&attributes, &v1::RosterRequest::default());
    let faults = records::read_status(&cloudevents::structured_headers(), &value).err().unwrap_or_default();
    assert_eq!(faults.0.iter().map(|f| (f.at.as_str(), f.code)).collect::<Vec<_>>(), [("type", FaultCode::UnknownType)]);
}

#[test]
fn a_dead_letter_keeps_every_byte_and_says_where_it_came_from() {
    let mut faults = Faults::one(FaultCode::Missing, "id", "it is missing or empty");
    faults.push(FaultCode::BadTime, "time", "\"soon\" is no time");
    faults.push(FaultCode::Missing, "source", "it is missing or empty");
    let headers = [("content-type".to_owned(), vec![0xff, 0x00])];
    let origin = Origin {
        topic: "acd.calls",
        partition: 3,
        offset: 42,
        timestamp_ms: 0,
        key: Some(b"k\x80"),
        value: Some(b"\xfe{"),
        headers: &headers,
    };
    let letter = records::dead_letter(&origin, &faults);
    assert_eq!(
        (letter.topic, letter.key.as_deref(), letter.value.as_deref()),
        ("fika.dead-letters", Some(&b"k\x80"[..]), Some(&b"\xfe{"[..]))
    );
    assert_eq!(letter.headers[0], headers[0]);
    let header =
        |name: &str| letter.headers.iter().find(|(known, _)| known == name).map(|(_, value)| String::from_utf8_lossy(value).into_owned());
    assert_eq!(header(dead_letter_headers::CODE).as_deref(), Some("F1003,F1005"));
    assert_eq!(header(dead_letter_headers::REASON).map(|reason| reason.lines().count()), Some(3));
    assert_eq!(header(dead_letter_headers::TOPIC).as_deref(), Some("acd.calls"));
    assert_eq!(header(dead_letter_headers::PARTITION).as_deref(), Some("3"));
    assert_eq!(header(dead_letter_headers::OFFSET).as_deref(), Some("42"));
    assert_eq!(header(dead_letter_headers::TIME).as_deref(), Some("1970-01-01T00:00:00Z"));
}
