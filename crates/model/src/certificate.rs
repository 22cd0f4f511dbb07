//! The verifier's word on a roster: which rules were checked, how many times, and what was found.

use std::fmt;

use crate::id::{AgentId, RuleId, TeamId};
use crate::units::Span;

/// SHA-256 of a message in protobuf's binary form (fields in the order of their numbers, defaults left out).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// How often one rule was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCount {
    /// The rule.
    pub rule: RuleId,
    /// What it says, in a sentence.
    pub text: String,
    /// How many times it was tried on this roster.
    pub checked: u64,
    /// How many of these failed.
    pub broken: u64,
}

/// The units of a violation's amounts.
pub const UNITS: [&str; 6] = ["minutes", "days", "people", "shifts", "generations", "breaks"];

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: RuleId,
    /// The agent it is broken for, if it is one agent's.
    pub agent: Option<AgentId>,
    /// The team it is broken for, if it is a team's.
    pub team: Option<TeamId>,
    /// Where in the horizon.
    pub span: Span,
    /// What the rule asks for, in its unit.
    pub required: i64,
    /// What the roster has, in the same unit.
    pub found: i64,
    /// The unit of both, one of [`UNITS`].
    pub unit: &'static str,
    /// Minutes of pay that the law sets for it; 0 where it sets none, or another violation of the same shift and kind of break bears it.
    pub premium_minutes: i64,
    /// The violation in a sentence, with agent, time and amount.
    pub cause: String,
}

/// Proved or refuted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Every hard rule holds.
    Proved,
    /// At least one is broken.
    Refuted,
}

/// The proof that goes with a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Digest of the request.
    pub request: Digest,
    /// Digest of the agents' rosters.
    pub roster: Digest,
    /// The rules and how often each was checked, in a fixed order.
    pub rules: Vec<RuleCount>,
    /// All violations, in the order of the rules, then agents, then time.
    pub violations: Vec<Violation>,
}

impl Certificate {
    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        if self.violations.is_empty() { Verdict::Proved } else { Verdict::Refuted }
    }

    /// Minutes of pay that the law sets for missed breaks.
    pub fn premium_minutes(&self) -> i64 {
        self.violations.iter().map(|violation| violation.premium_minutes).sum()
    }

    /// How many checks were made in all.
    pub fn checks(&self) -> u64 {
        self.rules.iter().map(|rule| rule.checked).sum()
    }
}
