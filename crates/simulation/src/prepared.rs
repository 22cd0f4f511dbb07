//! A checked scenario in the form the simulation runs on: dense tables, sorted candidate lists, one sorted list of planned changes.
//!
//! Made once and shared by all replications and workers; nothing in it changes. Agents without names follow the named ones, group by
//! group. Absent on purpose: anything random.

use std::ops::Range;

use fika_model::Faults;

use crate::draw::Variate;
use crate::scenario::{Agent, Arrivals, Duty, Group, Period, Queue, Reason, Scenario, Selection, Serves, Times};

/// A scenario that is ready to run.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(crate) horizon_s: f64,
    pub(crate) period_s: f64,
    pub(crate) periods: usize,
    pub(crate) interval_s: f64,
    pub(crate) intervals: usize,
    /// Intervals that are left out of days and of the whole.
    pub(crate) warm_up_intervals: usize,
    pub(crate) days: usize,
    pub(crate) day_of_period: Vec<u32>,
    pub(crate) day_of_interval: Vec<u32>,
    pub(crate) shared_factor: Variate,
    pub(crate) queues: Vec<QueuePlan>,
    pub(crate) groups: Vec<GroupPlan>,
    pub(crate) agents: Vec<AgentPlan>,
    /// Every planned change, in the order of time.
    pub(crate) changes: Vec<Change>,
    pub(crate) trunks: Option<u32>,
    pub(crate) waiting_room: u32,
    pub(crate) selection: Selection,
    pub(crate) ring_s: f64,
    pub(crate) recovery_s: f64,
    pub(crate) absences: AbsencePlan,
    pub(crate) pools: Vec<Vec<usize>>,
    pub(crate) named: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct QueuePlan {
    /// Calls per second by period; empty when the calls are listed.
    pub(crate) rates: Vec<f64>,
    pub(crate) listed_s: Vec<f64>,
    pub(crate) gaps: Variate,
    pub(crate) factor: Variate,
    pub(crate) period_factor: Variate,
    pub(crate) talk: TimesPlan,
    pub(crate) wrapup: Option<TimesPlan>,
    /// Whether the means of talk and wrap-up are those of the period of the answer.
    pub(crate) by_answer: bool,
    pub(crate) patience: Option<TimesPlan>,
    pub(crate) threshold_s: f64,
    pub(crate) short_abandon_s: f64,
    pub(crate) waiting_room: u32,
    pub(crate) call_back: Option<CallBackPlan>,
    pub(crate) follow_up: Option<FollowUpPlan>,
    pub(crate) hard_share: f64,
    /// How it is reached by group.
    pub(crate) reach: Vec<Reach>,
    /// The groups that serve it, one bit each, 64 to a word.
    pub(crate) serving: Vec<u64>,
    /// The waits after which further groups may take a call, each once, in order.
    pub(crate) overflows_s: Vec<f64>,
    /// The groups that take its calls only while many of them wait, in the order of their ranks.
    pub(crate) relief: Vec<u32>,
}

#[derive(Debug, Clone)]
pub(crate) struct TimesPlan {
    pub(crate) shape: Variate,
    /// By period, one value each, and one for the time after the last.
    pub(crate) mean_s: Vec<f64>,
}

#[derive(Debug, Clone)]
pub(crate) struct CallBackPlan {
    pub(crate) probability: f64,
    pub(crate) delay: TimesPlan,
    pub(crate) keeps_patience: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct FollowUpPlan {
    pub(crate) probability: f64,
    pub(crate) queue: u32,
    pub(crate) delay: TimesPlan,
}

/// A group as a call of a queue sees it; without meaning where the group does not serve the queue.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reach {
    pub(crate) rank: u32,
    pub(crate) reserve: u32,
    pub(crate) above: u32,
    pub(crate) after_s: f64,
}

/// A queue as an agent sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service {
    pub(crate) rank: u32,
    pub(crate) queue: u32,
    pub(crate) reserve: u32,
    pub(crate) above: u32,
    pub(crate) weight: f64,
    pub(crate) after_s: f64,
}

#[derive(Debug, Clone)]
pub(crate) struct GroupPlan {
    /// The queues that it serves, best first.
    pub(crate) services: Vec<Service>,
    /// One over proficiency, by queue.
    pub(crate) slowness: Vec<f64>,
    /// Conversation by queue, where it is the group's own; empty where it never is.
    pub(crate) talk: Vec<Option<TimesPlan>>,
    /// Its agents without names.
    pub(crate) unnamed: Range<u32>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct AgentPlan {
    /// One over proficiency, by queue; empty means 1.
    pub(crate) slowness: Vec<f64>,
    /// Pieces that follow each other without gaps to the end of time; empty for agents without names.
    pub(crate) pieces: Vec<PiecePlan>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct PiecePlan {
    pub(crate) from_s: f64,
    pub(crate) to_s: f64,
    pub(crate) stay: Stay,
}

/// Where an agent is during a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    Phones(u32),
    Away(Reason),
    Out,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub(crate) at_s: f64,
    pub(crate) what: What,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum What {
    /// The next piece of an agent is planned to begin.
    Piece { agent: u32 },
    /// A group has so many agents without names from now on.
    Heads { group: u32, count: u32 },
}

/// Random absences, as one process with a choice.
#[derive(Debug, Clone, Default)]
pub(crate) struct AbsencePlan {
    /// Absences per second on the phones.
    pub(crate) rate: f64,
    /// The share of absences up to this one, and its length in seconds.
    pub(crate) kinds: Vec<(f64, f64)>,
}

impl Prepared {
    /// Checks a scenario and lays it out; the error names every fault.
    pub fn new(scenario: &Scenario) -> Result<Self, Faults> {
        scenario.check()?;
        let horizon_s = scenario.horizon_s();
        let intervals = (horizon_s / scenario.interval_s).round() as usize;
        let day_at = |at: f64| (scenario.day_starts_s.partition_point(|start| *start <= at).max(1) - 1) as u32;
        let mut agents: Vec<AgentPlan> = scenario.agents.iter().map(agent_plan).collect();
        let mut changes: Vec<Change> = Vec::new();
        let mut groups = Vec::new();
        for (n, group) in scenario.groups.iter().enumerate() {
            let first = agents.len() as u32;
            let most = group.heads.iter().copied().chain(group.heads_after).max().unwrap_or(0);
            agents.resize_with(agents.len() + most as usize, AgentPlan::default);
            groups.push(group_plan(scenario, group, first..first + most));
            head_changes(scenario, n as u32, group, &mut changes);
        }
        for (n, agent) in agents.iter().enumerate() {
            changes.extend(agent.pieces.iter().map(|piece| Change { at_s: piece.from_s, what: What::Piece { agent: n as u32 } }));
        }
        // Stable: at one instant, head counts change before plans, and agents in the order of their index.
        changes.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        Ok(Self {
            horizon_s,
            period_s: scenario.period_s,
            periods: scenario.periods,
            interval_s: scenario.interval_s,
            intervals,
            warm_up_intervals: (scenario.warm_up_s / scenario.interval_s).round() as usize,
            days: scenario.day_starts_s.len(),
            day_of_period: (0..scenario.periods).map(|n| day_at(n as f64 * scenario.period_s)).collect(),
            day_of_interval: (0..intervals).map(|n| day_at(n as f64 * scenario.interval_s)).collect(),
            shared_factor: Variate::of(&scenario.day_factor),
            queues: scenario.queues.iter().enumerate().map(|(n, queue)| queue_plan(scenario, n, queue)).collect(),
            groups,
            named: scenario.agents.len(),
            agents,
            changes,
            trunks: scenario.trunks,
            waiting_room: scenario.waiting_room.unwrap_or(u32::MAX),
            selection: scenario.selection,
            ring_s: scenario.ring_s,
            recovery_s: scenario.recovery_s,
            absences: absence_plan(scenario),
            pools: scenario.pools.clone(),
        })
    }

    /// The agents that can appear in a trace, named ones first.
    pub fn agents(&self) -> usize {
        self.agents.len()
    }

    /// The period of a moment; the number of periods for the time after the last.
    pub(crate) fn period_at(&self, at_s: f64) -> usize {
        ((at_s / self.period_s) as usize).min(self.periods)
    }

    pub(crate) fn interval_at(&self, at_s: f64) -> usize {
        if self.intervals == 1 { 0 } else { ((at_s / self.interval_s) as usize).min(self.intervals - 1) }
    }

    /// How many times the ordinary time an agent of a group takes for a call of a queue.
    pub(crate) fn slowness(&self, agent: u32, group: u32, queue: u32) -> f64 {
        let own = self.agents[agent as usize].slowness.get(queue as usize).copied().unwrap_or(1.0);
        own * self.groups[group as usize].slowness[queue as usize]
    }
}

fn spread<V: Copy>(values: &[V], periods: usize) -> Vec<V> {
    if values.len() == 1 { vec![values[0]; periods] } else { values.to_vec() }
}

fn times_plan(times: &Times, periods: usize) -> TimesPlan {
    let mut mean_s = spread(&times.mean_s, periods);
    // What holds in the last period goes on holding where nothing else is told.
    mean_s.extend(mean_s.last().copied().filter(|_| mean_s.len() == periods));
    TimesPlan { shape: Variate::of(&times.shape), mean_s }
}

fn queue_plan(scenario: &Scenario, index: usize, queue: &Queue) -> QueuePlan {
    let (rates, listed_s) = match &queue.arrivals {
        Arrivals::Expected(calls) => {
            (spread(calls, scenario.periods).iter().map(|expected| expected / scenario.period_s).collect(), Vec::new())
        }
        Arrivals::Listed(at_s) => (Vec::new(), at_s.clone()),
    };
    let mut reach = vec![Reach::default(); scenario.groups.len()];
    let mut serving = vec![0_u64; scenario.groups.len().div_ceil(64)];
    let (mut overflows_s, mut relief) = (Vec::new(), Vec::new());
    for (n, group) in scenario.groups.iter().enumerate() {
        for serves in group.serves.iter().filter(|serves| serves.queue == index) {
            let (rank, reserve, above, after_s) = (serves.call_rank, serves.reserve, serves.above, serves.after_s);
            reach[n] = Reach { rank, reserve, above, after_s };
            if above > 0 {
                relief.push(n as u32);
            }
            serving[n / 64] |= 1 << (n % 64);
            if serves.after_s > 0.0 {
                overflows_s.push(serves.after_s);
            }
        }
    }
    overflows_s.sort_by(f64::total_cmp);
    overflows_s.dedup();
    relief.sort_by_key(|group| reach[*group as usize].rank);
    QueuePlan {
        rates,
        listed_s,
        gaps: Variate::of(&queue.gaps),
        factor: Variate::of(&queue.day_factor),
        period_factor: Variate::of(&queue.period_factor),
        by_answer: queue.handled_by == Period::Answer,
        waiting_room: queue.waiting_room.unwrap_or(u32::MAX),
        follow_up: queue.follow_up.as_ref().map(|next| FollowUpPlan {
            probability: next.probability,
            queue: next.queue as u32,
            delay: times_plan(&next.delay, scenario.periods),
        }),
        relief,
        talk: times_plan(&queue.talk, scenario.periods),
        wrapup: queue.wrapup.as_ref().map(|times| times_plan(times, scenario.periods)),
        patience: queue.patience.as_ref().map(|times| times_plan(times, scenario.periods)),
        threshold_s: queue.threshold_s,
        short_abandon_s: queue.short_abandon_s,
        call_back: queue.call_back.as_ref().map(|back| CallBackPlan {
            probability: back.probability,
            delay: times_plan(&back.delay, scenario.periods),
            keeps_patience: back.keeps_patience,
        }),
        hard_share: queue.hard_share,
        reach,
        serving,
        overflows_s,
    }
}

fn group_plan(scenario: &Scenario, group: &Group, unnamed: Range<u32>) -> GroupPlan {
    let service = |serves: &Serves| Service {
        rank: serves.agent_rank,
        queue: serves.queue as u32,
        reserve: serves.reserve,
        above: serves.above,
        weight: serves.weight,
        after_s: serves.after_s,
    };
    let mut services: Vec<Service> = group.serves.iter().map(service).collect();
    services.sort_by_key(|service| (service.rank, service.queue));
    let queues = scenario.queues.len();
    let (mut slowness, mut talk) = (vec![1.0; queues], Vec::new());
    for serves in &group.serves {
        slowness[serves.queue] = 1.0 / serves.proficiency;
        if let Some(own) = &serves.talk {
            talk.resize_with(queues, || None);
            talk[serves.queue] = Some(times_plan(own, scenario.periods));
        }
    }
    GroupPlan { services, slowness, talk, unnamed }
}

fn head_changes(scenario: &Scenario, index: u32, group: &Group, changes: &mut Vec<Change>) {
    let mut before = 0;
    for (period, count) in group.heads.iter().copied().enumerate() {
        if count != before {
            let at_s = period as f64 * scenario.period_s;
            changes.push(Change { at_s, what: What::Heads { group: index, count } });
        }
        before = count;
    }
    if let Some(count) = group.heads_after.filter(|count| *count != before) {
        changes.push(Change { at_s: scenario.horizon_s(), what: What::Heads { group: index, count } });
    }
}

fn agent_plan(agent: &Agent) -> AgentPlan {
    let mut pieces: Vec<PiecePlan> = Vec::new();
    for piece in &agent.pieces {
        if let Some(last) = pieces.last()
            && last.to_s < piece.from_s
        {
            pieces.push(PiecePlan { from_s: last.to_s, to_s: piece.from_s, stay: Stay::Out });
        }
        let stay = match piece.duty {
            Duty::Phones { group } => Stay::Phones(group as u32),
            Duty::Away(reason) => Stay::Away(reason),
        };
        pieces.push(PiecePlan { from_s: piece.from_s, to_s: piece.to_s, stay });
    }
    if let Some(last) = pieces.last() {
        pieces.push(PiecePlan { from_s: last.to_s, to_s: f64::INFINITY, stay: Stay::Out });
    }
    AgentPlan { slowness: agent.proficiency.iter().map(|speed| 1.0 / speed).collect(), pieces }
}

/// Time on the phones and absences take turns. With shares `s_k` of the planned time and lengths `l_k`, absences of kind `k` begin at
/// the rate `s_k / (l_k (1 - sum s))` while nobody is absent.
fn absence_plan(scenario: &Scenario) -> AbsencePlan {
    let away: f64 = scenario.absences.iter().map(|absence| absence.share).sum();
    let rates: Vec<f64> = scenario.absences.iter().map(|absence| absence.share / (absence.length_s * (1.0 - away))).collect();
    let rate: f64 = rates.iter().sum();
    let mut before = 0.0;
    let kinds = scenario.absences.iter().zip(&rates).map(|(absence, own)| {
        before += own / rate;
        (before, absence.length_s)
    });
    if rate > 0.0 { AbsencePlan { rate, kinds: kinds.collect() } } else { AbsencePlan::default() }
}
