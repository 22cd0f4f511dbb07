//! All shifts that templates and break rules allow: a start, a length and where the breaks may lie.
//!
//! Invariant: an option listed here has at least one legal arrangement of breaks. Starts that do not lie on the break grid
//! (a change of clocks by less than a step) are left out.

use fika_model::rules::{BreakRule, ShiftTemplate};
use fika_model::{DayIndex, Minutes, Request};

use crate::breaks::{BreakPlan, BreakSort, Stretches};
use crate::problem::{Interner, ShiftOption};

pub(crate) struct Catalogue {
    pub(crate) options: Vec<ShiftOption>,
    pub(crate) plans: Vec<BreakPlan>,
    /// Lengths in minutes of shifts for which the rules leave no arrangement of breaks, with the template's position.
    pub(crate) unplaceable: Vec<(u16, u32)>,
}

impl Catalogue {
    pub(crate) fn new(request: &Request, step: u32) -> Self {
        let wellbeing = &request.wellbeing;
        let need = wellbeing.social.get().div_ceil(step);
        let mut plans = Interner::new();
        let mut options = Vec::new();
        let mut unplaceable = Vec::new();
        let stretches = Stretches::of(wellbeing, step);
        for day in request.days.days() {
            for (position, template) in request.templates.iter().enumerate() {
                if !template.weekdays.holds(request.days.weekday(day)) {
                    continue;
                }
                for (start_of_day, length) in shapes(template) {
                    let start = request.days.minute_at_wall(day, start_of_day).get();
                    if start < 0 || !(start as u32).is_multiple_of(step) {
                        continue;
                    }
                    let rules = request.breaks.iter().enumerate().filter(|(_, rule)| rule.applies_to(length));
                    let sorts: Option<Vec<BreakSort>> =
                        rules.clone().map(|(n, rule)| sort(request, day, start, length, step, n, rule)).collect();
                    let plan = sorts.map(|sorts| BreakPlan::new(length.get() / step, sorts, stretches));
                    let enough = |plan: &BreakPlan| plan.is_possible() && plan.break_cells() >= need;
                    let Some(plan) = plan.filter(enough) else {
                        unplaceable.push((position as u16, length.get()));
                        continue;
                    };
                    let unpaid: u32 = rules.filter(|(_, rule)| !rule.paid).map(|(_, rule)| rule.count * rule.length.get()).sum();
                    options.push(ShiftOption {
                        start: start as u32 / step,
                        len: length.get() / step,
                        start_minute: start,
                        paid: length.get().saturating_sub(unpaid),
                        template: position as u16,
                        day: day.get() as u16,
                        plan: plans.number(plan),
                    });
                }
            }
        }
        unplaceable.sort_unstable();
        unplaceable.dedup();
        Self { options, plans: plans.values, unplaceable }
    }
}

/// Starts (minutes of the day) and lengths of a template.
fn shapes(template: &ShiftTemplate) -> impl Iterator<Item = (u32, Minutes)> {
    let starts = (template.start_from..=template.start_to).step_by(template.start_step.get().max(1) as usize);
    let (from, to, step) = (template.length_from.get(), template.length_to.get(), template.length_step.get().max(1));
    starts.flat_map(move |start| (from..=to).step_by(step as usize).map(move |length| (start, Minutes::of(length as u16))))
}

/// One rule's breaks in a shift, with the window in cells from the shift's start; `None` when it leaves no place at all.
fn sort(request: &Request, day: DayIndex, start: i32, length: Minutes, step: u32, position: usize, rule: &BreakRule) -> Option<BreakSort> {
    let window = &rule.window;
    let (length, own) = (length.get() as i32, rule.length.get() as i32);
    let mut first = 0;
    let mut last = length - own;
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
        first = first.max(request.days.minute_at_wall(day, from).get() - start);
        last = last.min(request.days.minute_at_wall(day, to).get() - start - own);
    }
    if last < first {
        return None;
    }
    let (first, last) = ((first as u32).div_ceil(step), last as u32 / step);
    let rest = rule.kind == fika_model::rules::BreakKind::Rest;
    (first <= last).then(|| BreakSort { rule: position as u16, count: rule.count, len: own as u32 / step, rest, first, last })
}
