//! What stays, what changes and at what price, each legal by a second reading.

use fika_model::Request;
use fika_model::people::Absence;
use fika_model::{Minutes, Span};

use super::*;
use crate::evaluate;
use crate::generate::{Settings, pools, request};
use crate::solve::{StepQuota, solve};

const STEPS: u64 = 400;

/// A week of 16 people with its roster.
fn published() -> (Request, Solution) {
    let request = request(&Settings { agents: 16, queues: 1, days: 7, load: 1.0, seed: 5 }).expect("a request");
    let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
    let solution = solve(&problem, &StepQuota(1500), &mut |_| ());
    (request, solution)
}

/// The request with one agent away on the day of her first shift, that shift credited.
fn away(request: &Request, roster: &[AgentRoster]) -> (Request, AgentId, DayIndex) {
    let mut parts = (**request).clone();
    let who = roster.iter().find(|agent| !agent.shifts.is_empty()).expect("somebody works");
    let day = parts.days.day_at(who.shifts[0].span.start()).expect("a day");
    let agent = parts.agents.iter_mut().find(|agent| agent.id == who.agent).expect("the agent");
    let span = Span::new(who.shifts[0].span.start(), Minutes::of(600));
    agent.absences.push(Absence { span, code: "ill".into(), credited: who.shifts[0].paid() });
    agent.wishes.clear();
    (Request::check(parts).expect("a sound request"), who.agent.clone(), day)
}

fn warm(request: &Request, roster: &[AgentRoster], change: impl FnOnce(&mut Kept<'_>)) -> Solution {
    let problem = Problem::new(request, pools(request)).expect("a feasible problem");
    let mut kept = Kept { agents: roster, change_price_minutes: 60, fixed: &|_, _| false, breaks_only: false, frozen_until: None };
    change(&mut kept);
    resolve(problem, &kept, &StepQuota(STEPS), &mut |_| ())
}

fn changed(before: &[AgentRoster], after: &[AgentRoster]) -> usize {
    let spans = |agent: &AgentRoster| agent.shifts.iter().map(|shift| shift.span).collect::<Vec<_>>();
    before.iter().zip(after).map(|(a, b)| spans(a).iter().filter(|span| !spans(b).contains(span)).count()).sum()
}

#[test]
fn a_roster_that_is_fixed_comes_back_as_it_was() {
    let (request, solution) = published();
    let same = warm(&request, &solution.agents, |kept| kept.fixed = &|_, _| true);
    assert_eq!((same.agents, same.shortfall_minutes), (solution.agents, solution.shortfall_minutes));
    assert_eq!(same.score, solution.score);
}

#[test]
fn an_absence_is_mended_with_few_changes_and_every_rule() {
    let (request, solution) = published();
    let (request, agent, _) = away(&request, &solution.agents);
    let mended = warm(&request, &solution.agents, |_| ());
    assert_eq!((evaluate::broken(&request, &mended.agents), mended.unmet.len()), (Vec::new(), 0));
    let shifts = |roster: &[AgentRoster]| roster.iter().find(|other| other.agent == agent).map(|found| found.shifts.len());
    assert!(shifts(&mended.agents) < shifts(&solution.agents) || changed(&solution.agents, &mended.agents) > 0);
    let dear = warm(&request, &solution.agents, |kept| kept.change_price_minutes = 10_000);
    assert!(changed(&solution.agents, &dear.agents) <= changed(&solution.agents, &mended.agents));
    let cheap = warm(&request, &solution.agents, |kept| kept.change_price_minutes = 0);
    let fallen = {
        let problem = Problem::new(&request, pools(&request)).expect("a feasible problem");
        let kept = Kept { agents: &solution.agents, change_price_minutes: 0, fixed: &|_, _| false, breaks_only: false, frozen_until: None };
        resolve(problem, &kept, &StepQuota(0), &mut |_| ())
    };
    assert!(cheap.score.service <= fallen.score.service, "{:?} after {:?}", cheap.score, fallen.score);
    assert_eq!(evaluate::broken(&request, &cheap.agents), Vec::<String>::new());
    assert_eq!(warm(&request, &solution.agents, |_| ()), mended, "the same seed and steps give the same roster");
}

#[test]
fn what_is_frozen_or_out_of_scope_stays() {
    let (request, solution) = published();
    let until = request.days.day_span(DayIndex::new(2)).start();
    let (harder, agent, day) = away(&request, &solution.agents);
    let late = warm(&harder, &solution.agents, |kept| {
        kept.frozen_until = Some(until);
        kept.change_price_minutes = 0;
    });
    for (before, after) in solution.agents.iter().zip(&late.agents).filter(|(before, _)| before.agent != agent) {
        let early = |roster: &AgentRoster| roster.shifts.iter().filter(|s| s.span.start() < until).map(|s| s.span).collect::<Vec<_>>();
        assert_eq!(early(before), early(after));
    }
    let breaks = warm(&harder, &solution.agents, |kept| kept.breaks_only = true);
    for (before, after) in solution.agents.iter().zip(&breaks.agents) {
        let spans = |roster: &AgentRoster| {
            let on = |shift: &&Shift| roster.agent != agent || harder.days.day_at(shift.span.start()) != Some(day);
            roster.shifts.iter().filter(on).map(|shift| shift.span).collect::<Vec<_>>()
        };
        assert_eq!(spans(before), spans(after));
    }
}

#[test]
fn what_has_begun_of_a_shift_stays_and_what_has_not_may_move() {
    let (request, solution) = published();
    let until = Minute::new(request.days.day_span(DayIndex::new(1)).start().get() + 13 * 60);
    let mut parts = (*request).clone();
    // Many are asked for in the afternoon of that day at one hour, so that breaks are worth moving out of it.
    if let fika_model::demand::DemandSource::Required(demand) = &mut parts.demand {
        let rush = |at: usize| (96 + 56..96 + 60).contains(&at);
        demand[0].1 = fika_model::Curve::from_fn(demand[0].1.grid(), |at| if rush(at.get()) { 30.0 } else { 1.0 });
    }
    let harder = Request::check(parts).expect("a sound request");
    let after = warm(&harder, &solution.agents, |kept| {
        kept.frozen_until = Some(until);
        kept.change_price_minutes = 0;
    });
    let begun = |agents: &[AgentRoster]| {
        let shifts = agents.iter().flat_map(|agent| agent.shifts.iter().map(move |shift| (agent.agent.clone(), shift.clone())));
        shifts.filter(|(_, shift)| shift.span.start() < until && until < shift.span.end()).collect::<Vec<_>>()
    };
    let (was, is) = (begun(&solution.agents), begun(&after.agents));
    assert!(was.len() > 3 && was.len() == is.len(), "{} and {}", was.len(), is.len());
    let mut moved = 0;
    for ((agent, before), (_, now)) in was.iter().zip(&is) {
        assert_eq!(before.span, now.span, "{agent}");
        let early = |shift: &Shift| shift.breaks().filter(|one| one.span.start() < until).map(|one| one.span).collect::<Vec<_>>();
        let late = |shift: &Shift| shift.breaks().filter(|one| one.span.start() >= until).map(|one| one.span).collect::<Vec<_>>();
        assert_eq!(early(before), early(now), "{agent}");
        moved += usize::from(late(before) != late(now));
    }
    assert!(moved > 0, "nothing moved after the freeze");
    assert_eq!(evaluate::broken(&harder, &after.agents), Vec::<String>::new());
}
