//! `fika plot`: the board of a day as a picture.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use fika_model::calendar::{Date, DayIndex, DayMap};
use fika_model::{FaultCode, Faults};

use crate::{cli, files};

const EXAMPLE: &str = "Example:\n  fika plot roster.json -o monday.svg --date 2026-11-23\n\nExit codes: 0 drawn; 2 wrong command line; 3 faults in \
    the roster, or no such day; 70 internal error.";

/// Arguments of `fika plot`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// The roster, as `fika request` and `fika solve` write it.
    roster: PathBuf,
    /// The picture to write (SVG).
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The local day, such as 2026-11-23 [default: the first day with a shift].
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Print what was drawn as JSON.
    #[arg(long)]
    json: bool,
}

/// Draws the board.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (roster, summary) = files::roster(&args.roster)?;
    let day = match args.date {
        Some(date) => day_of(&roster.days, date)?,
        None => roster.days.days().find(|day| roster.shifts_on(*day).next().is_some()).unwrap_or(DayIndex::new(0)),
    };
    let svg = fika_api::board::day_svg(&roster, summary.as_ref(), day);
    std::fs::write(&args.output, svg).with_context(|| format!("{} cannot be written", args.output.display()))?;
    let (date, shifts) = (roster.days.date(day), roster.shifts_on(day).count());
    if args.json {
        cli::print(&format!("{}\n", serde_json::json!({ "output": args.output, "date": date.to_string(), "shifts": shifts })))?;
    } else {
        cli::print(&format!("{date}: {shifts} shifts, drawn in {}\n", args.output.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn day_of(days: &DayMap, date: Date) -> Result<DayIndex, Faults> {
    let (first, last) = (days.first_date(), days.date(DayIndex::new(days.len() as u32 - 1)));
    days.day_of_date(date).ok_or_else(|| {
        Faults::one(FaultCode::OutOfRange, "--date", format!("the roster has {first} to {last}, and {date} is not among them"))
    })
}
