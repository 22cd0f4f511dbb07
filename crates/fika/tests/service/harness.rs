//! Runs the real binary on an embedded bus in a folder of its own, and talks to it over HTTP.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use fika_bus::{Bus, BusAddress, Record, TailFrom};
use rustix::process::Pid;
use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take before the test gives up, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A running `fika serve`.
pub(crate) struct Service {
    child: Child,
    lines: Receiver<String>,
    address: String,
    folder: Option<TempDir>,
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) media: String,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl Service {
    /// Starts all roles and waits until they work.
    pub(crate) fn start() -> Self {
        Self::start_in(TempDir::new().expect("a temporary folder"), &[])
    }

    /// Starts all roles on the bus of a folder, with further arguments.
    pub(crate) fn start_in(folder: TempDir, further: &[&str]) -> Self {
        Self::start_with(folder, further, &[])
    }

    /// The same with further variables of the environment.
    pub(crate) fn start_with(folder: TempDir, further: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fika"))
            .args(["serve", "--log-format", "json", "--listen", "127.0.0.1:0", "--bus"])
            .arg(folder.path().join("bus.sqlite"))
            .args(further)
            .env_remove("FIKA_LOG")
            .envs(variables.iter().copied())
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let stderr = child.stderr.take().expect("standard error is piped");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut service = Self { child, lines, address: String::new(), folder: Some(folder) };
        let line = service.await_line("HTTP listens");
        let parsed: Value = serde_json::from_str(&line).expect("a log line in JSON");
        parsed["address"].as_str().expect("an address").clone_into(&mut service.address);
        // The roles come up in any order.
        for _ in ["ingest", "forecast", "planner", "api"] {
            service.await_line("works");
        }
        service
    }

    /// The process that solves, as soon as there is one that is not `before`.
    pub(crate) fn solver(&self, before: Option<Pid>) -> Pid {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(pid) = self.solvers().into_iter().find(|pid| Some(*pid) != before) {
                return pid;
            }
            assert!(Instant::now() < until, "no solver starts");
            // A log line, or a moment.
            let _ = self.lines.recv_timeout(Duration::from_millis(20));
        }
    }

    /// Waits until a process has ended, whoever its parent is.
    pub(crate) fn await_end_of(&self, pid: Pid) {
        let until = Instant::now() + PATIENCE;
        let state = || {
            let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
            stat.rsplit(')').next()?.split_whitespace().next().map(str::to_owned)
        };
        // Ended and not yet asked for by its parent is ended, too.
        while state().is_some_and(|state| state != "Z") {
            assert!(Instant::now() < until, "process {pid:?} goes on");
            let _ = self.lines.recv_timeout(Duration::from_millis(20));
        }
    }

    /// Waits until no process solves.
    pub(crate) fn await_no_solver(&self) {
        let until = Instant::now() + PATIENCE;
        while !self.solvers().is_empty() {
            assert!(Instant::now() < until, "a solver is left");
            let _ = self.lines.recv_timeout(Duration::from_millis(20));
        }
    }

    /// The children of the service: the state of a process names its parent.
    fn solvers(&self) -> Vec<Pid> {
        let own = self.child.id().to_string();
        let is_child = |pid: &i32| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
            fields.next() != Some("Z") && fields.next() == Some(own.as_str())
        };
        let names = fs::read_dir("/proc").expect("processes").filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter_map(|name| name.parse().ok()).filter(is_child).filter_map(Pid::from_raw).collect()
    }

    pub(crate) fn await_line(&mut self, holding: &str) -> String {
        let until = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(holding) => return line,
                Ok(line) => seen.push(line),
                Err(error) => panic!("no log line holds {holding:?} ({error}); seen:\n{}", seen.join("\n")),
            }
        }
    }

    /// The bus's file.
    pub(crate) fn bus(&self) -> PathBuf {
        self.file("bus.sqlite")
    }

    /// A file for the test's own use.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.as_ref().expect("the folder is there until the end").path().join(name)
    }

    /// GET.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build());
        answer(agent.get(format!("http://{}{path}", self.address)).call())
    }

    /// POST with these headers.
    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build());
        let mut request = agent.post(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.send(body))
    }

    /// One figure of `/metrics`: the line's name and labels as written.
    pub(crate) fn metric(&self, name: &str) -> Option<f64> {
        let text = self.get("/metrics").body;
        let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    /// Waits until a metric has a value: it is counted just after what it counts was committed.
    pub(crate) fn await_metric(&self, name: &str, value: f64) {
        let until = Instant::now() + PATIENCE;
        while self.metric(name) != Some(value) {
            assert!(Instant::now() < until, "{name} is {:?}", self.metric(name));
            let _ = self.lines.recv_timeout(Duration::from_millis(20));
        }
    }

    /// Runs another command of the binary on the same bus.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_fika")).args(args).arg("--bus").arg(self.bus()).output().expect("the binary runs")
    }

    /// SIGKILL in the middle of everything; the folder with the bus stays.
    pub(crate) fn kill(mut self) -> TempDir {
        self.child.kill().expect("the process is there");
        self.child.wait().expect("the process ends");
        self.folder.take().expect("the folder is there until the end")
    }

    /// The bus itself, opened beside the service.
    pub(crate) fn open_bus(&self) -> Arc<dyn Bus> {
        fika_bus::open(&BusAddress::Embedded(self.bus())).expect("the bus opens beside the service")
    }

    /// Waits for as many records of a topic, from its start.
    pub(crate) fn await_records(&self, topic: &str, many: usize) -> Vec<Record> {
        let mut tail = self.open_bus().tail(&[topic], TailFrom::Start).expect("the topic is there");
        let until = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        while seen.len() < many {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{} of {many} records of {topic} came", seen.len());
            seen.extend(tail.poll(left).expect("the topic can be read"));
        }
        seen
    }

    /// SIGTERM, then waits for the process to leave; gives the folder back.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let pid = Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("the process is there");
        self.child.wait().expect("the process ends")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn answer(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut response = response.expect("the service answers");
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (media, location) = (header("content-type"), header("location"));
    let status = response.status().as_u16();
    let body = response.body_mut().read_to_string().expect("a body of text");
    Answer { status, media, location, body }
}
