//! What comes of a solve: proved and published, or tried again, or given up.

use fika_model::fault::{Fault, FaultCode};
use fika_model::roster::{Roster, RosterSummary};
use fika_model::status::State;
use fika_model::{Certificate, Faults, Request, RequestId, Verdict};
use fika_verify::{Digests, tells_activities, verify};

use super::entry::Stage;
use super::{Desk, Effect, Period, Publication, lineage};

impl Desk {
    /// Proves a solver's roster and publishes it; one that is not proved is a death of the solver.
    pub(super) fn solved(
        &mut self,
        id: &RequestId,
        roster: Box<Roster>,
        mut summary: Box<RosterSummary>,
        digests: Digests,
        effects: &mut Vec<Effect>,
    ) {
        let Some(entry) = self.entries.get(id) else { return };
        let Some(request) = entry.request.clone() else { return };
        let expected = Digests { request: entry.digest.unwrap_or(digests.request), ..digests };
        let certificate = match proof(&request, &roster, &summary, digests, expected) {
            Ok(_) if !(summary.left_out.is_empty() && summary.waived.is_empty()) => {
                return self.died(id, FaultCode::Unproved, "its summary leaves out agents who are in the roster", effects);
            }
            Ok(certificate) => certificate,
            Err(cause) => return self.died(id, FaultCode::Unproved, &cause, effects),
        };
        summary.certificate = certificate;
        let state = State::Done { roster: roster.id.clone(), generation: roster.generation };
        self.publish(id, &request, roster, summary, state, effects);
    }

    /// Closes a request that contradicts itself, with the roster for those who can be served where it is proved.
    pub(super) fn infeasible(
        &mut self,
        id: &RequestId,
        faults: Faults,
        rest: Option<(Box<Roster>, Box<RosterSummary>, Digests)>,
        effects: &mut Vec<Effect>,
    ) {
        let Some((roster, mut summary, digests)) = rest else {
            return self.close(id, State::Infeasible { faults, roster: None }, effects);
        };
        let Some(request) = self.entries.get(id).and_then(|entry| entry.request.clone()) else { return };
        let proved = match request.without(&summary.left_out, &summary.waived) {
            Ok(served) => proof(&served, &roster, &summary, digests, digests),
            Err(faults) => Err(format!("the roster is for nobody: {faults}")),
        };
        summary.certificate = match proved {
            Ok(certificate) => certificate,
            Err(cause) => return self.died(id, FaultCode::Unproved, &cause, effects),
        };
        let state = State::Infeasible { faults, roster: Some((roster.id.clone(), roster.generation)) };
        self.publish(id, &request, roster, summary, state, effects);
    }

    /// Publishes a proved roster with the request's last status, unless its parent is current no longer.
    fn publish(
        &mut self,
        id: &RequestId,
        request: &Request,
        roster: Box<Roster>,
        summary: Box<RosterSummary>,
        state: State,
        effects: &mut Vec<Effect>,
    ) {
        if self.lineage.check_parent(request).is_err() {
            return self.refuse_outdated(id, effects);
        }
        let (roster_id, generation, period) = (roster.id.clone(), roster.generation, Period::of(request));
        let (turn, told) = (self.lineage.next_turn(&period), Some(period.clone()));
        self.lineage.published(Publication { roster: roster_id, request: id.clone(), generation, turn, at_ms: 0, period: told });
        if let Some(entry) = self.entries.get_mut(id) {
            entry.close();
        }
        self.wanted.forget(id);
        effects.push(Effect::Publish { period, turn, roster, summary, state });
    }

    /// Tries again, or gives up with all reasons.
    pub(super) fn died(&mut self, id: &RequestId, code: FaultCode, cause: &str, effects: &mut Vec<Effect>) {
        let most_attempts = self.settings.most_attempts.max(1);
        let Some(entry) = self.entries.get_mut(id) else { return };
        entry.deaths.push(Fault::new(code, "", format!("attempt {}: {cause}", entry.attempts)));
        if entry.attempts < most_attempts {
            entry.stage = Stage::Waits;
            self.waiting.push_back(id.clone());
            return;
        }
        let faults = Faults(std::mem::take(&mut entry.deaths));
        self.close(id, State::Failed { faults: faults.clone() }, effects);
        effects.push(Effect::GiveUp { request: id.clone(), faults });
    }

    /// Fails a request whose parent is current no longer.
    pub(super) fn refuse_outdated(&mut self, id: &RequestId, effects: &mut Vec<Effect>) {
        let request = self.entries.get(id).and_then(|entry| entry.request.clone());
        if let Some(Err(faults)) = request.map(|request| self.lineage.check_parent(&request)) {
            self.close(id, State::Failed { faults }, effects);
        }
    }
}

/// The desk's own certificate for a roster that is what its messages say, or what is wrong.
fn proof(request: &Request, roster: &Roster, summary: &RosterSummary, digests: Digests, expected: Digests) -> Result<Certificate, String> {
    if roster.request != request.id
        || roster.id != lineage::roster_id(&request.id)
        || summary.roster != roster.id
        || summary.generation != roster.generation
    {
        return Err(format!("roster {} answers {}, its summary is of {}", roster.id, roster.request, summary.roster));
    }
    let claimed = (summary.certificate.request, summary.certificate.roster);
    if digests.request != expected.request || claimed != (digests.request, digests.roster) {
        return Err(format!("the certificate is of request {} and roster {}, not of these", claimed.0, claimed.1));
    }
    if !tells_activities(request, roster, summary) {
        return Err("the summary tells of activities beside calls what the roster does not hold".to_owned());
    }
    let certificate = verify(request, roster, digests);
    match (certificate.verdict(), certificate.violations.first()) {
        (Verdict::Proved, _) => Ok(certificate),
        (Verdict::Refuted, first) => {
            let cause = first.map_or("a rule is broken", |violation| violation.cause.as_str());
            Err(format!("{} broken, the first: {cause}", certificate.violations.len()))
        }
    }
}
