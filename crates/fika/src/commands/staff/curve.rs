//! The requirement of every interval of a file, as a table, CSV, JSON or a picture.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use fika_model::demand::{LoadModel, StaffingPolicy};
use fika_model::fault::{FaultCode, Faults};
use fika_model::rules::WellbeingPolicy;
use fika_model::{Curve, Fraction};
use fika_staffing::{Binding, Goal, Requirement, requirement};
use serde_json::{Value, json};

use super::values::share;
use super::{Args, picture, promise, round};
use crate::paint::{Paint, Tone};
use crate::{cli, files};

mod read;

use read::Intervals;

/// What to do with a file of intervals.
#[derive(Debug, clap::Args)]
pub(super) struct CurveArgs {
    /// How to print the requirement of a file [default: table, or json with --json].
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write it to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How load is taken from calls that vary over a file's day [default: modified-offered-load].
    #[arg(long, value_enum)]
    load: Option<LoadName>,
    /// The quantile of the calls' distribution that is staffed for, where the file has `calls_sd` [default: 0.8].
    #[arg(long, value_parser = share, value_name = "SHARE")]
    quantile: Option<f64>,
}

/// The forms of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// A line an interval.
    Csv,
    /// For programs.
    Json,
    /// A picture.
    Svg,
}

/// How load is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LoadName {
    /// Each interval as if it lasted for ever.
    Stationary,
    /// With the calls of the intervals before that are still being handled.
    ModifiedOfferedLoad,
}

impl CurveArgs {
    /// The first flag that was given, if any.
    pub(super) fn first_given(&self) -> Option<&'static str> {
        let given = [
            ("--format", self.format.is_some()),
            ("--output", self.output.is_some()),
            ("--load", self.load.is_some()),
            ("--quantile", self.quantile.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
    }
}

/// Works out and writes the requirement of a file.
pub(super) fn run(args: &Args, file: &Path) -> anyhow::Result<ExitCode> {
    let mut faults = Faults::default();
    let goal = args.model_and_goal(&mut faults).map(|(_, goal)| goal);
    if args.curve.quantile.is_some_and(|quantile| quantile > 0.999) {
        faults.push(FaultCode::OutOfRange, "--quantile", "above 0.999 there is no number of calls that is enough");
    }
    let intervals = match read::intervals(&files::bytes(file)?, &file.display().to_string()) {
        Ok(intervals) => Some(intervals),
        Err(found) => {
            faults.0.extend(found.0);
            None
        }
    };
    let (goal, intervals) = faults.or(goal.zip(intervals))?;
    let required = required(args, &intervals);
    let format = args.curve.format.unwrap_or(if args.json { Format::Json } else { Format::Table });
    let colour = if args.curve.output.is_some() { Paint::plain() } else { Paint::for_stdout() };
    let text = match format {
        Format::Table => table(&intervals, &required, &goal, colour),
        Format::Csv => csv(&intervals, &required, &goal),
        Format::Json => format!("{:#}\n", to_json(&intervals, &required, &goal)),
        Format::Svg => picture::svg(&intervals.labels, &required),
    };
    match &args.curve.output {
        Some(path) => std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))?,
        None => cli::print(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn required(args: &Args, intervals: &Intervals) -> Curve<Requirement> {
    let defaults = StaffingPolicy::default();
    let policy = StaffingPolicy {
        target: args.service_target(),
        model: args.staffing_model(),
        load: match args.curve.load {
            None | Some(LoadName::ModifiedOfferedLoad) => LoadModel::ModifiedOfferedLoad,
            Some(LoadName::Stationary) => LoadModel::Stationary,
        },
        volume_quantile: args.curve.quantile.and_then(|quantile| Fraction::new(quantile).ok()).unwrap_or(defaults.volume_quantile),
        shrinkage: Fraction::new(args.shrinkage).unwrap_or(defaults.shrinkage),
        patience_s: args.patience,
    };
    let wellbeing = WellbeingPolicy {
        comfort_minutes_per_hour: args.comfort,
        recovery_minutes: args.recovery.unwrap_or(0.0) / 60.0,
        hard_call_share: args.hard_calls.and_then(|share| Fraction::new(share).ok()).unwrap_or(Fraction::ZERO),
        occupancy_ceiling: args.max_occupancy.and_then(|ceiling| Fraction::new(ceiling).ok()).unwrap_or(Fraction::ONE),
        ..WellbeingPolicy::default()
    };
    requirement(&intervals.forecasts, None, &policy, &wellbeing)
}

const fn binding(requirement: &Requirement) -> &'static str {
    match requirement.binding {
        Binding::NoDemand => "no-demand",
        Binding::ServiceLevel => "service-level",
        Binding::Occupancy => "occupancy",
    }
}

fn level(requirement: &Requirement, goal: &Goal) -> Option<f64> {
    requirement.predicted.service_level(goal.target.formula).filter(|_| requirement.binding != Binding::NoDemand)
}

/// Person-hours on the phones and on shift.
fn hours(required: &Curve<Requirement>) -> (f64, f64) {
    let interval_h = f64::from(required.grid().interval().minutes()) / 60.0;
    let sum = |people: fn(&Requirement) -> u32| required.values().iter().map(|value| f64::from(people(value))).sum::<f64>() * interval_h;
    (sum(|value| value.phones), sum(|value| value.heads))
}

fn table(intervals: &Intervals, required: &Curve<Requirement>, goal: &Goal, paint: Paint) -> String {
    let width = intervals.labels.iter().map(|label| label.chars().count()).max().unwrap_or(0).max(5);
    let heading = format!(
        "{:<width$} {:>9} {:>9} {:>7} {:>7} {:>9} {:>10}  {}",
        "start", "calls", "erlangs", "agents", "shift", "service", "occupancy", "binds"
    );
    let mut out = format!("{}\n", paint.tone(Tone::Faint, &heading));
    for (label, value) in intervals.labels.iter().zip(required.values()) {
        let service = level(value, goal).map_or_else(|| "–".to_owned(), |level| format!("{:.1} %", level * 100.0));
        let _ = writeln!(
            out,
            "{label:<width$} {:>9.1} {:>9.2} {:>7} {:>7} {service:>9} {:>8.1} %  {}",
            value.volume,
            value.load_erlangs,
            value.phones,
            value.heads,
            value.predicted.occupancy * 100.0,
            binding(value),
        );
    }
    let (phones, heads) = hours(required);
    let sum = format!("{} person-hours on the phones, {} on shift, for {}", round(phones, 2), round(heads, 2), promise(goal));
    let _ = writeln!(out, "{}", paint.tone(Tone::Strong, &sum));
    out
}

fn csv(intervals: &Intervals, required: &Curve<Requirement>, goal: &Goal) -> String {
    let mut out = String::from("start,calls,load_erlangs,agents,agents_with_shrinkage,service_level,asa_s,abandoned,occupancy,binding\n");
    for (label, value) in intervals.labels.iter().zip(required.values()) {
        let service = level(value, goal).map_or_else(String::new, |level| format!("{level:.6}"));
        let predicted = value.predicted;
        let _ = writeln!(
            out,
            "{label},{:.3},{:.4},{},{},{service},{:.3},{:.6},{:.6},{}",
            value.volume,
            value.load_erlangs,
            value.phones,
            value.heads,
            predicted.asa_s,
            predicted.abandoned,
            predicted.occupancy,
            binding(value),
        );
    }
    out
}

fn to_json(intervals: &Intervals, required: &Curve<Requirement>, goal: &Goal) -> Value {
    let row = |(label, value): (&String, &Requirement)| {
        json!({
            "start": label,
            "calls": value.volume,
            "load_erlangs": value.load_erlangs,
            "agents": value.phones,
            "agents_with_shrinkage": value.heads,
            "service_level": level(value, goal),
            "probability_of_waiting": value.predicted.probability_of_waiting,
            "asa_s": value.predicted.asa_s,
            "occupancy": value.predicted.occupancy,
            "abandoned": value.predicted.abandoned,
            "binding": binding(value),
        })
    };
    let (phones, heads) = hours(required);
    json!({
        "formula": goal.target.formula.name(),
        "target": goal.target.fraction.get(),
        "threshold_s": goal.target.threshold_s,
        "interval_minutes": required.grid().interval().minutes(),
        "agent_hours": phones,
        "agent_hours_with_shrinkage": heads,
        "intervals": intervals.labels.iter().zip(required.values()).map(row).collect::<Vec<_>>(),
    })
}
