//! `fika fit`: from calls that were heard to what staffing needs to know of callers and conversations.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::builder::PossibleValuesParser;
use fika_model::{Date, FaultCode, Faults, QueueId, Timestamp};
use fika_wire::dialect;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli;
use crate::config::{BusArgs, mapping_file};
use crate::paint::Paint;

mod axis;
mod bins;
mod calls;
mod chart;
mod figures;
mod findings;
mod picture;
mod source;
mod text;

use calls::Window;
use findings::{Finding, Settings, findings};
use source::Heard;

const EXAMPLE: &str = "Examples:
  fika fit calls_1999-01.csv.gz calls_1999-02.csv.gz --format anonymous-bank --shortest 10s
  fika fit --bus fika.sqlite --queue sales --plot sales.svg
  fika fit --brokers kafka-1:9092 --from 2026-01-05 --to 2026-02-02 --json

Patience: callers who were answered were still patient, and count as that. The mean is all waiting time over those who
gave up; the curve of those still patient assumes no distribution (Kaplan and Meier). Handling time is talk, hold and
wrap-up of answered calls, held against a log-normal and an exponential distribution.
Calls are put together from their events, in any order and however often they come, as the service counts them.

Exit codes: 0 fitted; 2 wrong command line; 3 no calls, or faults in files or settings, all listed; 4 the bus cannot be
reached; 70 internal error.";

/// Arguments of `fika fit`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// Files of events, plain or compressed with gzip [default: the calls on the bus].
    #[arg(value_name = "FILE", requires = "format", conflicts_with_all = ["bus", "brokers"])]
    files: Vec<PathBuf>,
    /// What the files hold.
    #[arg(long, value_parser = PossibleValuesParser::new(dialect::NAMES), requires = "files")]
    format: Option<String>,
    /// A TOML file that says which column is what, for calls-csv.
    #[arg(long, value_name = "FILE.toml", requires = "format", required_if_eq("format", "calls-csv"))]
    mapping: Option<PathBuf>,
    /// Only this queue [default: each, and all together].
    #[arg(long, value_name = "QUEUE")]
    queue: Option<String>,
    /// Only calls that began at this time or later: RFC 3339, or a date for its midnight in UTC.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    from: Option<Timestamp>,
    /// Only calls that began before this time.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    to: Option<Timestamp>,
    /// How sure the intervals are to hold the truth.
    #[arg(long, default_value = "0.95", value_name = "SHARE", value_parser = confidence)]
    confidence: f64,
    /// Leave out handling times below this, such as 10s: calls that were cut off, or hung up on.
    #[arg(long, default_value = "0s", value_name = "DURATION", value_parser = super::staff::values::seconds)]
    shortest: f64,
    /// Draw the curves of every queue (SVG).
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// Print everything as JSON, and no progress.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    bus: BusArgs,
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let midnight = |date: Date| date.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| zoned.timestamp());
    // A time of day without a zone is no instant; its date alone would be another.
    let date = || text.parse::<Date>().ok().filter(|date| date.to_string() == text).and_then(|date| midnight(date).ok());
    text.parse::<Timestamp>().ok().or_else(date).ok_or_else(|| "give a time such as 2026-01-05T08:00:00Z, or a date".to_owned())
}

fn confidence(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.01..=0.9999).contains(&share) => Ok(share),
        _ => Err("give a share from 0.01 to 0.9999, such as 0.95".to_owned()),
    }
}

/// What was heard and found.
struct Answer {
    heard: Heard,
    findings: Vec<Finding>,
    settings: Settings,
}

/// Fits.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let wanted = asked_for(args)?;
    let bar = progress(args.json);
    let heard = match &args.format {
        Some(format) => {
            let mapping = args.mapping.as_deref().map(mapping_file::read).transpose()?;
            source::files(&args.files, format, mapping.as_ref(), &bar)?
        }
        None => source::bus(&*args.bus.open_existing()?, &bar)?,
    };
    bar.finish_and_clear();
    let answer = answer(heard, wanted.as_ref(), window(args), Settings { confidence: args.confidence, shortest_s: args.shortest })?;
    if let Some(path) = &args.plot {
        let svg = picture::svg(&answer.findings, args.confidence);
        std::fs::write(path, svg).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    let text = if args.json { format!("{:#}\n", figures::json(&answer)) } else { text::told(&answer, Paint::for_stdout()) };
    cli::print(&text)?;
    if let (Some(path), false) = (&args.plot, args.json) {
        eprintln!("drawn in {}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn window(args: &Args) -> Window {
    Window { from_ms: args.from.map(Timestamp::as_millisecond), to_ms: args.to.map(Timestamp::as_millisecond) }
}

/// The queue that is asked for; what contradicts itself is told before anything is read.
fn asked_for(args: &Args) -> Result<Option<QueueId>, Faults> {
    let mut faults = Faults::default();
    let queue = args.queue.as_ref().map(|queue| faults.take(FaultCode::BadId, "--queue", QueueId::new(queue.as_str())));
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from >= to
    {
        faults.push(FaultCode::Contradiction, "--to", format!("{to} does not lie after {from}"));
    }
    faults.or(Some(queue.flatten()))
}

/// Estimates what can be estimated; without any call there is nothing.
fn answer(heard: Heard, wanted: Option<&QueueId>, window: Window, settings: Settings) -> Result<Answer, Faults> {
    let mut observed = heard.calls.observed(window);
    if observed.is_empty() {
        let found = heard.calls.len();
        let mut faults = heard.faults();
        let cause = format!("{} records tell of {found} calls, none of them answered or abandoned in the time asked for", heard.records);
        faults.push(FaultCode::NoHistory, "the calls", cause);
        return Err(faults);
    }
    if let Some(wanted) = wanted
        && !observed.contains_key(wanted)
    {
        let names = observed.keys().map(QueueId::as_str).collect::<Vec<_>>().join(", ");
        let cause = format!("no call of {:?} was answered or abandoned; there are {names}", wanted.as_str());
        return Err(Faults::one(FaultCode::UnknownReference, "--queue", cause));
    }
    observed.retain(|queue, _| wanted.is_none_or(|wanted| wanted == queue));
    Ok(Answer { findings: findings(&observed, settings), heard, settings })
}

fn progress(hidden: bool) -> ProgressBar {
    if hidden {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {human_pos} records read, {per_sec}, {elapsed}");
    let bar = ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

#[cfg(test)]
mod tests;
