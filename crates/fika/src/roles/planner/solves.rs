//! The solves that run, each a child process, and what they say.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fika_engine::{Input, Job};
use fika_model::status::Phase;
use fika_model::{Digest, Request, RequestId};
use fika_planning::PlanIds;
use fika_verify::Digests;
use fika_wire::digest;

use crate::child::{Child, Limits, News, Outcome};
use crate::config::PlannerConfig;

/// Progress of one phase is told no more often than this.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// A solve that runs.
struct Running {
    child: Child,
    request: Arc<Request>,
    attempt: u32,
    /// The digest of the request.
    digest: Digest,
    began: Instant,
    told: Option<(Instant, Phase)>,
}

/// How a solve ended, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ended {
    /// How long it took.
    pub(super) seconds: f64,
    /// Whether it died without a word.
    pub(super) died: bool,
}

/// All solves that run.
pub(super) struct Solves {
    limits: Limits,
    running: BTreeMap<RequestId, Running>,
}

impl Solves {
    /// None yet.
    pub(super) fn new(config: &PlannerConfig) -> Self {
        Self { limits: Limits { memory_bytes: config.memory_bytes, wall: config.wall }, running: BTreeMap::new() }
    }

    /// Whether none runs.
    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// How many run.
    pub(super) fn len(&self) -> usize {
        self.running.len()
    }

    /// Starts a child; one that cannot be started has died.
    pub(super) fn start(&mut self, job: Job) -> Option<Input> {
        let Job { request, forecasts, roster, generation, attempt, finish } = job;
        let ids = PlanIds { roster, generation };
        let (id, digest) = (request.id.clone(), digest::request(&request));
        match Child::spawn(&request, &forecasts.unwrap_or_default(), &ids, finish, self.limits) {
            Ok(child) => {
                self.running.insert(id, Running { child, request, attempt, digest, began: Instant::now(), told: None });
                None
            }
            Err(error) => Some(Input::Died { request: id, attempt, cause: format!("the solve could not be started: {error}") }),
        }
    }

    /// Tells a solve to search no further.
    pub(super) fn finish(&mut self, request: &RequestId) {
        if let Some(running) = self.running.get_mut(request) {
            running.child.finish();
        }
    }

    /// Stops a solve whose answer is no longer wanted.
    pub(super) fn stop(&mut self, request: &RequestId) {
        self.running.remove(request);
    }

    /// What the children have said since, with the ends for the metrics.
    pub(super) fn news(&mut self) -> (Vec<Input>, Vec<Ended>) {
        let (mut inputs, mut ends) = (Vec::new(), Vec::new());
        let mut over = Vec::new();
        for (id, running) in &mut self.running {
            while let Some(news) = running.child.next(Duration::ZERO) {
                match news {
                    News::Progress(progress) => {
                        let recent = |(at, phase): (Instant, Phase)| phase == progress.phase && at.elapsed() < TELL_EVERY;
                        if !running.told.is_some_and(recent) {
                            running.told = Some((Instant::now(), progress.phase));
                            inputs.push(Input::Progress { request: id.clone(), attempt: running.attempt, progress });
                        }
                    }
                    News::Ended(outcome) => {
                        let died = matches!(outcome, Outcome::Died(_));
                        ends.push(Ended { seconds: running.began.elapsed().as_secs_f64(), died });
                        inputs.push(input(&running.request, running.attempt, running.digest, outcome));
                        over.push(id.clone());
                        break;
                    }
                }
            }
        }
        for id in over {
            self.running.remove(&id);
        }
        (inputs, ends)
    }
}

fn input(asked: &Request, attempt: u32, digest: Digest, outcome: Outcome) -> Input {
    let request = asked.id.clone();
    match outcome {
        Outcome::Planned(planned) => {
            let (roster, summary) = (planned.roster, planned.summary);
            let digests = Digests { request: digest, roster: digest::roster(&roster) };
            Input::Solved { request, attempt, roster: Box::new(roster), summary: Box::new(summary), digests }
        }
        Outcome::Infeasible(faults, rest) => {
            let rest = rest.and_then(|planned| {
                let served = asked.without(&planned.summary.left_out, &planned.summary.waived).ok()?;
                let digests = Digests { request: digest::request(&served), roster: digest::roster(&planned.roster) };
                Some((Box::new(planned.roster), Box::new(planned.summary), digests))
            });
            Input::Infeasible { request, attempt, faults, rest }
        }
        Outcome::Failed(faults) => Input::Failed { request, attempt, faults },
        Outcome::Died(death) => Input::Died { request, attempt, cause: death.to_string() },
    }
}
