//! Break rules and limits of stretches: each alone, and what does not go together.

use std::collections::BTreeSet;

use crate::fault::{FaultCode, Faults};
use crate::request::RequestParts;
use crate::rules::{BreakRule, StretchRule};
use crate::units::Minutes;

/// The most breaks that one rule may give a shift.
const MOST_BREAKS: u32 = 12;
/// A break is cut into no more pieces than this.
const MOST_PIECES: u32 = 4;

pub(super) fn faults(parts: &RequestParts, faults: &mut Faults) {
    for (n, rule) in parts.breaks.iter().enumerate() {
        let at = format!("breakRules[{n}]");
        rule_faults(parts, rule, &at, faults);
        window_faults(rule, &at, faults);
        count_faults(rule, &at, faults);
        piece_faults(parts, rule, &at, faults);
        trigger_faults(rule, &at, faults);
        choice_faults(rule, &at, faults);
    }
    let rules: BTreeSet<_> = parts.breaks.iter().map(|rule| &rule.id).collect();
    for (n, rule) in parts.stretches.iter().enumerate() {
        let at = format!("stretchRules[{n}]");
        if rules.contains(&rule.id) {
            let cause = format!("{:?} is the id of a break rule", rule.id.as_str());
            faults.push(FaultCode::Duplicate, format!("{at}.id"), cause);
        }
        stretch_faults(rule, &at, faults);
    }
    waivers(parts, faults);
}

fn rule_faults(parts: &RequestParts, rule: &BreakRule, at: &str, faults: &mut Faults) {
    let step = parts.break_step.get().max(1);
    let length = rule.scheduled().get();
    if !length.is_multiple_of(step) || rule.length == Minutes::ZERO {
        let cause = format!("{length} (with the walk) is no multiple of the break step of {step} minutes");
        faults.push(FaultCode::OffGrid, format!("{at}.lengthMinutes"), cause);
    }
    if rule.count == 0 || rule.count > 12 {
        faults.push(FaultCode::OutOfRange, format!("{at}.count"), format!("{} breaks, outside 1 to 12", rule.count));
    }
    if rule.shift_longer_than >= rule.shift_at_most {
        let cause = format!("no shift is longer than {} and at most {} minutes", rule.shift_longer_than.get(), rule.shift_at_most.get());
        faults.push(FaultCode::Contradiction, format!("{at}.shiftLongerThanMinutes"), cause);
    }
}

fn window_faults(rule: &BreakRule, at: &str, faults: &mut Faults) {
    let length = rule.scheduled().get();
    let window = &rule.window;
    if let (Some(from), Some(to)) = (window.earliest_after_start, window.latest_after_start)
        && from > to
    {
        let cause = format!("it begins no earlier than {} and no later than {} minutes after the start", from.get(), to.get());
        faults.push(FaultCode::Contradiction, format!("{at}.window"), cause);
    }
    if let (Some(from), Some(to)) = (window.earliest_before_end, window.latest_before_end)
        && from.get() < to.get() + length
    {
        let cause = format!("{} minutes do not fit between {} and {} minutes before the end", length, from.get(), to.get());
        faults.push(FaultCode::Contradiction, format!("{at}.window"), cause);
    }
    if let Some((from, to)) = window.wall
        && (to > 2880 || from + length > to)
    {
        let cause = format!("{length} minutes do not fit between the wall clock's minutes {from} and {to}");
        faults.push(FaultCode::Contradiction, format!("{at}.window"), cause);
    }
}

fn count_faults(rule: &BreakRule, at: &str, faults: &mut Faults) {
    let Some(every) = rule.terms.every else { return };
    if every.length == Minutes::ZERO {
        faults.push(FaultCode::OutOfRange, format!("{at}.everyMinutes"), "no minutes at all");
        return;
    }
    let sets = rule.shift_at_most.get().min(1440).div_ceil(every.length.get());
    if sets.saturating_mul(rule.count) > MOST_BREAKS {
        let cause = format!("{} breaks in a shift of {} minutes, more than {MOST_BREAKS}", sets * rule.count, rule.shift_at_most.get());
        faults.push(FaultCode::OutOfRange, format!("{at}.everyMinutes"), cause);
    }
}

/// In how many pieces of the break step a break may be cut is bounded; the counts of pieces must be known beforehand.
fn piece_faults(parts: &RequestParts, rule: &BreakRule, at: &str, faults: &mut Faults) {
    let Some(piece) = rule.terms.smallest_piece else { return };
    let at = format!("{at}.smallestPieceMinutes");
    let step = parts.break_step.get().max(1);
    if piece == Minutes::ZERO || !piece.get().is_multiple_of(step) {
        let cause = format!("{} is no multiple of the break step of {step} minutes", piece.get());
        faults.push(FaultCode::OffGrid, at.clone(), cause);
    } else if piece > rule.length {
        let cause = format!("a piece of {} minutes is longer than the break of {}", piece.get(), rule.length.get());
        faults.push(FaultCode::Contradiction, at.clone(), cause);
    } else if rule.length.get() / piece.get() > MOST_PIECES {
        let cause = format!("{} minutes in pieces of {} make more than {MOST_PIECES} pieces", rule.length.get(), piece.get());
        faults.push(FaultCode::TooMuch, at.clone(), cause);
    }
    if rule.count != 1 || rule.terms.every.is_some() {
        faults.push(FaultCode::Unsupported, at.clone(), "only a single break can be taken in pieces");
    }
    if rule.terms.walk > Minutes::ZERO {
        faults.push(FaultCode::Unsupported, at.clone(), "the walk to each piece is not told");
    }
    if rule.terms.same_time.is_some() || rule.terms.choice {
        faults.push(FaultCode::Unsupported, at, "a break in pieces is neither taken at the same time nor chosen");
    }
}

fn trigger_faults(rule: &BreakRule, at: &str, faults: &mut Faults) {
    let trigger = &rule.terms.trigger;
    for (range, name) in [(trigger.begins, "begins"), (trigger.touches, "touches")] {
        if let Some((from, to)) = range
            && (from >= to || to > 2880)
        {
            let cause = format!("nothing lies between the wall clock's minutes {from} and {to}");
            faults.push(FaultCode::Contradiction, format!("{at}.trigger.{name}"), cause);
        }
    }
}

fn choice_faults(rule: &BreakRule, at: &str, faults: &mut Faults) {
    if rule.terms.choice && rule.terms.fixed_in_advance {
        faults.push(FaultCode::Contradiction, format!("{at}.choice"), "a break that is fixed in advance is not chosen");
    }
    if rule.terms.choice && rule.terms.same_time.is_some() {
        faults.push(FaultCode::Contradiction, format!("{at}.choice"), "a break that others take at the same time is not chosen");
    }
    if rule.terms.same_time.is_some() && (rule.count != 1 || rule.terms.every.is_some()) {
        faults.push(FaultCode::Unsupported, format!("{at}.sameTime"), "only a single break is taken at the same time");
    }
}

fn stretch_faults(rule: &StretchRule, at: &str, faults: &mut Faults) {
    if rule.longest.is_none() && rule.shortest.is_none() && rule.edge.is_none() {
        faults.push(FaultCode::Missing, at, "it sets no limit");
    }
    let Some(longest) = rule.longest else { return };
    for (limit, name) in [(rule.shortest, "shortestMinutes"), (rule.edge, "edgeMinutes")] {
        if let Some(limit) = limit.filter(|limit| *limit > longest) {
            let cause = format!("{} minutes do not fit under the longest stretch of {}", limit.get(), longest.get());
            faults.push(FaultCode::Contradiction, format!("{at}.{name}"), cause);
        }
    }
}

fn waivers(parts: &RequestParts, faults: &mut Faults) {
    for (n, agent) in parts.agents.iter().enumerate() {
        for (k, id) in agent.waives.iter().enumerate() {
            let at = || format!("agents[{n}].waivedRuleIds[{k}]");
            match parts.breaks.iter().find(|rule| &rule.id == id) {
                None => faults.push(FaultCode::UnknownReference, at(), format!("no break rule {:?}", id.as_str())),
                Some(rule) if rule.terms.waivable_at_most.is_none() => {
                    faults.push(FaultCode::Contradiction, at(), format!("break rule {:?} cannot be waived", id.as_str()));
                }
                Some(_) => {}
            }
        }
    }
}
