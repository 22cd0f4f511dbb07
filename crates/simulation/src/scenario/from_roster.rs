//! A scenario from a request, a roster and forecasts: the people as rostered, the callers as expected.
//!
//! Queues keep the order of the request, agents that of the roster, so the caller's ids are one lookup away. Handling times are
//! log-normal, patience exponential. Queues of one centre have their busy days together: the day factor is shared as far as all
//! queues have it. Shrinkage and comfort minutes become short absences at random moments. Where the request says who serves which
//! queue when, an agent takes the calls of the first queue of a piece before those of the others, and they look for her first.

use std::collections::BTreeMap;

use fika_model::forecast::QueueForecast;
use fika_model::people;
use fika_model::request::Queue as RequestedQueue;
use fika_model::{Activity, ActivityKind, AgentId, AgentRoster, Minutes, QueueId, Request, Roster, Span};
use thiserror::Error;

use super::{Agent, Arrivals, Duty, Group, Piece, Queue, RandomAbsence, Reason, Scenario, Serves, Shape, Times};

/// Length of one absence that comfort minutes make, in seconds.
const COMFORT_S: f64 = 240.0;
/// Length of one absence that shrinkage makes, in seconds.
const SHRINKAGE_S: f64 = 1800.0;
/// Coefficient of variation of handling times that no history tells: that of the exponential times of queueing theory.
const UNTOLD_AHT_CV: f64 = 1.0;

/// A roster and forecasts that do not fit the request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RosterError {
    /// The roster names an agent that the request does not.
    #[error("the roster names the agent {agent}, which the request does not")]
    UnknownAgent {
        /// The agent.
        agent: AgentId,
    },
    /// There is no forecast for a queue.
    #[error("there is no forecast for the queue {queue}")]
    NoForecast {
        /// The queue.
        queue: QueueId,
    },
    /// A forecast lies on another grid than the request.
    #[error("the forecast for the queue {queue} lies on another grid than the request")]
    OtherGrid {
        /// The queue.
        queue: QueueId,
    },
}

impl Scenario {
    /// Lays a roster out for simulation. Queue indices are those of `request.queues`, agent indices those of `roster.agents`; the pools are
    /// the sets of queues whose agents are the same, in the order of their first queues.
    pub fn from_roster(request: &Request, roster: &Roster, forecasts: &[QueueForecast]) -> Result<Self, RosterError> {
        let grid = request.grid();
        let shared_cv = forecasts.iter().map(day_factor_cv).fold(f64::INFINITY, f64::min);
        let shared_cv = if shared_cv.is_finite() { shared_cv.max(0.0) } else { 0.0 };
        let mut queues = Vec::new();
        for queue in &request.queues {
            let forecast = forecasts.iter().find(|forecast| forecast.queue == queue.id);
            let forecast = forecast.ok_or_else(|| RosterError::NoForecast { queue: queue.id.clone() })?;
            if forecast.intervals.grid() != grid {
                return Err(RosterError::OtherGrid { queue: queue.id.clone() });
            }
            queues.push(callers(request, queue, forecast, shared_cv));
        }
        let mut groups = Groups::default();
        let mut agents = Vec::new();
        let by_id: BTreeMap<&AgentId, &people::Agent> = request.agents.iter().map(|agent| (&agent.id, agent)).collect();
        for rostered in &roster.agents {
            let known = by_id.get(&rostered.agent);
            let known = known.ok_or_else(|| RosterError::UnknownAgent { agent: rostered.agent.clone() })?;
            agents.push(lay_out(request, known, rostered, &mut groups));
        }
        let interval_s = f64::from(request.interval.seconds());
        Ok(Self {
            day_starts_s: request.days.days().map(|day| f64::from(request.days.day_span(day).start().get()) * 60.0).collect(),
            day_factor: Shape::Gamma { cv: shared_cv },
            queues,
            groups: groups.groups,
            agents,
            recovery_s: request.wellbeing.recovery_minutes * 60.0,
            absences: absences(request),
            pools: pools(request),
            ..Self::plain(interval_s, grid.len())
        })
    }
}

fn absences(request: &Request) -> Vec<RandomAbsence> {
    let comfort = request.wellbeing.comfort_minutes_per_hour / 60.0;
    // Shrinkage is a share of what comfort leaves.
    let shrinkage = request.staffing.shrinkage.get() * (1.0 - comfort);
    let absences = [(comfort, COMFORT_S), (shrinkage, SHRINKAGE_S)];
    absences.into_iter().filter(|(share, _)| *share > 0.0).map(|(share, length_s)| RandomAbsence { share, length_s }).collect()
}

/// The spread of the day factor as the forecast tells it. Where it tells none, what the standard deviations of the intervals have beyond
/// Poisson's is taken for it: `sum (sd^2 - mean) / sum mean^2`.
fn day_factor_cv(forecast: &QueueForecast) -> f64 {
    if forecast.day_factor_cv > 0.0 {
        return forecast.day_factor_cv;
    }
    let beyond: f64 = forecast.intervals.values().iter().map(|interval| interval.calls_sd.powi(2) - interval.calls_mean).sum();
    let squares: f64 = forecast.intervals.values().iter().map(|interval| interval.calls_mean.powi(2)).sum();
    if squares > 0.0 { (beyond / squares).max(0.0).sqrt() } else { 0.0 }
}

fn callers(request: &Request, queue: &RequestedQueue, forecast: &QueueForecast, shared_cv: f64) -> Queue {
    // As people are required: an interval that shares a minute with the hours is open, and the evening before reaches into the first day.
    let hours = queue.hours_in(&request.days);
    let grid = request.grid();
    let open = |at: Span| hours.iter().any(|hours| hours.overlap(at) > Minutes::ZERO);
    let expected = grid.indices().zip(forecast.intervals.values());
    let expected = expected.map(|(index, interval)| if open(grid.span(index)) { interval.calls_mean.max(0.0) } else { 0.0 });
    let policy = &request.staffing;
    let cv = if forecast.aht_cv > 0.0 { forecast.aht_cv } else { UNTOLD_AHT_CV };
    // (1 + shared^2) (1 + own^2) = 1 + cv^2.
    let own = (1.0 + day_factor_cv(forecast).powi(2)) / (1.0 + shared_cv.powi(2)) - 1.0;
    let talk = Times {
        shape: Shape::LogNormal { cv },
        mean_s: forecast.intervals.values().iter().map(|interval| interval.aht_s.max(0.0)).collect(),
    };
    Queue {
        day_factor: Shape::Gamma { cv: own.max(0.0).sqrt() },
        patience: forecast.patience_s.or(policy.patience_s).map(Times::exponential),
        threshold_s: policy.target.threshold_s,
        hard_share: request.wellbeing.hard_call_share.get(),
        ..Queue::plain(queue.id.as_str(), Arrivals::Expected(expected.collect()), talk)
    }
}

/// The groups so far: one for each set of queues with their priorities.
#[derive(Default)]
struct Groups {
    known: BTreeMap<Served, usize>,
    groups: Vec<Group>,
}

/// The queues of a group with their priorities, and the one whose calls its agents take first.
type Served = (Option<usize>, Vec<(usize, u32)>);

impl Groups {
    fn of(&mut self, signature: Served) -> usize {
        if let Some(known) = self.known.get(&signature) {
            return *known;
        }
        let index = self.groups.len();
        let first = signature.0;
        let serves = |(queue, priority): &(usize, u32)| match first {
            Some(first) if first == *queue => Serves::queue(*queue),
            Some(_) => Serves { call_rank: priority + 1, agent_rank: 1, ..Serves::queue(*queue) },
            None => Serves { call_rank: *priority, ..Serves::queue(*queue) },
        };
        let serves = signature.1.iter().map(serves).collect();
        self.groups.push(Group { name: format!("group {}", index + 1), serves, heads: Vec::new(), heads_after: None });
        self.known.insert(signature, index);
        index
    }
}

fn lay_out(request: &Request, agent: &people::Agent, rostered: &AgentRoster, groups: &mut Groups) -> Agent {
    let mut able = Vec::new();
    let mut proficiency = vec![1.0; request.queues.len()];
    for (n, queue) in request.queues.iter().enumerate() {
        if let Some(skill) = agent.skills.iter().find(|skill| skill.skill == queue.skill) {
            able.push((n, skill.priority));
            proficiency[n] = skill.proficiency;
        }
    }
    let mut pieces = Vec::new();
    for work in &agent.history.on_queue_in_horizon {
        let named = |queue: &usize| work.queues.is_empty() || work.queues.contains(&request.queues[*queue].id);
        let served: Vec<(usize, u32)> = able.iter().copied().filter(|(queue, _)| named(queue)).collect();
        let (span, first) = (work.span(&request.days), work.queues.first().filter(|_| request.limits_queues()));
        let first = first.and_then(|first| request.queues.iter().position(|queue| &queue.id == first));
        let (from_s, to_s) = (f64::from(span.start().get().max(0)) * 60.0, f64::from(span.end().get()) * 60.0);
        if !served.is_empty() {
            pieces.push(Piece { from_s, to_s, duty: Duty::Phones { group: groups.of((first, served)) } });
        }
    }
    for activity in rostered.shifts.iter().flat_map(|shift| &shift.activities) {
        let duty = match activity.kind {
            ActivityKind::OnQueue if request.limits_queues() && activity.queues.is_empty() => Duty::Away(Reason::OtherWork),
            ActivityKind::OnQueue => Duty::Phones { group: groups.of((first(request, activity), served(request, activity, &able))) },
            ActivityKind::RestBreak => Duty::Away(Reason::RestBreak),
            ActivityKind::Meal => Duty::Away(Reason::Meal),
            ActivityKind::Huddle => Duty::Away(Reason::Huddle),
            _ => Duty::Away(Reason::OtherWork),
        };
        let from_s = f64::from(activity.span.start().get()) * 60.0;
        let to_s = f64::from(activity.span.end().get()) * 60.0;
        pieces.push(Piece { from_s: from_s.max(0.0), to_s, duty });
    }
    pieces.retain(|piece| piece.from_s < piece.to_s);
    let plain = proficiency.iter().all(|speed| (speed - 1.0).abs() < f64::EPSILON);
    let proficiency = if plain { Vec::new() } else { proficiency };
    Agent { name: rostered.agent.as_str().to_owned(), proficiency, pieces }
}

/// The queues of an activity that the agent is able to serve; an activity without queues means all of them.
fn served(request: &Request, activity: &Activity, able: &[(usize, u32)]) -> Vec<(usize, u32)> {
    let named = |queue: usize| activity.queues.is_empty() || activity.queues.contains(&request.queues[queue].id);
    able.iter().copied().filter(|(queue, _)| named(*queue)).collect()
}

/// The queue whose calls come first, where the request asks for one.
fn first(request: &Request, activity: &Activity) -> Option<usize> {
    let first = activity.queues.first().filter(|_| request.limits_queues())?;
    request.queues.iter().position(|queue| &queue.id == first)
}

fn pools(request: &Request) -> Vec<Vec<usize>> {
    let mut pools: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    for (n, queue) in request.queues.iter().enumerate() {
        let agents = request.agents_of(queue);
        match pools.iter_mut().find(|(known, _)| *known == agents) {
            Some((_, queues)) => queues.push(n),
            None => pools.push((agents, vec![n])),
        }
    }
    pools.into_iter().map(|(_, queues)| queues).collect()
}
