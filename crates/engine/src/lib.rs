//! The service's decisions as state machines: an input goes in, effects come out, and whoever runs them does as they say.
//!
//! [`Ingest`] counts events, one fold per partition; [`Desk`] sees each request through to one answer; [`forecasts`] makes
//! the demand of a request out of what was counted. Invariant: what was not yet made durable can be thrown away; a machine
//! rebuilt from the bus goes on as if it had never stopped. Absent on purpose: the bus, messages, processes, clocks.

mod demand;
mod desk;
mod ingest;

pub use demand::forecasts;
pub use desk::{Desk, DeskSettings, Effect, Input, Job, Load, Period, Publication, turn};
pub use ingest::{
    Counted, Ingest, IngestEffects, IngestSettings, KeyError, Part, Rebuild, RebuildError, StateRecordKey, Stream, Unassigned,
};

#[cfg(test)]
mod simulated;
