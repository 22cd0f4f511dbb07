//! A simulation as people read it: a line a queue, the formulas side by side, breaks, and what was published.

use std::fmt::Write;

use fika_model::ServiceLevelFormula;
use fika_simulation::{Better, BreakReport, Comparison, Estimate, Report, SliceReport};

use super::Played;
use super::against::{Agreement, Verdict};
use super::subject::Subject;
use crate::paint::{Paint, Tone};
use crate::scenario_file::{Figure, Place};
use crate::summary::thousands;

/// Everything, with a final newline.
pub(super) fn told(subject: &Subject, played: &Played, formula: ServiceLevelFormula, verdicts: &[Verdict], paint: Paint) -> String {
    let mut out = String::new();
    match played {
        Played::One(report) => {
            head(&mut out, &subject.title, report, paint);
            body(&mut out, subject, report, formula, paint);
        }
        Played::Two(comparison) => {
            head(&mut out, &subject.title, &comparison.first, paint);
            let _ = writeln!(out, "{}", paint.tone(Tone::Strong, "the first"));
            body(&mut out, subject, &comparison.first, formula, paint);
            let _ = writeln!(out, "{}", paint.tone(Tone::Strong, "the second, under the same calls"));
            body(&mut out, subject, &comparison.second, formula, paint);
            let _ = writeln!(out, "{}", compared(comparison, paint));
        }
    }
    published(&mut out, subject, verdicts, paint);
    out
}

fn head(out: &mut String, title: &str, report: &Report, paint: Paint) {
    let days = if report.total.days.len() == 1 { String::new() } else { format!(" of {} days", report.total.days.len()) };
    let (replications, seed) = (thousands(u64::from(report.replications)), report.seed);
    let _ = writeln!(out, "{}", paint.tone(Tone::Strong, title));
    let _ = writeln!(out, "  {replications} replications{days}, seed {seed}; brackets hold 95 %, over replications");
}

fn body(out: &mut String, subject: &Subject, report: &Report, formula: ServiceLevelFormula, paint: Paint) {
    let names = rows(subject, report);
    let width = width(&names);
    let heading = format!(
        "  {:<width$} {:>11}  {:<25}{:<25}{:<25}{:<25}",
        "", "offered", "service level", "speed of answer, s", "abandoned", "occupancy"
    );
    let _ = writeln!(out, "{}", paint.tone(Tone::Faint, heading.trim_end()));
    for (name, slice) in names {
        let tally = &slice.whole;
        let level = tally.service_level(formula);
        let cells = [share(level), seconds(tally.asa_s()), share(tally.abandonment()), share(slice.load.whole.occupancy())];
        let padded = cells.map(|cell| format!("{cell:<25}")).concat();
        let _ = writeln!(out, "  {name:<width$} {:>11}  {}", count(tally.offered().mean), padded.trim_end());
    }
    waiting(out, subject, report, paint);
    formulas(out, &report.total, formula, subject.target, paint);
    groups(out, subject, report);
    days(out, &report.total, formula);
    if report.breaks.taken().mean > 0.0 {
        let _ = writeln!(out, "  breaks: {}", breaks(&report.breaks));
    }
    aside(out, report);
}

/// What those who wait see, where anybody waits.
fn waiting(out: &mut String, subject: &Subject, report: &Report, paint: Paint) {
    if report.total.whole.waited().mean <= 0.0 {
        return;
    }
    let width = width(&rows(subject, report));
    let heading =
        format!("  {:<width$} {:>11}  {:<25}{:<25}{:<25}{:<25}", "", "", "waited", "wait if any, s", "calls waiting", "at most at once");
    let _ = writeln!(out, "{}", paint.tone(Tone::Faint, heading.trim_end()));
    let number = |estimate: Estimate| interval(estimate, &|value| format!("{value:.2}"));
    for (name, slice) in rows(subject, report) {
        let tally = &slice.whole;
        let one = slice.queues.len() == 1 || slice.queues.len() == report.queues.len();
        let most = if one { number(slice.longest_queue()) } else { String::new() };
        let cells = [share(tally.waited_share()), seconds(tally.wait_of_waiting_s()), number(slice.queue_length()), most];
        let padded = cells.map(|cell| format!("{cell:<25}")).concat();
        let _ = writeln!(out, "  {name:<width$} {:>11}  {}", "", padded.trim_end());
    }
}

/// The occupancy of each group, where there are several.
fn groups(out: &mut String, subject: &Subject, report: &Report) {
    if report.groups.len() < 2 {
        return;
    }
    let _ = writeln!(out, "  occupancy of the groups, and agents on the phones");
    let width = subject.scenario.groups.iter().map(|group| group.name.chars().count()).max().unwrap_or(0).clamp(8, 40);
    for (load, group) in report.groups.iter().zip(&subject.scenario.groups) {
        let staffed = count(load.staffed_agents().mean);
        let _ = writeln!(out, "    {:<width$}  {:<25}{staffed}", group.name, share(load.whole.occupancy()));
    }
}

fn width(rows: &[(String, &SliceReport)]) -> usize {
    rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).clamp(8, 40)
}

/// Queues, pools of several, and all of them where there are several.
fn rows<'a>(subject: &Subject, report: &'a Report) -> Vec<(String, &'a SliceReport)> {
    let name = |queue: &usize| subject.scenario.queues.get(*queue).map_or("", |queue| queue.name.as_str());
    let mut rows: Vec<(String, &SliceReport)> = report.queues.iter().enumerate().map(|(n, slice)| (name(&n).to_owned(), slice)).collect();
    let several = |pool: &&SliceReport| pool.queues.len() > 1 && pool.queues.len() < report.queues.len();
    rows.extend(report.pools.iter().filter(several).map(|pool| (pool.queues.iter().map(name).collect::<Vec<_>>().join("+"), pool)));
    if report.queues.len() > 1 {
        rows.push(("all".to_owned(), &report.total));
    }
    rows
}

fn formulas(out: &mut String, total: &SliceReport, formula: ServiceLevelFormula, target: Option<f64>, paint: Paint) {
    let _ = writeln!(out, "  service level of all, by formula");
    for each in ServiceLevelFormula::ALL {
        let level = total.whole.service_level(each);
        let mut line = format!("    {:<24}{}", each.name(), share(level));
        if each == formula
            && let (Some(level), Some(target)) = (level, target)
        {
            let promised = format!("  promised {}", percent(target));
            let tone = if level.mean >= target { Tone::Good } else { Tone::Bad };
            line += &paint.tone(tone, &promised);
        }
        let _ = writeln!(out, "{line}");
    }
}

fn days(out: &mut String, total: &SliceReport, formula: ServiceLevelFormula) {
    let quantile = |share| total.day_quantile(formula, share);
    if let (Some(tenth), Some(half), Some(ninth)) = (quantile(0.1), quantile(0.5), quantile(0.9)) {
        let (tenth, half, ninth) = (percent(tenth), percent(half), percent(ninth));
        let _ = writeln!(out, "  single days: one of ten below {tenth}, half below {half}, one of ten above {ninth}");
    }
}

fn breaks(breaks: &BreakReport) -> String {
    let mut text = format!("{} a replication", count(breaks.taken().mean));
    if let (Some(late), Some(delay)) = (breaks.delayed_share(), breaks.mean_delay_s()) {
        let _ = write!(
            text,
            "; a running call makes {} late, by {} s on average of all, {:.0} s at most; each keeps its full length",
            share(Some(late)),
            seconds(Some(delay)),
            breaks.longest_delay_s
        );
    }
    let classes = breaks.delay_classes.iter().filter(|(limit, _)| *limit > 0.0 && limit.is_finite());
    let mut within = breaks.delay_classes.first().map_or(0.0, |(_, share)| *share);
    let mut parts = Vec::new();
    for (limit_s, share) in classes {
        within += share;
        parts.push(format!("{} within {:.0} min", percent(within), limit_s / 60.0));
    }
    let _ =
        write!(text, "\n          begun on time {}, {}", percent(breaks.delay_classes.first().map_or(0.0, |(_, s)| *s)), parts.join(", "));
    text
}

/// What is worth a word only when there is any.
fn aside(out: &mut String, report: &Report) {
    let blocked = report.total.whole.blocked();
    if blocked.mean > 0.0 {
        let _ = writeln!(out, "  busy tone: {} callers a replication", interval(blocked, &count));
    }
    for (number, text) in [
        (report.further_attempts, "attempts after the first"),
        (report.follow_ups, "calls of callers who were served before"),
        (report.recoveries, "recoveries after hard calls"),
        (report.cut, "calls that nobody was left to answer, counted as abandoned"),
    ] {
        if number.mean > 0.0 {
            let _ = writeln!(out, "  {text}: {} a replication", interval(number, &count));
        }
    }
}

fn compared(comparison: &Comparison, paint: Paint) -> String {
    let (Some(difference), Some(confidence)) = (comparison.difference, comparison.confidence) else {
        return "  nothing to compare: there are no calls".to_owned();
    };
    let points = |value: f64| format!("{:+.2}", value * 100.0);
    let verdict = match comparison.better() {
        Better::First => paint.tone(Tone::Good, "the first is better"),
        Better::Second => paint.tone(Tone::Good, "the second is better"),
        Better::NotClear => "neither is clearly better at this number of replications".to_owned(),
    };
    format!(
        "  second minus first: {} points of service level ({} to {}), {}: {verdict}; the sign is {:.2} % sure",
        points(difference.mean),
        points(difference.low),
        points(difference.high),
        comparison.formula.name(),
        // Certainty is never quite reached.
        (confidence * 100.0).min(99.99)
    )
}

fn published(out: &mut String, subject: &Subject, verdicts: &[Verdict], paint: Paint) {
    if verdicts.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", paint.tone(Tone::Strong, "against what was published"));
    for verdict in verdicts {
        let number = |value: f64| significant(value);
        let span = |(low, high): (f64, f64)| format!("[{}, {}]", number(low), number(high));
        let mean = verdict.published.mean.map(number).unwrap_or_default();
        let between = verdict.published.interval.map(span).unwrap_or_default();
        let found = verdict.found.map_or_else(|| "nothing".to_owned(), |f| format!("{} {}", number(f.mean), span((f.low, f.high))));
        let tone = if verdict.agreement.is_met() { Tone::Good } else { Tone::Bad };
        let word = paint.tone(tone, verdict.agreement.word());
        let what = what(subject, verdict);
        let _ = writeln!(out, "  {what}: published {}, found {found}: {word}", format!("{mean} {between}").trim());
    }
    if verdicts.iter().any(|verdict| verdict.agreement == Agreement::WithinChance) {
        let _ = writeln!(out, "  within chance: both are estimates, and they differ by no more than 95 % of such pairs do");
    }
}

/// The name of a published figure.
pub(super) fn what(subject: &Subject, verdict: &Verdict) -> String {
    let queue = |n: usize| subject.scenario.queues.get(n).map_or("", |queue| queue.name.as_str());
    let figure = match verdict.published.figure {
        Figure::ServiceLevel(formula) => format!("service-level ({})", formula.name()),
        other => other.name().to_owned(),
    };
    match verdict.published.place {
        Place::Whole => figure,
        Place::Queue(n, None) => format!("{figure} of {}", queue(n)),
        Place::Queue(n, Some(interval)) => format!("{figure} of {} in interval {interval}", queue(n)),
        Place::Interval(interval) => format!("{figure} in interval {interval}"),
        Place::Group(n) => format!("{figure} of {}", subject.scenario.groups.get(n).map_or("", |group| group.name.as_str())),
    }
}

/// Five significant digits, without an exponent.
fn significant(value: f64) -> String {
    let magnitude = value.abs().max(1e-9).log10().floor() as i32;
    format!("{value:.*}", (4 - magnitude).clamp(0, 6) as usize)
}

fn count(value: f64) -> String {
    if value >= 1000.0 { thousands(value.round() as u64) } else { format!("{value:.1}") }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn interval(estimate: Estimate, show: &dyn Fn(f64) -> String) -> String {
    format!("{} ({} to {})", show(estimate.mean), show(estimate.low), show(estimate.high))
}

fn share(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(|| "none".to_owned(), |e| format!("{:.1} % ({:.1} to {:.1})", e.mean * 100.0, e.low * 100.0, e.high * 100.0))
}

fn seconds(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(|| "none".to_owned(), |e| interval(e, &|value| format!("{value:.1}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_five_digits() {
        for (value, text) in [(0.90172, "0.90172"), (58.6123, "58.612"), (4297.3, "4297.3"), (123_456.7, "123457"), (0.0, "0.000000")] {
            assert_eq!(significant(value), text);
        }
    }
}
