//! Random policies of fairness, counters and reports.

use fika_model::fairness::{
    Apart, Burden, CarryOver, FairCounters, FairnessMeasure, FairnessPolicy, FairnessReport, Spread, Strangers, TeamCompany, WishCount,
    WishKind,
};
use fika_model::people::{EarlierWork, LoadHistory};
use fika_model::{AgentId, QueueId, TeamId};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{ID, date, id, minutes, time, weekdays};

pub(super) fn policy() -> impl Strategy<Value = FairnessPolicy> {
    let some = (0..=1440_u32, 0..=2880_u32, weekdays(), minutes(0..=600), 0..=100_u32);
    let some = some.prop_map(|(early_before, late_after, weekend, late_break, seniority_percent)| FairnessPolicy {
        early_before,
        late_after,
        weekend,
        late_break,
        seniority_percent,
    });
    prop_oneof![Just(FairnessPolicy::default()), some]
}

fn counters() -> impl Strategy<Value = FairCounters> {
    [0..=i32::MAX as u32, 0..=i32::MAX as u32, 0..=9000, 0..=9000, 0..=9000, 0..=9000].prop_map(
        |[paid_minutes, unpopular_shifts, late_breaks, weekend_shifts, wishes, more]| FairCounters {
            paid_minutes,
            unpopular_shifts,
            late_breaks,
            weekend_shifts,
            wishes_asked: wishes + more,
            wishes_granted: wishes,
        },
    )
}

pub(super) fn history() -> impl Strategy<Value = LoadHistory> {
    let limits = (option::of(0..1440_u32), 0..5_u32, vec(any::<bool>(), 0..=8), 0..10_u32, minutes(0..=9000));
    let earlier = (time(), minutes(0..=600), vec(ID.prop_map(|name| id(QueueId::new, &name)), 0..2));
    let earlier = vec(earlier.prop_map(|(start, length, queues)| EarlierWork { start, length, queues }), 0..2);
    let mine = (minutes(0..=9000), earlier);
    (limits, counters(), option::of(date()), mine).prop_map(|(limits, counters, employed_since, mine)| {
        let (hard_queue_minutes, on_queue_in_horizon) = mine;
        let (start_of_day_before, nights_in_row, weekends_worked, averaging_weeks, averaging_paid) = limits;
        LoadHistory {
            start_of_day_before,
            nights_in_row,
            weekends_worked,
            averaging_weeks,
            averaging_paid,
            counters,
            employed_since,
            hard_queue_minutes,
            on_queue_in_horizon,
        }
    })
}

pub(super) fn report() -> impl Strategy<Value = FairnessReport> {
    let carry_over = (ID, option::of(time()), 0..10_u32, history()).prop_map(|(agent, last_shift_end, days_worked, history)| CarryOver {
        agent: id(AgentId::new, &agent),
        last_shift_end,
        days_worked,
        history,
    });
    let spread = || [0.0..100.0_f64, 0.0..100.0, 0.0..1.0].prop_map(|[mean, range, gini]| Spread { mean, range, gini });
    let measure = (select(Burden::ALL.to_vec()), any::<[u32; 2]>(), spread(), spread());
    let measure = measure.prop_map(|(burden, [agents, groups], before, after)| FairnessMeasure { burden, agents, groups, before, after });
    let wishes =
        (select(WishKind::ALL.to_vec()), any::<[u32; 2]>()).prop_map(|(kind, [asked, granted])| WishCount { kind, asked, granted });
    let agent = |name: &String| id(AgentId::new, name);
    let strangers =
        (ID, ID, select(Apart::ALL.to_vec())).prop_map(move |(one, other, why)| Strangers { one: agent(&one), other: agent(&other), why });
    let team = (ID, any::<[u32; 3]>(), vec(ID, 0..3), vec(strangers, 0..3));
    let team = team.prop_map(move |(team, [pairs, met, possible], left_out, strangers)| TeamCompany {
        team: id(TeamId::new, &team),
        pairs,
        met,
        left_out: left_out.iter().map(agent).collect(),
        possible,
        strangers,
    });
    (vec(carry_over, 0..3), vec(measure, 0..3), vec(wishes, 0..3), vec(team, 0..3), 0.0..1e6_f64).prop_map(
        |(carry_over, measures, wishes, teams, group_short_minutes)| FairnessReport {
            carry_over,
            measures,
            wishes,
            teams,
            group_short_minutes,
        },
    )
}
