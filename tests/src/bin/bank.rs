//! The real bank, end to end: its calls of two months over the bus, the roster of the week after, and the figures of both.
//!
//! Prints a table for `BENCHMARKS.md`. Everything is done by the program itself, as a person would: serve, replay, request, verify, plot.

#![allow(clippy::print_stdout, reason = "it is a program, and its table is what it is for")]

use std::error::Error;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use fika_bus::BusAddress;
use fika_model::{RosterSummary, ServiceCounts, ServiceLevelFormula};
use fika_tests::bank::{counters, months, wait_until_counted};
use fika_tests::program::{Service, fika, scratch};
use fika_tests::repository::root;
use fika_wire::{convert, json};

/// What was measured on the way.
struct Run {
    events: u64,
    replay_s: f64,
    counted_s: f64,
    request_s: f64,
    measured: ServiceCounts,
    summary: RosterSummary,
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(months) = months() else {
        fika_tests::skipped("the bank's calls are not beside the repository");
        return Ok(());
    };
    let folder = scratch("bank-run");
    let run = run(&months, &folder)?;
    print(&run, &folder);
    Ok(())
}

fn run(months: &[String; 2], folder: &Path) -> Result<Run, Box<dyn Error>> {
    let file = |name: &str| folder.join(name).display().to_string();
    let bus_file = file("bus.sqlite");
    let request = root().join("tests/examples/bank.json").display().to_string();
    let service = Service::start(&["--bus", &bus_file], &[]);
    let began = Instant::now();
    let replayed = fika(&["replay", &months[0], &months[1], "--format", "anonymous-bank", "--json", "--bus", &bus_file]);
    let replay_s = began.elapsed().as_secs_f64();
    let replayed: serde_json::Value = serde_json::from_slice(&checked(replayed, "replay")?.stdout)?;
    let bus = fika_bus::open(&BusAddress::Embedded(folder.join("bus.sqlite")))?;
    if !wait_until_counted(&*bus, Duration::from_secs(300))? {
        return Err("the events were not counted in five minutes".into());
    }
    let counted_s = began.elapsed().as_secs_f64();
    let mut measured = ServiceCounts::default();
    counters(&*bus)?.values().for_each(|cell| measured.add(&cell.service()));
    let asked = Instant::now();
    checked(fika(&["request", &request, "-o", &file("roster.json"), "--bus", &bus_file]), "request")?;
    let request_s = asked.elapsed().as_secs_f64();
    service.stop();
    checked(fika(&["verify", &request, &file("roster.json")]), "verify")?;
    checked(fika(&["plot", &file("roster.json"), "-o", &file("day.svg")]), "plot")?;
    let bytes = std::fs::read(folder.join("roster.json"))?;
    let (_, summary) = json::read_then(&bytes, 1 << 28, |m: &fika_wire::proto::fika::v1::Roster| convert::parse_roster(m))?;
    let summary = summary.ok_or("the roster has no summary")?;
    let events = replayed["events"].as_u64().ok_or("the replay does not say how many events there were")?;
    Ok(Run { events, replay_s, counted_s, request_s, measured, summary })
}

fn checked(output: Output, what: &str) -> Result<Output, Box<dyn Error>> {
    if output.status.success() {
        return Ok(output);
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("fika {what} ended with {}:\n{out}{err}", output.status).into())
}

fn print(run: &Run, folder: &Path) {
    let (s, m) = (&run.summary, &run.measured);
    let share = |formula: ServiceLevelFormula| formula.level(m).map_or(0.0, |level| level * 100.0);
    let days = f64::from(s.shifts.max(1));
    println!("| figure | value |\n|---|---|");
    println!("| calls offered, January and February 1999 | {:.0} |", m.offered());
    println!("| answered within 20 s then, of offered | {:.1} % |", share(ServiceLevelFormula::AbandonsNegative));
    println!("| answered within 20 s then, of answered | {:.1} % |", share(ServiceLevelFormula::AnsweredOnly));
    if let Some(p) = s.service_level {
        let (mean, low, high, p10) = (p.mean * 100.0, p.interval.0 * 100.0, p.interval.1 * 100.0, p.p10 * 100.0);
        println!("| predicted for the roster, of offered | {mean:.1} % ({low:.1} to {high:.1}); nine days of ten above {p10:.1} % |");
    }
    println!("| required on the phones | {:.1} h |", s.required_minutes / 60.0);
    let (short, bound) = (s.shortfall_minutes / 60.0, s.shortfall_bound_minutes / 60.0);
    println!("| short of it, and proved unavoidable | {short:.1} h, {bound:.1} h |");
    println!("| paid | {:.1} h in {} shifts of 24 people |", s.paid_minutes as f64 / 60.0, s.shifts);
    println!("| breaks per agent-day | {:.1} min |", s.break_minutes as f64 / days);
    println!("| of them with two or more of the team | {:.1} min |", s.social_minutes as f64 / days);
    println!("| checks of the certificate | {} over {} rules, all held |", s.certificate.checks(), s.certificate.rules.len());
    println!(
        "| events | {} put on the bus in {:.1} s ({:.0}/s), all counted after {:.1} s |",
        run.events,
        run.replay_s,
        run.events as f64 / run.replay_s,
        run.counted_s
    );
    println!("| request to published roster | {:.1} s, {} steps |", run.request_s, s.steps);
    println!("\nThe roster and the board of its first day are in {}", folder.display());
}
