//! `fika solve`: makes the roster of a request without a bus.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use fika_model::demand::DemandSource;
use fika_model::fault::{FaultCode, Faults};
use fika_model::forecast::QueueForecast;
use fika_model::request::Budget;
use fika_model::status::{Phase, Progress};
use fika_model::{Request, RosterId};
use fika_planning::{PlanError, PlanIds, PlanSettings, Planned, plan};
use fika_solver::Quota;
use fika_wire::{convert, digest, json};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{self, exit};
use crate::curve::Curve;
use crate::paint::Paint;
use crate::quota::Deadline;
use crate::seal::WireSeal;
use crate::{files, summary};

const EXAMPLE: &str = "Examples:
  fika solve week.json -o roster.json --seconds 20
  fika solve week.json --steps 20000 --seed 7 --json > summary.json
  fika solve week.json --intervals counters.jsonl -o roster.json
  fika solve week.json --seconds 30 --plot search.svg

The same request, seed and steps give the same roster, byte for byte. The certificate is of the request as the
file has it; seed and budget change no rule.
Exit codes: 0 done, the roster is proved; 1 infeasible, with the reasons; 2 wrong command line;
3 faults in a file, all listed; 70 internal error.";

/// Arguments of `fika solve`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// The request: a `RosterRequest` in protobuf's JSON mapping; `-` reads standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to write the roster with its summary.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How long to search, in seconds, instead of the request's budget.
    #[arg(long, value_name = "N")]
    seconds: Option<u32>,
    /// How many steps to search, instead of the request's budget; with --seconds, whichever comes first.
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// The seed of every random choice, instead of the request's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Forecasts for demand from history: `QueueForecast` messages in JSON, a line each or as a list.
    #[arg(long, value_name = "FILE", conflicts_with = "intervals")]
    forecast: Option<PathBuf>,
    /// Counters to forecast from: `IntervalCounters` messages in JSON, a line each or as a list.
    #[arg(long, value_name = "FILE")]
    intervals: Option<PathBuf>,
    /// Draw how shortfall and proven bound went over time (SVG).
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Print the roster's summary as JSON; no progress.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let written = files::request(&args.file)?;
    let request = overridden(&written, args)?;
    let forecasts = history(&request, args)?;
    let ids = ids(&written)?;
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let settings = PlanSettings { workers, ..PlanSettings::default() };
    let seal = WireSeal::for_request(&written);
    let deadline = Deadline::start(request.budget);
    let bar = bar(args.json);
    let watched = Watched { deadline: &deadline, curve: Curve::start() };
    let outcome = plan(&request, forecasts.as_deref(), ids, settings, &seal, &watched, &mut |progress| show(&bar, &deadline, progress));
    bar.finish_and_clear();
    if let (Some(path), Ok(planned)) = (&args.plot, &outcome) {
        let svg = watched.curve.svg(planned.summary.required_minutes / 60.0);
        std::fs::write(path, svg).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    match outcome {
        Ok(planned) => done(args, &request, &planned),
        Err(error) if error.is_infeasible() => {
            eprintln!("{error}\n{}", error.faults());
            if matches!(error, PlanError::Unmet(_)) {
                eprintln!("no promise was broken for it; a longer search may find a roster (--seconds, --steps)");
            }
            Ok(ExitCode::from(exit::NO))
        }
        Err(error @ (PlanError::NoForecast { .. } | PlanError::ForecastGrid { .. })) => Err(error.faults().into()),
        Err(error) => Err(error.into()),
    }
}

/// A deadline that keeps what the search tells.
struct Watched<'a> {
    deadline: &'a Deadline,
    curve: Curve,
}

impl Quota for Watched<'_> {
    fn is_reached(&self, steps: u64) -> bool {
        self.deadline.is_reached(steps)
    }

    fn used(&self, steps: u64) -> Option<f64> {
        self.deadline.used(steps)
    }

    fn hear(&self, progress: &fika_solver::Progress) {
        self.curve.push(progress);
    }
}

/// The request with the budget and the seed of the command line.
fn overridden(written: &Request, args: &Args) -> Result<Request, Faults> {
    let mut parts = (**written).clone();
    if args.seconds.is_some() || args.steps.is_some() {
        parts.budget = Budget { steps: args.steps, seconds: args.seconds };
    }
    parts.seed = args.seed.unwrap_or(parts.seed);
    Request::check(parts)
}

/// The roster's id comes from the request alone, so that the same request gives the same file.
fn ids(written: &Request) -> anyhow::Result<PlanIds> {
    let name = digest::request(written).to_string();
    let generation = written.parent.as_ref().map_or(1, |parent| parent.generation.saturating_add(1));
    Ok(PlanIds { roster: RosterId::new(format!("roster-{}", &name[..16]))?, generation })
}

/// The forecasts for a request that takes its demand from history.
fn history(request: &Request, args: &Args) -> Result<Option<Vec<QueueForecast>>, Faults> {
    if !matches!(request.demand, DemandSource::History { .. }) {
        return Ok(None);
    }
    if let Some(path) = &args.forecast {
        return files::forecasts(path).map(Some);
    }
    let Some(path) = &args.intervals else {
        let cause = "the request takes its demand from history, which is on a bus; \
            use `fika request`, or give --forecast FILE or --intervals FILE";
        return Err(Faults::one(FaultCode::NoHistory, "demand", cause));
    };
    forecast(request, path).map(Some)
}

fn forecast(request: &Request, path: &Path) -> Result<Vec<QueueForecast>, Faults> {
    let cells = files::list(path, |bytes| json::read_then(bytes, json::MESSAGE_LIMIT_BYTES, convert::parse_interval))?;
    let mut faults = Faults::default();
    let forecasts: Vec<_> = request
        .queues
        .iter()
        .filter_map(|queue| faults.take(FaultCode::NoHistory, "demand", fika_forecast::forecast(&cells, request, queue)))
        .collect();
    faults.or(Some(forecasts))
}

fn bar(quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(1000);
    let style = ProgressStyle::with_template("{prefix:>12} [{bar:30}] {percent:>3} %  {msg}");
    bar.set_style(style.map_or_else(|_| ProgressStyle::default_bar(), |style| style.progress_chars("=> ")));
    bar
}

fn show(bar: &ProgressBar, deadline: &Deadline, progress: Progress) {
    let (name, done) = match progress.phase {
        Phase::Solve => ("shifts", deadline.progress(progress.steps)),
        Phase::Simulate => ("callers", progress.done),
        Phase::Verify => ("proof", progress.done),
        _ => ("requirement", progress.done),
    };
    bar.set_prefix(name);
    bar.set_position((done * 1000.0) as u64);
    if let Some(minutes) = progress.shortfall_minutes {
        bar.set_message(format!("{} steps, {:.1} h short", summary::thousands(progress.steps), minutes / 60.0));
    }
}

fn done(args: &Args, request: &Request, planned: &Planned) -> anyhow::Result<ExitCode> {
    let message = convert::roster_message(&planned.roster, Some(&planned.summary));
    if let Some(output) = &args.output {
        files::write(output, &message)?;
    }
    if args.json {
        cli::print(&String::from_utf8_lossy(&json::write_pretty(&message.summary)))?;
        return Ok(ExitCode::SUCCESS);
    }
    cli::print(&summary::text(request, &planned.roster, &planned.summary, Paint::for_stdout()))?;
    if let Some(output) = &args.output {
        eprintln!("the roster is in {}", output.display());
    }
    Ok(ExitCode::SUCCESS)
}
