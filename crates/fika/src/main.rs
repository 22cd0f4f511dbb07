//! `fika`: rosters that keep the promise to callers and the breaks of the people who answer them.
//!
//! This crate wires: it reads the command line, starts roles, asks the clock and prints. What is decided is
//! decided in the other crates.

mod cli;
mod commands;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    cli::run(cli::Cli::parse())
}
