//! Counts of checks and the violations found, one row a rule.
//!
//! Invariant: a violation is written only through [`Ledger::check`], together with its count, so that the two never differ.

use fika_model::certificate::{Certificate, RuleCount, Violation};
use fika_model::{AgentId, Request, RuleId, Span, TeamId};

use crate::Digests;
use crate::rule::Rule;
use crate::wording;

/// Which row of the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    /// A rule that every roster has.
    Fixed(Rule),
    /// A break rule of the request, by its position there.
    Break(usize),
    /// A limit of stretches of the request, by its position there.
    Stretch(usize),
}

impl From<Rule> for Row {
    fn from(rule: Rule) -> Self {
        Self::Fixed(rule)
    }
}

/// What was found where a check failed.
#[derive(Debug, Clone)]
pub(crate) struct Finding<'a> {
    pub(crate) agent: Option<&'a AgentId>,
    pub(crate) team: Option<&'a TeamId>,
    pub(crate) span: Span,
    pub(crate) amount: Amount,
    pub(crate) cause: String,
}

/// What was asked and what is there, in one unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    pub(crate) required: i64,
    pub(crate) found: i64,
    pub(crate) unit: &'static str,
}

impl Amount {
    pub(crate) const fn minutes(required: i64, found: i64) -> Self {
        Self { required, found, unit: "minutes" }
    }

    pub(crate) const fn days(required: i64, found: i64) -> Self {
        Self { required, found, unit: "days" }
    }

    pub(crate) const fn people(required: i64, found: i64) -> Self {
        Self { required, found, unit: "people" }
    }

    pub(crate) const fn shifts(required: i64, found: i64) -> Self {
        Self { required, found, unit: "shifts" }
    }

    pub(crate) const fn breaks(required: i64, found: i64) -> Self {
        Self { required, found, unit: "breaks" }
    }

    pub(crate) const fn generations(required: i64, found: i64) -> Self {
        Self { required, found, unit: "generations" }
    }
}

/// The open certificate.
#[derive(Debug)]
pub(crate) struct Ledger {
    rows: Vec<(Row, RuleCount)>,
    violations: Vec<(Row, Violation)>,
    /// How many break rules there are.
    breaks: usize,
}

impl Ledger {
    /// A row for each rule, all at zero.
    pub(crate) fn new(request: &Request) -> Self {
        let fixed = Rule::ALL.iter().map(|rule| {
            let id = RuleId::new(rule.id()).expect("the ids of the rules are legal, which a test holds");
            (Row::Fixed(*rule), RuleCount { rule: id, text: rule.text().to_owned(), checked: 0, broken: 0 })
        });
        let row = |row: Row, id: &RuleId, text: String| (row, RuleCount { rule: id.clone(), text, checked: 0, broken: 0 });
        let breaks = request.breaks.iter().enumerate().map(|(n, rule)| row(Row::Break(n), &rule.id, wording::break_rule(rule)));
        let stretches = request.stretches.iter().enumerate();
        let stretches = stretches.map(|(n, rule)| row(Row::Stretch(n), &rule.id, wording::stretch_rule(rule)));
        Self { rows: fixed.chain(breaks).chain(stretches).collect(), violations: Vec::new(), breaks: request.breaks.len() }
    }

    /// Counts one check of a rule and notes the finding where it failed. Gives back whether it held.
    pub(crate) fn check<'a>(&mut self, row: impl Into<Row>, holds: bool, finding: impl FnOnce() -> Finding<'a>) -> bool {
        self.check_with_premium(row, holds, 0, finding)
    }

    /// The same for a check whose failure costs so many minutes of pay by law.
    pub(crate) fn check_with_premium<'a>(
        &mut self,
        row: impl Into<Row>,
        holds: bool,
        premium_minutes: i64,
        finding: impl FnOnce() -> Finding<'a>,
    ) -> bool {
        let row = row.into();
        let at = match row {
            Row::Fixed(rule) => rule as usize,
            Row::Break(n) => Rule::ALL.len() + n,
            Row::Stretch(n) => Rule::ALL.len() + self.breaks + n,
        };
        let count = &mut self.rows[at].1;
        count.checked += 1;
        if !holds {
            count.broken += 1;
            let Finding { agent, team, span, amount, cause } = finding();
            let violation = Violation {
                rule: count.rule.clone(),
                agent: agent.cloned(),
                team: team.cloned(),
                span,
                required: amount.required,
                found: amount.found,
                unit: amount.unit,
                premium_minutes,
                cause,
            };
            self.violations.push((row, violation));
        }
        holds
    }

    /// The certificate: violations in the order of the rules, then agents, then time.
    pub(crate) fn close(mut self, digests: Digests) -> Certificate {
        self.violations.sort_by(|(row, a), (other, b)| (row, &a.agent, a.span).cmp(&(other, &b.agent, b.span)));
        Certificate {
            request: digests.request,
            roster: digests.roster,
            rules: self.rows.into_iter().map(|(_, count)| count).collect(),
            violations: self.violations.into_iter().map(|(_, violation)| violation).collect(),
        }
    }
}
