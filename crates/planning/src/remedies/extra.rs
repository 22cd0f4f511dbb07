//! More shifts of people who are not there yet: made-up agents under the shortest contract of those who could serve, in the team that has
//! the most company at that time. The solver gives them their best shift of the day, everybody else staying as is.

use fika_model::agenda::Circle;
use fika_model::people::{Agent, Contract, MinutesRange};
use fika_model::roster::{RemedyKind, Roster};
use fika_model::{AgentId, ContractId, Digest, Fraction, Minutes, Request, TeamId, Verdict};
use fika_solver::{Kept, Pool, Problem, StepQuota, resolve};
use fika_verify::{Digests, verify};

use super::{Tried, Want, meet};
use crate::rota::counted;

/// So many extra shifts on the day of the shortfall.
pub(super) fn shifts(want: &Want<'_>, people: usize) -> Option<Tried> {
    let request = want.making.request;
    let model = model(want)?;
    let contract = request.contracts.iter().find(|contract| contract.id == request.agents[model].contract)?;
    let (trial, pools, added) = with_people(want, model, contract, people)?;
    let problem = Problem::new(&trial, pools).ok()?;
    let kept = Kept {
        agents: &want.draft.roster.agents,
        change_price_minutes: 0,
        fixed: &|agent, day| !added.contains(agent) || day != want.day,
        breaks_only: false,
        frozen_until: None,
    };
    let counting = trial.limits_queues().then(|| problem.clone());
    let mut solution = resolve(problem, &kept, &StepQuota(0), &mut |_| ());
    if let Some(problem) = counting {
        let agents = want.with_rota(&trial, solution.agents.clone());
        solution = counted(&problem, &solution, agents);
    }
    let roster = Roster { agents: solution.agents, ..want.draft.roster.clone() };
    let nothing = Digest([0; 32]);
    if verify(&trial, &roster, Digests { request: nothing, roster: nothing }).verdict() == Verdict::Refuted {
        return None;
    }
    let own = roster.agents.iter().filter(|agent| added.contains(&agent.agent)).flat_map(|agent| &agent.shifts);
    let (spans, paid): (Vec<_>, Vec<_>) = own.map(|shift| (shift.span, i64::from(shift.paid().get()))).unzip();
    if spans.len() < people {
        return None;
    }
    let mut remedy = want.remedy(RemedyKind::ExtraShift);
    remedy.contract = Some(contract.id.clone());
    remedy.added = spans;
    remedy.paid_minutes = paid.iter().sum();
    remedy.shortfall_minutes.1 = solution.shortfall_minutes;
    Some(Tried { remedy, request: trial, roster })
}

/// Whom the extra people are like: of those who serve the pool, the contract with the shortest shifts, then the team with the most people on
/// shift at that time, then the first id.
fn model(want: &Want<'_>) -> Option<usize> {
    let request = want.making.request;
    let present = |team: &TeamId| {
        let own = want.draft.roster.agents.iter().filter(|agent| &agent.team == team);
        own.flat_map(|agent| &agent.shifts).filter(|shift| meet(shift.span, want.shortfall.span)).count()
    };
    let shortest = |position: &usize| {
        let id = &request.agents[*position].contract;
        request.contracts.iter().find(|contract| &contract.id == id).map_or(u32::MAX, |contract| contract.shift_length.least.get())
    };
    let rank = |position: &usize| {
        let agent = &request.agents[*position];
        (shortest(position), std::cmp::Reverse(present(&agent.team)), agent.id.clone())
    };
    want.pool.agents.iter().copied().min_by_key(rank)
}

fn with_people(want: &Want<'_>, model: usize, contract: &Contract, people: usize) -> Option<(Request, Vec<Pool>, Vec<AgentId>)> {
    let request = want.making.request;
    let mut parts = (**request).clone();
    let id = ContractId::new(format!("extra {}", contract.id)).ok()?;
    let none_least = MinutesRange { least: Minutes::ZERO, ..contract.week_paid };
    parts.contracts.push(Contract { id: id.clone(), week_paid: none_least, ..contract.clone() });
    // Extra people are not asked to the huddles of their team.
    let team = &request.agents[model].team;
    let working = want.draft.roster.agents.iter().filter(|agent| &agent.team == team && !agent.shifts.is_empty()).count();
    for asked in &mut parts.activities {
        if let Circle::Huddle { least_share, .. } = &mut asked.circle {
            let share = least_share.get() * working as f64 / (working + people) as f64;
            *least_share = Fraction::new(share).unwrap_or(*least_share);
        }
    }
    let mut pools = want.making.solver_pools();
    let mut added = Vec::new();
    for n in 1..=people {
        let name = AgentId::new(format!("extra {n}")).ok()?;
        let position = parts.agents.len();
        parts.agents.push(Agent {
            id: name.clone(),
            contract: id.clone(),
            availability: Vec::new(),
            absences: Vec::new(),
            wishes: Vec::new(),
            last_shift_end: None,
            days_worked_before: 0,
            fixed: Vec::new(),
            ..request.agents[model].clone()
        });
        pools.iter_mut().filter(|pool| pool.agents.contains(&model)).for_each(|pool| pool.agents.push(position));
        added.push(name);
    }
    Some((Request::check(parts).ok()?, pools, added))
}
