//! The HTTP face of fika and the pictures it serves.

pub mod board;
