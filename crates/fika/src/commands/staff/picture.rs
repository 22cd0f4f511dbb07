//! The requirement of a day as a picture: people on the phones and on shift as steps over the offered load.

use std::fmt::Write;

use fika_model::Curve;
use fika_staffing::Requirement;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 36.0;
/// Labels under the axis stand at least this far apart.
const LABEL_WIDTH: f64 = 90.0;

/// Draws it; `labels` name the intervals.
pub(super) fn svg(labels: &[String], required: &Curve<Requirement>) -> String {
    let values = required.values();
    let most = values.iter().map(|value| f64::from(value.heads.max(value.phones)).max(value.load_erlangs)).fold(1.0, f64::max);
    let frame = Frame { columns: values.len().max(1) as f64, tick: tick(most), most };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>People required by interval</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
    );
    frame.scale(&mut out);
    frame.times(&mut out, labels, (60 / required.grid().interval().minutes()) as usize);
    let area = frame.steps(values.iter().map(|value| value.load_erlangs));
    let (from, to, floor) = (frame.x(0), frame.x(values.len()), frame.y(0.0));
    let _ = writeln!(out, "<path d=\"M{from:.1} {floor:.1}{area}L{to:.1} {floor:.1}Z\" fill=\"#cfe3f5\"/>");
    let shift_differs = values.iter().any(|value| value.heads != value.phones);
    if shift_differs {
        frame.line(&mut out, values.iter().map(|value| f64::from(value.heads)), "#8a5a9e");
    }
    frame.line(&mut out, values.iter().map(|value| f64::from(value.phones)), "#c8501e");
    frame.tips(&mut out, labels, values);
    legend(&mut out, shift_differs);
    out.push_str("</svg>\n");
    out
}

/// Where columns and people lie.
struct Frame {
    columns: f64,
    tick: f64,
    most: f64,
}

impl Frame {
    fn x(&self, column: usize) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * column as f64 / self.columns
    }

    fn y(&self, people: f64) -> f64 {
        let top = (self.most / self.tick).ceil() * self.tick;
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * people / top
    }

    fn scale(&self, out: &mut String) {
        for n in 0..=(self.most / self.tick).ceil() as u32 {
            let (people, y) = (f64::from(n) * self.tick, self.y(f64::from(n) * self.tick));
            let _ = writeln!(out, "<path d=\"M{LEFT} {y:.1}H{}\" stroke=\"#ddd\"/>", WIDTH - RIGHT);
            let _ = writeln!(out, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#555\">{people}</text>", LEFT - 6.0, y + 4.0);
        }
    }

    /// Labels whole hours apart where they do not fit under every column.
    fn times(&self, out: &mut String, labels: &[String], per_hour: usize) {
        let fitting = (LABEL_WIDTH * self.columns / (WIDTH - LEFT - RIGHT)).ceil().max(1.0) as usize;
        let apart = if fitting > 1 { fitting.next_multiple_of(per_hour) } else { 1 };
        for (n, label) in labels.iter().enumerate().step_by(apart) {
            let (x, y) = (self.x(n), HEIGHT - BOTTOM + 18.0);
            let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"#555\">{}</text>", escaped(label));
        }
    }

    /// The tops of all columns, left to right.
    fn steps(&self, people: impl Iterator<Item = f64>) -> String {
        people.enumerate().fold(String::new(), |mut path, (n, people)| {
            let _ = write!(path, "L{:.1} {y:.1}L{:.1} {y:.1}", self.x(n), self.x(n + 1), y = self.y(people));
            path
        })
    }

    fn line(&self, out: &mut String, people: impl Iterator<Item = f64>, colour: &str) {
        let steps = self.steps(people);
        let path = steps.strip_prefix('L').unwrap_or("0 0");
        let _ = writeln!(out, "<path d=\"M{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
    }

    /// What the pointer shows over each interval.
    fn tips(&self, out: &mut String, labels: &[String], values: &[Requirement]) {
        for (n, (label, value)) in labels.iter().zip(values).enumerate() {
            let (x, width) = (self.x(n), self.x(n + 1) - self.x(n));
            let tip = format!("{}: {} agents, {} on shift, {:.2} erlangs", escaped(label), value.phones, value.heads, value.load_erlangs);
            let height = HEIGHT - TOP - BOTTOM;
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{TOP}\" width=\"{width:.2}\" height=\"{height}\" fill-opacity=\"0\"><title>{tip}</title></rect>"
            );
        }
    }
}

fn legend(out: &mut String, shift_differs: bool) {
    let mut entries = vec![("#c8501e", "agents on the phones"), ("#cfe3f5", "offered load, erlangs")];
    if shift_differs {
        entries.insert(1, ("#8a5a9e", "agents on shift"));
    }
    for (n, (colour, text)) in entries.into_iter().enumerate() {
        let x = LEFT + 190.0 * n as f64;
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"14\" width=\"14\" height=\"10\" fill=\"{colour}\"/><text x=\"{}\" y=\"23\">{text}</text>",
            x + 20.0
        );
    }
}

/// A round step that gives four to ten lines.
fn tick(most: f64) -> f64 {
    let decade = 10_f64.powf((most / 4.0).log10().floor()).max(1.0);
    [5.0, 2.0, 1.0].into_iter().map(|step| step * decade).find(|step| most / step >= 4.0).unwrap_or(1.0)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_have_few_round_lines() {
        for (most, expected) in [(1.0, 1.0), (4.0, 1.0), (9.0, 2.0), (37.0, 5.0), (118.0, 20.0), (2000.0, 500.0)] {
            assert!((tick(most) - expected).abs() < 1e-9, "{most}: {}", tick(most));
        }
    }
}
