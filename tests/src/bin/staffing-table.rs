//! How far staffing rules keep their promise when calls vary over the day and from day to day: prints two tables in Markdown.

use std::process::ExitCode;

use fika_model::demand::{LoadModel, StaffingModel};
use fika_tests::staffed_day::{Day, Staffing};

const REPLICATIONS: u32 = 1000;

fn rules(quantile: bool) -> Vec<(&'static str, Staffing)> {
    let mean = |model, load| Staffing { model, load, quantile: None };
    let mut rules = vec![
        ("stationary, Erlang A", mean(StaffingModel::ErlangA, LoadModel::Stationary)),
        ("offered load, Erlang A", mean(StaffingModel::ErlangA, LoadModel::ModifiedOfferedLoad)),
        ("stationary, Erlang C", mean(StaffingModel::ErlangC, LoadModel::Stationary)),
    ];
    if quantile {
        let staffing = Staffing { model: StaffingModel::ErlangA, load: LoadModel::ModifiedOfferedLoad, quantile: Some(0.8) };
        rules.push(("offered load, Erlang A, 80 % quantile", staffing));
    }
    rules
}

#[allow(clippy::print_stdout, reason = "a program of its own")]
fn main() -> ExitCode {
    println!("| peak load, handling, interval | day factor | staffing | agent-hours | day | intervals > 2 points under | worst |");
    println!("|---|---|---|---|---|---|---|");
    let plain = [(6.7, 5.0, 15), (20.0, 15.0, 15), (50.0, 5.0, 15), (50.0, 5.0, 30)].map(|case| (case, 0.0));
    let random = [0.1, 0.2].into_iter().flat_map(|cv| [((6.7, 5.0, 15), cv), ((50.0, 5.0, 15), cv)]);
    for ((peak_erlangs, handling_minutes, interval_minutes), day_factor_cv) in plain.into_iter().chain(random) {
        let day = Day { peak_erlangs, handling_minutes, interval_minutes, day_factor_cv };
        for (name, staffing) in rules(day_factor_cv > 0.0) {
            let outcome = day.outcome(staffing, REPLICATIONS);
            println!(
                "| {peak_erlangs} erlangs, {handling_minutes} min, {interval_minutes} min | {day_factor_cv} | {name} \
                 | {:.1} | {:.3} | {} of {} | {:.3} |",
                outcome.agent_hours,
                outcome.day,
                outcome.missed(),
                outcome.intervals.len(),
                outcome.worst()
            );
        }
    }
    ExitCode::SUCCESS
}
