//! Follows a request over the bus: puts it there, hears how it is doing, fetches what was published.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use fika_api::{Bounds, RosterLookup, View};
use fika_bus::{Bus, Error, Tail, TailFrom};
use fika_model::status::{State, Status};
use fika_model::{Request, RequestId, RosterId};
use fika_wire::proto::fika::v1 as proto;
use fika_wire::{convert, digest, records, topics};

use crate::traffic;

/// Who says that a request was made.
const SOURCE: &str = "/fika/request";

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Submitted {
    /// It is on the bus now.
    New,
    /// The same request was there already.
    Known,
    /// Another request has its id; nothing was written.
    IdTaken,
}

/// Puts a request on the bus unless it is there.
pub(crate) fn submit(bus: &dyn Bus, request: &Request) -> Result<Submitted, Error> {
    let mut there = None;
    bus.scan(topics::REQUESTS, &mut |record| {
        if record.key.as_deref() == Some(request.id.as_str().as_bytes()) {
            there = record.value.as_deref().and_then(|value| records::read_request(&record.headers, value).ok());
        }
        ControlFlow::Continue(())
    })?;
    match there {
        Some(known) if digest::request(&known) == digest::request(request) => Ok(Submitted::Known),
        Some(_) => Ok(Submitted::IdTaken),
        None => {
            bus.append(vec![traffic::outgoing(traffic::stamped(SOURCE, |stamp| records::request(request, stamp)))])?;
            Ok(Submitted::New)
        }
    }
}

/// Hears the statuses of one request.
pub(crate) struct Follower {
    tail: Box<dyn Tail>,
    request: RequestId,
}

/// Why following ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heard {
    /// Nothing more will come.
    Final(State),
    /// The time was over; the last state heard, if any.
    TimedOut(Option<State>),
}

impl Follower {
    /// Hears everything that was ever said about the request and what comes.
    pub(crate) fn new(bus: &dyn Bus, request: RequestId) -> Result<Self, Error> {
        Ok(Self { tail: bus.tail(&[topics::STATUS], TailFrom::Start)?, request })
    }

    /// Hears until the request is done with or `until` has come. `observe` gets each state, and `None` about every second of silence.
    pub(crate) fn follow(&mut self, until: Instant, observe: &mut dyn FnMut(Option<&State>)) -> Result<Heard, Error> {
        let mut last = None;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Heard::TimedOut(last));
            }
            let records = self.tail.poll(left.min(Duration::from_secs(1)))?;
            if records.is_empty() {
                observe(None);
            }
            let own = records.iter().filter(|record| record.key.as_deref() == Some(self.request.as_str().as_bytes()));
            for record in own {
                let Some(value) = record.value.as_deref() else { continue };
                let Ok(Status { state, .. }) = records::read_status(&record.headers, value) else { continue };
                observe(Some(&state));
                if state.is_final() {
                    return Ok(Heard::Final(state));
                }
                last = Some(state);
            }
        }
    }
}

/// The summary of a roster on the bus.
pub(crate) fn summary(bus: &dyn Bus, roster: &str) -> Result<Option<proto::RosterSummary>, Error> {
    let mut found = None;
    bus.scan(topics::ROSTER_SUMMARIES, &mut |record| {
        if let Some(value) = record.value.as_deref()
            && let Ok((days, summary)) = records::read_roster_summary(&record.headers, value)
            && summary.roster.as_str() == roster
        {
            found = Some(convert::summary_message(&summary, &days));
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// A published roster with its summary; `None` when it is not whole on the bus (a newer one may have taken its place).
pub(crate) fn published(bus: &dyn Bus, roster: &RosterId) -> Result<Option<proto::Roster>, Error> {
    let view = View::new(Bounds { requests: 1, rosters: 1 });
    if let Some(summary) = summary(bus, roster.as_str())? {
        view.apply_summary(summary);
    }
    bus.scan(topics::ROSTERS, &mut |record| {
        if let Some(value) = record.value.as_deref()
            && let Ok(agent) = records::read_agent_roster(&record.headers, value)
            && agent.roster_id == roster.as_str()
        {
            view.apply_agent(agent);
        }
        ControlFlow::Continue(())
    })?;
    Ok(match view.roster(roster.as_str()) {
        RosterLookup::Complete(roster) => Some(*roster),
        RosterLookup::Incomplete | RosterLookup::Unknown => None,
    })
}
