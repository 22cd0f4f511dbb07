//! This program's side of the comparison with Python's simulators and calculators: times two cases and prints JSON.
//!
//! The case of twelve servers, simulated, and the requirement of a week of quarter hours by Erlang C. `tests/peers/compare.py` runs it.

use std::hint::black_box;
use std::time::Instant;

use fika_model::calendar::Timestamp;
use fika_model::demand::{LoadModel, StaffingModel, StaffingPolicy};
use fika_model::forecast::IntervalForecast;
use fika_model::rules::WellbeingPolicy;
use fika_model::{Curve, Fraction, Grid, IntervalLength, ServiceLevelFormula};
use fika_simulation::{Arrivals, Group, Queue, RunSettings, Scenario, Serves, Times, run};
use fika_staffing::requirement;

const HANDLING_S: f64 = 240.0;
/// Times the week is worked out, since once is too short for a clock.
const WEEKS: u32 = 200;

fn twelve_servers() -> Scenario {
    let queue = Queue::plain("calls", Arrivals::Expected(vec![4.2 * 480.0]), Times::exponential(120.0));
    let agents = Group { name: "agents".to_owned(), serves: vec![Serves::queue(0)], heads: vec![12], heads_after: None };
    Scenario { queues: vec![queue], groups: vec![agents], ..Scenario::plain(28_800.0, 1) }
}

/// On one core and on all of them.
fn simulation() -> serde_json::Value {
    let days = |replications, workers| run(&twelve_servers(), &RunSettings { replications, seed: 1, workers }).expect("a legal scenario");
    let timed = |workers| {
        let began = Instant::now();
        let report = days(1000, workers);
        (began.elapsed().as_secs_f64(), report)
    };
    // What a process loads first is not counted, as the others' imports are not.
    days(100, 1);
    let (seconds, report) = timed(1);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (seconds_all_cores, _) = timed(cores);
    let level = report.total.whole.service_level(ServiceLevelFormula::AbandonsNegative).expect("calls");
    serde_json::json!({
        "seconds": seconds,
        "seconds_all_cores": seconds_all_cores,
        "cores": cores,
        "calls": report.simulated_calls,
        "service_level": level.mean,
        "half_width": (level.high - level.low) / 2.0,
    })
}

/// A week of quarter hours with 20 to 380 calls, day after day: a centre of about 110 agents at its peak.
fn week() -> serde_json::Value {
    let calls: Vec<f64> = (0..672).map(|n| (200.0 - 180.0 * (f64::from(n % 96) / 96.0 * std::f64::consts::TAU).cos()).round()).collect();
    let cell = |calls: &f64| IntervalForecast { calls_mean: *calls, calls_sd: calls.sqrt(), aht_s: HANDLING_S };
    let start = Timestamp::from_second(1_800_000_000).expect("a time");
    let grid = Grid::new(start, IntervalLength::new(15).expect("an interval"), calls.len() as u32);
    let curve = Curve::new(grid, calls.iter().map(cell).collect()).expect("a curve");
    let policy = StaffingPolicy { model: StaffingModel::ErlangC, load: LoadModel::Stationary, ..StaffingPolicy::default() };
    let wellbeing = WellbeingPolicy { occupancy_ceiling: Fraction::ONE, ..WellbeingPolicy::default() };
    let began = Instant::now();
    for _ in 0..WEEKS {
        black_box(requirement(black_box(&curve), None, &policy, &wellbeing));
    }
    let seconds = began.elapsed().as_secs_f64() / f64::from(WEEKS);
    let required = requirement(&curve, None, &policy, &wellbeing);
    let positions: Vec<u32> = required.values().iter().map(|required| required.phones).collect();
    serde_json::json!({ "seconds": seconds, "calls": calls, "aht_s": HANDLING_S, "interval_s": 900, "positions": positions })
}

#[allow(clippy::print_stdout, reason = "a program of its own")]
fn main() {
    println!("{}", serde_json::json!({ "simulation": simulation(), "week": week() }));
}
