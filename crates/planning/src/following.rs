//! The request of the period that follows: the same people and rules, and what the roster before tells of each of them.

use fika_model::calendar::{CalendarError, DayMap};
use fika_model::demand::DemandSource;
use fika_model::fairness::CarryOver;
use fika_model::people::Wish;
use fika_model::request::RequestParts;
use fika_model::{AgentId, Curve, Grid, Minute, Request, RequestId, Span};
use thiserror::Error;

/// Why there is no request for the period that follows.
#[derive(Debug, Error)]
pub enum FollowError {
    /// The period that follows is none that is handled.
    #[error("the period that follows: {0}")]
    Period(#[from] CalendarError),
    /// The clocks change in one of the two periods, so that the demand given for the one does not fit the other.
    #[error("the period that follows has {next} intervals where demand is given for {given}")]
    OtherLength {
        /// Intervals of the period that follows.
        next: usize,
        /// Intervals that demand is given for.
        given: usize,
    },
}

/// The request moved on by the length of its horizon. Demand that is given is taken to come again; absences, wishes and shifts that stand
/// are kept where they lie in what follows.
///
/// # Errors
/// [`FollowError`] where the period that follows cannot be planned with what this one gives.
pub fn following(request: &Request, id: RequestId) -> Result<RequestParts, FollowError> {
    let mut parts = (**request).clone();
    let moved = i32::try_from(request.days.span().length().get()).unwrap_or(i32::MAX);
    let first = request.days.wall_at(request.days.span().end()).0;
    (parts.id, parts.parent) = (id, None);
    parts.days = DayMap::new(request.days.zone_name(), first, request.days.len() as u32)?;
    let grid = Grid::new(parts.days.start(), request.interval, parts.days.span().length().get() / request.interval.minutes());
    let next = grid.indices().count();
    let given = match &parts.demand {
        DemandSource::History { .. } => next,
        DemandSource::Forecast(queues) => queues.iter().map(|queue| queue.intervals.values().len()).next().unwrap_or(next),
        DemandSource::Required(queues) => queues.iter().map(|(_, curve)| curve.values().len()).next().unwrap_or(next),
    };
    if given != next {
        return Err(FollowError::OtherLength { next, given });
    }
    match &mut parts.demand {
        DemandSource::History { until } => *until = None,
        DemandSource::Forecast(queues) => queues.iter_mut().for_each(|queue| queue.intervals = on(grid, &queue.intervals)),
        DemandSource::Required(queues) => queues.iter_mut().for_each(|(_, curve)| *curve = on(grid, curve)),
    }
    let earlier = |minute: Minute| Minute::new(minute.get() - moved);
    let earlier_span = |span: Span| Span::new(earlier(span.start()), span.length());
    for agent in &mut parts.agents {
        agent.absences.iter_mut().for_each(|absence| absence.span = earlier_span(absence.span));
        agent.absences.retain(|absence| absence.span.end().get() > 0);
        agent.fixed.iter_mut().for_each(|fixed| {
            fixed.span = earlier_span(fixed.span);
            fixed.breaks.iter_mut().for_each(|(_, start)| *start = earlier(*start));
        });
        agent.fixed.retain(|fixed| fixed.span.start().get() >= 0);
        agent.wishes.retain(|wish| match wish {
            Wish::DayOff(date) | Wish::Template(date, _) => *date >= first,
            Wish::StartNear(_) | Wish::Colleague(_) => true,
        });
    }
    Ok(parts)
}

/// The same values on another grid of as many intervals.
fn on<T: Clone>(grid: Grid, curve: &Curve<T>) -> Curve<T> {
    Curve::from_fn(grid, |index| curve.values()[index.get()].clone())
}

/// Tells a request what the roster before it gave to each agent, and how it ended for her. Gives back those whom it does not name.
pub fn carry_into(parts: &mut RequestParts, carried: &[CarryOver]) -> Vec<AgentId> {
    let mut unknown = Vec::new();
    for one in carried {
        match parts.agents.iter_mut().find(|agent| agent.id == one.agent) {
            Some(agent) => {
                let since = agent.history.employed_since.or(one.history.employed_since);
                (agent.last_shift_end, agent.days_worked_before) = (one.last_shift_end, one.days_worked);
                agent.history = one.history.clone();
                agent.history.employed_since = since;
            }
            None => unknown.push(one.agent.clone()),
        }
    }
    unknown
}

#[cfg(test)]
mod tests;
