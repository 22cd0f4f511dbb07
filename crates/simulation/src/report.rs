//! What a simulation tells: per queue, pool and all; per interval, day and whole; per group and agent; and how late breaks began.
//!
//! Tallies keep counts, so every service-level formula can be asked of any of them. Figures are means over replications.

use fika_model::roster::Predicted;
use fika_model::{ServiceCounts, ServiceLevelFormula};

use crate::counts::{
    ABANDONED_LATE, ABANDONED_WAIT_S, ABANDONED_WITHIN, ANSWERED_LATE, ANSWERED_WAIT_S, ANSWERED_WITHIN, AgentSums, BLOCKED, BUSY_S,
    CALL_SUMS, DELAY_LIMITS_S, HANDLE_S, LOAD_SUMS, SHORT_ABANDONS, STAFFED_S, WAITED, WAITING_S,
};
use crate::moments::{Estimate, Moments};

mod fold;

pub(crate) use fold::Folder;

/// The result of a simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Replications made.
    pub replications: u32,
    /// The seed.
    pub seed: u64,
    /// Length of an interval, in seconds.
    pub interval_s: f64,
    /// Queue by queue.
    pub queues: Vec<SliceReport>,
    /// Pool by pool, as the scenario lists them.
    pub pools: Vec<SliceReport>,
    /// All queues together.
    pub total: SliceReport,
    /// Group by group. The load of all groups that serve any queue is [`Report::total`]'s.
    pub groups: Vec<LoadReport>,
    /// Agent by agent, those without names last.
    pub agents: Vec<AgentReport>,
    /// Breaks and their delays.
    pub breaks: BreakReport,
    /// Calls that nobody could answer any more at the end; they count as abandoned.
    pub cut: Estimate,
    /// Attempts after the first.
    pub further_attempts: Estimate,
    /// Calls of callers who were served before.
    pub follow_ups: Estimate,
    /// Recoveries after hard calls.
    pub recoveries: Estimate,
    /// Calls simulated in all replications together.
    pub simulated_calls: f64,
}

/// Some queues as one.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceReport {
    /// The queues.
    pub queues: Vec<usize>,
    /// Interval by interval.
    pub intervals: Vec<CallTally>,
    /// Day by day.
    pub days: Vec<CallTally>,
    /// The horizon after the warm-up.
    pub whole: CallTally,
    /// The counts of each simulated day: all days of the first replication, then of the second, and so on.
    pub by_day: Vec<ServiceCounts>,
    /// The load of every group that serves one of the queues, with all that it does, for other queues too.
    pub load: LoadReport,
    /// Length of an interval, and of the horizon after the warm-up, in seconds.
    lengths_s: (f64, f64),
    longest: Moments<1>,
}

impl SliceReport {
    /// The quantile `share` (0 to 1) of the service level over simulated days, linear between neighbours; `None` when no day has calls.
    pub fn day_quantile(&self, formula: ServiceLevelFormula, share: f64) -> Option<f64> {
        let mut levels: Vec<f64> = self.by_day.iter().filter_map(|counts| formula.level(counts)).collect();
        levels.sort_by(f64::total_cmp);
        let last = levels.len().checked_sub(1)?;
        let at = share.clamp(0.0, 1.0) * last as f64;
        let (below, above) = (levels[at.floor() as usize], levels[at.ceil() as usize]);
        Some(below + (above - below) * at.fract())
    }

    /// The most calls that waited at once in a replication, warm-up included; for a single queue and for all queues together, 0 for pools.
    pub fn longest_queue(&self) -> Estimate {
        self.longest.estimate(&[1.0])
    }

    /// Calls that wait, mean over the horizon after the warm-up.
    pub fn queue_length(&self) -> Estimate {
        self.whole.waiting_over(self.lengths_s.1)
    }

    /// Calls that wait, mean over an interval; `None` where there is no such interval.
    pub fn queue_length_of(&self, interval: usize) -> Option<Estimate> {
        self.intervals.get(interval).map(|tally| tally.waiting_over(self.lengths_s.0))
    }

    /// The service level of the horizon as a prediction: mean, interval, and what nine days of ten exceed.
    pub fn predicted(&self, formula: ServiceLevelFormula) -> Option<Predicted> {
        let level = self.whole.service_level(formula)?;
        let p10 = self.day_quantile(formula, 0.1)?;
        Some(Predicted { mean: level.mean, interval: (level.low, level.high), p10 })
    }
}

/// Calls of some queues in some time.
#[derive(Debug, Clone, PartialEq)]
pub struct CallTally(Moments<CALL_SUMS>);

fn form<const N: usize>(columns: &[usize]) -> [f64; N] {
    let mut form = [0.0; N];
    for column in columns {
        form[*column] = 1.0;
    }
    form
}

const ANSWERED: [usize; 2] = [ANSWERED_WITHIN, ANSWERED_LATE];
const ABANDONED: [usize; 2] = [ABANDONED_WITHIN, ABANDONED_LATE];
const OFFERED: [usize; 4] = [ANSWERED_WITHIN, ANSWERED_LATE, ABANDONED_WITHIN, ABANDONED_LATE];

impl CallTally {
    fn mean_of(&self, columns: &[usize]) -> f64 {
        self.0.mean(&form(columns))
    }

    fn ratio(&self, above: &[usize], below: &[usize]) -> Option<Estimate> {
        self.0.ratio(&form(above), &form(below))
    }

    /// Calls by outcome, mean over replications.
    pub fn counts(&self) -> ServiceCounts {
        counts_of(&std::array::from_fn(|column| self.mean_of(&[column])))
    }

    /// Calls offered.
    pub fn offered(&self) -> Estimate {
        self.0.estimate(&form(&OFFERED))
    }

    /// Calls answered.
    pub fn answered(&self) -> Estimate {
        self.0.estimate(&form(&ANSWERED))
    }

    /// Calls answered within the threshold.
    pub fn answered_within(&self) -> Estimate {
        self.0.estimate(&form(&[ANSWERED_WITHIN]))
    }

    /// Calls answered after the threshold.
    pub fn answered_late(&self) -> Estimate {
        self.0.estimate(&form(&[ANSWERED_LATE]))
    }

    /// Calls abandoned within the threshold.
    pub fn abandoned_within(&self) -> Estimate {
        self.0.estimate(&form(&[ABANDONED_WITHIN]))
    }

    /// Calls abandoned.
    pub fn abandoned(&self) -> Estimate {
        self.0.estimate(&form(&ABANDONED))
    }

    /// Callers who heard the busy tone; they are not among the offered.
    pub fn blocked(&self) -> Estimate {
        self.0.estimate(&form(&[BLOCKED]))
    }

    /// The share of callers who heard the busy tone; `None` when nobody called.
    pub fn blocking(&self) -> Option<Estimate> {
        let called = [ANSWERED_WITHIN, ANSWERED_LATE, ABANDONED_WITHIN, ABANDONED_LATE, BLOCKED];
        self.ratio(&[BLOCKED], &called).map(|share| share.within(0.0, 1.0))
    }

    /// The service level by a formula, calls over calls; `None` without calls that count.
    pub fn service_level(&self, formula: ServiceLevelFormula) -> Option<Estimate> {
        let (above, below) = level_forms(formula);
        self.0.ratio(&above, &below).map(|level| level.within(0.0, 1.0))
    }

    /// Abandoned over offered.
    pub fn abandonment(&self) -> Option<Estimate> {
        self.ratio(&ABANDONED, &OFFERED).map(|share| share.within(0.0, 1.0))
    }

    /// Mean wait of answered calls, in seconds.
    pub fn asa_s(&self) -> Option<Estimate> {
        self.ratio(&[ANSWERED_WAIT_S], &ANSWERED).map(|wait| wait.within(0.0, f64::INFINITY))
    }

    /// Mean wait of all calls, abandoned ones included, in seconds.
    pub fn wait_s(&self) -> Option<Estimate> {
        self.ratio(&[ANSWERED_WAIT_S, ABANDONED_WAIT_S], &OFFERED).map(|wait| wait.within(0.0, f64::INFINITY))
    }

    /// Calls that did not find an agent at once, answered or not.
    pub fn waited(&self) -> Estimate {
        self.0.estimate(&form(&[WAITED]))
    }

    /// The share of the offered that did not find an agent at once.
    pub fn waited_share(&self) -> Option<Estimate> {
        self.ratio(&[WAITED], &OFFERED).map(|share| share.within(0.0, 1.0))
    }

    /// Mean wait of those who waited, abandoned ones included, in seconds.
    pub fn wait_of_waiting_s(&self) -> Option<Estimate> {
        self.ratio(&[ANSWERED_WAIT_S, ABANDONED_WAIT_S], &[WAITED]).map(|wait| wait.within(0.0, f64::INFINITY))
    }

    /// Mean wait of those who gave up, in seconds.
    pub fn wait_of_abandoned_s(&self) -> Option<Estimate> {
        self.ratio(&[ABANDONED_WAIT_S], &ABANDONED).map(|wait| wait.within(0.0, f64::INFINITY))
    }

    /// Calls that wait, mean over so many seconds.
    fn waiting_over(&self, seconds: f64) -> Estimate {
        self.0.estimate(&form(&[WAITING_S])).over(seconds).within(0.0, f64::INFINITY)
    }

    /// Mean handling time of answered calls (conversation and wrap-up), in seconds.
    pub fn aht_s(&self) -> Option<Estimate> {
        self.ratio(&[HANDLE_S], &ANSWERED).map(|time| time.within(0.0, f64::INFINITY))
    }
}

fn counts_of(sums: &[f64; CALL_SUMS]) -> ServiceCounts {
    ServiceCounts {
        answered_within: sums[ANSWERED_WITHIN],
        answered_late: sums[ANSWERED_LATE],
        abandoned_within: sums[ABANDONED_WITHIN],
        abandoned_late: sums[ABANDONED_LATE],
        short_abandons: sums[SHORT_ABANDONS],
    }
}

/// Numerator and denominator of a formula. They mirror [`ServiceLevelFormula::level`]; a test holds them to it.
pub(crate) fn parts(formula: ServiceLevelFormula, counts: &ServiceCounts) -> (f64, f64) {
    let above = match formula {
        ServiceLevelFormula::AbandonsPositive => counts.answered_within + counts.abandoned_within,
        _ => counts.answered_within,
    };
    let below = match formula {
        ServiceLevelFormula::AbandonsNegative | ServiceLevelFormula::AbandonsPositive => counts.offered(),
        ServiceLevelFormula::AbandonsIgnored => counts.offered() - counts.abandoned_within,
        ServiceLevelFormula::ShortAbandonsDropped => counts.offered() - counts.short_abandons,
        ServiceLevelFormula::AnsweredOnly => counts.answered_within + counts.answered_late,
    };
    (above, below)
}

/// The same as linear forms of the sums: what each sum contributes on its own.
fn level_forms(formula: ServiceLevelFormula) -> ([f64; CALL_SUMS], [f64; CALL_SUMS]) {
    let unit = |column: usize| parts(formula, &counts_of(&form(&[column])));
    (std::array::from_fn(|column| unit(column).0), std::array::from_fn(|column| unit(column).1))
}

/// The load of some agents.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadReport {
    /// Interval by interval.
    pub intervals: Vec<LoadTally>,
    /// The horizon after the warm-up.
    pub whole: LoadTally,
    /// The horizon and what came after it, until the last call was over.
    pub to_last_call: LoadTally,
    /// Length of the horizon after the warm-up, in seconds.
    length_s: f64,
}

impl LoadReport {
    /// Agents talking or writing up, mean over the horizon after the warm-up.
    pub fn busy_agents(&self) -> Estimate {
        self.whole.busy_s().over(self.length_s)
    }

    /// Agents ready, ringing or handling, mean over the horizon after the warm-up.
    pub fn staffed_agents(&self) -> Estimate {
        self.whole.staffed_s().over(self.length_s)
    }
}

/// Busy and staffed time of some agents in some time.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadTally(Moments<LOAD_SUMS>);

impl LoadTally {
    /// Handling time (conversation and wrap-up) over time logged in and ready, ringing or handling; `None` when nobody is there.
    pub fn occupancy(&self) -> Option<Estimate> {
        self.0.ratio(&form(&[BUSY_S]), &form(&[STAFFED_S])).map(|share| share.within(0.0, 1.0))
    }

    /// Handling time, in seconds.
    pub fn busy_s(&self) -> Estimate {
        self.0.estimate(&form(&[BUSY_S]))
    }

    /// Time logged in and ready, ringing or handling, in seconds.
    pub fn staffed_s(&self) -> Estimate {
        self.0.estimate(&form(&[STAFFED_S]))
    }
}

/// One agent, means over replications.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AgentReport {
    /// Busy over staffed time inside the horizon; `None` when she was never there.
    pub occupancy: Option<Estimate>,
    /// Handling time inside the horizon, in seconds.
    pub busy_s: f64,
    /// Time logged in and ready, ringing or handling, inside the horizon, in seconds.
    pub staffed_s: f64,
    /// Calls answered.
    pub calls: f64,
    /// Rest breaks and meals begun.
    pub breaks: f64,
    /// By how much calls delayed them, all together, in seconds.
    pub break_delay_s: f64,
    /// Time on a call after the end of a shift, in seconds.
    pub overtime_s: f64,
}

impl AgentReport {
    fn of(sums: &AgentSums, load: &Moments<LOAD_SUMS>, replications: u32) -> Self {
        let n = f64::from(replications.max(1));
        Self {
            occupancy: load.ratio(&form(&[BUSY_S]), &form(&[STAFFED_S])).map(|share| share.within(0.0, 1.0)),
            busy_s: sums.busy_s / n,
            staffed_s: sums.staffed_s / n,
            calls: sums.calls / n,
            breaks: sums.breaks / n,
            break_delay_s: sums.break_delay_s / n,
            overtime_s: sums.overtime_s / n,
        }
    }
}

/// Rest breaks and meals: each keeps its full length; this is how late running calls made them.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakReport {
    tally: Moments<3>,
    /// The longest delay seen, in seconds.
    pub longest_delay_s: f64,
    /// The share of breaks whose delay is at most this many seconds and above the limit before; the last limit is infinite.
    pub delay_classes: Vec<(f64, f64)>,
}

impl BreakReport {
    /// Breaks a replication.
    pub fn taken(&self) -> Estimate {
        self.tally.estimate(&[1.0, 0.0, 0.0])
    }

    /// The share of breaks that began late; `None` without breaks.
    pub fn delayed_share(&self) -> Option<Estimate> {
        self.tally.ratio(&[0.0, 1.0, 0.0], &[1.0, 0.0, 0.0]).map(|share| share.within(0.0, 1.0))
    }

    /// Mean delay of all breaks, those on time included, in seconds; `None` without breaks.
    pub fn mean_delay_s(&self) -> Option<Estimate> {
        self.tally.ratio(&[0.0, 0.0, 1.0], &[1.0, 0.0, 0.0]).map(|delay| delay.within(0.0, f64::INFINITY))
    }
}

fn delay_classes(classes: &[f64], taken: f64) -> Vec<(f64, f64)> {
    let limits = DELAY_LIMITS_S.iter().copied().chain([f64::INFINITY]);
    limits.zip(classes).map(|(limit, count)| (limit, if taken > 0.0 { count / taken } else { 0.0 })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_formula_agrees_with_the_models() {
        let sums: [f64; CALL_SUMS] = [70.0, 20.0, 10.0, 5.0, 4.0, 900.0, 300.0, 1e4, 3.0, 40.0, 1200.0];
        let mut moments = Moments::new();
        moments.add(&sums);
        moments.add(&sums);
        let tally = CallTally(moments);
        for formula in ServiceLevelFormula::ALL {
            let expected = formula.level(&counts_of(&sums)).expect("calls");
            let found = tally.service_level(formula).expect("calls");
            assert!((found.mean - expected).abs() < 1e-12 && found.high - found.low < 1e-6, "{formula:?}");
        }
        assert_eq!(tally.counts(), counts_of(&sums));
        assert!(tally.asa_s().is_some_and(|asa| (asa.mean - 10.0).abs() < 1e-12));
    }

    #[test]
    fn day_quantiles_lie_between_neighbours() {
        let day = |within: f64| ServiceCounts { answered_within: within, answered_late: 10.0 - within, ..ServiceCounts::default() };
        let by_day = vec![day(2.0), day(8.0), day(4.0), ServiceCounts::default()];
        let empty = CallTally(Moments::new());
        let idle = || LoadTally(Moments::new());
        let load = LoadReport { intervals: Vec::new(), whole: idle(), to_last_call: idle(), length_s: 1.0 };
        let slice = SliceReport {
            queues: vec![0],
            intervals: Vec::new(),
            days: Vec::new(),
            whole: empty,
            by_day,
            load,
            lengths_s: (1.0, 1.0),
            longest: Moments::new(),
        };
        let at = |share| slice.day_quantile(ServiceLevelFormula::AbandonsNegative, share).expect("days with calls");
        assert!((at(0.0) - 0.2).abs() < 1e-12 && (at(1.0) - 0.8).abs() < 1e-12);
        assert!((at(0.25) - 0.3).abs() < 1e-12 && (at(0.5) - 0.4).abs() < 1e-12);
    }
}
