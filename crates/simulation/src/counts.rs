//! What one replication counts: sums per queue and interval, per group and interval, per agent.
//!
//! A call counts in the interval in which it arrived; staffed and busy time count where they passed, inside the horizon. Only
//! sums are kept, so that every formula can be computed from them later.

use crate::prepared::Prepared;

/// The sums of a queue and interval.
pub(crate) const CALL_SUMS: usize = 11;
pub(crate) const ANSWERED_WITHIN: usize = 0;
pub(crate) const ANSWERED_LATE: usize = 1;
pub(crate) const ABANDONED_WITHIN: usize = 2;
pub(crate) const ABANDONED_LATE: usize = 3;
pub(crate) const SHORT_ABANDONS: usize = 4;
pub(crate) const ANSWERED_WAIT_S: usize = 5;
pub(crate) const ABANDONED_WAIT_S: usize = 6;
pub(crate) const HANDLE_S: usize = 7;
pub(crate) const BLOCKED: usize = 8;
/// Calls that did not find an agent at once.
pub(crate) const WAITED: usize = 9;
/// Time that calls spent waiting in this interval, whenever they came.
pub(crate) const WAITING_S: usize = 10;

/// The sums of a group and interval.
pub(crate) const LOAD_SUMS: usize = 2;
pub(crate) const BUSY_S: usize = 0;
pub(crate) const STAFFED_S: usize = 1;

/// Limits of the classes of break delays, in seconds; the last class is open.
pub(crate) const DELAY_LIMITS_S: [f64; 5] = [0.0, 60.0, 180.0, 300.0, 600.0];

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct AgentSums {
    pub(crate) busy_s: f64,
    pub(crate) staffed_s: f64,
    pub(crate) calls: f64,
    pub(crate) breaks: f64,
    pub(crate) break_delay_s: f64,
    pub(crate) overtime_s: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct BreakSums {
    pub(crate) taken: f64,
    pub(crate) delayed: f64,
    pub(crate) delay_s: f64,
    pub(crate) longest_delay_s: f64,
    /// Breaks whose delay is at most the limit of the class and above that of the one before.
    pub(crate) classes: [f64; DELAY_LIMITS_S.len() + 1],
}

impl BreakSums {
    pub(crate) fn add(&mut self, delay_s: f64) {
        self.taken += 1.0;
        self.delay_s += delay_s;
        self.delayed += f64::from(u8::from(delay_s > 0.0));
        self.longest_delay_s = self.longest_delay_s.max(delay_s);
        self.classes[DELAY_LIMITS_S.partition_point(|limit| *limit < delay_s)] += 1.0;
    }
}

/// All sums of a replication.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Counts {
    /// Queue by queue, interval by interval.
    pub(crate) calls: Vec<[f64; CALL_SUMS]>,
    /// Group by group, interval by interval.
    pub(crate) loads: Vec<[f64; LOAD_SUMS]>,
    /// Group by group: what passed after the horizon, until the last call was over.
    pub(crate) after: Vec<[f64; LOAD_SUMS]>,
    pub(crate) agents: Vec<AgentSums>,
    pub(crate) breaks: BreakSums,
    /// Calls that nobody could answer any more when the last agent had left.
    pub(crate) cut: f64,
    /// Attempts after the first.
    pub(crate) further_attempts: f64,
    pub(crate) recoveries: f64,
    pub(crate) follow_ups: f64,
    /// The most calls that waited at once, queue by queue, and in all.
    pub(crate) longest: Vec<u32>,
    interval_s: f64,
    /// One over it. An interval found by it may be one off at its edge, where nothing has passed.
    per_interval: f64,
    intervals: usize,
}

impl Counts {
    pub(crate) fn new(plan: &Prepared) -> Self {
        Self {
            calls: vec![[0.0; CALL_SUMS]; plan.queues.len() * plan.intervals],
            loads: vec![[0.0; LOAD_SUMS]; plan.groups.len() * plan.intervals],
            after: vec![[0.0; LOAD_SUMS]; plan.groups.len()],
            agents: vec![AgentSums::default(); plan.agents.len()],
            breaks: BreakSums::default(),
            cut: 0.0,
            further_attempts: 0.0,
            recoveries: 0.0,
            follow_ups: 0.0,
            longest: vec![0; plan.queues.len() + 1],
            interval_s: plan.interval_s,
            per_interval: 1.0 / plan.interval_s,
            intervals: plan.intervals,
        }
    }

    /// Adds the time that a call waited, interval by interval; what lies after the horizon is left out.
    pub(crate) fn add_waiting(&mut self, queue: u32, from_s: f64, to_s: f64) {
        let row = &mut self.calls[queue as usize * self.intervals..][..self.intervals];
        let mut from = from_s;
        for (n, cell) in row.iter_mut().enumerate().skip((from_s * self.per_interval) as usize) {
            let end = (n + 1) as f64 * self.interval_s;
            cell[WAITING_S] += to_s.min(end) - from;
            if to_s <= end {
                return;
            }
            from = end;
        }
    }

    /// Adds a piece of time to a group's sums, interval by interval, the rest after the horizon. Gives how much lies inside it.
    pub(crate) fn add_span(&mut self, group: u32, sum: usize, from_s: f64, to_s: f64) -> f64 {
        let row = &mut self.loads[group as usize * self.intervals..][..self.intervals];
        let first = (from_s * self.per_interval) as usize;
        let mut from = from_s;
        for (n, cell) in row.iter_mut().enumerate().skip(first) {
            let end = (n + 1) as f64 * self.interval_s;
            if to_s <= end {
                cell[sum] += to_s - from;
                return to_s - from_s;
            }
            cell[sum] += end - from;
            from = end;
        }
        self.after[group as usize][sum] += to_s - from;
        (from - from_s).max(0.0)
    }
}
