//! A curve in the terminal: observed shares as bars, the fitted ones as a line through them.

use std::fmt::Write;

use crate::paint::{Paint, Tone};

/// Rows of every chart.
pub(super) const ROWS: u32 = 10;
const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// Columns left of the bars.
const MARGIN: usize = 9;

/// Bars and a line, a column each.
#[derive(Debug)]
pub(super) struct Chart {
    /// Shares observed.
    pub(super) bars: Vec<f64>,
    /// Shares fitted.
    pub(super) line: Vec<f64>,
    /// The share at the upper edge, above 0.
    pub(super) top: f64,
    /// Places of the marks under the axis, 0 to 1, and what is written there.
    pub(super) marks: Vec<(f64, String)>,
}

impl Chart {
    /// Draws it with its axes.
    pub(super) fn draw(&self, out: &mut String, paint: Paint) {
        let unit = self.top / f64::from(ROWS);
        for row in (0..ROWS).rev() {
            let (low, high) = (f64::from(row) * unit, f64::from(row + 1) * unit);
            let edge = if row % 2 == 1 { format!("{:>5.0} % ┤", high * 100.0) } else { "        │".to_owned() };
            out.push_str(&paint.tone(Tone::Faint, &edge));
            let cells = self.bars.iter().zip(&self.line).map(|(bar, line)| cell(*bar, *line, low, high, paint));
            let _ = writeln!(out, "{}", cells.collect::<String>().trim_end());
        }
        self.axis(out, paint);
    }

    fn axis(&self, out: &mut String, paint: Paint) {
        let columns = self.bars.len();
        let mut axis = vec!['─'; columns + 1];
        let mut labels = " ".repeat(MARGIN);
        for (place, label) in &self.marks {
            let column = ((place * columns as f64).round() as usize).min(columns);
            axis[column] = '┬';
            let at = MARGIN + column;
            // A label that would touch the one before is left out.
            if labels.trim_end().is_empty() || labels.chars().count() < at {
                labels.extend(std::iter::repeat_n(' ', at.saturating_sub(labels.chars().count())));
                labels.push_str(label);
            }
        }
        let axis: String = axis.into_iter().collect();
        let line = format!("{}└{axis}", " ".repeat(MARGIN - 1));
        let _ = writeln!(out, "{}\n{}", paint.tone(Tone::Faint, &line), paint.tone(Tone::Faint, &labels));
    }

    /// What bars and line mean.
    #[allow(clippy::unused_self, reason = "the chart knows its signs")]
    pub(super) fn legend(&self, out: &mut String, bars: &str, line: &str, paint: Paint) {
        let (bar, stroke) = (paint.tone(Tone::Scheduled, "█"), paint.tone(Tone::Required, "━"));
        let _ = writeln!(out, "{}{bar} {bars}   {stroke} {line}", " ".repeat(MARGIN));
    }
}

fn cell(bar: f64, line: f64, low: f64, high: f64, paint: Paint) -> String {
    if line > low && line <= high {
        return paint.tone(Tone::Required, "━");
    }
    let eighths = (((bar - low) / (high - low)).clamp(0.0, 1.0) * 8.0).round() as usize;
    paint.tone(Tone::Scheduled, EIGHTHS[eighths])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_and_line_stand_at_their_height() {
        let marks = vec![(0.0, "0 s".to_owned()), (0.5, "crowded".to_owned()), (0.75, "1 s".to_owned()), (1.0, "2 s".to_owned())];
        let chart = Chart { bars: vec![1.0, 0.5, 0.25, 0.0], line: vec![0.95, 0.65, 0.35, 0.05], top: 1.0, marks };
        let mut out = String::new();
        chart.draw(&mut out, Paint::plain());
        let rows: Vec<&str> = out.lines().collect();
        assert_eq!(rows[0], "  100 % ┤━");
        assert_eq!(rows[3], "        │█━", "the line stands at 65 % over a bar of 50 %");
        assert_eq!(rows[5], "        │██");
        assert_eq!(rows[7], "        │██▄");
        assert_eq!(rows[9], "        │███━");
        assert_eq!(rows[10], "        └┬─┬┬┬");
        assert_eq!(rows[11], "         0 s 2 s", "labels that would touch are left out");
    }
}
