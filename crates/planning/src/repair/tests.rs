//! The small week with somebody absent, and with more to do.

use super::*;
use crate::fixture::request;
use fika_model::demand::DemandSource;
use fika_model::{Curve, Digest, RosterId, Verdict};
use fika_solver::solve;

struct NoSeal;

impl Seal for NoSeal {
    fn request(&self, _: &Request) -> Digest {
        Digest([1; 32])
    }

    fn roster(&self, _: &Roster) -> Digest {
        Digest([2; 32])
    }
}

const SETTINGS: PlanSettings = PlanSettings { simulated_calls: 20_000, workers: 1, cut_rounds: 0, remedies: 0 };

fn week() -> Request {
    request(|parts| {
        let grid = fika_model::Grid::new(parts.days.start(), parts.interval, 672);
        let curve = |people: f64| Curve::from_fn(grid, |at| if (36..68).contains(&(at.get() % 96)) { people } else { 0.0 });
        let ids: Vec<_> = parts.queues.iter().map(|queue| queue.id.clone()).collect();
        parts.demand = DemandSource::Required(vec![(ids[0].clone(), curve(3.0)), (ids[1].clone(), curve(0.0))]);
        for agent in &mut parts.agents {
            agent.contract = parts.contracts[0].id.clone();
        }
        parts.contracts[0].week_paid.least = Minutes::of(900);
        // Two of a team of three are left when one is away.
        parts.wellbeing.social_companions = 1;
    })
}

fn published(request: &Request) -> Roster {
    let ids = PlanIds { roster: RosterId::new("o1").expect("an id"), generation: 1 };
    let making = Making { request, forecasts: None, pools: pools(request, None), ids, settings: SETTINGS, seal: &NoSeal, stays: None };
    let solution = solve(&making.problem().expect("a problem"), &StepQuota(1500), &mut |_| ());
    making.draft(solution).expect("a roster").roster
}

fn mended(request: &Request, roster: &Roster, frozen_until: Option<Minute>) -> Repair {
    let ids = PlanIds { roster: RosterId::new("o2").expect("an id"), generation: 2 };
    let how = RepairSettings { frozen_until, steps: 600, change_price_minutes: 30 };
    repair(request, None, roster, ids, how, SETTINGS, &NoSeal).expect("a repair")
}

#[test]
fn an_absence_is_mended_and_every_alternative_is_proved_ranked_and_told_apart() {
    let request = week();
    let roster = published(&request);
    let who = roster.agents.iter().find(|agent| !agent.shifts.is_empty()).expect("somebody works");
    let day = request.days.day_at(who.shifts[0].span.start()).expect("a day");
    let mut parts = succeeding((*request).clone(), &roster);
    assert!(take_away(&mut parts, &roster, &who.agent, whole_day(&request, day)));
    let changed = Request::check(parts).expect("a sound request");
    let found = mended(&changed, &roster, None);
    assert!(!found.alternatives.is_empty(), "{:?}", found.refused);
    assert!(found.alternatives.windows(2).all(|pair| pair[0].weight <= pair[1].weight));
    for one in &found.alternatives {
        let made = &one.planned;
        assert_eq!((made.summary.certificate.verdict(), made.roster.generation), (Verdict::Proved, 2));
        let own = made.roster.agents.iter().find(|agent| agent.agent == who.agent).expect("the agent");
        assert!(own.shifts.iter().all(|shift| request.days.day_at(shift.span.start()) != Some(day)), "she is away");
        assert_eq!(one.changes, compare(&roster, &made.roster));
        assert!(one.changes.changed_shifts() >= 1);
        if one.reach == Reach::Breaks {
            assert_eq!(one.changes.changed_shifts(), 1, "only hers");
        }
    }
    let again = mended(&changed, &roster, None);
    assert_eq!(again.alternatives, found.alternatives, "the same steps give the same repair");
}

#[test]
fn nothing_that_begins_before_the_freeze_ends_changes() {
    let request = week();
    let roster = published(&request);
    let frozen = request.days.day_span(DayIndex::new(3)).start();
    let mut parts = succeeding((*request).clone(), &roster);
    parts.contracts[0].week_paid.most = Minutes::of(2700);
    if let DemandSource::Required(curves) = &mut parts.demand {
        let more = &curves[0].1;
        curves[0].1 = Curve::from_fn(more.grid(), |at| more.at(at).map_or(0.0, |people| people * 1.5));
    }
    let found = mended(&Request::check(parts).expect("a sound request"), &roster, Some(frozen));
    assert!(!found.alternatives.is_empty(), "{:?}", found.refused);
    for one in &found.alternatives {
        let early = |roster: &Roster| -> Vec<_> {
            let shifts = roster.agents.iter().flat_map(|agent| &agent.shifts).filter(|shift| shift.span.start() < frozen);
            shifts.map(|shift| shift.activities.iter().map(|activity| activity.span).collect::<Vec<_>>()).collect()
        };
        assert_eq!(early(&one.planned.roster), early(&roster));
    }
    let shortfalls: Vec<f64> = found.alternatives.iter().map(|one| one.planned.summary.shortfall_minutes).collect();
    let nothing = found.alternatives.iter().find(|one| one.reach == Reach::Nothing).expect("nothing fell away");
    assert!(shortfalls.iter().any(|minutes| *minutes < nothing.planned.summary.shortfall_minutes), "{shortfalls:?}");
}

#[test]
fn what_falls_away_is_credited_where_it_began() {
    let request = week();
    let roster = published(&request);
    let who = roster.agents.iter().find(|agent| agent.shifts.len() > 1).expect("somebody works twice");
    let mut parts = (*request).clone();
    let span = request.days.span();
    assert!(take_away(&mut parts, &roster, &who.agent, span));
    let own = parts.agents.iter().find(|agent| agent.id == who.agent).expect("the agent");
    let credited: u32 = own.absences.iter().map(|absence| absence.credited.get()).sum();
    assert_eq!(i64::from(credited), paid(std::slice::from_ref(who)));
    assert!(!take_away(&mut parts, &roster, &AgentId::new("nobody").expect("an id"), span));
}
