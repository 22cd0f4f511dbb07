//! Remedies of a week that is short: each is made again and gives what it says.

use super::*;
use crate::fixture::{Late, request};
use crate::plan::PlanIds;
use crate::pools::pools;
use crate::seal::Seal;
use fika_model::demand::DemandSource;
use fika_model::roster::RemedyKind;
use fika_model::{Curve, Digest, RosterId};
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

/// The small week, three of six agents asked for from eight to eight.
fn short_week() -> Request {
    request(|parts| {
        let grid = fika_model::Grid::new(parts.days.start(), parts.interval, 672);
        let curve = |people: f64| Curve::from_fn(grid, |at| if (32..80).contains(&(at.get() % 96)) { people } else { 0.0 });
        let ids: Vec<_> = parts.queues.iter().map(|queue| queue.id.clone()).collect();
        parts.demand = DemandSource::Required(vec![(ids[0].clone(), curve(4.0)), (ids[1].clone(), curve(0.0))]);
    })
}

fn made(request: &Request, most: usize) -> Vec<Remedy> {
    made_in(request, most, &StepQuota(0))
}

fn made_in(request: &Request, most: usize, quota: &dyn Quota) -> Vec<Remedy> {
    let settings = PlanSettings { simulated_calls: 20_000, workers: 1, cut_rounds: 0, remedies: most };
    let ids = PlanIds { roster: RosterId::new("o1").expect("an id"), generation: 1 };
    let making = Making { request, forecasts: None, pools: pools(request, None), ids, settings, seal: &NoSeal, stays: None };
    let solution = solve(&making.problem().expect("a feasible problem"), &StepQuota(1000), &mut |_| ());
    let draft = making.draft(solution).expect("a roster");
    remedies(&making, &draft, quota).expect("remedies")
}

#[test]
fn remedies_are_named_with_effect_and_cost_and_ranked() {
    let request = short_week();
    let found = made(&request, 8);
    assert!(found.iter().any(|remedy| remedy.kind == RemedyKind::ExtraShift), "{found:?}");
    let per_hour = |remedy: &Remedy| (remedy.shortfall_minutes.0 - remedy.shortfall_minutes.1) / remedy.paid_minutes as f64;
    assert!(found.windows(2).all(|pair| per_hour(&pair[0]) >= per_hour(&pair[1]) - 1e-6), "{found:?}");
    for remedy in &found {
        assert!(remedy.shortfall_minutes.1 < remedy.shortfall_minutes.0 && remedy.paid_minutes > 0);
        let added: i64 = remedy.added.iter().map(|span| i64::from(span.length().get())).sum();
        match remedy.kind {
            RemedyKind::Overtime => {
                assert_eq!((added, remedy.agents.len()), (remedy.paid_minutes, remedy.added.len()));
                assert!(remedy.added.iter().any(|span| meet(*span, remedy.shortfall)));
            }
            // Half an hour of each shift is an unpaid meal.
            RemedyKind::ExtraShift => assert!(added >= remedy.paid_minutes && remedy.contract.is_some()),
        }
        assert_eq!(remedy.service_level, None, "the request gives people");
    }
    assert_eq!(made(&request, 8), found, "the same roster has the same remedies");
    assert_eq!(made(&request, 0), []);
    assert_eq!(made(&request, 1), found[..1]);
    assert_eq!(made_in(&request, 8, &Late), [], "nothing is tried when the time is over");
}
