//! Shift templates, breaks by rule, wellbeing, rest.

use fika_model::fault::{FaultCode, Faults};
use fika_model::rules::{BreakKind, BreakRule, BreakTerms, BreakTrigger, BreakWindow, Every, RestRules, SameTime};
use fika_model::rules::{ShiftTemplate, StretchRule, WellbeingPolicy};
use fika_model::{Fraction, IntervalLength, Minutes};

use super::people::{LAST_OF_DAY, LAST_OF_NEXT_DAY, weekdays, weekdays_message};
use super::reading::{At, Reading, paired, wall_text};
use crate::proto::fika::v1;

paired! { kind_message, kind_model: BreakKind = v1::break_rule::Kind { Rest = Rest, Meal = Meal } }

paired! { same_time_message, same_time_model: SameTime = v1::SameTime { Crew = Crew, Team = Team, Site = Site } }

pub(super) fn template(r: &mut Reading, at: &At<'_>, p: &v1::ShiftTemplate, interval: IntervalLength) -> ShiftTemplate {
    let step = Minutes::of(interval.minutes() as u16);
    let start_from = r.wall(&at.field("startFrom"), &p.start_from, LAST_OF_DAY);
    let length_from = r.minutes(&at.field("lengthFromMinutes"), p.length_from_minutes);
    ShiftTemplate {
        id: r.id(&at.field("id"), &p.id),
        weekdays: weekdays(r, &at.field("weekdays"), &p.weekdays),
        start_from,
        start_to: if p.start_to.is_empty() { start_from } else { r.wall(&at.field("startTo"), &p.start_to, LAST_OF_DAY) },
        start_step: r.minutes_or(&at.field("startStepMinutes"), p.start_step_minutes, step),
        length_from,
        length_to: r.minutes_or(&at.field("lengthToMinutes"), p.length_to_minutes, length_from),
        length_step: r.minutes_or(&at.field("lengthStepMinutes"), p.length_step_minutes, step),
    }
}

pub(super) fn template_message(template: &ShiftTemplate) -> v1::ShiftTemplate {
    v1::ShiftTemplate {
        id: template.id.to_string(),
        weekdays: weekdays_message(template.weekdays),
        start_from: wall_text(template.start_from),
        start_to: wall_text(template.start_to),
        start_step_minutes: Some(template.start_step.get() as i32),
        length_from_minutes: template.length_from.get() as i32,
        length_to_minutes: Some(template.length_to.get() as i32),
        length_step_minutes: Some(template.length_step.get() as i32),
    }
}

pub(super) fn break_rule(r: &mut Reading, at: &At<'_>, p: &v1::BreakRule) -> BreakRule {
    let kind = r.choice(&at.field("kind"), p.kind, kind_model, BreakKind::Rest);
    BreakRule {
        id: r.id(&at.field("id"), &p.id),
        kind,
        shift_longer_than: r.minutes(&at.field("shiftLongerThanMinutes"), p.shift_longer_than_minutes),
        shift_at_most: r.minutes_or(&at.field("shiftAtMostMinutes"), p.shift_at_most_minutes, Minutes::of(1440)),
        count: p.count.map_or(1, |count| r.count(&at.field("count"), count)),
        length: r.minutes(&at.field("lengthMinutes"), p.length_minutes),
        paid: p.paid.unwrap_or(kind == BreakKind::Rest),
        window: p.window.as_ref().map_or_else(BreakWindow::default, |window| break_window(r, &at.field("window"), window)),
        terms: terms(r, at, p),
    }
}

fn terms(r: &mut Reading, at: &At<'_>, p: &v1::BreakRule) -> BreakTerms {
    if p.or_major_fraction && p.every_minutes.is_none() {
        r.fault(FaultCode::Missing, &at.field("everyMinutes"), "there is a major fraction of nothing");
    }
    let every = p
        .every_minutes
        .map(|minutes| Every { length: r.minutes(&at.field("everyMinutes"), minutes), or_major_fraction: p.or_major_fraction });
    BreakTerms {
        every,
        trigger: p.trigger.as_ref().map_or_else(BreakTrigger::default, |trigger| break_trigger(r, &at.field("trigger"), trigger)),
        smallest_piece: p.smallest_piece_minutes.map(|minutes| r.minutes(&at.field("smallestPieceMinutes"), minutes)),
        walk: r.minutes(&at.field("walkMinutes"), p.walk_minutes),
        waivable_at_most: p.waivable_at_most_minutes.map(|minutes| r.minutes(&at.field("waivableAtMostMinutes"), minutes)),
        missed_premium: r.minutes(&at.field("missedPremiumMinutes"), p.missed_premium_minutes),
        same_time: r.choice_or(&at.field("sameTime"), p.same_time, |name| Some(same_time_model(name)), None),
        choice: p.choice,
        fixed_in_advance: p.fixed_in_advance,
    }
}

fn wall_range(r: &mut Reading, at: &At<'_>, p: &v1::WallRange) -> (u32, u32) {
    (r.wall(&at.field("from"), &p.from, LAST_OF_NEXT_DAY), r.wall(&at.field("to"), &p.to, LAST_OF_NEXT_DAY))
}

fn wall_range_message((from, to): (u32, u32)) -> v1::WallRange {
    v1::WallRange { from: wall_text(from), to: wall_text(to) }
}

fn break_trigger(r: &mut Reading, at: &At<'_>, p: &v1::BreakTrigger) -> BreakTrigger {
    let ends_after = (!p.ends_after.is_empty()).then(|| r.wall(&at.field("endsAfter"), &p.ends_after, LAST_OF_NEXT_DAY));
    BreakTrigger {
        begins: p.begins.as_ref().map(|range| wall_range(r, &at.field("begins"), range)),
        ends_after,
        touches: p.touches.as_ref().map(|range| wall_range(r, &at.field("touches"), range)),
    }
}

fn break_trigger_message(trigger: &BreakTrigger) -> v1::BreakTrigger {
    v1::BreakTrigger {
        begins: trigger.begins.map(wall_range_message),
        ends_after: trigger.ends_after.map(wall_text).unwrap_or_default(),
        touches: trigger.touches.map(wall_range_message),
    }
}

pub(super) fn stretch_rule(r: &mut Reading, at: &At<'_>, p: &v1::StretchRule) -> StretchRule {
    let mut limit = |name: &'static str, minutes: Option<i32>| minutes.map(|minutes| r.minutes(&at.field(name), minutes));
    let longest = limit("longestMinutes", p.longest_minutes);
    let shortest = limit("shortestMinutes", p.shortest_minutes);
    let edge = limit("edgeMinutes", p.edge_minutes);
    let broken_by = r.minutes(&at.field("brokenByMinutes"), p.broken_by_minutes);
    StretchRule { id: r.id(&at.field("id"), &p.id), broken_by, longest, shortest, edge }
}

pub(super) fn stretch_rule_message(rule: &StretchRule) -> v1::StretchRule {
    let minutes = |limit: Option<Minutes>| limit.map(|minutes| minutes.get() as i32);
    v1::StretchRule {
        id: rule.id.to_string(),
        broken_by_minutes: rule.broken_by.get() as i32,
        longest_minutes: minutes(rule.longest),
        shortest_minutes: minutes(rule.shortest),
        edge_minutes: minutes(rule.edge),
    }
}

pub(super) fn break_rule_message(rule: &BreakRule) -> v1::BreakRule {
    v1::BreakRule {
        id: rule.id.to_string(),
        kind: kind_message(rule.kind),
        shift_longer_than_minutes: rule.shift_longer_than.get() as i32,
        shift_at_most_minutes: Some(rule.shift_at_most.get() as i32),
        count: Some(rule.count as i32),
        length_minutes: rule.length.get() as i32,
        paid: Some(rule.paid),
        window: (rule.window != BreakWindow::default()).then(|| break_window_message(&rule.window)),
        every_minutes: rule.terms.every.map(|every| every.length.get() as i32),
        or_major_fraction: rule.terms.every.is_some_and(|every| every.or_major_fraction),
        trigger: (rule.terms.trigger != BreakTrigger::default()).then(|| break_trigger_message(&rule.terms.trigger)),
        smallest_piece_minutes: rule.terms.smallest_piece.map(|minutes| minutes.get() as i32),
        walk_minutes: rule.terms.walk.get() as i32,
        waivable_at_most_minutes: rule.terms.waivable_at_most.map(|minutes| minutes.get() as i32),
        missed_premium_minutes: rule.terms.missed_premium.get() as i32,
        same_time: rule.terms.same_time.map_or(0, same_time_message),
        choice: rule.terms.choice,
        fixed_in_advance: rule.terms.fixed_in_advance,
    }
}

fn break_window(r: &mut Reading, at: &At<'_>, p: &v1::BreakWindow) -> BreakWindow {
    let mut limit = |name: &'static str, minutes: Option<i32>| minutes.map(|minutes| r.minutes(&at.field(name), minutes));
    let earliest_after_start = limit("earliestAfterStartMinutes", p.earliest_after_start_minutes);
    let latest_after_start = limit("latestAfterStartMinutes", p.latest_after_start_minutes);
    let earliest_before_end = limit("earliestBeforeEndMinutes", p.earliest_before_end_minutes);
    let latest_before_end = limit("latestBeforeEndMinutes", p.latest_before_end_minutes);
    let around_middle = limit("aroundMiddleMinutes", p.around_middle_minutes);
    let wall = p.wall.as_ref().map(|wall| wall_range(r, &at.field("wall"), wall));
    BreakWindow { earliest_after_start, latest_after_start, earliest_before_end, latest_before_end, wall, around_middle }
}

fn break_window_message(window: &BreakWindow) -> v1::BreakWindow {
    let minutes = |limit: Option<Minutes>| limit.map(|minutes| minutes.get() as i32);
    v1::BreakWindow {
        earliest_after_start_minutes: minutes(window.earliest_after_start),
        latest_after_start_minutes: minutes(window.latest_after_start),
        earliest_before_end_minutes: minutes(window.earliest_before_end),
        latest_before_end_minutes: minutes(window.latest_before_end),
        wall: window.wall.map(wall_range_message),
        around_middle_minutes: minutes(window.around_middle),
    }
}

/// The rules of a preset.
pub(crate) fn preset_parts(p: &v1::BreakPreset) -> Result<(Vec<BreakRule>, Vec<StretchRule>, RestRules), Faults> {
    let mut r = Reading::default();
    let breaks = r.each(&At::WHOLE.field("breakRules"), &p.break_rules, break_rule);
    let stretches = r.each(&At::WHOLE.field("stretchRules"), &p.stretch_rules, stretch_rule);
    let nothing = RestRules { between_shifts: Minutes::ZERO, days_off_per_week: 0, weekly: Minutes::ZERO, daily: Minutes::ZERO };
    let rest = rest_or(&mut r, &At::WHOLE.field("rest"), p.rest.as_ref(), nothing);
    r.end((breaks, stretches, rest))
}

pub(super) fn wellbeing(r: &mut Reading, at: &At<'_>, p: Option<&v1::WellbeingPolicy>) -> WellbeingPolicy {
    let default = WellbeingPolicy::default();
    let Some(p) = p else { return default };
    WellbeingPolicy {
        longest_stretch: r.minutes_or(&at.field("longestStretchMinutes"), p.longest_stretch_minutes, default.longest_stretch),
        shortest_stretch: r.minutes_or(&at.field("shortestStretchMinutes"), p.shortest_stretch_minutes, default.shortest_stretch),
        edge: r.minutes_or(&at.field("edgeMinutes"), p.edge_minutes, default.edge),
        social: r.minutes_or(&at.field("socialMinutes"), p.social_minutes, default.social),
        social_companions: p.social_companions.map_or(default.social_companions, |n| r.count(&at.field("socialCompanions"), n)),
        no_rest_alone: p.no_rest_alone.unwrap_or(default.no_rest_alone),
        comfort_minutes_per_hour: p.comfort_minutes_per_hour.unwrap_or(default.comfort_minutes_per_hour),
        recovery_minutes: p.recovery_minutes.unwrap_or(default.recovery_minutes),
        hard_call_share: r.fraction_or(&at.field("hardCallShare"), p.hard_call_share, default.hard_call_share),
        occupancy_ceiling: r.fraction_or(&at.field("occupancyCeiling"), p.occupancy_ceiling, default.occupancy_ceiling),
        least_met_a_week: r.count(&at.field("leastMetAWeek"), p.least_met_a_week),
        largest_group: p.largest_group.map(|people| r.count(&at.field("largestGroup"), people)),
        largest_group_share: p.largest_group_share.map(|share| r.fraction(&at.field("largestGroupShare"), share)),
        most_on_one_queue: p.most_minutes_on_one_queue.map(|minutes| r.minutes(&at.field("mostMinutesOnOneQueue"), minutes)),
    }
}

pub(super) fn wellbeing_message(policy: &WellbeingPolicy) -> v1::WellbeingPolicy {
    let minutes = |length: Minutes| Some(length.get() as i32);
    v1::WellbeingPolicy {
        longest_stretch_minutes: minutes(policy.longest_stretch),
        shortest_stretch_minutes: minutes(policy.shortest_stretch),
        edge_minutes: minutes(policy.edge),
        social_minutes: minutes(policy.social),
        social_companions: Some(policy.social_companions as i32),
        no_rest_alone: Some(policy.no_rest_alone),
        comfort_minutes_per_hour: Some(policy.comfort_minutes_per_hour),
        recovery_minutes: Some(policy.recovery_minutes),
        hard_call_share: Some(policy.hard_call_share.get()),
        occupancy_ceiling: Some(policy.occupancy_ceiling.get()),
        least_met_a_week: policy.least_met_a_week as i32,
        largest_group: policy.largest_group.map(|people| people as i32),
        largest_group_share: policy.largest_group_share.map(Fraction::get),
        most_minutes_on_one_queue: policy.most_on_one_queue.and_then(minutes),
    }
}

pub(super) fn rest(r: &mut Reading, at: &At<'_>, p: Option<&v1::RestRules>) -> RestRules {
    rest_or(r, at, p, RestRules::default())
}

fn rest_or(r: &mut Reading, at: &At<'_>, p: Option<&v1::RestRules>, default: RestRules) -> RestRules {
    let Some(p) = p else { return default };
    RestRules {
        between_shifts: r.minutes_or(&at.field("betweenShiftsMinutes"), p.between_shifts_minutes, default.between_shifts),
        days_off_per_week: p.days_off_per_week.map_or(default.days_off_per_week, |days| r.count(&at.field("daysOffPerWeek"), days)),
        weekly: r.minutes_or(&at.field("weeklyMinutes"), p.weekly_minutes, default.weekly),
        daily: r.minutes(&at.field("dailyMinutes"), p.daily_minutes),
    }
}

pub(super) fn rest_message(rest: &RestRules) -> v1::RestRules {
    v1::RestRules {
        between_shifts_minutes: Some(rest.between_shifts.get() as i32),
        days_off_per_week: Some(rest.days_off_per_week as i32),
        weekly_minutes: Some(rest.weekly.get() as i32),
        daily_minutes: rest.daily.get() as i32,
    }
}
