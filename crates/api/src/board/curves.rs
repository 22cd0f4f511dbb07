//! The upper part of the board: people required and scheduled, and the service level predicted, by interval.

use std::collections::BTreeMap;
use std::fmt::Write;

use fika_model::roster::RosterSummary;
use fika_model::units::{Minutes, Span};

use super::{Axis, LEFT, WIDTH};

const PEOPLE_HEIGHT: f64 = 150.0;
const LEVEL_HEIGHT: f64 = 60.0;

/// All pools of one interval together.
#[derive(Default, Clone, Copy)]
struct Cell {
    required: f64,
    scheduled: f64,
    calls: f64,
    level_calls: f64,
    short: f64,
}

/// Draws both panels below `top` and gives the new lower edge.
pub(super) fn draw(out: &mut String, axis: &Axis, summary: &RosterSummary, top: f64) -> f64 {
    let mut cells: BTreeMap<Span, Cell> = BTreeMap::new();
    for outcome in summary.intervals.iter().filter(|i| axis.view.overlap(i.span) > Minutes::ZERO) {
        let cell = cells.entry(outcome.span).or_default();
        cell.required += outcome.required;
        cell.scheduled += outcome.scheduled;
        cell.short += (outcome.required - outcome.scheduled).max(0.0);
        if let Some(level) = outcome.service_level {
            cell.calls += outcome.calls;
            cell.level_calls += outcome.calls * level;
        }
    }
    if cells.is_empty() {
        return top + 12.0;
    }
    let bottom = people(out, axis, &cells, top + 8.0);
    let bottom = level(out, axis, &cells, summary, bottom + 30.0);
    bottom + 34.0
}

fn people(out: &mut String, axis: &Axis, cells: &BTreeMap<Span, Cell>, top: f64) -> f64 {
    let most = cells.values().fold(1.0_f64, |most, c| most.max(c.required).max(c.scheduled)) * 1.08;
    let y = |people: f64| top + PEOPLE_HEIGHT * (1.0 - people / most);
    let step = nice_step(most);
    let mut mark = 0.0;
    while mark <= most {
        let _ = writeln!(out, "<path d=\"M{LEFT} {0:.1}H{1:.1}\" stroke=\"#e3e6ec\"/>", y(mark), LEFT + WIDTH);
        let _ =
            writeln!(out, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#667\">{mark:.0}</text>", LEFT - 8.0, y(mark) + 4.0);
        mark += step;
    }
    for (span, cell) in cells {
        let (x, width) = (axis.x(span.start()), axis.x(span.end()) - axis.x(span.start()));
        let height = top + PEOPLE_HEIGHT - y(cell.scheduled);
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"#cfe0f2\"/>",
            y(cell.scheduled)
        );
        if cell.short > 0.0 {
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"#e4572e\" fill-opacity=\"0.55\"/>",
                y(cell.required),
                (y(cell.required - cell.short) - y(cell.required)).max(0.0)
            );
        }
    }
    steps(out, axis, cells, |c| Some(y(c.required)), "#1f3b63");
    let _ = writeln!(
        out,
        "<text x=\"16\" y=\"{:.1}\" font-weight=\"600\">people</text>\
         <text x=\"16\" y=\"{:.1}\" fill=\"#1f3b63\">line: required</text>\
         <text x=\"16\" y=\"{:.1}\" fill=\"#5c87b8\">area: scheduled</text>\
         <text x=\"16\" y=\"{:.1}\" fill=\"#e4572e\">red: short</text>",
        top + 12.0,
        top + 28.0,
        top + 42.0,
        top + 56.0
    );
    top + PEOPLE_HEIGHT
}

fn level(out: &mut String, axis: &Axis, cells: &BTreeMap<Span, Cell>, summary: &RosterSummary, top: f64) -> f64 {
    let y = |level: f64| top + LEVEL_HEIGHT * (1.0 - level);
    for mark in [0.0, 0.5, 1.0] {
        let _ = writeln!(out, "<path d=\"M{LEFT} {0:.1}H{1:.1}\" stroke=\"#e3e6ec\"/>", y(mark), LEFT + WIDTH);
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#667\">{:.0} %</text>",
            LEFT - 8.0,
            y(mark) + 4.0,
            mark * 100.0
        );
    }
    let target = y(summary.target.get());
    let _ = writeln!(out, "<path d=\"M{LEFT} {target:.1}H{:.1}\" stroke=\"#2f7d4f\" stroke-dasharray=\"5 4\"/>", LEFT + WIDTH);
    steps(out, axis, cells, |c| (c.calls > 0.0).then(|| y(c.level_calls / c.calls)), "#2f7d4f");
    let _ = writeln!(
        out,
        "<text x=\"16\" y=\"{:.1}\" font-weight=\"600\">service level</text>\
         <text x=\"16\" y=\"{:.1}\" fill=\"#2f7d4f\">predicted, {} s</text>\
         <text x=\"16\" y=\"{:.1}\" fill=\"#667\" font-size=\"9\">{}</text>",
        top + 10.0,
        top + 26.0,
        summary.threshold_s,
        top + 40.0,
        summary.formula.name()
    );
    top + LEVEL_HEIGHT
}

/// A line in steps, broken where there is no value.
fn steps(out: &mut String, axis: &Axis, cells: &BTreeMap<Span, Cell>, y: impl Fn(&Cell) -> Option<f64>, colour: &str) {
    let mut path = String::new();
    let mut pen_down = false;
    for (span, cell) in cells {
        match y(cell) {
            Some(y) => {
                let command = if pen_down { 'L' } else { 'M' };
                let _ = write!(path, "{command}{:.1} {y:.1}H{:.1}", axis.x(span.start()), axis.x(span.end()));
                pen_down = true;
            }
            None => pen_down = false,
        }
    }
    let _ = writeln!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\"/>");
}

/// A round distance between marks that gives four to eight of them.
fn nice_step(most: f64) -> f64 {
    let magnitude = 10_f64.powf((most / 8.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * magnitude).find(|step| most / step <= 8.0).unwrap_or(magnitude * 10.0).max(1.0)
}
