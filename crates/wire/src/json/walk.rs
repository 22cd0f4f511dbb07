//! Comparing JSON with the contract: names every value of a wrong type and takes it out, so that the rest can be read.
//!
//! Fields set to null are taken out too: in protobuf's mapping null is the default.

use std::fmt::Write as _;

use fika_model::fault::{FaultCode, Faults};
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value};

/// The most faults that are listed; a message of wrong numbers must not become a bigger message of faults.
const MOST_FAULTS: usize = 1000;

/// Takes out of `value` whatever is not of the type that `message` gives it, and names it.
pub(super) fn prune(value: &mut Value, message: &MessageDescriptor) -> Faults {
    let mut walk = Walk { faults: Faults::default(), unlisted: 0, at: String::new() };
    if !walk.message(value, message) {
        *value = Value::Object(Map::new());
    }
    if walk.unlisted > 0 {
        walk.faults.push(FaultCode::WrongType, "", format_args!("{} further faults are not listed", walk.unlisted));
    }
    walk.faults
}

struct Walk {
    faults: Faults,
    unlisted: usize,
    at: String,
}

impl Walk {
    /// Notes a fault at the present place; gives `false` for the callers to hand on.
    fn fault(&mut self, code: FaultCode, cause: impl std::fmt::Display) -> bool {
        if self.faults.0.len() < MOST_FAULTS {
            self.faults.push(code, self.at.clone(), cause);
        } else {
            self.unlisted += 1;
        }
        false
    }

    fn wrong(&mut self, value: &Value, expected: &str) -> bool {
        let found = Found(value);
        self.fault(FaultCode::WrongType, format_args!("{found} where {expected} is expected"))
    }

    fn message(&mut self, value: &mut Value, message: &MessageDescriptor) -> bool {
        if message.full_name() == "google.protobuf.Timestamp" {
            return self.timestamp(value);
        }
        let Value::Object(fields) = value else {
            return self.wrong(value, "an object");
        };
        let mut oneofs: Vec<String> = Vec::new();
        fields.retain(|name, value| {
            let Some(field) = message.get_field_by_json_name(name).or_else(|| message.get_field_by_name(name)) else {
                return true;
            };
            if value.is_null() {
                return false;
            }
            let length = self.at.len();
            let dot = if length == 0 { "" } else { "." };
            let _ = write!(self.at, "{dot}{}", field.json_name());
            let mut legal = if field.is_list() { self.list(value, &field) } else { self.value(value, &field.kind()) };
            if let Some(oneof) = field.containing_oneof().filter(|oneof| oneof.fields().len() > 1) {
                if oneofs.iter().any(|name| name == oneof.name()) {
                    legal = self.fault(FaultCode::Contradiction, format_args!("another alternative of {:?} is given too", oneof.name()));
                }
                oneofs.push(oneof.name().to_owned());
            }
            self.at.truncate(length);
            legal
        });
        true
    }

    fn list(&mut self, value: &mut Value, field: &FieldDescriptor) -> bool {
        let Value::Array(items) = value else {
            return self.wrong(value, "a list");
        };
        let kind = field.kind();
        for (n, item) in items.iter_mut().enumerate() {
            let length = self.at.len();
            let _ = write!(self.at, "[{n}]");
            if !self.value(item, &kind) {
                *item = neutral(&kind);
            }
            self.at.truncate(length);
        }
        true
    }

    fn value(&mut self, value: &mut Value, kind: &Kind) -> bool {
        match kind {
            Kind::Message(message) => self.message(value, message),
            Kind::Enum(names) => self.name(value, names),
            Kind::String => value.is_string() || self.wrong(value, "text"),
            Kind::Bool => value.is_boolean() || self.wrong(value, "true or false"),
            Kind::Double | Kind::Float => {
                let text = value.as_str().is_some_and(|text| text.parse::<f64>().is_ok());
                value.is_number() || text || self.wrong(value, "a number")
            }
            Kind::Bytes => value.is_string() || self.wrong(value, "base64 text"),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => self.integer(value, i128::from(i32::MIN), i128::from(i32::MAX)),
            Kind::Uint32 | Kind::Fixed32 => self.integer(value, 0, i128::from(u32::MAX)),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => self.integer(value, i128::from(i64::MIN), i128::from(i64::MAX)),
            Kind::Uint64 | Kind::Fixed64 => self.integer(value, 0, i128::from(u64::MAX)),
        }
    }

    fn integer(&mut self, value: &Value, least: i128, most: i128) -> bool {
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => return self.wrong(value, "a whole number"),
        };
        let whole = text.parse::<i128>().ok().or_else(|| {
            let number = text.parse::<f64>().ok()?;
            (number.fract() == 0.0 && number.abs() < 1e30).then_some(number as i128)
        });
        match whole {
            None => self.wrong(value, "a whole number"),
            Some(number) if (least..=most).contains(&number) => true,
            Some(number) => self.fault(FaultCode::OutOfRange, format_args!("{number} is outside {least} to {most}")),
        }
    }

    fn name(&mut self, value: &Value, names: &EnumDescriptor) -> bool {
        match value {
            Value::String(name) if names.get_value_by_name(name).is_some() => true,
            Value::Number(number) if number.as_i64().and_then(|n| i32::try_from(n).ok()).is_some_and(|n| names.get_value(n).is_some()) => {
                true
            }
            Value::String(_) | Value::Number(_) => {
                let known: Vec<String> = names.values().filter(|v| v.number() != 0).map(|v| v.name().to_owned()).collect();
                self.fault(FaultCode::WrongType, format_args!("{} is none of {}", Found(value), known.join(", ")))
            }
            _ => self.wrong(value, "a name"),
        }
    }

    fn timestamp(&mut self, value: &Value) -> bool {
        match value {
            Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => true,
            Value::String(text) => self.fault(FaultCode::BadTime, format_args!("{text:?} is no time such as 2026-01-11T05:00:00Z")),
            _ => self.wrong(value, "a time such as \"2026-01-11T05:00:00Z\""),
        }
    }
}

/// What stands in a list for an item that was taken out, so that the others keep their places.
fn neutral(kind: &Kind) -> Value {
    match kind {
        Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp" => Value::from("2000-01-01T00:00:00Z"),
        Kind::Message(_) => Value::Object(Map::new()),
        Kind::String | Kind::Bytes => Value::from(""),
        Kind::Bool => Value::from(false),
        _ => Value::from(0),
    }
}

/// A value in the words of a fault; long ones are cut.
struct Found<'a>(&'a Value);

impl std::fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Value::Null => f.write_str("null"),
            Value::Array(items) => write!(f, "a list of {}", items.len()),
            Value::Object(_) => f.write_str("an object"),
            Value::String(text) if text.chars().count() > 40 => write!(f, "{:?}...", text.chars().take(40).collect::<String>()),
            other => write!(f, "{other}"),
        }
    }
}
