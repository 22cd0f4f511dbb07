//! Fairness: the policy, the counters that come in, and the report that goes out.

use fika_model::fairness::{
    Apart, Burden, CarryOver, FairCounters, FairnessMeasure, FairnessPolicy, FairnessReport, Spread, Strangers, TeamCompany, WishCount,
    WishKind,
};

use super::limits;
use super::people::{LAST_OF_DAY, LAST_OF_NEXT_DAY, weekday_message, weekdays};
use super::reading::{At, Reading, paired, wall_text};
use crate::proto::fika::v1;

paired! { burden_message, burden_model: Burden = v1::fairness_measure::Burden {
    UnpopularShifts = UnpopularShifts, LateBreaks = LateBreaks, WeekendShifts = WeekendShifts, DeniedWishes = DeniedWishes,
} }

paired! { kind_message, kind_model: WishKind = v1::wish_count::Kind {
    DayOff = DayOff, Template = Template, StartNear = StartNear, Colleague = Colleague,
} }

paired! { why_message, why_model: Apart = v1::strangers::Why {
    NeverTogether = NeverTogether, NoCommonWindow = NoCommonWindow, PlacedApart = PlacedApart,
} }

pub(super) fn policy(r: &mut Reading, at: &At<'_>, p: Option<&v1::FairnessPolicy>) -> FairnessPolicy {
    let default = FairnessPolicy::default();
    let Some(p) = p else { return default };
    let mut wall = |name: &'static str, text: &str, latest: u32, default: u32| {
        if text.is_empty() { default } else { r.wall(&at.field(name), text, latest) }
    };
    let early_before = wall("earlyBefore", &p.early_before, LAST_OF_DAY + 1, default.early_before);
    let late_after = wall("lateAfter", &p.late_after, LAST_OF_NEXT_DAY, default.late_after);
    let days = &p.weekend_days;
    FairnessPolicy {
        early_before,
        late_after,
        weekend: if days.is_empty() { default.weekend } else { weekdays(r, &at.field("weekendDays"), days) },
        late_break: r.minutes_or(&at.field("lateBreakMinutes"), p.late_break_minutes, default.late_break),
        seniority_percent: r.count(&at.field("seniorityPercentPerYear"), p.seniority_percent_per_year),
    }
}

/// Nothing for the default, so that requests without it keep their digest.
pub(super) fn policy_message(policy: &FairnessPolicy) -> Option<v1::FairnessPolicy> {
    let default = FairnessPolicy::default();
    let usual = policy.weekend == default.weekend;
    (*policy != default).then(|| v1::FairnessPolicy {
        early_before: wall_text(policy.early_before),
        late_after: wall_text(policy.late_after),
        weekend_days: if usual { Vec::new() } else { policy.weekend.iter().map(weekday_message).collect() },
        late_break_minutes: Some(policy.late_break.get() as i32),
        seniority_percent_per_year: policy.seniority_percent as i32,
    })
}

pub(super) fn counters(r: &mut Reading, at: &At<'_>, p: &v1::AgentHistory) -> FairCounters {
    FairCounters {
        paid_minutes: r.count(&at.field("countedPaidMinutes"), p.counted_paid_minutes),
        unpopular_shifts: r.count(&at.field("unpopularShifts"), p.unpopular_shifts),
        late_breaks: r.count(&at.field("lateBreaks"), p.late_breaks),
        weekend_shifts: r.count(&at.field("weekendShifts"), p.weekend_shifts),
        wishes_asked: r.count(&at.field("wishesAsked"), p.wishes_asked),
        wishes_granted: r.count(&at.field("wishesGranted"), p.wishes_granted),
    }
}

/// A history that has these counters and nothing else.
pub(super) fn counters_message(counters: FairCounters) -> v1::AgentHistory {
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    v1::AgentHistory {
        counted_paid_minutes: number(counters.paid_minutes),
        unpopular_shifts: number(counters.unpopular_shifts),
        late_breaks: number(counters.late_breaks),
        weekend_shifts: number(counters.weekend_shifts),
        wishes_asked: number(counters.wishes_asked),
        wishes_granted: number(counters.wishes_granted),
        ..v1::AgentHistory::default()
    }
}

pub(super) fn report(r: &mut Reading, at: &At<'_>, p: &v1::RosterSummary) -> FairnessReport {
    FairnessReport {
        carry_over: r.each(&at.field("carryOver"), &p.carry_over, carry_over),
        measures: r.each(&at.field("fairness"), &p.fairness, |r, at, p| FairnessMeasure {
            burden: r.choice(&at.field("burden"), p.burden, burden_model, Burden::UnpopularShifts),
            agents: p.agents,
            groups: p.groups,
            before: p.before.as_ref().map(spread).unwrap_or_default(),
            after: p.after.as_ref().map(spread).unwrap_or_default(),
        }),
        wishes: r.each(&at.field("wishes"), &p.wishes, |r, at, p| WishCount {
            kind: r.choice(&at.field("kind"), p.kind, kind_model, WishKind::DayOff),
            asked: p.asked,
            granted: p.granted,
        }),
        teams: r.each(&at.field("company"), &p.company, |r, at, p| TeamCompany {
            team: r.id(&at.field("teamId"), &p.team_id),
            pairs: p.pairs,
            met: p.met,
            left_out: r.ids(&at.field("leftOutIds"), &p.left_out_ids),
            possible: p.possible,
            strangers: r.each(&at.field("strangers"), &p.strangers, |r, at, p| Strangers {
                one: r.id(&at.field("agentId"), &p.agent_id),
                other: r.id(&at.field("otherId"), &p.other_id),
                why: r.choice(&at.field("why"), p.why, why_model, Apart::PlacedApart),
            }),
        }),
        group_short_minutes: p.group_short_minutes,
    }
}

fn carry_over(r: &mut Reading, at: &At<'_>, p: &v1::CarryOver) -> CarryOver {
    let history_at = at.field("history");
    let none = v1::AgentHistory::default();
    let history = p.history.as_ref().unwrap_or(&none);
    CarryOver {
        agent: r.id(&at.field("agentId"), &p.agent_id),
        last_shift_end: r.time_if_any(&history_at.field("lastShiftEnd"), history.last_shift_end),
        days_worked: r.count(&history_at.field("daysWorked"), history.days_worked),
        history: limits::history(r, &history_at, history),
    }
}

fn spread(p: &v1::Spread) -> Spread {
    Spread { mean: p.mean, range: p.range, gini: p.gini }
}

/// A summary that has this report and nothing else.
pub(super) fn report_message(report: &FairnessReport) -> v1::RosterSummary {
    let spread = |spread: Spread| Some(v1::Spread { mean: spread.mean, range: spread.range, gini: spread.gini });
    let carry_over = |one: &CarryOver| v1::CarryOver {
        agent_id: one.agent.to_string(),
        history: Some(limits::history_message(one.last_shift_end, one.days_worked, &one.history)),
    };
    let measure = |one: &FairnessMeasure| v1::FairnessMeasure {
        burden: burden_message(one.burden),
        agents: one.agents,
        groups: one.groups,
        before: spread(one.before),
        after: spread(one.after),
    };
    let wishes = |one: &WishCount| v1::WishCount { kind: kind_message(one.kind), asked: one.asked, granted: one.granted };
    let strangers =
        |two: &Strangers| v1::Strangers { agent_id: two.one.to_string(), other_id: two.other.to_string(), why: why_message(two.why) };
    let company = |one: &TeamCompany| v1::TeamCompany {
        team_id: one.team.to_string(),
        pairs: one.pairs,
        met: one.met,
        left_out_ids: one.left_out.iter().map(ToString::to_string).collect(),
        possible: one.possible,
        strangers: one.strangers.iter().map(strangers).collect(),
    };
    v1::RosterSummary {
        carry_over: report.carry_over.iter().map(carry_over).collect(),
        fairness: report.measures.iter().map(measure).collect(),
        wishes: report.wishes.iter().map(wishes).collect(),
        company: report.teams.iter().map(company).collect(),
        group_short_minutes: report.group_short_minutes,
        ..v1::RosterSummary::default()
    }
}
