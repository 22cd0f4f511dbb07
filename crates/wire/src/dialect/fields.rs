//! A vendor's record as named fields, be it a JSON object or lines of `Name: value`, and what is found wrong with it.
//!
//! A reader asks for the fields that it needs. A field that it neither asks for nor lists as not needed is unknown, and counted. Faults
//! name the field and never its value: what an ACD puts into a field may be a caller's number.

use std::borrow::Cow;

use fika_model::event::EpochMs;
use fika_model::fault::{FaultCode, Faults};
use fika_model::{IdError, Timestamp};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Unknown;
use crate::convert::is_legal_ms;

/// What a reader finds while it reads a record.
#[derive(Debug, Default)]
pub(super) struct Findings {
    faults: Faults,
    unknown: Unknown,
}

impl Findings {
    pub(super) fn fault(&mut self, code: FaultCode, at: &str, cause: &str) {
        self.faults.push(code, at, cause);
    }

    /// An event of a type that the reader has never heard of: counted, and nothing else.
    pub(super) fn unknown_type(&mut self) {
        self.unknown.types += 1;
    }

    pub(super) fn unknown_fields(&mut self, fields: u64) {
        self.unknown.fields += fields;
    }

    /// The events where nothing is wrong, and else all faults; what is unknown is added to `unknown` when the record is taken.
    pub(super) fn end<T>(self, read: T, unknown: &mut Unknown) -> Result<T, Faults> {
        let read = self.faults.or(Some(read))?;
        unknown.types += self.unknown.types;
        unknown.fields += self.unknown.fields;
        Ok(read)
    }
}

#[derive(Debug, Clone)]
enum Value<'a> {
    Json(&'a RawValue),
    Text(Cow<'a, str>),
}

#[derive(Debug)]
struct Field<'a> {
    name: Cow<'a, str>,
    value: Value<'a>,
    asked: bool,
}

/// Fields of a record or of an object in it, in their order.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    at: String,
    fields: Vec<Field<'a>>,
}

struct Object<'a>(Vec<Field<'a>>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Vec<Field<'de>>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    fields.push(Field { name, value: Value::Json(value), asked: false });
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Names).map(Object)
    }
}

#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Fields<'a> {
    /// Reads a JSON object.
    pub(super) fn json(value: &'a [u8]) -> Result<Self, Faults> {
        let value = value.strip_prefix(b"\xef\xbb\xbf").unwrap_or(value);
        let read: Result<Object<'a>, _> = serde_json::from_slice(value);
        match read {
            Ok(Object(fields)) => Ok(Self { at: String::new(), fields }),
            Err(error) if error.is_data() => Err(Faults::one(FaultCode::WrongType, "", "an object is expected")),
            Err(error) => {
                let cause = format_args!("it is no JSON from line {} column {} on", error.line(), error.column());
                Err(Faults::one(FaultCode::Malformed, "", cause))
            }
        }
    }

    /// Reads lines of `Name: value`, as the manager of Asterisk and the event socket of `FreeSWITCH` write them; a JSON object where one
    /// begins.
    pub(super) fn block_or_json(value: &'a [u8]) -> Result<Self, Faults> {
        if value.trim_ascii_start().starts_with(b"{") {
            return Self::json(value);
        }
        let text = std::str::from_utf8(value).map_err(|error| Faults::one(FaultCode::Malformed, "", error))?;
        let mut fields = Vec::new();
        for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let Some((name, value)) = line.split_once(':') else {
                return Err(Faults::one(FaultCode::Malformed, "", format_args!("line {} is not of the form \"Name: value\"", n + 1)));
            };
            fields.push(Field { name: Cow::Borrowed(name.trim()), value: Value::Text(Cow::Borrowed(value.trim())), asked: false });
        }
        Ok(Self { at: String::new(), fields })
    }

    /// The place of a field, as faults name it.
    pub(super) fn at(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    fn take(&mut self, name: &str) -> Option<Value<'a>> {
        // Where a name comes twice, the last stands, as in most readers of JSON.
        let mut found = None;
        for field in self.fields.iter_mut().filter(|field| field.name == name) {
            field.asked = true;
            found = Some(field.value.clone());
        }
        found.filter(|value| !matches!(value, Value::Json(raw) if raw.get() == "null"))
    }

    /// Whether there is such a field, without asking for it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    /// A text, number or truth value as text; none where it is missing, null or empty.
    pub(super) fn text(&mut self, found: &mut Findings, name: &str) -> Option<Cow<'a, str>> {
        let text = match self.take(name)? {
            Value::Text(text) => text,
            Value::Json(raw) => match raw.get().as_bytes().first() {
                Some(b'"') => match serde_json::from_str::<Name<'a>>(raw.get()) {
                    Ok(Name(text)) => text,
                    Err(_) => return self.wrong(found, name, "it is no sound text"),
                },
                Some(b'{' | b'[') => return self.wrong(found, name, "a text or a number is expected"),
                _ => Cow::Borrowed(raw.get()),
            },
        };
        if text.is_empty() { None } else { Some(text) }
    }

    fn wrong<T>(&self, found: &mut Findings, name: &str, cause: &str) -> Option<T> {
        found.fault(FaultCode::WrongType, &self.at(name), cause);
        None
    }

    /// A text that must be there.
    pub(super) fn needed(&mut self, found: &mut Findings, name: &str) -> Cow<'a, str> {
        let faults = found.faults.0.len();
        let text = self.text(found, name);
        if text.is_none() && faults == found.faults.0.len() {
            found.fault(FaultCode::Missing, &self.at(name), "it is missing or empty");
        }
        text.unwrap_or_default()
    }

    /// An id, where there is one.
    pub(super) fn id<T>(&mut self, found: &mut Findings, name: &str, make: impl FnOnce(String) -> Result<T, IdError>) -> Option<T> {
        self.id_of(found, name, |text| text, make)
    }

    /// An id that is a part of a text.
    pub(super) fn id_of<T>(
        &mut self,
        found: &mut Findings,
        name: &str,
        part: impl FnOnce(&str) -> &str,
        make: impl FnOnce(String) -> Result<T, IdError>,
    ) -> Option<T> {
        let text = self.text(found, name)?;
        let at = self.at(name);
        found.faults.take(FaultCode::BadId, at, make(part(&text).to_owned()))
    }

    /// An id that must be there.
    pub(super) fn needed_id<T>(&mut self, found: &mut Findings, name: &str, make: impl FnOnce(String) -> Result<T, IdError>) -> Option<T> {
        let faults = found.faults.0.len();
        let id = self.id(found, name, make);
        if id.is_none() && faults == found.faults.0.len() {
            found.fault(FaultCode::Missing, &self.at(name), "it is missing or empty");
        }
        id
    }

    /// An instant: a time of RFC 3339, or seconds, milliseconds or microseconds since 1970, told apart by their size.
    pub(super) fn time(&mut self, found: &mut Findings, name: &str) -> Option<EpochMs> {
        let text = self.text(found, name)?;
        let at = instant_ms(&text);
        if at.is_none() {
            found.fault(FaultCode::BadTime, &self.at(name), "it is no time between 1980 and 2200");
        }
        at
    }

    /// An instant of which some ACDs say 0 when there is none.
    pub(super) fn time_not_0(&mut self, found: &mut Findings, name: &str) -> Option<EpochMs> {
        if self.text(found, name)? == "0" { None } else { self.time(found, name) }
    }

    /// A length in milliseconds, where it stands in units of so many milliseconds; not negative, not longer than a week.
    pub(super) fn length_ms(&mut self, found: &mut Findings, name: &str, unit_ms: i64) -> Option<i64> {
        let text = self.text(found, name)?;
        let length = length_ms(&text, unit_ms);
        if let Err((code, cause)) = length {
            found.fault(code, &self.at(name), cause);
        }
        length.ok()
    }

    /// An object inside.
    pub(super) fn object(&mut self, found: &mut Findings, name: &str) -> Option<Self> {
        let Value::Json(raw) = self.take(name)? else { return None };
        let at = self.at(name);
        Self::nested(raw, at, found)
    }

    /// A list of objects; empty where there is none.
    pub(super) fn objects(&mut self, found: &mut Findings, name: &str) -> Vec<Self> {
        let at = self.at(name);
        let items = self.items(found, name).into_iter().enumerate();
        items.filter_map(|(n, raw)| Self::nested(raw, format!("{at}[{n}]"), found)).collect()
    }

    /// A list of texts; empty where there is none.
    pub(super) fn texts(&mut self, found: &mut Findings, name: &str) -> Vec<Cow<'a, str>> {
        let mut texts = Vec::new();
        for raw in self.items(found, name) {
            match serde_json::from_str::<Name<'a>>(raw.get()) {
                Ok(Name(text)) => texts.push(text),
                Err(_) => found.fault(FaultCode::WrongType, &self.at(name), "a list of texts is expected"),
            }
        }
        texts
    }

    fn items(&mut self, found: &mut Findings, name: &str) -> Vec<&'a RawValue> {
        let Some(Value::Json(raw)) = self.take(name) else { return Vec::new() };
        serde_json::from_str(raw.get()).unwrap_or_else(|_| self.wrong(found, name, "a list is expected").unwrap_or_default())
    }

    fn nested(raw: &'a RawValue, at: String, found: &mut Findings) -> Option<Self> {
        if let Ok(Object(fields)) = serde_json::from_str::<Object<'a>>(raw.get()) {
            return Some(Self { at, fields });
        }
        found.fault(FaultCode::WrongType, &at, "an object is expected");
        None
    }

    /// Counts the fields that were neither asked for nor are listed as not needed; a `*` at the end of a listed name stands for any end.
    pub(super) fn done(self, found: &mut Findings, not_needed: &[&str]) {
        let listed = |name: &str| {
            not_needed.iter().any(|known| match known.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => *known == name,
            })
        };
        let unknown = self.fields.iter().filter(|field| !field.asked && !listed(&field.name)).count();
        found.unknown_fields(unknown as u64);
    }
}

/// The instant that a text tells; see [`Fields::time`].
pub(super) fn instant_ms(text: &str) -> Option<EpochMs> {
    let ms = match number(text) {
        Some((whole, thousandths)) => match whole {
            ..100_000_000_000 => whole.checked_mul(1000)?.checked_add(thousandths)?,
            100_000_000_000..100_000_000_000_000 => whole,
            _ => whole / 1000,
        },
        None => text.parse::<Timestamp>().ok()?.as_millisecond(),
    };
    is_legal_ms(ms).then_some(ms)
}

/// A length in milliseconds; see [`Fields::length_ms`].
pub(super) fn length_ms(text: &str, unit_ms: i64) -> Result<i64, (FaultCode, &'static str)> {
    const WEEK_MS: i64 = 7 * 86_400_000;
    let Some((whole, thousandths)) = number(text.strip_prefix('-').unwrap_or(text)) else {
        return Err((FaultCode::WrongType, "it is no number"));
    };
    let ms = whole.checked_mul(unit_ms).and_then(|ms| ms.checked_add(thousandths * unit_ms / 1000));
    match ms {
        Some(ms @ 0..=WEEK_MS) if !text.starts_with('-') || ms == 0 => Ok(ms),
        _ => Err((FaultCode::OutOfRange, "it is outside 0 to a week")),
    }
}

/// A number without sign: its whole part, and its fraction in thousandths, what is finer cut off.
fn number(text: &str) -> Option<(i64, i64)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let thousandths = fraction.bytes().chain([b'0'; 3]).take(3).fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some((whole.parse().ok()?, thousandths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_told_apart_by_their_size() {
        let check = |text: &str, expect: Option<i64>| assert_eq!(instant_ms(text), expect, "{text}");
        check("1699286234", Some(1_699_286_234_000));
        check("1699286234.1239", Some(1_699_286_234_123));
        check("1699286234123", Some(1_699_286_234_123));
        check("1699286234123456", Some(1_699_286_234_123));
        check("2023-11-06T15:57:14.123Z", Some(1_699_286_234_123));
        check("2023-11-06T16:57:14+01:00", Some(1_699_286_234_000));
        check("315532800", Some(315_532_800_000));
        for wrong in ["315532799", "0", "", "-1", "1e9", "yesterday", "1699286234.", "99999999999999999999"] {
            check(wrong, None);
        }
    }

    #[test]
    fn lengths_have_units_and_bounds() {
        let check = |text: &str, unit_ms: i64, expect: Result<i64, FaultCode>| {
            assert_eq!(length_ms(text, unit_ms).map_err(|(code, _)| code), expect, "{text}");
        };
        check("12", 1000, Ok(12_000));
        check("12.5", 1000, Ok(12_500));
        check("12", 1, Ok(12));
        check("0", 60_000, Ok(0));
        check("604800", 1000, Ok(604_800_000));
        check("604801", 1000, Err(FaultCode::OutOfRange));
        check("-1", 1000, Err(FaultCode::OutOfRange));
        check("long", 1000, Err(FaultCode::WrongType));
        check("", 1000, Err(FaultCode::WrongType));
        check("99999999999999999999", 1000, Err(FaultCode::WrongType));
    }

    #[test]
    fn what_nobody_asks_for_is_unknown_unless_it_is_listed() {
        let mut fields = Fields::json(br#"{"a":"x","b":{"c":1,"d":2},"e":3,"variable_f":4,"g":null}"#).expect("an object");
        let mut found = Findings::default();
        assert_eq!(fields.text(&mut found, "a").as_deref(), Some("x"));
        let mut inner = fields.object(&mut found, "b").expect("an object");
        assert_eq!(inner.length_ms(&mut found, "c", 1), Some(1));
        assert_eq!(fields.text(&mut found, "g"), None);
        inner.done(&mut found, &[]);
        fields.done(&mut found, &["variable_*"]);
        let mut unknown = Unknown::default();
        assert_eq!(found.end((), &mut unknown), Ok(()));
        assert_eq!(unknown, Unknown { types: 0, fields: 2 }, "d and e");
    }

    #[test]
    fn faults_name_the_place_and_not_the_value() {
        let mut fields = Fields::json(br#"{"a":{"t":"4930123","n":"4930124","o":[4930125]},"l":"4930126"}"#).expect("an object");
        let mut found = Findings::default();
        let mut inner = fields.object(&mut found, "a").expect("an object");
        assert_eq!(inner.time(&mut found, "t"), None);
        assert_eq!(inner.length_ms(&mut found, "n", 1000), None);
        assert_eq!(inner.text(&mut found, "o"), None);
        assert!(fields.texts(&mut found, "l").is_empty() && fields.object(&mut found, "l").is_none());
        assert_eq!(fields.needed(&mut found, "m"), "");
        let faults = found.end((), &mut Unknown::default()).expect_err("faults").to_string();
        let places = ["F1005 at a.t", "F1004 at a.n", "F1002 at a.o", "F1002 at l", "F1003 at m"];
        assert!(places.iter().all(|place| faults.contains(place)) && !faults.contains("493012"), "{faults}");
    }

    #[test]
    fn blocks_and_objects_are_read_alike() {
        for text in ["CC-Queue: support\r\nCC-Agent: 1001@default\r\n", r#" {"CC-Queue":"support","CC-Agent":"1001@default"}"#] {
            let mut fields = Fields::block_or_json(text.as_bytes()).expect("fields");
            let mut found = Findings::default();
            assert_eq!(fields.text(&mut found, "CC-Agent").as_deref(), Some("1001@default"), "{text}");
        }
        assert!(Fields::block_or_json(b"no colon").is_err() && Fields::json(b"[1]").is_err() && Fields::json(b"{\"a\":").is_err());
    }
}
