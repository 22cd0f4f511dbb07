//! A requirement that is too low on purpose is found by the simulation and raised.

use super::*;
use crate::fixture::{Late, forecast, request};
use crate::plan::{PlanIds, PlanSettings};
use crate::pools::pools;
use crate::seal::Seal;
use fika_model::forecast::IntervalForecast;
use fika_model::{Digest, Request, Roster, RosterId};
use fika_solver::{StepQuota, solve};

struct NoSeal;

impl Seal for NoSeal {
    fn request(&self, _: &Request) -> Digest {
        Digest([1; 32])
    }

    fn roster(&self, _: &Roster) -> Digest {
        Digest([2; 32])
    }
}

/// The small week with a requirement `less` people below what the calls ask for, and its first roster.
fn started(request: &Request, less: u32, cut_rounds: u32) -> (Making<'_>, Draft) {
    let office = |n: usize| (36..68).contains(&(n % 96)) && n < 480;
    let cell = |n: usize| {
        if office(n) { IntervalForecast { calls_mean: 3.0, calls_sd: 3.0_f64.sqrt(), aht_s: 300.0 } } else { IntervalForecast::default() }
    };
    let forecasts = vec![forecast(request, "calls", cell), forecast(request, "claims", |_| IntervalForecast::default())];
    let mut pools = pools(request, Some(&forecasts));
    let required = &pools[0].pool.required;
    pools[0].pool.required = Curve::from_fn(request.grid(), |index| required.at(index).map_or(0, |people| people.saturating_sub(less)));
    let settings = PlanSettings { simulated_calls: 20_000, workers: 1, cut_rounds, remedies: 0 };
    let ids = PlanIds { roster: RosterId::new("o1").expect("an id"), generation: 1 };
    let making = Making { request, forecasts: Some(forecasts), pools, ids, settings, seal: &NoSeal, stays: None };
    let solution = solve(&making.problem().expect("a feasible problem"), &StepQuota(1000), &mut |_| ());
    let draft = making.draft(solution).expect("a roster");
    (making, draft)
}

#[test]
fn covered_intervals_below_target_are_asked_for_more_and_the_gain_is_told() {
    let requests: Vec<Request> = (1..=8).map(|seed| request(|parts| parts.seed = seed)).collect();
    let mut made = requests.iter().map(|request| started(request, 2, 2));
    let (mut making, draft) = made.find(|(making, draft)| raised(making, draft).is_some()).expect("some roster covers what is too little");
    let first = draft.prediction.service_level.expect("calls").mean;
    let asked: u32 = making.pools[0].pool.required.values().iter().sum();
    let (after, rounds) = rounds(&mut making, draft, &StepQuota(0)).expect("rounds");
    assert!(!rounds.is_empty() && rounds[0].raised_intervals > 0, "{rounds:?}");
    assert!(rounds[0].kept && rounds[0].below_target.1 < rounds[0].below_target.0, "{rounds:?}");
    let level = after.prediction.service_level.expect("calls").mean;
    let last = rounds.iter().rfind(|round| round.kept).expect("a round");
    assert!((last.service_level.1 - level).abs() < 1e-12 && level > first, "{first} to {level}");
    assert!(making.pools[0].pool.required.values().iter().sum::<u32>() > asked);
    assert!(after.solution.bound_minutes <= after.solution.shortfall_minutes);
}

#[test]
fn no_rounds_are_made_where_none_are_asked_for_or_needed() {
    let request = request(|_| ());
    let (mut making, draft) = started(&request, 2, 0);
    let before = draft.roster.clone();
    let (after, made) = rounds(&mut making, draft, &StepQuota(0)).expect("no rounds");
    assert_eq!((after.roster, made.len()), (before.clone(), 0));
    let (mut making, draft) = started(&request, 2, 2);
    let (after, made) = rounds(&mut making, draft, &Late).expect("no rounds");
    assert_eq!((after.roster, made.len()), (before, 0), "nothing is tried when the time is over");
    let (making, draft) = started(&request, 0, 2);
    if let Some((pools, intervals, people)) = raised(&making, &draft) {
        let sum = |pools: &[PoolDemand]| pools.iter().flat_map(|demand| demand.pool.required.values()).sum::<u32>();
        assert_eq!((sum(&pools) - sum(&making.pools), intervals > 0), (people, true));
    }
}
