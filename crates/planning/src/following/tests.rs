//! Requests that follow one another: what is moved on, what falls away, and what sharing over several weeks comes to.

use fika_model::calendar::Date;
use fika_model::fairness::Burden;
use fika_model::people::Absence;
use fika_model::{Minutes, TemplateId};
use fika_solver::StepQuota;
use fika_solver::generate::{Settings, request as generated};

use super::*;
use crate::fixture::request;
use crate::plan::keeps::Blank;
use crate::plan::{PlanIds, PlanSettings, Planned, plan};

fn id(name: &str) -> RequestId {
    RequestId::new(name).expect("an id")
}

#[test]
fn what_lies_in_the_next_period_is_kept() {
    let day = |day: i8| Date::constant(2026, 3, day);
    let request = request(|parts| {
        let grid = Grid::new(parts.days.start(), parts.interval, 7 * 96);
        let curve = Curve::from_fn(grid, |at| at.get() as f64);
        parts.demand = DemandSource::Required(parts.queues.iter().map(|queue| (queue.id.clone(), curve.clone())).collect());
        let absent = |start, length| Absence {
            span: Span::new(Minute::new(start), Minutes::of(length)),
            code: "leave".to_owned(),
            credited: Minutes::ZERO,
        };
        parts.agents[0].absences = vec![absent(0, 1440), absent(6 * 1440, 2880)];
        let template = TemplateId::new("day").expect("an id");
        parts.agents[0].wishes = vec![Wish::DayOff(day(8)), Wish::DayOff(day(9)), Wish::Template(day(2), template), Wish::StartNear(540)];
    });
    let next = Request::check(following(&request, id("next")).expect("a request")).expect("a sound request");
    assert_eq!((next.days.first_date(), next.days.len(), next.id.as_str()), (day(9), 7, "next"));
    let ada = &next.agents[0];
    assert_eq!(ada.absences.iter().map(|a| (a.span.start().get(), a.span.length().get())).collect::<Vec<_>>(), [(-1440, 2880)]);
    assert_eq!(ada.wishes, [Wish::DayOff(day(9)), Wish::StartNear(540)]);
    let DemandSource::Required(demand) = &next.demand else { panic!("demand is given") };
    assert_eq!(demand[0].1.grid().span(fika_model::IntervalIndex::new(0)).start(), Minute::new(0));
    assert!((demand[0].1.values()[5] - 5.0).abs() < 1e-9);
}

#[test]
fn demand_comes_again_by_the_wall_clock_where_clocks_change() {
    let request = request(|parts| {
        let grid = Grid::new(parts.days.start(), parts.interval, 7 * 96);
        let curve = Curve::from_fn(grid, |at| at.get() as f64);
        parts.demand = DemandSource::Required(parts.queues.iter().map(|queue| (queue.id.clone(), curve.clone())).collect());
    });
    // In the fourth week from the 2nd of March an hour of the Sunday is skipped in Berlin.
    let fourth = (1..4).fold(request, |request, n| {
        Request::check(following(&request, id(&format!("week {n}"))).expect("a request")).expect("a sound request")
    });
    let DemandSource::Required(demand) = &fourth.demand else { panic!("demand is given") };
    let values = demand[0].1.values();
    assert_eq!(values.len(), 7 * 96 - 4);
    let at = |quarter: usize| values[6 * 96 + quarter] - 6.0 * 96.0;
    assert_eq!([at(7), at(8), at(91)].map(|value| value.round() as i64), [7, 12, 95]);
}

fn planned(request: &Request) -> Planned {
    let ids = PlanIds { roster: fika_model::RosterId::new("o1").expect("an id"), generation: 1 };
    let settings = PlanSettings { cut_rounds: 0, remedies: 0, ..PlanSettings::default() };
    plan(request, None, ids, settings, &Blank, &StepQuota(1500), &mut |_| {}).expect("a roster")
}

/// Three weeks of a generated centre, each told of the one before or of nothing: the Gini coefficients of all that shifts bring, added up.
fn three_weeks(told: bool, seed: u64) -> f64 {
    let mut request = generated(&Settings { agents: 36, queues: 1, days: 7, load: 1.0, seed }).expect("a request");
    let mut sums: Vec<CarryOver> = Vec::new();
    for week in 0..3 {
        let report = planned(&request).summary.fairness;
        let counters = |report: &[CarryOver], n: usize| report[n].history.counters;
        let summed = (0..report.carry_over.len()).map(|n| {
            let mut one = report.carry_over[n].clone();
            if !told && week > 0 {
                one.history.counters = one.history.counters.plus(counters(&sums, n));
            }
            one
        });
        sums = summed.collect();
        let mut parts = following(&request, id(&format!("week {week}"))).expect("a request");
        assert_eq!(carry_into(&mut parts, &report.carry_over), Vec::new());
        if !told {
            parts.agents.iter_mut().for_each(|agent| agent.history.counters = fika_model::fairness::FairCounters::default());
        }
        request = Request::check(parts).expect("a sound request");
    }
    // The request of a fourth week that begins with these sums measures what the three weeks came to.
    let mut parts = (*request).clone();
    carry_into(&mut parts, &sums);
    let request = Request::check(parts).expect("a sound request");
    let nobody = fika_model::Roster {
        id: fika_model::RosterId::new("none").expect("an id"),
        request: request.id.clone(),
        generation: 1,
        parent: None,
        days: request.days.clone(),
        agents: request
            .agents
            .iter()
            .map(|a| fika_model::AgentRoster { agent: a.id.clone(), team: a.team.clone(), shifts: Vec::new() })
            .collect(),
    };
    let measures = fika_verify::fairness(&request, &nobody).measures;
    measures.iter().filter(|measure| measure.burden != Burden::DeniedWishes).map(|measure| measure.after.gini).sum()
}

/// A single week's luck is larger than what a week of counters mends, so that two centres are looked at together.
#[test]
fn counters_that_come_in_make_what_goes_out_more_even() {
    let of = |told: bool| three_weeks(told, 4) + three_weeks(told, 5);
    let (told, untold) = (of(true), of(false));
    assert!(told < untold, "{told} told, {untold} untold");
}
