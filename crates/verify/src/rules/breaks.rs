//! Breaks by rule: each shift has the breaks that the rules for its length give it, and no others.
//!
//! Rules ask for *slots*; a shift keeps them when its breaks can be matched one to one with the slots so that kind, length, pay and
//! window agree. Which break fills which slot is nobody's choice, so a largest matching decides. Where it leaves slots empty, the
//! break that comes nearest to each tells what is wrong and by how much.

use fika_model::rules::{BreakKind, BreakRule};
use fika_model::{Activity, ActivityKind, Minute, Shift};

use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger, Row};
use crate::rule::Rule;
use crate::wording;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    for (person, shift) in book.shifts() {
        grid(book, person, shift, ledger);
        slots(book, person, shift, ledger);
    }
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

/// One break that a rule asks for in one shift.
#[derive(Debug, Clone, Copy)]
struct Slot<'a> {
    rule: &'a BreakRule,
    row: Row,
    /// The least and the greatest start inside the window.
    earliest: Minute,
    latest: Minute,
}

impl<'a> Slot<'a> {
    fn new(book: &Book<'_>, shift: &Shift, position: usize, rule: &'a BreakRule) -> Self {
        let (start, end) = (shift.span.start(), shift.span.end());
        let before = |point: Minute, minutes: u32| Minute::new(point.get().saturating_sub(minutes as i32));
        let window = &rule.window;
        let mut slot = Self { rule, row: Row::Break(position), earliest: start, latest: before(end, rule.length.get()) };
        if let Some(least) = window.earliest_after_start {
            slot.earliest = slot.earliest.max(start.plus(least));
        }
        if let Some(most) = window.latest_after_start {
            slot.latest = slot.latest.min(start.plus(most));
        }
        if let Some(most) = window.earliest_before_end {
            slot.earliest = slot.earliest.max(before(end, most.get()));
        }
        if let Some(least) = window.latest_before_end {
            slot.latest = slot.latest.min(before(end, least.get() + rule.length.get()));
        }
        if let (Some((from, to)), Some(day)) = (window.wall, book.day_of(shift)) {
            let days = &book.request.days;
            slot.earliest = slot.earliest.max(days.minute_at_wall(day, from));
            slot.latest = slot.latest.min(before(days.minute_at_wall(day, to), rule.length.get()));
        }
        slot
    }

    fn kind_fits(&self, activity: &Activity) -> bool {
        match self.rule.kind {
            BreakKind::Rest => activity.kind == ActivityKind::RestBreak,
            BreakKind::Meal => activity.kind == ActivityKind::Meal,
        }
    }

    /// Minutes by which a start misses the window.
    fn misses(&self, activity: &Activity) -> i64 {
        let start = activity.span.start();
        i64::from(self.earliest.minutes_since(start).max(start.minutes_since(self.latest)).max(0))
    }

    fn fits(&self, activity: &Activity) -> bool {
        self.kind_fits(activity)
            && activity.span.length() == self.rule.length
            && activity.paid == self.rule.paid
            && self.misses(activity) == 0
    }

    /// How far a break is from what the slot asks for: less is nearer.
    fn distance(&self, activity: &Activity) -> (bool, u32, bool, i64) {
        let length = activity.span.length().get().abs_diff(self.rule.length.get());
        (!self.kind_fits(activity), length, activity.paid != self.rule.paid, self.misses(activity))
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

fn slots(book: &Book<'_>, person: &Person<'_>, shift: &Shift, ledger: &mut Ledger) {
    let rules = book.request.breaks.iter().enumerate().filter(|(_, rule)| rule.applies_to(shift.span.length()));
    let slots: Vec<_> = rules.flat_map(|(n, rule)| (0..rule.count).map(move |_| Slot::new(book, shift, n, rule))).collect();
    let breaks: Vec<_> = shift.breaks().collect();
    let mut filled = matching(&slots, &breaks);
    leave_the_nearest(&slots, &breaks, &mut filled);
    let mut spare: Vec<_> = (0..breaks.len()).filter(|n| !filled.contains(&Some(*n))).collect();
    for (slot, filled) in slots.iter().zip(&filled) {
        ledger.check(slot.row, filled.is_some(), || {
            let nearest = spare.iter().copied().filter(|n| slot.kind_fits(breaks[*n])).min_by_key(|n| slot.distance(breaks[*n]));
            spare.retain(|n| Some(*n) != nearest);
            let (amount, what) = explain(book, shift, slot, nearest.map(|n| breaks[n]));
            let when = wording::stretch(&book.request.days, shift.span);
            let cause = format!("agent {}'s shift on {when}: break {} {what}", person.id(), slot.rule.id);
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
    let length = i64::from(slot.rule.length.get());
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
mod tests {
    use super::*;
    use crate::fixture::{AFTERNOON, Case, Lay, MEAL, MORNING, shift as lay};
    use fika_model::Minutes;
    use fika_model::rules::BreakWindow;

    const REST: ActivityKind = ActivityKind::RestBreak;

    fn with_breaks(start: i32, length: u32, breaks: &[Lay]) -> Case {
        Case::week().with(|case| *case.shift(0, 0) = lay("x", start, length, breaks))
    }

    #[test]
    fn breaks_lie_on_the_step() {
        let check = |offset, length, expect: &[(i64, i64)]| {
            with_breaks(540, 480, &[(REST, offset, length, true)]).expect(Rule::BreakGrid, expect);
        };
        check(90, 15, &[]);
        check(91, 15, &[(0, 1)]);
        check(90, 13, &[(0, 3)]);
        check(89, 16, &[(0, 4)]);
    }

    #[test]
    fn count_kind_length_and_pay_are_those_of_the_rules() {
        let check = |breaks: &[Lay], rest: &[(i64, i64)], meal: &[(i64, i64)], unasked: &[(i64, i64)]| {
            let case = with_breaks(540, 480, breaks);
            assert_eq!(case.amounts("rest"), rest, "{breaks:?}");
            assert_eq!(case.amounts("meal"), meal, "{breaks:?}");
            case.expect(Rule::BreakUnasked, unasked);
        };
        check(&[MORNING, MEAL, AFTERNOON], &[], &[], &[]);
        check(&[MORNING, MEAL], &[(15, 0)], &[], &[]);
        check(&[], &[(15, 0), (15, 0)], &[(30, 0)], &[]);
        check(&[MORNING, MEAL, AFTERNOON, (REST, 400, 20, true)], &[], &[], &[(0, 20)]);
        check(&[MORNING, MEAL, (REST, 360, 10, true)], &[(15, 10)], &[], &[]);
        check(&[MORNING, MEAL, (REST, 360, 15, false)], &[(15, 0)], &[], &[]);
        check(&[MORNING, (ActivityKind::Meal, 210, 30, true), AFTERNOON], &[], &[(0, 30)], &[]);
        check(&[MORNING, (REST, 210, 30, true), AFTERNOON], &[], &[(30, 0)], &[(0, 30)]);
    }

    #[test]
    fn every_limit_of_a_window_holds_on_both_sides() {
        // The meal: 120 to 240 minutes after the start; from 330 before the end, ending 120 before it; between 11:00 and 14:00.
        let check = |start: i32, length, offset, expect: &[(i64, i64)]| {
            let case = with_breaks(start, length, &[(ActivityKind::Meal, offset, 30, false)]);
            assert_eq!(case.amounts("meal"), expect, "start {start}, length {length}, offset {offset}");
        };
        check(540, 420, 120, &[]);
        check(540, 420, 115, &[(120, 115)]);
        check(540, 480, 240, &[]);
        check(540, 480, 245, &[(240, 245)]);
        check(540, 540, 210, &[]);
        check(540, 540, 205, &[(210, 205)]);
        check(540, 390, 240, &[]);
        check(540, 390, 245, &[(240, 245)]);
        check(540, 380, 230, &[]);
        check(540, 380, 235, &[(230, 235)]);
        check(480, 480, 180, &[]);
        check(480, 480, 175, &[(180, 175)]);
        check(600, 480, 210, &[]);
        check(600, 480, 215, &[(210, 215)]);
    }

    #[test]
    fn rules_apply_by_length_and_add_up() {
        let check = |length, rest: usize, meal: usize| {
            let case = with_breaks(540, length, &[]);
            assert_eq!((case.amounts("rest").len(), case.amounts("meal").len()), (rest, meal), "{length}");
        };
        check(240, 0, 0);
        check(241, 2, 0);
        check(360, 2, 0);
        check(361, 2, 1);
        let case = with_breaks(540, 480, &[]).with(|case| case.parts.breaks[1].shift_at_most = Minutes::of(479));
        assert_eq!(case.amounts("meal").len(), 0);
    }

    #[test]
    fn a_largest_matching_decides_and_not_the_order() {
        // The early rule takes only the first break, the free rule either: a greedy choice in the order of the rules would fail.
        let case = Case::week().with(|case| {
            let free = &mut case.parts.breaks[0];
            free.count = 1;
            let mut early = free.clone();
            early.id = crate::fixture::id!(fika_model::RuleId, "early");
            early.window = BreakWindow { latest_after_start: Some(Minutes::of(120)), ..BreakWindow::default() };
            case.parts.breaks.push(early);
        });
        assert_eq!((case.amounts("rest"), case.amounts("early")), (vec![], vec![]));
        let late = case.with(|case| *case.shift(0, 0) = lay("x", 540, 480, &[(REST, 125, 15, true), MEAL, AFTERNOON]));
        assert_eq!((late.amounts("rest"), late.amounts("early")), (vec![], vec![(120, 125)]));
    }
}
