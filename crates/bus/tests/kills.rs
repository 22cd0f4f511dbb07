//! Processes on one embedded bus that are killed without warning: nothing acknowledged is lost, nothing is published twice, and the
//! next process takes over at once.
//!
//! A child process is this test program again, running the test `child` with its task in the environment.

use fika_bus::{Bus, BusAddress, Outgoing, TailFrom, TopicSettings, open};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines, Write, stdout};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, hint};
use tempfile::TempDir;

/// Cheap ones: a child lives for some hundredths of a second.
const KILLS: u32 = 120;
const TASK: &str = "FIKA_BUS_TEST_TASK";
const FILE: &str = "FIKA_BUS_TEST_FILE";
const RUN: &str = "FIKA_BUS_TEST_RUN";
const BATCH: usize = 5;

fn bus(path: &Path) -> Arc<dyn Bus> {
    open(&BusAddress::Embedded(path.to_owned())).expect("it opens")
}

/// What the children do, until they are killed; nothing when this is run as a test.
#[test]
fn child() {
    let Ok(task) = env::var(TASK) else { return };
    let bus = bus(Path::new(&env::var(FILE).expect("a file")));
    match task.as_str() {
        "append" => append(&*bus, &env::var(RUN).expect("a run")),
        _ => copy(&*bus),
    }
}

/// Appends batches and tells of each that was acknowledged.
fn append(bus: &dyn Bus, run: &str) {
    for batch in 0.. {
        let numbers = batch * BATCH..(batch + 1) * BATCH;
        let records = numbers.clone().map(|n| Outgoing::new("in", format!("{n}"), format!("{run} {n}"))).collect();
        bus.append(records).expect("it is appended");
        tell(numbers.end);
    }
}

/// Copies what it reads and tells how much it has copied.
fn copy(bus: &dyn Bus) {
    let mut member = bus.subscribe("copy", &["in"]).expect("it joins");
    let mut copied = 0;
    loop {
        let records = member.poll(7, Duration::from_millis(50)).expect("it polls");
        copied += records.len();
        let outputs = records.into_iter().map(|record| Outgoing {
            topic: "out".into(),
            key: record.key,
            value: record.value,
            headers: record.headers,
        });
        member.commit(outputs.collect()).expect("it commits");
        tell(copied);
    }
}

fn tell(count: usize) {
    writeln!(stdout(), "told {count}").expect("the parent listens");
}

/// A running child and what it tells.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(task: &str, file: &Path, run: u32) -> Self {
        let mut child = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env(TASK, task)
            .env(FILE, file)
            .env(RUN, run.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Self { child, lines }
    }

    /// The next count that the child tells.
    fn told(&mut self) -> Option<usize> {
        // The test harness writes lines of its own, also in front of the child's first.
        self.lines.by_ref().map_while(Result::ok).find_map(|line| line.split_once("told ")?.1.parse().ok())
    }

    /// Kills the child at some moment after it has told `count` or more. Answers the last count that it told.
    fn kill_after(mut self, count: usize, moment: Duration) -> usize {
        let mut last = 0;
        while last < count {
            last = self.told().expect("the child goes on until it is killed");
        }
        let begin = Instant::now();
        while begin.elapsed() < moment {
            hint::spin_loop();
        }
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it has ended");
        while let Some(told) = self.told() {
            last = told;
        }
        last
    }
}

/// Moments that look random and are the same every time.
fn moment(run: u32) -> Duration {
    Duration::from_micros(u64::from(run.wrapping_mul(2_654_435_761) >> 20))
}

fn prepared() -> (TempDir, std::path::PathBuf, Arc<dyn Bus>) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("bus.sqlite");
    let bus = bus(&path);
    bus.ensure_topics(&[TopicSettings::deleting("in", 4, None), TopicSettings::deleting("out", 4, None)]).expect("they are made");
    (folder, path, bus)
}

#[test]
fn what_was_acknowledged_survives() {
    let (_folder, path, bus) = prepared();
    let acknowledged: Vec<usize> = (0..KILLS).map(|run| Running::start("append", &path, run).kill_after(10 * BATCH, moment(run))).collect();
    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    bus.scan("in", &mut |record| {
        let value = String::from_utf8(record.value.expect("a value")).expect("text");
        let (run, number) = value.split_once(' ').expect("two numbers");
        found.entry(run.parse().expect("a run")).or_default().push(number.parse().expect("a number"));
        ControlFlow::Continue(())
    })
    .expect("it is read");
    for (run, acknowledged) in acknowledged.into_iter().enumerate() {
        let mut numbers = found.remove(&run).expect("something of every run");
        numbers.sort_unstable();
        assert_eq!(numbers, (0..numbers.len()).collect::<Vec<_>>(), "run {run}: nothing is missing and nothing twice");
        assert!(numbers.len() >= acknowledged, "run {run}: {} of {acknowledged}", numbers.len());
        assert_eq!(numbers.len() % BATCH, 0, "run {run}: a batch is there as a whole or not at all");
    }
}

#[test]
fn a_copy_is_exact_and_goes_on_at_once() {
    const COUNT: usize = 20_000;
    let (_folder, path, bus) = prepared();
    let values: Vec<String> = (0..COUNT).map(|n| format!("{n}")).collect();
    bus.append(values.iter().map(|value| Outgoing::new("in", value.as_str(), value.as_str())).collect()).expect("it is appended");
    for run in 0..KILLS {
        Running::start("copy", &path, run).kill_after(14, moment(run));
    }
    let last = Running::start("copy", &path, KILLS);
    let mut tail = bus.tail(&["out"], TailFrom::Start).expect("it follows");
    let mut found = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(120);
    while found.len() < COUNT {
        assert!(Instant::now() < deadline, "{} of {COUNT}", found.len());
        let records = tail.poll(Duration::from_millis(100)).expect("it follows");
        found.extend(records.into_iter().map(|record| String::from_utf8(record.value.expect("a value")).expect("text")));
    }
    last.kill_after(0, Duration::ZERO);
    found.extend(tail.poll(Duration::from_millis(100)).expect("it follows").iter().map(|record| format!("{record:?}")));
    found.sort_by_key(|value| value.parse::<usize>().unwrap_or(usize::MAX));
    assert_eq!(found, values);
}
