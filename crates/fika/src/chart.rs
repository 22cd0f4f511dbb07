//! A day in the terminal: people required and scheduled, the service level predicted, and single agents' days.

use std::collections::BTreeMap;
use std::fmt::Write;

use fika_model::calendar::{DayIndex, DayMap};
use fika_model::roster::{ActivityKind, AgentRoster, Roster, RosterSummary, Shift};
use fika_model::units::{Minute, Span};

use crate::paint::{Paint, Tone};

/// Rows of the chart of people.
const ROWS: u32 = 12;
const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// All pools of one interval together.
#[derive(Debug, Default, Clone, Copy)]
struct Column {
    required: f64,
    scheduled: f64,
    short: f64,
    calls: f64,
    level_calls: f64,
}

impl Column {
    fn level(self) -> Option<f64> {
        (self.calls > 0.0).then(|| self.level_calls / self.calls)
    }
}

/// `HH:MM` on the wall clock of the horizon.
pub(crate) fn clock(days: &DayMap, minute: Minute) -> String {
    let (_, wall) = days.wall_at(minute);
    format!("{:02}:{:02}", wall / 60, wall % 60)
}

/// A day as a chart: a column an interval, with the people required as a line over those scheduled, and the service level below.
pub(crate) fn day(roster: &Roster, summary: &RosterSummary, day: DayIndex, paint: Paint) -> String {
    let columns = columns(&roster.days, summary, day);
    let date = roster.days.date(day);
    let mut out = format!("{}\n", paint.tone(Tone::Strong, &format!("{:?} {date}, people by interval", roster.days.weekday(day))));
    if columns.is_empty() {
        out.push_str("  nobody is required or scheduled\n");
        return out;
    }
    let most = columns.values().fold(1.0_f64, |m, c| m.max(c.required).max(c.scheduled));
    let unit = (most / f64::from(ROWS)).ceil().max(1.0);
    for row in (0..(most / unit).ceil() as u32).rev() {
        let (low, high) = (f64::from(row) * unit, f64::from(row + 1) * unit);
        let _ = write!(out, "{} ", paint.tone(Tone::Faint, &format!("{high:>5.0} ┤")));
        for column in columns.values() {
            out.push_str(&people_cell(column, low, high, paint));
        }
        out.push('\n');
    }
    axis(&mut out, &roster.days, &columns, paint);
    levels(&mut out, &columns, summary, paint);
    let _ = writeln!(
        out,
        "        {} required   {} scheduled   {} short   a column is {} minutes",
        paint.tone(Tone::Required, "━"),
        paint.tone(Tone::Scheduled, "█"),
        paint.tone(Tone::Bad, "░"),
        columns.keys().next().map_or(0, |span| span.length().get())
    );
    out
}

fn people_cell(column: &Column, low: f64, high: f64, paint: Paint) -> String {
    let required_here = column.required > low && column.required <= high;
    if required_here {
        let tone = if column.short > 0.0 { Tone::Bad } else { Tone::Required };
        return paint.tone(tone, "━");
    }
    if column.scheduled > low {
        let eighths = (((column.scheduled - low) / (high - low)).min(1.0) * 8.0).round() as usize;
        return paint.tone(Tone::Scheduled, EIGHTHS[eighths]);
    }
    if column.required > high { paint.tone(Tone::Bad, "░") } else { " ".to_owned() }
}

fn columns(days: &DayMap, summary: &RosterSummary, day: DayIndex) -> BTreeMap<Span, Column> {
    let span = days.day_span(day);
    let mut columns: BTreeMap<Span, Column> = BTreeMap::new();
    for outcome in summary.intervals.iter().filter(|i| span.covers(i.span)) {
        let column = columns.entry(outcome.span).or_default();
        column.required += outcome.required;
        column.scheduled += outcome.scheduled;
        column.short += (outcome.required - outcome.scheduled).max(0.0);
        if let Some(level) = outcome.service_level {
            column.calls += outcome.calls;
            column.level_calls += outcome.calls * level;
        }
    }
    let used: Vec<Span> = columns.iter().filter(|(_, c)| c.required > 0.0 || c.scheduled > 0.0).map(|(span, _)| *span).collect();
    let (Some(first), Some(last)) = (used.first().copied(), used.last().copied()) else { return BTreeMap::new() };
    columns.retain(|span, _| *span >= first && *span <= last);
    columns
}

fn axis(out: &mut String, days: &DayMap, columns: &BTreeMap<Span, Column>, paint: Paint) {
    let mut line = String::from("      └─");
    let mut hours = String::from("        ");
    for (n, span) in columns.keys().enumerate() {
        let clock = clock(days, span.start());
        let full_hour = clock.ends_with(":00");
        line.push(if full_hour { '┬' } else { '─' });
        while hours.chars().count() < n + 8 {
            hours.push(' ');
        }
        if full_hour && hours.chars().count() == n + 8 {
            hours.push_str(&clock[..2]);
        }
    }
    let _ = writeln!(out, "{}\n{}", paint.tone(Tone::Faint, &line), paint.tone(Tone::Faint, &hours));
}

fn levels(out: &mut String, columns: &BTreeMap<Span, Column>, summary: &RosterSummary, paint: Paint) {
    out.push_str("  SL    ");
    for column in columns.values() {
        let Some(level) = column.level() else {
            out.push('·');
            continue;
        };
        let tone = if level >= summary.target.get() { Tone::Good } else { Tone::Bad };
        out.push_str(&paint.tone(tone, EIGHTHS[((level * 8.0).round() as usize).clamp(1, 8)]));
    }
    let known: Vec<f64> = columns.values().filter_map(|c| c.level()).collect();
    let reached = known.iter().filter(|level| **level >= summary.target.get()).count();
    let _ = writeln!(
        out,
        "\n        predicted service level ({} in {} s): at or above {:.0} % in {reached} of {} intervals, lowest {:.0} %",
        summary.formula.name(),
        summary.threshold_s,
        summary.target.get() * 100.0,
        known.len(),
        known.iter().fold(1.0_f64, |least, level| least.min(*level)) * 100.0
    );
}

/// One agent's shift as a line of activities and a line for each break with those who share it.
pub(crate) fn agent_day(roster: &Roster, person: &AgentRoster, shift: &Shift, paint: Paint) -> String {
    let days = &roster.days;
    let (from, to) = (clock(days, shift.span.start()), clock(days, shift.span.end()));
    let mut out = format!("  {} ({})  {from} to {to}  ", paint.tone(Tone::Strong, person.agent.as_str()), person.team);
    for minute in (shift.span.start().get()..shift.span.end().get()).step_by(15) {
        let here = Span::new(Minute::new(minute), fika_model::Minutes::of(15));
        let longest = shift.activities.iter().max_by_key(|a| (a.span.overlap(here), a.kind.is_break()));
        let (tone, sign) = match longest.map(|a| a.kind) {
            Some(ActivityKind::RestBreak) => (Tone::Rest, "☕"),
            Some(ActivityKind::Meal) => (Tone::Meal, "▒"),
            Some(ActivityKind::OnQueue) => (Tone::Scheduled, "█"),
            _ => (Tone::Faint, "▚"),
        };
        // The cup is two columns wide; every other sign is doubled to keep the clock's scale.
        let sign = if sign == "☕" { sign.to_owned() } else { sign.repeat(2) };
        out.push_str(&paint.tone(tone, &sign));
    }
    out.push('\n');
    for held in shift.activities.iter().filter(|activity| activity.asked.is_some()) {
        let names: Vec<&str> = held.with.iter().map(fika_model::AgentId::as_str).collect();
        let company = if names.is_empty() { "alone".to_owned() } else { format!("with {}", names.join(", ")) };
        let (at, minutes) = (clock(days, held.span.start()), held.span.length().get());
        let _ = writeln!(out, "      {at}  {} {minutes} min, {}", held.code, paint.tone(Tone::Faint, &company));
    }
    for pause in shift.breaks() {
        let names: Vec<&str> = pause.companions.iter().map(fika_model::AgentId::as_str).collect();
        let company =
            if names.is_empty() { "nobody of the team is on shift then".to_owned() } else { format!("with {}", names.join(", ")) };
        let what = if pause.kind == ActivityKind::Meal { "meal" } else { "rest" };
        let (at, minutes) = (clock(days, pause.span.start()), pause.span.length().get());
        let _ = writeln!(out, "      {at}  {what} {minutes} min, {}", paint.tone(Tone::Faint, &company));
    }
    out
}

#[cfg(test)]
mod tests;
