//! A seeded discrete-event contact centre: what a roster does to callers, and what callers do to breaks.
//!
//! A [`Scenario`] is plain data, written by hand or made from a roster; [`run`] simulates independent replications of it and gives a
//! [`Report`] with confidence intervals; [`compare`] sets two scenarios against each other under the same calls; [`Live`] tells a
//! [`Trace`] every step of one replication. Same scenario, seed and replications: same bytes, for any number of workers.
//! Absent on purpose: clocks, files, ids, and any search for a better roster.

mod compare;
mod counts;
mod draw;
mod engine;
mod heap;
mod moments;
mod prepared;
mod report;
mod run;
mod scenario;
mod trace;

pub use compare::{Better, Comparison, compare, compare_watched};
pub use moments::Estimate;
pub use prepared::Prepared;
pub use report::{AgentReport, BreakReport, CallTally, LoadReport, LoadTally, Report, SliceReport};
pub use run::{Live, RunSettings, run, run_watched};
pub use scenario::{
    Agent, Arrivals, CallBack, Duty, FollowUp, Group, Part, Period, Piece, Queue, RandomAbsence, Reason, RosterError, Scenario, Selection,
    Serves, Shape, Times,
};
pub use trace::{AgentStep, CallStep, NoTrace, Trace};
