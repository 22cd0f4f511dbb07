//! Breaks by rule: each shift has the breaks that the rules for its length give it, and no others.
//!
//! Rules ask for *slots*; a shift keeps them when its breaks can be matched one to one with the slots so that kind, length, pay and
//! window agree. Which break fills which slot is nobody's choice, so a largest matching decides, over every way to cut into pieces what
//! may be cut. Where it leaves slots empty, the break that comes nearest to each tells what is wrong and by how much.

use std::collections::BTreeSet;

use fika_model::rules::BreakKind;
use fika_model::{Activity, Minute, Minutes, Shift, Span};

use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::wording;

mod choice;
mod same_time;
mod slots;

use slots::Slot;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    let mut together = same_time::Together::default();
    for (person, shift) in book.shifts() {
        grid(book, person, shift, ledger);
        slots(book, person, shift, &mut together, ledger);
        choice::check(book, person, shift, ledger);
    }
    together.check(book, ledger);
}

fn grid(book: &Book<'_>, person: &Person<'_>, shift: &Shift, ledger: &mut Ledger) {
    let step = book.request.break_step.get().max(1) as i32;
    for activity in shift.breaks() {
        let off = activity.span.start().get().rem_euclid(step).max(activity.span.end().get().rem_euclid(step));
        ledger.check(Rule::BreakGrid, off == 0, || Finding {
            agent: Some(person.id()),
            team: None,
            span: activity.span,
            amount: Amount::minutes(0, i64::from(off)),
            cause: format!(
                "agent {}'s break on {} lies {off} minutes off the step of {step} minutes",
                person.id(),
                wording::stretch(&book.request.days, activity.span)
            ),
        });
    }
}

/// For each slot the break that fills it, in a matching that fills as many slots as can be filled (augmenting paths).
fn matching(slots: &[Slot<'_>], breaks: &[&Activity]) -> Vec<Option<usize>> {
    fn place(slot: usize, fits: &[Vec<usize>], owner: &mut [Option<usize>], seen: &mut [bool]) -> bool {
        for &candidate in &fits[slot] {
            if std::mem::replace(&mut seen[candidate], true) {
                continue;
            }
            if owner[candidate].is_none_or(|other| place(other, fits, owner, seen)) {
                owner[candidate] = Some(slot);
                return true;
            }
        }
        false
    }
    let candidates = |slot: &Slot<'_>| (0..breaks.len()).filter(|n| slot.fits(breaks[*n])).collect();
    let fits: Vec<Vec<usize>> = slots.iter().map(candidates).collect();
    let mut owner = vec![None; breaks.len()];
    for slot in 0..slots.len() {
        place(slot, &fits, &mut owner, &mut vec![false; breaks.len()]);
    }
    let mut filled = vec![None; slots.len()];
    for (activity, slot) in owner.into_iter().enumerate() {
        if let Some(slot) = slot {
            filled[slot] = Some(activity);
        }
    }
    filled
}

/// Lets filled slots take other breaks that fit them, where that leaves a nearer one to a slot that stays empty: the reason is then told by
/// the break that was moved, not by one that happened to be left.
fn leave_the_nearest(slots: &[Slot<'_>], breaks: &[&Activity], filled: &mut [Option<usize>]) {
    for empty in 0..slots.len() {
        if filled[empty].is_some() {
            continue;
        }
        let distance = |n: usize| slots[empty].distance(breaks[n]);
        for (spare, activity) in breaks.iter().enumerate() {
            if filled.contains(&Some(spare)) {
                continue;
            }
            let gives_way = |slot: &usize| slots[*slot].fits(activity) && filled[*slot].is_some_and(|own| distance(own) < distance(spare));
            let nearest = (0..slots.len()).filter(gives_way).min_by_key(|slot| filled[*slot].map(distance));
            if let Some(slot) = nearest {
                filled[slot] = Some(spare);
            }
        }
    }
}

/// The way to cut what is due that leaves the fewest slots empty, the first of equals, with the break that fills each slot.
fn best_way<'a>(book: &Book<'a>, person: &Person<'_>, shift: &Shift, breaks: &[&Activity]) -> (Vec<Slot<'a>>, Vec<Option<usize>>) {
    let filled = |slots: Vec<Slot<'a>>| {
        let filled = matching(&slots, breaks);
        (slots, filled)
    };
    let ways = slots::ways(book, person, shift, breaks).into_iter().map(filled);
    let empty = |(_, filled): &(_, Vec<Option<usize>>)| filled.iter().filter(|slot| slot.is_none()).count();
    ways.min_by_key(empty).unwrap_or_default()
}

/// The time that each break of a shift could have by the window of its rule alone, within the shift's edges; the breaks whole.
pub(crate) fn windows(book: &Book<'_>, person: &Person<'_>, shift: &Shift) -> Vec<Span> {
    let edge = book.request.wellbeing.edge;
    let (from, to) = (shift.span.start().plus(edge), Minute::new(shift.span.end().get() - edge.get() as i32));
    let window = |slot: Slot<'_>| {
        let length = Minutes::of(slot.length as u16);
        let (start, end) = (slot.earliest.max(from), slot.latest.plus(length).min(to));
        (start.plus(length) <= end).then(|| Span::between(start, end))
    };
    slots::ways(book, person, shift, &[]).swap_remove(0).into_iter().filter_map(window).collect()
}

fn slots<'a>(book: &Book<'a>, person: &Person<'a>, shift: &'a Shift, together: &mut same_time::Together<'a>, ledger: &mut Ledger) {
    let breaks: Vec<_> = shift.breaks().collect();
    let (slots, mut filled) = best_way(book, person, shift, &breaks);
    leave_the_nearest(&slots, &breaks, &mut filled);
    let mut spare: Vec<_> = (0..breaks.len()).filter(|n| !filled.contains(&Some(*n))).collect();
    let mut dear: BTreeSet<BreakKind> = BTreeSet::new();
    for (slot, filled) in slots.iter().zip(&filled) {
        if let Some(n) = filled {
            together.enter(book, slot, person, shift, breaks[*n]);
        }
        // The premium is due once a shift for each kind of break.
        let premium = if filled.is_none() && slot.rule.terms.missed_premium.get() > 0 && dear.insert(slot.rule.kind) {
            i64::from(slot.rule.terms.missed_premium.get())
        } else {
            0
        };
        ledger.check_with_premium(slot.row, filled.is_some(), premium, || {
            let nearest = spare.iter().copied().filter(|n| slot.kind_fits(breaks[*n])).min_by_key(|n| slot.distance(breaks[*n]));
            spare.retain(|n| Some(*n) != nearest);
            let (amount, what) = explain(book, shift, slot, nearest.map(|n| breaks[n]));
            let when = wording::stretch(&book.request.days, shift.span);
            let due = if premium > 0 { format!("; the law sets {premium} minutes of pay for it") } else { String::new() };
            let cause = format!("agent {}'s shift on {when}: break {} {what}{due}", person.id(), slot.rule.id);
            let span = nearest.map_or(shift.span, |n| breaks[n].span);
            Finding { agent: Some(person.id()), team: None, span, amount, cause }
        });
    }
    for (n, activity) in breaks.iter().enumerate() {
        ledger.check(Rule::BreakUnasked, !spare.contains(&n), || Finding {
            agent: Some(person.id()),
            team: None,
            span: activity.span,
            amount: Amount::minutes(0, i64::from(activity.span.length().get())),
            cause: format!(
                "agent {}'s break on {} is asked for by no rule",
                person.id(),
                wording::stretch(&book.request.days, activity.span)
            ),
        });
    }
}

/// What keeps the nearest break out of the slot, and the amount.
fn explain(book: &Book<'_>, shift: &Shift, slot: &Slot<'_>, nearest: Option<&Activity>) -> (Amount, String) {
    let length = slot.length;
    let Some(activity) = nearest else {
        return (Amount::minutes(length, 0), format!("of {length} minutes is missing"));
    };
    let found = i64::from(activity.span.length().get());
    if found != length {
        return (Amount::minutes(length, found), format!("has {found} minutes, {length} are due"));
    }
    if activity.paid != slot.rule.paid {
        let (due, given) = if slot.rule.paid { (length, 0) } else { (0, length) };
        let word = if slot.rule.paid { "paid" } else { "unpaid" };
        return (Amount::minutes(due, given), format!("must be {word}"));
    }
    let late = activity.span.start() > slot.latest;
    let bound = if late { slot.latest } else { slot.earliest };
    let after_start = |minute: Minute| i64::from(minute.minutes_since(shift.span.start()));
    let word = if late { "no later" } else { "no earlier" };
    let days = &book.request.days;
    let what = format!("begins at {}, {word} than {} is allowed", wording::point(days, activity.span.start()), wording::point(days, bound));
    (Amount::minutes(after_start(bound), after_start(activity.span.start())), what)
}

#[cfg(test)]
mod tests;
