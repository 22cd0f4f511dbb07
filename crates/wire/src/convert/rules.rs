//! Shift templates, breaks by rule, wellbeing, rest.

use fika_model::rules::{BreakKind, BreakRule, BreakWindow, RestRules, ShiftTemplate, WellbeingPolicy};
use fika_model::{IntervalLength, Minutes};

use super::people::{LAST_OF_DAY, LAST_OF_NEXT_DAY, weekdays, weekdays_message};
use super::reading::{At, Reading, paired, wall_text};
use crate::proto::fika::v1;

paired! { kind_message, kind_model: BreakKind = v1::break_rule::Kind { Rest = Rest, Meal = Meal } }

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
    }
}

fn break_window(r: &mut Reading, at: &At<'_>, p: &v1::BreakWindow) -> BreakWindow {
    let mut limit = |name: &'static str, minutes: Option<i32>| minutes.map(|minutes| r.minutes(&at.field(name), minutes));
    let earliest_after_start = limit("earliestAfterStartMinutes", p.earliest_after_start_minutes);
    let latest_after_start = limit("latestAfterStartMinutes", p.latest_after_start_minutes);
    let earliest_before_end = limit("earliestBeforeEndMinutes", p.earliest_before_end_minutes);
    let latest_before_end = limit("latestBeforeEndMinutes", p.latest_before_end_minutes);
    let wall = p.wall.as_ref().map(|wall| {
        let at = at.field("wall");
        (r.wall(&at.field("from"), &wall.from, LAST_OF_NEXT_DAY), r.wall(&at.field("to"), &wall.to, LAST_OF_NEXT_DAY))
    });
    BreakWindow { earliest_after_start, latest_after_start, earliest_before_end, latest_before_end, wall }
}

fn break_window_message(window: &BreakWindow) -> v1::BreakWindow {
    let minutes = |limit: Option<Minutes>| limit.map(|minutes| minutes.get() as i32);
    v1::BreakWindow {
        earliest_after_start_minutes: minutes(window.earliest_after_start),
        latest_after_start_minutes: minutes(window.latest_after_start),
        earliest_before_end_minutes: minutes(window.earliest_before_end),
        latest_before_end_minutes: minutes(window.latest_before_end),
        wall: window.wall.map(|(from, to)| v1::WallRange { from: wall_text(from), to: wall_text(to) }),
    }
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
    }
}

pub(super) fn rest(r: &mut Reading, at: &At<'_>, p: Option<&v1::RestRules>) -> RestRules {
    let default = RestRules::default();
    let Some(p) = p else { return default };
    RestRules {
        between_shifts: r.minutes_or(&at.field("betweenShiftsMinutes"), p.between_shifts_minutes, default.between_shifts),
        days_off_per_week: p.days_off_per_week.map_or(default.days_off_per_week, |days| r.count(&at.field("daysOffPerWeek"), days)),
        weekly: r.minutes_or(&at.field("weeklyMinutes"), p.weekly_minutes, default.weekly),
    }
}

pub(super) fn rest_message(rest: &RestRules) -> v1::RestRules {
    v1::RestRules {
        between_shifts_minutes: Some(rest.between_shifts.get() as i32),
        days_off_per_week: Some(rest.days_off_per_week as i32),
        weekly_minutes: Some(rest.weekly.get() as i32),
    }
}
