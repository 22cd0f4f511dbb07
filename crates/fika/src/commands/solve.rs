//! `fika solve`: makes the roster of a request without a bus.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use fika_model::fault::Faults;
use fika_model::forecast::QueueForecast;
use fika_model::request::Budget;
use fika_model::status::{Phase, Progress};
use fika_model::{Request, RosterId};
use fika_planning::{PlanError, PlanIds, PlanSettings, Planned, plan};
use fika_solver::Quota;
use fika_wire::{convert, digest, json};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli;
use crate::commands::what_if;
use crate::curve::Curve;
use crate::paint::Paint;
use crate::quota::Deadline;
use crate::seal::WireSeal;
use crate::{demand, files, summary};

mod infeasible;

const EXAMPLE: &str = "Examples:
  fika solve week.json -o roster.json --seconds 20
  fika solve week.json --steps 20000 --seed 7 --json > summary.json
  fika solve week.json --intervals counters.jsonl -o roster.json
  fika solve week.json --best-effort -o roster.json --served served.json
  fika solve week.json --what-if calls=-20% --what-if staff=+10%,wellbeing.socialMinutes=20
  fika solve week.json --seconds 30 --plot search.svg

The same request, seed and steps give the same roster, byte for byte. The certificate is of the request as the
file has it; seed and budget change no rule.
A scenario of --what-if changes calls, aht, patience or staff by a share, or any value of the request by its path:
rest.weeklyMinutes=+10%, breakRules[meal].lengthMinutes=45, contracts[*].mostDaysPerWeek=4. Each is solved with the
same seed and budget and shown beside the request as it is; -o writes the roster of the request as it is.
Exit codes: 0 done, the roster is proved; 1 infeasible, with the reasons (a scenario too); 2 wrong command line;
3 faults in a file, all listed; 70 internal error.";

/// Arguments of `fika solve`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// The request: a `RosterRequest` in protobuf's JSON mapping; `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Where to write the roster with its summary.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// How long the whole answer may take, in seconds, instead of the request's budget.
    #[arg(long, value_name = "N")]
    seconds: Option<u32>,
    /// How many steps to search, instead of the request's budget; with --seconds, whichever comes first.
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// The seed of every random choice, instead of the request's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    pub(super) demand: demand::Args,
    /// Solve once more with something changed, side by side with the request as it is; may be given more than once.
    #[arg(long, value_name = "NAME=CHANGE,...")]
    pub(super) what_if: Vec<what_if::Scenario>,
    /// Where rules contradict the request: the best roster for those who can be served, the others named. The exit code stays 1.
    #[arg(long, conflicts_with = "what_if")]
    best_effort: bool,
    /// Where to write the request of those who are served by --best-effort, which their roster is proved against.
    #[arg(long, value_name = "FILE", requires = "best_effort")]
    served: Option<PathBuf>,
    /// Rounds in which covered intervals whose simulated service level is below target are asked for more people; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 2)]
    cut_rounds: u32,
    /// Remedies to look for where the roster is short; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 4)]
    remedies: usize,
    /// Draw how shortfall and proven bound went over time (SVG).
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Print the roster's summary as JSON; no progress.
    #[arg(long)]
    pub(super) json: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let written = files::request(&args.file)?;
    if !args.what_if.is_empty() {
        return what_if::run(args, &written);
    }
    let history = args.demand.history(&written)?;
    match solve(args, &written, history.as_deref(), None)? {
        Ok(planned) => done(args, &written, &planned),
        Err(error) => infeasible::run(args, &written, history.as_deref(), &error),
    }
}

/// Solves a request with the budget and the seed of the command line; the inner error is that it is infeasible.
pub(super) fn solve(
    args: &Args,
    written: &Request,
    history: Option<&[QueueForecast]>,
    what: Option<&str>,
) -> anyhow::Result<Result<Planned, PlanError>> {
    let request = overridden(written, args)?;
    let ids = ids(written)?;
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let settings = PlanSettings { workers, cut_rounds: args.cut_rounds, remedies: args.remedies, ..PlanSettings::default() };
    let settings = settings.within(request.budget);
    let seal = WireSeal::for_request(written);
    let deadline = Deadline::start(request.budget);
    let bar = bar(args.json);
    let watched = Watched { deadline: &deadline, curve: Curve::start() };
    let outcome = plan(&request, history, ids, settings, &seal, &watched, &mut |progress| show(&bar, &deadline, what, progress));
    bar.finish_and_clear();
    if let (Some(path), Ok(planned)) = (&args.plot, &outcome) {
        let svg = watched.curve.svg(planned.summary.required_minutes / 60.0);
        std::fs::write(path, svg).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    match outcome {
        Err(error @ (PlanError::NoForecast { .. } | PlanError::ForecastGrid { .. })) => Err(error.faults().into()),
        Err(error) if !error.is_infeasible() => Err(error.into()),
        outcome => Ok(outcome),
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

    fn is_late(&self) -> bool {
        self.deadline.is_late()
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

fn bar(quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(1000);
    let style = ProgressStyle::with_template("{prefix:>12} [{bar:30}] {percent:>3} %  {msg}");
    bar.set_style(style.map_or_else(|_| ProgressStyle::default_bar(), |style| style.progress_chars("=> ")));
    bar
}

fn show(bar: &ProgressBar, deadline: &Deadline, what: Option<&str>, progress: Progress) {
    let (name, done) = match progress.phase {
        Phase::Solve => ("shifts", deadline.progress(progress.steps)),
        Phase::Simulate => ("callers", progress.done),
        Phase::Verify => ("proof", progress.done),
        _ => ("requirement", progress.done),
    };
    bar.set_prefix(what.map_or_else(|| name.to_owned(), |what| format!("{what}: {name}")));
    bar.set_position((done * 1000.0) as u64);
    if let Some(minutes) = progress.shortfall_minutes {
        bar.set_message(format!("{} steps, {:.1} h short", summary::thousands(progress.steps), minutes / 60.0));
    }
}

pub(super) fn done(args: &Args, request: &Request, planned: &Planned) -> anyhow::Result<ExitCode> {
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
