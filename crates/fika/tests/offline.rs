//! `fika solve`, `fika verify` and the solve in a child process, through the binary.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fika_model::Request;
use fika_model::demand::DemandSource;
use fika_model::forecast::{IntervalForecast, QueueForecast};
use fika_model::grid::Curve;
use fika_solver::generate;
use fika_wire::{convert, json};
use serde_json::{Value, json};

/// Enough for a roster that keeps every promise.
const STEPS: &str = "1500";

/// A folder of this test alone, empty at the start.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for files");
    folder
}

fn fika(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fika")).args(arguments).current_dir(folder).output().expect("the binary runs")
}

#[track_caller]
fn done(output: &Output, code: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "out: {out}\nerr: {err}");
    (out, err)
}

fn generated() -> Request {
    let settings = generate::Settings { agents: 12, queues: 2, days: 7, load: 0.9, seed: 3 };
    generate::request(&settings).expect("a request")
}

/// The same request with its demand from history, and the history's forecast.
fn from_history() -> (Request, Vec<QueueForecast>) {
    let mut parts = (*generated()).clone();
    let grid = generated().grid();
    let office = |n: usize| (36..68).contains(&(n % 96));
    let cell =
        |n: usize| if office(n) { IntervalForecast { calls_mean: 6.0, calls_sd: 3.0, aht_s: 240.0 } } else { IntervalForecast::default() };
    let forecasts = parts.queues.iter().map(|queue| QueueForecast {
        queue: queue.id.clone(),
        intervals: Curve::from_fn(grid, |index| cell(index.get())),
        patience_s: Some(180.0),
        day_factor_cv: 0.1,
        aht_cv: 1.0,
        history_days: 56,
    });
    let forecasts = forecasts.collect();
    parts.demand = DemandSource::History { until: None };
    (Request::check(parts).expect("a sound request"), forecasts)
}

fn write(path: &Path, request: &Request) {
    fs::write(path, json::write_pretty(&convert::request_message(request))).expect("a file");
}

fn value(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

#[test]
fn a_solved_roster_is_proved_and_the_same_each_time() {
    let folder = folder("solved");
    write(&folder.join("request.json"), &generated());
    let (told, _) = done(&fika(&folder, &["solve", "request.json", "--steps", STEPS, "-o", "one.json"]), 0);
    assert!(told.contains("proved: ") && told.contains("12 agents in 1 team"), "{told}");
    let (summary, _) = done(&fika(&folder, &["solve", "request.json", "--steps", STEPS, "-o", "two.json", "--json"]), 0);
    assert_eq!(fs::read(folder.join("one.json")).expect("a file"), fs::read(folder.join("two.json")).expect("a file"));
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    assert_eq!(summary, value(&folder.join("one.json"))["summary"]);
    assert_eq!(summary["certificate"]["verdict"], "PROVED");

    let (told, _) = done(&fika(&folder, &["verify", "request.json", "one.json"]), 0);
    assert!(told.starts_with("proved: "), "{told}");
    let (certificate, _) = done(&fika(&folder, &["verify", "request.json", "one.json", "--json"]), 0);
    assert_eq!(serde_json::from_str::<Value>(&certificate).expect("JSON"), summary["certificate"]);

    // Another seed makes another roster, and the proof is still of the request as it was written.
    done(&fika(&folder, &["solve", "request.json", "--steps", STEPS, "--seed", "99", "-o", "other.json"]), 0);
    assert_ne!(value(&folder.join("other.json"))["agents"], value(&folder.join("one.json"))["agents"]);
    done(&fika(&folder, &["verify", "request.json", "other.json"]), 0);
}

#[test]
fn a_changed_roster_is_refuted_with_rule_agent_time_and_amount() {
    let folder = folder("refuted");
    write(&folder.join("request.json"), &generated());
    done(&fika(&folder, &["solve", "request.json", "--steps", STEPS, "-o", "roster.json"]), 0);
    let mut roster = value(&folder.join("roster.json"));
    let worker = roster["agents"].as_array().expect("agents").iter().position(|a| a["shifts"].is_array()).expect("somebody works");
    let agent = roster["agents"][worker]["agentId"].as_str().expect("an id").to_owned();
    let work = &mut roster["agents"][worker]["shifts"][0]["activities"][0];
    let minutes = work["lengthMinutes"].as_i64().expect("minutes");
    work.as_object_mut().expect("an activity").remove("paid");
    let agents = roster["agents"].clone();
    fs::write(folder.join("changed.json"), roster.to_string()).expect("a file");
    let (told, stale) = done(&fika(&folder, &["verify", "request.json", "changed.json"]), 1);
    let line = told.lines().find(|line| line.contains("is work and not paid")).expect("the violation");
    assert!(line.contains(&agent) && line.contains("Europe/Stockholm"), "{line}");
    assert!(line.contains(&format!("required {minutes}, found 0 minutes")), "{line}");
    assert!(stale.contains("of another request or another roster"), "{stale}");

    fs::write(folder.join("bare.json"), json!({ "agents": agents }).to_string()).expect("a file");
    let (certificate, silent) = done(&fika(&folder, &["verify", "request.json", "bare.json", "--json"]), 1);
    let certificate: Value = serde_json::from_str(&certificate).expect("JSON");
    assert_eq!((&certificate["verdict"], silent.as_str()), (&json!("REFUTED"), ""));
    assert!(certificate["violations"].as_array().is_some_and(|found| found.iter().any(|v| v["ruleId"] == "activity.paid")));
}

#[test]
fn a_certificate_of_another_roster_proves_nothing() {
    let folder = folder("stale");
    write(&folder.join("request.json"), &generated());
    for (seed, file) in [("1", "one.json"), ("2", "two.json")] {
        done(&fika(&folder, &["solve", "request.json", "--steps", STEPS, "--seed", seed, "-o", file]), 0);
    }
    let (mut one, two) = (value(&folder.join("one.json")), value(&folder.join("two.json")));
    assert_ne!(one["agents"], two["agents"]);
    one["summary"] = two["summary"].clone();
    fs::write(folder.join("mixed.json"), one.to_string()).expect("a file");
    let (told, stale) = done(&fika(&folder, &["verify", "request.json", "mixed.json"]), 1);
    assert!(told.starts_with("proved: ") && stale.contains("of another request or another roster"), "{told}{stale}");
}

#[test]
fn faults_of_both_files_are_listed() {
    let folder = folder("faults");
    fs::write(folder.join("request.json"), r#"{"horizon": {"days": 0}, "agents": "nobody"}"#).expect("a file");
    fs::write(folder.join("roster.json"), "{").expect("a file");
    let (_, err) = done(&fika(&folder, &["verify", "request.json", "roster.json"]), 3);
    assert!(err.contains("request.json: agents") && err.contains("roster.json") && err.contains("F1001"), "{err}");
    let (_, err) = done(&fika(&folder, &["solve", "nowhere.json"]), 3);
    assert!(err.contains("nowhere.json"), "{err}");
}

#[test]
fn demand_from_history_needs_a_forecast() {
    let folder = folder("history");
    let (request, forecasts) = from_history();
    write(&folder.join("request.json"), &request);
    let (_, err) = done(&fika(&folder, &["solve", "request.json"]), 3);
    assert!(err.contains("F2009") && err.contains("fika request") && err.contains("--intervals"), "{err}");
    let lines: Vec<_> = forecasts.iter().map(|f| json::write(&convert::forecast_message(&request.id, f))).collect();
    fs::write(folder.join("forecasts.jsonl"), lines.join(&b'\n')).expect("a file");
    let arguments = ["solve", "request.json", "--steps", STEPS, "--forecast", "forecasts.jsonl", "--json"];
    let (summary, _) = done(&fika(&folder, &arguments), 0);
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    assert!(summary["serviceLevel"]["mean"].as_f64().is_some_and(|level| level > 0.0 && level <= 1.0), "{}", summary["serviceLevel"]);
    let (_, err) = done(&fika(&folder, &["solve", "request.json", "--intervals", "forecasts.jsonl"]), 3);
    assert!(err.contains("forecasts.jsonl: [0]"), "a forecast is no counter: {err}");
}

/// One job to the hidden command, its lines of answer and its end.
fn child(job: &Value) -> (Vec<Value>, Output) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fika"));
    command.arg("solve-child").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("the binary runs");
    let mut stdin = process.stdin.take().expect("a pipe");
    stdin.write_all(format!("{job}\n").as_bytes()).expect("the child reads");
    let stdout = process.stdout.take().expect("a pipe");
    let lines = BufReader::new(stdout).lines().map(|line| serde_json::from_str(&line.expect("text")).expect("JSON"));
    let lines = lines.collect();
    let end = process.wait_with_output().expect("the child ends");
    drop(stdin);
    (lines, end)
}

fn job(memory_bytes: u64) -> Value {
    let (request, forecasts) = from_history();
    let mut parts = (*request).clone();
    parts.budget.steps = Some(STEPS.parse().expect("a number"));
    let request = Request::check(parts).expect("a sound request");
    let read = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).expect("JSON");
    let forecasts: Vec<_> = forecasts.iter().map(|f| read(json::write(&convert::forecast_message(&request.id, f)))).collect();
    json!({
        "request": read(json::write(&convert::request_message(&request))),
        "forecasts": forecasts,
        "rosterId": "o1",
        "generation": 1,
        "memoryBytes": memory_bytes,
    })
}

#[test]
fn a_child_tells_its_progress_and_ends_with_a_roster() {
    let (lines, end) = child(&job(4 << 30));
    assert_eq!(end.status.code(), Some(0), "{}", String::from_utf8_lossy(&end.stderr));
    let (last, before) = lines.split_last().expect("an answer");
    assert_eq!(last["roster"]["summary"]["certificate"]["verdict"], "PROVED");
    let phases: Vec<_> = before.iter().filter_map(|line| line["status"]["progress"]["phase"].as_str()).collect();
    assert_eq!(before.len(), phases.len(), "all else is progress");
    assert!(["SOLVE", "VERIFY", "SIMULATE"].iter().all(|phase| phases.contains(phase)), "{phases:?}");
}

#[test]
fn a_child_that_may_take_no_memory_dies_alone_and_says_of_what() {
    let (lines, end) = child(&job(1 << 20));
    assert!(lines.iter().all(|line| line["roster"].is_null()));
    assert!(!end.status.success());
    let words = String::from_utf8_lossy(&end.stderr);
    // Of the program's own allocations, or of the system's for a thread.
    assert!(["memory allocation of", "Cannot allocate memory"].iter().any(|sign| words.contains(sign)), "{words}");
}

#[test]
fn a_child_names_the_faults_of_its_job() {
    let mut job = job(4 << 30);
    job["forecasts"] = json!([]);
    let (lines, end) = child(&job);
    assert_eq!(end.status.code(), Some(0));
    let faults = lines.last().expect("an answer")["status"]["failed"]["faults"].clone();
    assert!(faults.as_array().is_some_and(|faults| faults.len() == 2 && faults[0]["code"] == "F2009"), "{faults}");
}
