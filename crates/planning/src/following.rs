//! The request of the period that follows: the same people and rules, and what the roster before tells of each of them.

use fika_model::calendar::{CalendarError, DayMap};
use fika_model::demand::DemandSource;
use fika_model::fairness::CarryOver;
use fika_model::people::Wish;
use fika_model::request::RequestParts;
use fika_model::{AgentId, Curve, Grid, IntervalIndex, Minute, Request, RequestId, Span};

/// The request moved on by the days of its horizon. Demand that is given is taken to come again at the same hours by the wall clock;
/// absences, wishes and shifts that stand are kept where they lie in what follows.
///
/// # Errors
/// The period that follows lies in years that are not handled.
pub fn following(request: &Request, id: RequestId) -> Result<RequestParts, CalendarError> {
    let mut parts = (**request).clone();
    let moved = i32::try_from(request.days.span().length().get()).unwrap_or(i32::MAX);
    let first = request.days.wall_at(request.days.span().end()).0;
    (parts.id, parts.parent) = (id, None);
    parts.days = DayMap::new(request.days.zone_name(), first, request.days.len() as u32)?;
    let grid = Grid::new(parts.days.start(), request.interval, parts.days.span().length().get() / request.interval.minutes());
    let again = Again { from: request, days: parts.days.clone(), grid };
    match &mut parts.demand {
        DemandSource::History { until } => *until = None,
        DemandSource::Forecast(queues) => queues.iter_mut().for_each(|queue| queue.intervals = again.curve(&queue.intervals)),
        DemandSource::Required(queues) => queues.iter_mut().for_each(|(_, curve)| *curve = again.curve(curve)),
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

/// A period like another one.
struct Again<'a> {
    from: &'a Request,
    days: DayMap,
    grid: Grid,
}

impl Again<'_> {
    /// The values at the same wall clock of the same day; an hour that the other period skips has those after it.
    fn curve<T: Clone + Default>(&self, given: &Curve<T>) -> Curve<T> {
        let value = |index: IntervalIndex| {
            let start = self.grid.span(index).start();
            let minute = self.from.days.minute_at_wall(self.days.day_at(start)?, self.days.wall_at(start).1);
            given.at(given.grid().index_at(minute)?).cloned()
        };
        Curve::from_fn(self.grid, |index| value(index).unwrap_or_default())
    }
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
