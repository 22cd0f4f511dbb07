//! What tests that cross crates share: a real broker, the program itself, and the tree of the repository.

pub mod bank;
pub mod kafka;
pub mod program;
pub mod repository;
