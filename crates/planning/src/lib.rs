//! From a request to a checked roster: demand, pools, requirement, solve, simulate, verify, summary.
//!
//! A pure function of request, forecasts, seed and step budget: execution has no choices left. Invariant: a roster leaves only with a
//! certificate that proves every hard rule; a refuted one is an error that carries the certificate. Absent on purpose: clocks (a
//! deadline is the caller's [`Quota`](fika_solver::Quota)), digests (the caller's [`Seal`]), publication.

mod agenda;
mod compare;
mod conflict;
mod cut;
mod error;
mod explain;
mod figures;
mod following;
mod forecasting;
mod groups;
mod hours;
mod making;
mod plan;
mod pools;
mod prediction;
mod relief;
mod remedies;
mod repair;
mod rota;
mod seal;
mod summary;
mod trial;
mod what_if;

#[cfg(test)]
mod fixture;

pub use compare::{AgentChange, Comparison, CoverChange, MovedActivity, MovedBreak, compare};
pub use conflict::{Conflict, Relaxation, RuleGroup, conflicts, reasons, serve_the_rest};
pub use error::PlanError;
pub use explain::{BreakPlaces, Effect, ExplainError, Explanation, Place, explain};
pub use figures::Figures;
pub use following::{carry_into, following};
pub use forecasting::forecasts;
pub use plan::{PlanIds, PlanSettings, Planned, plan};
pub use pools::{PoolDemand, pools};
pub use repair::{Alternative, Reach, Repair, RepairSettings, repair, succeeding, take_away, whole_day};
pub use seal::Seal;
pub use trial::SharedChange;
pub use trial::pools_of_summary;
pub use what_if::{Lever, ScaleError, scale};
