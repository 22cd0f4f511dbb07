//! What was found, for people: a line a queue, then curves of one queue or of all together.

use std::fmt::Write;

use fika_staffing::{Estimate, HandlingFit, PatienceFit};

use super::Answer;
use super::axis::{Scale, label};
use super::chart::{self, Chart};
use super::findings::{Finding, band_at, densities_at, exponential_at, survival_at};
use crate::paint::{Paint, Tone};
use crate::summary::thousands;

/// Waits at which the observed patience is held against the fitted one, in seconds.
const WAITS_S: [f64; 7] = [10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0];
/// Columns of a chart.
const COLUMNS: usize = 64;

/// Everything, with a final newline.
pub(super) fn told(answer: &Answer, paint: Paint) -> String {
    let mut out = String::new();
    let percent = round(answer.settings.confidence * 100.0, 2);
    if let [finding] = &answer.findings[..] {
        let title = format!("{}: {} calls", finding.name(), thousands(finding.calls));
        let _ = writeln!(out, "{}, brackets hold {percent} %", paint.tone(Tone::Strong, &title));
    } else {
        table(&mut out, &answer.findings, paint);
        let _ = writeln!(out, "  brackets hold {percent} %; `--queue` draws the curves of one queue");
    }
    if let Some(first) = answer.findings.first() {
        out.push('\n');
        patience(&mut out, first, answer.settings.confidence, paint);
        out.push('\n');
        handling(&mut out, first, paint);
        advice(&mut out, first, paint);
    }
    left_out(&mut out, answer);
    out
}

fn table(out: &mut String, findings: &[Finding], paint: Paint) {
    let width = findings.iter().map(|finding| finding.name().chars().count()).max().unwrap_or(0).clamp(8, 40);
    let rows = ["", "calls", "gave up", "mean patience, s", "mean handling, s", "median, s", "CV"];
    let [queue, calls, gave_up, patience, handling, median, cv] = rows;
    let heading = format!("  {queue:<width$} {calls:>9}  {gave_up:>7}  {patience:<22}{handling:<22}{median:>9}  {cv:>5}");
    let _ = writeln!(out, "{}", paint.tone(Tone::Strong, &heading));
    for finding in findings {
        let (name, calls) = (finding.name(), thousands(finding.calls));
        let gave_up = finding.patience.as_ref().map_or_else(|_| "-".to_owned(), |fit| percent(share(fit.abandoned, fit.calls)));
        let patience = finding.patience.as_ref().map_or_else(|_| "not known".to_owned(), mean_patience);
        let (handling, median, cv) = match &finding.handling {
            Ok(fit) => (estimate(fit.sample_mean_s, 0), figure(fit.sample_median_s, 0), figure(fit.sample_cv, 2)),
            Err(_) => ("not known".to_owned(), "-".to_owned(), "-".to_owned()),
        };
        let _ = writeln!(out, "  {name:<width$} {calls:>9}  {gave_up:>7}  {patience:<22}{handling:<22}{median:>9}  {cv:>5}");
    }
}

/// The mean patience with its interval, or how long it is at least.
fn mean_patience(fit: &PatienceFit) -> String {
    match fit.mean_s {
        Some(value) => estimate(Estimate { value, low: fit.mean_s_low, high: fit.mean_s_high }, 0),
        None => format!("above {}", figure(fit.mean_s_low, 0)),
    }
}

fn mean_in_words(fit: &PatienceFit) -> String {
    match fit.mean_s {
        Some(mean_s) => format!("mean {} s ({} to {})", figure(mean_s, 0), figure(fit.mean_s_low, 0), figure(fit.mean_s_high, 0)),
        None => format!("mean above {} s", figure(fit.mean_s_low, 0)),
    }
}

fn patience(out: &mut String, finding: &Finding, confidence: f64, paint: Paint) {
    let title = paint.tone(Tone::Strong, &format!("patience of {}", finding.name()));
    let fit = match &finding.patience {
        Ok(fit) => fit,
        Err(error) => {
            let _ = writeln!(out, "{title} is not known: {error}");
            return;
        }
    };
    let (gave_up, answered) = (thousands(fit.abandoned), thousands(fit.calls - fit.abandoned));
    let _ = writeln!(out, "{title}: {}; {gave_up} gave up, {answered} answered before", mean_in_words(fit));
    let Some(mean_s) = fit.mean_s else {
        let _ = writeln!(out, "  nobody gave up, so the mean is known only to be longer");
        return;
    };
    let scale = Scale::reaching(finding.longest_drawn_s);
    let waits_s: Vec<f64> = centres(scale).collect();
    let chart = Chart {
        bars: waits_s.iter().map(|wait_s| survival_at(fit, *wait_s)).collect(),
        line: waits_s.iter().map(|wait_s| exponential_at(mean_s, *wait_s)).collect(),
        top: 1.0,
        marks: scale.marks(),
    };
    chart.draw(out, paint);
    chart.legend(out, "callers still patient after so long", "exponential with this mean", paint);
    let _ = writeln!(out, "  {}", paint.tone(Tone::Faint, &format!("{:<16}{:<30}{}", "still patient", "observed", "exponential")));
    for wait_s in WAITS_S.into_iter().filter(|wait_s| *wait_s <= finding.longest_drawn_s) {
        let (low, high) = band_at(fit, wait_s, confidence);
        let observed = format!("{} ({} to {})", percent(survival_at(fit, wait_s)), percent(low), percent(high));
        let after = format!("after {}", label(wait_s));
        let _ = writeln!(out, "  {after:<16}{observed:<30}{}", percent(exponential_at(mean_s, wait_s)));
    }
}

fn handling(out: &mut String, finding: &Finding, paint: Paint) {
    let title = paint.tone(Tone::Strong, &format!("handling time of {}", finding.name()));
    let (fit, histogram) = match (&finding.handling, &finding.histogram) {
        (Ok(fit), Some(histogram)) => (fit, histogram),
        (Err(error), _) => {
            let _ = writeln!(out, "{title} is not known: {error}");
            return;
        }
        (_, None) => return,
    };
    let _ = writeln!(out, "{title}, of {} answered calls", thousands(fit.calls));
    let (from_s, to_s) = histogram.ends_s();
    let scale = Scale::Logarithmic { from_s, to_s };
    let densities: Vec<f64> = histogram.densities().collect();
    let class = |seconds: f64| histogram.edges_s.partition_point(|edge| *edge <= seconds).clamp(1, densities.len()) - 1;
    let bars: Vec<f64> = centres(scale).map(|seconds| densities[class(seconds)]).collect();
    let line: Vec<f64> = centres(scale).map(|seconds| densities_at(fit, seconds).0).collect();
    let top = bars.iter().chain(&line).fold(0.0_f64, |most, density| most.max(*density));
    let per_doubling = std::f64::consts::LN_2;
    let scaled = |densities: Vec<f64>| densities.into_iter().map(|density| density * per_doubling).collect();
    // Whole percents on every row of the chart.
    let top = f64::from(chart::ROWS) * (top * per_doubling * 100.0 / f64::from(chart::ROWS)).ceil() / 100.0;
    let chart = Chart { bars: scaled(bars), line: scaled(line), top, marks: scale.marks() };
    chart.draw(out, paint);
    chart.legend(out, "share of calls by doubling of the time", "log-normal", paint);
    laws(out, fit, paint);
}

fn laws(out: &mut String, fit: &HandlingFit, paint: Paint) {
    let row = |name: &str, cells: [&str; 4]| {
        let [mean, median, cv, off] = cells;
        format!("  {name:<13}{mean:<22}{median:<22}{cv:<22}{off}").trim_end().to_owned()
    };
    let heading = row("", ["mean, s", "median, s", "CV", "off by at most"]);
    let _ = writeln!(out, "{}", paint.tone(Tone::Faint, &heading));
    let (median, cv) = (figure(fit.sample_median_s, 0), figure(fit.sample_cv, 2));
    let _ = writeln!(out, "{}", row("observed", [&estimate(fit.sample_mean_s, 0), &median, &cv, ""]));
    let fitted = [estimate(fit.mean_s, 0), estimate(fit.median_s, 0), estimate(fit.cv, 2), points(fit.distance)];
    let _ = writeln!(out, "{}", row("log-normal", fitted.each_ref().map(String::as_str)));
    let mean_s = fit.sample_mean_s.value;
    let (mean, median) = (figure(mean_s, 0), figure(mean_s * std::f64::consts::LN_2, 0));
    let _ = writeln!(out, "{}", row("exponential", [&mean, &median, "1.00", &points(fit.exponential_distance)]));
    let nearer = if fit.distance <= fit.exponential_distance { "log-normal" } else { "exponential" };
    let _ = writeln!(out, "  the {nearer} distribution is nearer to what was observed");
}

/// The figures as `fika staff` takes them.
fn advice(out: &mut String, finding: &Finding, paint: Paint) {
    let (Ok(handling), Ok(PatienceFit { mean_s: Some(patience_s), .. })) = (&finding.handling, &finding.patience) else { return };
    // Without the short ones the mean is no longer that of all answered calls.
    if finding.unmeasured.too_short > 0 {
        return;
    }
    let flags = format!("fika staff --aht {:.0}s --patience {patience_s:.0}s", handling.sample_mean_s.value);
    let _ = writeln!(out, "\n  staffing takes these as: {}", paint.tone(Tone::Good, &flags));
}

fn left_out(out: &mut String, answer: &Answer) {
    let unmeasured = answer.findings.first().map(|finding| finding.unmeasured).unwrap_or_default();
    let mut words = Vec::new();
    for (count, what) in [
        (unmeasured.without_length, "answered calls of no length"),
        (unmeasured.unknown_length, "answered calls whose end is not known"),
        (unmeasured.too_short, "shorter ones than asked for"),
    ] {
        if count > 0 {
            words.push(format!("{} {what}", thousands(count)));
        }
    }
    if !words.is_empty() {
        let _ = writeln!(out, "  left out of the handling times: {}", words.join(", "));
    }
    if answer.heard.calls.excess > 0 {
        let _ = writeln!(out, "  {} events of calls that have too many are left out", thousands(answer.heard.calls.excess));
    }
    if answer.heard.faulty > 0 {
        let (faulty, records) = (thousands(answer.heard.faulty), thousands(answer.heard.records));
        let _ = writeln!(out, "  {faulty} of {records} records cannot be read and are left out; the first of them:");
        for (place, faults) in &answer.heard.shown {
            let _ = writeln!(out, "    {place}: {}", faults.to_string().replace('\n', "\n      "));
        }
    }
}

/// The times in the middle of each column.
fn centres(scale: Scale) -> impl Iterator<Item = f64> {
    (0..COLUMNS).map(move |n| scale.seconds_at((n as f64 + 0.5) / COLUMNS as f64))
}

fn share(part: u64, of: u64) -> f64 {
    if of > 0 { part as f64 / of as f64 } else { 0.0 }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn points(distance: f64) -> String {
    format!("{:.1} points", distance * 100.0)
}

fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

/// A number with so many decimals, and more where it is small.
fn figure(value: f64, decimals: usize) -> String {
    let decimals = if value < 10.0 { decimals.max(1) } else { decimals };
    format!("{value:.decimals$}")
}

fn estimate(estimate: Estimate, decimals: usize) -> String {
    let show = |value: f64| figure(value, decimals);
    format!("{} ({} to {})", show(estimate.value), show(estimate.low), show(estimate.high))
}
