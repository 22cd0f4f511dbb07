//! A published roster and a change: the least that mends it, and what else could be done, each with what it costs.
//!
//! The alternatives go on from the published roster at falling prices of a change. Invariant: what begins before the freeze ends stays as
//! it was, in every alternative: shifts, and inside a shift that has begun its breaks and queues up to then; each is proved, or named with
//! the rule that it breaks.

use fika_model::forecast::QueueForecast;
use fika_model::people::Absence;
use fika_model::request::RequestParts;
use fika_model::roster::{AgentRoster, Parent, Roster};
use fika_model::{AgentId, DayIndex, Minute, Minutes, Request, Span};
use fika_solver::{Kept, StepQuota, resolve};

use crate::agenda;
use crate::compare::{Comparison, compare};
use crate::error::PlanError;
use crate::forecasting::forecasts;
use crate::making::Making;
use crate::plan::{PlanIds, PlanSettings, Planned, planned};
use crate::pools::pools;
use crate::seal::Seal;

/// How a repair is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RepairSettings {
    /// Nothing that begins before this minute changes.
    pub frozen_until: Option<Minute>,
    /// Steps of each alternative's search.
    pub steps: u64,
    /// What a changed shift weighs in the ranking, in person-minutes short. A moved break or activity weighs a sixth of it.
    pub change_price_minutes: u32,
}

/// How far an alternative goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// What fell away is gone, all else stays.
    Nothing,
    /// Breaks move, shifts stay.
    Breaks,
    /// A shift changes where it brings much.
    FewShifts,
    /// A shift changes where it is worth its price.
    SomeShifts,
    /// A shift changes where it brings anything.
    AnyShift,
}

/// A way to mend a roster.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// How far it goes.
    pub reach: Reach,
    /// The roster with its proof.
    pub planned: Planned,
    /// What differs from the published one.
    pub changes: Comparison,
    /// Paid minutes more than the published roster.
    pub paid_minutes: i64,
    /// Person-minutes short, and the changes at their price: smaller is better.
    pub weight: f64,
}

/// All that was tried.
#[derive(Debug)]
pub struct Repair {
    /// Legal alternatives, the best first.
    pub alternatives: Vec<Alternative>,
    /// Those that break a promise, with why.
    pub refused: Vec<(Reach, PlanError)>,
}

/// Takes an agent away for a time: the shifts that it touches fall away and are credited, so that nobody is short of hours for it.
/// Tells whether the request has the agent.
pub fn take_away(parts: &mut RequestParts, roster: &Roster, agent: &AgentId, span: Span) -> bool {
    let Some(own) = parts.agents.iter_mut().find(|own| &own.id == agent) else { return false };
    let shifts = || roster.agents.iter().filter(|entry| &entry.agent == agent).flat_map(|entry| &entry.shifts);
    own.fixed.retain(|fixed| fixed.span.overlap(span).get() == 0);
    let mut first = true;
    for day in parts.days.days() {
        let today = parts.days.day_span(day);
        let piece = Span::between(today.start().max(span.start()), today.end().min(span.end()));
        if piece.length() == Minutes::ZERO {
            continue;
        }
        // Credited on the day on which the shift began, or on the first day away.
        let counts = |shift: &&fika_model::Shift| {
            shift.span.overlap(span).get() > 0 && (today.holds(shift.span.start()) || (first && shift.span.start() < today.start()))
        };
        let credited = shifts().filter(counts).map(|shift| i64::from(shift.paid().get())).sum();
        own.absences.push(Absence { span: piece, code: "absent".to_owned(), credited: Minutes::new(credited).unwrap_or_default() });
        first = false;
    }
    true
}

/// Looks for ways to make a published roster answer a changed request. The request must name the roster as its parent.
///
/// # Errors
/// The request has no demand, contradicts itself, or cannot be simulated. That an alternative breaks a rule is no error.
pub fn repair(
    request: &Request,
    history: Option<&[QueueForecast]>,
    roster: &Roster,
    ids: PlanIds,
    how: RepairSettings,
    settings: PlanSettings,
    seal: &dyn Seal,
) -> Result<Repair, PlanError> {
    let forecasts = forecasts(request, history)?;
    let pools = pools(request, forecasts.as_deref());
    let making = Making { request, forecasts, pools, ids, settings, seal, stays: Some((roster, how.frozen_until)) };
    let price = how.change_price_minutes;
    let reaches = [
        (Reach::Nothing, 0),
        (Reach::Breaks, price),
        (Reach::FewShifts, price.saturating_mul(4)),
        (Reach::SomeShifts, price),
        (Reach::AnyShift, price / 6),
    ];
    let published = Roster { parent: None, ..roster.clone() };
    let mut found = Repair { alternatives: Vec::new(), refused: Vec::new() };
    for (reach, price) in reaches {
        let kept = Kept {
            agents: &published.agents,
            change_price_minutes: price,
            fixed: &|_, _| reach == Reach::Nothing,
            breaks_only: matches!(reach, Reach::Breaks | Reach::Nothing),
            frozen_until: how.frozen_until,
        };
        let steps = if reach == Reach::Nothing { 0 } else { how.steps };
        let solution = resolve(making.problem()?, &kept, &StepQuota(steps), &mut |_| ());
        let solution = agenda::settled(&making, solution, how.frozen_until, false)?;
        let known = |agents: &[AgentRoster]| found.alternatives.iter().any(|one| one.planned.roster.agents == agents);
        if known(&solution.agents) {
            continue;
        }
        match making.draft(solution) {
            Ok(draft) if known(&draft.roster.agents) => {}
            Ok(draft) => {
                let changes = compare(roster, &draft.roster);
                let paid_minutes = paid(&draft.roster.agents) - paid(&roster.agents);
                let moved = f64::from(how.change_price_minutes);
                let weight = draft.solution.shortfall_minutes
                    + moved * changes.changed_shifts() as f64
                    + moved / 6.0 * (changes.moved_breaks() + changes.moved_activities()) as f64;
                let planned = planned(&making, draft, Vec::new(), Vec::new())?;
                found.alternatives.push(Alternative { reach, planned, changes, paid_minutes, weight });
            }
            Err(error @ (PlanError::Refuted { .. } | PlanError::Unmet(_))) => found.refused.push((reach, error)),
            Err(error) => return Err(error),
        }
    }
    found.alternatives.sort_by(|a, b| a.weight.total_cmp(&b.weight).then(a.reach.cmp(&b.reach)));
    Ok(found)
}

/// The request as a successor of a published roster.
pub fn succeeding(mut parts: RequestParts, roster: &Roster) -> RequestParts {
    parts.parent = Some(Parent { roster: roster.id.clone(), generation: roster.generation });
    parts
}

fn paid(agents: &[AgentRoster]) -> i64 {
    agents.iter().flat_map(|agent| &agent.shifts).map(|shift| i64::from(shift.paid().get())).sum()
}

/// All of a day of the horizon.
pub fn whole_day(request: &Request, day: DayIndex) -> Span {
    request.days.day_span(day)
}

#[cfg(test)]
mod tests;
