//! The agent event stream: snapshots of an agent, of its status and its contacts.
//!
//! A snapshot that follows upon nothing new (`HEART_BEAT`, every two minutes) says the state once more, which heals what was lost. From
//! the contacts come hold and return, which contact events do not tell.

use fika_model::event::{AgentState, CallEventKind, EpochMs, Event};
use fika_model::{AgentId, CallId, QueueId};

use super::super::fields::{Fields, Findings};
use super::super::telling::{Step, agent_event};
use super::{NAME, is_personal, resource};

const RECORD: &[&str] = &["AWSAccountId", "EventId", "InstanceARN", "PreviousAgentSnapshot", "Version"];
const SNAPSHOT: &[&str] = &["NextAgentStatus"];
const STATUS: &[&str] = &["ARN", "StartTimestamp"];
const CONFIGURATION: &[&str] =
    &["AgentHierarchyGroups", "AutoAccept", "FirstName", "LanguageCode", "LastName", "Proficiencies", "SipAddress", "Username"];
const PROFILE: &[&str] = &["ARN", "Concurrency", "DefaultOutboundQueue", "Name"];
const QUEUE: &[&str] = &["Channels", "Name"];
const CONTACT: &[&str] = &["Channel", "ConnectedToAgentTimestamp", "InitialContactId", "InitiationMethod", "QueueTimestamp"];

/// The events of one record of the stream.
pub(super) fn events(mut record: Fields<'_>, found: &mut Findings) -> Vec<Event> {
    let arn = record.needed(found, "AgentARN");
    let agent = record.id_of(found, "AgentARN", resource, AgentId::new);
    let at = record.time(found, "EventTimestamp");
    let kind = record.needed(found, "EventType");
    let snapshot = record.object(found, "CurrentAgentSnapshot");
    let before = record.object(found, "PreviousAgentSnapshot");
    if at.is_none() && !record.has("EventTimestamp") {
        found.fault(fika_model::FaultCode::Missing, "EventTimestamp", "it is missing");
    }
    record.done(found, RECORD);
    let (Some(agent), Some(at), false) = (agent, at, arn.is_empty()) else { return Vec::new() };
    match kind.as_ref() {
        "LOGOUT" => vec![Event::Agent(agent_event(NAME, &agent, AgentState::LoggedOut, at))],
        "STATE_CHANGE" | "HEART_BEAT" | "LOGIN" => {
            let Some(snapshot) = snapshot else { return Vec::new() };
            let held = before.map(|before| held_before(before)).unwrap_or_default();
            Snapshot::read(snapshot, found).events(&agent, at, &held)
        }
        _ => {
            found.unknown_type();
            Vec::new()
        }
    }
}

/// The contacts that were on hold in the snapshot before. Its own record has been read, so faults in it are not told again.
fn held_before(mut before: Fields<'_>) -> Vec<CallId> {
    let mut aside = Findings::default();
    let contacts = before.objects(&mut aside, "Contacts");
    let held = |mut contact: Fields<'_>| {
        let on_hold = contact.text(&mut aside, "State").is_some_and(|state| state == "CONNECTED_ONHOLD");
        contact.id(&mut aside, "ContactId", CallId::new).filter(|_| on_hold)
    };
    contacts.into_iter().filter_map(held).collect()
}

#[derive(Debug)]
struct Contact {
    call: Option<CallId>,
    state: String,
    since: Option<EpochMs>,
    queue: Option<QueueId>,
}

#[derive(Debug, Default)]
struct Snapshot {
    status: String,
    status_kind: String,
    queues: Vec<QueueId>,
    contacts: Vec<Contact>,
}

impl Snapshot {
    fn read(mut snapshot: Fields<'_>, found: &mut Findings) -> Self {
        let mut read = Self::default();
        if let Some(mut status) = snapshot.object(found, "AgentStatus") {
            read.status = status.needed(found, "Name").into_owned();
            read.status_kind = status.text(found, "Type").unwrap_or_default().into_owned();
            status.done(found, STATUS);
        }
        if let Some(mut configuration) = snapshot.object(found, "Configuration") {
            if let Some(mut profile) = configuration.object(found, "RoutingProfile") {
                read.queues = profile.objects(found, "InboundQueues").into_iter().filter_map(|queue| inbound(queue, found)).collect();
                profile.done(found, PROFILE);
            }
            configuration.done(found, CONFIGURATION);
        }
        read.contacts = snapshot.objects(found, "Contacts").into_iter().map(|contact| Contact::read(contact, found)).collect();
        snapshot.done(found, SNAPSHOT);
        read
    }

    fn state(&self) -> AgentState {
        let any = |names: &[&str]| self.contacts.iter().any(|contact| names.contains(&contact.state.as_str()));
        let routable = match self.status_kind.as_str() {
            "" => self.status == "Available",
            kind => kind == "ROUTABLE",
        };
        let offline = self.status_kind == "OFFLINE" || (self.status_kind.is_empty() && self.status == "Offline");
        if any(&["CONNECTED"]) {
            AgentState::Talking
        } else if any(&["CONNECTED_ONHOLD"]) {
            AgentState::Hold
        } else if any(&["ENDED"]) {
            AgentState::Wrapup
        } else if offline {
            AgentState::LoggedOut
        } else if any(&["INCOMING", "PENDING", "CONNECTING"]) {
            AgentState::Reserved
        } else if !routable || any(&["MISSED", "ERROR", "REJECTED"]) {
            // An agent who missed a call is given no other one until it is cleared.
            AgentState::NotReady
        } else {
            AgentState::Ready
        }
    }

    fn events(self, agent: &AgentId, at: EpochMs, held: &[CallId]) -> Vec<Event> {
        let mut event = agent_event(NAME, agent, self.state(), at);
        if event.state == AgentState::NotReady {
            event.reason_code.clone_from(&self.status);
        }
        let mut events = Vec::new();
        for Contact { call, state, since, queue } in &self.contacts {
            let (Some(call), Some(since)) = (call, since) else { continue };
            let step = Step { source: NAME, name: "snapshot", call, queue: queue.as_ref(), agent: Some(agent) };
            match state.as_str() {
                "CONNECTED_ONHOLD" if queue.is_some() => events.push(step.event(CallEventKind::Held, *since)),
                "CONNECTED" if queue.is_some() && held.contains(call) => events.push(step.event(CallEventKind::Resumed, *since)),
                _ => {}
            }
        }
        event.queues = self.queues;
        events.push(Event::Agent(event));
        events
    }
}

impl Contact {
    fn read(mut contact: Fields<'_>, found: &mut Findings) -> Self {
        let queue = contact.object(found, "Queue").and_then(|queue| inbound(queue, found));
        let read = Self {
            call: contact.id(found, "ContactId", CallId::new),
            state: contact.text(found, "State").unwrap_or_default().into_owned(),
            since: contact.time(found, "StateStartTimestamp"),
            queue,
        };
        contact.done(found, CONTACT);
        read
    }
}

/// A queue by its id, or by its name where the record has no more; an agent's own queue is none.
fn inbound(mut queue: Fields<'_>, found: &mut Findings) -> Option<QueueId> {
    let arn = queue.text(found, "ARN");
    let id = match &arn {
        Some(arn) if is_personal(arn) => None,
        Some(_) => queue.id_of(found, "ARN", resource, QueueId::new),
        None => queue.id(found, "Name", QueueId::new),
    };
    queue.done(found, QUEUE);
    id
}
