//! What tests that cross crates share: a real broker, real and made-up days of calls, the program itself, and the tree of the repository.

pub mod bank;
pub mod bank;
pub mod kafka;
pub mod program;
pub mod repository;
pub mod staffed_day;
