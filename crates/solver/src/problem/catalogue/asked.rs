//! What the break rules ask of one shift, in cells: sorts of breaks with their windows, one list for each way to cut what may be cut.
//!
//! Invariant: every list that comes out is narrower than the rules only where `narrowed` says so.

use fika_model::rules::{BreakRule, StretchRule};
use fika_model::{DayIndex, Minute, Minutes, Request};

use crate::breaks::{BreakSort, Stretches};

/// A shift that templates allow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) day: DayIndex,
    /// Position of the template.
    pub(super) template: usize,
    /// Start and length in minutes of the horizon.
    pub(super) start: i32,
    pub(super) length: Minutes,
}

/// How many breaks a rule gives a shift whose agent waives nothing.
pub(super) fn due(request: &Request, shape: Shape, rule: &BreakRule) -> u32 {
    if !rule.applies_to(shape.length) || !triggered(request, shape, rule) {
        return 0;
    }
    let sets = rule.terms.every.map_or(1, |every| {
        let minutes = shape.length.get();
        let earned = minutes / every.length.get();
        if every.or_major_fraction && minutes % every.length.get() * 2 > every.length.get() { earned + 1 } else { earned }
    });
    sets * rule.count
}

fn triggered(request: &Request, shape: Shape, rule: &BreakRule) -> bool {
    let trigger = &rule.terms.trigger;
    let end = shape.start + shape.length.get() as i32;
    let wall = |minute_of_day: u32| request.days.minute_at_wall(shape.day, minute_of_day).get();
    if let Some((from, to)) = trigger.begins {
        let (_, of_day) = request.days.wall_at(Minute::new(shape.start));
        let inside = |at: u32| from <= at && at < to;
        if !inside(of_day) && !inside(of_day + 1440) {
            return false;
        }
    }
    trigger.ends_after.is_none_or(|minute| end > wall(minute))
        && trigger.touches.is_none_or(|(from, to)| shape.start < wall(to) && wall(from) < end)
}

/// The sorts of a shift for each way to cut its breaks, the whole ones first; empty when some break has no place at all. `pinned` is the
/// start that a rule's break must have, in minutes of the horizon.
pub(super) fn ways(
    request: &Request,
    shape: Shape,
    step: u32,
    waived: &[u16],
    pinned: &dyn Fn(usize) -> Option<i32>,
) -> Vec<Vec<BreakSort>> {
    let mut ways: Vec<Vec<BreakSort>> = vec![Vec::new()];
    for (position, rule) in request.breaks.iter().enumerate() {
        let waivable = rule.terms.waivable_at_most.is_some_and(|most| shape.length <= most);
        let count = due(request, shape, rule);
        if count == 0 || (waivable && waived.contains(&(position as u16))) {
            continue;
        }
        let whole = rule.scheduled().get();
        let cuts = rule.terms.smallest_piece.map_or_else(|| vec![vec![whole]], |piece| cuts(whole, piece.get(), step));
        let sorts_of = |cut: &Vec<u32>| -> Option<Vec<BreakSort>> {
            let mut sorts: Vec<BreakSort> = Vec::new();
            for length in cut {
                match sorts.iter_mut().find(|sort| sort.len * step == *length) {
                    Some(sort) => sort.count += 1,
                    None => sorts.push(sort(request, shape, step, position, rule, *length, count, pinned(position))?),
                }
            }
            Some(sorts)
        };
        let cut_sorts: Vec<Vec<BreakSort>> = cuts.iter().filter_map(sorts_of).collect();
        let join = |way: &Vec<BreakSort>, cut: &Vec<BreakSort>| way.iter().chain(cut).cloned().collect();
        ways = cut_sorts.iter().flat_map(|cut| ways.iter().map(move |way| join(way, cut))).collect();
    }
    ways
}

/// A length whole, and in every way cut into pieces of at least `piece` minutes on the step, the pieces in order of their length.
fn cuts(whole: u32, piece: u32, step: u32) -> Vec<Vec<u32>> {
    fn cut(left: u32, least: u32, step: u32, pieces: &mut Vec<u32>, found: &mut Vec<Vec<u32>>) {
        pieces.push(left);
        found.push(pieces.clone());
        pieces.pop();
        for first in (least..=left / 2).step_by(step as usize) {
            pieces.push(first);
            cut(left - first, first, step, pieces, found);
            pieces.pop();
        }
    }
    let mut found = Vec::new();
    cut(whole, piece, step, &mut Vec::new(), &mut found);
    found
}

/// One rule's breaks, or pieces, of one length in a shift, with the window in cells from the shift's start; `None` when it leaves no place.
#[expect(clippy::too_many_arguments, reason = "a shift, a rule and what narrows it; no two of them belong together")]
fn sort(
    request: &Request,
    shape: Shape,
    step: u32,
    position: usize,
    rule: &BreakRule,
    own: u32,
    count: u32,
    pinned: Option<i32>,
) -> Option<BreakSort> {
    let window = &rule.window;
    let (length, own) = (shape.length.get() as i32, own as i32);
    let (mut first, mut last) = (0, length - own);
    if let Some(minutes) = window.earliest_after_start {
        first = first.max(minutes.get() as i32);
    }
    if let Some(minutes) = window.latest_after_start {
        last = last.min(minutes.get() as i32);
    }
    if let Some(minutes) = window.earliest_before_end {
        first = first.max(length - minutes.get() as i32);
    }
    if let Some(minutes) = window.latest_before_end {
        last = last.min(length - minutes.get() as i32 - own);
    }
    if let Some((from, to)) = window.wall {
        first = first.max(request.days.minute_at_wall(shape.day, from).get() - shape.start);
        last = last.min(request.days.minute_at_wall(shape.day, to).get() - shape.start - own);
    }
    if let Some(minutes) = window.around_middle {
        let reach = 2 * minutes.get() as i32;
        first = first.max((length - own - reach + 1).div_euclid(2));
        last = last.min((length - own + reach).div_euclid(2));
    }
    if let Some(at) = pinned {
        first = first.max(at - shape.start);
        last = last.min(at - shape.start);
    }
    if last < first.max(0) {
        return None;
    }
    let (first, last) = ((first.max(0) as u32).div_ceil(step), last as u32 / step);
    let rest = rule.kind == fika_model::rules::BreakKind::Rest;
    (first <= last).then_some(BreakSort { rule: position as u16, count, len: own as u32 / step, rest, first, last })
}

/// What the limits of stretches make of a shift's sorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limited {
    /// The sorts and stretches say exactly what the limits say.
    Exactly,
    /// They say more: some legal arrangements are left out.
    Narrowed,
    /// No arrangement keeps the limits, or none that can be told by sorts and stretches.
    Impossible,
}

/// Enters the limits of stretches into the stretches of a shift of `length` minutes, and into the windows of its sorts where not all of its
/// breaks end a stretch.
pub(super) fn limit(rules: &[StretchRule], length: u32, step: u32, sorts: &mut Vec<BreakSort>, stretches: &mut Stretches) -> Limited {
    let mut limited = Limited::Exactly;
    for rule in rules {
        let ends = |sort: &BreakSort| sort.len * step >= rule.broken_by.get();
        let counting: u32 = sorts.iter().filter(|sort| ends(sort)).map(|sort| sort.count).sum();
        let all = sorts.iter().all(ends);
        if counting == 0 || all {
            if let Some(longest) = rule.longest {
                if counting == 0 && longest.get() < length {
                    return Limited::Impossible;
                }
                stretches.longest = if counting == 0 { stretches.longest } else { stretches.longest.min(longest.get() / step) };
            }
            if counting > 0 {
                stretches.shortest = stretches.shortest.max(rule.shortest.map_or(0, |m| m.get().div_ceil(step)));
                stretches.edge = stretches.edge.max(rule.edge.map_or(0, |m| m.get().div_ceil(step)));
            }
            continue;
        }
        if let Some(shortest) = rule.shortest.map(|m| m.get().div_ceil(step)).filter(|shortest| *shortest > stretches.shortest)
            && counting > 1
        {
            // All breaks are kept apart as those are that count.
            stretches.shortest = shortest;
            limited = Limited::Narrowed;
        }
        if let Some(edge) = rule.edge.map(|m| m.get().div_ceil(step)) {
            let cells = length / step;
            for sort in sorts.iter_mut().filter(|sort| ends(sort)) {
                sort.first = sort.first.max(edge);
                sort.last = sort.last.min((cells + 1).saturating_sub(edge + sort.len + 1));
            }
        }
        if let Some(longest) = rule.longest
            && longest.get() / step < length / step
        {
            match anchor(longest.get() / step, length / step, sorts, ends) {
                Some(()) if counting == 1 => {}
                Some(()) => limited = Limited::Narrowed,
                None => return Limited::Impossible,
            }
        }
    }
    if sorts.iter().any(|sort| sort.first > sort.last) { Limited::Impossible } else { limited }
}

/// Holds one break that counts so near the middle that no stretch before or after it can be too long. It is the only way for a single
/// break, and one of several where there are more.
fn anchor(longest: u32, cells: u32, sorts: &mut Vec<BreakSort>, ends: impl Fn(&BreakSort) -> bool) -> Option<()> {
    let room = |sort: &BreakSort| {
        let (first, last) = (sort.first.max(cells.saturating_sub(longest + sort.len)), sort.last.min(longest));
        (first <= last).then_some((first, last))
    };
    let fitting = (0..sorts.len()).filter(|n| ends(&sorts[*n]) && room(&sorts[*n]).is_some());
    let chosen = fitting.min_by_key(|n| (sorts[*n].count, std::cmp::Reverse(sorts[*n].len), *n))?;
    let (first, last) = room(&sorts[chosen])?;
    let held = BreakSort { count: 1, first, last, ..sorts[chosen].clone() };
    if sorts[chosen].count > 1 {
        sorts[chosen].count -= 1;
        sorts.push(held);
    } else {
        sorts[chosen] = held;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use fika_model::RuleId;

    #[test]
    fn lengths_are_cut_in_every_way() {
        assert_eq!(cuts(30, 15, 5), [vec![30], vec![15, 15]]);
        assert_eq!(cuts(45, 15, 5), [vec![45], vec![15, 30], vec![15, 15, 15], vec![20, 25]]);
        assert_eq!(cuts(30, 20, 5), [vec![30]]);
    }

    fn sorts(sorts: &[(u32, u32)]) -> Vec<BreakSort> {
        let sort = |(n, (count, len)): (usize, &(u32, u32))| BreakSort {
            rule: n as u16,
            count: *count,
            len: *len,
            rest: true,
            first: 0,
            last: 96 - len,
        };
        sorts.iter().enumerate().map(sort).collect()
    }

    /// A shift of eight hours in cells of five minutes under a limit for breaks of 15 minutes or more.
    fn limited(given: &[(u32, u32)], longest: u16) -> (Limited, Vec<BreakSort>, Stretches) {
        let rule = StretchRule {
            id: RuleId::new("law").expect("an id"),
            broken_by: Minutes::of(15),
            longest: Some(Minutes::of(longest)),
            shortest: None,
            edge: Some(Minutes::of(30)),
        };
        let mut sorts = sorts(given);
        let mut stretches = Stretches { longest: 96, shortest: 0, edge: 0 };
        let outcome = limit(&[rule], 480, 5, &mut sorts, &mut stretches);
        (outcome, sorts, stretches)
    }

    #[test]
    fn limits_become_stretches_where_every_break_counts() {
        let (outcome, kept, stretches) = limited(&[(2, 3), (1, 6)], 120);
        assert_eq!((outcome, kept), (Limited::Exactly, sorts(&[(2, 3), (1, 6)])));
        assert_eq!((stretches.longest, stretches.edge), (24, 6));
        assert_eq!(limited(&[(3, 2)], 360).0, Limited::Impossible, "no break counts");
        assert_eq!(limited(&[(3, 2)], 480).0, Limited::Exactly);
    }

    #[test]
    fn a_single_break_that_counts_is_held_by_its_window() {
        let (outcome, kept, _) = limited(&[(2, 2), (1, 6)], 300);
        assert_eq!((outcome, kept[1].first, kept[1].last), (Limited::Exactly, 30, 60));
        assert_eq!(limited(&[(2, 2), (1, 6)], 225).0, Limited::Exactly);
        assert_eq!(limited(&[(2, 2), (1, 6)], 220).0, Limited::Impossible);
    }

    #[test]
    fn one_of_several_breaks_that_count_is_held_near_the_middle() {
        let (outcome, kept, _) = limited(&[(2, 2), (2, 3)], 300);
        assert_eq!(outcome, Limited::Narrowed);
        assert_eq!(kept.iter().map(|sort| sort.count).collect::<Vec<_>>(), [2, 1, 1]);
        assert_eq!((kept[2].rule, kept[2].first, kept[2].last), (1, 33, 60));
    }
}
