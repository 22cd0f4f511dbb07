//! From call events and agent events to interval counters: an idempotent fold.
//!
//! A call is the *set* of what was told about it, and an agent's day is the *set* of state changes. Union of sets does
//! not care for order or repetition, and counters are a pure function of the sets, so neither do they: on each change
//! the old contribution is taken away and the new one added. [`Fold`] keeps open and recent calls only; its
//! documentation says exactly how late is too late. One `Fold` holds what one partition of the stream tells, and the
//! counters of several partitions add up.
//! Absent on purpose: clocks (time is the events' own), input and output, and what a message looks like on a wire.

mod agents;
mod calls;
mod cells;
mod codec;
mod fact;
mod fold;
mod legs;
mod queues;
mod settings;
mod state;

pub use codec::CodecError;
pub use fold::{Changes, CountersOf, Fold, Outcome, Tallies, TooLate};
pub use settings::Settings;
pub use state::{AgentChange, CallFact, OpenAgent, OpenCall, OpenState, StateKey, Watermarks};
