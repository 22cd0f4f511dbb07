//! Pools: queues that exactly the same agents serve are staffed as one; a hard queue, which nobody serves all day, is a pool of its own.

use std::collections::BTreeMap;

use fika_model::agenda::BackOfficeWork;
use fika_model::demand::DemandSource;
use fika_model::forecast::QueueForecast;
use fika_model::people::Agent;
use fika_model::{Curve, QueueId, Request};
use fika_solver::Pool;
use fika_staffing::requirement;

use crate::forecasting::{on_grid, pooled};
use crate::hours::open;

/// A pool with what is asked of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolDemand {
    /// Queues, agents and people required on shift and at work, per interval.
    pub pool: Pool,
    /// Calls expected per interval; zero where the request gives people.
    pub calls: Curve<f64>,
}

/// The pools of a request in the order of their first queues, with their requirement. `forecasts` is `None` where the request gives
/// people; they are taken as they are, added up over the queues of a pool and rounded up. Work in the back office comes last.
pub fn pools(request: &Request, forecasts: Option<&[QueueForecast]>) -> Vec<PoolDemand> {
    let mut pools: Vec<(Vec<usize>, Vec<QueueId>)> = Vec::new();
    let mut known: BTreeMap<(Vec<usize>, Option<&QueueId>), usize> = BTreeMap::new();
    for queue in &request.queues {
        let agents = request.agents_of(queue);
        let position = *known.entry((agents.clone(), queue.is_hard().then_some(&queue.id))).or_insert_with(|| {
            pools.push((agents, Vec::new()));
            pools.len() - 1
        });
        pools[position].1.push(queue.id.clone());
    }
    let demand = |(agents, queues): (Vec<usize>, Vec<QueueId>)| {
        let (required, calls) = match forecasts {
            Some(forecasts) => from_calls(request, &queues, forecasts),
            None => (from_people(request, &queues), Curve::from_fn(request.grid(), |_| 0.0)),
        };
        PoolDemand { pool: Pool { queues, work: None, agents, required }, calls }
    };
    pools.into_iter().map(demand).chain(request.back_office.iter().map(|work| at_work(request, work))).collect()
}

/// Work in the back office as a pool of its own: no queues, no calls.
fn at_work(request: &Request, work: &BackOfficeWork) -> PoolDemand {
    let has = |agent: &Agent| agent.skills.iter().any(|own| own.skill == work.skill);
    let agents = request.agents.iter().enumerate().filter(|(_, agent)| has(agent)).map(|(n, _)| n).collect();
    let pool = Pool { queues: Vec::new(), work: Some(work.id.clone()), agents, required: work.people() };
    PoolDemand { pool, calls: Curve::from_fn(request.grid(), |_| 0.0) }
}

fn from_calls(request: &Request, queues: &[QueueId], forecasts: &[QueueForecast]) -> (Curve<u32>, Curve<f64>) {
    let own: Vec<_> = forecasts.iter().filter(|forecast| queues.contains(&forecast.queue)).collect();
    let (intervals, patience_s) = pooled(&own, request.grid());
    let required = requirement(&intervals, patience_s, &request.staffing, &request.wellbeing);
    let heads = Curve::from_fn(request.grid(), |index| required.at(index).map_or(0, |requirement| requirement.heads));
    let calls = Curve::from_fn(request.grid(), |index| intervals.at(index).map_or(0.0, |cell| cell.calls_mean));
    (heads, calls)
}

fn from_people(request: &Request, queues: &[QueueId]) -> Curve<u32> {
    let grid = request.grid();
    let mut people = vec![0.0; grid.len()];
    if let DemandSource::Required(given) = &request.demand {
        for queue in request.queues.iter().filter(|queue| queues.contains(&queue.id)) {
            let open = open(request, queue);
            let asked = given.iter().filter(|(id, _)| id == &queue.id).filter_map(|(_, curve)| on_grid(curve, grid));
            for curve in asked {
                let served = curve.values().iter().zip(open.values()).map(|(people, open)| if *open { people.max(0.0) } else { 0.0 });
                people.iter_mut().zip(served).for_each(|(sum, served)| *sum += served);
            }
        }
    }
    // A float a hair above a whole number is that number.
    Curve::from_fn(grid, |index| (people[index.get()] - 1e-9).ceil().max(0.0) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{forecast, request};
    use fika_model::forecast::IntervalForecast;
    use fika_model::people::{WallWindow, Weekdays};

    fn hours(from_minute: u32, to_minute: u32) -> Vec<WallWindow> {
        vec![WallWindow { weekdays: Weekdays::ALL, from_minute, to_minute }]
    }

    #[test]
    fn queues_of_the_same_agents_are_one_pool() {
        let check = |change: fn(&mut fika_model::request::RequestParts), expect: &[(&[&str], usize)]| {
            let request = request(change);
            let found: Vec<_> = pools(&request, None).into_iter().map(|demand| demand.pool).collect();
            let names: Vec<(Vec<&str>, usize)> =
                found.iter().map(|pool| (pool.queues.iter().map(QueueId::as_str).collect(), pool.agents.len())).collect();
            let expect: Vec<(Vec<&str>, usize)> = expect.iter().map(|(queues, agents)| (queues.to_vec(), *agents)).collect();
            assert_eq!(names, expect);
        };
        check(|_| (), &[(&["calls"], 6), (&["claims"], 3)]);
        check(|parts| parts.queues[1].skill = parts.skills[0].clone(), &[(&["calls", "claims"], 6)]);
        let hard = |parts: &mut fika_model::request::RequestParts| {
            parts.queues[1].skill = parts.skills[0].clone();
            parts.queues[1].hard_minutes_per_day = Some(fika_model::Minutes::of(60));
        };
        check(hard, &[(&["calls"], 6), (&["claims"], 6)]);
        check(|parts| parts.agents.iter_mut().for_each(|agent| agent.skills.truncate(1)), &[(&["calls"], 6), (&["claims"], 0)]);
    }

    #[test]
    fn people_given_add_up_and_only_inside_opening_hours() {
        let request = request(|parts| {
            parts.queues[1].skill = parts.skills[0].clone();
            parts.queues[1].hours = hours(0, 15);
            let grid = fika_model::Grid::new(parts.days.start(), parts.interval, 672);
            let curve = |value| Curve::from_fn(grid, |_| value);
            let ids: Vec<_> = parts.queues.iter().map(|queue| queue.id.clone()).collect();
            parts.demand = DemandSource::Required(vec![(ids[0].clone(), curve(1.4)), (ids[1].clone(), curve(1.6))]);
        });
        let pools = pools(&request, None);
        assert_eq!(&pools[0].pool.required.values()[..3], [3, 2, 2]);
        assert!(pools[0].calls.values().iter().all(|calls| calls.abs() < 1e-9), "nobody said how many call");
    }

    #[test]
    fn pooling_needs_no_more_people_than_two_queues_apart() {
        let calls = IntervalForecast { calls_mean: 20.0, calls_sd: 20.0_f64.sqrt(), aht_s: 300.0 };
        let heads = |one_pool: bool| {
            let request = request(|parts| {
                if one_pool {
                    parts.queues[1].skill = parts.skills[0].clone();
                }
            });
            let forecasts = [forecast(&request, "calls", |_| calls), forecast(&request, "claims", |_| calls)];
            pools(&request, Some(&forecasts)).iter().map(|demand| demand.pool.required.values()[100]).sum::<u32>()
        };
        assert!(heads(true) < heads(false), "{} against {}", heads(true), heads(false));
        assert!(f64::from(heads(true)) > 40.0 * 300.0 / 900.0, "more than the load");
    }
}
