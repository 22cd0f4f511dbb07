//! What would make a roster less short, found out by trying: more part-time shifts, overtime for named
//! agents, and meetings at another time.
//!
//! Every remedy is a roster that was made: the verifier proved it but for the hours that are bought, its shortfall was counted, and the same
//! callers were played against it. A broken promise to an agent is never a remedy. Bounded: the worst shortfalls only, a fixed
//! number of tries, so that the same roster has the same remedies.

use fika_model::roster::{AgentRoster, Remedy, RemedyKind, Roster, Shortfall};
use fika_model::{DayIndex, Minute, Request, Span};
use fika_solver::{Pool, Quota, RotaTerms, lay_rota};

use crate::error::PlanError;
use crate::making::{Draft, Making};
use crate::plan::PlanSettings;
use crate::prediction::{Prediction, predict};
use crate::rota::wanted;

mod extra;
mod moved;
mod overtime;

/// Shortfalls that remedies are looked for.
const WORST: usize = 3;
/// Calls simulated for a remedy, at most.
const SIMULATED_CALLS: u64 = 200_000;
/// Agents times days from which on only the worst shortfall is looked at.
const LARGE: usize = 20_000;

/// A remedy before callers were played against it.
pub(crate) struct Tried {
    remedy: Remedy,
    request: Request,
    roster: Roster,
}

/// What a shortfall is looked for with.
pub(crate) struct Want<'a> {
    making: &'a Making<'a>,
    draft: &'a Draft,
    shortfall: &'a Shortfall,
    pool: &'a Pool,
    /// The day on which the shortfall begins.
    day: DayIndex,
}

/// The best remedies, the most effect for a paid hour first. Nothing more is tried when the time is over.
pub(crate) fn remedies(making: &Making<'_>, draft: &Draft, quota: &dyn Quota) -> Result<Vec<Remedy>, PlanError> {
    let most = making.settings.remedies;
    if most == 0 || draft.solution.shortfalls.is_empty() || quota.is_late() {
        return Ok(Vec::new());
    }
    let large = making.request.agents.len() * making.request.days.len() > LARGE;
    let problem = making.problem()?;
    let mut tried: Vec<Tried> = Vec::new();
    for shortfall in draft.solution.shortfalls.iter().take(if large { 1 } else { WORST }) {
        let Some(demand) = making.pools.iter().find(|demand| is_of(&demand.pool, shortfall)) else { continue };
        let day = making.request.days.day_at(shortfall.span.start()).unwrap_or(DayIndex::new(0));
        let want = Want { making, draft, shortfall, pool: &demand.pool, day };
        tried.extend([1, 2].into_iter().filter(|_| !quota.is_late()).filter_map(|people| extra::shifts(&want, people)));
        tried.extend(Some(&want).filter(|_| !quota.is_late()).and_then(|want| moved::activity(want, &problem)));
        tried.extend([30, 60].into_iter().filter(|_| !quota.is_late()).filter_map(|minutes| overtime::hours(&want, &problem, minutes)));
    }
    let effect = |one: &Tried| {
        let (before, after) = one.remedy.shortfall_minutes;
        ((before - after) * 1e6 / one.remedy.paid_minutes.max(1) as f64) as i64
    };
    tried.retain(|one| effect(one) > 0);
    tried.sort_by_key(|one| (std::cmp::Reverse(effect(one)), one.remedy.shortfall.start(), std::cmp::Reverse(one.remedy.paid_minutes)));
    with_callers(making, draft, chosen(tried, most), quota)
}

/// The best of each kind for each shortfall; of those the best of each kind, and then the best.
fn chosen(ranked: Vec<Tried>, most: usize) -> Vec<Tried> {
    let mut known: Vec<(RemedyKind, Span)> = Vec::new();
    let mut first = |one: &Tried| {
        let key = (one.remedy.kind, one.remedy.shortfall);
        let new = !known.contains(&key);
        known.push(key);
        new
    };
    // What helps several shortfalls is told of the one that it helps first.
    let mut told: Vec<Remedy> = Vec::new();
    let mut new = |one: &Tried| {
        let is_it = |other: &Remedy| {
            let own = &one.remedy;
            (other.kind, &other.agents, &other.added, &other.moved) == (own.kind, &own.agents, &own.added, &own.moved)
        };
        let new = !told.iter().any(is_it);
        told.push(one.remedy.clone());
        new
    };
    let mut kinds: Vec<RemedyKind> = Vec::new();
    let distinct = ranked.into_iter().filter(|one| first(one) && new(one));
    let mut chosen: Vec<(usize, bool, Tried)> = Vec::new();
    for (rank, one) in distinct.enumerate() {
        let best = !kinds.contains(&one.remedy.kind);
        kinds.push(one.remedy.kind);
        chosen.push((rank, best, one));
    }
    chosen.sort_by_key(|(rank, best, _)| (!best, *rank));
    chosen.truncate(most);
    chosen.sort_by_key(|(rank, ..)| *rank);
    chosen.into_iter().map(|(.., one)| one).collect()
}

/// Plays the same callers against the roster as it is and with each remedy, where there is time for it.
fn with_callers(making: &Making<'_>, draft: &Draft, tried: Vec<Tried>, quota: &dyn Quota) -> Result<Vec<Remedy>, PlanError> {
    let Some(forecasts) = making.forecasts.as_ref().filter(|_| !tried.is_empty() && !quota.is_late()) else {
        return Ok(tried.into_iter().map(|one| one.remedy).collect());
    };
    let settings = PlanSettings { simulated_calls: making.settings.simulated_calls.min(SIMULATED_CALLS), ..making.settings };
    let before = predict(making.request, &draft.roster, forecasts, &making.pools, settings)?;
    let mut remedies = Vec::new();
    for Tried { mut remedy, request, roster } in tried {
        let after = predict(&request, &roster, forecasts, &making.pools, settings)?;
        remedy.service_level = level(making, &remedy, &before).zip(level(making, &remedy, &after));
        remedies.push(remedy);
    }
    Ok(remedies)
}

/// The level over the time of the shortfall, weighted by calls.
fn level(making: &Making<'_>, remedy: &Remedy, prediction: &Prediction) -> Option<f64> {
    let number = making.pools.iter().position(|demand| demand.pool.queues == remedy.queues)?;
    let grid = making.request.grid();
    let (mut answered, mut all) = (0.0, 0.0);
    for index in grid.indices().filter(|index| remedy.shortfall.covers(grid.span(*index))) {
        let calls = making.pools[number].calls.at(index).copied().unwrap_or_default();
        if let Some((mean, _)) = prediction.cell(number, index.get()).service_level {
            answered += mean * calls;
            all += calls;
        }
    }
    (all > 0.0).then(|| answered / all)
}

impl Want<'_> {
    /// The rosters with a rota where the request limits queues; that of the draft stays where it can.
    fn with_rota(&self, request: &Request, agents: Vec<AgentRoster>) -> Vec<AgentRoster> {
        if !request.limits_queues() {
            return agents;
        }
        let wanted = wanted(request, &self.making.pools, self.making.forecasts.as_deref());
        let terms = RotaTerms { wanted: &wanted, kept: &self.draft.roster.agents, frozen_until: None, headroom: 1 };
        lay_rota(request, &agents, &terms)
    }

    fn remedy(&self, kind: RemedyKind) -> Remedy {
        Remedy {
            kind,
            queues: self.shortfall.queues.clone(),
            shortfall: self.shortfall.span,
            agents: Vec::new(),
            contract: None,
            added: Vec::new(),
            moved: None,
            paid_minutes: 0,
            shortfall_minutes: (self.draft.solution.shortfall_minutes, self.draft.solution.shortfall_minutes),
            service_level: None,
        }
    }
}

/// Whether a shortfall is a pool's.
fn is_of(pool: &Pool, shortfall: &Shortfall) -> bool {
    pool.queues == shortfall.queues && pool.work == shortfall.work
}

/// The minute so many minutes from another.
fn minute(from: Minute, minutes: i32) -> Minute {
    Minute::new(from.get() + minutes)
}

/// Whether two pieces of time share a minute.
fn meet(a: Span, b: Span) -> bool {
    a.overlap(b).get() > 0
}

#[cfg(test)]
mod tests;
