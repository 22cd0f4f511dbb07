//! Log lines: fields for machines or text for people, always on standard error.
//!
//! Standard output belongs to a command's answer. Pure crates never log; the shell logs what they report.

use std::io;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::TryInitError;

use crate::cli::LogFormat;

/// Starts logging for the process. `filter` is a level or `target=level` pairs, separated by commas.
pub(crate) fn init(format: LogFormat, filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| format!("--log {filter:?} names no log levels"))?;
    start(format, filter).context("logging has already been started")
}

fn start(format: LogFormat, filter: EnvFilter) -> Result<(), TryInitError> {
    use tracing_subscriber::util::SubscriberInitExt;

    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match format {
        LogFormat::Human => lines.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).with_target(false).finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).finish().try_init(),
    }
}
