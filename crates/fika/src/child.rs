//! A solve in a child process: started, heard, limited and buried here.
//!
//! The child is `fika solve-child` of the same binary. It reads one job as a line of JSON and writes its progress and its result as
//! lines of JSON. Invariant: every child ends in exactly one [`Outcome`], whatever it does: a crash, a kill, a flood of output or
//! silence. Dropping a [`Child`] kills the process, and a child whose parent has gone ends itself.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use fika_model::forecast::QueueForecast;
use fika_model::status::{Progress, State};
use fika_model::{Faults, Request};
use fika_planning::{PlanIds, Planned};
use fika_wire::convert;
use fika_wire::proto::fika::v1;
use serde::{Deserialize, Serialize};

/// How much of a child's last words is kept, in bytes.
const LAST_WORDS: usize = 4096;

/// What a child is to do, as it stands on the wire.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobLine {
    pub(crate) request: v1::RosterRequest,
    /// Forecasts from history; empty where the request needs none.
    pub(crate) forecasts: Vec<v1::QueueForecast>,
    pub(crate) roster_id: String,
    pub(crate) generation: u64,
    /// Address space that the child may take.
    pub(crate) memory_bytes: u64,
    /// Whether to search no further than to a first roster.
    #[serde(default)]
    pub(crate) finish: bool,
}

/// The line that tells a child to search no further, and to give the best that it has.
pub(crate) const FINISH: &str = "finish";

/// One line of a child.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ResultLine {
    /// Progress, or a final answer other than a roster.
    pub(crate) status: Option<v1::RequestStatus>,
    /// The roster, with its summary; beside the status of a request that cannot be met, that of those who can be served.
    pub(crate) roster: Option<v1::Roster>,
}

/// What a child may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Address space, in bytes.
    pub(crate) memory_bytes: u64,
    /// Time until its last word.
    pub(crate) wall: Duration,
}

/// How a child ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It made a checked roster.
    Planned(Box<Planned>),
    /// The request cannot be met; the roster for those who can be served, where there is one.
    Infeasible(Faults, Option<Box<Planned>>),
    /// It could not work on the request; trying again gives the same.
    Failed(Faults),
    /// It died. Another child may do better.
    Died(Death),
}

/// What a child died of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Death {
    /// It asked for more memory than it may take.
    OutOfMemory(u64),
    /// It was killed from outside, by a signal.
    Signal(i32),
    /// It took longer than it may.
    WallLimit(Duration),
    /// It ended without a result, with this code and these last words.
    NoResult(i32, String),
    /// It wrote something that is no line of a child.
    Unreadable(String),
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfMemory(limit) => write!(f, "the solve ran out of memory; it may take {} MiB", limit >> 20),
            Self::Signal(9) => write!(f, "the solve was killed by signal 9 (often the kernel, when memory runs out)"),
            Self::Signal(signal) => write!(f, "the solve was killed by signal {signal}"),
            Self::WallLimit(limit) => write!(f, "the solve took longer than its limit of {} s", limit.as_secs()),
            Self::NoResult(code, words) if words.is_empty() => write!(f, "the solve ended with code {code} and without a result"),
            Self::NoResult(code, words) => write!(f, "the solve ended with code {code} and without a result: {words}"),
            Self::Unreadable(reason) => write!(f, "the solve wrote something unreadable: {reason}"),
        }
    }
}

/// News of a child.
#[derive(Debug)]
pub(crate) enum News {
    /// It is at work.
    Progress(Progress),
    /// It has ended; nothing follows.
    Ended(Outcome),
}

enum Heard {
    Line(Box<ResultLine>),
    Unreadable(String),
    Silence,
}

/// A running child.
pub(crate) struct Child {
    process: std::process::Child,
    /// Held open: its end tells the child that nobody listens any more.
    stdin: Option<ChildStdin>,
    lines: Receiver<Heard>,
    last_words: Option<JoinHandle<String>>,
    deadline: Instant,
    limits: Limits,
    result: Option<Outcome>,
    ended: bool,
}

impl Child {
    /// Starts a child on a job.
    pub(crate) fn spawn(request: &Request, forecasts: &[QueueForecast], ids: &PlanIds, finish: bool, limits: Limits) -> io::Result<Self> {
        let job = JobLine {
            request: convert::request_message(request),
            forecasts: forecasts.iter().map(|forecast| convert::forecast_message(&request.id, forecast)).collect(),
            roster_id: ids.roster.to_string(),
            generation: ids.generation,
            memory_bytes: limits.memory_bytes,
            finish,
        };
        let mut command = Command::new(own_binary()?);
        command.arg("solve-child").env("FIKA_LOG_FORMAT", "human");
        Self::run(command, &job, limits)
    }

    fn run(mut command: Command, job: &JobLine, limits: Limits) -> io::Result<Self> {
        let deadline = Instant::now() + limits.wall;
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let (sender, lines) = mpsc::sync_channel(64);
        let stdout = process.stdout.take();
        let stderr = process.stderr.take();
        let stdin = process.stdin.take();
        let mut child = Self { process, stdin: None, lines, last_words: None, deadline, limits, result: None, ended: false };
        if let Some(stdout) = stdout {
            thread::Builder::new().name("fika-child-out".to_owned()).spawn(move || read_lines(stdout, &sender))?;
        }
        if let Some(stderr) = stderr {
            child.last_words = Some(thread::Builder::new().name("fika-child-err".to_owned()).spawn(move || keep_last_words(stderr))?);
        }
        if let Some(mut stdin) = stdin {
            let mut line = serde_json::to_vec(job).map_err(io::Error::other)?;
            line.push(b'\n');
            // A child that dies at once is no error here: its end is heard like any other.
            let _ = stdin.write_all(&line).and_then(|()| stdin.flush());
            child.stdin = Some(stdin);
        }
        Ok(child)
    }

    /// Waits so long for news; `None` when there are none, and after the end.
    pub(crate) fn next(&mut self, wait: Duration) -> Option<News> {
        let until = Instant::now() + wait;
        while !self.ended {
            let now = Instant::now();
            if now >= self.deadline {
                self.kill();
                return Some(self.end(Outcome::Died(Death::WallLimit(self.limits.wall))));
            }
            let pause = until.saturating_duration_since(now).min(self.deadline.saturating_duration_since(now));
            match self.lines.recv_timeout(pause) {
                Ok(Heard::Line(line)) => {
                    if let Some(progress) = self.read(*line) {
                        return Some(News::Progress(progress));
                    }
                }
                Ok(Heard::Unreadable(reason)) => {
                    self.kill();
                    return Some(self.end(Outcome::Died(Death::Unreadable(reason))));
                }
                Ok(Heard::Silence) | Err(RecvTimeoutError::Disconnected) => {
                    let outcome = self.bury();
                    return Some(self.end(outcome));
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() >= until => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        None
    }

    /// Tells the child to search no further. One that has ended does not hear it, and need not.
    pub(crate) fn finish(&mut self) {
        if let Some(stdin) = &mut self.stdin {
            let _ = writeln!(stdin, "{FINISH}").and_then(|()| stdin.flush());
        }
    }

    /// Kills the child; its end is heard no more.
    pub(crate) fn kill(&mut self) {
        drop(self.stdin.take());
        // It may have ended already, which is all that is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    fn end(&mut self, outcome: Outcome) -> News {
        self.ended = true;
        News::Ended(outcome)
    }

    /// Notes what a line says; progress is given back.
    fn read(&mut self, line: ResultLine) -> Option<Progress> {
        let unreadable = |faults: Faults| Outcome::Died(Death::Unreadable(faults.to_string()));
        if let Some(roster) = line.roster {
            self.result = Some(match convert::parse_roster(&roster) {
                Ok((roster, Some(summary))) => Outcome::Planned(Box::new(Planned { roster, summary })),
                Ok((_, None)) => Outcome::Died(Death::Unreadable("a roster without a summary".to_owned())),
                Err(faults) => unreadable(faults),
            });
        }
        let status = line.status?;
        match convert::parse_status(&status).map(|status| status.state) {
            Ok(State::Progress(progress)) => return Some(progress),
            Ok(State::Infeasible { faults, .. }) => {
                let rest = self.result.take();
                let rest = if let Some(Outcome::Planned(planned)) = rest { Some(planned) } else { None };
                self.result = Some(Outcome::Infeasible(faults, rest));
            }
            Ok(State::Failed { faults }) => self.result = Some(Outcome::Failed(faults)),
            Ok(State::Accepted | State::Done { .. }) => {}
            Err(faults) => self.result = Some(unreadable(faults)),
        }
        None
    }

    /// The outcome of a child that has closed its output.
    fn bury(&mut self) -> Outcome {
        let status = loop {
            match self.process.try_wait() {
                Ok(Some(status)) => break Some(status),
                // Its output is closed, so it ends at once; the standard library has no wait with a deadline.
                Ok(None) if Instant::now() < self.deadline => thread::sleep(Duration::from_millis(2)),
                _ => break None,
            }
        };
        let Some(status) = status else {
            self.kill();
            return Outcome::Died(Death::WallLimit(self.limits.wall));
        };
        let words = self.last_words.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        match self.result.take() {
            Some(outcome) if status.success() => outcome,
            _ => Outcome::Died(death(status, words, self.limits.memory_bytes)),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

/// This binary, also after it was replaced on the disk.
fn own_binary() -> io::Result<std::path::PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

fn death(status: ExitStatus, words: String, memory_bytes: u64) -> Death {
    // Rust's and C++'s last words when an allocation fails.
    if ["memory allocation of", "bad_alloc", "Cannot allocate memory"].iter().any(|sign| words.contains(sign)) {
        return Death::OutOfMemory(memory_bytes);
    }
    match status.signal() {
        Some(signal) => Death::Signal(signal),
        None => Death::NoResult(status.code().unwrap_or_default(), words),
    }
}

fn read_lines(stdout: ChildStdout, sender: &SyncSender<Heard>) {
    let mut lines = BufReader::new(stdout);
    let mut line = Vec::new();
    loop {
        line.clear();
        let heard = match lines.read_until(b'\n', &mut line) {
            Ok(0) => Heard::Silence,
            Ok(_) => match serde_json::from_slice(&line) {
                Ok(line) => Heard::Line(Box::new(line)),
                Err(error) => Heard::Unreadable(error.to_string()),
            },
            Err(error) => Heard::Unreadable(error.to_string()),
        };
        let more = matches!(heard, Heard::Line(_));
        if sender.send(heard).is_err() || !more {
            return;
        }
    }
}

fn keep_last_words(mut stderr: ChildStderr) -> String {
    let mut kept: VecDeque<u8> = VecDeque::new();
    let mut piece = [0; 1024];
    while let Ok(read @ 1..) = stderr.read(&mut piece) {
        kept.extend(&piece[..read]);
        let surplus = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(kept.make_contiguous()).trim().to_owned()
}

#[cfg(test)]
mod tests;
