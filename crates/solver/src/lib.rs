//! Problem, seed and budget to a roster, its bound and its explanation.
//!
//! Hard rules are never traded: every shift that leaves is legal for its agent, breaks and company included. Named agents are
//! scheduled by best answers (dynamic programmes over days and breaks) inside ruin and recreate; a Lagrangian relaxation priced by the
//! same programmes bounds the shortfall from below; `HiGHS` settles the breaks of a team where the search leaves company lacking.
//! Absent on purpose: clocks (the caller's [`Quota`]), input and output, queueing theory, simulation.

mod bound;
mod breaks;
mod company;
mod cover;
mod coverage;
mod engaged;
#[cfg(test)]
mod evaluate;
mod explain;
mod fairness;
mod field;
#[cfg(test)]
mod fixture;
pub mod generate;
mod output;
mod path;
mod polish;
mod problem;
mod random;
mod relaxed;
mod respond;
mod rota;
mod search;
mod solve;
mod state;
mod team_breaks;
mod warm;
mod weights;

pub use cover::{Cover, ShortRun, cover};
pub use engaged::{Presence, Session, sessions};
pub use problem::{Contradiction, Infeasible, Pool, Problem};
pub use relaxed::relaxed_bound;
pub use rota::{RotaTerms, lay_rota};
pub use solve::{Progress, Quota, Solution, StepQuota, solve, solve_engaged};
pub use warm::{Kept, resolve};
pub use weights::SHORT_MINUTE;
