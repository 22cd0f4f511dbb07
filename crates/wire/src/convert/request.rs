//! Roster requests: the frame. People, rules and demand have their own files.

use fika_model::calendar::DayMap;
use fika_model::demand::StaffingPolicy;
use fika_model::fault::{Fault, FaultCode, Faults};
use fika_model::request::{Budget, Queue, RequestParts};
use fika_model::roster::Parent;
use fika_model::{IntervalLength, Minutes, Request};

use super::reading::{At, Reading};
use super::{agenda, demand, fairness, people, rules};
use crate::presets;
use crate::proto::fika::v1;

/// Reads a request; the error names every fault.
pub fn parse_request(message: &v1::RosterRequest) -> Result<Request, Faults> {
    let mut reading = Reading::default();
    let mut parts = parts(&mut reading, &At::WHOLE, message);
    let mut faults = reading.into_faults();
    if !message.break_preset.is_empty()
        && let Err(unknown) = presets::add(&message.break_preset, &mut parts)
    {
        faults.0.extend(unknown.0);
    }
    match Request::check(parts) {
        Ok(request) if faults.0.is_empty() => Ok(request),
        Ok(_) => Err(faults),
        Err(further) => Err(merge(faults, further)),
    }
}

/// The faults of one stage and those of the next, without those that only follow from a placeholder of the first.
pub(crate) fn merge(first: Faults, further: Faults) -> Faults {
    const GRIDS: [&str; 4] = ["horizon", "site.timeZone", "intervalMinutes", "breakStepMinutes"];
    let related = |a: &str, b: &str| {
        let under = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        a.is_empty() || b.is_empty() || under(a, b) || under(b, a)
    };
    let grid_unknown = first.0.iter().any(|fault| GRIDS.iter().any(|at| related(&fault.at, at)));
    let follows = |fault: &Fault| {
        let from_grid = grid_unknown && fault.code == FaultCode::OffGrid;
        from_grid || first.0.iter().any(|known| related(&known.at, &fault.at))
    };
    let kept: Vec<Fault> = further.0.into_iter().filter(|fault| !follows(fault)).collect();
    Faults(first.0.into_iter().chain(kept).collect())
}

fn parts(r: &mut Reading, at: &At<'_>, p: &v1::RosterRequest) -> RequestParts {
    let site_at = at.field("site");
    let no_site = v1::Site::default();
    let site = p.site.as_ref().unwrap_or(&no_site);
    let days = r.days(&site_at.field("timeZone"), &site.time_zone, &at.field("horizon"), p.horizon.as_ref());
    let horizon_known = !r.has_faults();
    let interval = p.interval_minutes.map_or(IntervalLength::QUARTER_HOUR, |n| r.interval(&at.field("intervalMinutes"), n));
    let step = r.minutes_or(&at.field("breakStepMinutes"), p.break_step_minutes, Minutes::of(5));
    let frame = demand::Frame { days: &days, interval, horizon_known };
    RequestParts {
        id: r.id(&at.field("id"), &p.id),
        site: r.id(&site_at.field("id"), &site.id),
        interval,
        break_step: step,
        queues: r.each(&at.field("queues"), &p.queues, queue),
        skills: r.each(&at.field("skills"), &p.skills, |r, at, skill| r.id(&at.field("id"), &skill.id)),
        teams: r.each(&at.field("teams"), &p.teams, people::team),
        contracts: r.each(&at.field("contracts"), &p.contracts, people::contract),
        agents: r.each(&at.field("agents"), &p.agents, |r, at, agent| people::agent(r, at, agent, &days)),
        templates: r.each(&at.field("shiftTemplates"), &p.shift_templates, |r, at, template| rules::template(r, at, template, interval)),
        breaks: r.each(&at.field("breakRules"), &p.break_rules, rules::break_rule),
        stretches: r.each(&at.field("stretchRules"), &p.stretch_rules, rules::stretch_rule),
        fairness: fairness::policy(r, &at.field("fairness"), p.fairness.as_ref()),
        wellbeing: rules::wellbeing(r, &at.field("wellbeing"), p.wellbeing.as_ref()),
        rest: rules::rest(r, &at.field("rest"), p.rest.as_ref()),
        demand: demand::source(r, &at.field("demand"), p.demand.as_ref(), &frame),
        staffing: p.staffing.as_ref().map_or_else(StaffingPolicy::default, |s| demand::staffing(r, &at.field("staffing"), s)),
        budget: p.budget.as_ref().map_or_else(Budget::default, |b| budget(r, &at.field("budget"), b)),
        seed: p.seed,
        parent: p.replaces.as_ref().map(|parent| reference(r, &at.field("replaces"), parent)),
        activities: r.each(&at.field("activities"), &p.activities, |r, at, activity| agenda::activity(r, at, activity, &days)),
        back_office: r.each(&at.field("backOffice"), &p.back_office, |r, at, work| agenda::work(r, at, work, &frame)),
        days,
    }
}

fn queue(r: &mut Reading, at: &At<'_>, p: &v1::Queue) -> Queue {
    Queue {
        id: r.id(&at.field("id"), &p.id),
        name: p.name.clone(),
        skill: r.id(&at.field("skillId"), &p.skill_id),
        hours: r.each(&at.field("hours"), &p.hours, people::window),
        hard_minutes_per_day: p.hard_minutes_per_day.map(|minutes| r.minutes(&at.field("hardMinutesPerDay"), minutes)),
    }
}

fn budget(r: &mut Reading, at: &At<'_>, p: &v1::Budget) -> Budget {
    if p.steps == Some(0) {
        r.fault(FaultCode::OutOfRange, &at.field("steps"), "no steps at all");
    }
    let seconds = p.seconds.map(|seconds| {
        let most = 7 * 24 * 3600;
        if !(1..=most).contains(&seconds) {
            r.fault(FaultCode::OutOfRange, &at.field("seconds"), format_args!("{seconds} is outside 1 to {most}"));
        }
        seconds.unsigned_abs()
    });
    Budget { steps: p.steps, seconds }
}

pub(crate) fn reference(r: &mut Reading, at: &At<'_>, p: &v1::RosterReference) -> Parent {
    Parent { roster: r.id(&at.field("rosterId"), &p.roster_id), generation: p.generation }
}

pub(crate) fn reference_message(parent: &Parent) -> v1::RosterReference {
    v1::RosterReference { roster_id: parent.roster.to_string(), generation: parent.generation }
}

pub(crate) fn period_message(days: &DayMap) -> v1::Period {
    v1::Period { first_date: days.first_date().to_string(), days: days.len() as i32 }
}

/// Writes a request with every default filled in and its preset written out.
pub fn request_message(request: &Request) -> v1::RosterRequest {
    v1::RosterRequest {
        id: request.id.to_string(),
        site: Some(v1::Site { id: request.site.to_string(), time_zone: request.days.zone_name().to_owned() }),
        horizon: Some(period_message(&request.days)),
        interval_minutes: Some(request.interval.minutes() as i32),
        break_step_minutes: Some(request.break_step.get() as i32),
        queues: request.queues.iter().map(queue_message).collect(),
        skills: request.skills.iter().map(|skill| v1::Skill { id: skill.to_string() }).collect(),
        teams: request.teams.iter().map(people::team_message).collect(),
        contracts: request.contracts.iter().map(people::contract_message).collect(),
        agents: request.agents.iter().map(|agent| people::agent_message(agent, &request.days)).collect(),
        shift_templates: request.templates.iter().map(rules::template_message).collect(),
        break_rules: request.breaks.iter().map(rules::break_rule_message).collect(),
        wellbeing: Some(rules::wellbeing_message(&request.wellbeing)),
        fairness: fairness::policy_message(&request.fairness),
        rest: Some(rules::rest_message(&request.rest)),
        demand: Some(demand::source_message(&request.demand)),
        staffing: Some(demand::staffing_message(&request.staffing)),
        budget: Some(v1::Budget { steps: request.budget.steps, seconds: request.budget.seconds.map(|seconds| seconds as i32) }),
        seed: request.seed,
        replaces: request.parent.as_ref().map(reference_message),
        stretch_rules: request.stretches.iter().map(rules::stretch_rule_message).collect(),
        break_preset: String::new(),
        activities: request.activities.iter().map(agenda::activity_message).collect(),
        back_office: request.back_office.iter().map(agenda::work_message).collect(),
    }
}

fn queue_message(queue: &Queue) -> v1::Queue {
    v1::Queue {
        id: queue.id.to_string(),
        name: queue.name.clone(),
        skill_id: queue.skill.to_string(),
        hours: queue.hours.iter().map(people::window_message).collect(),
        hard_minutes_per_day: queue.hard_minutes_per_day.map(|minutes| minutes.get() as i32),
    }
}
