//! The last touch: never worse above fairness, fairer, and legal by a second reading.

use fika_model::Request;
use fika_model::people::Wish;

use super::*;
use crate::bound::Bound;
use crate::evaluate;
use crate::generate::{Settings, pools, request};
use crate::output::{agents, score};
use crate::search::Search;
use crate::solve::StepQuota;

fn generated(agents: usize, queues: usize, days: u32, seed: u64, change: impl FnOnce(&mut fika_model::request::RequestParts)) -> Request {
    let request = request(&Settings { agents, queues, days, load: 1.0, seed }).expect("a request");
    let mut parts = (*request).clone();
    change(&mut parts);
    Request::check(parts).expect("a sound request")
}

/// A problem's roster after some steps, before and after the last touch.
fn touched(request: &Request, steps: u32) -> [Score; 2] {
    let problem = Problem::new(request, pools(request)).expect("a feasible problem");
    let mut search = Search::construct(&problem, 9, &mut Bound::new(&problem));
    (0..steps).for_each(|step| search.step(Some(f64::from(step) / f64::from(steps))));
    search.back_to_best();
    if search.state.lack_minutes() > 0 {
        search.mend(&crate::solve::StepQuota(0));
        search.back_to_best();
    }
    let before = score(&search.state);
    polish(&mut search.state, 1, Goal::Everything, &StepQuota(0));
    assert_eq!(evaluate::broken(request, &agents(&search.state)), Vec::<String>::new());
    [before, score(&search.state)]
}

#[test]
fn nothing_above_fairness_gets_worse_and_fairness_gets_better() {
    for (agents, queues, days, seed) in [(24, 1, 7, 1), (30, 2, 7, 2), (26, 1, 14, 3), (20, 3, 3, 4)] {
        let [before, after] = touched(&generated(agents, queues, days, seed, |_| ()), 400);
        assert!(after < before, "{before:?} {after:?}");
        assert!((after.hard, after.service, after.cost) <= (before.hard, before.service, before.cost), "{before:?} {after:?}");
        assert!(after.fairness < before.fairness, "{before:?} {after:?}");
    }
}

#[test]
fn the_score_that_is_kept_up_to_date_is_the_one_counted_afresh() {
    let request = generated(24, 2, 7, 5, |_| ());
    let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
    let mut search = Search::construct(&problem, 9, &mut Bound::new(&problem));
    (0..200).for_each(|step| search.step(Some(f64::from(step) / 200.0)));
    let state = &mut search.state;
    polish(state, 3, Goal::Everything, &StepQuota(0));
    let polish = Polish {
        meetings: Meetings::new(state),
        tallies: Vec::new(),
        finder: Pathfinder::default(),
        responder: Responder::default(),
        random: Stream::new(1, "polish"),
        quota: None,
        trials: 1,
        state,
    };
    let people: Vec<usize> = (0..problem.people.len()).collect();
    let teams: Vec<u32> = (0..problem.teams.len() as u32).collect();
    let whole = 0..problem.horizon_cells;
    let own = polish.score(&people, &teams, std::slice::from_ref(&whole));
    let fresh = score(polish.state);
    assert_eq!((own.hard, own.service / 100, own.cost, own.fairness / PARTS), (fresh.hard, fresh.service, fresh.cost, fresh.fairness));
}

/// Steps that share worse on the way never leave a roster worse than they found it, whatever came of them.
#[test]
fn wandering_ends_at_the_best_that_was_met() {
    for seed in 1..=4 {
        let request = generated(24, 2, 7, seed, wish_for_colleagues);
        let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
        let mut search = Search::construct(&problem, seed, &mut Bound::new(&problem));
        (0..300).for_each(|step| search.step(Some(f64::from(step) / 300.0)));
        search.back_to_best();
        if search.state.lack_minutes() > 0 {
            search.mend(&crate::solve::StepQuota(0));
            search.back_to_best();
        }
        let state = &mut search.state;
        state.lack_price = BROKEN_MINUTE;
        let before = score(state);
        let mut polish = Polish {
            meetings: Meetings::new(state),
            tallies: (0..problem.people.len()).map(|person| tally(state, person)).collect(),
            finder: Pathfinder::default(),
            responder: Responder::default(),
            random: Stream::new(seed, "polish"),
            quota: None,
            trials: 0,
            state,
        };
        let better = polish.wander();
        let tallies: Vec<Tally> = (0..problem.people.len()).map(|person| tally(polish.state, person)).collect();
        assert_eq!(polish.tallies, tallies);
        let after = score(polish.state);
        assert!(better && after < before, "seed {seed}: {before:?} {after:?}");
        assert!((after.hard, after.service, after.cost) <= (before.hard, before.service, before.cost), "seed {seed}");
        assert_eq!(evaluate::broken(&request, &agents(polish.state)), Vec::<String>::new());
    }
}

/// Wishes of a colleague of the same team, for everybody who has none.
fn wish_for_colleagues(parts: &mut fika_model::request::RequestParts) {
    for n in 1..parts.agents.len() {
        if parts.agents[n].team == parts.agents[n - 1].team && parts.agents[n].wishes.is_empty() {
            parts.agents[n].wishes = vec![Wish::Colleague(parts.agents[n - 1].id.clone())];
        }
    }
}

#[test]
fn colleagues_who_are_wished_for_are_met_more_often() {
    let request = generated(24, 1, 7, 6, wish_for_colleagues);
    let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
    let mut search = Search::construct(&problem, 9, &mut Bound::new(&problem));
    (0..300).for_each(|step| search.step(Some(f64::from(step) / 300.0)));
    search.back_to_best();
    let denied = |state: &State<'_>| -> i64 { (0..problem.people.len()).map(|person| tally(state, person).carried[3]).sum() };
    let before = denied(&search.state);
    polish(&mut search.state, 1, Goal::Everything, &StepQuota(0));
    assert!(denied(&search.state) < before, "{before} and {} wishes denied", denied(&search.state));
}

#[test]
fn everybody_meets_as_many_as_promised() {
    for least in [1, 3, 5] {
        let request = generated(26, 1, 7, 7, |parts| parts.wellbeing.least_met_a_week = least);
        let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
        let solution = crate::solve(&problem, &crate::StepQuota(400), &mut |_| {});
        assert_eq!((solution.score.hard, solution.unmet), (0, Vec::new()), "{least} to be met");
    }
}

#[test]
fn groups_stay_within_the_largest_that_is_allowed() {
    for seed in 1..=2 {
        let request = generated(26, 1, 7, seed, |parts| parts.wellbeing.largest_group = Some(3));
        let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
        let solution = crate::solve(&problem, &crate::StepQuota(600), &mut |_| {});
        assert_eq!((solution.score.hard, &solution.unmet), (0, &Vec::new()), "seed {seed}");
        let breaks: Vec<_> =
            solution.agents.iter().flat_map(|a| a.shifts.iter().flat_map(move |s| s.breaks().map(move |b| (&a.team, b.span)))).collect();
        let together = |(team, span): &(&fika_model::TeamId, fika_model::Span)| {
            breaks.iter().filter(|(other, piece)| other == team && piece.holds(span.start())).count()
        };
        assert!(breaks.iter().map(together).max() <= Some(3), "seed {seed}");
    }
}

/// In every cell no more of a team are away than the share of those on shift, or three, whom company takes.
#[test]
fn groups_stay_within_the_share_of_those_on_shift() {
    for (seed, percent) in [(1, 1), (1, 35), (2, 50)] {
        let share = fika_model::Fraction::percent(percent);
        let request = generated(40, 1, 7, seed, |parts| parts.wellbeing.largest_group_share = Some(share));
        let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
        let solution = crate::solve(&problem, &crate::StepQuota(600), &mut |_| {});
        assert_eq!((solution.score.hard, &solution.unmet), (0, &Vec::new()), "seed {seed}, {percent} %");
        let mut largest = 0;
        for team in &request.teams {
            let of_team = || solution.agents.iter().filter(|agent| agent.team == team.id).flat_map(|agent| &agent.shifts);
            for at in (0..7 * 1440).step_by(5).map(fika_model::Minute::new) {
                let there = of_team().filter(|shift| shift.span.holds(at)).count();
                let away = of_team().filter(|shift| shift.breaks().any(|one| one.span.holds(at))).count();
                assert!(away <= (usize::from(percent) * there / 100).max(3), "seed {seed}: {away} of {there} at {}", at.get());
                largest = largest.max(away);
            }
        }
        assert!(largest == 3 || percent > 1 && largest > 3, "seed {seed}: {largest}");
    }
}

/// Seniority weighs only where it is asked for, and never for those of whom nothing is told.
#[test]
fn years_of_employment_change_nothing_unless_they_are_asked_for() {
    let since = |parts: &mut fika_model::request::RequestParts| {
        for (n, agent) in parts.agents.iter_mut().enumerate() {
            agent.history.employed_since = fika_model::Date::new(2000 + n as i16, 1, 1).ok();
        }
    };
    let solved = |request: &Request| {
        let problem = Problem::new(request, pools(request)).expect("a feasible problem");
        crate::solve(&problem, &crate::StepQuota(300), &mut |_| {})
    };
    let plain = generated(20, 1, 7, 8, |_| ());
    let told = generated(20, 1, 7, 8, since);
    let asked = generated(20, 1, 7, 8, |parts| {
        since(parts);
        parts.fairness.seniority_percent = 5;
    });
    assert_eq!(solved(&plain), solved(&told));
    let weights = |request: &Request| {
        let problem = Problem::new(request, pools(request)).expect("a feasible problem");
        problem.people.iter().map(|person| person.wish_percent).collect::<Vec<_>>()
    };
    assert_eq!(weights(&told), [100; 20]);
    assert_eq!((weights(&asked)[0], weights(&asked)[19]), (200, 135));
}
