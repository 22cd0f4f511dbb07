//! Folds the counts of one replication after another into a report. The order is that of the replications, whoever ran them.

use crate::counts::{AgentSums, BUSY_S, BreakSums, CALL_SUMS, Counts, LOAD_SUMS, STAFFED_S};
use crate::moments::Moments;
use crate::prepared::{GroupPlan, Prepared};

use super::{AgentReport, BreakReport, CallTally, LoadReport, LoadTally, Report, SliceReport, counts_of, delay_classes};

/// A report in the making.
pub(crate) struct Folder<'a> {
    plan: &'a Prepared,
    replications: u32,
    queues: Vec<SliceReport>,
    pools: Vec<SliceReport>,
    total: SliceReport,
    groups: Vec<LoadReport>,
    /// The groups of each slice: of the queues, the pools, the total.
    serving: Vec<Vec<usize>>,
    agents: Vec<AgentSums>,
    agent_loads: Vec<Moments<LOAD_SUMS>>,
    breaks: BreakSums,
    break_tally: Moments<3>,
    /// Calls cut, further attempts, follow-ups, recoveries.
    extras: Moments<4>,
}

fn slice(plan: &Prepared, queues: Vec<usize>) -> SliceReport {
    let tally = || CallTally(Moments::new());
    SliceReport {
        queues,
        intervals: (0..plan.intervals).map(|_| tally()).collect(),
        days: (0..plan.days).map(|_| tally()).collect(),
        whole: tally(),
        by_day: Vec::new(),
        load: load(plan),
        lengths_s: (plan.interval_s, length_s(plan)),
        longest: Moments::new(),
    }
}

/// The horizon after the warm-up.
fn length_s(plan: &Prepared) -> f64 {
    (plan.intervals - plan.warm_up_intervals) as f64 * plan.interval_s
}

fn load(plan: &Prepared) -> LoadReport {
    let tally = || LoadTally(Moments::new());
    let intervals = (0..plan.intervals).map(|_| tally()).collect();
    LoadReport { intervals, whole: tally(), to_last_call: tally(), length_s: length_s(plan) }
}

fn add_to<const N: usize>(sums: &mut [f64; N], values: &[f64; N]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

fn fold_calls(plan: &Prepared, counts: &Counts, slice: &mut SliceReport) {
    let mut days = vec![[0.0; CALL_SUMS]; plan.days];
    for (n, tally) in slice.intervals.iter_mut().enumerate() {
        let mut cell = [0.0; CALL_SUMS];
        for queue in &slice.queues {
            add_to(&mut cell, &counts.calls[queue * plan.intervals + n]);
        }
        tally.0.add(&cell);
        if n >= plan.warm_up_intervals {
            add_to(&mut days[plan.day_of_interval[n] as usize], &cell);
        }
    }
    let mut whole = [0.0; CALL_SUMS];
    for (day, tally) in days.iter().zip(&mut slice.days) {
        tally.0.add(day);
        slice.by_day.push(counts_of(day));
        add_to(&mut whole, day);
    }
    slice.whole.0.add(&whole);
}

/// The groups that serve one of the queues.
fn serving(plan: &Prepared, queues: &[usize]) -> Vec<usize> {
    let serves = |group: &GroupPlan| group.services.iter().any(|service| queues.contains(&(service.queue as usize)));
    (0..plan.groups.len()).filter(|group| serves(&plan.groups[*group])).collect()
}

fn fold_loads(plan: &Prepared, counts: &Counts, groups: &[usize], report: &mut LoadReport) {
    let mut cells = vec![[0.0; LOAD_SUMS]; plan.intervals];
    let mut after = [0.0; LOAD_SUMS];
    for group in groups {
        for (sum, cell) in cells.iter_mut().zip(&counts.loads[group * plan.intervals..][..plan.intervals]) {
            add_to(sum, cell);
        }
        add_to(&mut after, &counts.after[*group]);
    }
    fold_load(report, plan.warm_up_intervals, &cells, &after);
}

fn fold_load(report: &mut LoadReport, warm_up: usize, cells: &[[f64; LOAD_SUMS]], after: &[f64; LOAD_SUMS]) {
    let mut whole = [0.0; LOAD_SUMS];
    for (n, (tally, cell)) in report.intervals.iter_mut().zip(cells).enumerate() {
        tally.0.add(cell);
        if n >= warm_up {
            add_to(&mut whole, cell);
        }
    }
    report.whole.0.add(&whole);
    add_to(&mut whole, after);
    report.to_last_call.0.add(&whole);
}

impl<'a> Folder<'a> {
    pub(crate) fn new(plan: &'a Prepared) -> Self {
        let alone = (0..plan.queues.len()).map(|queue| vec![queue]);
        let slices = alone.chain(plan.pools.iter().cloned()).chain([(0..plan.queues.len()).collect()]);
        Self {
            plan,
            replications: 0,
            queues: (0..plan.queues.len()).map(|queue| slice(plan, vec![queue])).collect(),
            pools: plan.pools.iter().map(|queues| slice(plan, queues.clone())).collect(),
            total: slice(plan, (0..plan.queues.len()).collect()),
            groups: plan.groups.iter().map(|_| load(plan)).collect(),
            serving: slices.map(|queues| serving(plan, &queues)).collect(),
            agents: vec![AgentSums::default(); plan.agents.len()],
            agent_loads: vec![Moments::new(); plan.agents.len()],
            breaks: BreakSums::default(),
            break_tally: Moments::new(),
            extras: Moments::new(),
        }
    }

    pub(crate) fn add(&mut self, counts: &Counts) {
        self.replications += 1;
        let slices = self.queues.iter_mut().chain(&mut self.pools).chain([&mut self.total]);
        for (slice, serving) in slices.zip(&self.serving) {
            fold_calls(self.plan, counts, slice);
            fold_loads(self.plan, counts, serving, &mut slice.load);
        }
        for (group, report) in self.groups.iter_mut().enumerate() {
            fold_loads(self.plan, counts, &[group], report);
        }
        for (slice, longest) in self.queues.iter_mut().chain([&mut self.total]).zip(&counts.longest) {
            slice.longest.add(&[f64::from(*longest)]);
        }
        for ((sum, load), agent) in self.agents.iter_mut().zip(&mut self.agent_loads).zip(&counts.agents) {
            let mut cell = [0.0; LOAD_SUMS];
            (cell[BUSY_S], cell[STAFFED_S]) = (agent.busy_s, agent.staffed_s);
            load.add(&cell);
            sum.busy_s += agent.busy_s;
            sum.staffed_s += agent.staffed_s;
            sum.calls += agent.calls;
            sum.breaks += agent.breaks;
            sum.break_delay_s += agent.break_delay_s;
            sum.overtime_s += agent.overtime_s;
        }
        let breaks = &counts.breaks;
        self.break_tally.add(&[breaks.taken, breaks.delayed, breaks.delay_s]);
        self.breaks.taken += breaks.taken;
        self.breaks.longest_delay_s = self.breaks.longest_delay_s.max(breaks.longest_delay_s);
        add_to(&mut self.breaks.classes, &breaks.classes);
        self.extras.add(&[counts.cut, counts.further_attempts, counts.follow_ups, counts.recoveries]);
    }

    pub(crate) fn finish(self, seed: u64) -> Report {
        let extra = |place: usize| self.extras.estimate(&std::array::from_fn(|n| if n == place { 1.0 } else { 0.0 }));
        Report {
            replications: self.replications,
            seed,
            interval_s: self.plan.interval_s,
            queues: self.queues,
            pools: self.pools,
            simulated_calls: self.total.by_day.iter().map(fika_model::ServiceCounts::offered).sum(),
            total: self.total,
            groups: self.groups,
            agents: self.agents.iter().zip(&self.agent_loads).map(|(sums, load)| AgentReport::of(sums, load, self.replications)).collect(),
            breaks: BreakReport {
                tally: self.break_tally,
                longest_delay_s: self.breaks.longest_delay_s,
                delay_classes: delay_classes(&self.breaks.classes, self.breaks.taken),
            },
            cut: extra(0),
            further_attempts: extra(1),
            follow_ups: extra(2),
            recoveries: extra(3),
        }
    }
}
