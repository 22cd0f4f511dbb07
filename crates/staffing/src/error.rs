//! What can be wrong with the numbers that are handed in.

use thiserror::Error;

/// Numbers that no queueing model can take, or data that nothing can be estimated from.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// A quantity lies outside its range.
    #[error("{quantity} is {value}, outside {min} to {max}")]
    OutOfRange {
        /// The quantity, with its unit.
        quantity: &'static str,
        /// What was given.
        value: f64,
        /// The least that is taken.
        min: f64,
        /// The most that is taken.
        max: f64,
    },
    /// Erlang A was asked for and nobody knows how patient the callers are.
    #[error("Erlang A needs the mean patience of callers, and none is known")]
    PatienceUnknown,
    /// There are fewer observations than the estimate needs.
    #[error("{given} observations of {quantity}, fewer than {needed}")]
    TooFew {
        /// What was observed.
        quantity: &'static str,
        /// How many observations there are.
        given: usize,
        /// How many it takes.
        needed: usize,
    },
    /// An observation is no number of its kind.
    #[error("observation {position} of {quantity} is {value}, and must be {expected}")]
    BadObservation {
        /// What was observed.
        quantity: &'static str,
        /// Its position in the data, from 0.
        position: usize,
        /// What was given.
        value: f64,
        /// What it must be.
        expected: &'static str,
    },
}

/// `value` where it lies between `min` and `max`, both included; else the fault with the quantity's name.
pub(crate) fn within(quantity: &'static str, value: f64, min: f64, max: f64) -> Result<f64, Error> {
    if value >= min && value <= max { Ok(value) } else { Err(Error::OutOfRange { quantity, value, min, max }) }
}
