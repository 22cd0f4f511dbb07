//! Staffing mathematics: how many people an interval needs, and what callers get from so many people.
//!
//! Erlang B, C and A are evaluated exactly (sums of positive terms and one smooth integral, no approximation for heavy traffic)
//! from one server to beyond 10,000. Every service level names its formula. Absent on purpose: rosters, skills that overlap (a
//! requirement is for one group of people), and queues whose staffing changes inside an interval: that is the simulator's.

pub mod distribution;
pub mod erlang_a;
pub mod erlang_b;
pub mod erlang_c;
pub mod error;
pub mod handling;
pub mod load;
pub mod model;
#[cfg(test)]
mod oracle;
pub mod patience;
pub mod performance;
#[cfg(test)]
mod reference;
pub mod requirement;
pub mod sizing;
pub mod traffic;

pub use erlang_a::erlang_a;
pub use erlang_b::{erlang_b, least_lines};
pub use erlang_c::erlang_c;
pub use error::Error;
pub use handling::{Estimate, HandlingFit, fit_handling};
pub use load::{Load, Volume, offered_load};
pub use model::Model;
pub use patience::{PatienceFit, SurvivalPoint, Wait, exponential_mean, fit_patience};
pub use performance::Performance;
pub use requirement::{Binding, Requirement, requirement};
pub use sizing::{Goal, Sizing, size};
pub use traffic::{Thresholds, Traffic};
