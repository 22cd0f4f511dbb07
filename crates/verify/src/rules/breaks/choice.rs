//! Breaks whose time the agent chooses: the bounds that the roster names must be safe.
//!
//! Safe means: at every start on the grid inside the bounds, with the other breaks of the shift where they are, the shift keeps its break
//! rules, its stretches and its edges. Company is not looked at: who chooses another time chooses another company.

use fika_model::{Activity, Minute, Shift, Span};

use super::{Slot, best_way};
use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::rules::stretch;
use crate::wording;

pub(super) fn check(book: &Book<'_>, person: &Person<'_>, shift: &Shift, ledger: &mut Ledger) {
    for activity in shift.activities.iter().filter(|activity| activity.choice.is_some() && !activity.kind.is_break()) {
        ledger.check(Rule::BreakChoice, false, || finding(book, person, activity.span, 0, 1, "is no break and names bounds of a choice"));
    }
    let breaks: Vec<&Activity> = shift.breaks().collect();
    let (slots, filled) = best_way(book, person, shift, &breaks);
    let due = slots.iter().filter(|slot| slot.rule.terms.choice).count();
    let named: Vec<usize> = (0..breaks.len()).filter(|n| breaks[*n].choice.is_some()).collect();
    if due > 0 || !named.is_empty() {
        ledger.check(Rule::BreakChoice, named.len() == due, || {
            let what = "has breaks to be chosen that name no bounds, or others that do";
            let amount = Amount::breaks(due as i64, named.len() as i64);
            Finding { amount, ..finding(book, person, shift.span, 0, 0, what) }
        });
    }
    for n in named {
        let bounds = breaks[n].choice.unwrap_or(breaks[n].span);
        let chosen = |slot: &Slot<'_>| slot.rule.terms.choice && slot.fits(breaks[n]);
        let holds = bounds.covers(breaks[n].span) && slots.iter().any(chosen);
        let unsafe_minutes = if holds { unsafe_minutes(book, person, shift, n, bounds, filled.iter().flatten().count()) } else { 1 };
        ledger.check(Rule::BreakChoice, unsafe_minutes == 0, || {
            finding(book, person, bounds, 0, unsafe_minutes, "may not be chosen at every time inside its bounds")
        });
    }
}

/// Minutes of starts inside the bounds at which the shift would break a rule of its own.
fn unsafe_minutes(book: &Book<'_>, person: &Person<'_>, shift: &Shift, n: usize, bounds: Span, filled: usize) -> i64 {
    let step = book.request.break_step.get().max(1);
    let mut breaks: Vec<Activity> = shift.breaks().cloned().collect();
    let length = breaks[n].span.length();
    let starts = (bounds.start().get()..=bounds.end().get() - length.get() as i32).step_by(step as usize);
    let mut wrong = 0;
    for start in starts {
        breaks[n].span = Span::new(Minute::new(start), length);
        let there: Vec<&Activity> = breaks.iter().collect();
        let (_, kept) = best_way(book, person, shift, &there);
        let mut spans: Vec<Span> = breaks.iter().map(|one| one.span).collect();
        spans.sort_unstable();
        let inside = spans.iter().all(|span| shift.span.covers(*span));
        if !inside || kept.iter().flatten().count() < filled || !stretch::holds(book, shift.span, &spans) {
            wrong += i64::from(step);
        }
    }
    wrong
}

fn finding<'a>(book: &Book<'_>, person: &Person<'a>, span: Span, required: i64, found: i64, what: &str) -> Finding<'a> {
    Finding {
        agent: Some(person.id()),
        team: None,
        span,
        amount: Amount::minutes(required, found),
        cause: format!("agent {}: {} {what}", person.id(), wording::stretch(&book.request.days, span)),
    }
}
