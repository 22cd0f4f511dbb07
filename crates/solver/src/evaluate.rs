//! A second reading of the hard rules and of the shortfall, from the published form alone: the tests' judge of the search.
//!
//! It shares nothing with the search but the model. Windows of breaks are checked for each rule in the order of time, which is enough for
//! rules whose windows do not cross.

use std::collections::BTreeMap;

use fika_model::people::{Agent, Contract};
use fika_model::roster::{ActivityKind, AgentRoster, Shift};
use fika_model::rules::BreakKind;
use fika_model::{AgentId, Minutes, Request};

use crate::problem::Pool;

/// Every broken rule in words; empty for a legal roster.
pub(crate) fn broken(request: &Request, rosters: &[AgentRoster]) -> Vec<String> {
    let mut found = Vec::new();
    for roster in rosters {
        let agent = request.agents.iter().find(|a| a.id == roster.agent).expect("an agent of the request");
        let contract = request.contracts.iter().find(|c| c.id == agent.contract).expect("a contract of the request");
        for shift in &roster.shifts {
            one_shift(request, agent, contract, shift, &mut |text| found.push(format!("{} {}: {text}", roster.agent, shift.id)));
            company(request, rosters, roster, shift, &mut |text| found.push(format!("{} {}: {text}", roster.agent, shift.id)));
        }
        days(request, agent, contract, roster, &mut |text| found.push(format!("{}: {text}", roster.agent)));
    }
    found
}

fn one_shift(request: &Request, agent: &Agent, contract: &Contract, shift: &Shift, fault: &mut impl FnMut(&str)) {
    let (start, end) = (shift.span.start().get(), shift.span.end().get());
    let length = shift.span.length();
    let day = request.days.day_at(shift.span.start()).expect("a day of the horizon");
    let template = request.templates.iter().find(|t| Some(&t.id) == shift.template.as_ref()).expect("a template");
    let wall = request.days.wall_at(shift.span.start()).1;
    let on_grid = (wall - template.start_from).is_multiple_of(template.start_step.get())
        && (template.start_from..=template.start_to).contains(&wall)
        && (length.get() - template.length_from.get()).is_multiple_of(template.length_step.get())
        && (template.length_from..=template.length_to).contains(&length);
    if !on_grid || !template.weekdays.holds(request.days.weekday(day)) || !contract.shift_length.holds(length) {
        fault("template or contract");
    }
    let mut at = start;
    for activity in &shift.activities {
        if activity.span.start().get() != at || activity.span.length() == Minutes::ZERO {
            fault("not tiled");
        }
        at = activity.span.end().get();
    }
    if at != end {
        fault("not tiled to the end");
    }
    if !agent.availability.is_empty() {
        let windows = || request.days.days().flat_map(|day| agent.availability.iter().filter_map(move |w| w.on(&request.days, day)));
        if (start..end).any(|minute| !windows().any(|w| w.holds(fika_model::Minute::new(minute)))) {
            fault("availability");
        }
    }
    if agent.absences.iter().any(|absence| absence.span.overlap(shift.span) > Minutes::ZERO) {
        fault("absence");
    }
    let mut stretch = start;
    let policy = &request.wellbeing;
    let breaks: Vec<_> = shift.breaks().collect();
    for (n, one) in breaks.iter().enumerate() {
        let length = one.span.start().get() - stretch;
        let least = if n == 0 { policy.edge } else { policy.shortest_stretch };
        if length > policy.longest_stretch.get() as i32 || length < least.get() as i32 {
            fault("stretch");
        }
        stretch = one.span.end().get();
    }
    let tail = end - stretch;
    if tail > policy.longest_stretch.get() as i32 || (!breaks.is_empty() && tail < policy.edge.get() as i32) {
        fault("last stretch");
    }
    let mut asked = 0;
    for kind in [BreakKind::Rest, BreakKind::Meal] {
        let of_kind = |k: ActivityKind| (k == ActivityKind::RestBreak) == (kind == BreakKind::Rest);
        let mut there: Vec<(u32, bool)> = breaks.iter().filter(|b| of_kind(b.kind)).map(|b| (b.span.length().get(), b.paid)).collect();
        let rules = request.breaks.iter().filter(|r| r.kind == kind && r.applies_to(length));
        let mut due: Vec<(u32, bool)> = rules.flat_map(|r| (0..r.count).map(|_| (r.length.get(), r.paid))).collect();
        asked += due.len();
        there.sort_unstable();
        due.sort_unstable();
        if there != due {
            fault("breaks by rule");
        }
    }
    if asked != breaks.len() {
        fault("number of breaks");
    }
}

fn days(request: &Request, agent: &Agent, contract: &Contract, roster: &AgentRoster, fault: &mut impl FnMut(&str)) {
    let mut last_end = agent.last_shift_end.map(|at| request.days.minute_of(at).get());
    for shift in &roster.shifts {
        if last_end.is_some_and(|end| shift.span.start().get() - end < request.rest.between_shifts.get() as i32) {
            fault("rest between shifts");
        }
        last_end = Some(shift.span.end().get());
    }
    let all: Vec<_> = request.days.days().collect();
    let begins = |day: fika_model::DayIndex| roster.shifts.iter().filter(|s| request.days.day_span(day).holds(s.span.start())).count();
    let touched = |day: fika_model::DayIndex| {
        let span = request.days.day_span(day);
        roster.shifts.iter().any(|s| s.span.overlap(span) > Minutes::ZERO)
    };
    let mut row = agent.days_worked_before;
    for day in &all {
        row = if begins(*day) > 0 { row + 1 } else { 0 };
        if begins(*day) > 1 || row > contract.most_consecutive_days && row > agent.days_worked_before {
            fault("days in a row, or two shifts a day");
        }
    }
    for week in all.chunks(7) {
        let span = |n: usize| request.days.day_span(week[n]);
        let (from, to) = (span(0).start().get(), span(week.len() - 1).end().get());
        let mine: Vec<&Shift> = roster.shifts.iter().filter(|s| (from..to).contains(&s.span.start().get())).collect();
        let credited: u32 = agent.absences.iter().filter(|a| (from..to).contains(&a.span.start().get())).map(|a| a.credited.get()).sum();
        let paid: u32 = mine.iter().map(|s| s.paid().get()).sum::<u32>() + credited;
        if paid < contract.week_paid.least.get() * week.len() as u32 / 7 || paid > contract.week_paid.most.get() {
            fault("paid minutes");
        }
        if mine.len() as u32 > contract.most_days_per_week {
            fault("shifts a week");
        }
        if week.len() == 7 {
            if (week.iter().filter(|day| !touched(**day)).count() as u32) < request.rest.days_off_per_week {
                fault("days off");
            }
            let busy = |minute: i32| roster.shifts.iter().any(|s| s.span.holds(fika_model::Minute::new(minute)));
            let mut longest = 0;
            let mut free = 0;
            for minute in from..to {
                free = if busy(minute) { 0 } else { free + 1 };
                longest = longest.max(free);
            }
            if longest < request.rest.weekly.get() {
                fault("weekly rest");
            }
        }
    }
}

fn company(request: &Request, rosters: &[AgentRoster], own: &AgentRoster, shift: &Shift, fault: &mut impl FnMut(&str)) {
    let policy = &request.wellbeing;
    let mates = || rosters.iter().filter(|other| other.team == own.team && other.agent != own.agent);
    let mut social = 0;
    for one in shift.breaks() {
        let mut with: BTreeMap<&AgentId, u32> = BTreeMap::new();
        for minute in one.span.start().get()..one.span.end().get() {
            let minute = fika_model::Minute::new(minute);
            let away = |mate: &&AgentRoster| mate.shifts.iter().any(|s| s.breaks().any(|b| b.span.holds(minute)));
            let there: Vec<&AgentRoster> = mates().filter(away).collect();
            social += u32::from(there.len() as u32 >= policy.social_companions);
            for mate in there {
                *with.entry(&mate.agent).or_default() += 1;
            }
        }
        let shared: Vec<&AgentId> = with.iter().filter(|(_, minutes)| **minutes >= 5).map(|(mate, _)| *mate).collect();
        if shared != one.companions.iter().collect::<Vec<_>>() {
            fault("companions");
        }
        let could = || mates().any(|mate| mate.shifts.iter().any(|s| s.span.covers(one.span)));
        if policy.no_rest_alone && one.kind == ActivityKind::RestBreak && shared.is_empty() && could() {
            fault("rest alone");
        }
    }
    if social < policy.social.get() {
        fault("social time");
    }
}

/// Person-minutes short, counted minute by minute for requests in which each agent serves one pool.
pub(crate) fn short_minutes(request: &Request, pools: &[Pool], rosters: &[AgentRoster]) -> i64 {
    let interval = request.interval.minutes() as usize;
    let mut short = 0;
    for pool in pools {
        let ids: Vec<&AgentId> = pool.agents.iter().map(|n| &request.agents[*n].id).collect();
        let mine: Vec<&AgentRoster> = rosters.iter().filter(|r| ids.contains(&&r.agent)).collect();
        for minute in 0..request.days.span().length().get() as usize {
            let at = fika_model::Minute::new(minute as i32);
            let working = |r: &&&AgentRoster| {
                r.shifts.iter().flat_map(|s| &s.activities).any(|a| a.kind == ActivityKind::OnQueue && a.span.holds(at))
            };
            let required = i64::from(pool.required.values()[minute / interval]);
            short += (required - mine.iter().filter(working).count() as i64).max(0);
        }
    }
    short
}
