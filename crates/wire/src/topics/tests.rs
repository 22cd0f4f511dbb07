//! Topics and their settings against the description of the interface.

use fika_model::Timestamp;
use fika_model::event::Event;
use fika_model::fault::{FaultCode, Faults};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use prost_reflect::{Kind, MessageDescriptor};
use serde_json::Value;

use super::{ALL, settings};
use crate::arbitrary::{any_command, any_event, any_forecast, any_interval, any_request, any_roster, any_status, any_summary};
use crate::proto::DESCRIPTORS;
use crate::records::{self, Encoded, Origin, Stamp};

fn document() -> Value {
    serde_saphyr::from_str(include_str!("../../../../proto/asyncapi.yaml")).expect("the document is YAML")
}

/// What a `$ref` of the document points to, else the value itself.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(path) => document.pointer(path.trim_start_matches('#')).unwrap_or_else(|| panic!("nothing is at {path}")),
        None => value,
    }
}

/// The message of the channel with this address.
fn message_of<'a>(document: &'a Value, topic: &str) -> &'a Value {
    let channels = document["channels"].as_object().expect("channels");
    let channel = channels.values().find(|channel| channel["address"] == topic).unwrap_or_else(|| panic!("no channel {topic}"));
    let messages = channel["messages"].as_object().expect("messages");
    assert_eq!(messages.len(), 1, "{topic}");
    resolve(document, messages.values().next().expect("one message"))
}

#[test]
fn the_document_names_every_topic_with_its_settings() {
    let document = document();
    let channels = document["channels"].as_object().expect("channels");
    assert_eq!(channels.len(), ALL.len());
    assert_eq!(document["operations"].as_object().map(serde_json::Map::len), Some(ALL.len()));
    for topic in ALL {
        let channel = channels.values().find(|channel| channel["address"] == topic.name).unwrap_or_else(|| panic!("no {}", topic.name));
        let kafka = &channel["bindings"]["kafka"];
        assert_eq!(kafka["partitions"], topic.partitions, "{}", topic.name);
        let written = kafka["topicConfiguration"].as_object().expect("settings");
        let text = |value: &Value| match value {
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
            other => other.to_string(),
        };
        let mut documented: Vec<(&str, String)> = written.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        let mut set = topic.config();
        documented.sort_unstable();
        set.sort_unstable();
        assert_eq!(documented, set, "{}", topic.name);
        assert_eq!(message_of(&document, topic.name)["bindings"]["kafka"]["key"]["description"], topic.key);
    }
    for operation in document["operations"].as_object().expect("operations").values() {
        assert!(resolve(&document, &operation["channel"])["address"].is_string());
    }
}

/// Whether `value` is as `schema` says, by the keywords that the document uses; any other keyword is a failure.
fn conforms(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let schema = resolve(document, schema);
    for (keyword, says) in schema.as_object().expect("a schema is an object") {
        let holds = match keyword.as_str() {
            "allOf" => {
                says.as_array().expect("a list").iter().try_for_each(|part| conforms(document, part, value))?;
                true
            }
            "type" => match says.as_str() {
                Some("object") => value.is_object(),
                Some("string") => value.is_string(),
                other => panic!("type {other:?}"),
            },
            "required" => says.as_array().expect("a list").iter().filter_map(Value::as_str).all(|name| value.get(name).is_some()),
            "properties" => {
                let known = says.as_object().expect("properties").iter();
                known.filter_map(|(name, part)| Some((part, value.get(name)?))).try_for_each(|(part, v)| conforms(document, part, v))?;
                true
            }
            "const" => says == value,
            "enum" => says.as_array().expect("a list").contains(value),
            "format" => says == "date-time" && value.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok()),
            "description" => says.is_string(),
            "x-protobuf-message" => {
                let name = says.as_str().expect("a name");
                let message = DESCRIPTORS.get_message_by_name(name).ok_or_else(|| format!("no message {name}"))?;
                only_known_fields(value, &message)?;
                true
            }
            other => panic!("the test does not know {other:?}"),
        };
        if !holds {
            return Err(format!("{keyword} {says} does not hold for {value}"));
        }
    }
    Ok(())
}

/// Whether every field is one of the contract, under its JSON name.
fn only_known_fields(value: &Value, message: &MessageDescriptor) -> Result<(), String> {
    if message.full_name() == "google.protobuf.Timestamp" {
        return Ok(());
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        let field = message.get_field_by_json_name(name).ok_or_else(|| format!("{} has no field {name}", message.full_name()))?;
        let Kind::Message(inner) = field.kind() else { continue };
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| only_known_fields(item, &inner))?,
            item => only_known_fields(item, &inner)?,
        }
    }
    Ok(())
}

fn sample<T: std::fmt::Debug>(strategy: &impl Strategy<Value = T>, runner: &mut TestRunner) -> T {
    strategy.new_tree(runner).expect("a value").current()
}

/// Real messages of every topic.
fn real_messages(runner: &mut TestRunner) -> Vec<Encoded> {
    let stamp = Stamp { id: "1", source: "/fika/test", at: Timestamp::UNIX_EPOCH };
    let mut made = Vec::new();
    for _ in 0..20 {
        made.push(records::event(&sample(&any_event(), runner)));
        let (key, counters) = sample(&any_interval(), runner);
        made.push(records::interval(&key, &counters, &stamp));
        let (request, forecast) = sample(&any_forecast(), runner);
        made.push(records::forecast(&request, &forecast, &stamp));
        made.push(records::request(&sample(&any_request(), runner), &stamp));
        made.push(records::command(&sample(&any_command(), runner), &stamp));
        made.push(records::status(&sample(&any_status(), runner), &stamp));
        made.extend(records::roster(&sample(&any_roster(), runner), &stamp));
        let (days, summary) = sample(&any_summary(), runner);
        made.push(records::roster_summary(&summary, &days, &stamp));
    }
    made
}

#[test]
fn real_messages_are_as_the_document_says() {
    let document = document();
    let messages = real_messages(&mut TestRunner::deterministic());
    for record in &messages {
        let message = message_of(&document, record.topic);
        let content_type = record.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_slice());
        assert_eq!(content_type, message["contentType"].as_str().map(str::as_bytes), "{}", record.topic);
        let value: Value = serde_json::from_slice(record.value.as_deref().expect("a value")).expect("JSON");
        conforms(&document, &message["payload"], &value).unwrap_or_else(|fault| panic!("{}: {fault}", record.topic));
        assert_eq!(value["subject"].as_str().map(str::as_bytes), record.key.as_deref(), "{}", record.topic);
    }
    for topic in ALL {
        let shown = messages.iter().any(|record| record.topic == topic.name);
        assert!(shown || ["fika.dead-letters", "fika.ingest-state"].contains(&topic.name), "{}", topic.name);
    }
}

#[test]
fn what_is_not_as_the_document_says_is_found() {
    let document = document();
    let payload = &message_of(&document, "acd.calls")["payload"];
    let mut runner = TestRunner::deterministic();
    let calls = any_event().prop_filter("a call", |event| matches!(event, Event::Call(_)));
    let record = records::event(&sample(&calls, &mut runner));
    let sound: Value = serde_json::from_slice(record.value.as_deref().expect("a value")).expect("JSON");
    assert_eq!(conforms(&document, payload, &sound), Ok(()));
    for (name, wrong) in
        [("type", Value::from("call.sung")), ("specversion", Value::from("0.3")), ("data", serde_json::json!({"callNumber": "1"}))]
    {
        let mut value = sound.clone();
        value[name] = wrong;
        assert!(conforms(&document, payload, &value).is_err(), "{name}");
    }
}

#[test]
fn dead_letters_have_the_headers_that_the_document_names() {
    let document = document();
    let faults = Faults::one(FaultCode::Malformed, "", "no JSON");
    let origin = Origin { topic: "acd.calls", partition: 0, offset: 0, timestamp_ms: 0, key: None, value: None, headers: &[] };
    let letter = records::dead_letter(&origin, &faults);
    let documented = message_of(&document, letter.topic)["headers"]["required"].as_array().expect("a list").clone();
    let written: Vec<Value> = letter.headers.iter().map(|(name, _)| Value::from(name.as_str())).collect();
    assert_eq!(documented, written);
    let state = records::ingest_state("k", Some(vec![1]));
    let content_type = message_of(&document, state.topic)["contentType"].as_str();
    assert_eq!(Some(state.headers[0].1.as_slice()), content_type.map(str::as_bytes));
}

#[test]
fn settings_are_found_by_name() {
    assert_eq!(settings("fika.rosters").map(|topic| topic.partitions), Some(12));
    assert_eq!(settings("fika.roster"), None);
}
