//! What the desk knows of one request.

use std::collections::BTreeMap;
use std::sync::Arc;

use fika_model::demand::DemandSource;
use fika_model::fault::Fault;
use fika_model::forecast::QueueForecast;
use fika_model::{Digest, QueueId, Request};

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Stage {
    /// Only a status of it was seen.
    #[default]
    Announced,
    /// It lacks forecasts.
    AwaitsDemand,
    /// It is in line.
    Waits,
    /// A solver is at work.
    Solving {
        /// Which attempt.
        attempt: u32,
    },
    /// It has its answer.
    Closed,
}

/// One request.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) digest: Option<Digest>,
    pub(super) request: Option<Arc<Request>>,
    pub(super) stage: Stage,
    /// Whether any status of it is on the bus.
    pub(super) is_announced: bool,
    pub(super) attempts: u32,
    /// Why attempts came to nothing.
    pub(super) deaths: Vec<Fault>,
    demand: BTreeMap<QueueId, QueueForecast>,
}

impl Entry {
    /// Adds a forecast, if the request has the queue.
    pub(super) fn add(&mut self, forecast: QueueForecast) {
        let is_wanted = |request: &Arc<Request>| request.queues.iter().any(|queue| queue.id == forecast.queue);
        if self.request.as_ref().is_some_and(is_wanted) {
            self.demand.insert(forecast.queue.clone(), forecast);
        }
    }

    /// Queues without a forecast, in the order of their ids.
    pub(super) fn missing(&self) -> Vec<QueueId> {
        let queues = self.request.iter().flat_map(|request| &request.queues).map(|queue| &queue.id);
        let mut missing: Vec<QueueId> = queues.filter(|queue| !self.demand.contains_key(*queue)).cloned().collect();
        missing.sort_unstable();
        missing
    }

    /// The forecasts in the order of the request's queues, where its demand comes from history.
    pub(super) fn forecasts(&self) -> Option<Vec<QueueForecast>> {
        let request = self.request.as_ref().filter(|request| matches!(request.demand, DemandSource::History { .. }))?;
        Some(request.queues.iter().filter_map(|queue| self.demand.get(&queue.id).cloned()).collect())
    }

    /// Forgets all but the id and the digest: what comes twice must still be known.
    pub(super) fn close(&mut self) {
        *self = Self { digest: self.digest, stage: Stage::Closed, is_announced: true, ..Self::default() };
    }
}
