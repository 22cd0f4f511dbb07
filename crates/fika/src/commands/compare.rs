//! `fika compare`: two rosters side by side.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use fika_model::roster::ActivityKind;
use fika_model::{DayMap, Faults, Minute, Span};
use fika_planning::{AgentChange, Comparison, Figures, MovedBreak, compare};
use fika_verify::stretch;
use serde_json::{Value, json};

use crate::paint::{Paint, Tone};
use crate::{cli, columns, files};

const EXAMPLE: &str = "Example:
  fika compare monday.json tuesday.json

Figures that only a summary tells are shown where the file has one. A shift on the same day in both rosters is the
same shift, moved or with other breaks; any other was added or is gone. Times are of the first roster's zone.
Exit codes: 0 compared, equal or not; 2 wrong command line; 3 faults in a file, all listed.";

/// Agents and stretches of time that are listed; the rest are counted. JSON has all.
const LISTED: usize = 12;

/// Arguments of `fika compare`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// The first roster: a `Roster` in protobuf's JSON mapping, with or without its summary.
    #[arg(value_name = "A")]
    before: PathBuf,
    /// The second roster.
    #[arg(value_name = "B")]
    after: PathBuf,
    /// Print everything as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let ((before, old), (after, new)) = match (files::roster(&args.before), files::roster(&args.after)) {
        (Ok(before), Ok(after)) => (before, after),
        (before, after) => {
            let faults = [before.err(), after.err()].into_iter().flatten().flat_map(|faults| faults.0);
            return Err(Faults(faults.collect()).into());
        }
    };
    let figures = [Figures::of(&before, old.as_ref()), Figures::of(&after, new.as_ref())];
    let comparison = compare(&before, &after);
    if args.json {
        let names = [&args.before, &args.after].map(|path| path.display().to_string());
        let roster = |n: usize| json!({ "file": names[n], "figures": columns::value(&figures[n]) });
        let value = json!({
            "equal": comparison.is_equal(),
            "rosters": [roster(0), roster(1)],
            "changes": changes_value(&comparison, &before.days),
        });
        cli::print(&format!("{value:#}\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut heads = vec![before.id.to_string(), after.id.to_string()];
    if heads[0] == heads[1] {
        heads = vec![format!("A: {}", heads[0]), format!("B: {}", heads[1])];
    }
    let mut out = columns::table(&heads, &columns::rows(&figures));
    out.push_str(&changes_text(&comparison, &before.days, Paint::for_stdout()));
    cli::print(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// What changed, as people read it.
pub(crate) fn changes_text(comparison: &Comparison, days: &DayMap, paint: Paint) -> String {
    if comparison.is_equal() {
        return format!("  {}\n", paint.tone(Tone::Good, "every shift, break and activity is the same"));
    }
    let mut out = String::new();
    let (shifts, breaks) = (comparison.changed_shifts(), comparison.moved_breaks());
    let beside = match comparison.moved_activities() {
        0 => String::new(),
        pieces => format!(", and {pieces} pieces of activities beside calls"),
    };
    let head = format!("{shifts} shifts and {breaks} breaks differ{beside}, of {} agents", comparison.agents.len());
    let _ = writeln!(out, "  {}", paint.tone(Tone::Strong, &head));
    for change in comparison.agents.iter().take(LISTED) {
        let _ = writeln!(out, "    {}  {}", change.agent, agent_text(change, days));
    }
    if let Some(rest @ 1..) = comparison.agents.len().checked_sub(LISTED) {
        let _ = writeln!(out, "    and {rest} more agents");
    }
    if !comparison.cover.is_empty() {
        let _ = writeln!(out, "  {}", paint.tone(Tone::Strong, "people on the phones"));
    }
    let mut cover: Vec<_> = comparison.cover.iter().collect();
    cover.sort_by(|a, b| {
        let weight = |c: &fika_planning::CoverChange| (c.after - c.before).abs() * f64::from(c.span.length().get());
        weight(b).total_cmp(&weight(a)).then_with(|| a.span.start().cmp(&b.span.start()))
    });
    cover.truncate(LISTED);
    cover.sort_by_key(|change| change.span.start());
    for change in cover {
        let (before, after) = (change.before, change.after);
        let tone = if after < before { Tone::Bad } else { Tone::Good };
        let amount = paint.tone(tone, &format!("{:+.1}", after - before));
        let _ = writeln!(out, "    {}  {before:.1} to {after:.1} ({amount})", stretch(days, change.span));
    }
    if let Some(rest @ 1..) = comparison.cover.len().checked_sub(LISTED) {
        let _ = writeln!(out, "    and {rest} more stretches of time, with smaller differences");
    }
    out
}

fn agent_text(change: &AgentChange, days: &DayMap) -> String {
    let mut parts = Vec::new();
    parts.extend(change.added.iter().map(|span| format!("new shift {}", stretch(days, *span))));
    parts.extend(change.gone.iter().map(|span| format!("no shift {}", stretch(days, *span))));
    parts.extend(change.moved.iter().map(|(from, to)| format!("shift {} becomes {}", stretch(days, *from), clock(days, *to))));
    let day = |moved: &MovedBreak| moved.from.or(moved.to).map(|span| days.wall_at(span.start()).0);
    for run in change.breaks.chunk_by(|a, b| day(a) == day(b)) {
        let date = run.first().and_then(day).map(|date| date.to_string()).unwrap_or_default();
        parts.push(format!("{date} {}", run.iter().map(|moved| break_text(moved, days)).collect::<Vec<_>>().join(", ")));
    }
    for moved in &change.activities {
        let at = |span: Option<Span>| span.map_or_else(|| "none".to_owned(), |span| stretch(days, span));
        parts.push(format!("{} {} becomes {}", moved.asked, at(moved.from), at(moved.to)));
    }
    if change.paid_minutes != 0 {
        parts.push(format!("{:+} paid minutes", change.paid_minutes));
    }
    parts.join("; ")
}

fn break_text(moved: &MovedBreak, days: &DayMap) -> String {
    let (kind, at) = (kind(moved.kind), |span: Span| hour(days, span.start()));
    match (moved.from, moved.to) {
        (Some(from), Some(to)) => format!("{kind} {} to {}", at(from), at(to)),
        (Some(from), None) => format!("no {kind} {}", at(from)),
        (None, to) => format!("new {kind} {}", to.map(at).unwrap_or_default()),
    }
}

fn kind(kind: ActivityKind) -> &'static str {
    if kind == ActivityKind::Meal { "meal" } else { "rest" }
}

/// The wall clock alone: `09:15-09:30`.
pub(crate) fn clock(days: &DayMap, span: Span) -> String {
    format!("{}-{}", hour(days, span.start()), hour(days, span.end()))
}

/// The wall clock at a minute: `09:15`.
pub(crate) fn hour(days: &DayMap, minute: Minute) -> String {
    let (_, of_day) = days.wall_at(minute);
    format!("{:02}:{:02}", of_day / 60, of_day % 60)
}

/// What changed, for programs.
pub(crate) fn changes_value(comparison: &Comparison, days: &DayMap) -> Value {
    let time = |span: Span| json!({ "start": days.timestamp(span.start()).to_string(), "lengthMinutes": span.length().get() });
    let agent = |change: &AgentChange| {
        let moved = change.moved.iter().map(|(from, to)| json!({ "from": time(*from), "to": time(*to) }));
        let breaks = change.breaks.iter().map(|b| json!({ "kind": kind(b.kind), "from": b.from.map(time), "to": b.to.map(time) }));
        let activities =
            change.activities.iter().map(|a| json!({ "activityId": a.asked.as_str(), "from": a.from.map(time), "to": a.to.map(time) }));
        json!({
            "agentId": change.agent.as_str(),
            "added": change.added.iter().map(|span| time(*span)).collect::<Vec<_>>(),
            "gone": change.gone.iter().map(|span| time(*span)).collect::<Vec<_>>(),
            "moved": moved.collect::<Vec<_>>(),
            "breaks": breaks.collect::<Vec<_>>(),
            "activities": activities.collect::<Vec<_>>(),
            "paidMinutes": change.paid_minutes,
        })
    };
    let cover = comparison.cover.iter().map(|c| json!({ "time": time(c.span), "before": c.before, "after": c.after }));
    json!({
        "shifts": comparison.changed_shifts(),
        "breaks": comparison.moved_breaks(),
        "activities": comparison.moved_activities(),
        "agents": comparison.agents.iter().map(agent).collect::<Vec<_>>(),
        "cover": cover.collect::<Vec<_>>(),
    })
}
