//! `fika demo`: eight weeks of a contact centre, and the roster of the week after, in a minute.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use fika_bus::{Bus, BusAddress};
use fika_model::calendar::{Date, DayMap};
use fika_model::status::State;
use fika_model::{FaultCode, Faults, Request, Roster, RosterSummary};
use fika_wire::{convert, json};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{self, exit};
use crate::config::{self, BusArgs, ServiceConfig};
use crate::follow::{self, Follower, Heard};
use crate::paint::{Paint, Tone};
use crate::roles::{self, Role};
use crate::{demo, progress, summary, traffic};

const EXAMPLE: &str = "Examples:
  fika demo
  fika demo --keep /tmp/my-demo --seed 7 --weeks 4
  fika demo --brokers 127.0.0.1:9092     the same over Apache Kafka, on topics that no other demo has used

Exit codes: 0 a roster is published; 1 infeasible or failed; 2 wrong command line; 4 the bus cannot be reached.";

/// Arguments of `fika demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// The folder for the bus, the request, the roster and the board [default: fika-demo in the folder for temporary files].
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// How many weeks of history are played, 2 to 12.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(2..=12))]
    weeks: u32,
    /// The Monday on which the roster begins [default: the next one].
    #[arg(long, value_name = "DATE")]
    week: Option<Date>,
    /// The seed of the simulated centre and of the search.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds that the search for the roster may take.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Print the roster's summary as JSON, and nothing else.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    bus: BusArgs,
}

/// Plays, asks, waits, shows.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let folder = args.keep.clone().unwrap_or_else(|| std::env::temp_dir().join("fika-demo"));
    let (bus, address) = open(args, &folder)?;
    bus.ensure_topics(&traffic::topic_settings())?;
    let roles = roles::start(bus.clone(), &[Role::Ingest, Role::Forecast, Role::Planner], ServiceConfig::over(address))?;
    let outcome = show(args, &*bus, &folder, began);
    roles.stop();
    roles.join();
    outcome
}

/// The bus: the one that was asked for, or a fresh file in the folder.
fn open(args: &Args, folder: &Path) -> anyhow::Result<(Arc<dyn Bus>, BusAddress)> {
    std::fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let address = address(args, folder)?;
    if !is_named(args) {
        for name in ["bus.sqlite", "bus.sqlite-wal", "bus.sqlite-shm"] {
            let file = folder.join(name);
            if file.exists() {
                std::fs::remove_file(&file).with_context(|| format!("the old {} cannot be removed", file.display()))?;
            }
        }
    }
    Ok((config::open(&address)?, address))
}

/// Whether a bus was asked for.
fn is_named(args: &Args) -> bool {
    args.bus.bus.is_some() || args.bus.brokers.is_some()
}

fn address(args: &Args, folder: &Path) -> anyhow::Result<BusAddress> {
    Ok(if is_named(args) { args.bus.address()? } else { BusAddress::Embedded(folder.join("bus.sqlite")) })
}

fn show(args: &Args, bus: &dyn Bus, folder: &Path, began: Instant) -> anyhow::Result<ExitCode> {
    let paint = Paint::for_stdout();
    let today = traffic::now().in_tz(demo::TIME_ZONE)?.date();
    let monday = args.week.unwrap_or_else(|| demo::next_monday(today));
    let (history, week) = calendars(monday, args.weeks, today)?;
    let talk = |text: &str| if args.json { Ok(()) } else { cli::print(text) };
    talk(&format!(
        "{}\n  a made-up centre in {}: 3 queues, 30 people in 3 teams; {} weeks of calls, then the roster of {monday}\n\n",
        paint.tone(Tone::Strong, "fika demo"),
        demo::TIME_ZONE,
        args.weeks
    ))?;
    let bar = Bar::new(args.json, "the ACD plays: day {pos} of {len}");
    let played = demo::play(bus, &history, args.seed, &bar.0)?;
    bar.done();
    let bar = Bar::new(args.json, "counting: {msg}");
    demo::wait_until_counted(bus, Duration::from_secs(300), &bar.0)?;
    bar.done();
    let seconds = began.elapsed().as_secs_f64();
    talk(&format!(
        "  {} calls, {} events over the bus and counted, {:.0} events/s ({seconds:.1} s)\n",
        played.calls,
        played.records,
        played.records as f64 / seconds
    ))?;
    let id = format!("demo-{}", traffic::fresh_id());
    let request = Request::check(demo::request(&id, week, history_end(&history), args.seed, args.seconds))?;
    let path = folder.join("request.json");
    std::fs::write(&path, json::write_pretty(&convert::request_message(&request)))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    ask(args, bus, folder, &request, began)
}

fn history_end(history: &DayMap) -> fika_model::Timestamp {
    history.timestamp(history.span().end())
}

/// The days of the history and those of the roster. The history ends where the roster begins or, before that, with yesterday: what lies
/// ahead of the clock is not counted.
fn calendars(monday: Date, weeks: u32, today: Date) -> anyhow::Result<(DayMap, DayMap)> {
    if monday.weekday() != fika_model::Weekday::Monday {
        return Err(Faults::one(FaultCode::OutOfRange, "--week", format!("{monday} is a {:?}, no Monday", monday.weekday())).into());
    }
    let first = monday.min(today).saturating_sub(jiff::Span::new().weeks(i64::from(weeks)));
    Ok((DayMap::new(demo::TIME_ZONE, first, weeks * 7)?, DayMap::new(demo::TIME_ZONE, monday, 7)?))
}

/// Asks for the roster over the bus, follows the request, and shows what was published.
fn ask(args: &Args, bus: &dyn Bus, folder: &Path, request: &Request, began: Instant) -> anyhow::Result<ExitCode> {
    let mut follower = Follower::new(bus, request.id.clone())?;
    follow::submit(bus, request)?;
    let mut bar = progress::Bar::new(args.json);
    let heard = follower.follow(Instant::now() + Duration::from_secs(300), &mut |state| bar.show(state))?;
    bar.clear();
    let roster = match heard {
        Heard::Final(State::Done { roster, .. }) => roster,
        Heard::Final(State::Infeasible { faults, .. } | State::Failed { faults }) => {
            eprintln!("no roster:\n{faults}");
            return Ok(ExitCode::from(exit::NO));
        }
        Heard::Final(_) | Heard::TimedOut(_) => {
            eprintln!("no roster within five minutes; the log says why");
            return Ok(ExitCode::from(exit::NO));
        }
    };
    let message = follow::published(bus, &roster)?.context("the published roster is not whole on the bus")?;
    let path = folder.join("roster.json");
    std::fs::write(&path, json::write_pretty(&message)).with_context(|| format!("{} cannot be written", path.display()))?;
    let (roster, summary) = convert::parse_roster(&message)?;
    let summary = summary.context("the published roster has no summary")?;
    if args.json {
        cli::print(&String::from_utf8_lossy(&json::write_pretty(&message.summary)))?;
    } else {
        cli::print(&closing(request, &roster, &summary, (folder, &config::flag(&address(args, folder)?)), began)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The summary that a person likes to read.
fn closing(
    request: &Request,
    roster: &Roster,
    figures: &RosterSummary,
    (folder, bus): (&Path, &str),
    began: Instant,
) -> anyhow::Result<String> {
    let paint = Paint::for_stdout();
    let day = demo::busiest(roster, figures);
    let board = folder.join("day.svg");
    let svg = fika_api::board::day_svg(roster, Some(figures), day);
    std::fs::write(&board, svg).with_context(|| format!("{} cannot be written", board.display()))?;
    let date = roster.days.date(day).to_string();
    Ok(format!(
        "\n{}\n{}\n{}\n{}\n  {:.1} s in all\n",
        demo::day(roster, figures, day, paint),
        summary::text(request, roster, figures, paint),
        demo::next_steps(folder, bus, &date, paint),
        paint.tone(Tone::Faint, "Breaks are hard rules here: with fewer people the shortfall grows and the breaks stay."),
        began.elapsed().as_secs_f64()
    ))
}

/// A line of progress that goes when it is done.
struct Bar(ProgressBar);

impl Bar {
    fn new(hidden: bool, template: &str) -> Self {
        let bar = if hidden { ProgressBar::hidden() } else { ProgressBar::new(1) };
        let style = ProgressStyle::with_template(&format!("  {{spinner}} {template} {{wide_bar}} {{elapsed}}"));
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    fn done(self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_history_is_over_on_whichever_day_a_roster_is_asked_for() {
        for day in 1..=14 {
            let today = date(2026, 3, day);
            let (history, week) = calendars(demo::next_monday(today), 2, today).expect("a Monday");
            let midnight = DayMap::new(demo::TIME_ZONE, today, 1).expect("a zone").start();
            assert_eq!((history.len(), history_end(&history)), (14, midnight));
            assert!(midnight < week.start(), "{today}");
        }
        let (history, week) = calendars(date(2025, 6, 2), 2, date(2026, 3, 4)).expect("a Monday");
        assert_eq!((history.len(), history_end(&history)), (14, week.start()), "a week of the past");
    }
}
