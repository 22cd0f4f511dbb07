//! The service level by interval as a picture: a line with its band, the target, and below it people required and scheduled.
//!
//! A pure drawing: same report, same bytes. Intervals without calls leave a gap.

use std::fmt::Write;

use fika_model::ServiceLevelFormula;
use fika_simulation::Report;

use super::Played;
use super::subject::Subject;

const LEFT: f64 = 56.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 64.0;
/// Height of the service level's panel, in pixels.
const LEVELS: f64 = 260.0;
/// Height of the people's panel, in pixels.
const PEOPLE: f64 = 120.0;
const GAP: f64 = 24.0;
const BOTTOM: f64 = 34.0;
const FIRST: &str = "#1f6fb2";
const SECOND: &str = "#b2501f";

/// Draws it.
pub(super) fn svg(subject: &Subject, played: &Played, formula: ServiceLevelFormula) -> String {
    let reports: Vec<(&Report, &str, &str)> = match played {
        Played::One(report) => vec![(report, FIRST, "simulated, with its 95 % interval")],
        Played::Two(both) => vec![(&both.first, FIRST, "the first"), (&both.second, SECOND, "the second")],
    };
    let frame = Frame::new(subject.labels.len(), subject.people.is_some());
    let mut out = frame.open(subject, formula);
    frame.grid(&mut out, subject);
    for (n, (report, colour, name)) in reports.iter().enumerate() {
        frame.levels(&mut out, report, formula, colour);
        legend(&mut out, n, colour, name);
    }
    if let Some(target) = subject.target {
        let (y, right) = (frame.level_y(target), frame.x(frame.columns));
        let _ = writeln!(out, r##"<path d="M{LEFT} {y:.1}H{right:.1}" stroke="#c0392b" stroke-dasharray="6 4"/>"##);
        legend(&mut out, reports.len(), "#c0392b", &format!("promised, {:.0} %", target * 100.0));
    }
    if let Some(people) = &subject.people {
        frame.people(&mut out, people);
        legend(&mut out, 3, "#9bb8d3", "scheduled");
        legend(&mut out, 4, "#555", "required");
    }
    for (report, ..) in reports.iter().take(1) {
        frame.tips(&mut out, subject, report, formula);
    }
    out.push_str("</svg>\n");
    out
}

/// Where intervals and values lie.
struct Frame {
    columns: usize,
    width: f64,
    height: f64,
}

impl Frame {
    fn new(columns: usize, people: bool) -> Self {
        let width = LEFT + RIGHT + (columns as f64 * 3.0).clamp(840.0, 2400.0);
        Self { columns, width, height: TOP + LEVELS + BOTTOM + if people { GAP + PEOPLE } else { 0.0 } }
    }

    fn x(&self, column: usize) -> f64 {
        LEFT + (self.width - LEFT - RIGHT) * column as f64 / self.columns.max(1) as f64
    }

    #[allow(clippy::unused_self, reason = "the frame knows where things lie")]
    fn level_y(&self, level: f64) -> f64 {
        TOP + LEVELS * (1.0 - level.clamp(0.0, 1.0))
    }

    fn open(&self, subject: &Subject, formula: ServiceLevelFormula) -> String {
        let (width, height) = (self.width, self.height);
        let threshold_s = subject.scenario.queues.first().map_or(20.0, |queue| queue.threshold_s);
        let same = subject.scenario.queues.iter().all(|queue| (queue.threshold_s - threshold_s).abs() < 1e-9);
        let within = if same { format!("{threshold_s} s") } else { "each queue's threshold".to_owned() };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
             <title>Service level by interval</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
             <text x=\"{LEFT}\" y=\"20\" font-size=\"14\">{}: answered within {within}, {}</text>\n",
            escaped(&subject.title),
            formula.name()
        )
    }

    fn grid(&self, out: &mut String, subject: &Subject) {
        let right = self.x(self.columns);
        for percent in (0..=100).step_by(20) {
            let y = self.level_y(f64::from(percent) / 100.0);
            let _ = writeln!(out, r##"<path d="M{LEFT} {y:.1}H{right:.1}" stroke="#e2e2e2"/>"##);
            let _ = writeln!(out, r##"<text x="{}" y="{:.1}" text-anchor="end" fill="#555">{percent} %</text>"##, LEFT - 6.0, y + 4.0);
        }
        let foot = self.height - BOTTOM;
        let several = subject.days.len() > 1;
        let apart = apart(self.columns, right - LEFT, subject.scenario.interval_s);
        let marks = subject.labels.iter().enumerate().filter(|(n, _)| !several && n % apart == 0).map(|(n, label)| (n, label.as_str()));
        let days = subject.days.iter().filter(|_| several).map(|(n, name)| (*n, name.as_str()));
        for (column, label) in marks.chain(days) {
            let x = self.x(column);
            let _ = writeln!(out, r##"<path d="M{x:.1} {TOP}V{foot}" stroke="#eee"/>"##);
            let _ = writeln!(out, r##"<text x="{:.1}" y="{}" fill="#555">{}</text>"##, x + 2.0, foot + 18.0, escaped(label));
        }
    }

    /// The band and the line, piece by piece between gaps.
    fn levels(&self, out: &mut String, report: &Report, formula: ServiceLevelFormula, colour: &str) {
        let levels: Vec<_> = report.total.intervals.iter().map(|tally| tally.service_level(formula)).collect();
        let mut from = 0;
        for run in levels.split(Option::is_none) {
            let (mut upper, mut line, mut lower) = (String::new(), String::new(), String::new());
            for (n, level) in run.iter().flatten().enumerate() {
                let (x0, x1) = (self.x(from + n), self.x(from + n + 1));
                let steps = |value: f64| format!("L{x0:.1} {y:.1}L{x1:.1} {y:.1}", y = self.level_y(value));
                let y = self.level_y(level.low);
                upper += &steps(level.high);
                line += &steps(level.mean);
                lower.insert_str(0, &format!("L{x1:.1} {y:.1}L{x0:.1} {y:.1}"));
            }
            if let (Some(upper), Some(line)) = (upper.strip_prefix('L'), line.strip_prefix('L')) {
                let _ = writeln!(out, r#"<path d="M{upper}{lower}Z" fill="{colour}" fill-opacity="0.22"/>"#);
                let _ = writeln!(out, r#"<path d="M{line}" fill="none" stroke="{colour}" stroke-width="1.6"/>"#);
            }
            from += run.len() + 1;
        }
    }

    fn people(&self, out: &mut String, people: &[(f64, f64)]) {
        let most = people.iter().fold(1.0_f64, |most, (required, scheduled)| most.max(*required).max(*scheduled));
        let floor = TOP + LEVELS + GAP + PEOPLE;
        let y = |value: f64| floor - PEOPLE * value / most;
        let steps = |value: &dyn Fn(&(f64, f64)) -> f64| {
            people.iter().enumerate().fold(String::new(), |mut path, (n, people)| {
                let _ = write!(path, "L{:.1} {y:.1}L{:.1} {y:.1}", self.x(n), self.x(n + 1), y = y(value(people)));
                path
            })
        };
        let (left, right) = (self.x(0), self.x(self.columns));
        let scheduled = steps(&|(_, scheduled)| *scheduled);
        let required = steps(&|(required, _)| *required);
        let _ = writeln!(out, r##"<path d="M{left:.1} {floor}{scheduled}L{right:.1} {floor}Z" fill="#9bb8d3"/>"##);
        let required = required.strip_prefix('L').unwrap_or("0 0");
        let _ = writeln!(out, r##"<path d="M{required}" fill="none" stroke="#555" stroke-width="1.2"/>"##);
        let _ = writeln!(out, r##"<text x="{}" y="{:.1}" text-anchor="end" fill="#555">{most:.0}</text>"##, LEFT - 6.0, y(most) + 4.0);
        let _ = writeln!(out, r##"<text x="{}" y="{floor}" text-anchor="end" fill="#555">0</text>"##, LEFT - 6.0);
    }

    /// What the pointer shows over each interval.
    fn tips(&self, out: &mut String, subject: &Subject, report: &Report, formula: ServiceLevelFormula) {
        for (n, (tally, label)) in report.total.intervals.iter().zip(&subject.labels).enumerate() {
            let Some(level) = tally.service_level(formula) else { continue };
            let (x, width) = (self.x(n), self.x(n + 1) - self.x(n));
            let (mean, low, high) = (level.mean * 100.0, level.low * 100.0, level.high * 100.0);
            let day = subject.days.iter().rev().find(|(first, _)| *first <= n).map_or("", |(_, name)| name.as_str());
            let day = if subject.days.len() > 1 { format!("{} ", escaped(day)) } else { String::new() };
            let calls = tally.offered().mean;
            let tip = format!("{day}{}: {mean:.1} % ({low:.1} to {high:.1}) of {calls:.1} calls", escaped(label));
            let _ = writeln!(
                out,
                r#"<rect x="{x:.1}" y="{TOP}" width="{width:.2}" height="{LEVELS}" fill-opacity="0"><title>{tip}</title></rect>"#
            );
        }
    }
}

/// Intervals from one label to the next: a whole part of an hour or some whole hours where that can be, and 60 pixels or more.
fn apart(columns: usize, width: f64, interval_s: f64) -> usize {
    let least = (columns * 60).div_ceil(width as usize).max(1);
    let even = [300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10_800.0, 14_400.0, 21_600.0, 43_200.0, 86_400.0];
    let fits = |step_s: &f64| (step_s / interval_s).fract() < 1e-9 && step_s / interval_s >= least as f64;
    even.iter().find(|step_s| fits(step_s)).map_or(least, |step_s| (step_s / interval_s).round() as usize)
}

fn legend(out: &mut String, place: usize, colour: &str, text: &str) {
    let x = LEFT + 190.0 * place as f64;
    let _ = writeln!(out, r#"<rect x="{x}" y="36" width="14" height="10" fill="{colour}"/><text x="{}" y="45">{text}</text>"#, x + 20.0);
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_at_even_times() {
        assert_eq!((apart(96, 840.0, 900.0), apart(40, 840.0, 900.0), apart(3, 840.0, 7200.0)), (8, 4, 1));
        // Seven minutes fit into no even step, so every tenth has a label.
        assert_eq!(apart(140, 840.0, 420.0), 10);
    }
}
