//! What the break rules ask of one shift: how many breaks, where each may begin, and into which pieces it may be cut.

use fika_model::rules::{BreakKind, BreakRule};
use fika_model::{Activity, ActivityKind, Minute, Shift};

use crate::book::{Book, Person};
use crate::ledger::Row;

/// One break, or one piece of one, that a rule asks for in one shift.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot<'a> {
    pub(super) rule: &'a BreakRule,
    pub(super) row: Row,
    /// Minutes due.
    pub(super) length: i64,
    /// The least and the greatest start inside the window.
    pub(super) earliest: Minute,
    pub(super) latest: Minute,
}

/// How many breaks a rule gives a shift.
pub(super) fn due(book: &Book<'_>, person: &Person<'_>, shift: &Shift, rule: &BreakRule) -> u32 {
    let length = shift.span.length();
    let waived = rule.terms.waivable_at_most.is_some_and(|most| length <= most) && person.agent.waives.contains(&rule.id);
    if length <= rule.shift_longer_than || length > rule.shift_at_most || waived || !triggered(book, shift, rule) {
        return 0;
    }
    let sets = rule.terms.every.map_or(1, |every| {
        let (whole, left) = (length.get() / every.length.get().max(1), length.get() % every.length.get().max(1));
        whole + u32::from(every.or_major_fraction && 2 * left > every.length.get())
    });
    sets * rule.count
}

fn triggered(book: &Book<'_>, shift: &Shift, rule: &BreakRule) -> bool {
    let days = &book.request.days;
    let trigger = &rule.terms.trigger;
    let (_, wall) = days.wall_at(shift.span.start());
    let begins = trigger.begins.is_none_or(|(from, to)| (from..to).contains(&wall) || (from..to).contains(&(wall + 1440)));
    let day = book.day_of(shift);
    let at = |minute_of_day: u32| day.map(|day| days.minute_at_wall(day, minute_of_day));
    let late = trigger.ends_after.is_none_or(|minute| at(minute).is_some_and(|minute| shift.span.end() > minute));
    let touches =
        trigger.touches.is_none_or(|(from, to)| at(from).zip(at(to)).is_some_and(|(a, b)| shift.span.start() < b && shift.span.end() > a));
    begins && late && touches
}

impl<'a> Slot<'a> {
    /// A break of a rule that is cut to `length` minutes, or whole.
    pub(super) fn new(book: &Book<'_>, shift: &Shift, position: usize, rule: &'a BreakRule, length: u32) -> Self {
        let (start, end) = (shift.span.start(), shift.span.end());
        let before = |point: Minute, minutes: u32| Minute::new(point.get().saturating_sub(minutes as i32));
        let window = &rule.window;
        let mut slot = Self { rule, row: Row::Break(position), length: i64::from(length), earliest: start, latest: before(end, length) };
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
            slot.latest = slot.latest.min(before(end, least.get() + length));
        }
        if let (Some((from, to)), Some(day)) = (window.wall, book.day_of(shift)) {
            let days = &book.request.days;
            slot.earliest = slot.earliest.max(days.minute_at_wall(day, from));
            slot.latest = slot.latest.min(before(days.minute_at_wall(day, to), length));
        }
        if let Some(most) = window.around_middle {
            // Twice the distance of the two middles is |2 * start + length - (shift's start + shift's end)|.
            let middle = i64::from(start.get()) + i64::from(end.get()) - i64::from(length);
            let reach = 2 * i64::from(most.get());
            slot.earliest = slot.earliest.max(Minute::new((middle - reach + 1).div_euclid(2) as i32));
            slot.latest = slot.latest.min(Minute::new((middle + reach).div_euclid(2) as i32));
        }
        slot
    }

    pub(super) fn kind_fits(&self, activity: &Activity) -> bool {
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

    pub(super) fn fits(&self, activity: &Activity) -> bool {
        self.kind_fits(activity)
            && i64::from(activity.span.length().get()) == self.length
            && activity.paid == self.rule.paid
            && self.misses(activity) == 0
    }

    /// How far a break is from what the slot asks for: less is nearer.
    pub(super) fn distance(&self, activity: &Activity) -> (bool, u64, bool, i64) {
        let length = i64::from(activity.span.length().get()).abs_diff(self.length);
        (!self.kind_fits(activity), length, activity.paid != self.rule.paid, self.misses(activity))
    }
}

/// The ways to cut what is due into slots; the first has every break whole.
pub(super) fn ways<'a>(book: &Book<'a>, person: &Person<'_>, shift: &Shift, breaks: &[&Activity]) -> Vec<Vec<Slot<'a>>> {
    let mut ways = vec![Vec::new()];
    for (position, rule) in book.request.breaks.iter().enumerate() {
        for _ in 0..due(book, person, shift, rule) {
            let cuts = cuts(rule, breaks);
            let with = |way: &Vec<Slot<'a>>, cut: &Vec<u32>| {
                let pieces = cut.iter().map(|length| Slot::new(book, shift, position, rule, *length));
                way.iter().copied().chain(pieces).collect()
            };
            ways = cuts.iter().flat_map(|cut| ways.iter().map(move |way| with(way, cut))).collect();
        }
    }
    ways
}

/// A break whole, and cut into pieces as long as breaks of the shift are.
fn cuts(rule: &BreakRule, breaks: &[&Activity]) -> Vec<Vec<u32>> {
    fn cut(left: u32, lengths: &[u32], pieces: &mut Vec<u32>, found: &mut Vec<Vec<u32>>) {
        if left == 0 {
            found.push(pieces.clone());
            return;
        }
        for (n, length) in lengths.iter().enumerate() {
            if *length <= left {
                pieces.push(*length);
                cut(left - length, &lengths[n..], pieces, found);
                pieces.pop();
            }
        }
    }
    let whole = rule.scheduled().get();
    let mut found = vec![vec![whole]];
    if let Some(least) = rule.terms.smallest_piece {
        let mut lengths: Vec<u32> = breaks.iter().map(|one| one.span.length().get()).collect();
        lengths.retain(|length| *length >= least.get().max(1) && *length < whole);
        lengths.sort_unstable();
        lengths.dedup();
        cut(whole, &lengths, &mut Vec::new(), &mut found);
    }
    found
}
