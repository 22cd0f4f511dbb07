//! The request desk: sees each request through to exactly one answer.
//!
//! A request is accepted, waits for its demand, waits for its turn, is solved in another process, and its roster is proved
//! once more and published; or it fails with reasons. A solver that dies is tried again, a few times. Every input may come
//! twice, and news of a solve that is no longer the current one is ignored.
//! When starting, feed what the bus holds in this order: statuses, publications, requests; then what comes. Forecasts and
//! statuses may come from other processes at any time. What the effects say becomes true when they are committed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use fika_model::demand::DemandSource;
use fika_model::event::EpochMs;
use fika_model::fault::FaultCode;
use fika_model::forecast::QueueForecast;
use fika_model::roster::{Roster, RosterSummary};
use fika_model::status::{Progress, State};
use fika_model::{Digest, Faults, QueueId, Request, RequestId, RosterId};
use fika_verify::Digests;

mod entry;
mod lineage;
mod outcome;
mod waiting;
mod wanted;

use entry::{Entry, Stage};
use lineage::Lineage;
use waiting::Orphans;
use wanted::Wanted;

pub use lineage::{Period, turn};

/// How requests are worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeskSettings {
    /// A request whose solver died so many times has failed.
    pub most_attempts: u32,
    /// Solves at once.
    pub most_solves: usize,
}

impl Default for DeskSettings {
    /// Three attempts, one solve at a time.
    fn default() -> Self {
        Self { most_attempts: 3, most_solves: 1 }
    }
}

/// A roster that was published, as its summary tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The roster.
    pub roster: RosterId,
    /// The request that it answers.
    pub request: RequestId,
    /// Its generation.
    pub generation: u64,
    /// Which publication of its period it is, from 1 on; 0 where its record does not tell.
    pub turn: u64,
    /// When it was published by the clock of whoever did: the time of the summary's record.
    pub at_ms: EpochMs,
    /// What it is a roster of; absent where its record does not tell: then it is known where its request is.
    pub period: Option<Period>,
}

/// What the desk is told.
#[derive(Debug)]
pub enum Input {
    /// A status on the bus, its own or another process's.
    Status {
        /// The request.
        request: RequestId,
        /// Where it stands.
        state: State,
    },
    /// A roster on the bus, its own or another process's.
    Published(Publication),
    /// A sound request.
    Request {
        /// The request.
        request: Box<Request>,
        /// Its digest: an equal one is the same request once more.
        digest: Digest,
    },
    /// A request that could not be read, with its id where that could. Only as it comes: what was set aside before is not told again.
    Unsound {
        /// The id.
        request: Option<RequestId>,
        /// What is wrong with it.
        faults: Faults,
    },
    /// A forecast made for a request.
    Forecast {
        /// The request.
        request: RequestId,
        /// The forecast.
        forecast: Box<QueueForecast>,
    },
    /// No forecast can be made for a request.
    NoForecast {
        /// The request.
        request: RequestId,
        /// Why.
        faults: Faults,
    },
    /// A solver is at work.
    Progress {
        /// The request.
        request: RequestId,
        /// Which attempt.
        attempt: u32,
        /// How far it is.
        progress: Progress,
    },
    /// A solver has made a roster.
    Solved {
        /// The request.
        request: RequestId,
        /// Which attempt.
        attempt: u32,
        /// The roster.
        roster: Box<Roster>,
        /// Its summary.
        summary: Box<RosterSummary>,
        /// The digests of the request and the roster, computed by whoever read the solver's answer.
        digests: Digests,
    },
    /// The solver's word: rules contradict the request.
    Infeasible {
        /// The request.
        request: RequestId,
        /// Which attempt.
        attempt: u32,
        /// The contradictions.
        faults: Faults,
        /// The roster for those who can be served, where there is one. Its summary names the others, and the digest of the request is
        /// that of the request without them.
        rest: Option<(Box<Roster>, Box<RosterSummary>, Digests)>,
    },
    /// The solver's word: it cannot work on the request, and another attempt would say the same.
    Failed {
        /// The request.
        request: RequestId,
        /// Which attempt.
        attempt: u32,
        /// Why.
        faults: Faults,
    },
    /// The solver ended without a word.
    Died {
        /// The request.
        request: RequestId,
        /// Which attempt.
        attempt: u32,
        /// What it died of, for people to read.
        cause: String,
    },
    /// Somebody wants a request cancelled; it may come later than this.
    Cancel {
        /// The request.
        request: RequestId,
        /// Why, for people to read.
        reason: String,
    },
    /// Somebody wants the best roster so far of a request; it may come later than this.
    Finish {
        /// The request.
        request: RequestId,
    },
    /// The request's partition has gone to another process.
    Released {
        /// The request.
        request: RequestId,
    },
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Say where a request stands.
    PublishStatus {
        /// The request.
        request: RequestId,
        /// Where it stands.
        state: State,
    },
    /// Forecasts of these queues are awaited. They may stand on the bus already: look there; else they will come.
    NeedForecast {
        /// The request.
        request: RequestId,
        /// The queues, in the order of their ids.
        queues: Vec<QueueId>,
    },
    /// Start a solver.
    StartSolve(Job),
    /// Stop a solver; its answer is no longer wanted.
    StopSolve {
        /// The request.
        request: RequestId,
        /// Which attempt.
        attempt: u32,
    },
    /// Tell a solver to search no further and to give the best that it has.
    FinishSolve {
        /// The request.
        request: RequestId,
        /// Which attempt.
        attempt: u32,
    },
    /// Make a roster, its summary and the request's last status visible, all at once, in the [`turn`] that it has by what is published
    /// then, with no other publication of the period between the look and this one. Where it has none this desk is behind: throw it
    /// away and begin anew from the bus.
    Publish {
        /// What it is a roster of.
        period: Period,
        /// Its turn, by what this desk has heard.
        turn: u64,
        /// The roster, proved.
        roster: Box<Roster>,
        /// Its summary, with the desk's own certificate.
        summary: Box<RosterSummary>,
        /// The status.
        state: State,
    },
    /// Set the record that was just read aside, with the reasons. The request's status stays as it is unless another effect changes it.
    Reject {
        /// The request, where its id is known.
        request: Option<RequestId>,
        /// The reasons.
        faults: Faults,
    },
    /// Set the record that the request came in aside, with the reasons: no solver survives it.
    GiveUp {
        /// The request.
        request: RequestId,
        /// What each of its solvers died of.
        faults: Faults,
    },
}

/// What a solver is to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The request.
    pub request: Arc<Request>,
    /// Its demand where that comes from history, in the order of its queues.
    pub forecasts: Option<Vec<QueueForecast>>,
    /// The id of the roster to be made.
    pub roster: RosterId,
    /// Its generation.
    pub generation: u64,
    /// Which attempt: to be named in all news of it.
    pub attempt: u32,
    /// Whether it was told already to search no further than to a first roster.
    pub finish: bool,
}

/// How many requests stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Waiting for their demand.
    pub awaiting_demand: usize,
    /// Waiting for their turn.
    pub waiting: usize,
    /// Being solved.
    pub solving: usize,
}

/// The request desk.
#[derive(Debug)]
pub struct Desk {
    settings: DeskSettings,
    entries: BTreeMap<RequestId, Entry>,
    /// Requests whose demand is known, in the order in which they are solved.
    waiting: VecDeque<RequestId>,
    orphans: Orphans,
    lineage: Lineage,
    wanted: Wanted,
}

impl Desk {
    /// An empty desk.
    pub fn new(settings: DeskSettings) -> Self {
        let (entries, waiting) = (BTreeMap::new(), VecDeque::new());
        Self { settings, entries, waiting, orphans: Orphans::default(), lineage: Lineage::default(), wanted: Wanted::default() }
    }

    /// How many requests stand where.
    pub fn load(&self) -> Load {
        let count = |wanted: fn(&Stage) -> bool| self.entries.values().filter(|entry| wanted(&entry.stage)).count();
        Load {
            awaiting_demand: count(|stage| matches!(stage, Stage::AwaitsDemand)),
            waiting: count(|stage| matches!(stage, Stage::Waits)),
            solving: count(|stage| matches!(stage, Stage::Solving { .. })),
        }
    }

    /// Whether a request was asked here and waits for its answer.
    pub fn is_open(&self, request: &RequestId) -> bool {
        self.entries.get(request).is_some_and(|entry| entry.request.is_some())
    }

    /// Takes in an input and says what is to be done, in order.
    pub fn step(&mut self, input: Input) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Status { request, state } => self.heard(&request, &state, &mut effects),
            Input::Published(publication) => self.lineage.published(publication),
            Input::Request { request, digest } => self.requested(*request, digest, &mut effects),
            Input::Unsound { request, faults } => self.unsound(request, faults, &mut effects),
            Input::Forecast { request, forecast } => self.forecast(request, *forecast),
            Input::NoForecast { request, faults } => {
                if self.entries.get(&request).is_some_and(|entry| entry.stage == Stage::AwaitsDemand) {
                    self.close(&request, State::Failed { faults }, &mut effects);
                }
            }
            Input::Progress { request, attempt, progress } => {
                if self.is_solving(&request, attempt) {
                    effects.push(Effect::PublishStatus { request, state: State::Progress(progress) });
                }
            }
            Input::Solved { request, attempt, roster, summary, digests } => {
                if self.is_solving(&request, attempt) {
                    self.solved(&request, roster, summary, digests, &mut effects);
                }
            }
            Input::Infeasible { request, attempt, faults, rest } => {
                if self.is_solving(&request, attempt) {
                    self.infeasible(&request, faults, rest, &mut effects);
                }
            }
            Input::Failed { request, attempt, faults } => {
                if self.is_solving(&request, attempt) {
                    self.close(&request, State::Failed { faults }, &mut effects);
                }
            }
            Input::Died { request, attempt, cause } => {
                if self.is_solving(&request, attempt) {
                    self.died(&request, FaultCode::SolverDied, &cause, &mut effects);
                }
            }
            Input::Cancel { request, reason } => self.cancel(&request, reason, &mut effects),
            Input::Finish { request } => self.finish(request, &mut effects),
            Input::Released { request } => self.released(&request, &mut effects),
        }
        self.start(&mut effects);
        effects
    }

    fn is_solving(&self, request: &RequestId, attempt: u32) -> bool {
        self.entries.get(request).is_some_and(|entry| entry.stage == Stage::Solving { attempt })
    }

    /// A status that somebody said. A last one closes the request here too.
    fn heard(&mut self, request: &RequestId, state: &State, effects: &mut Vec<Effect>) {
        let entry = self.entries.entry(request.clone()).or_default();
        entry.is_announced = true;
        if state.is_final() && entry.stage != Stage::Closed {
            if let Stage::Solving { attempt } = entry.stage {
                effects.push(Effect::StopSolve { request: request.clone(), attempt });
            }
            entry.close();
            self.waiting.retain(|waiting| waiting != request);
            self.wanted.forget(request);
        }
    }

    fn requested(&mut self, request: Request, digest: Digest, effects: &mut Vec<Effect>) {
        let id = request.id.clone();
        self.lineage.requested(&request);
        let entry = self.entries.entry(id.clone()).or_default();
        match entry.digest {
            Some(known) if known == digest => return,
            Some(known) => {
                let cause = format!("a request {id} of digest {known} is known, this one has {digest}");
                let faults = Faults::one(FaultCode::Duplicate, "id", cause);
                effects.push(Effect::Reject { request: Some(id), faults });
                return;
            }
            None => entry.digest = Some(digest),
        }
        if entry.stage == Stage::Closed {
            return;
        }
        if let Some(faults) = self.wanted.cancelled(&id) {
            self.close(&id, State::Failed { faults }, effects);
            return;
        }
        if let Err(faults) = self.lineage.check_parent(&request) {
            self.close(&id, State::Failed { faults }, effects);
            return;
        }
        if !std::mem::replace(&mut entry.is_announced, true) {
            effects.push(Effect::PublishStatus { request: id.clone(), state: State::Accepted });
        }
        let needs_forecasts = matches!(request.demand, DemandSource::History { .. });
        entry.request = Some(Arc::new(request));
        if needs_forecasts {
            entry.stage = Stage::AwaitsDemand;
            let known = self.orphans.take(&id);
            for forecast in known {
                entry.add(forecast);
            }
        }
        let missing = if needs_forecasts { entry.missing() } else { Vec::new() };
        if missing.is_empty() {
            self.line_up(&id);
        } else {
            effects.push(Effect::NeedForecast { request: id, queues: missing });
        }
    }

    fn unsound(&mut self, request: Option<RequestId>, faults: Faults, effects: &mut Vec<Effect>) {
        if let Some(id) = &request
            && !self.entries.contains_key(id)
        {
            self.close(id, State::Failed { faults: faults.clone() }, effects);
        }
        effects.push(Effect::Reject { request, faults });
    }

    fn forecast(&mut self, request: RequestId, forecast: QueueForecast) {
        match self.entries.get_mut(&request) {
            Some(entry) if entry.stage == Stage::AwaitsDemand => {
                entry.add(forecast);
                if entry.missing().is_empty() {
                    self.line_up(&request);
                }
            }
            Some(entry) if entry.stage != Stage::Announced => {}
            _ => self.orphans.keep(request, forecast),
        }
    }

    fn line_up(&mut self, request: &RequestId) {
        if let Some(entry) = self.entries.get_mut(request) {
            entry.stage = Stage::Waits;
            self.waiting.push_back(request.clone());
        }
    }

    /// Starts as many solves as may run at once.
    fn start(&mut self, effects: &mut Vec<Effect>) {
        while self.load().solving < self.settings.most_solves.max(1) {
            let Some(id) = self.waiting.pop_front() else { return };
            let Some(entry) = self.entries.get_mut(&id) else { continue };
            let Some(request) = entry.request.clone() else { continue };
            if self.lineage.check_parent(&request).is_err() {
                // Its parent was replaced while it waited.
                self.refuse_outdated(&id, effects);
                continue;
            }
            entry.attempts += 1;
            let attempt = entry.attempts;
            entry.stage = Stage::Solving { attempt };
            let generation = lineage::generation(&request);
            let forecasts = entry.forecasts();
            let (roster, finish) = (lineage::roster_id(&id), self.wanted.is_finish(&id));
            effects.push(Effect::StartSolve(Job { request, forecasts, roster, generation, attempt, finish }));
        }
    }

    fn released(&mut self, request: &RequestId, effects: &mut Vec<Effect>) {
        if let Some(entry) = self.entries.remove(request)
            && let Stage::Solving { attempt } = entry.stage
        {
            effects.push(Effect::StopSolve { request: request.clone(), attempt });
        }
        self.waiting.retain(|waiting| waiting != request);
    }

    /// Closes a request with its last status.
    fn close(&mut self, request: &RequestId, state: State, effects: &mut Vec<Effect>) {
        self.entries.entry(request.clone()).or_default().close();
        self.wanted.forget(request);
        self.waiting.retain(|waiting| waiting != request);
        effects.push(Effect::PublishStatus { request: request.clone(), state });
    }
}

#[cfg(test)]
pub(crate) mod tests;
