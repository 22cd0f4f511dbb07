//! Messages in protobuf's JSON mapping.
//!
//! Sound input takes the fast way, straight into the generated types. Anything else is read a second time against the descriptors
//! of the contract, so that every fault is named with its place and not only the first. Unknown fields are ignored.

use fika_model::fault::{FaultCode, Faults};
use prost::Name;
use prost_reflect::MessageDescriptor;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::convert::merge;
use crate::proto::DESCRIPTORS;

mod walk;

/// The largest message that is taken where nothing else is configured, in bytes: 16 MiB.
pub const MESSAGE_LIMIT_BYTES: usize = 16 << 20;

/// Reads a message of at most `limit_bytes` bytes.
pub fn read<T: DeserializeOwned + Name>(bytes: &[u8], limit_bytes: usize) -> Result<T, Faults> {
    match read_lenient(bytes, limit_bytes)? {
        (message, faults) if faults.0.is_empty() => Ok(message),
        (_, faults) => Err(faults),
    }
}

/// Reads a message and makes a model value of it, naming the faults of both stages at once.
pub fn read_then<T, M>(bytes: &[u8], limit_bytes: usize, parse: impl FnOnce(&T) -> Result<M, Faults>) -> Result<M, Faults>
where
    T: DeserializeOwned + Name,
{
    let (message, faults) = read_lenient(bytes, limit_bytes)?;
    match parse(&message) {
        Ok(value) if faults.0.is_empty() => Ok(value),
        Ok(_) => Err(faults),
        Err(further) => Err(merge(faults, further)),
    }
}

/// The message without the fields that are faulty, and their faults.
pub(crate) fn read_lenient<T: DeserializeOwned + Name>(bytes: &[u8], limit_bytes: usize) -> Result<(T, Faults), Faults> {
    if bytes.len() > limit_bytes {
        let cause = format_args!("{} bytes, more than {limit_bytes}", bytes.len());
        return Err(Faults::one(FaultCode::TooLarge, "", cause));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(message) = serde_json::from_slice::<T>(bytes) {
        return Ok((message, Faults::default()));
    }
    let mut value: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| Faults::one(FaultCode::Malformed, "", &error))?;
    let faults = walk::prune(&mut value, &descriptor::<T>());
    match T::deserialize(value) {
        Ok(message) => Ok((message, faults)),
        Err(_) if !faults.0.is_empty() => Err(faults),
        Err(error) => Err(Faults::one(FaultCode::WrongType, "", error)),
    }
}

fn descriptor<T: Name>() -> MessageDescriptor {
    DESCRIPTORS.get_message_by_name(&T::full_name()).expect("every generated message is in the contract")
}

/// Writes a message on one line.
///
/// # Panics
/// When the message holds a time or the number of a name that JSON cannot tell. No message made from the model or read from JSON does.
pub fn write(message: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(message).expect(WRITABLE)
}

/// Writes a message for people to read, with a final newline.
///
/// # Panics
/// As [`write`].
pub fn write_pretty(message: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(message).expect(WRITABLE);
    bytes.push(b'\n');
    bytes
}

const WRITABLE: &str = "messages made from the model hold legal times and names";

#[cfg(test)]
mod tests;
