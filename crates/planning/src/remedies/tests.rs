//! Remedies of a week that is short: each is made again and gives what it says.

use super::*;
use crate::agenda::{Diary, Slots};
use crate::fixture::{Late, request};
use crate::plan::PlanIds;
use crate::pools::pools;
use crate::seal::Seal;
use fika_model::agenda::{AskedActivity, Circle};
use fika_model::demand::DemandSource;
use fika_model::roster::RemedyKind;
use fika_model::{ActivityId, Curve, Digest, Minutes, RosterId};
use fika_solver::{Kept, StepQuota, resolve, solve};

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
            RemedyKind::ActivityMoved => panic!("nothing is asked for beside calls"),
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

#[test]
fn a_meeting_in_the_way_is_moved_to_where_it_costs_least() {
    // Nobody is needed from ten to eleven.
    let request = request(|parts| {
        let grid = fika_model::Grid::new(parts.days.start(), parts.interval, 672);
        let needed = |at: usize| if (40..44).contains(&at) || !(32..80).contains(&at) { 0.0 } else { 4.0 };
        let ids: Vec<_> = parts.queues.iter().map(|queue| queue.id.clone()).collect();
        let quiet = Curve::from_fn(grid, |_| 0.0);
        parts.demand =
            DemandSource::Required(vec![(ids[0].clone(), Curve::from_fn(grid, |at| needed(at.get() % 96))), (ids[1].clone(), quiet)]);
        let invited = parts.agents.iter().map(|agent| agent.id.clone()).collect();
        parts.activities = vec![AskedActivity {
            id: ActivityId::new("leads").expect("an id"),
            name: String::new(),
            circle: Circle::Meeting { invited, quorum: 2 },
            length: Minutes::of(30),
            each_week: false,
            dates: None,
            windows: Vec::new(),
            must: false,
        }];
    });
    let settings = PlanSettings { simulated_calls: 20_000, workers: 1, cut_rounds: 0, remedies: 8 };
    let ids = PlanIds { roster: RosterId::new("o1").expect("an id"), generation: 1 };
    let making = Making { request: &request, forecasts: None, pools: pools(&request, None), ids, settings, stays: None, seal: &NoSeal };
    let problem = making.problem().expect("a feasible problem");
    let solution = solve(&problem, &StepQuota(600), &mut |_| ());
    let worst = solution.shortfalls[0].span;
    let mut diary = Diary::new(&request, &problem, solution.agents, None);
    // Two people who are both on the phones in the worst shortfall and at a quieter time.
    let length = Minutes::of(30);
    let mut pairs = (0..6).flat_map(|one| (one + 1..6).map(move |other| [one, other]));
    let (pair, span) = pairs
        .find_map(|pair| {
            let slots = Slots::read(&mut diary, &pair, &[request.days.span()]);
            let both = || slots.all(length, 5).filter(|slot| slot.there.len() == 2);
            let there = both().filter(|slot| worst.covers(slot.span)).max_by_key(|slot| slot.cost)?;
            both().any(|slot| slot.cost == 0 && slot.span.overlap(worst) == Minutes::ZERO).then_some((pair, there.span))
        })
        .expect("two people");
    let meeting = crate::agenda::piece_of(&request.activities[0], span);
    let held = diary.hold(&meeting, &pair).expect("room");
    let kept = Kept { agents: &diary.agents, change_price_minutes: 0, fixed: &|_, _| true, breaks_only: false, frozen_until: None };
    let counted = resolve(making.problem().expect("a problem"), &kept, &StepQuota(0), &mut |_| ());
    let before = counted.shortfall_minutes;
    let draft = making.draft(counted).expect("a roster");
    let found = remedies(&making, &draft, &StepQuota(0)).expect("remedies");
    let moved = found.iter().find(|remedy| remedy.kind == RemedyKind::ActivityMoved).expect("the meeting is moved");
    let (id, from, to) = moved.moved.clone().expect("from when to when");
    assert_eq!((id, from, &moved.agents), (request.activities[0].id.clone(), span, &held.agents));
    assert_eq!((moved.paid_minutes, moved.shortfall_minutes.0), (0, before));
    diary.release(&held);
    diary.hold(&fika_model::Activity { span: to, ..meeting }, &pair).expect("room");
    assert!((moved.shortfall_minutes.1 - diary.cover.shortfall_minutes()).abs() < 1e-9, "as it comes out when it is done");
    assert!(moved.shortfall_minutes.1 < before && to.overlap(moved.shortfall) == Minutes::ZERO);
}
