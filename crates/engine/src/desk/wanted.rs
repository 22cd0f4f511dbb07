//! What was wanted of requests by command: kept until they have their answers, because a command may come before its request.

use std::collections::{BTreeMap, BTreeSet};

use fika_model::fault::FaultCode;
use fika_model::status::State;
use fika_model::{Faults, RequestId};

use super::entry::Stage;
use super::{Desk, Effect};

/// Commands of requests without an answer.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    cancelled: BTreeMap<RequestId, String>,
    finished: BTreeSet<RequestId>,
}

impl Wanted {
    /// The faults that a cancelled request ends with.
    pub(super) fn cancelled(&self, request: &RequestId) -> Option<Faults> {
        let reason = self.cancelled.get(request)?;
        let reason = if reason.is_empty() { "no reason was given" } else { reason };
        Some(Faults::one(FaultCode::Cancelled, "", format_args!("it was cancelled: {reason}")))
    }

    /// Whether its search is to go no further than to a first roster.
    pub(super) fn is_finish(&self, request: &RequestId) -> bool {
        self.finished.contains(request)
    }

    /// The request has its answer.
    pub(super) fn forget(&mut self, request: &RequestId) {
        self.cancelled.remove(request);
        self.finished.remove(request);
    }
}

impl Desk {
    /// Ends a request that is open here, or one day will be.
    pub(super) fn cancel(&mut self, request: &RequestId, reason: String, effects: &mut Vec<Effect>) {
        let stage = self.entries.get(request).map(|entry| entry.stage);
        if stage == Some(Stage::Closed) {
            return;
        }
        self.wanted.cancelled.entry(request.clone()).or_insert(reason);
        if !self.is_open(request) {
            return;
        }
        if let Some(Stage::Solving { attempt }) = stage {
            effects.push(Effect::StopSolve { request: request.clone(), attempt });
        }
        if let Some(faults) = self.wanted.cancelled(request) {
            self.close(request, State::Failed { faults }, effects);
        }
    }

    /// Wants the best so far of a request that is open here, or one day will be.
    pub(super) fn finish(&mut self, request: RequestId, effects: &mut Vec<Effect>) {
        let stage = self.entries.get(&request).map(|entry| entry.stage);
        if stage == Some(Stage::Closed) || !self.wanted.finished.insert(request.clone()) {
            return;
        }
        if let Some(Stage::Solving { attempt }) = stage {
            effects.push(Effect::FinishSolve { request, attempt });
        }
    }
}
