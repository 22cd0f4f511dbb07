//! The command line: its grammar, its telemetry switch and its exit codes.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::{commands, telemetry};

/// Exit codes beyond 0 (done) and 2 (the command line itself was wrong, by clap).
pub(crate) mod exit {
    /// The answer is no: refuted, infeasible or failed.
    pub(crate) const NO: u8 = 1;
    /// A file or message has faults; they are listed.
    pub(crate) const BAD_INPUT: u8 = 3;
    /// The bus cannot be reached or opened.
    pub(crate) const NO_BUS: u8 = 4;
    /// Anything else.
    pub(crate) const INTERNAL: u8 = 70;
}

const EXIT_CODES: &str = "Exit codes: 0 done; 1 the answer is no (refuted, infeasible, failed); 2 wrong command line; \
    3 faults in the input, all listed; 4 the bus cannot be reached; 70 internal error.";

/// Contact-centre scheduling that keeps both promises: calls answered in time, and real breaks taken in company.
#[derive(Debug, Parser)]
#[command(name = "fika", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Cli {
    /// How to log: people read `human`, machines `json`.
    #[arg(long, global = true, env = "FIKA_LOG_FORMAT", default_value = "human", value_enum)]
    pub(crate) log_format: LogFormat,
    /// Which log lines: a level, or `target=level` pairs [default: warn,fika=info for `serve`, warn for the rest].
    #[arg(long, global = true, env = "FIKA_LOG")]
    pub(crate) log: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The forms of log lines.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// What fika can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play eight weeks of a contact centre and make the roster of the next.
    Demo(commands::demo::Args),
    /// Run the service: ingest, forecast, planner and HTTP interface over a bus.
    Serve(commands::serve::Args),
    /// Put the events of a file on the bus.
    Replay(commands::replay::Args),
    /// Put a roster request on the bus, follow it, write the roster.
    Request(commands::request::Args),
    /// Solve a request without a bus.
    Solve(commands::solve::Args),
    /// Make the request of the period that follows, with what this roster leaves to it.
    Carry(commands::carry::Args),
    /// Make a request that looks like a real centre's, from a seed.
    Generate(commands::generate::Args),
    /// One solve, spoken to in lines of JSON by the service.
    #[command(hide = true)]
    SolveChild(commands::solve_child::Args),
    /// Prove or refute that a roster keeps every hard rule of its request.
    Verify(commands::verify::Args),
    /// Put two rosters side by side: figures, changes, cover.
    Compare(commands::compare::Args),
    /// Say why a break is where it is, and why not elsewhere.
    Explain(commands::explain::Args),
    /// Mend a published roster with the least change.
    Repair(commands::repair::Args),
    /// List and print the rules of countries and agreements that a request may name.
    Presets(commands::presets::Args),
    /// Draw the board of a day.
    Plot(commands::plot::Args),
    /// Work out how many agents an interval needs.
    Staff(commands::staff::Args),
    /// Find out how patient callers are and how long calls take, from the calls themselves.
    Fit(commands::fit::Args),
    /// Play callers against a roster or a scenario file: what callers and breaks get.
    Simulate(commands::simulate::Args),
    /// Create the topics with their settings.
    Topics(commands::topics::Args),
}

/// Runs a command and turns its outcome into an exit code; errors go to standard error, causes last.
pub(crate) fn run(cli: Cli) -> ExitCode {
    let usual = if matches!(cli.command, Command::Serve(_)) { "warn,fika=info" } else { "warn" };
    let filter = cli.log.as_deref().unwrap_or(usual);
    let outcome = telemetry::init(cli.log_format, filter).and_then(|()| dispatch(cli.command));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(exit_code_of(&error))
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(args) => commands::demo::run(&args),
        Command::Serve(args) => commands::serve::run(&args),
        Command::Replay(args) => commands::replay::run(&args),
        Command::Request(args) => commands::request::run(&args),
        Command::Solve(args) => commands::solve::run(&args),
        Command::Carry(args) => commands::carry::run(&args),
        Command::Generate(args) => commands::generate::run(&args),
        Command::SolveChild(args) => commands::solve_child::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Compare(args) => commands::compare::run(&args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Repair(args) => commands::repair::run(&args),
        Command::Presets(args) => commands::presets::run(&args),
        Command::Plot(args) => commands::plot::run(&args),
        Command::Staff(args) => commands::staff::run(args),
        Command::Fit(args) => commands::fit::run(&args),
        Command::Simulate(args) => commands::simulate::run(args),
        Command::Topics(args) => commands::topics::run(&args),
    }
}

fn exit_code_of(error: &anyhow::Error) -> u8 {
    if error.is::<fika_model::Faults>() {
        exit::BAD_INPUT
    } else if error.is::<fika_bus::Error>() {
        exit::NO_BUS
    } else {
        exit::INTERNAL
    }
}

/// Writes a command's answer to standard output; a reader that has gone away is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("standard output cannot be written"),
        _ => Ok(()),
    }
}
