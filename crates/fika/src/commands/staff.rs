//! `fika staff`: how many agents an interval needs, as a calculator answers it; or every interval of a file.

use std::path::PathBuf;
use std::process::ExitCode;

use fika_model::demand::StaffingModel;
use fika_model::{FaultCode, Faults, Fraction, ServiceLevelFormula, ServiceLevelTarget};
use fika_staffing::{Goal, Model, Performance, Thresholds, Traffic};

use crate::cli;
use crate::paint::Paint;

mod answer;
mod curve;
mod picture;
pub(super) mod values;

use answer::Answer;

const EXAMPLES: &str = "Examples:\n  fika staff --calls 100 --interval 30m --aht 180s --target 80/20 --shrinkage 0.3\n  \
    fika staff --calls 360 --interval 30m --aht 4m --target 80/20 --patience 5m --max-occupancy 0.85 --json\n  \
    fika staff --intervals day.csv --target 80/20 --patience 5m --format svg -o day.svg\n\n\
    A file of intervals is CSV with the columns start (RFC 3339, 2026-11-23T08:00 or 08:00), calls and aht_s, and calls_sd if known.\n\n\
    Exit codes: 0 answered; 2 wrong command line; 3 numbers out of range or faults in the file, all listed; 70 internal error.";

/// Arguments of `fika staff`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Calls offered in the interval.
    #[arg(long, allow_negative_numbers = true, required_unless_present = "intervals", conflicts_with = "intervals")]
    calls: Option<f64>,
    /// Length of the interval, such as 30m.
    #[arg(long, value_name = "DURATION", value_parser = values::seconds)]
    #[arg(required_unless_present = "intervals", conflicts_with = "intervals")]
    interval: Option<f64>,
    /// Mean handling time: talk, hold and wrap-up, such as 180s or 3m30s.
    #[arg(long, value_name = "DURATION", value_parser = values::seconds)]
    #[arg(required_unless_present = "intervals", conflicts_with = "intervals")]
    aht: Option<f64>,
    /// The promise to callers: percent answered within seconds.
    #[arg(long, default_value = "80/20", value_parser = values::target)]
    target: values::Target,
    /// Mean patience of callers who wait; with it they give up (Erlang A), without they never do (Erlang C).
    #[arg(long, value_parser = values::seconds, value_name = "DURATION")]
    patience: Option<f64>,
    /// Handling time over staffed time, at most: breathing space between calls [default: no limit].
    #[arg(long, value_parser = values::share, value_name = "SHARE")]
    max_occupancy: Option<f64>,
    /// The share of scheduled time that is lost to breaks, training and absence.
    #[arg(long, default_value = "0", value_parser = values::share, value_name = "SHARE")]
    shrinkage: f64,
    /// Minutes an hour that need no permission, bought as capacity.
    #[arg(long, default_value = "0", value_name = "MINUTES")]
    comfort: f64,
    /// Time off the phones after a hard call, bought as capacity; with --hard-calls.
    #[arg(long, value_parser = values::seconds, value_name = "DURATION", requires = "hard_calls")]
    recovery: Option<f64>,
    /// The share of answered calls that are hard.
    #[arg(long, value_parser = values::share, value_name = "SHARE", requires = "recovery")]
    hard_calls: Option<f64>,
    /// The queueing model [default: erlang-a with --patience, else erlang-c].
    #[arg(long, value_enum)]
    model: Option<ModelName>,
    /// How abandoned calls count in the service level.
    #[arg(long, default_value = ServiceLevelFormula::AbandonsNegative.name(), value_parser = values::formula, value_name = "NAME")]
    formula: ServiceLevelFormula,
    /// Who gives up before this is a short abandon, for the formula that drops them.
    #[arg(long, default_value = "5s", value_parser = values::seconds, value_name = "DURATION")]
    short_abandon: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Work out the requirement of every interval in this CSV file instead.
    #[arg(long, value_name = "FILE")]
    intervals: Option<PathBuf>,
    /// What to do with a file of intervals.
    #[command(flatten)]
    curve: curve::CurveArgs,
}

/// The models that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ModelName {
    /// Callers wait for ever.
    ErlangC,
    /// Callers have exponential patience.
    ErlangA,
}

impl Args {
    fn staffing_model(&self) -> StaffingModel {
        match self.model {
            None => StaffingModel::Auto,
            Some(ModelName::ErlangC) => StaffingModel::ErlangC,
            Some(ModelName::ErlangA) => StaffingModel::ErlangA,
        }
    }

    /// The model, and what must hold; faults are added to the list.
    fn model_and_goal(&self, faults: &mut Faults) -> Option<(Model, Goal)> {
        if self.model == Some(ModelName::ErlangA) && self.patience.is_none() {
            faults.push(FaultCode::Missing, "--patience", "Erlang A needs the mean patience of callers");
            return None;
        }
        if self.max_occupancy.is_some_and(|ceiling| ceiling < 0.01) {
            faults.push(FaultCode::OutOfRange, "--max-occupancy", "an occupancy below 0.01 keeps nobody at work");
        }
        if self.shrinkage > 0.9 {
            faults.push(FaultCode::OutOfRange, "--shrinkage", format!("shrinkage is {}, outside 0 to 0.9", self.shrinkage));
        }
        if !(0.0..=54.0).contains(&self.comfort) {
            faults.push(FaultCode::OutOfRange, "--comfort", format!("{} minutes an hour, outside 0 to 54", self.comfort));
        }
        let model = faults.take(FaultCode::OutOfRange, "--patience", Model::resolve(self.staffing_model(), self.patience))?;
        let goal = Goal {
            target: self.service_target(),
            short_abandon_s: self.short_abandon,
            occupancy_ceiling: self.max_occupancy.unwrap_or(1.0),
        };
        Some((model, goal))
    }

    fn capacity(&self) -> Capacity {
        let recovery_s_per_call = self.recovery.unwrap_or(0.0) * self.hard_calls.unwrap_or(0.0);
        Capacity { shrinkage: self.shrinkage, comfort: self.comfort / 60.0, recovery_s_per_call }
    }

    fn service_target(&self) -> ServiceLevelTarget {
        let fraction = Fraction::new(self.target.share).unwrap_or(Fraction::ONE);
        ServiceLevelTarget { fraction, threshold_s: self.target.threshold_s, formula: self.formula, ..ServiceLevelTarget::default() }
    }

    /// The traffic of one interval; faults are added to the list.
    fn traffic(&self, faults: &mut Faults) -> Option<Traffic> {
        let (calls, interval_s, handling_s) = (self.calls?, self.interval?, self.aht?);
        // One at a time beside plain values, so that each fault is named at its own flag.
        let interval = faults.take(FaultCode::OutOfRange, "--interval", Traffic::in_interval(0.0, interval_s, 1.0));
        let handling = faults.take(FaultCode::OutOfRange, "--aht", Traffic::new(0.0, handling_s));
        let beside_s = if interval.is_some() { interval_s } else { 1800.0 };
        let calling = faults.take(FaultCode::OutOfRange, "--calls", Traffic::in_interval(calls, beside_s, 1e-3));
        interval.and(handling).and(calling)?;
        faults.take(FaultCode::OutOfRange, "--calls and --aht", Traffic::in_interval(calls, interval_s, handling_s))
    }
}

/// Answers.
#[allow(clippy::needless_pass_by_value, reason = "all commands are run alike")]
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    if let Some(file) = &args.intervals {
        return curve::run(&args, file);
    }
    if let Some(flag) = args.curve.first_given() {
        return Err(Faults::one(FaultCode::Missing, "--intervals", format!("{flag} is for a file of intervals")).into());
    }
    let mut faults = Faults::default();
    let traffic = args.traffic(&mut faults);
    let model_and_goal = args.model_and_goal(&mut faults);
    let (traffic, (model, goal)) = faults.or(traffic.zip(model_and_goal))?;
    let answer = Answer::new(traffic, model, goal, args.capacity(), args.interval.unwrap_or_default());
    let text = if args.json { format!("{:#}\n", answer.json()) } else { answer.text(Paint::for_stdout()) };
    cli::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The thresholds that a goal is measured at, in words.
fn promise(goal: &Goal) -> String {
    let Thresholds { answer_s, .. } = goal.thresholds();
    format!("{} % within {}", round(goal.target.fraction.get() * 100.0, 2), values::duration(answer_s))
}

/// Rounds to so many decimals; shorter where they are zeros.
fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

/// What is bought besides people on the phones.
#[derive(Debug, Clone, Copy)]
struct Capacity {
    /// The share of scheduled time that is lost.
    shrinkage: f64,
    /// The share of time on the phones that needs no permission to be away.
    comfort: f64,
    /// Recovery after hard calls, in seconds per answered call.
    recovery_s_per_call: f64,
}

impl Capacity {
    /// People on shift for people on the phones, as the requirement of a roster takes them.
    fn heads(&self, performance: &Performance, traffic: Traffic) -> u32 {
        let recovering = traffic.calls_per_s() * (1.0 - performance.abandoned) * self.recovery_s_per_call;
        let heads = (f64::from(performance.servers) + recovering) / ((1.0 - self.comfort) * (1.0 - self.shrinkage));
        // A float a hair above a whole number is that number.
        (heads - 1e-9).ceil() as u32
    }

    /// What it is for, in words; empty where nothing is bought.
    fn words(&self) -> String {
        let mut parts = Vec::new();
        if self.recovery_s_per_call > 0.0 {
            parts.push(format!("{} s of recovery a call", round(self.recovery_s_per_call, 2)));
        }
        if self.comfort > 0.0 {
            parts.push(format!("{} min of comfort an hour", round(self.comfort * 60.0, 2)));
        }
        if self.shrinkage > 0.0 {
            parts.push(format!("{} % shrinkage", round(self.shrinkage * 100.0, 2)));
        }
        parts.join(", ")
    }
}
