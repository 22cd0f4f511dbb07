//! Whole solves: legal by a second reading, repeatable, blind to the order of agents, between bound and brute force.

use fika_model::Minutes;

use super::*;
use crate::evaluate;
use crate::fixture::{checked, contract, parts};
use crate::generate::{Settings, pools, request};
use crate::problem::Pool;

fn solved(request: &fika_model::Request, pools: Vec<Pool>, steps: u64) -> Solution {
    let problem = Problem::new(request, pools).expect("a feasible problem");
    solve(&problem, &StepQuota(steps), &mut |_| {})
}

#[test]
fn rosters_are_legal_by_a_second_reading() {
    for (agents, queues, days, load) in [(24, 1, 7, 1.0), (30, 2, 7, 1.0), (20, 1, 3, 1.0), (16, 1, 9, 0.9)] {
        let request = request(&Settings { agents, queues, days, load, seed: 3 }).expect("a request");
        let pools = pools(&request);
        let solution = solved(&request, pools.clone(), 1500);
        assert_eq!(evaluate::broken(&request, &solution.agents), Vec::<String>::new(), "{agents} agents, {days} days");
        assert_eq!((solution.score.hard, solution.unmet.len()), (0, 0));
        assert!(solution.bound_minutes <= solution.shortfall_minutes);
        if pools.len() == 1 {
            assert_eq!(solution.shortfall_minutes as i64, evaluate::short_minutes(&request, &pools, &solution.agents));
        }
        let listed: f64 = solution.shortfalls.iter().map(|s| s.person_minutes).sum();
        assert_eq!(listed as i64, solution.shortfall_minutes as i64, "every missing minute is explained");
        let paid: i64 = solution.agents.iter().flat_map(|a| &a.shifts).map(|s| i64::from(s.paid().get())).sum();
        assert_eq!(paid, solution.score.cost);
    }
}

/// However little the search may do, company is mended afterwards: these requests have legal rosters.
#[test]
fn the_smallest_budget_gives_a_legal_roster() {
    for (agents, queues, days, load) in [(12, 1, 1, 1.0), (24, 1, 7, 1.0), (24, 3, 7, 1.2), (50, 1, 1, 1.0), (60, 2, 7, 0.9)] {
        for seed in 1..=3 {
            let request = request(&Settings { agents, queues, days, load, seed }).expect("a request");
            let solution = solved(&request, pools(&request), 1);
            assert_eq!(solution.unmet, Vec::new(), "{agents} agents, {days} days, seed {seed}");
            assert_eq!(evaluate::broken(&request, &solution.agents), Vec::<String>::new(), "{agents} agents, {days} days, seed {seed}");
        }
    }
}

/// Wellbeing is not for sale: with far too few people the breaks and the company stay whole, and the shortfall is said.
#[test]
fn starved_rosters_keep_every_break() {
    for seed in 0..4 {
        let request = request(&Settings { agents: 12, queues: 1, days: 7, load: 2.5, seed }).expect("a request");
        let solution = solved(&request, pools(&request), 400);
        assert_eq!(evaluate::broken(&request, &solution.agents), Vec::<String>::new(), "seed {seed}");
        let listed: f64 = solution.shortfalls.iter().map(|s| s.person_minutes).sum();
        assert!(listed > 0.0 && listed as i64 == solution.shortfall_minutes as i64 && solution.bound_minutes > 0.0, "seed {seed}");
    }
}

/// With cells of one minute, a rest must be shared with one person for five of them.
#[test]
fn company_holds_on_a_fine_grid() {
    let mut parts = parts(5, 2, |minute| if (480..900).contains(&(minute % 1440)) { 2.0 } else { 0.0 });
    parts.break_step = Minutes::of(1);
    parts.wellbeing.social = Minutes::of(7);
    parts.wellbeing.social_companions = 1;
    parts.wellbeing.no_rest_alone = true;
    let request = checked(parts);
    let solution = solved(&request, pools(&request), 300);
    assert_eq!(evaluate::broken(&request, &solution.agents), Vec::<String>::new());
    assert!(solution.agents.iter().any(|agent| !agent.shifts.is_empty()));
}

#[test]
fn the_same_seed_and_steps_give_the_same_roster() {
    let request = request(&Settings { agents: 12, queues: 2, days: 7, load: 1.0, seed: 8 }).expect("a request");
    let first = solved(&request, pools(&request), 600);
    assert_eq!(first, solved(&request, pools(&request), 600));
    let mut other = (*request).clone();
    other.seed = 9;
    assert_ne!(first.agents, solved(&checked(other), pools(&request), 600).agents, "another seed is another search");
}

#[test]
fn the_order_of_agents_changes_nothing() {
    for seed in 1..=4 {
        let request = request(&Settings { agents: 12, queues: 2, days: 7, load: 1.0, seed }).expect("a request");
        let one = solved(&request, pools(&request), 300);
        for order in 0..2 {
            let mut turned = (*request).clone();
            if order == 0 {
                turned.agents.reverse();
            } else {
                crate::random::Stream::new(seed, "order").shuffle(&mut turned.agents);
            }
            let turned = checked(turned);
            let two = solved(&turned, pools(&turned), 300);
            assert_eq!((&one.agents, one.score), (&two.agents, two.score), "seed {seed}");
        }
    }
}

/// Least shortfall of all pairs of starts and breaks of two agents on one day.
fn brute_force(required: &dyn Fn(u32) -> u32) -> u32 {
    let mut covers: Vec<Vec<bool>> = vec![vec![false; 288]];
    for start in (96..=144).step_by(6) {
        for offset in 21..=24 {
            let works = |cell: usize| (start..start + 48).contains(&cell) && !(start + offset..start + offset + 3).contains(&cell);
            covers.push((0..288).map(works).collect());
        }
    }
    let short = |a: &[bool], b: &[bool]| -> u32 {
        (0..288).map(|c| required(c as u32 * 5).saturating_sub(u32::from(a[c]) + u32::from(b[c])) * 5).sum()
    };
    covers.iter().flat_map(|a| covers.iter().map(move |b| short(a, b))).min().unwrap_or(0)
}

#[test]
fn tiny_requests_reach_the_brute_force_optimum_and_the_bound_stays_below() {
    let shapes: [&dyn Fn(u32) -> u32; 4] = [
        &|minute| u32::from((540..800).contains(&minute)),
        &|minute| 2 * u32::from((480..720).contains(&minute)),
        &|minute| u32::from((500..900).contains(&minute)) + u32::from((600..660).contains(&minute)),
        &|minute| 3 * u32::from((600..645).contains(&minute)),
    ];
    for (n, shape) in shapes.into_iter().enumerate() {
        let mut parts = parts(2, 1, |minute| f64::from(shape(minute / 15 * 15)));
        parts.contracts = vec![contract(0, 1200)];
        let request = checked(parts);
        let solution = solved(&request, pools(&request), 3000);
        let best = brute_force(&|minute| shape(minute / 15 * 15));
        assert_eq!(solution.shortfall_minutes as u32, best, "shape {n}");
        assert!(solution.bound_minutes as u32 <= best, "shape {n}: bound {} above {best}", solution.bound_minutes);
    }
}

#[test]
fn the_bound_is_reached_where_hours_are_what_is_missing() {
    // Two people of four hours each, less a rest; three are required from 08:00 to 12:00.
    let mut parts = parts(2, 1, |minute| if (480..720).contains(&minute) { 3.0 } else { 0.0 });
    parts.contracts = vec![contract(0, 1200)];
    let request = checked(parts);
    let solution = solved(&request, pools(&request), 3000);
    assert_eq!((solution.shortfall_minutes, solution.bound_minutes), (720.0 - 450.0, 720.0 - 450.0));
}

#[test]
fn company_is_asked_of_every_shift_or_the_shift_is_not_given() {
    // Two people and two companions asked for: nobody may work, and nobody has to.
    let mut parts = parts(2, 1, |minute| if (480..720).contains(&minute) { 1.0 } else { 0.0 });
    parts.contracts = vec![contract(0, 1200)];
    parts.wellbeing.social = Minutes::of(15);
    parts.wellbeing.social_companions = 2;
    let request = checked(parts.clone());
    let solution = solved(&request, pools(&request), 200);
    assert!(solution.agents.iter().all(|agent| agent.shifts.is_empty()) && solution.score.hard == 0);
    // One companion is there: both work, and rest together.
    parts.wellbeing.social_companions = 1;
    let request = checked(parts);
    let solution = solved(&request, pools(&request), 400);
    assert_eq!(evaluate::broken(&request, &solution.agents), Vec::<String>::new());
    assert_eq!(solution.agents.iter().map(|agent| agent.shifts.len()).sum::<usize>(), 2);
}
