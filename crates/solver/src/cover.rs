//! What a roster covers, whoever made it: people on the phones counted for the pools they may serve, each once.
//!
//! Invariant: the count is the exact allocation of [`Coverage`], so a roster has the shortfall here that the search gave it. Agents
//! enter and leave one by one, so that a change is counted at the price of the agents it concerns. Where the request says who serves
//! which queue when, a piece of time on queue counts for the pools of the queues that it names.

use std::collections::BTreeSet;
use std::ops::Range;

use fika_model::grid::Curve;
use fika_model::roster::{Activity, ActivityKind, AgentRoster, Shift};
use fika_model::{ActivityId, AgentId, Minute, QueueId, Span};

use crate::coverage::Coverage;
use crate::problem::{PoolData, Problem};
use crate::weights::marginal;

/// A count of cover that agents can enter and leave.
#[derive(Debug, Clone)]
pub struct Cover<'p> {
    problem: &'p Problem,
    coverage: Coverage,
    /// The sets of pools that pieces name, where the request limits queues; those of the problem's groups first.
    groups: Vec<Vec<u16>>,
}

/// A run of time in which a pool is shorter than in another count.
#[derive(Debug, Clone, PartialEq)]
pub struct ShortRun {
    /// The pool's queues.
    pub queues: Vec<QueueId>,
    /// From when to when.
    pub span: Span,
    /// Person-minutes missing more over that time.
    pub person_minutes: f64,
    /// The most people missing more at once.
    pub most_people: u32,
}

/// Counts the cover of a roster. Agents that the problem does not know count for nobody.
pub fn cover<'p>(problem: &'p Problem, agents: &[AgentRoster]) -> Cover<'p> {
    let mut groups = problem.groups.clone();
    if problem.request.limits_queues() {
        let work = agents.iter().flat_map(|agent| &agent.shifts).flat_map(|shift| &shift.activities);
        let sets: BTreeSet<Vec<u16>> = work.map(|activity| pools_of(problem, activity)).collect();
        let known: BTreeSet<Vec<u16>> = groups.iter().cloned().collect();
        groups.extend(sets.difference(&known).cloned());
    }
    let mut cover = Cover { problem, coverage: Coverage::of(problem, groups.clone()), groups };
    for agent in agents {
        cover.enter(agent);
    }
    cover
}

impl Cover<'_> {
    /// Adds an agent's time on the phones, and at work in the back office.
    pub fn enter(&mut self, agent: &AgentRoster) {
        agent.shifts.iter().for_each(|shift| self.enter_shift(&agent.agent, shift));
    }

    /// Takes an agent's time away; it must have entered as it is now.
    pub fn leave(&mut self, agent: &AgentRoster) {
        agent.shifts.iter().for_each(|shift| self.leave_shift(&agent.agent, shift));
    }

    /// Adds what a shift of an agent holds.
    pub fn enter_shift(&mut self, agent: &AgentId, shift: &Shift) {
        self.each_cell(agent, shift, Coverage::add);
    }

    /// Takes a shift of an agent away; it must have entered as it is now.
    pub fn leave_shift(&mut self, agent: &AgentId, shift: &Shift) {
        self.each_cell(agent, shift, Coverage::remove);
    }

    /// Takes an agent off the phones for a time of which she was on them in every minute.
    pub fn take_off(&mut self, agent: &AgentId, span: Span) {
        if let Some(group) = self.group(agent) {
            let cells = self.cells(span);
            self.coverage.remove(group, cells);
        }
    }

    /// Puts an agent back on the phones for a time in which she was not.
    pub fn put_on(&mut self, agent: &AgentId, span: Span) {
        if let Some(group) = self.group(agent) {
            let cells = self.cells(span);
            self.coverage.add(group, cells);
        }
    }

    /// What one more minute of this agent on the phones is worth, by step of a time; see [`SHORT_MINUTE`] for the unit.
    pub fn worth_on_phones(&self, agent: &AgentId, span: Span) -> Vec<i64> {
        self.group(agent).map_or_else(Vec::new, |group| self.prices(group, span))
    }

    /// What one more person at a work in the back office is worth, by step of a time.
    pub fn worth_at(&self, work: &ActivityId, span: Span) -> Vec<i64> {
        let group = self.problem.works.iter().find(|(known, _)| known == work).map(|(_, group)| *group);
        group.map_or_else(Vec::new, |group| self.prices(group, span))
    }

    fn prices(&self, group: u32, span: Span) -> Vec<i64> {
        let mut prices = Vec::new();
        self.coverage.read_prices(group, self.cells(span), &mut prices);
        prices
    }

    /// Worth of everybody who is there; larger is better.
    pub fn worth(&self) -> i64 {
        self.coverage.gained()
    }

    /// The cells of which all minutes lie in a time.
    fn cells(&self, span: Span) -> Range<usize> {
        let step = self.problem.step as i32;
        let first = (span.start().get().max(0) + step - 1) / step;
        let last = (span.end().get().max(0) / step).min(self.problem.horizon_cells as i32);
        first as usize..last.max(first) as usize
    }

    fn each_cell(&mut self, agent: &AgentId, shift: &Shift, mut apply: impl FnMut(&mut Coverage, u32, Range<usize>)) {
        let Some(own) = self.group(agent) else { return };
        for activity in &shift.activities {
            let group =
                if activity.kind == ActivityKind::OnQueue { Some(self.named(activity, own)) } else { self.problem.work_group(activity) };
            if let Some(group) = group {
                let cells = self.cells(activity.span);
                apply(&mut self.coverage, group, cells);
            }
        }
    }

    /// The group of those who serve what a piece of time on queue names, where the request limits queues; the agent's own where that is all
    /// that she can serve.
    fn named(&self, activity: &Activity, own: u32) -> u32 {
        if !self.problem.request.limits_queues() {
            return own;
        }
        let pools = pools_of(self.problem, activity);
        let calls = self.groups[own as usize].iter().filter(|pool| !self.problem.pools[usize::from(**pool)].queues.is_empty());
        if calls.eq(&pools) {
            return own;
        }
        self.groups.iter().position(|group| *group == pools).map_or(own, |group| group as u32)
    }

    /// What the people missing cost, as the score's level of service has it.
    pub fn service(&self) -> i64 {
        let pools = self.problem.pools.iter().enumerate();
        let of = |(pool, data): (usize, &PoolData)| -> i64 {
            let missing = |cell: usize| {
                let filled = self.coverage.filled(pool, cell);
                (filled..data.required[cell]).map(|present| marginal(data.required[cell], present)).sum::<i64>()
            };
            (0..self.problem.horizon_cells).map(missing).sum()
        };
        // `marginal` is in hundredths of the score's unit of service.
        pools.map(of).sum::<i64>() * i64::from(self.problem.step) / 100
    }

    fn group(&self, agent: &AgentId) -> Option<u32> {
        let agents = &self.problem.request.agents;
        let found = self.problem.people.binary_search_by(|person| agents[person.position].id.cmp(agent)).ok()?;
        Some(self.problem.people[found].group)
    }

    /// Person-minutes short of the requirement over all pools.
    pub fn shortfall_minutes(&self) -> f64 {
        self.coverage.short_cells() as f64 * f64::from(self.problem.step)
    }

    /// Person-minutes short in a piece of time, over all pools.
    pub fn shortfall_in(&self, span: Span) -> f64 {
        let step = self.problem.step as i32;
        let cells = (span.start().get().max(0) / step)..(span.end().get().max(0) / step).min(self.problem.horizon_cells as i32);
        let short = |cell: i32| (0..self.problem.pools.len()).map(|pool| u64::from(self.coverage.short(pool, cell as usize))).sum::<u64>();
        cells.map(short).sum::<u64>() as f64 * f64::from(self.problem.step)
    }

    /// Where more is short than in another count of the same problem: when it begins to be, the length of that run, and the
    /// person-minutes in it; the worst run of all.
    pub fn worst_against(&self, other: &Self) -> Option<(Span, f64)> {
        let step = self.problem.step;
        let short =
            |cover: &Self, cell: usize| (0..self.problem.pools.len()).map(|p| i64::from(cover.coverage.short(p, cell))).sum::<i64>();
        let mut worst: Option<(Span, f64)> = None;
        let mut run: Option<(usize, i64)> = None;
        for cell in 0..=self.problem.horizon_cells {
            let more = if cell < self.problem.horizon_cells { short(self, cell) - short(other, cell) } else { 0 };
            run = match (run, more) {
                (None, 1..) => Some((cell, more)),
                (Some((from, sum)), 1..) => Some((from, sum + more)),
                (Some((from, sum)), _) => {
                    let at = |cell: usize| Minute::new((cell as u32 * step) as i32);
                    let minutes = sum as f64 * f64::from(step);
                    if worst.is_none_or(|(_, most)| minutes > most) {
                        worst = Some((Span::between(at(from), at(cell)), minutes));
                    }
                    None
                }
                (None, _) => None,
            };
        }
        worst
    }

    /// The runs of time in which a pool is shorter than in another count of the same problem.
    pub fn short_beyond(&self, other: &Self) -> Vec<ShortRun> {
        let step = self.problem.step;
        let at = |cell: usize| Minute::new((cell as u32 * step) as i32);
        let mut runs = Vec::new();
        for (pool, data) in self.problem.pools.iter().enumerate() {
            let more = |cell: &usize| self.coverage.short(pool, *cell).saturating_sub(other.coverage.short(pool, *cell));
            let cells: Vec<usize> = (0..self.problem.horizon_cells).filter(|cell| more(cell) > 0).collect();
            runs.extend(cells.chunk_by(|a, b| a + 1 == *b).map(|run| ShortRun {
                queues: data.queues.clone(),
                span: Span::between(at(run[0]), at(run[run.len() - 1] + 1)),
                person_minutes: f64::from(run.iter().map(more).sum::<u32>()) * f64::from(step),
                most_people: run.iter().map(more).max().unwrap_or_default(),
            }));
        }
        runs
    }

    /// Per pool, the people counted for it by interval, as a mean over the interval.
    pub fn allocation(&self) -> Vec<Curve<f64>> {
        let problem = self.problem;
        let per = (problem.request.interval.minutes() / problem.step) as usize;
        let mean = |pool: usize, interval: usize| {
            let cells = (interval * per)..((interval + 1) * per);
            cells.map(|cell| f64::from(self.coverage.filled(pool, cell))).sum::<f64>() / per as f64
        };
        (0..problem.pools.len()).map(|pool| Curve::from_fn(problem.request.grid(), |interval| mean(pool, interval.get()))).collect()
    }
}

/// The pools of the queues that a piece names, in order.
fn pools_of(problem: &Problem, activity: &Activity) -> Vec<u16> {
    let names = |pool: &PoolData| pool.queues.iter().any(|queue| activity.queues.contains(queue));
    problem.pools.iter().enumerate().filter(|(_, pool)| names(pool)).map(|(n, _)| n as u16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{checked, parts};
    use crate::problem::Pool;
    use crate::solve::{StepQuota, solve};
    use fika_model::Minutes;
    use fika_model::people::EarlierWork;

    fn problem(people: u32) -> Problem {
        let request = checked(parts(4, 2, |minute| if (480..960).contains(&(minute % 1440)) { f64::from(people) } else { 0.0 }));
        let grid = request.grid();
        let required = Curve::from_fn(grid, |at| if (32..64).contains(&(at.get() % 96)) { people } else { 0 });
        let pool = Pool { queues: vec![QueueId::new("line").expect("an id")], work: None, agents: (0..4).collect(), required };
        Problem::new(&request, vec![pool]).expect("a sound problem")
    }

    #[test]
    fn a_solved_roster_has_the_shortfall_and_allocation_that_the_search_gave_it() {
        for people in 0..5 {
            let problem = problem(people);
            let solution = solve(&problem, &StepQuota(200), &mut |_| ());
            let cover = cover(&problem, &solution.agents);
            assert!((cover.shortfall_minutes() - solution.shortfall_minutes).abs() < 1e-9, "{people}");
            assert_eq!(cover.allocation(), solution.allocation);
            assert!((cover.shortfall_in(problem.request.days.span()) - solution.shortfall_minutes).abs() < 1e-9);
        }
    }

    #[test]
    fn who_leaves_and_enters_again_changes_nothing_and_who_leaves_is_missed_where_she_was() {
        let problem = problem(4);
        let solution = solve(&problem, &StepQuota(200), &mut |_| ());
        let whole = cover(&problem, &solution.agents);
        let mut other = whole.clone();
        let gone = solution.agents.iter().find(|agent| !agent.shifts.is_empty()).expect("somebody works");
        other.leave(gone);
        let (span, minutes) = other.worst_against(&whole).expect("she is missed");
        assert!(gone.shifts[0].span.covers(span) || gone.shifts[1].span.covers(span));
        assert!(minutes > 0.0 && other.shortfall_minutes() >= whole.shortfall_minutes() + minutes);
        other.enter(gone);
        assert_eq!((other.shortfall_minutes(), other.worst_against(&whole)), (whole.shortfall_minutes(), None));
    }

    #[test]
    fn a_night_that_ends_in_the_horizon_is_cover() {
        let told = |minutes: Option<u16>| {
            let mut parts = parts(4, 2, |_| 0.0);
            let work = |minutes| EarlierWork { start: parts.days.start(), length: Minutes::of(minutes), queues: Vec::new() };
            parts.agents[0].history.on_queue_in_horizon = minutes.map(work).into_iter().collect();
            let request = checked(parts);
            // From midnight to two, when nobody can begin; and by day.
            let required = Curve::from_fn(request.grid(), |at| u32::from(at.get() < 8 || (32..64).contains(&at.get())));
            let pool = Pool { queues: vec![QueueId::new("line").expect("an id")], work: None, agents: (0..4).collect(), required };
            let problem = Problem::new(&request, vec![pool]).expect("a sound problem");
            let solution = solve(&problem, &StepQuota(200), &mut |_| ());
            let counted = cover(&problem, &solution.agents);
            assert!((counted.shortfall_minutes() - solution.shortfall_minutes).abs() < 1e-9 && counted.allocation() == solution.allocation);
            let early: f64 = solution.allocation[0].values()[..8].iter().sum::<f64>() * 15.0;
            (solution.shortfall_minutes as u32, solution.bound_minutes as u32, early as u32)
        };
        assert_eq!(told(None), (120, 120, 0));
        assert_eq!(told(Some(90)), (30, 30, 90));
        assert_eq!(told(Some(240)), (0, 0, 120));
    }
}
