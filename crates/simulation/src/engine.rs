//! The simulation of one replication: a clock, a calendar of events, and what each event does.
//!
//! Invariants: time never goes back; each waiting call stands in exactly one line and each idle agent in exactly one; an event whose
//! generation is not that of its call or agent does nothing. Calls (`calls`), agents (`people`), which of them meet
//! (`routing`) and the arrival process (`arrivals`) have modules of their own. Absent on purpose: statistics over replications.

use fika_model::event::{AgentState, CallEventKind};

use crate::counts::Counts;
use crate::draw::{Purpose, key};
use crate::heap::{Happening, Heap};
use crate::prepared::{Prepared, What};
use crate::scenario::Reason;
use crate::trace::{AgentStep, CallStep, Trace};

use arrivals::{Next, Source};
use calls::Call;
use line::Line;
use people::{Heads, Person};

mod arrivals;
mod calls;
mod line;
mod people;
mod routing;

/// Kinds of events, in the order in which those of one instant happen.
mod kind {
    pub(super) const ANSWER: u8 = 1;
    pub(super) const TALK_END: u8 = 2;
    pub(super) const RELEASE: u8 = 3;
    pub(super) const BACK: u8 = 4;
    pub(super) const ABSENCE_DUE: u8 = 5;
    pub(super) const ABANDON: u8 = 6;
    pub(super) const OVERFLOW: u8 = 7;
    pub(super) const RETRY: u8 = 8;
    pub(super) const FOLLOW_UP: u8 = 9;
}

/// Keys of what is drawn for single calls and agents.
struct Keys {
    call_back: u64,
    hard: u64,
    absence: u64,
    selection: u64,
    group_talk: u64,
    follow_up: u64,
}

pub(crate) struct Engine<'a, T: Trace> {
    plan: &'a Prepared,
    trace: T,
    keys: Keys,
    sources: Vec<Source>,
    /// Calls per second, queue by queue, period by period, with all factors.
    rates: Vec<f64>,
    now: f64,
    /// When the last call so far was over.
    last_call_s: f64,
    events: Heap,
    arrivals: Next,
    next_change: usize,
    /// When the next planned change is due; infinite when there is none.
    change_s: f64,
    calls: Vec<Call>,
    free: Vec<u32>,
    serial: u64,
    lines_used: u32,
    /// Waiting calls by queue.
    waiting: Vec<Line>,
    waiting_calls: u32,
    people: Vec<Person>,
    /// Idle agents by group.
    idle: Vec<Line>,
    idle_people: u32,
    /// The groups with idle agents, one bit each, 64 to a word.
    idle_groups: Vec<u64>,
    heads: Vec<Heads>,
    /// Whether conversation and wrap-up end by events of their own.
    split_wrapup: bool,
    counts: Counts,
}

impl<'a, T: Trace> Engine<'a, T> {
    pub(crate) fn new(plan: &'a Prepared, seed: u64, replication: u64, trace: T) -> Self {
        let mut engine = Self {
            plan,
            trace,
            keys: Keys {
                call_back: key(seed, replication, Purpose::CallBack, 0),
                hard: key(seed, replication, Purpose::Hard, 0),
                absence: key(seed, replication, Purpose::Absence, 0),
                selection: key(seed, replication, Purpose::Selection, 0),
                group_talk: key(seed, replication, Purpose::GroupTalk, 0),
                follow_up: key(seed, replication, Purpose::FollowUp, 0),
            },
            sources: (0..plan.queues.len()).map(|queue| Source::new(seed, replication, queue)).collect(),
            rates: arrivals::rates(plan, seed, replication),
            now: 0.0,
            last_call_s: 0.0,
            events: Heap::default(),
            arrivals: Next::new(plan.queues.len()),
            next_change: 0,
            change_s: plan.changes.first().map_or(f64::INFINITY, |change| change.at_s),
            calls: Vec::new(),
            free: Vec::new(),
            serial: 0,
            lines_used: 0,
            waiting: vec![Line::EMPTY; plan.queues.len()],
            waiting_calls: 0,
            people: people::at_the_start(plan),
            idle: vec![Line::EMPTY; plan.groups.len()],
            idle_people: 0,
            idle_groups: vec![0; plan.groups.len().div_ceil(64)],
            heads: plan.groups.iter().map(Heads::of).collect(),
            split_wrapup: T::ACTIVE || plan.trunks.is_some() || plan.queues.iter().any(|queue| queue.follow_up.is_some()),
            counts: Counts::new(plan),
        };
        for queue in 0..plan.queues.len() {
            engine.schedule_arrival(queue);
        }
        engine
    }

    /// Lets everything happen that is due until `until_s`, this instant included. Gives whether nothing is left to happen.
    pub(crate) fn run_until(&mut self, until_s: f64) -> bool {
        loop {
            let event = self.events.next_s();
            let arrival = self.arrivals.at_s();
            let change = self.change_s;
            let next = event.min(arrival).min(change);
            if next > until_s || next == f64::INFINITY {
                return next == f64::INFINITY;
            }
            self.now = next;
            if event <= next {
                if let Some((_, happening)) = self.events.pop() {
                    self.happen(happening);
                }
            } else if change <= next {
                self.change();
            } else {
                self.arrive(self.arrivals.queue());
            }
        }
    }

    /// Runs to the end and gives the sums and the watcher back.
    pub(crate) fn finish(mut self) -> (Counts, T) {
        self.run_until(f64::INFINITY);
        self.now = self.now.max(self.plan.horizon_s);
        self.cut_waiting();
        self.now = self.last_call_s.max(self.plan.horizon_s);
        self.close_all();
        (self.counts, self.trace)
    }

    pub(crate) fn trace_mut(&mut self) -> &mut T {
        &mut self.trace
    }

    fn happen(&mut self, happening: Happening) {
        let Happening { kind, index, generation } = happening;
        match kind {
            kind::ANSWER => self.answer(index),
            kind::TALK_END => self.talk_end(index),
            kind::RELEASE => self.release(index),
            kind::BACK => self.back(index, generation),
            kind::ABSENCE_DUE => self.absence_due(index, generation),
            kind::ABANDON => self.abandon(index, generation),
            kind::OVERFLOW => self.overflow(index, generation),
            kind::FOLLOW_UP => self.follow_up(index),
            _ => self.retry(index),
        }
    }

    fn change(&mut self) {
        let change = self.plan.changes[self.next_change];
        self.next_change += 1;
        self.change_s = self.plan.changes.get(self.next_change).map_or(f64::INFINITY, |change| change.at_s);
        match change.what {
            What::Piece { agent } => self.piece_planned(agent),
            What::Heads { group, count } => self.heads_planned(group, count),
        }
    }

    fn push(&mut self, after_s: f64, kind: u8, index: u32, generation: u32) {
        self.events.push(self.now + after_s, Happening { kind, index, generation });
    }

    fn now_ms(&self) -> i64 {
        (self.now * 1000.0).round() as i64
    }

    fn tell_call(&mut self, index: u32, agent: Option<u32>, kind: CallEventKind) {
        if T::ACTIVE {
            let call = &self.calls[index as usize];
            let step = CallStep {
                at_ms: self.now_ms(),
                call: call.serial,
                queue: call.queue as usize,
                agent: agent.map(|agent| agent as usize),
                kind,
            };
            self.trace.call(step);
        }
    }

    fn tell_agent(&mut self, agent: u32, state: AgentState, reason: Option<Reason>) {
        if T::ACTIVE {
            let logged_in = state != AgentState::LoggedOut;
            let group = logged_in.then(|| self.people[agent as usize].group as usize);
            self.trace.agent(AgentStep { at_ms: self.now_ms(), agent: agent as usize, state, reason, group });
        }
    }
}
