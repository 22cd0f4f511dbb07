//! How the parts of a request fit together. Each function looks at one kind of part and adds to the same list of faults.

use std::collections::BTreeSet;

use crate::demand::DemandSource;
use crate::fault::{FaultCode, Faults};
use crate::id::SkillId;
use crate::people::{Agent, Contract, WallWindow, Wish};
use crate::request::RequestParts;
use crate::rules::{LEAST_ON_ONE_QUEUE, ShiftTemplate};
use crate::units::Minutes;

mod agenda;
mod breaks;
mod fairness;
mod limits;

/// The most agents that one request may name.
pub(super) const MOST_AGENTS: usize = 20_000;

pub(super) fn faults(parts: &RequestParts) -> Faults {
    let mut faults = Faults::default();
    grids(parts, &mut faults);
    uniqueness(parts, &mut faults);
    queues(parts, &mut faults);
    for (n, contract) in parts.contracts.iter().enumerate() {
        contract_faults(parts, contract, &format!("contracts[{n}]"), &mut faults);
    }
    for (n, template) in parts.templates.iter().enumerate() {
        template_faults(parts, template, &format!("shiftTemplates[{n}]"), &mut faults);
    }
    breaks::faults(parts, &mut faults);
    limits::faults(parts, &mut faults);
    wellbeing(parts, &mut faults);
    fairness::faults(parts, &mut faults);
    for (n, agent) in parts.agents.iter().enumerate() {
        agent_faults(parts, agent, &format!("agents[{n}]"), &mut faults);
    }
    demand(parts, &mut faults);
    agenda::faults(parts, &mut faults);
    faults
}

fn grids(parts: &RequestParts, faults: &mut Faults) {
    let interval = parts.interval.minutes();
    let step = parts.break_step.get();
    if step == 0 || !interval.is_multiple_of(step) {
        faults.push(FaultCode::OffGrid, "breakStepMinutes", format!("{step} does not divide the interval of {interval} minutes"));
    }
    if parts.agents.is_empty() {
        faults.push(FaultCode::Missing, "agents", "there are none");
    }
    if parts.queues.is_empty() {
        faults.push(FaultCode::Missing, "queues", "there are none");
    }
    if parts.templates.is_empty() {
        faults.push(FaultCode::Missing, "shiftTemplates", "there are none");
    }
    if parts.agents.len() > MOST_AGENTS {
        faults.push(FaultCode::TooMuch, "agents", format!("{} agents, more than {MOST_AGENTS}", parts.agents.len()));
    }
    let minutes = parts.days.span().length().get();
    if !minutes.is_multiple_of(interval) {
        faults.push(FaultCode::OffGrid, "intervalMinutes", format!("the horizon of {minutes} minutes is no multiple of {interval}"));
    }
}

fn uniqueness(parts: &RequestParts, faults: &mut Faults) {
    fn once<'a>(ids: impl Iterator<Item = &'a str>, list: &str, faults: &mut Faults) {
        let mut seen = BTreeSet::new();
        for (n, id) in ids.enumerate() {
            if !seen.insert(id) {
                faults.push(FaultCode::Duplicate, format!("{list}[{n}].id"), format!("{id:?} is there twice"));
            }
        }
    }
    once(parts.agents.iter().map(|a| a.id.as_str()), "agents", faults);
    once(parts.queues.iter().map(|q| q.id.as_str()), "queues", faults);
    once(parts.skills.iter().map(SkillId::as_str), "skills", faults);
    once(parts.teams.iter().map(|t| t.id.as_str()), "teams", faults);
    once(parts.contracts.iter().map(|c| c.id.as_str()), "contracts", faults);
    once(parts.templates.iter().map(|t| t.id.as_str()), "shiftTemplates", faults);
    once(parts.breaks.iter().map(|b| b.id.as_str()), "breakRules", faults);
    once(parts.stretches.iter().map(|s| s.id.as_str()), "stretchRules", faults);
    once(parts.activities.iter().map(|a| a.id.as_str()), "activities", faults);
    once(parts.activities.iter().map(|a| a.id.as_str()).chain(parts.back_office.iter().map(|w| w.id.as_str())), "backOffice", faults);
}

fn windows(windows: &[WallWindow], at: &str, faults: &mut Faults) {
    for (n, window) in windows.iter().enumerate() {
        let place = format!("{at}[{n}]");
        if window.from_minute >= window.to_minute {
            let cause = format!("it ends at minute {} and begins at {}", window.to_minute, window.from_minute);
            faults.push(FaultCode::Contradiction, place.clone(), cause);
        }
        if window.from_minute >= 1440 || window.to_minute > 2880 {
            faults.push(FaultCode::OutOfRange, place.clone(), "it begins after midnight of its day or lasts into a third day");
        }
        if window.weekdays.is_empty() {
            faults.push(FaultCode::Missing, format!("{place}.weekdays"), "no day of the week");
        }
    }
}

fn queues(parts: &RequestParts, faults: &mut Faults) {
    for (n, queue) in parts.queues.iter().enumerate() {
        if !parts.skills.contains(&queue.skill) {
            faults.push(FaultCode::UnknownReference, format!("queues[{n}].skillId"), format!("no skill {:?}", queue.skill.as_str()));
        }
        windows(&queue.hours, &format!("queues[{n}].hours"), faults);
        if let Some(most) = queue.hard_minutes_per_day.filter(|most| !(LEAST_ON_ONE_QUEUE.get()..=1440).contains(&most.get())) {
            let cause = format!("{} is outside {} to 1,440 minutes", most.get(), LEAST_ON_ONE_QUEUE.get());
            faults.push(FaultCode::OutOfRange, format!("queues[{n}].hardMinutesPerDay"), cause);
        }
    }
}

fn contract_faults(parts: &RequestParts, contract: &Contract, at: &str, faults: &mut Faults) {
    for (range, name) in [(contract.week_paid, "weekPaidMinutes"), (contract.shift_length, "shiftLengthMinutes")] {
        if range.least > range.most {
            let cause = format!("least {} is above most {}", range.least.get(), range.most.get());
            faults.push(FaultCode::Contradiction, format!("{at}.{name}"), cause);
        }
    }
    let most = u64::from(contract.shift_length.most.get()) * u64::from(contract.most_days_per_week);
    if most < u64::from(contract.week_paid.least.get()) {
        let cause = format!(
            "{} shifts of {} minutes cannot reach {} minutes a week",
            contract.most_days_per_week,
            contract.shift_length.most.get(),
            contract.week_paid.least.get()
        );
        faults.push(FaultCode::Contradiction, at, cause);
    }
    if contract.most_days_per_week > 7 {
        faults.push(FaultCode::OutOfRange, format!("{at}.mostDaysPerWeek"), format!("{} days", contract.most_days_per_week));
    }
    if contract.most_consecutive_days == 0 {
        faults.push(FaultCode::OutOfRange, format!("{at}.mostConsecutiveDays"), "0 days");
    }
    for (n, template) in contract.templates.iter().enumerate() {
        if !parts.templates.iter().any(|t| &t.id == template) {
            let cause = format!("no shift template {:?}", template.as_str());
            faults.push(FaultCode::UnknownReference, format!("{at}.templateIds[{n}]"), cause);
        }
    }
}

fn template_faults(parts: &RequestParts, template: &ShiftTemplate, at: &str, faults: &mut Faults) {
    let interval = parts.interval.minutes();
    if template.start_from > template.start_to || template.start_to >= 1440 {
        let cause = format!("starts from minute {} to {} of the day", template.start_from, template.start_to);
        faults.push(FaultCode::Contradiction, format!("{at}.startFrom"), cause);
    }
    if template.length_from > template.length_to || template.length_from == Minutes::ZERO || template.length_to.get() > 1440 {
        let cause = format!("lengths from {} to {} minutes", template.length_from.get(), template.length_to.get());
        faults.push(FaultCode::Contradiction, format!("{at}.lengthFromMinutes"), cause);
    }
    if template.weekdays.is_empty() {
        faults.push(FaultCode::Missing, format!("{at}.weekdays"), "no day of the week");
    }
    let on_grid = [
        ("startFrom", template.start_from),
        ("startStepMinutes", template.start_step.get()),
        ("lengthFromMinutes", template.length_from.get()),
        ("lengthStepMinutes", template.length_step.get()),
    ];
    for (field, minutes) in on_grid {
        let step = field.ends_with("StepMinutes");
        if !minutes.is_multiple_of(interval) || (step && minutes == 0) {
            faults.push(
                FaultCode::OffGrid,
                format!("{at}.{field}"),
                format!("{minutes} is no multiple of the interval of {interval} minutes"),
            );
        }
    }
}

fn wellbeing(parts: &RequestParts, faults: &mut Faults) {
    let policy = &parts.wellbeing;
    if policy.shortest_stretch > policy.longest_stretch || policy.edge > policy.longest_stretch {
        let cause = format!(
            "stretches of at least {} and an edge of {} minutes do not fit under the longest stretch of {}",
            policy.shortest_stretch.get(),
            policy.edge.get(),
            policy.longest_stretch.get()
        );
        faults.push(FaultCode::Contradiction, "wellbeing.longestStretchMinutes", cause);
    }
    if let Some(most) = policy.most_on_one_queue.filter(|most| !(2 * LEAST_ON_ONE_QUEUE.get()..=1440).contains(&most.get())) {
        let cause = format!("{} is outside {} to 1,440 minutes", most.get(), 2 * LEAST_ON_ONE_QUEUE.get());
        faults.push(FaultCode::OutOfRange, "wellbeing.mostMinutesOnOneQueue", cause);
    }
    if !(0.0..=30.0).contains(&policy.comfort_minutes_per_hour) {
        faults.push(FaultCode::OutOfRange, "wellbeing.comfortMinutesPerHour", "outside 0 to 30 minutes an hour");
    }
    if !(0.0..=120.0).contains(&policy.recovery_minutes) {
        faults.push(FaultCode::OutOfRange, "wellbeing.recoveryMinutes", "outside 0 to 120 minutes");
    }
    if policy.occupancy_ceiling.get() < 0.1 {
        faults.push(FaultCode::OutOfRange, "wellbeing.occupancyCeiling", "below 0.1");
    }
    if parts.staffing.shrinkage.get() >= 0.9 {
        faults.push(FaultCode::OutOfRange, "staffing.shrinkage", "0.9 or more");
    }
    if parts.staffing.target.fraction.get() >= 1.0 {
        faults.push(FaultCode::OutOfRange, "staffing.target.fraction", "no number of agents answers every call in time; 1 is out of reach");
    }
    if !(0.0..=86_400.0).contains(&parts.staffing.target.threshold_s) {
        faults.push(FaultCode::OutOfRange, "staffing.target.thresholdSeconds", "outside 0 to 86,400 seconds");
    }
    if parts.rest.days_off_per_week > 6 {
        faults.push(FaultCode::OutOfRange, "rest.daysOffPerWeek", "more than 6 days");
    }
}

fn agent_faults(parts: &RequestParts, agent: &Agent, at: &str, faults: &mut Faults) {
    if !parts.teams.iter().any(|t| t.id == agent.team) {
        faults.push(FaultCode::UnknownReference, format!("{at}.teamId"), format!("no team {:?}", agent.team.as_str()));
    }
    if !parts.contracts.iter().any(|c| c.id == agent.contract) {
        faults.push(FaultCode::UnknownReference, format!("{at}.contractId"), format!("no contract {:?}", agent.contract.as_str()));
    }
    let mut seen = BTreeSet::new();
    for (n, skill) in agent.skills.iter().enumerate() {
        let place = format!("{at}.skills[{n}]");
        if !parts.skills.contains(&skill.skill) {
            faults.push(FaultCode::UnknownReference, format!("{place}.skillId"), format!("no skill {:?}", skill.skill.as_str()));
        }
        if !seen.insert(&skill.skill) {
            faults.push(FaultCode::Duplicate, format!("{place}.skillId"), format!("{:?} is there twice", skill.skill.as_str()));
        }
        if !(0.1..=10.0).contains(&skill.proficiency) {
            faults.push(FaultCode::OutOfRange, format!("{place}.proficiency"), format!("{} is outside 0.1 to 10", skill.proficiency));
        }
    }
    windows(&agent.availability, &format!("{at}.availability"), faults);
    for (n, absence) in agent.absences.iter().enumerate() {
        if agent.absences[..n].iter().any(|other| other.span.overlap(absence.span) > Minutes::ZERO) {
            faults.push(FaultCode::Overlap, format!("{at}.absences[{n}]"), "it overlaps another absence of the same agent");
        }
    }
    for (n, wish) in agent.wishes.iter().enumerate() {
        let fault = match wish {
            Wish::Template(_, id) if !parts.templates.iter().any(|t| &t.id == id) => Some(format!("no shift template {:?}", id.as_str())),
            Wish::Colleague(id) if !parts.agents.iter().any(|a| &a.id == id) => Some(format!("no agent {:?}", id.as_str())),
            _ => None,
        };
        if let Some(cause) = fault {
            faults.push(FaultCode::UnknownReference, format!("{at}.wishes[{n}]"), cause);
        }
    }
}

fn demand(parts: &RequestParts, faults: &mut Faults) {
    let given: Vec<_> = match &parts.demand {
        DemandSource::History { .. } => return,
        DemandSource::Forecast(queues) => queues.iter().map(|f| (&f.queue, f.intervals.grid().interval())).collect(),
        DemandSource::Required(queues) => queues.iter().map(|(queue, curve)| (queue, curve.grid().interval())).collect(),
    };
    let mut seen = BTreeSet::new();
    for (n, (queue, interval)) in given.into_iter().enumerate() {
        let at = format!("demand.queues[{n}]");
        if !parts.queues.iter().any(|q| &q.id == queue) {
            faults.push(FaultCode::UnknownReference, format!("{at}.queueId"), format!("no queue {:?}", queue.as_str()));
        }
        if !seen.insert(queue) {
            faults.push(FaultCode::Duplicate, format!("{at}.queueId"), format!("{:?} is there twice", queue.as_str()));
        }
        if interval != parts.interval {
            let cause = format!("{} minutes, where the request plans in {}", interval.minutes(), parts.interval.minutes());
            faults.push(FaultCode::OffGrid, format!("{at}.intervalMinutes"), cause);
        }
    }
    for queue in &parts.queues {
        if !seen.contains(&queue.id) {
            faults.push(FaultCode::Missing, "demand.queues", format!("nothing is given for queue {:?}", queue.id.as_str()));
        }
    }
}
