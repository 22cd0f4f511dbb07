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
    let needed = wellbeing.company();
    if let Some(largest) = wellbeing.largest_group.filter(|largest| *largest < needed) {
        let cause = format!("groups of {largest} at most, while the company that is promised takes {needed} people");
        faults.push(FaultCode::Contradiction, "wellbeing.largestGroup", cause);
    }
    if wellbeing.largest_group_share.is_some_and(|share| share.get() <= 0.0) {
        faults.push(FaultCode::OutOfRange, "wellbeing.largestGroupShare", "nobody could take a break");
    }
    let limit = match (wellbeing.largest_group, wellbeing.largest_group_share) {
        (Some(largest), _) => format!("groups have {largest} people at most"),
        (None, Some(share)) if share.get() < 1.0 => format!("at most {} of a team's people on shift are away", share.get()),
        _ => return,
    };
    for (n, rule) in parts.breaks.iter().enumerate() {
        if matches!(rule.terms.same_time, Some(SameTime::Team | SameTime::Site)) {
            let cause = format!("a whole team takes it at once, while {limit}");
            faults.push(FaultCode::Contradiction, format!("breakRules[{n}].sameTime"), cause);
        }
    }
}
