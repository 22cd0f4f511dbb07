//! Plans of requests that limit queues: proved, shared, short where the limits leave it short.

use super::*;
use crate::fixture::{forecast, request};
use crate::plan::{PlanIds, PlanSettings, Planned, plan};
use crate::seal::Seal;
use fika_model::forecast::IntervalForecast;
use fika_model::request::RequestParts;
use fika_model::{Digest, RosterId, Verdict};
use fika_solver::StepQuota;

struct NoSeal;

impl Seal for NoSeal {
    fn request(&self, _: &Request) -> Digest {
        Digest([1; 32])
    }

    fn roster(&self, _: &Roster) -> Digest {
        Digest([2; 32])
    }
}

/// The small week, everybody with both skills; calls and claims from nine to five.
fn planned(calls: [f64; 2], change: impl FnOnce(&mut RequestParts)) -> (Request, Planned) {
    let request = request(|parts| {
        let skills = parts.agents[3].skills.clone();
        parts.agents.iter_mut().for_each(|agent| agent.skills.clone_from(&skills));
        change(parts);
    });
    let cell = |n: usize, calls: f64| {
        let open = (36..68).contains(&(n % 96)) && n < 480;
        if open { IntervalForecast { calls_mean: calls, calls_sd: calls.sqrt(), aht_s: 240.0 } } else { IntervalForecast::default() }
    };
    let given = [forecast(&request, "calls", |n| cell(n, calls[0])), forecast(&request, "claims", |n| cell(n, calls[1]))];
    let ids = PlanIds { roster: RosterId::new("o1").expect("an id"), generation: 1 };
    let settings = PlanSettings { simulated_calls: 40_000, workers: 1, cut_rounds: 1, remedies: 2 };
    let planned = plan(&request, Some(&given), ids, settings, &NoSeal, &StepQuota(400), &mut |_| ());
    let planned = planned.unwrap_or_else(|error| panic!("{error}: {error:?}"));
    assert_eq!(planned.summary.certificate.verdict(), Verdict::Proved);
    (request, planned)
}

fn checked(planned: &Planned, rule: &str) -> u64 {
    planned.summary.certificate.rules.iter().find(|row| row.rule.as_str() == rule).map_or(0, |row| row.checked)
}

#[test]
fn the_day_is_no_long_repetition_and_callers_lose_nothing() {
    let (_, planned) = planned([4.0, 3.0], |parts| parts.wellbeing.most_on_one_queue = Some(Minutes::of(120)));
    let variety = planned.summary.variety.clone().expect("the request limits queues");
    assert!(checked(&planned, "queue.in-row") > u64::from(planned.summary.shifts));
    assert!(variety.longest <= Minutes::of(120) && variety.longest > Minutes::of(60), "{:?}", variety.longest);
    assert!(variety.changes >= 2 * planned.summary.shifts, "{} changes", variety.changes);
    let (with, without) = (planned.summary.service_level.expect("calls"), variety.service_level_without.expect("calls"));
    assert!(with.interval.1 >= without.interval.0, "{with:?} against {without:?}");
    assert!(planned.summary.shortfalls.iter().all(|shortfall| shortfall.binding != BINDING));
}

#[test]
fn hard_minutes_are_shared_with_what_was_before_and_counted_on() {
    let (request, planned) = planned([4.0, 0.5], |parts| {
        parts.queues[1].hard_minutes_per_day = Some(Minutes::of(150));
        parts.agents[0].history.hard_queue_minutes = Minutes::of(240);
    });
    let variety = planned.summary.variety.clone().expect("the request limits queues");
    let share = &variety.hard_queues[0];
    assert_eq!(share.people, 6);
    let carried = planned.summary.fairness.carry_over.iter().map(|one| i64::from(one.history.hard_queue_minutes.get()));
    let running: Vec<i64> = carried.collect();
    let spread = running[1..].iter().max().expect("people") - running[1..].iter().min().expect("people");
    assert!(share.minutes > 5 * 8 * 60 && spread <= 180, "{running:?}");
    assert_eq!(running.iter().sum::<i64>(), share.minutes + 240);
    assert!(running[0] - 240 < share.minutes / 6, "who had more before has fewer now: {running:?}");
    assert!((share.range.0..=share.range.1).contains(&(share.minutes / 6)) && share.gini < 0.3);
    assert!(checked(&planned, "queue.hard-minutes") == u64::from(planned.summary.shifts), "{}", request.agents.len());
}

#[test]
fn what_the_limit_leaves_short_is_told_and_the_limit_stands() {
    let plan = |minutes| planned([4.0, 3.0], |parts| parts.queues[1].hard_minutes_per_day = Some(Minutes::of(minutes))).1.summary;
    let (wide, narrow) = (plan(1440), plan(30));
    let lost = |summary: &fika_model::RosterSummary| {
        summary.shortfalls.iter().filter(|shortfall| shortfall.binding == BINDING).map(|shortfall| shortfall.person_minutes).sum::<f64>()
    };
    assert!(lost(&wide) < 1.0 && lost(&narrow) > 1000.0, "{} and {}", lost(&wide), lost(&narrow));
    assert!(narrow.shortfall_minutes > wide.shortfall_minutes && narrow.score.service > wide.score.service);
    assert!(narrow.variety.expect("limits").hard_queues[0].minutes <= i64::from(narrow.shifts) * 30);
    let scheduled: f64 = narrow.intervals.iter().filter(|i| i.queues[0].as_str() == "claims").map(|i| i.scheduled * 15.0).sum();
    assert!(scheduled <= f64::from(narrow.shifts) * 30.0 + 1e-6, "nobody counts beyond her limit");
}

#[test]
fn limits_hold_beside_activities_and_a_run_begins_anew_after_one() {
    let (_, planned) = planned([4.0, 0.5], |parts| {
        parts.wellbeing.most_on_one_queue = Some(Minutes::of(90));
        parts.queues[1].hard_minutes_per_day = Some(Minutes::of(120));
        let agents: Vec<_> = parts.agents.iter().map(|agent| agent.id.clone()).collect();
        let course = |length| fika_model::agenda::AskedActivity {
            id: fika_model::ActivityId::new("course").expect("an id"),
            name: String::new(),
            circle: fika_model::agenda::Circle::Training { agents: agents.clone(), smallest_piece: None },
            length: Minutes::of(length),
            each_week: false,
            dates: None,
            windows: Vec::new(),
            must: true,
        };
        parts.activities = vec![course(60)];
    });
    for rule in ["queue.in-row", "queue.least", "queue.hard-minutes", "activity.must", "activity.length"] {
        assert!(checked(&planned, rule) > 0, "{rule}");
    }
    assert!(planned.summary.activities.len() == 6 && planned.summary.activities.iter().all(fika_model::roster::ActivityOutcome::is_held));
    assert!(planned.summary.variety.as_ref().is_some_and(|variety| variety.longest <= Minutes::of(90)));
    // Between breaks and other work a queue may be the first again at once: what is there beside calls is a change.
    let shifts = planned.roster.agents.iter().flat_map(|agent| &agent.shifts);
    for shift in shifts.filter(|shift| shift.activities.iter().any(|activity| activity.kind == ActivityKind::Training)) {
        let at = shift.activities.iter().position(|activity| activity.kind == ActivityKind::Training).expect("the course");
        assert!(shift.activities[at].queues.is_empty() && shift.activities[at].span.length() == Minutes::of(60));
    }
}

#[test]
fn what_a_limit_leaves_short_is_asked_for_and_the_rounds_lose_no_service() {
    let request = request(|parts| {
        let skills = parts.agents[3].skills.clone();
        parts.agents.iter_mut().for_each(|agent| agent.skills.clone_from(&skills));
        parts.queues[1].hard_minutes_per_day = Some(Minutes::of(120));
        parts.wellbeing.social_companions = 1;
        // Calls are wanted in the afternoon; of the hard queue one person from eight to noon as well.
        let grid = fika_model::Grid::new(parts.days.start(), parts.interval, 672);
        let on = |from: usize, to: usize, people: f64| {
            Curve::from_fn(grid, move |at| if (from..to).contains(&(at.get() % 96)) { people } else { 0.0 })
        };
        let ids: Vec<_> = parts.queues.iter().map(|queue| queue.id.clone()).collect();
        parts.demand = DemandSource::Required(vec![(ids[0].clone(), on(52, 84, 3.0)), (ids[1].clone(), on(32, 52, 1.0))]);
    });
    let ids = PlanIds { roster: RosterId::new("o1").expect("an id"), generation: 1 };
    let settings = PlanSettings { simulated_calls: 0, workers: 1, cut_rounds: 0, remedies: 0 };
    let mut making = Making {
        request: &request,
        forecasts: None,
        pools: crate::pools::pools(&request, None),
        ids,
        settings,
        seal: &NoSeal,
        stays: None,
    };
    let problem = making.problem().expect("a problem");
    let quota = StepQuota(3000);
    let first = crate::agenda::solved(&making, &quota, &mut |_| ()).expect("a solution");
    let lost = |solution: &Solution| solution.shortfalls.iter().filter(|s| s.binding == BINDING).map(|s| s.person_minutes).sum::<f64>();
    let before = laid(&making, &problem, &first, 1);
    let pools = making.pools.clone();
    let after = crate::relief::rounds(&mut making, first, &quota, &mut |_| ()).expect("a solution");
    assert_eq!(making.pools, pools, "what is asked for is what it was");
    let after = laid(&making, &problem, &after, 1);
    assert!(lost(&before) > 0.0 && after.score.service < before.score.service, "{} {:?} {:?}", lost(&before), before.score, after.score);
    assert!(after.shortfall_minutes < before.shortfall_minutes, "{} {}", before.shortfall_minutes, after.shortfall_minutes);
}

#[test]
fn a_request_without_limits_says_nothing_of_them() {
    let (_, planned) = planned([4.0, 3.0], |_| ());
    assert_eq!((planned.summary.variety.as_ref(), checked(&planned, "queue.in-row")), (None, 0));
}

#[test]
fn gini_is_half_the_mean_difference_over_the_mean() {
    let check = |values: &[i64], expect: f64| assert!((gini(values) - expect).abs() < 1e-12, "{values:?}: {}", gini(values));
    check(&[], 0.0);
    check(&[0, 0], 0.0);
    check(&[5, 5, 5], 0.0);
    check(&[0, 0, 0, 4], 0.75);
    check(&[3, 1], 0.25);
}
