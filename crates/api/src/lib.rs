//! The HTTP interface: events and requests in, statuses, rosters and pictures out, and what operators look at.
//!
//! Nothing is decided here. What comes in is checked by `fika-wire` and appended through a [`Backend`]; what goes out is read from a
//! [`View`] that follows the bus. Absent on purpose: the bus itself, clocks and metrics, which the binary lends through [`Backend`].

mod backend;
pub mod board;
mod problem;
mod routes;
mod view;

pub use backend::{Backend, Settings, Unavailable};
pub use problem::Problem;
pub use routes::router;
pub use view::{Bounds, RosterLookup, View};
