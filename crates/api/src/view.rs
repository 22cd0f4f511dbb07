//! What the interface knows: the last statuses, rosters and summaries that went over the bus.
//!
//! Bounded: what was heard of longest ago is forgotten first. A roster is shown only when all its agents are there, which its
//! certificate's digest tells; the messages of one publication may arrive one by one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use fika_wire::proto::fika::v1 as proto;
use fika_wire::{convert, digest};
use tokio::sync::watch;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Requests whose status is kept.
    pub requests: usize,
    /// Rosters that are kept.
    pub rosters: usize,
}

/// Entries by name; the one that was made longest ago goes first.
#[derive(Debug)]
struct Recent<T> {
    most: usize,
    entries: BTreeMap<String, T>,
    order: VecDeque<String>,
}

impl<T: Default> Recent<T> {
    fn new(most: usize) -> Self {
        Self { most: most.max(1), entries: BTreeMap::new(), order: VecDeque::new() }
    }

    fn entry(&mut self, name: &str) -> &mut T {
        if !self.entries.contains_key(name) {
            self.order.push_back(name.to_owned());
            while self.order.len() > self.most {
                if let Some(oldest) = self.order.pop_front() {
                    self.entries.remove(&oldest);
                }
            }
        }
        self.entries.entry(name.to_owned()).or_default()
    }
}

#[derive(Debug, Default)]
struct Parts {
    summary: Option<proto::RosterSummary>,
    agents: BTreeMap<String, proto::AgentRoster>,
    complete: bool,
}

/// What is known of a roster.
#[derive(Debug, Clone, PartialEq)]
pub enum RosterLookup {
    /// Nothing.
    Unknown,
    /// Some of its messages are still on their way, or a newer roster has taken their place.
    Incomplete,
    /// All of it.
    Complete(Box<proto::Roster>),
}

/// The view of the bus that the interface answers from.
#[derive(Debug)]
pub struct View {
    statuses: Mutex<Recent<Option<proto::RequestStatus>>>,
    rosters: Mutex<Recent<Parts>>,
    changes: watch::Sender<u64>,
    closed: AtomicBool,
}

impl View {
    /// Knows nothing yet.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            statuses: Mutex::new(Recent::new(bounds.requests)),
            rosters: Mutex::new(Recent::new(bounds.rosters)),
            changes: watch::Sender::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// Sends those home who wait for a change: the process is stopping.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.changed();
    }

    /// Whether nothing more will come.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Changes whenever something was applied.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn changed(&self) {
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// Takes a status; a later one takes the place of an earlier one.
    pub fn apply_status(&self, status: proto::RequestStatus) {
        let mut statuses = self.statuses.lock().unwrap_or_else(PoisonError::into_inner);
        let request = status.request_id.clone();
        *statuses.entry(&request) = Some(status);
        drop(statuses);
        self.changed();
    }

    /// Takes the summary of a roster.
    pub fn apply_summary(&self, summary: proto::RosterSummary) {
        let mut rosters = self.rosters.lock().unwrap_or_else(PoisonError::into_inner);
        let roster = summary.roster_id.clone();
        rosters.entry(&roster).summary = Some(summary);
        drop(rosters);
        self.changed();
    }

    /// Takes an agent's part of a roster.
    pub fn apply_agent(&self, agent: proto::AgentRoster) {
        let mut rosters = self.rosters.lock().unwrap_or_else(PoisonError::into_inner);
        let roster = agent.roster_id.clone();
        rosters.entry(&roster).agents.insert(agent.agent_id.clone(), agent);
        drop(rosters);
        self.changed();
    }

    /// Where a request stands.
    pub fn status(&self, request: &str) -> Option<proto::RequestStatus> {
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner).entries.get(request).cloned().flatten()
    }

    /// The summary of a roster, whether its agents are all there or not.
    pub fn summary(&self, id: &str) -> Option<proto::RosterSummary> {
        self.rosters.lock().unwrap_or_else(PoisonError::into_inner).entries.get(id).and_then(|parts| parts.summary.clone())
    }

    /// A roster by its id.
    pub fn roster(&self, id: &str) -> RosterLookup {
        let mut rosters = self.rosters.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(parts) = rosters.entries.get_mut(id) else { return RosterLookup::Unknown };
        let Some(summary) = parts.summary.clone() else { return RosterLookup::Incomplete };
        let roster = proto::Roster { agents: parts.agents.values().cloned().collect(), summary: None };
        if !parts.complete {
            let claimed = summary.certificate.as_ref().map(|certificate| certificate.roster_sha256.clone());
            let found = convert::parse_agent_rosters(&roster.agents).ok().map(|roster| digest::roster(&roster).to_string());
            parts.complete = found.is_some() && claimed == found;
        }
        if !parts.complete {
            return RosterLookup::Incomplete;
        }
        RosterLookup::Complete(Box::new(proto::Roster { summary: Some(summary), ..roster }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(request: &str) -> proto::RequestStatus {
        let state = Some(proto::request_status::State::Accepted(proto::request_status::Accepted {}));
        proto::RequestStatus { request_id: request.to_owned(), at: None, state }
    }

    #[test]
    fn what_was_made_longest_ago_is_forgotten_first() {
        let view = View::new(Bounds { requests: 2, rosters: 1 });
        for request in ["a", "b", "a", "c"] {
            view.apply_status(status(request));
        }
        let known: Vec<bool> = ["a", "b", "c"].iter().map(|request| view.status(request).is_some()).collect();
        assert_eq!(known, [false, true, true]);
    }

    #[test]
    fn a_roster_without_its_summary_is_not_shown() {
        let view = View::new(Bounds { requests: 1, rosters: 2 });
        let agent = proto::AgentRoster { roster_id: "r".to_owned(), agent_id: "ada".to_owned(), ..Default::default() };
        assert_eq!(view.roster("r"), RosterLookup::Unknown);
        view.apply_agent(agent);
        assert_eq!(view.roster("r"), RosterLookup::Incomplete);
        let certificate = proto::Certificate { roster_sha256: "00".repeat(32), ..Default::default() };
        let summary = proto::RosterSummary { roster_id: "r".to_owned(), certificate: Some(certificate), ..Default::default() };
        view.apply_summary(summary);
        assert_eq!(view.roster("r"), RosterLookup::Incomplete, "the digest is another roster's");
    }

    #[test]
    fn changes_wake_those_who_wait() {
        let view = View::new(Bounds { requests: 1, rosters: 1 });
        let mut changes = view.changes();
        assert_eq!(changes.has_changed().ok(), Some(false));
        view.apply_status(status("a"));
        assert_eq!(changes.has_changed().ok(), Some(true));
        changes.mark_unchanged();
        view.close();
        assert!(view.is_closed() && changes.has_changed().ok() == Some(true));
    }
}
