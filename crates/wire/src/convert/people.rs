//! Agents, teams, contracts, windows of the wall clock.

use fika_model::calendar::DayMap;
use fika_model::fault::FaultCode;
use fika_model::people::{Absence, Agent, AgentSkill, Contract, FixedShift, MinutesRange, Team, WallWindow, Weekdays, Wish};
use fika_model::{Minute, Minutes, RuleId, Weekday};

use super::limits;
use super::reading::{At, Reading, paired, wall_text};
use crate::proto::fika::v1;

/// The latest local time of a day, in minutes after midnight.
pub(super) const LAST_OF_DAY: u32 = 1439;
/// The latest local time that is taken at all: the end of the next day.
pub(super) const LAST_OF_NEXT_DAY: u32 = 2880;

paired! { weekday_message, weekday_model: Weekday = v1::Weekday {
    Monday = Monday, Tuesday = Tuesday, Wednesday = Wednesday, Thursday = Thursday, Friday = Friday, Saturday = Saturday, Sunday = Sunday,
} }

/// No day named means every day.
pub(super) fn weekdays(r: &mut Reading, at: &At<'_>, days: &[i32]) -> Weekdays {
    if days.is_empty() {
        return Weekdays::ALL;
    }
    Weekdays::of(r.each(at, days, |r, at, day| r.choice(at, *day, weekday_model, Weekday::Monday)))
}

pub(super) fn weekdays_message(days: Weekdays) -> Vec<i32> {
    if days == Weekdays::ALL { Vec::new() } else { days.iter().map(weekday_message).collect() }
}

pub(super) fn window(r: &mut Reading, at: &At<'_>, p: &v1::WallWindow) -> WallWindow {
    WallWindow {
        weekdays: weekdays(r, &at.field("weekdays"), &p.weekdays),
        from_minute: r.wall(&at.field("from"), &p.from, LAST_OF_DAY),
        to_minute: r.wall(&at.field("to"), &p.to, LAST_OF_NEXT_DAY),
    }
}

pub(super) fn window_message(window: &WallWindow) -> v1::WallWindow {
    v1::WallWindow { weekdays: weekdays_message(window.weekdays), from: wall_text(window.from_minute), to: wall_text(window.to_minute) }
}

pub(super) fn team(r: &mut Reading, at: &At<'_>, p: &v1::Team) -> Team {
    Team { id: r.id(&at.field("id"), &p.id), name: p.name.clone() }
}

pub(super) fn team_message(team: &Team) -> v1::Team {
    v1::Team { id: team.id.to_string(), name: team.name.clone() }
}

pub(super) fn range(r: &mut Reading, at: &At<'_>, p: Option<&v1::MinutesRange>) -> MinutesRange {
    let Some(p) = p else {
        r.fault(FaultCode::Missing, at, "there is no least and no most");
        return MinutesRange { least: Minutes::ZERO, most: Minutes::ZERO };
    };
    MinutesRange { least: r.minutes(&at.field("least"), p.least), most: r.minutes(&at.field("most"), p.most) }
}

pub(super) fn range_message(range: MinutesRange) -> v1::MinutesRange {
    v1::MinutesRange { least: range.least.get() as i32, most: range.most.get() as i32 }
}

pub(super) fn contract(r: &mut Reading, at: &At<'_>, p: &v1::Contract) -> Contract {
    let mut days = |name: &'static str, days: Option<i32>| {
        let at = at.field(name);
        if days.is_none() {
            r.fault(FaultCode::Missing, &at, "there is no number of days");
        }
        days.map_or(1, |days| r.count(&at, days))
    };
    let (per_week, consecutive) = (days("mostDaysPerWeek", p.most_days_per_week), days("mostConsecutiveDays", p.most_consecutive_days));
    Contract {
        id: r.id(&at.field("id"), &p.id),
        week_paid: range(r, &at.field("weekPaidMinutes"), p.week_paid_minutes.as_ref()),
        shift_length: range(r, &at.field("shiftLengthMinutes"), p.shift_length_minutes.as_ref()),
        most_days_per_week: per_week,
        most_consecutive_days: consecutive,
        templates: r.ids(&at.field("templateIds"), &p.template_ids),
        limits: limits::read(r, at, p),
    }
}

pub(super) fn contract_message(contract: &Contract) -> v1::Contract {
    v1::Contract {
        id: contract.id.to_string(),
        week_paid_minutes: Some(range_message(contract.week_paid)),
        shift_length_minutes: Some(range_message(contract.shift_length)),
        most_days_per_week: Some(contract.most_days_per_week as i32),
        most_consecutive_days: Some(contract.most_consecutive_days as i32),
        template_ids: contract.templates.iter().map(ToString::to_string).collect(),
        ..limits::message(&contract.limits)
    }
}

pub(super) fn agent(r: &mut Reading, at: &At<'_>, p: &v1::Agent, days: &DayMap) -> Agent {
    let history_at = at.field("history");
    let none = v1::AgentHistory::default();
    let history = p.history.as_ref().unwrap_or(&none);
    Agent {
        id: r.id(&at.field("id"), &p.id),
        name: p.name.clone(),
        team: r.id(&at.field("teamId"), &p.team_id),
        contract: r.id(&at.field("contractId"), &p.contract_id),
        skills: r.each(&at.field("skills"), &p.skills, skill),
        availability: r.each(&at.field("availability"), &p.availability, window),
        absences: r.each(&at.field("absences"), &p.absences, |r, at, p| absence(r, at, p, days)),
        wishes: r.each(&at.field("wishes"), &p.wishes, wish).into_iter().flatten().collect(),
        last_shift_end: r.time_if_any(&history_at.field("lastShiftEnd"), history.last_shift_end),
        days_worked_before: r.count(&history_at.field("daysWorked"), history.days_worked),
        history: limits::history(r, &history_at, history),
        waives: r.ids(&at.field("waivedRuleIds"), &p.waived_rule_ids),
        fixed: r.each(&at.field("fixedShifts"), &p.fixed_shifts, |r, at, p| fixed(r, at, p, days)),
    }
}

pub(super) fn agent_message(agent: &Agent, days: &DayMap) -> v1::Agent {
    let history = limits::history_message(agent.last_shift_end, agent.days_worked_before, &agent.history);
    v1::Agent {
        id: agent.id.to_string(),
        name: agent.name.clone(),
        team_id: agent.team.to_string(),
        contract_id: agent.contract.to_string(),
        skills: agent.skills.iter().map(skill_message).collect(),
        availability: agent.availability.iter().map(window_message).collect(),
        absences: agent.absences.iter().map(|absence| absence_message(absence, days)).collect(),
        wishes: agent.wishes.iter().map(wish_message).collect(),
        history: (history != v1::AgentHistory::default()).then_some(history),
        waived_rule_ids: agent.waives.iter().map(ToString::to_string).collect(),
        fixed_shifts: agent.fixed.iter().map(|fixed| fixed_message(fixed, days)).collect(),
    }
}

fn fixed(r: &mut Reading, at: &At<'_>, p: &v1::FixedShift, days: &DayMap) -> FixedShift {
    let one = |r: &mut Reading, at: &At<'_>, p: &v1::FixedBreak| {
        (r.id(&at.field("ruleId"), &p.rule_id), r.minute(&at.field("start"), days, p.start))
    };
    FixedShift {
        template: r.id(&at.field("templateId"), &p.template_id),
        span: r.span(at, days, p.start, p.length_minutes),
        breaks: r.each(&at.field("breaks"), &p.breaks, one),
    }
}

fn fixed_message(fixed: &FixedShift, days: &DayMap) -> v1::FixedShift {
    let one = |(rule, start): &(RuleId, Minute)| v1::FixedBreak { rule_id: rule.to_string(), start: Some(days.timestamp(*start).into()) };
    v1::FixedShift {
        template_id: fixed.template.to_string(),
        start: Some(days.timestamp(fixed.span.start()).into()),
        length_minutes: fixed.span.length().get() as i32,
        breaks: fixed.breaks.iter().map(one).collect(),
    }
}

fn skill(r: &mut Reading, at: &At<'_>, p: &v1::AgentSkill) -> AgentSkill {
    AgentSkill {
        skill: r.id(&at.field("skillId"), &p.skill_id),
        proficiency: p.proficiency.unwrap_or(1.0),
        priority: p.priority.map_or(1, |priority| r.count(&at.field("priority"), priority)),
    }
}

fn skill_message(skill: &AgentSkill) -> v1::AgentSkill {
    v1::AgentSkill { skill_id: skill.skill.to_string(), proficiency: Some(skill.proficiency), priority: Some(skill.priority as i32) }
}

fn absence(r: &mut Reading, at: &At<'_>, p: &v1::Absence, days: &DayMap) -> Absence {
    Absence {
        span: r.span(at, days, p.start, p.length_minutes),
        code: p.code.clone(),
        credited: r.minutes(&at.field("creditedMinutes"), p.credited_minutes),
    }
}

fn absence_message(absence: &Absence, days: &DayMap) -> v1::Absence {
    v1::Absence {
        start: Some(days.timestamp(absence.span.start()).into()),
        length_minutes: absence.span.length().get() as i32,
        code: absence.code.clone(),
        credited_minutes: absence.credited.get() as i32,
    }
}

fn wish(r: &mut Reading, at: &At<'_>, p: &v1::Wish) -> Option<Wish> {
    use v1::wish::Wish as Kind;
    Some(match &p.wish {
        None => {
            r.fault(FaultCode::Missing, at, "the wish says nothing that is known");
            return None;
        }
        Some(Kind::DayOff(day)) => Wish::DayOff(r.date(&at.field("dayOff").field("date"), &day.date)),
        Some(Kind::Template(template)) => {
            let at = at.field("template");
            Wish::Template(r.date(&at.field("date"), &template.date), r.id(&at.field("templateId"), &template.template_id))
        }
        Some(Kind::StartNear(start)) => Wish::StartNear(r.wall(&at.field("startNear").field("time"), &start.time, LAST_OF_DAY)),
        Some(Kind::Colleague(colleague)) => Wish::Colleague(r.id(&at.field("colleague").field("agentId"), &colleague.agent_id)),
    })
}

fn wish_message(wish: &Wish) -> v1::Wish {
    use v1::wish::{Colleague, DayOff, StartNear, Template, Wish as Kind};
    let kind = match wish {
        Wish::DayOff(date) => Kind::DayOff(DayOff { date: date.to_string() }),
        Wish::Template(date, id) => Kind::Template(Template { date: date.to_string(), template_id: id.to_string() }),
        Wish::StartNear(minute) => Kind::StartNear(StartNear { time: wall_text(*minute) }),
        Wish::Colleague(id) => Kind::Colleague(Colleague { agent_id: id.to_string() }),
    };
    v1::Wish { wish: Some(kind) }
}
