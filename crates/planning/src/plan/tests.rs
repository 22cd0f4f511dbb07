//! The whole plan on the small week.

use super::*;
use crate::fixture::{forecast, request};
use fika_model::demand::DemandSource;
use fika_model::forecast::IntervalForecast;
use fika_model::{Curve, Digest, Grid, Verdict};
use fika_solver::StepQuota;

/// A seal that only tells messages apart by what they count.
struct Counting;

impl Seal for Counting {
    fn request(&self, request: &Request) -> Digest {
        Digest([request.agents.len() as u8; 32])
    }

    fn roster(&self, roster: &Roster) -> Digest {
        Digest([roster.agents.iter().map(|agent| agent.shifts.len()).sum::<usize>() as u8; 32])
    }
}

fn ids(generation: u64) -> PlanIds {
    PlanIds { roster: RosterId::new("o1").expect("an id"), generation }
}

const STEPS: u64 = 1000;
const SETTINGS: PlanSettings = PlanSettings { simulated_calls: 20_000, workers: 1, cut_rounds: 2, remedies: 2 };

fn try_plan(request: &Request, given: Option<&[QueueForecast]>, workers: usize) -> (Result<Planned, PlanError>, Vec<Progress>) {
    let mut heard = Vec::new();
    let settings = PlanSettings { workers, ..SETTINGS };
    let outcome = plan(request, given, ids(1), settings, &Counting, &StepQuota(STEPS), &mut |progress| heard.push(progress));
    (outcome, heard)
}

/// Calls from 09:00 to 17:00, so many an interval.
fn office(request: &Request, queue: &str, calls: f64) -> QueueForecast {
    forecast(request, queue, |n| {
        let open = (36..68).contains(&(n % 96));
        if open { IntervalForecast { calls_mean: calls, calls_sd: calls.sqrt(), aht_s: 240.0 } } else { IntervalForecast::default() }
    })
}

#[test]
fn a_plan_is_proved_predicted_and_complete() {
    let request = request(|_| ());
    let given = [office(&request, "calls", 4.0), office(&request, "claims", 1.0)];
    let (outcome, heard) = try_plan(&request, Some(&given), 1);
    let Planned { roster, summary } = outcome.expect("a plan");
    assert_eq!(summary.certificate.verdict(), Verdict::Proved);
    assert_eq!(summary.certificate.request, Digest([6; 32]));
    assert_eq!(roster.agents.len(), 6);
    assert_eq!((roster.generation, &roster.request, roster.parent.as_ref()), (1, &request.id, None));
    assert_eq!(summary.intervals.len(), 2 * 672, "two pools, every interval");
    assert_eq!(summary.intervals[40].queues.len(), 1);
    assert!(summary.intervals[40].required >= 2.0 && summary.intervals[40].calls > 0.0);
    assert!(summary.intervals[0].required.abs() < 1e-9);
    assert_eq!(summary.intervals[0].service_level, None, "nobody calls at midnight");
    let required: f64 = summary.intervals.iter().map(|interval| interval.required * 15.0).sum();
    assert!((required - summary.required_minutes).abs() < 1e-6);
    let scheduled: f64 = summary.intervals.iter().map(|interval| interval.scheduled * 15.0).sum();
    assert!(scheduled <= required + 1e-6 || scheduled <= summary.paid_minutes as f64);
    assert!(summary.shortfall_bound_minutes <= summary.shortfall_minutes + 1e-6);
    assert_eq!(summary.shifts as usize, roster.agents.iter().map(|agent| agent.shifts.len()).sum::<usize>());
    assert!(summary.break_minutes >= 60 * i64::from(summary.shifts) && summary.social_minutes >= 15 * i64::from(summary.shifts));
    assert!((6 * 1800..=6 * 2400).contains(&summary.paid_minutes));
    let level = summary.service_level.expect("a prediction");
    assert!((0.0..=1.0).contains(&level.mean) && level.interval.0 <= level.mean && level.mean <= level.interval.1);
    let with_calls = summary.intervals.iter().filter(|interval| interval.calls > 0.0);
    assert!(with_calls.clone().count() > 0 && with_calls.clone().all(|interval| interval.service_level.is_some()));

    let mut phases: Vec<_> = heard.iter().map(|progress| progress.phase).collect();
    phases.dedup();
    assert_eq!(phases, [Phase::Requirement, Phase::Solve, Phase::Verify, Phase::Simulate]);
    assert!(heard.iter().all(|progress| (0.0..=1.0).contains(&progress.done)));
}

#[test]
fn the_same_request_and_steps_give_the_same_plan_on_any_number_of_threads() {
    let request = request(|parts| parts.budget.steps = Some(STEPS));
    let given = [office(&request, "calls", 4.0), office(&request, "claims", 1.0)];
    let (first, heard) = try_plan(&request, Some(&given), 1);
    let (second, again) = try_plan(&request, Some(&given), 2);
    assert_eq!(first.expect("a plan"), second.expect("a plan"));
    assert_eq!(heard, again);
}

#[test]
fn the_order_of_agents_changes_nothing() {
    let plan_of = |turn: usize| {
        let request = request(|parts| parts.agents.rotate_left(turn));
        let given = [office(&request, "calls", 4.0), office(&request, "claims", 1.0)];
        try_plan(&request, Some(&given), 1).0.expect("a plan")
    };
    assert_eq!(plan_of(0).roster, plan_of(2).roster);
}

#[test]
fn people_may_be_given_instead_of_calls() {
    let request = request(|parts| {
        let grid = Grid::new(parts.days.start(), parts.interval, 672);
        let curve = |people: f64| Curve::from_fn(grid, |index| if (36..68).contains(&(index.get() % 96)) { people } else { 0.0 });
        let ids: Vec<_> = parts.queues.iter().map(|queue| queue.id.clone()).collect();
        parts.demand = DemandSource::Required(vec![(ids[0].clone(), curve(2.0)), (ids[1].clone(), curve(1.0))]);
    });
    let summary = try_plan(&request, None, 1).0.expect("a plan").summary;
    assert_eq!(summary.service_level, None, "without calls nothing is predicted");
    assert_eq!((summary.intervals[40].required, summary.intervals[672 + 40].required), (2.0, 1.0));
    assert!((summary.required_minutes - 3.0 * 480.0 * 7.0).abs() < 1e-6);
}

#[test]
fn with_far_too_few_people_breaks_stay_and_the_shortfall_is_told() {
    let request = request(|_| ());
    let given = [office(&request, "calls", 80.0), office(&request, "claims", 20.0)];
    let summary = try_plan(&request, Some(&given), 1).0.expect("a plan").summary;
    assert_eq!(summary.certificate.verdict(), Verdict::Proved);
    assert!(summary.shortfall_minutes > 0.5 * summary.required_minutes);
    assert!(summary.shortfall_bound_minutes > 0.0);
    let told: f64 = summary.shortfalls.iter().map(|shortfall| shortfall.person_minutes).sum();
    assert!((told - summary.shortfall_minutes).abs() < 1e-6, "{told} told of {}", summary.shortfall_minutes);
    assert!(summary.shortfalls.iter().all(|shortfall| !shortfall.binding.is_empty() && !shortfall.reason.is_empty()));
}

#[test]
fn history_without_forecasts_is_refused_with_a_code() {
    let request = request(|_| ());
    let (outcome, _) = try_plan(&request, None, 1);
    let error = outcome.expect_err("no demand");
    assert!(matches!(&error, PlanError::NoForecast { queues } if queues.len() == 2));
    assert_eq!(error.faults().0.iter().map(|fault| fault.code.code()).collect::<Vec<_>>(), ["F2009", "F2009"]);
    assert!(!error.is_infeasible());
}

#[test]
fn contradictions_are_infeasible_and_name_agents() {
    let request = request(|parts| parts.contracts[0].week_paid.least = fika_model::Minutes::of(2400));
    let request = {
        // Mondays alone cannot hold a week of 40 hours.
        let mut parts = (*request).clone();
        let monday = fika_model::people::Weekdays::of([fika_model::Weekday::Monday]);
        parts.agents[0].availability = vec![fika_model::people::WallWindow { weekdays: monday, from_minute: 480, to_minute: 1080 }];
        Request::check(parts).expect("a sound request")
    };
    let given = [office(&request, "calls", 4.0), office(&request, "claims", 1.0)];
    let error = try_plan(&request, Some(&given), 1).0.expect_err("a contradiction");
    assert!(error.is_infeasible());
    assert_eq!(error.faults().0[0].at, "agents[0]");
}

#[test]
fn a_roster_that_the_verifier_refutes_is_no_plan() {
    let request = request(|_| ());
    let given = [office(&request, "calls", 4.0), office(&request, "claims", 1.0)];
    let outcome = plan(&request, Some(&given), ids(2), SETTINGS, &Counting, &StepQuota(STEPS), &mut |_| ());
    let Err(PlanError::Refuted { certificate }) = outcome else { panic!("generation 2 has no parent") };
    assert_eq!(certificate.violations.len(), 1);
    assert_eq!(certificate.violations[0].rule.as_str(), fika_verify::Rule::Lineage.id());
}

#[test]
fn a_short_time_plays_fewer_callers() {
    let calls = |steps, seconds| PlanSettings::default().within(Budget { steps, seconds }).simulated_calls;
    assert_eq!(calls(None, Some(20)), 1_500_000);
    assert_eq!(calls(None, Some(19)), 1_425_000);
    assert_eq!(calls(None, Some(0)), 75_000);
    assert_eq!(calls(Some(10), Some(1)), 1_500_000);
    assert_eq!(calls(None, None), 1_500_000);
}
