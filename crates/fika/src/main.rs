//! `fika`: rosters that keep the promise to callers and the breaks of the people who answer them.
//!
//! This crate wires: it reads the command line, starts roles, asks the clock and prints. What is decided is
//! decided in the other crates.

mod chart;
mod child;
mod cli;
mod columns;
mod commands;
mod config;
mod curve;
mod demand;
mod demo;
mod files;
mod follow;
mod metrics;
mod paint;
mod progress;
mod quota;
mod roles;
mod scenario_file;
mod seal;
mod summary;
mod telemetry;
mod traffic;
mod when;

use std::process::ExitCode;

use clap::Parser;

/// Also of the C and C++ libraries. Events are decoded on one thread and dropped on another, which the system's allocator answers with
/// more memory and less speed: BENCHMARKS.md, "Events to counters". Its settings are in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    cli::run(cli::Cli::parse())
}
