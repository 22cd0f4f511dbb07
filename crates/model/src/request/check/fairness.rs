//! What counts as unpopular, the counters that come in, and the promises about company over a week.

use crate::fault::{FaultCode, Faults};
use crate::request::RequestParts;
use crate::rules::SameTime;

/// Percent a year by which a wish may weigh more.
const MOST_PERCENT: u32 = 100;

pub(super) fn faults(parts: &RequestParts, faults: &mut Faults) {
    let policy = &parts.fairness;
    if policy.early_before > 1440 {
        faults.push(FaultCode::OutOfRange, "fairness.earlyBefore", format!("minute {} of the day", policy.early_before));
    }
    if policy.late_after > 2880 {
        faults.push(FaultCode::OutOfRange, "fairness.lateAfter", format!("minute {} of the day", policy.late_after));
    }
    if policy.weekend.is_empty() {
        faults.push(FaultCode::Missing, "fairness.weekendDays", "no day of the week");
    }
    if policy.seniority_percent > MOST_PERCENT {
        let cause = format!("{} is outside 0 to {MOST_PERCENT}", policy.seniority_percent);
        faults.push(FaultCode::OutOfRange, "fairness.seniorityPercentPerYear", cause);
    }
    for (n, agent) in parts.agents.iter().enumerate() {
        let counters = &agent.history.counters;
        if counters.wishes_granted > counters.wishes_asked {
            let cause = format!("{} of {} wishes granted", counters.wishes_granted, counters.wishes_asked);
            faults.push(FaultCode::Contradiction, format!("agents[{n}].history.wishesGranted"), cause);
        }
    }
    groups(parts, faults);
}

/// A group is no smaller than the company that is promised, and nothing brings a whole team together.
fn groups(parts: &RequestParts, faults: &mut Faults) {
    let wellbeing = &parts.wellbeing;
    let Some(largest) = wellbeing.largest_group else { return };
    let companions = if wellbeing.social.get() > 0 { wellbeing.social_companions } else { 0 };
    let needed = companions.max(u32::from(wellbeing.no_rest_alone || wellbeing.least_met_a_week > 0)).saturating_add(1);
    if largest < needed {
        let cause = format!("groups of {largest} at most, while the company that is promised takes {needed} people");
        faults.push(FaultCode::Contradiction, "wellbeing.largestGroup", cause);
    }
    for (n, rule) in parts.breaks.iter().enumerate() {
        if matches!(rule.terms.same_time, Some(SameTime::Team | SameTime::Site)) {
            let cause = format!("a whole team takes it at once, while groups have {largest} people at most");
            faults.push(FaultCode::Contradiction, format!("breakRules[{n}].sameTime"), cause);
        }
    }
}
