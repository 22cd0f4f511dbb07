//! `fika replay`: puts the events of files on the bus, in order of time.

mod order;
mod pace;

use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::builder::PossibleValuesParser;
use fika_bus::{Bus, Outgoing, Record};
use fika_model::event::Event;
use fika_model::{FaultCode, Faults};
use fika_wire::dialect::lines::{Line, Lines};
use fika_wire::dialect::{self, Context, Dialect, Input, Unknown};
use fika_wire::{json as wire_json, records};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::cli::{self, exit};
use crate::config::{BusArgs, mapping_file};
use crate::traffic;
use order::{Reorder, time_of};
use pace::Pace;

const EXAMPLE: &str = "Examples:
  fika replay calls_1999-01.csv.gz calls_1999-02.csv.gz --format anonymous-bank
  fika replay events.jsonl --format fika --speed 60      an hour of events a minute
  fika replay /var/log/asterisk/queue_log --format asterisk-queue-log
  fika replay report.csv --format calls-csv --mapping report.toml

A file holds one record a line (freeswitch and asterisk-ami: or lines of \"Name: value\" with an empty line after each
record) and may be compressed with gzip. Lines that cannot be read go to the dead letters with the reason, and are
counted, as are types of events and fields that are not known. A mapping says which column of a report is what.
Exit codes: 0 every line is on the bus (faulty ones as dead letters); 2 wrong command line; 3 a file cannot be read, or
has no line of the format; 4 the bus cannot be reached.";

/// Records appended at once: one or two megabytes.
const BATCH: usize = 5_000;
/// How many faulty lines the summary shows.
const SHOWN: usize = 3;

/// Arguments of `fika replay`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// The files, in order of time.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What the files hold.
    #[arg(long, value_parser = PossibleValuesParser::new(dialect::NAMES))]
    format: String,
    /// A TOML file that says which column is what, for calls-csv.
    #[arg(long, value_name = "FILE.toml", required_if_eq("format", "calls-csv"))]
    mapping: Option<PathBuf>,
    /// So many times as fast as it happened; without it, as fast as it goes.
    #[arg(long, value_name = "X", value_parser = parse_speed)]
    speed: Option<f64>,
    /// Print the summary as JSON, and no progress.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    bus: BusArgs,
}

fn parse_speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed > 0.0 && speed <= 1e9 => Ok(speed),
        _ => Err("give a number above 0, such as 60".to_owned()),
    }
}

/// What a replay did.
#[derive(Debug, Default)]
struct Tally {
    lines: u64,
    events: u64,
    dead_letters: u64,
    /// What was not known, counted by the reader.
    context: Context,
    /// Place and faults of the first faulty lines.
    shown: Vec<(String, Faults)>,
}

/// Events and dead letters on their way to the bus.
struct Out<'a> {
    bus: &'a dyn Bus,
    order: Reorder,
    pace: Pace,
    batch: Vec<Outgoing>,
    tally: Tally,
    bar: &'a ProgressBar,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mapping = args.mapping.as_deref().map(mapping_file::read).transpose()?;
    // What is wrong with the mapping is told before a bus is opened.
    dialect::open(&args.format, mapping.as_ref())?;
    let bus = args.bus.open()?;
    bus.ensure_topics(&traffic::topic_settings())?;
    let bar = progress(args);
    let began = Instant::now();
    let mut out =
        Out { bus: &*bus, order: Reorder::default(), pace: Pace::new(args.speed), batch: Vec::new(), tally: Tally::default(), bar: &bar };
    for path in &args.files {
        let mut reader = dialect::open(&args.format, mapping.as_ref())?;
        replay(path, &mut *reader, &mut out)?;
    }
    out.release(true)?;
    out.flush()?;
    bar.finish_and_clear();
    cli::print(&summary(&out.tally, began.elapsed(), args.json))?;
    let none_sound = out.tally.events == 0 && out.tally.dead_letters > 0;
    Ok(if none_sound { ExitCode::from(exit::BAD_INPUT) } else { ExitCode::SUCCESS })
}

fn replay(path: &Path, reader: &mut dyn Dialect, out: &mut Out<'_>) -> anyhow::Result<()> {
    let name = path.display().to_string();
    let unreadable = |error: std::io::Error| Faults::one(FaultCode::Malformed, &name, error);
    let file = File::open(path).map_err(|error| Faults::one(FaultCode::Missing, &name, error))?;
    for line in Lines::records(file, wire_json::MESSAGE_LIMIT_BYTES, reader.form()).map_err(unreadable)? {
        let line = line.map_err(unreadable)?;
        out.tally.lines += 1;
        match dialect::read_all(reader, Input::line(&line.bytes), &mut out.tally.context) {
            Ok(events) => events.into_iter().for_each(|event| out.order.push(event)),
            Err(faults) => out.set_aside(&name, line, faults)?,
        }
        out.release(false)?;
    }
    reader.finish().into_iter().for_each(|event| out.order.push(event));
    Ok(())
}

impl Out<'_> {
    /// Sends on the events whose turn it is.
    fn release(&mut self, last: bool) -> Result<(), fika_bus::Error> {
        while let Some(event) = self.order.pop(last) {
            self.send(&event)?;
        }
        Ok(())
    }

    fn send(&mut self, event: &Event) -> Result<(), fika_bus::Error> {
        if self.pace.must_wait(time_of(event)) {
            self.flush()?;
            self.pace.wait(time_of(event));
        }
        self.tally.events += 1;
        self.batch.push(traffic::outgoing(records::event(event)));
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    /// A line that cannot be read becomes a dead letter with file and line as its origin.
    fn set_aside(&mut self, name: &str, line: Line, faults: Faults) -> Result<(), fika_bus::Error> {
        let record = Record {
            topic: format!("file:{name}"),
            partition: 0,
            offset: line.number as i64,
            key: None,
            value: Some(line.bytes),
            headers: Vec::new(),
            timestamp_ms: traffic::now().as_millisecond(),
        };
        self.batch.push(traffic::dead_letter(&record, &faults));
        self.tally.dead_letters += 1;
        if self.tally.shown.len() < SHOWN {
            self.tally.shown.push((format!("{name}:{}", line.number), faults));
        }
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), fika_bus::Error> {
        let batch = std::mem::take(&mut self.batch);
        if !batch.is_empty() {
            self.bar.inc(batch.len() as u64);
            self.bus.append(batch)?;
        }
        Ok(())
    }
}

fn progress(args: &Args) -> ProgressBar {
    if args.json {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {human_pos} records on the bus, {per_sec}, {elapsed}");
    let bar = ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn summary(tally: &Tally, took: Duration, as_json: bool) -> String {
    let seconds = took.as_secs_f64();
    let rate = tally.events as f64 / seconds.max(1e-9);
    if as_json {
        let Tally { lines, events, dead_letters, context, .. } = tally;
        let summary = json!({
            "lines": lines, "events": events, "dead_letters": dead_letters, "seconds": seconds, "events_per_second": rate,
            "unknown": {"types": context.unknown.types, "fields": context.unknown.fields}
        });
        return format!("{summary}\n");
    }
    let mut text = format!("{} lines, {} events on the bus in {seconds:.1} s ({rate:.0} events/s)\n", tally.lines, tally.events);
    let unknown = tally.context.unknown;
    if unknown != Unknown::default() {
        let _ = writeln!(text, "{} events of types that are not known, and {} fields, were ignored", unknown.types, unknown.fields);
    }
    if tally.dead_letters > 0 {
        let _ = writeln!(text, "{} lines could not be read and are in the dead letters; the first of them:", tally.dead_letters);
        for (place, faults) in &tally.shown {
            let _ = writeln!(text, "  {place}: {}", faults.to_string().replace('\n', "\n    "));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_and_shows_the_first_faults() {
        let shown = vec![("a.csv:3".to_owned(), Faults::one(FaultCode::Malformed, "", "no columns"))];
        let context = Context { unknown: Unknown { types: 2, fields: 5 }, ..Context::default() };
        let tally = Tally { lines: 10, events: 30, dead_letters: 1, context, shown };
        let text = summary(&tally, Duration::from_secs(2), false);
        assert!(text.starts_with("10 lines, 30 events on the bus in 2.0 s (15 events/s)"), "{text}");
        assert!(text.contains("a.csv:3: F1001") && text.contains("2 events of types that are not known, and 5 fields"), "{text}");
        let parsed: serde_json::Value = serde_json::from_str(&summary(&tally, Duration::from_secs(2), true)).expect("JSON");
        assert_eq!((&parsed["dead_letters"], &parsed["events"], &parsed["unknown"]["fields"]), (&json!(1), &json!(30), &json!(5)));
    }

    #[test]
    fn speeds_are_above_nothing() {
        assert_eq!(parse_speed("60"), Ok(60.0));
        assert!(parse_speed("0").is_err() && parse_speed("-1").is_err() && parse_speed("NaN").is_err());
    }
}
