//! `fika solve-child`: one solve in a process of its own, spoken to in lines of JSON. Not for people; [`crate::child`] is the parent.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use fika_model::fault::FaultCode;
use fika_model::status::{Phase, Progress, State, Status};
use fika_model::{Faults, Request, RosterId, Timestamp};
use fika_planning::{PlanIds, PlanSettings, plan, reasons, serve_the_rest};
use fika_solver::Quota;
use fika_wire::convert;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::child::{FINISH as FINISH_WORD, JobLine, ResultLine};
use crate::quota::Deadline;
use crate::seal::WireSeal;

/// The least time between two lines of progress in one phase.
const PAUSE: Duration = Duration::from_millis(100);

/// Whether the parent has said that the search is to end.
static FINISH: AtomicBool = AtomicBool::new(false);

/// The request's own budget, or the parent's word.
struct Told<'a> {
    deadline: &'a Deadline,
    finish: &'a AtomicBool,
}

impl Quota for Told<'_> {
    fn is_reached(&self, steps: u64) -> bool {
        self.finish.load(Ordering::Relaxed) || self.deadline.is_reached(steps)
    }

    fn used(&self, steps: u64) -> Option<f64> {
        self.deadline.used(steps)
    }

    fn is_late(&self) -> bool {
        self.finish.load(Ordering::Relaxed) || self.deadline.is_late()
    }
}

/// Arguments of `fika solve-child`: none; the job comes on standard input.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs it.
pub(crate) fn run(_args: &Args) -> anyhow::Result<ExitCode> {
    let mut line = Vec::new();
    io::stdin().lock().read_until(b'\n', &mut line).context("standard input cannot be read")?;
    let job: JobLine = serde_json::from_slice(&line).context("standard input holds no job; this command is not for people")?;
    FINISH.store(job.finish, Ordering::Relaxed);
    hear_the_parent()?;
    limit_memory(job.memory_bytes).context("the memory limit cannot be set")?;
    let request = convert::parse_request(&job.request)?;
    match solve(&request, &job) {
        Ok(answer) => {
            say(&answer)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(faults) => {
            say(&status(&request, State::Failed { faults }))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn solve(request: &Request, job: &JobLine) -> Result<ResultLine, Faults> {
    let parsed = job.forecasts.iter().map(|forecast| convert::parse_forecast(forecast).map(|(_, forecast)| forecast));
    let forecasts = parsed.collect::<Result<Vec<_>, _>>()?;
    let mut faults = Faults::default();
    let id = faults.take(fika_model::FaultCode::BadId, "rosterId", RosterId::new(&job.roster_id));
    let ids = PlanIds { roster: faults.or(id)?, generation: job.generation };
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let settings = PlanSettings { workers, ..PlanSettings::default() }.within(request.budget);
    let deadline = Deadline::start(request.budget);
    let quota = Told { deadline: &deadline, finish: &FINISH };
    let mut said: Option<(Phase, Instant)> = None;
    let mut observe = |mut progress: Progress| {
        if said.is_some_and(|(phase, at)| phase == progress.phase && at.elapsed() < PAUSE) {
            return;
        }
        said = Some((progress.phase, Instant::now()));
        if progress.phase == Phase::Solve {
            progress.done = deadline.progress(progress.steps);
        }
        // A parent that does not listen any more ends this process in its own way.
        let _ = say(&status(request, State::Progress(progress)));
    };
    match plan(request, Some(&forecasts), ids.clone(), settings, &WireSeal::default(), &quota, &mut observe) {
        Ok(planned) => Ok(ResultLine { roster: Some(convert::roster_message(&planned.roster, Some(&planned.summary))), status: None }),
        Err(error) if error.is_infeasible() => {
            let mut faults = error.faults();
            for conflict in reasons(request, Some(&forecasts), &error) {
                faults.push(FaultCode::Contradiction, "", conflict);
            }
            let deadline = Deadline::start(request.budget);
            let quota = Told { deadline: &deadline, finish: &FINISH };
            let solve = |served: &Request| -> Result<_, Faults> {
                Ok(plan(served, Some(&forecasts), ids.clone(), settings, &WireSeal::default(), &quota, &mut observe))
            };
            let rest = serve_the_rest(request, &error, solve)?;
            let named = rest.as_ref().map(|(_, planned)| (planned.roster.id.clone(), planned.roster.generation));
            let roster = rest.map(|(_, planned)| convert::roster_message(&planned.roster, Some(&planned.summary)));
            Ok(ResultLine { roster, ..status(request, State::Infeasible { faults, roster: named }) })
        }
        Err(error) => Err(error.faults()),
    }
}

fn status(request: &Request, state: State) -> ResultLine {
    let status = Status { request: request.id.clone(), at: Timestamp::now(), state };
    ResultLine { status: Some(convert::status_message(&status)), roster: None }
}

fn say(line: &ResultLine) -> anyhow::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&bytes).and_then(|()| out.flush()).context("the parent does not listen")
}

/// Caps the address space: an allocation beyond it fails here and not in the service.
fn limit_memory(bytes: u64) -> io::Result<()> {
    let hard = getrlimit(Resource::As).maximum;
    let cap = hard.map_or(bytes, |hard| hard.min(bytes));
    setrlimit(Resource::As, Rlimit { current: Some(cap), maximum: Some(cap) })?;
    Ok(())
}

/// Notes when the search is to end; leaves when standard input ends: the parent holds it open for as long as it lives.
fn hear_the_parent() -> anyhow::Result<()> {
    let wait = || {
        for word in io::stdin().lock().lines().map_while(Result::ok) {
            if word == FINISH_WORD {
                FINISH.store(true, Ordering::Relaxed);
            }
        }
        std::process::exit(i32::from(crate::cli::exit::INTERNAL));
    };
    std::thread::Builder::new().name("fika-parent".to_owned()).spawn(wait).context("no thread can be started")?;
    Ok(())
}
