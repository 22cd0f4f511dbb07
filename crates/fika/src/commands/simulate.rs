//! `fika simulate`: plays callers against a roster, against two of them, or against a scenario file.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use fika_model::{FaultCode, Faults, ServiceLevelFormula};
use fika_simulation::{Comparison, Report, RunSettings, Scenario, compare_watched, run_watched};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{self, exit};
use crate::config::BusArgs;
use crate::paint::Paint;
use crate::summary;

mod against;
mod figures;
mod picture;
mod subject;
mod text;

use subject::Subject;

const EXAMPLE: &str = "Examples:
  fika simulate week.json roster.json
  fika simulate week.json roster.json other.json --replications 400 --plot levels.svg
  fika simulate week.json roster.json --forecast forecasts.json --json
  fika simulate --scenario case.toml
  fika simulate --scenario case.toml with-one-more.toml

With two rosters or scenarios both meet the same callers (common random numbers), and the answer says whether one is better and how
surely. The same input, seed and replications give the same figures for any number of workers. Intervals in brackets
hold 95 %; they are over replications.

A scenario file is TOML with units in the values:
  horizon = \"8h\"
  [[queues]]
  name = \"calls\"
  arrivals = \"4.2/min\"
  talk = \"2min\"
  patience = { mean = \"1min\", shape = \"exponential\" }
  [[groups]]
  serves = [\"calls\"]
  agents = 12
  [[published]]
  figure = \"service-level\"
  between = [0.96, 0.98]
crates/simulation/README.md has every key on a page; tests/examples/scenarios has published cases.

Exit codes: 0 simulated; 1 a published figure of the scenario file is not met; 2 wrong command line; 3 faults in a file,
all listed; 4 the bus cannot be reached; 70 internal error.";

/// Arguments of `fika simulate`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// The request that the roster is for.
    #[arg(value_name = "REQUEST", required_unless_present = "scenario", requires = "roster")]
    request: Option<PathBuf>,
    /// The roster, as `fika request` and `fika solve` write it.
    #[arg(value_name = "ROSTER")]
    roster: Option<PathBuf>,
    /// Another roster for the same request, to compare.
    #[arg(value_name = "OTHER")]
    other: Option<PathBuf>,
    /// A scenario file instead of a request and a roster; two of them are compared.
    #[arg(long, value_name = "FILE", num_args = 1..=2, conflicts_with_all = ["request", "forecast", "bus", "brokers"])]
    scenario: Vec<PathBuf>,
    /// Forecasts for demand from history: `QueueForecast` messages in JSON, a line each or as a list [default: those on the bus].
    #[arg(long, value_name = "FILE")]
    forecast: Option<PathBuf>,
    /// How often the horizon is played [default: the scenario file's, or about two million calls in 20 to 1000 replications].
    #[arg(long, value_name = "N")]
    replications: Option<u32>,
    /// The seed of every random choice [default: the request's or the scenario file's, else 1].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Threads to share the work [default: one a processor]. They do not change the result.
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// How abandoned calls count in the service level [default: as the request or the scenario file says].
    #[arg(long, value_parser = super::staff::values::formula, value_name = "NAME")]
    formula: Option<ServiceLevelFormula>,
    /// Draw the service level by interval, with its band, the target, and people required and scheduled where they are known (SVG).
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Print everything as JSON: queues, pools and all, by interval and by day; groups, agents, breaks. No progress.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    bus: BusArgs,
}

/// Simulates.
#[allow(clippy::needless_pass_by_value, reason = "all commands are run alike")]
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (subject, other) = subjects(&args)?;
    let settings = RunSettings {
        replications: args.replications.unwrap_or_else(|| subject.replications()),
        seed: args.seed.unwrap_or(subject.seed),
        workers: args.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get)),
    };
    let formula = args.formula.unwrap_or(subject.formula);
    let played = play(&subject, other.as_ref(), formula, &settings, args.json)?;
    let verdicts = against::verdicts(&subject.published, played.report());
    if let Some(path) = &args.plot {
        let svg = picture::svg(&subject, &played, formula);
        std::fs::write(path, svg).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    let answer = if args.json {
        format!("{:#}\n", figures::json(&subject, &played, formula, &verdicts))
    } else {
        text::told(&subject, &played, formula, &verdicts, Paint::for_stdout())
    };
    cli::print(&answer)?;
    if let (Some(path), false) = (&args.plot, args.json) {
        eprintln!("drawn in {}", path.display());
    }
    let met = verdicts.iter().all(|verdict| verdict.agreement.is_met());
    Ok(if met { ExitCode::SUCCESS } else { ExitCode::from(exit::NO) })
}

/// What is simulated, and what it is compared with.
fn subjects(args: &Args) -> anyhow::Result<(Subject, Option<Scenario>)> {
    if let Some((first, others)) = args.scenario.split_first() {
        let other = others.first().map(|path| Subject::of_file(path).map(|subject| subject.scenario)).transpose()?;
        return Ok((Subject::of_file(first)?, other));
    }
    let (Some(request), Some(roster)) = (&args.request, &args.roster) else {
        return Err(Faults::one(FaultCode::Missing, "ROSTER", "give a request and a roster, or --scenario FILE").into());
    };
    subject::of_rosters(request, roster, args.other.as_deref(), args.forecast.as_deref(), &args.bus)
}

/// What came out.
#[derive(Debug)]
enum Played {
    /// One roster or scenario.
    One(Box<Report>),
    /// Two, under the same calls.
    Two(Box<Comparison>),
}

impl Played {
    fn report(&self) -> &Report {
        match self {
            Self::One(report) => report,
            Self::Two(comparison) => &comparison.first,
        }
    }
}

fn play(
    subject: &Subject,
    other: Option<&Scenario>,
    formula: ServiceLevelFormula,
    settings: &RunSettings,
    quiet: bool,
) -> anyhow::Result<Played> {
    let began = Instant::now();
    let bar = bar(quiet, u64::from(settings.replications) * if other.is_some() { 2 } else { 1 });
    let mut observe = |done: u32| bar.set_position(u64::from(done));
    let played = match other {
        None => Played::One(Box::new(run_watched(&subject.scenario, settings, &mut observe)?)),
        Some(other) => Played::Two(Box::new(compare_watched(&subject.scenario, other, formula, settings, &mut observe)?)),
    };
    bar.finish_and_clear();
    if !quiet {
        let calls = match &played {
            Played::One(report) => report.simulated_calls,
            Played::Two(comparison) => comparison.first.simulated_calls + comparison.second.simulated_calls,
        };
        let passed_s = began.elapsed().as_secs_f64();
        let a_second = (calls / passed_s.max(1e-9)) as u64;
        eprintln!("{} calls in {passed_s:.2} s, {} a second", summary::thousands(calls as u64), summary::thousands(a_second));
    }
    Ok(played)
}

fn bar(quiet: bool, replications: u64) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(replications);
    let style = ProgressStyle::with_template("  simulating [{bar:30}] {pos}/{len} replications, {eta} left");
    bar.set_style(style.map_or_else(|_| ProgressStyle::default_bar(), |style| style.progress_chars("=> ")));
    bar
}
