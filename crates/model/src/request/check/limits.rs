//! Further limits of contracts, their counters, and shifts that stand.

use crate::fault::{FaultCode, Faults};
use crate::people::{Agent, FixedShift, LoadLimits, MinutesRange};
use crate::request::RequestParts;
use crate::units::Minutes;

/// Most weekends that a rule looks back on.
const MOST_WEEKENDS: u32 = 8;
/// Most weeks of a reference period.
const MOST_WEEKS: u32 = 26;

pub(super) fn faults(parts: &RequestParts, faults: &mut Faults) {
    for (n, contract) in parts.contracts.iter().enumerate() {
        limit_faults(&contract.limits, &format!("contracts[{n}]"), faults);
    }
    for (n, agent) in parts.agents.iter().enumerate() {
        history_faults(parts, agent, &format!("agents[{n}].history"), faults);
        for (k, fixed) in agent.fixed.iter().enumerate() {
            fixed_faults(parts, agent, k, fixed, &format!("agents[{n}].fixedShifts[{k}]"), faults);
        }
    }
    if parts.rest.daily.get() >= 1440 {
        faults.push(FaultCode::OutOfRange, "rest.dailyMinutes", format!("{} minutes of 24 hours leave no work", parts.rest.daily.get()));
    }
}

fn range_faults(range: MinutesRange, at: String, faults: &mut Faults) {
    if range.least > range.most {
        let cause = format!("least {} is above most {}", range.least.get(), range.most.get());
        faults.push(FaultCode::Contradiction, at, cause);
    }
}

fn limit_faults(limits: &LoadLimits, at: &str, faults: &mut Faults) {
    if let Some(day) = limits.day_paid {
        range_faults(day, format!("{at}.dayPaidMinutes"), faults);
    }
    if let Some(averaging) = limits.averaging {
        range_faults(averaging.week_paid, format!("{at}.averaging.weekPaidMinutes"), faults);
        if !(1..=MOST_WEEKS).contains(&averaging.weeks) {
            let cause = format!("{} weeks, outside 1 to {MOST_WEEKS}", averaging.weeks);
            faults.push(FaultCode::OutOfRange, format!("{at}.averaging.weeks"), cause);
        }
    }
    if let Some(weekends) = limits.weekends {
        if !(1..=MOST_WEEKENDS).contains(&weekends.of) {
            let cause = format!("{} weekends, outside 1 to {MOST_WEEKENDS}", weekends.of);
            faults.push(FaultCode::OutOfRange, format!("{at}.weekends.of"), cause);
        } else if weekends.free == 0 || weekends.free > weekends.of {
            let cause = format!("{} of {} weekends", weekends.free, weekends.of);
            faults.push(FaultCode::Contradiction, format!("{at}.weekends.free"), cause);
        }
    }
    if let Some(nights) = limits.nights {
        let (from, to) = nights.window;
        if from >= to || from >= 1440 || to > 2880 || to - from > 1440 {
            let cause = format!("the night from minute {from} to {to} of the day");
            faults.push(FaultCode::Contradiction, format!("{at}.nights.window"), cause);
        } else if nights.counts_from == Minutes::ZERO || nights.counts_from.get() > to - from {
            let cause = format!("{} minutes of a night of {}", nights.counts_from.get(), to - from);
            faults.push(FaultCode::OutOfRange, format!("{at}.nights.countsFromMinutes"), cause);
        }
    }
}

fn history_faults(parts: &RequestParts, agent: &Agent, at: &str, faults: &mut Faults) {
    if agent.history.weekends_worked.len() > MOST_WEEKENDS as usize {
        let cause = format!("{} weekends, more than {MOST_WEEKENDS}", agent.history.weekends_worked.len());
        faults.push(FaultCode::OutOfRange, format!("{at}.weekendsWorked"), cause);
    }
    let averaging = parts.contracts.iter().find(|contract| contract.id == agent.contract).and_then(|contract| contract.limits.averaging);
    if let Some(averaging) = averaging
        && agent.history.averaging_weeks >= averaging.weeks.max(1)
    {
        let cause = format!("{} weeks of a period of {}", agent.history.averaging_weeks, averaging.weeks);
        faults.push(FaultCode::Contradiction, format!("{at}.averagingWeeks"), cause);
    }
}

fn fixed_faults(parts: &RequestParts, agent: &Agent, k: usize, fixed: &FixedShift, at: &str, faults: &mut Faults) {
    if !parts.templates.iter().any(|template| template.id == fixed.template) {
        let cause = format!("no shift template {:?}", fixed.template.as_str());
        faults.push(FaultCode::UnknownReference, format!("{at}.templateId"), cause);
    }
    if !parts.days.span().holds(fixed.span.start()) || fixed.span.length() == Minutes::ZERO {
        faults.push(FaultCode::OutOfRange, format!("{at}.start"), "it does not begin inside the horizon, or has no length");
    }
    let day = parts.days.day_at(fixed.span.start());
    let others = agent.fixed[..k].iter();
    if others.clone().any(|other| parts.days.day_at(other.span.start()) == day || other.span.overlap(fixed.span) > Minutes::ZERO) {
        faults.push(FaultCode::Overlap, at, "another fixed shift of the same agent begins on this day or overlaps it");
    }
    if agent.absences.iter().any(|absence| absence.span.overlap(fixed.span) > Minutes::ZERO) {
        faults.push(FaultCode::Overlap, at, "it overlaps an absence of the same agent");
    }
    for (b, (rule, _)) in fixed.breaks.iter().enumerate() {
        let at = format!("{at}.breaks[{b}].ruleId");
        match parts.breaks.iter().find(|known| &known.id == rule) {
            None => faults.push(FaultCode::UnknownReference, at, format!("no break rule {:?}", rule.as_str())),
            Some(known) if known.count != 1 || known.terms.every.is_some() || known.terms.smallest_piece.is_some() => {
                faults.push(FaultCode::Unsupported, at, "only a single break in one piece can stand");
            }
            Some(known) if known.terms.choice || known.terms.same_time.is_some() => {
                faults.push(FaultCode::Contradiction, at, "a break that is chosen, or taken at a common time, does not stand");
            }
            Some(_) if fixed.breaks[..b].iter().any(|(other, _)| other == rule) => {
                faults.push(FaultCode::Duplicate, at, format!("{:?} is there twice", rule.as_str()));
            }
            Some(_) => {}
        }
    }
}
