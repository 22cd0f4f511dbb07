//! Proves or refutes that a roster keeps every hard rule of its request.
//!
//! Everything is derived again from the request and the roster alone, the two messages that anybody can read. Invariant: nothing of
//! the solver, its types or its shortcuts is known here, so that a mistake there cannot repeat itself here. Each rule has a stable
//! id and a sentence ([`Rule`]); a break rule of the request has its own id. What is shared fairly is measured ([`fairness`]) and not judged.
//! Absent on purpose: what a roster is to be changed to, service levels, repair.

mod book;
mod ledger;
mod measures;
mod rule;
mod rules;
mod sessions;
mod wording;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod mutation;

use fika_model::certificate::{Certificate, Digest};
use fika_model::fairness::FairnessReport;
use fika_model::roster::{ActivityOutcome, RosterSummary};
use fika_model::{Request, Roster};

pub use rule::Rule;
pub use wording::{break_rule, point, stretch, stretch_rule};

/// The digests that tie a certificate to its messages; whoever holds the bytes computes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digests {
    /// Of the request.
    pub request: Digest,
    /// Of the agents' rosters.
    pub roster: Digest,
}

/// Minutes of break of all agents that are spent with as many companions at once as the request's policy asks for.
pub fn social_minutes(request: &Request, roster: &Roster) -> i64 {
    rules::social_minutes(&book::Book::new(request, roster))
}

/// What became of everything that the request asks for beside calls, in the order of its occasions; reasons are not told here.
pub fn activities(request: &Request, roster: &Roster) -> Vec<ActivityOutcome> {
    let book = book::Book::new(request, roster);
    let sessions = sessions::Sessions::new(&book);
    request.occasions().iter().filter_map(|occasion| sessions::outcome(&book, &sessions, occasion)).collect()
}

/// Whether a summary tells of everything asked for beside calls what the roster holds; its reasons are its own.
pub fn tells_activities(request: &Request, roster: &Roster, summary: &RosterSummary) -> bool {
    let plain = |told: &ActivityOutcome| ActivityOutcome { binding: String::new(), reason: String::new(), ..told.clone() };
    let given = summary.activities.iter();
    let named = given.clone().all(|told| told.is_held() == told.reason.is_empty());
    named && given.map(plain).eq(activities(request, roster))
}

/// How a roster shares what is unpopular, wishes and company, and what the next horizon needs to know. What groups on break cost in cover is
/// left at 0: it takes the requirement.
pub fn fairness(request: &Request, roster: &Roster) -> FairnessReport {
    measures::report(&book::Book::new(request, roster))
}

/// Checks every rule for every agent and shift and gives the certificate: counts per rule, and each violation with its amount.
///
/// Rules are counted also where there is nothing to check, so that two certificates of one request have the same rows.
pub fn verify(request: &Request, roster: &Roster, digests: Digests) -> Certificate {
    let book = book::Book::new(request, roster);
    let mut ledger = ledger::Ledger::new(request);
    rules::check_all(&book, &mut ledger);
    ledger.close(digests)
}
