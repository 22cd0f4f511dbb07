//! Two panels a queue: how long callers stay patient, and how long calls take, each observed and fitted.
//!
//! A pure drawing: same findings, same bytes. Its size does not grow with the number of calls.

use std::fmt::Write;

use fika_staffing::{HandlingFit, PatienceFit};

use super::axis::{Scale, label};
use super::bins::Histogram;
use super::findings::{Finding, band_at, densities_at, exponential_at, survival_at};

const WIDTH: f64 = 1170.0;
/// Height of one queue's two panels, with titles and axes.
const ROW: f64 = 330.0;
const PANEL_WIDTH: f64 = 500.0;
const PANEL_HEIGHT: f64 = 220.0;
/// From the upper edge of a row to that of its panels: two lines of text.
const ABOVE: f64 = 58.0;
const PATIENCE_LEFT: f64 = 56.0;
const HANDLING_LEFT: f64 = 640.0;
/// Of a longer name the rest is left out.
const LONGEST_NAME: usize = 24;
const OBSERVED: &str = "#1f6fb2";
const BARS: &str = "#bcd6ec";
const FITTED: &str = "#c8501e";
const LOG_NORMAL: &str = "#8a3f9e";

/// Draws all findings, one below the other.
pub(super) fn svg(findings: &[Finding], confidence: f64) -> String {
    let height = ROW * findings.len() as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Patience and handling times</title>\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (n, finding) in findings.iter().enumerate() {
        let top = ROW * n as f64 + ABOVE;
        let name = escaped(&shortened(finding.name()));
        let patience = Panel { left: PATIENCE_LEFT, top, scale: Scale::reaching(finding.longest_drawn_s), most: 1.0 };
        match &finding.patience {
            Ok(fit) => survival(&mut out, &patience, &name, fit, confidence),
            Err(error) => patience.unknown(&mut out, &format!("{name}: patience"), &error.to_string()),
        }
        match (&finding.handling, &finding.histogram) {
            (Ok(fit), Some(histogram)) => handling(&mut out, top, &name, fit, histogram),
            (Err(error), _) => {
                let panel = Panel { left: HANDLING_LEFT, top, scale: Scale::reaching(1.0), most: 1.0 };
                panel.unknown(&mut out, &format!("{name}: handling time"), &error.to_string());
            }
            (Ok(_), None) => {}
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Where times and shares lie.
#[derive(Debug, Clone, Copy)]
struct Panel {
    left: f64,
    top: f64,
    scale: Scale,
    /// The share at the upper edge.
    most: f64,
}

impl Panel {
    fn x(&self, seconds: f64) -> f64 {
        self.left + PANEL_WIDTH * self.scale.place_of(seconds)
    }

    fn y(&self, share: f64) -> f64 {
        self.top + PANEL_HEIGHT * (1.0 - (share / self.most).clamp(0.0, 1.0))
    }

    fn title(&self, out: &mut String, title: &str) {
        let _ = writeln!(out, r#"<text x="{}" y="{}" font-size="14">{title}</text>"#, self.left, self.top - 32.0);
    }

    fn unknown(&self, out: &mut String, title: &str, reason: &str) {
        self.title(out, title);
        let y = self.top + PANEL_HEIGHT / 2.0;
        let _ = writeln!(out, r##"<text x="{}" y="{y}" fill="#555">not known: {}</text>"##, self.left, escaped(reason));
    }

    fn axes(&self, out: &mut String, under: &str) {
        let (left, right, floor) = (self.left, self.left + PANEL_WIDTH, self.top + PANEL_HEIGHT);
        let step = share_step(self.most);
        for n in 0..=(self.most / step + 1e-9) as u32 {
            let (share, y) = (f64::from(n) * step, self.y(f64::from(n) * step));
            let _ = writeln!(out, r##"<path d="M{left} {y:.1}H{right}" stroke="#e2e2e2"/>"##);
            let percent = (share * 1000.0).round() / 10.0;
            let _ = writeln!(out, r##"<text x="{}" y="{:.1}" text-anchor="end" fill="#555">{percent} %</text>"##, left - 6.0, y + 4.0);
        }
        for (place, text) in self.scale.marks() {
            let x = left + PANEL_WIDTH * place;
            let _ = writeln!(out, r##"<path d="M{x:.1} {floor}v4" stroke="#555"/>"##);
            let _ = writeln!(out, r##"<text x="{x:.1}" y="{}" text-anchor="middle" fill="#555">{text}</text>"##, floor + 17.0);
        }
        let _ = writeln!(out, r##"<text x="{right}" y="{}" text-anchor="end" fill="#555">{under}</text>"##, floor + 34.0);
    }

    fn legend(&self, out: &mut String, entries: &[(&str, &str)]) {
        let mut x = self.left;
        for (colour, text) in entries {
            let y = self.top - 14.0;
            let _ = writeln!(out, r#"<rect x="{x:.0}" y="{}" width="12" height="9" fill="{colour}"/>"#, y - 9.0);
            let _ = writeln!(out, r#"<text x="{:.0}" y="{y}">{text}</text>"#, x + 17.0);
            x += 30.0 + 5.9 * text.chars().count() as f64;
        }
    }

    /// Times a pixel apart, left to right.
    fn times(&self) -> impl Iterator<Item = f64> + '_ {
        (0..=PANEL_WIDTH as u32).map(|pixel| self.scale.seconds_at(f64::from(pixel) / PANEL_WIDTH))
    }

    /// The points of a curve, without the letter of the first.
    fn points(&self, times: impl Iterator<Item = f64>, share: impl Fn(f64) -> f64) -> String {
        let points = times.map(|seconds| format!("{:.1} {:.1}", self.x(seconds), self.y(share(seconds))));
        points.collect::<Vec<_>>().join("L")
    }

    fn curve(&self, out: &mut String, colour: &str, dashed: bool, share: impl Fn(f64) -> f64) {
        let dash = if dashed { r#" stroke-dasharray="6 4""# } else { "" };
        let points = self.points(self.times().step_by(4), share);
        let _ = writeln!(out, r#"<path d="M{points}" fill="none" stroke="{colour}" stroke-width="1.8"{dash}/>"#);
    }
}

fn survival(out: &mut String, panel: &Panel, name: &str, fit: &PatienceFit, confidence: f64) {
    let mean = fit.mean_s.map_or_else(
        || format!("mean above {:.0} s", fit.mean_s_low),
        |mean_s| format!("mean {mean_s:.0} s ({:.0} to {:.0})", fit.mean_s_low, fit.mean_s_high),
    );
    panel.title(out, &format!("{name}: patience, {mean}; {} of {} gave up", fit.abandoned, fit.calls));
    panel.axes(out, "waited");
    let upper = panel.points(panel.times(), |wait_s| band_at(fit, wait_s, confidence).1);
    let backwards: Vec<f64> = panel.times().collect();
    let lower = panel.points(backwards.into_iter().rev(), |wait_s| band_at(fit, wait_s, confidence).0);
    let _ = writeln!(out, r#"<path d="M{upper}L{lower}Z" fill="{OBSERVED}" fill-opacity="0.22"/>"#);
    let mut steps = format!("M{:.1} {:.1}", panel.left, panel.y(1.0));
    let mut last = 1.0;
    for wait_s in panel.times() {
        let share = survival_at(fit, wait_s);
        if share < last {
            let _ = write!(steps, "H{:.1}V{:.1}", panel.x(wait_s), panel.y(share));
            last = share;
        }
    }
    let right = panel.left + PANEL_WIDTH;
    let _ = writeln!(out, r#"<path d="{steps}H{right}" fill="none" stroke="{OBSERVED}" stroke-width="1.8"/>"#);
    let band = format!("still patient (Kaplan-Meier, {} % band)", (confidence * 10_000.0).round() / 100.0);
    let mut entries = vec![(OBSERVED, band.as_str())];
    if let Some(mean_s) = fit.mean_s {
        panel.curve(out, FITTED, true, |wait_s| exponential_at(mean_s, wait_s));
        entries.push((FITTED, "exponential"));
    }
    panel.legend(out, &entries);
}

fn handling(out: &mut String, top: f64, name: &str, fit: &HandlingFit, histogram: &Histogram) {
    let (from_s, to_s) = histogram.ends_s();
    let per_doubling = std::f64::consts::LN_2;
    let scale = Scale::Logarithmic { from_s, to_s };
    let panel = Panel { left: HANDLING_LEFT, top, scale, most: 1.0 };
    let log_normal = |seconds: f64| densities_at(fit, seconds).0 * per_doubling;
    let exponential = |seconds: f64| densities_at(fit, seconds).1 * per_doubling;
    let curves = panel.times().map(|seconds| log_normal(seconds).max(exponential(seconds)));
    let most = histogram.densities().map(|density| density * per_doubling).chain(curves).fold(0.0, f64::max);
    let panel = Panel { most: most * 1.04, ..panel };
    let (mean, median) = (fit.sample_mean_s, fit.sample_median_s);
    let mean = format!("mean {:.0} s ({:.0} to {:.0})", mean.value, mean.low, mean.high);
    panel.title(out, &format!("{name}: handling time, {mean}, median {median:.0} s"));
    panel.axes(out, "handling time, logarithmic");
    for ((edges, share), density) in histogram.edges_s.windows(2).zip(&histogram.shares).zip(histogram.densities()) {
        let (x, y) = (panel.x(edges[0]), panel.y(density * per_doubling));
        let (width, height) = (panel.x(edges[1]) - x, panel.top + PANEL_HEIGHT - y);
        let tip = format!("{} to {}: {:.2} % of the calls", label(edges[0]), label(edges[1]), share * 100.0);
        let _ = writeln!(
            out,
            r##"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="{BARS}" stroke="#fff" stroke-width="0.5"><title>{tip}</title></rect>"##
        );
    }
    panel.curve(out, LOG_NORMAL, false, log_normal);
    panel.curve(out, FITTED, true, exponential);
    let off = |distance: f64| format!("{:.1} points off", distance * 100.0);
    let log_normal = format!("log-normal, {}", off(fit.distance));
    let exponential = format!("exponential, {}", off(fit.exponential_distance));
    panel.legend(out, &[(BARS, "calls by doubling"), (LOG_NORMAL, &log_normal), (FITTED, &exponential)]);
}

/// A round step of shares that gives two to six lines.
fn share_step(most: f64) -> f64 {
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5].into_iter().find(|step| most / step < 6.5).unwrap_or(1.0)
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME { name.to_owned() } else { name.chars().take(LONGEST_NAME - 1).chain(['…']).collect() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fika_model::QueueId;
    use fika_staffing::Wait;

    use super::*;
    use crate::commands::fit::calls::Observed;
    use crate::commands::fit::findings::{Settings, findings};

    #[test]
    fn every_queue_has_two_panels_or_a_reason() {
        let waits = vec![Wait { seconds: 30.0, abandoned: true }, Wait { seconds: 60.0, abandoned: false }];
        let known = Observed { waits: waits.clone(), handling_s: vec![60.0, 90.0, 200.0], ..Observed::default() };
        let silent = Observed { waits, ..Observed::default() };
        let queue = |name: &str| QueueId::new(name).expect("an id");
        let queues = BTreeMap::from([(queue("a<b"), known), (queue("c"), silent)]);
        let picture = svg(&findings(&queues, Settings { confidence: 0.95, shortest_s: 0.0 }), 0.95);
        for part in ["a&lt;b: patience, mean 90 s", "c: patience", "a&lt;b: handling time, mean 117 s", "c: handling time", "not known: 0 "]
        {
            assert!(picture.contains(part), "{part} is missing in {picture}");
        }
        assert!(!picture.contains("NaN") && !picture.contains("inf"), "{picture}");
    }

    #[test]
    fn long_names_are_cut() {
        let name = "x".repeat(LONGEST_NAME);
        assert_eq!((shortened(&name), shortened(&format!("{name}x")).chars().count()), (name.clone(), LONGEST_NAME));
    }

    #[test]
    fn shares_have_few_lines() {
        for (most, expected) in [(1.0, 0.2), (0.31, 0.05), (0.02, 0.01), (0.66, 0.2)] {
            assert!((share_step(most) - expected).abs() < 1e-9, "{most}: {}", share_step(most));
        }
    }
}
