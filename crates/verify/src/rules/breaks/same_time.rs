//! Breaks that a group takes at the same time: the group's members begin them at one minute.
//!
//! The first of a group, in the order of the roster, sets the time; each other is measured against it.

use std::collections::BTreeMap;

use fika_model::rules::SameTime;
use fika_model::{Activity, DayIndex, Minute, Shift, Span, TeamId, TemplateId};

use super::Slot;
use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger, Row};
use crate::wording;

/// Who takes it together: the rule's row, the day, and team and template where they tell groups apart.
type Group<'a> = (Row, DayIndex, Option<&'a TeamId>, Option<&'a TemplateId>);

/// The breaks of each group, as they were met.
#[derive(Debug, Default)]
pub(super) struct Together<'a> {
    groups: BTreeMap<Group<'a>, Vec<(Person<'a>, Span)>>,
}

impl<'a> Together<'a> {
    /// Notes a break that fills a slot, if its rule is one of a group.
    pub(super) fn enter(&mut self, book: &Book<'_>, slot: &Slot<'_>, person: &Person<'a>, shift: &'a Shift, activity: &Activity) {
        let (Some(same), Some(day)) = (slot.rule.terms.same_time, book.day_of(shift)) else { return };
        let team = (same != SameTime::Site).then_some(&person.agent.team);
        let template = if same == SameTime::Crew { shift.template.as_ref() } else { None };
        self.groups.entry((slot.row, day, team, template)).or_default().push((*person, activity.span));
    }

    pub(super) fn check(&self, book: &Book<'_>, ledger: &mut Ledger) {
        let at = |day: DayIndex, minute: Minute| i64::from(minute.minutes_since(book.request.days.day_span(day).start()));
        for ((row, day, ..), breaks) in &self.groups {
            let Some((first, time)) = breaks.first() else { continue };
            for (person, span) in &breaks[1..] {
                ledger.check(*row, span.start() == time.start(), || Finding {
                    agent: Some(person.id()),
                    team: Some(&person.agent.team),
                    span: *span,
                    amount: Amount::minutes(at(*day, time.start()), at(*day, span.start())),
                    cause: format!(
                        "agent {}'s break on {} does not begin with that of agent {} at {}",
                        person.id(),
                        wording::stretch(&book.request.days, *span),
                        first.id(),
                        wording::point(&book.request.days, time.start())
                    ),
                });
            }
        }
    }
}
