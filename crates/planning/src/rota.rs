//! The rota of a request that says who serves which queue when: what is wanted of each queue, the solution with the rota in it, and how
//! the time on queue was shared.
//!
//! Invariant: a solution with its rota has the cover that the rota leaves. Where the limits of hard queues leave callers alone, that is
//! told as a shortfall of its own; the limits stand.

use fika_model::demand::DemandSource;
use fika_model::forecast::QueueForecast;
use fika_model::roster::{AgentRoster, HardQueueShare, Predicted, Roster, Shortfall, Variety};
use fika_model::{Activity, ActivityKind, Curve, IntervalIndex, Minutes, QueueId, Request, Shift, Span};
use fika_solver::{Problem, RotaTerms, ShortRun, Solution, cover, lay_rota};

use crate::forecasting::on_grid;
use crate::hours::open;
use crate::making::Making;
use crate::pools::PoolDemand;

/// The binding rule of what a hard queue's limit leaves short.
pub(crate) const BINDING: &str = "hard-queue-limit";

/// The solution with a rota laid over its shifts, and its cover counted again.
pub(crate) fn laid(making: &Making<'_>, problem: &Problem, solution: &Solution, headroom: u32) -> Solution {
    let (kept, frozen_until) = making.stays.map_or((&[][..], None), |(roster, frozen_until)| (&roster.agents[..], frozen_until));
    let wanted = wanted(making.request, &making.pools, making.forecasts.as_deref());
    let agents = lay_rota(making.request, &solution.agents, &RotaTerms { wanted: &wanted, kept, frozen_until, headroom });
    counted(problem, solution, agents)
}

/// A solution with these rosters and what they cover.
pub(crate) fn counted(problem: &Problem, solution: &Solution, agents: Vec<AgentRoster>) -> Solution {
    let (before, after) = (cover(problem, &solution.agents), cover(problem, &agents));
    let mut counted = Solution { agents, allocation: after.allocation(), shortfall_minutes: after.shortfall_minutes(), ..solution.clone() };
    counted.score.service = after.service();
    counted.shortfalls.extend(after.short_beyond(&before).into_iter().map(lost));
    counted.shortfalls.sort_by(|a, b| b.person_minutes.total_cmp(&a.person_minutes).then_with(|| a.span.cmp(&b.span)));
    counted
}

/// What is short where it was not before.
fn lost(run: ShortRun) -> Shortfall {
    let names = run.queues.iter().map(QueueId::as_str).collect::<Vec<_>>().join(", ");
    Shortfall {
        queues: run.queues,
        work: None,
        span: run.span,
        person_minutes: run.person_minutes,
        most_people: f64::from(run.most_people),
        binding: BINDING.to_owned(),
        reason: format!("{names}: the minutes that each agent may serve a hard queue in a day are used up"),
    }
}

/// People wanted on each queue of the request. What several queues of a pool need together is shared by their load.
pub(crate) fn wanted(request: &Request, pools: &[PoolDemand], forecasts: Option<&[QueueForecast]>) -> Vec<Curve<f64>> {
    let grid = request.grid();
    let loads: Vec<Curve<f64>> = request.queues.iter().map(|queue| load(request, forecasts, &queue.id)).collect();
    let curve = |(n, queue): (usize, &fika_model::request::Queue)| {
        let demand = pools.iter().find(|demand| demand.pool.queues.contains(&queue.id));
        let of_pool = |id: &QueueId| demand.is_some_and(|demand| demand.pool.queues.contains(id));
        let open = open(request, queue);
        Curve::from_fn(grid, |index: IntervalIndex| {
            let required = demand.and_then(|demand| demand.pool.required.at(index)).map_or(0.0, |people| f64::from(*people));
            let at = |n: usize| loads[n].at(index).copied().unwrap_or_default();
            let together: f64 = request.queues.iter().enumerate().filter(|(_, queue)| of_pool(&queue.id)).map(|(n, _)| at(n)).sum();
            let share = if together > 0.0 { at(n) / together } else { 0.0 };
            if open.at(index) == Some(&true) { required * share } else { 0.0 }
        })
    };
    request.queues.iter().enumerate().map(curve).collect()
}

/// The load of a queue, in any unit that its pool's other queues have too.
fn load(request: &Request, forecasts: Option<&[QueueForecast]>, queue: &QueueId) -> Curve<f64> {
    let grid = request.grid();
    if let Some(forecasts) = forecasts {
        let own = forecasts.iter().find(|forecast| &forecast.queue == queue);
        return Curve::from_fn(grid, |index| {
            own.and_then(|forecast| forecast.intervals.at(index)).map_or(0.0, |cell| cell.calls_mean * cell.aht_s)
        });
    }
    let given = match &request.demand {
        DemandSource::Required(given) => given.iter().find(|(id, _)| id == queue).and_then(|(_, curve)| on_grid(curve, grid)),
        _ => None,
    };
    given.unwrap_or_else(|| Curve::from_fn(grid, |_| 0.0))
}

/// Rosters in which everybody serves all her queues alike, as the search makes them.
pub(crate) fn widened(request: &Request, mut agents: Vec<AgentRoster>) -> Vec<AgentRoster> {
    if !request.limits_queues() {
        return agents;
    }
    for entry in &mut agents {
        let Some(agent) = request.agents.iter().find(|agent| agent.id == entry.agent) else { continue };
        let has = |queue: &&fika_model::request::Queue| agent.skills.iter().any(|own| own.skill == queue.skill);
        let mut queues: Vec<QueueId> = request.queues.iter().filter(has).map(|queue| queue.id.clone()).collect();
        queues.sort();
        for shift in &mut entry.shifts {
            let mut activities: Vec<Activity> = Vec::new();
            for mut activity in std::mem::take(&mut shift.activities) {
                let on_queue = activity.kind == ActivityKind::OnQueue;
                if let Some(last) = activities.last_mut().filter(|last| on_queue && last.kind == ActivityKind::OnQueue) {
                    last.span = Span::between(last.span.start(), activity.span.end());
                    continue;
                }
                if on_queue {
                    activity.queues.clone_from(&queues);
                }
                activities.push(activity);
            }
            shift.activities = activities;
        }
    }
    agents
}

/// How the time on queue of a roster is shared.
pub(crate) fn variety(request: &Request, roster: &Roster, service_level_without: Option<Predicted>) -> Variety {
    let serves = |entry: &AgentRoster, queue: &fika_model::request::Queue| {
        let agent = request.agents.iter().find(|agent| agent.id == entry.agent);
        agent.is_some_and(|agent| agent.skills.iter().any(|own| own.skill == queue.skill))
    };
    let hard: Vec<_> = request.queues.iter().filter(|queue| queue.is_hard()).collect();
    let on = |entry: &AgentRoster, queue: &QueueId| -> i64 {
        let work = entry.shifts.iter().flat_map(|shift| &shift.activities).filter(|a| a.queues.contains(queue));
        work.map(|activity| i64::from(activity.span.length().get())).sum()
    };
    let share = |queue: &&fika_model::request::Queue| {
        let sharing = roster.agents.iter().filter(|entry| !entry.shifts.is_empty() && serves(entry, queue));
        let minutes: Vec<i64> = sharing.map(|entry| on(entry, &queue.id)).collect();
        HardQueueShare {
            queue: queue.id.clone(),
            people: minutes.len() as u32,
            minutes: minutes.iter().sum(),
            range: (minutes.iter().copied().min().unwrap_or_default(), minutes.iter().copied().max().unwrap_or_default()),
            gini: gini(&minutes),
        }
    };
    let shifts = || roster.agents.iter().flat_map(|entry| entry.shifts.iter().map(move |shift| (entry, shift)));
    Variety {
        longest: shifts().map(|(entry, shift)| longest(request, entry, shift)).max().unwrap_or_default(),
        changes: shifts().map(|(_, shift)| changes(shift)).sum(),
        service_level_without,
        hard_queues: hard.iter().map(share).collect(),
    }
}

/// The longest run of a shift on one queue while another that is not hard is open; zero for who can serve one only.
fn longest(request: &Request, entry: &AgentRoster, shift: &Shift) -> Minutes {
    let Some(agent) = request.agents.iter().find(|agent| agent.id == entry.agent) else { return Minutes::ZERO };
    let others: Vec<_> =
        request.queues.iter().filter(|queue| !queue.is_hard() && agent.skills.iter().any(|own| own.skill == queue.skill)).collect();
    let hours: Vec<(&QueueId, Vec<Span>)> = others.iter().map(|queue| (&queue.id, queue.hours_in(&request.days))).collect();
    let counts = |activity: &Activity, lead: &QueueId| {
        let open = |minute: &i32| {
            hours.iter().any(|(id, hours)| *id != lead && hours.iter().any(|span| span.holds(fika_model::Minute::new(*minute))))
        };
        (activity.span.start().get()..activity.span.end().get()).filter(open).count() as i64
    };
    let (mut longest, mut run, mut lead) = (0, 0, None);
    for activity in &shift.activities {
        if activity.kind == ActivityKind::OnQueue {
            let first = activity.queues.first();
            run = if first == lead { run } else { 0 } + first.map_or(0, |first| counts(activity, first));
            lead = first;
        } else if !activity.kind.is_break() {
            (run, lead) = (0, None);
        }
        longest = longest.max(run);
    }
    Minutes::new(longest).unwrap_or_default()
}

/// Changes from one first queue to another.
fn changes(shift: &Shift) -> u32 {
    let firsts: Vec<_> = shift.activities.iter().filter_map(|activity| activity.queues.first()).collect();
    firsts.windows(2).filter(|pair| pair[0] != pair[1]).count() as u32
}

/// The Gini coefficient: half the mean difference of two of them, over their mean.
fn gini(values: &[i64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let (people, sum) = (sorted.len() as i64, sorted.iter().sum::<i64>());
    if sum == 0 {
        return 0.0;
    }
    let weighted: i64 = sorted.iter().zip(1..).map(|(value, rank): (&i64, i64)| value * (2 * rank - people - 1)).sum();
    weighted as f64 / (people * sum) as f64
}

#[cfg(test)]
mod tests;
