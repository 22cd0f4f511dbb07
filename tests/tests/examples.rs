//! Every request among the examples: solved in few steps by the program itself and proved by `fika verify`; what it is an example of is there.

use std::path::Path;

use fika_model::demand::DemandSource;
use fika_model::forecast::{IntervalForecast, QueueForecast};
use fika_model::{Curve, Request};
use fika_tests::program::{fika, scratch};
use fika_tests::repository::{files, root};
use fika_wire::{convert, json};
use serde_json::Value;

/// Enough for rosters that keep every promise.
const STEPS: &str = "1500";

fn read(path: &Path) -> Request {
    let bytes = std::fs::read(path).expect("a file");
    let request = json::read_then(&bytes, json::MESSAGE_LIMIT_BYTES, convert::parse_request);
    request.unwrap_or_else(|faults| panic!("{}: {faults}", path.display()))
}

/// Forecasts for a request that takes its demand from history: a few calls from ten to four.
fn forecasts(request: &Request) -> String {
    let day = |n: usize| (40..64).contains(&(n % 96));
    let cell =
        |n: usize| if day(n) { IntervalForecast { calls_mean: 4.0, calls_sd: 2.0, aht_s: 200.0 } } else { IntervalForecast::default() };
    let forecast = |queue: &fika_model::request::Queue| QueueForecast {
        queue: queue.id.clone(),
        intervals: Curve::from_fn(request.grid(), |at| cell(at.get() * request.interval.minutes() as usize / 15)),
        patience_s: Some(180.0),
        day_factor_cv: 0.1,
        aht_cv: 1.0,
        history_days: 56,
    };
    let line = |queue| String::from_utf8(json::write(&convert::forecast_message(&request.id, &forecast(queue)))).expect("text") + "\n";
    request.queues.iter().map(line).collect()
}

fn solved(example: &Path, folder: &Path) -> Value {
    let request = read(example);
    let (example, roster) = (example.display().to_string(), folder.join("roster.json").display().to_string());
    let mut arguments = vec!["solve", &example, "--steps", STEPS, "--cut-rounds", "0", "--remedies", "0", "-o", &roster, "--json"];
    let history = folder.join("forecasts.jsonl").display().to_string();
    if matches!(request.demand, DemandSource::History { .. }) {
        std::fs::write(&history, forecasts(&request)).expect("a file");
        arguments.extend(["--forecast", &history]);
    }
    let solve = fika(&arguments);
    assert!(solve.status.success(), "{example}: {}", String::from_utf8_lossy(&solve.stderr));
    let verify = fika(&["verify", &example, &roster]);
    assert!(verify.status.success(), "{example}: {}", String::from_utf8_lossy(&verify.stdout));
    serde_json::from_slice(&solve.stdout).expect("a summary")
}

#[test]
fn every_example_is_solved_and_proved() {
    let examples = files(&root().join("tests/examples"), "json");
    let folder = scratch("examples");
    let named = |name: &str| examples.iter().any(|path| path.file_stem().is_some_and(|stem| stem == name));
    assert!(["activities", "bank", "day", "fairness", "queues"].iter().all(|name| named(name)), "{examples:?}");
    for example in &examples {
        let summary = solved(example, &folder);
        assert_eq!(summary["certificate"]["verdict"], "PROVED", "{}", example.display());
        let request = read(example);
        let outcomes = summary["activities"].as_array().map_or(0, Vec::len);
        assert_eq!(outcomes > 0, !request.activities.is_empty(), "{}", example.display());
        assert_eq!(summary["variety"].is_object(), request.limits_queues(), "{}", example.display());
    }
}
