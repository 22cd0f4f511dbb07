//! How several records of a dialect lie in one body, file or record of a topic, and how they are taken apart.

use fika_model::fault::{FaultCode, Faults};
use serde_json::value::RawValue;

/// How the records of a dialect lie next to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One record, whatever its bytes; a file has one a line.
    Whole,
    /// A line each.
    Lines,
    /// JSON objects in a list, or one after the other; a file has an object or a list of them on each line.
    Json,
    /// Lines of `Name: value` with an empty line after each record; JSON where it begins as JSON does.
    Blocks,
}

/// The records of a body, in their order. JSON that breaks off is an error for all of it: nobody can tell where the next record begins.
pub fn pieces(form: Form, bytes: &[u8]) -> Result<Vec<&[u8]>, Faults> {
    match form {
        Form::Whole => Ok(vec![bytes]),
        Form::Lines => Ok(lines(bytes)),
        Form::Json => json(bytes),
        Form::Blocks if matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')) => json(bytes),
        Form::Blocks => Ok(blocks(bytes)),
    }
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let line = |line| <[u8]>::strip_suffix(line, b"\r").unwrap_or(line);
    bytes.split(|byte| *byte == b'\n').map(line).filter(|line| !line.is_empty()).collect()
}

fn json(bytes: &[u8]) -> Result<Vec<&[u8]>, Faults> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let broken = |error: serde_json::Error| {
        let cause = format_args!("it is no JSON from line {} column {} on", error.line(), error.column());
        Faults::one(FaultCode::Malformed, "", cause)
    };
    let mut found = Vec::new();
    for value in serde_json::Deserializer::from_slice(bytes).into_iter::<&RawValue>() {
        let value = value.map_err(broken)?.get();
        if value.starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(value).map_err(broken)?;
            found.extend(items.into_iter().map(|item| item.get().as_bytes()));
        } else {
            found.push(value.as_bytes());
        }
    }
    if found.is_empty() && bytes.trim_ascii().is_empty() {
        return Err(Faults::one(FaultCode::Malformed, "", "it is empty"));
    }
    Ok(found)
}

fn blocks(bytes: &[u8]) -> Vec<&[u8]> {
    let mut blocks = Vec::new();
    let (mut begin, mut at) = (0, 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let after = at + line.len();
        if line.trim_ascii().is_empty() {
            blocks.push(&bytes[begin..at]);
            begin = after;
        }
        at = after;
    }
    blocks.push(&bytes[begin..]);
    blocks.retain(|block| !block.trim_ascii().is_empty());
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: Form, bytes: &str, expect: &[&str]) {
        let found = pieces(form, bytes.as_bytes()).expect("pieces");
        let found: Vec<&str> = found.into_iter().map(|piece| std::str::from_utf8(piece).expect("text")).collect();
        assert_eq!(found, expect, "{form:?} {bytes:?}");
    }

    #[test]
    fn bodies_are_taken_apart() {
        check(Form::Whole, "a\nb", &["a\nb"]);
        check(Form::Lines, "a\r\n\nb", &["a", "b"]);
        check(Form::Lines, "", &[]);
        check(Form::Json, "{\"a\":1}", &["{\"a\":1}"]);
        check(Form::Json, "{\"a\":1}\n {\"b\":[2]}", &["{\"a\":1}", "{\"b\":[2]}"]);
        check(Form::Json, "[{\"a\":1},5]\n{}", &["{\"a\":1}", "5", "{}"]);
        check(Form::Json, "[]", &[]);
        check(Form::Blocks, "A: 1\r\nB: 2\r\n\r\nA: 3\n\n\n", &["A: 1\r\nB: 2\r\n", "A: 3\n"]);
        check(Form::Blocks, "{\"A\":1}{\"A\":2}", &["{\"A\":1}", "{\"A\":2}"]);
    }

    #[test]
    fn json_that_breaks_off_is_refused_as_a_whole() {
        for bytes in ["{\"a\":1}{\"b\"", "[{}", "", "  \n", "plain"] {
            assert!(pieces(Form::Json, bytes.as_bytes()).is_err(), "{bytes:?}");
        }
    }
}
