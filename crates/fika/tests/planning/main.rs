//! What is said about rosters, through the binary: compare, what if, explain, repair.

mod activities;
mod carry;
mod compare;
mod explain;
mod fairness;
mod infeasible;
mod repair;
mod what_if;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fika_model::demand::DemandSource;
use fika_model::forecast::{IntervalForecast, QueueForecast};
use fika_model::{Curve, Request};
use fika_solver::generate;
use fika_wire::{convert, json};
use serde_json::Value;

/// Enough for a roster that keeps every promise.
const STEPS: &str = "1500";

/// A folder of this test alone, empty at the start.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("planning").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for files");
    folder
}

/// Runs a command, expects its exit code, gives what it printed.
#[track_caller]
fn fika(folder: &Path, arguments: &[&str], code: i32) -> (String, String) {
    let run = |arguments: &[&str]| -> Output {
        Command::new(env!("CARGO_BIN_EXE_fika")).args(arguments).current_dir(folder).output().expect("the binary runs")
    };
    let output = run(arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "out: {out}\nerr: {err}");
    (out, err)
}

#[track_caller]
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn generated(agents: usize, load: f64) -> Request {
    let settings = generate::Settings { agents, queues: 1, days: 7, load, seed: 3 };
    generate::request(&settings).expect("a request")
}

/// The same with calls, so many an interval from nine to five.
fn with_calls(agents: usize, calls_mean: f64) -> Request {
    let request = generated(agents, 0.9);
    let mut parts = (*request).clone();
    let office = |n: usize| (36..68).contains(&(n % 96)) && n < 480;
    let cell = |n: usize| {
        if office(n) { IntervalForecast { calls_mean, calls_sd: calls_mean.sqrt(), aht_s: 240.0 } } else { IntervalForecast::default() }
    };
    let forecasts = parts.queues.iter().map(|queue| QueueForecast {
        queue: queue.id.clone(),
        intervals: Curve::from_fn(request.grid(), |index| cell(index.get())),
        patience_s: Some(180.0),
        day_factor_cv: 0.1,
        aht_cv: 1.0,
        history_days: 56,
    });
    parts.demand = DemandSource::Forecast(forecasts.collect());
    Request::check(parts).expect("a sound request")
}

fn write(path: &Path, request: &Request) {
    fs::write(path, json::write_pretty(&convert::request_message(request))).expect("a file");
}

/// The example of a day with calls, and its path.
fn day() -> String {
    format!("{}/../../tests/examples/day.json", env!("CARGO_MANIFEST_DIR"))
}
