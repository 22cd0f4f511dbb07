//! The contract: protobuf messages, their JSON, `CloudEvents`, topics, and ACD dialects, to and from the model.
//!
//! Everything that enters the product as bytes enters through this crate, and everything wrong with it is named here, all faults at once,
//! each with a place and a code. What a caller is called or calls from does not get past it. Absent on purpose: sockets, brokers
//! and clocks; this crate makes bytes and reads them.

pub mod cloudevents;
pub mod convert;
pub mod dialect;
pub mod digest;
pub mod json;
pub mod presets;
pub mod proto;
pub mod records;
pub mod topics;

pub use json::MESSAGE_LIMIT_BYTES;
pub use records::{Encoded, Origin, Stamp};

#[cfg(test)]
mod arbitrary;
