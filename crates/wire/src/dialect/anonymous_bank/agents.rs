//! From the services of a day to the states of its agents.

use std::collections::{BTreeMap, BTreeSet};

use fika_model::event::{AgentState, EpochMs, Event};
use fika_model::{AgentId, QueueId};

use super::agent_event;

/// A pause between two services that is longer than this is no waiting for calls.
const LONGEST_READY_MS: i64 = 30 * 60_000;

/// The services of a day, by agent.
#[derive(Debug, Default)]
pub(super) struct Services {
    by_agent: BTreeMap<AgentId, AgentDay>,
}

#[derive(Debug, Default)]
struct AgentDay {
    queues: BTreeSet<QueueId>,
    /// Start and end of each service.
    services: Vec<(EpochMs, EpochMs)>,
}

impl Services {
    pub(super) fn add(&mut self, agent: &AgentId, queue: &QueueId, start_ms: EpochMs, end_ms: EpochMs) {
        let day = self.by_agent.entry(agent.clone()).or_default();
        day.queues.insert(queue.clone());
        day.services.push((start_ms, end_ms));
    }

    /// The changes of state of every agent, agent by agent.
    pub(super) fn into_events(self) -> Vec<Event> {
        let mut events = Vec::new();
        for (agent, mut day) in self.by_agent {
            day.services.sort_unstable();
            let queues: Vec<QueueId> = day.queues.into_iter().collect();
            for (at_ms, state) in changes(&day.services) {
                events.push(agent_event(&agent, state, at_ms, &queues));
            }
        }
        events
    }
}

/// Changes of state of one agent, whose services are in the order of their starts. Services that overlap or touch are one conversation; no
/// two changes are at the same time.
fn changes(services: &[(EpochMs, EpochMs)]) -> Vec<(EpochMs, AgentState)> {
    let mut talks: Vec<(EpochMs, EpochMs)> = Vec::new();
    for &(start, end) in services {
        match talks.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => talks.push((start, end)),
        }
    }
    // A service of no length tells that the agent was there, but is no conversation.
    let mut changes = Vec::new();
    for (n, &(start, end)) in talks.iter().enumerate() {
        let after = match talks.get(n + 1) {
            Some(next) if next.0 - end > LONGEST_READY_MS => AgentState::NotReady,
            Some(_) => AgentState::Ready,
            None => AgentState::LoggedOut,
        };
        if end > start {
            changes.push((start, AgentState::Talking));
        }
        changes.push((end, after));
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: i64 = 60_000;

    fn check(services: &[(i64, i64)], expect: &[(i64, AgentState)]) {
        let services: Vec<_> = services.iter().map(|(a, b)| (a * MINUTE_MS, b * MINUTE_MS)).collect();
        let expect: Vec<_> = expect.iter().map(|(at, state)| (at * MINUTE_MS, *state)).collect();
        assert_eq!(changes(&services), expect);
    }

    #[test]
    fn states_follow_from_services() {
        use AgentState::{LoggedOut, NotReady, Ready, Talking};
        check(&[], &[]);
        check(&[(10, 15)], &[(10, Talking), (15, LoggedOut)]);
        check(&[(10, 15), (15, 20)], &[(10, Talking), (20, LoggedOut)]);
        check(&[(10, 15), (45, 50)], &[(10, Talking), (15, Ready), (45, Talking), (50, LoggedOut)]);
        check(&[(10, 15), (46, 50)], &[(10, Talking), (15, NotReady), (46, Talking), (50, LoggedOut)]);
        check(&[(10, 30), (12, 15), (29, 31)], &[(10, Talking), (31, LoggedOut)]);
        check(&[(5, 5), (10, 15)], &[(5, Ready), (10, Talking), (15, LoggedOut)]);
    }
}
