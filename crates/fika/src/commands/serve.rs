//! `fika serve`: the roles of the service over a bus, until a signal says to end.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::exit;
use crate::config::{self, BusArgs, Flags, ServiceConfig};
use crate::roles::{self, Ended, LateBus, Stop};

const EXAMPLE: &str = "Examples:
  fika serve                                    all roles on one machine, HTTP at http://127.0.0.1:8080
  fika serve --roles ingest,forecast --brokers kafka-1:9092,kafka-2:9092
  fika serve --ingest asterisk_ami=asterisk-ami --ingest connect-agents=amazon-connect
  fika serve --config fika.toml --check-config

Settings come from the file, then the environment, then flags; the later wins. `interval` in `[ingest]` of the
file is FIKA_INGEST_INTERVAL in the environment. --check-config prints all settings in force.

SIGTERM and SIGINT drain: what is in hand is committed, then the process leaves.
Exit codes: 0 drained; 2 wrong command line; 3 faults in the settings, all listed; 4 the bus cannot be opened;
70 internal error, or the grace was over before everything had ended.";

/// Arguments of `fika serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    #[command(flatten)]
    bus: BusArgs,
    /// A TOML file with settings.
    #[arg(long, value_name = "FILE", env = "FIKA_CONFIG")]
    config: Option<PathBuf>,
    /// The roles to run: any of ingest, forecast, planner, api [default: all].
    #[arg(long, value_name = "ROLE,...")]
    roles: Option<String>,
    /// Where HTTP listens [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// A topic that an ACD fills, with its dialect, such as `asterisk_ami=asterisk-ami`; may be given several times.
    #[arg(long, value_name = "TOPIC=DIALECT")]
    ingest: Vec<String>,
    /// A TOML file that says which column of calls-csv is what, for topics and for HTTP.
    #[arg(long, value_name = "FILE.toml")]
    mapping: Option<String>,
    /// Read and check all settings, print them, and leave.
    #[arg(long)]
    check_config: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (roles, listen) = (args.roles.clone(), args.listen.clone());
    let flags = Flags { roles, listen, sources: args.ingest.clone(), mapping: args.mapping.clone() };
    let (settings, shown) = ServiceConfig::read(args.config.as_deref(), config::environment(), &args.bus, &flags)?;
    if args.check_config {
        crate::cli::print(&shown)?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no event loop")?;
    // The handlers stand before anything starts: a signal that comes early drains, too.
    let (mut term, mut int) = runtime.block_on(async { handlers() })?;
    config::make_folder(&settings.bus)?;
    let bus = LateBus::open(&settings.bus).with_context(|| format!("the bus at {} cannot be opened", config::describe(&settings.bus)))?;
    let names: Vec<&str> = settings.roles.iter().map(|role| role.name()).collect();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), roles = names.join(","), bus = config::describe(&settings.bus), "fika starts");
    let chosen = settings.roles.clone();
    let running = roles::start(Arc::new(bus), &chosen, settings)?;
    if let Some(address) = running.address() {
        tracing::info!(%address, "HTTP listens");
    }
    let reason = runtime.block_on(wait(&mut term, &mut int, &running.stop_flag()));
    tracing::info!(reason, "draining");
    running.stop();
    Ok(match running.join() {
        Ended::Drained => {
            tracing::info!("drained");
            ExitCode::SUCCESS
        }
        Ended::GraceOver(_) | Ended::Panicked => ExitCode::from(exit::INTERNAL),
    })
}

fn handlers() -> anyhow::Result<(Signal, Signal)> {
    let term = signal(SignalKind::terminate()).context("SIGTERM cannot be handled")?;
    let int = signal(SignalKind::interrupt()).context("SIGINT cannot be handled")?;
    Ok((term, int))
}

/// Waits for a signal, or for the roles to stop by themselves, and says which.
async fn wait(term: &mut Signal, int: &mut Signal, stop: &Stop) -> &'static str {
    let mut tick = tokio::time::interval(Duration::from_millis(200));
    loop {
        tokio::select! {
            _ = term.recv() => return "SIGTERM",
            _ = int.recv() => return "SIGINT",
            _ = tick.tick() => if stop.is_set() { return "a role stopped" },
        }
    }
}
