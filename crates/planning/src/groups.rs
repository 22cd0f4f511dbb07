//! What it costs that several of a team are away at once: three away at the same minute cost what one away does not.
//!
//! A group may be as large as the company that each of its members is promised. What is away beyond that while a pool is short is counted, at
//! most as many person-minutes as the pool is short of.

use std::collections::{BTreeMap, BTreeSet};

use fika_model::{AgentId, Curve, Request, Roster, TeamId};

use crate::pools::PoolDemand;

/// Person-minutes short while more of one team were on break than its company needs; `scheduled` are the people counted for each pool.
pub(crate) fn short_minutes(request: &Request, roster: &Roster, pools: &[PoolDemand], scheduled: &[Curve<f64>]) -> f64 {
    let of = |(demand, scheduled): (&PoolDemand, &Curve<f64>)| {
        let away = excess(request, roster, demand);
        let interval = f64::from(request.interval.minutes());
        let short = |(index, away): (&usize, &f64)| {
            let required = demand.pool.required.values().get(*index).copied().unwrap_or_default();
            let there = scheduled.values().get(*index).copied().unwrap_or_default();
            ((f64::from(required) - there) * interval).clamp(0.0, *away)
        };
        away.iter().map(short).sum::<f64>()
    };
    // The sum of nothing is -0.0, which people would read.
    pools.iter().zip(scheduled).map(of).sum::<f64>() + 0.0
}

/// Person-minutes on break beyond what company needs, of those who serve a pool, by interval.
fn excess(request: &Request, roster: &Roster, demand: &PoolDemand) -> BTreeMap<usize, f64> {
    let policy = &request.wellbeing;
    let companions = if policy.social.get() > 0 { policy.social_companions } else { u32::from(policy.no_rest_alone) };
    let needed = i64::from(companions) + 1;
    let served: BTreeSet<&AgentId> = demand.pool.agents.iter().filter_map(|n| Some(&request.agents.get(*n)?.id)).collect();
    let mut changes: BTreeMap<&TeamId, BTreeMap<i32, i64>> = BTreeMap::new();
    for agent in roster.agents.iter().filter(|agent| served.contains(&agent.agent)) {
        let team = changes.entry(&agent.team).or_default();
        for span in agent.shifts.iter().flat_map(fika_model::Shift::breaks).map(|activity| activity.span) {
            *team.entry(span.start().get()).or_default() += 1;
            *team.entry(span.end().get()).or_default() -= 1;
        }
    }
    let interval = request.interval.minutes() as i32;
    let mut minutes: BTreeMap<usize, f64> = BTreeMap::new();
    for team in changes.values() {
        let (mut away, mut since) = (0, 0);
        for (at, change) in team {
            let mut from = since;
            while away > needed && from < *at {
                let to = (from - from.rem_euclid(interval) + interval).min(*at);
                if let Ok(index) = usize::try_from(from.div_euclid(interval)) {
                    *minutes.entry(index).or_default() += ((away - needed) * i64::from(to - from)) as f64;
                }
                from = to;
            }
            away += change;
            since = *at;
        }
    }
    minutes
}

#[cfg(test)]
mod tests {
    use fika_model::demand::DemandSource;
    use fika_model::roster::{Activity, ActivityKind, AgentRoster};
    use fika_model::{Minute, Minutes, RosterId, Shift, Span};

    use super::*;
    use crate::fixture::request;
    use crate::pools::pools;

    /// Minutes short because of groups, when the first `away` of three agents rest from 09:05 to 09:20 and so many are scheduled of two.
    fn cost(away: usize, companions: u32, scheduled: f64) -> f64 {
        let request = request(|parts| {
            let grid = fika_model::Grid::new(parts.days.start(), parts.interval, 7 * 96);
            let people = |people: f64| Curve::from_fn(grid, move |_| people);
            parts.demand =
                DemandSource::Required(vec![(parts.queues[0].id.clone(), people(2.0)), (parts.queues[1].id.clone(), people(0.0))]);
            parts.wellbeing.social_companions = companions;
        });
        let rest = |n: usize| Activity {
            code: "rest".to_owned(),
            kind: ActivityKind::RestBreak,
            span: Span::new(Minute::new(if n < away { 545 } else { 700 }), Minutes::of(15)),
            paid: true,
            queues: Vec::new(),
            companions: Vec::new(),
            choice: None,
            asked: None,
            with: Vec::new(),
        };
        let shift = |n: usize| Shift {
            id: n.to_string(),
            template: None,
            span: Span::new(Minute::new(480), Minutes::of(480)),
            activities: vec![rest(n)],
        };
        let agents = request.agents.iter().take(3).enumerate();
        let agents = agents.map(|(n, agent)| AgentRoster { agent: agent.id.clone(), team: agent.team.clone(), shifts: vec![shift(n)] });
        let roster = Roster {
            id: RosterId::new("o1").expect("an id"),
            request: request.id.clone(),
            generation: 1,
            parent: None,
            days: request.days.clone(),
            agents: agents.collect(),
        };
        let pools = pools(&request, None);
        let there: Vec<_> = pools.iter().map(|_| Curve::from_fn(request.grid(), |_| scheduled)).collect();
        short_minutes(&request, &roster, &pools, &there)
    }

    #[test]
    fn only_what_company_does_not_need_and_only_while_it_is_short() {
        let check = |away, companions, scheduled, expect: f64| {
            let found = cost(away, companions, scheduled);
            assert!((found - expect).abs() < 1e-9, "{away} away, {companions} companions, {scheduled} there: {found}");
        };
        check(3, 2, 0.0, 0.0);
        check(3, 1, 0.0, 15.0);
        check(2, 1, 0.0, 0.0);
        check(3, 1, 2.0, 0.0);
        // 09:05 to 09:15 is ten minutes of one interval, the rest five of the next: 0.2 people short are 3 minutes an interval.
        check(3, 1, 1.8, 6.0);
        check(3, 0, 1.0, 25.0);
    }
}
