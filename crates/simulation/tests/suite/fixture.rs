//! Small scenarios to begin from, and a watcher that writes down what it is told.

use fika_model::event::{AgentState, CallEventKind};
use fika_simulation::{
    Agent, AgentStep, Arrivals, CallStep, Duty, Estimate, Group, Live, Piece, Prepared, Queue, Reason, Report, RunSettings, Scenario,
    Serves, Shape, Times, Trace, run,
};

/// Exponential times by period.
pub(crate) fn exponential(mean_s: Vec<f64>) -> Times {
    Times { shape: Shape::Exponential, mean_s }
}

/// Times that are always the same.
pub(crate) fn constant(mean_s: f64) -> Times {
    Times { shape: Shape::Constant, mean_s: vec![mean_s] }
}

/// A queue with nothing special.
pub(crate) fn queue(arrivals: Arrivals, talk: Times, patience: Option<Times>) -> Queue {
    Queue { patience, ..Queue::plain("calls", arrivals, talk) }
}

/// Calls at these seconds that each last so long.
pub(crate) fn listed(at_s: &[f64], talk_s: f64) -> Queue {
    queue(Arrivals::Listed(at_s.to_vec()), constant(talk_s), None)
}

pub(crate) fn group(serves: Vec<Serves>, heads: Vec<u32>) -> Group {
    Group { name: "agents".into(), serves, heads, heads_after: None }
}

pub(crate) fn scenario(period_s: f64, periods: usize, queues: Vec<Queue>, groups: Vec<Group>) -> Scenario {
    Scenario { interval_s: period_s.min(1800.0), queues, groups, ..Scenario::plain(period_s, periods) }
}

/// An hour of one queue and one group without agents.
pub(crate) fn hour(queue: Queue) -> Scenario {
    scenario(3600.0, 1, vec![queue], vec![group(vec![Serves::queue(0)], Vec::new())])
}

pub(crate) fn phones(from_s: f64, to_s: f64) -> Piece {
    Piece { from_s, to_s, duty: Duty::Phones { group: 0 } }
}

pub(crate) fn away(from_s: f64, to_s: f64, reason: Reason) -> Piece {
    Piece { from_s, to_s, duty: Duty::Away(reason) }
}

pub(crate) fn agent(pieces: Vec<Piece>) -> Agent {
    Agent { name: "agent".into(), proficiency: Vec::new(), pieces }
}

pub(crate) fn simulate(scenario: &Scenario, replications: u32) -> Report {
    run(scenario, &RunSettings { replications, seed: 1, workers: 1 }).expect("a legal scenario")
}

/// The estimate lies within three standard errors of the truth (an interval is 1.96 of them wide on each side).
#[track_caller]
pub(crate) fn covers(what: &str, found: Option<Estimate>, truth: f64) {
    let found = found.expect(what);
    let allowed = (found.high - found.low) / 2.0 * 3.0 / 1.96;
    assert!((found.mean - truth).abs() <= allowed, "{what}: {found:?}, in truth {truth}");
}

/// Everything that a simulation told, in the order of the telling.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Diary {
    pub(crate) calls: Vec<CallStep>,
    pub(crate) agents: Vec<AgentStep>,
    /// All times, calls and agents as they came.
    pub(crate) at_ms: Vec<i64>,
}

impl Trace for Diary {
    fn call(&mut self, step: CallStep) {
        self.at_ms.push(step.at_ms);
        self.calls.push(step);
    }

    fn agent(&mut self, step: AgentStep) {
        self.at_ms.push(step.at_ms);
        self.agents.push(step);
    }
}

impl Diary {
    pub(crate) fn of(scenario: &Scenario, seed: u64, replication: u64) -> Self {
        let plan = Prepared::new(scenario).expect("a legal scenario");
        Live::new(&plan, seed, replication, Self::default()).finish()
    }

    /// The seconds at which calls took this step, in order of time.
    pub(crate) fn seconds(&self, kind: CallEventKind) -> Vec<f64> {
        self.calls.iter().filter(|step| step.kind == kind).map(|step| step.at_ms as f64 / 1000.0).collect()
    }

    /// Who answered, in order of time.
    pub(crate) fn answered_by(&self) -> Vec<usize> {
        self.calls.iter().filter(|step| step.kind == CallEventKind::Connected).filter_map(|step| step.agent).collect()
    }

    /// An agent's states with their seconds.
    pub(crate) fn states(&self, agent: usize) -> Vec<(f64, AgentState, Option<Reason>)> {
        self.agents.iter().filter(|step| step.agent == agent).map(|s| (s.at_ms as f64 / 1000.0, s.state, s.reason)).collect()
    }
}
