//! Carries out what the desk decides: starts and stops solves, and collects what is to be committed.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::once;
use std::ops::ControlFlow;

use fika_bus::{Consumer, Error, Guard, Outgoing, Record, TopicPartition};
use fika_engine::{Desk, Effect, Input, Period};
use fika_model::roster::{Parent, Roster, RosterSummary};
use fika_model::status::{State, Status};
use fika_model::{Faults, RequestId};
use fika_wire::{records, topics};

use super::solves::Solves;
use super::{SOURCE, intake};
use crate::roles::{Shared, groups};
use crate::traffic;

/// A roster to be published.
struct Finished {
    period: Period,
    turn: u64,
    parent: Option<Parent>,
    summary: Outgoing,
    others: Vec<Outgoing>,
}

/// The hands of the desk.
pub(super) struct Hands<'a> {
    shared: &'a Shared,
    pub(super) solves: Solves,
    outputs: Vec<Outgoing>,
    rosters: Vec<Finished>,
    /// The records of requests without an answer: what is set aside when a request is given up.
    open: BTreeMap<RequestId, Record>,
    /// Requests whose forecasts may stand on the bus already.
    sought: BTreeSet<RequestId>,
    /// What to tell the metrics once it is committed.
    reached: Vec<&'static str>,
    published: Option<Box<RosterSummary>>,
}

impl<'a> Hands<'a> {
    pub(super) fn new(shared: &'a Shared, solves: Solves) -> Self {
        Self {
            shared,
            solves,
            outputs: Vec::new(),
            rosters: Vec::new(),
            open: BTreeMap::new(),
            sought: BTreeSet::new(),
            reached: Vec::new(),
            published: None,
        }
    }

    /// Takes up the requests of partitions that were assigned; what is answered already is known to the desk.
    pub(super) fn take_up(&mut self, desk: &mut Desk, assigned: &[TopicPartition]) -> Result<(), Error> {
        if assigned.is_empty() {
            return Ok(());
        }
        // Whoever had the partitions before may have answered a moment ago: what it committed is settled once they are here, but need not
        // have been heard yet. Without it a request that has its answer would get a second one.
        for input in intake::history(self.shared)? {
            self.said(desk, input);
        }
        let mut found = Vec::new();
        self.shared.bus.scan(topics::REQUESTS, &mut |record| {
            if assigned.iter().any(|(_, partition)| *partition == record.partition) {
                found.push(record);
            }
            ControlFlow::Continue(())
        })?;
        for record in found {
            // What could not be read or was a second request of an id was set aside when it came.
            if let (Some(id), Some(input @ Input::Request { .. })) = intake::asked(&record) {
                self.requested(desk, &id, input, &record, None);
            }
        }
        Ok(())
    }

    /// Gives up the requests of partitions that went to another member.
    pub(super) fn release(&mut self, desk: &mut Desk, revoked: &[TopicPartition]) {
        let gone = |record: &Record| revoked.iter().any(|(_, partition)| *partition == record.partition);
        let released: Vec<RequestId> = self.open.iter().filter(|(_, record)| gone(record)).map(|(id, _)| id.clone()).collect();
        for request in released {
            self.open.remove(&request);
            self.step(desk, Input::Released { request }, None);
        }
    }

    /// Takes in a request as it comes.
    pub(super) fn request(&mut self, desk: &mut Desk, record: &Record) -> Result<(), Error> {
        let (id, input) = intake::asked(record);
        let Some(input) = input else { return Ok(()) };
        match (id, &input) {
            (Some(id), Input::Request { request, .. }) => {
                if request.parent.is_some() {
                    // Another member may have published the parent a moment ago.
                    for publication in intake::publications(self.shared)? {
                        self.step(desk, Input::Published(publication), None);
                    }
                }
                self.requested(desk, &id, input, record, Some(record));
            }
            _ => self.step(desk, input, Some(record)),
        }
        Ok(())
    }

    /// Steps the desk with a request and keeps its record for as long as it has no answer. `news` is the record when it is read now.
    fn requested(&mut self, desk: &mut Desk, id: &RequestId, input: Input, record: &Record, news: Option<&Record>) {
        let known = desk.is_open(id);
        if !known {
            self.open.insert(id.clone(), record.clone());
        }
        self.step(desk, input, news);
        if !desk.is_open(id) {
            self.open.remove(id);
        }
    }

    /// Takes in what others said.
    pub(super) fn heard(&mut self, desk: &mut Desk, record: &Record) {
        if let Some(input) = intake::said(record) {
            self.said(desk, input);
        }
    }

    fn said(&mut self, desk: &mut Desk, input: Input) {
        if let Input::Status { request, state } = &input
            && state.is_final()
        {
            self.open.remove(request);
        }
        self.step(desk, input, None);
    }

    /// Takes in what the solves said.
    pub(super) fn news(&mut self, desk: &mut Desk) {
        let (inputs, ends) = self.solves.news();
        for end in ends {
            self.shared.metrics.solve_seconds.observe(end.seconds);
            if end.died {
                self.shared.metrics.solver_deaths.inc();
            }
        }
        for input in inputs {
            if let Input::Died { request, attempt, cause } = &input {
                tracing::warn!(request = request.as_str(), attempt, cause, "a solve died");
            }
            self.step(desk, input, None);
        }
        self.shared.metrics.solves_running.set(self.solves.len() as f64);
    }

    /// Looks on the bus for forecasts that requests lack.
    pub(super) fn look_for_forecasts(&mut self, desk: &mut Desk) -> Result<(), Error> {
        let sought = std::mem::take(&mut self.sought);
        if sought.is_empty() {
            return Ok(());
        }
        let mut found = Vec::new();
        self.shared.bus.scan(topics::FORECASTS, &mut |record| {
            if let Some(input @ (Input::Forecast { .. } | Input::NoForecast { .. })) = intake::said(&record) {
                found.push(input);
            }
            ControlFlow::Continue(())
        })?;
        for input in found {
            if matches!(&input, Input::Forecast { request, .. } | Input::NoForecast { request, .. } if sought.contains(request)) {
                self.step(desk, input, None);
            }
        }
        Ok(())
    }

    /// Commits what is to be said, and with it that `read` requests were read. Each roster has a commit of its own: another member may
    /// have published one of the same period since the desk last looked, and then this commit is refused like that of a member whose
    /// time is over.
    pub(super) fn commit(&mut self, consumer: &mut dyn Consumer, read: usize) -> Result<(), Error> {
        if !self.outputs.is_empty() || read > 0 {
            consumer.commit(std::mem::take(&mut self.outputs))?;
        }
        for finished in std::mem::take(&mut self.rosters) {
            self.commit_roster(consumer, finished)?;
        }
        self.committed();
        Ok(())
    }

    /// Publishes a roster in its turn; should another take that first, in the next one.
    fn commit_roster(&self, consumer: &mut dyn Consumer, finished: Finished) -> Result<(), Error> {
        let Finished { period, mut turn, parent, summary, others } = finished;
        let find = || intake::publications(self.shared).map(|all| fika_engine::turn(parent.as_ref(), &period, all));
        loop {
            let mut summary = summary.clone();
            summary.headers.push((intake::TURN.to_owned(), turn.to_string().into_bytes()));
            let outputs = once(summary).chain(others.iter().cloned()).collect();
            let mut found = Some(turn);
            let mut holds = || {
                found = find()?;
                Ok(found == Some(turn))
            };
            match consumer.commit_under(Guard { name: &period.to_string(), holds: &mut holds }, outputs) {
                // It held: then another took the guard over, or the group has changed.
                Err(Error::Fenced { .. }) if found == Some(turn) => found = find()?,
                Err(Error::Fenced { .. }) => {}
                outcome => return outcome,
            }
            match found {
                Some(next) if next != turn => turn = next,
                _ => return Err(Error::Fenced { group: groups::PLANNER.to_owned() }),
            }
        }
    }

    /// It was committed: now it may be told.
    fn committed(&mut self) {
        for state in self.reached.drain(..) {
            self.shared.metrics.requests.with_label_values(&[state]).inc();
        }
        if let Some(summary) = self.published.take() {
            self.shared.metrics.observe_roster(&summary);
        }
    }

    /// Steps the desk, and again for what carrying out its effects brings at once. `record` is the one that comes to be read now, if any.
    fn step(&mut self, desk: &mut Desk, input: Input, record: Option<&Record>) {
        let mut inputs = vec![input];
        let mut closed = Vec::new();
        while let Some(input) = inputs.pop() {
            for effect in desk.step(input) {
                if let Effect::PublishStatus { request, state } = &effect
                    && state.is_final()
                {
                    closed.push(request.clone());
                }
                inputs.extend(self.carry_out(effect, record));
            }
        }
        for request in closed {
            self.open.remove(&request);
        }
    }

    fn carry_out(&mut self, effect: Effect, record: Option<&Record>) -> Option<Input> {
        match effect {
            Effect::PublishStatus { request, state } => self.tell(request, state),
            Effect::NeedForecast { request, .. } => {
                self.sought.insert(request);
            }
            Effect::StartSolve(job) => {
                tracing::info!(request = job.request.id.as_str(), attempt = job.attempt, generation = job.generation, "a solve starts");
                return self.solves.start(job);
            }
            Effect::StopSolve { request, .. } => self.solves.stop(&request),
            Effect::FinishSolve { request, .. } => self.solves.finish(&request),
            Effect::Publish { period, turn, roster, summary, state } => self.publish((period, turn), &roster, summary, state),
            // The request of the same id that was there first stays as it is.
            Effect::Reject { faults, .. } => {
                if let Some(record) = record {
                    self.set_aside(record, &faults);
                }
            }
            Effect::GiveUp { request, faults } => {
                if let Some(record) = self.open.remove(&request) {
                    self.set_aside(&record, &faults);
                }
            }
        }
        None
    }

    fn set_aside(&mut self, record: &Record, faults: &Faults) {
        let code = faults.0.first().map_or("", |fault| fault.code.code());
        self.shared.metrics.dead_letters.with_label_values(&[code]).inc();
        tracing::warn!(offset = record.offset, partition = record.partition, %faults, "a request is set aside");
        self.outputs.push(traffic::dead_letter(record, faults));
    }

    fn tell(&mut self, request: RequestId, state: State) {
        let said = self.status(request, state);
        self.outputs.push(said);
    }

    fn status(&mut self, request: RequestId, state: State) -> Outgoing {
        let name = match &state {
            State::Accepted => Some("accepted"),
            State::Progress(_) => None,
            State::Done { .. } => Some("done"),
            State::Infeasible { .. } => Some("infeasible"),
            State::Failed { .. } => Some("failed"),
        };
        if let Some(name) = name {
            tracing::info!(request = request.as_str(), state = name, "a request");
            self.reached.push(name);
        }
        let status = Status { request, at: traffic::now(), state };
        traffic::outgoing(traffic::stamped(SOURCE, |stamp| records::status(&status, stamp)))
    }

    /// Roster, summary and last status: in one commit, so that they are seen together.
    fn publish(&mut self, (period, turn): (Period, u64), roster: &Roster, summary: Box<RosterSummary>, state: State) {
        let agents = traffic::stamped(SOURCE, |stamp| records::roster(roster, stamp));
        let mut others: Vec<Outgoing> = agents.into_iter().map(traffic::outgoing).collect();
        others.push(self.status(roster.request.clone(), state));
        let mut record = traffic::stamped(SOURCE, |stamp| records::roster_summary(&summary, &roster.days, stamp));
        record.headers.push((intake::SITE.to_owned(), period.site.as_str().into()));
        let finished = Finished { period, turn, parent: roster.parent.clone(), summary: traffic::outgoing(record), others };
        self.rosters.push(finished);
        self.published = Some(summary);
        self.open.remove(&roster.request);
    }
}
