//! The real bank, simulated: `bank-simulation DATA_DIR OUT.svg` plays January 1999 and holds the service level by hour against what
//! was measured, with a table on standard output and a picture.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use fika_model::{ServiceCounts, ServiceLevelFormula};
use fika_simulation::{RunSettings, run};
use fika_tests::january::{self, Staff};

/// Independent batches, each of so many months; their spread gives the intervals.
const BATCHES: u64 = 10;
const MONTHS: u32 = 5;
/// Student's 97.5 % quantile for nine degrees of freedom.
const STUDENT_9: f64 = 2.262;

/// Service level of one view: by hour and of the month, with half widths of the 95 % intervals, and the share abandoned.
struct View {
    name: &'static str,
    hours: Vec<Option<(f64, f64)>>,
    whole: (f64, f64),
    abandoned: f64,
}

fn level(counts: &ServiceCounts) -> Option<f64> {
    ServiceLevelFormula::AbandonsNegative.level(counts)
}

fn total(hours: &[ServiceCounts]) -> ServiceCounts {
    let mut sum = ServiceCounts::default();
    for counts in hours {
        sum.add(counts);
    }
    sum
}

fn abandoned(counts: &ServiceCounts) -> f64 {
    (counts.abandoned_within + counts.abandoned_late) / counts.offered()
}

fn mean_and_half_width(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, STUDENT_9 * (variance / n).sqrt())
}

fn view(calls: &[january::Call], seen: &[u32], staff: Staff, name: &'static str) -> View {
    let scenario = january::scenario(calls, seen, staff);
    let batches: Vec<Vec<ServiceCounts>> = (0..BATCHES)
        .map(|seed| {
            let report = run(&scenario, &RunSettings { replications: MONTHS, seed, workers: 2 }).expect("a legal scenario");
            let intervals: Vec<ServiceCounts> = report.total.intervals.iter().map(fika_simulation::CallTally::counts).collect();
            january::by_hour(&intervals)
        })
        .collect();
    let hour = |hour: usize| {
        let levels: Option<Vec<f64>> = batches.iter().map(|batch| level(&batch[hour])).collect();
        levels.map(|levels| mean_and_half_width(&levels))
    };
    let wholes: Vec<ServiceCounts> = batches.iter().map(|batch| total(batch)).collect();
    let levels: Vec<f64> = wholes.iter().filter_map(level).collect();
    View { name, hours: (0..24).map(hour).collect(), whole: mean_and_half_width(&levels), abandoned: abandoned(&total(&wholes)) }
}

fn table(measured: &[ServiceCounts], views: &[View]) -> String {
    let percent =
        |value: Option<(f64, f64)>| value.map_or("-".to_owned(), |(mean, half)| format!("{:.1} ± {:.1}", mean * 100.0, half * 100.0));
    let names: Vec<&str> = views.iter().map(|view| view.name).collect();
    let mut out = format!("| hour | offered | measured % | {} % |\n|---|---|---|{}\n", names.join(" % | "), "---|".repeat(views.len()));
    for (hour, counts) in measured.iter().enumerate() {
        let Some(real) = level(counts).filter(|_| counts.offered() >= 30.0) else { continue };
        let cells: Vec<String> = views.iter().map(|view| percent(view.hours[hour])).collect();
        let _ = writeln!(out, "| {hour:02} | {} | {:.1} | {} |", counts.offered(), real * 100.0, cells.join(" | "));
    }
    let all = total(measured);
    let cells: Vec<String> = views.iter().map(|view| percent(Some(view.whole))).collect();
    let _ = writeln!(out, "| all | {} | {:.1} | {} |", all.offered(), level(&all).unwrap_or(0.0) * 100.0, cells.join(" | "));
    let cells: Vec<String> = views.iter().map(|view| format!("{:.1}", view.abandoned * 100.0)).collect();
    let _ = writeln!(out, "| abandoned | | {:.1} | {} |", abandoned(&all) * 100.0, cells.join(" | "));
    let off = |view: &View| {
        let each = measured
            .iter()
            .zip(&view.hours)
            .filter_map(|(counts, hour)| Some((counts.offered(), (level(counts)? - hour.as_ref()?.0).abs())));
        each.map(|(calls, off)| calls * off).sum::<f64>() / all.offered() * 100.0
    };
    let cells: Vec<String> = views.iter().map(|view| format!("{:.1}", off(view))).collect();
    let _ = writeln!(out, "| off by, points, mean over calls | | | {} |", cells.join(" | "));
    out
}

fn picture(measured: &[ServiceCounts], views: &[View]) -> String {
    let x = |hour: usize| 50.0 + 36.0 * hour as f64;
    let y = |level: f64| 50.0 + 300.0 * (1.0 - level);
    let mut out = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 940 390\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>January 1999, simulated and measured</title>\n<rect width=\"940\" height=\"390\" fill=\"#fff\"/>\n",
    );
    for percent in (0..=100).step_by(20) {
        let at = y(f64::from(percent) / 100.0);
        let _ = writeln!(
            out,
            "<path d=\"M50 {at}H914\" stroke=\"#e2e2e2\"/><text x=\"44\" y=\"{}\" text-anchor=\"end\">{percent} %</text>",
            at + 4.0
        );
    }
    for hour in 0..24 {
        let _ = writeln!(out, "<text x=\"{}\" y=\"368\" text-anchor=\"middle\">{hour:02}</text>", x(hour) + 18.0);
    }
    let real: Vec<Option<(f64, f64)>> =
        measured.iter().map(|counts| level(counts).filter(|_| counts.offered() >= 30.0).map(|l| (l, 0.0))).collect();
    let lines = [("measured", "#222", &real)]
        .into_iter()
        .chain(views.iter().zip(["#1f6fb2", "#b2501f", "#3c8d4f", "#7d3c98"]).map(|(v, c)| (v.name, c, &v.hours)));
    for (n, (name, colour, hours)) in lines.enumerate() {
        let shown = (0..24).filter(|hour| real[*hour].is_some());
        let (mut line, mut bars) = (String::new(), String::new());
        for hour in shown {
            let Some((mean, half)) = hours[hour] else { continue };
            let (at, middle) = (y(mean), x(hour) + 18.0);
            let _ = write!(line, "{}{middle} {at:.1}", if line.is_empty() { "M" } else { "L" });
            let _ = write!(bars, "M{middle} {:.1}V{:.1}", y(mean - half), y(mean + half));
        }
        let _ = writeln!(
            out,
            "<path d=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/><path d=\"{bars}\" stroke=\"{colour}\"/>"
        );
        let (at, row) = (50 + n % 3 * 290, 14 + n / 3 * 17);
        let _ = writeln!(
            out,
            "<rect x=\"{at}\" y=\"{row}\" width=\"14\" height=\"10\" fill=\"{colour}\"/><text x=\"{}\" y=\"{}\">{name}</text>",
            at + 20,
            row + 9
        );
    }
    out.push_str("</svg>\n");
    out
}

#[allow(clippy::print_stdout, reason = "a program of its own")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, picture_file] = &arguments[..] else {
        eprintln!("usage: bank-simulation DATA_DIR OUT.svg");
        return ExitCode::from(2);
    };
    let folder = Path::new(folder);
    let (calls, seen) = match (january::calls(folder), january::seen(folder)) {
        (Ok(calls), Ok(seen)) => (calls, seen),
        (Err(error), _) | (_, Err(error)) => {
            eprintln!("the bank's files in {} cannot be read: {error}", folder.display());
            return ExitCode::FAILURE;
        }
    };
    let measured = january::by_hour(&january::measured(&calls));
    let views = [
        view(&calls, &seen, Staff::Seen, "agents seen per half hour"),
        view(&calls, &seen, Staff::Spells, "agents from call to call"),
        view(&calls, &seen, Staff::Pausing, "with skills and time between calls"),
        view(&calls, &seen, Staff::Uneven, "and each half hour's handling times"),
    ];
    print!("{}", table(&measured, &views));
    if let Err(error) = std::fs::write(picture_file, picture(&measured, &views)) {
        eprintln!("{picture_file} cannot be written: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
