//! Rosters: per agent and period, shifts that are tiled by activities.

use crate::calendar::{DayIndex, DayMap};
use crate::certificate::Certificate;
use crate::fairness::FairnessReport;
use crate::id::{ActivityId, AgentId, ContractId, QueueId, RequestId, RosterId, TeamId, TemplateId};
use crate::score::Score;
use crate::service::{ServiceLevelFormula, ServiceLevelTarget};
use crate::units::{Fraction, Minutes, Span};

/// What an agent does in a piece of a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActivityKind {
    /// Takes calls.
    OnQueue,
    /// A short rest.
    RestBreak,
    /// Time to eat.
    Meal,
    /// The team is together.
    Huddle,
    /// Learns.
    Training,
    /// Is coached, or coaches.
    Coaching,
    /// Meets others.
    Meeting,
    /// Works without calls.
    BackOffice,
    /// Paid or unpaid leave inside a shift.
    TimeOff,
}

impl ActivityKind {
    /// Whether it is a break: rest or meal.
    pub const fn is_break(self) -> bool {
        matches!(self, Self::RestBreak | Self::Meal)
    }
}

/// A piece of a shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// The site's code for it, such as `on_queue`, `rest`, `meal`.
    pub code: String,
    /// What it is.
    pub kind: ActivityKind,
    /// From when to when.
    pub span: Span,
    /// Whether it is paid.
    pub paid: bool,
    /// The queues served, when on queue. Where the request says who serves which queue when, calls of the first come first.
    pub queues: Vec<QueueId>,
    /// Team-mates whose break holds at least five of the same minutes, in the order of their ids, when it is a break.
    pub companions: Vec<AgentId>,
    /// Where the agent may take the break instead, as long as the others of the shift stay where they are; `None` where its time stands.
    pub choice: Option<Span>,
    /// The activity or the work of the request that it is held for, beside calls and breaks.
    pub asked: Option<ActivityId>,
    /// Who takes part besides, in the order of their ids, when it is held for one.
    pub with: Vec<AgentId>,
}

/// A shift: activities that tile it without gap or overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Unique in the roster, stable across publications where the shift stays.
    pub id: String,
    /// The template it was made from, if any.
    pub template: Option<TemplateId>,
    /// From when to when.
    pub span: Span,
    /// Its activities, in order.
    pub activities: Vec<Activity>,
}

impl Shift {
    /// Paid minutes.
    pub fn paid(&self) -> Minutes {
        let paid = self.activities.iter().filter(|a| a.paid).map(|a| i64::from(a.span.length().get())).sum();
        Minutes::new(paid).unwrap_or_default()
    }

    /// Its breaks, in order.
    pub fn breaks(&self) -> impl Iterator<Item = &Activity> {
        self.activities.iter().filter(|a| a.kind.is_break())
    }
}

/// One agent's roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRoster {
    /// The agent.
    pub agent: AgentId,
    /// The agent's team.
    pub team: TeamId,
    /// Shifts in order of time.
    pub shifts: Vec<Shift>,
}

/// Which roster this one takes the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// The roster that it was made from.
    pub roster: RosterId,
    /// Its generation.
    pub generation: u64,
}

/// A whole roster, as it is published.
#[derive(Debug, Clone, PartialEq)]
pub struct Roster {
    /// Its id.
    pub id: RosterId,
    /// The request that it answers.
    pub request: RequestId,
    /// 1 for the first roster of a period, one more with each that takes its place.
    pub generation: u64,
    /// The roster that it takes the place of.
    pub parent: Option<Parent>,
    /// Its days.
    pub days: DayMap,
    /// Every agent of the request, in the order of the ids.
    pub agents: Vec<AgentRoster>,
}

/// What was asked, given and predicted in one interval.
#[derive(Debug, Clone, PartialEq)]
pub struct IntervalOutcome {
    /// The queues that are staffed as one: they are served by the same agents.
    pub queues: Vec<QueueId>,
    /// The work, where it is not calls that are meant; there are no queues then.
    pub work: Option<ActivityId>,
    /// The interval.
    pub span: Span,
    /// Calls expected.
    pub calls: f64,
    /// People required on the phones.
    pub required: f64,
    /// People scheduled on the phones and counted for these queues; each person counts once.
    pub scheduled: f64,
    /// Service level predicted by simulating the roster, by the formula of the target; `None` without calls.
    pub service_level: Option<f64>,
    /// Its 95 % confidence interval over replications.
    pub service_level_interval: Option<(f64, f64)>,
    /// Occupancy predicted, 0 to 1.
    pub occupancy: Option<f64>,
}

/// An interval, or a run of them, with too few people.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortfall {
    /// The queues that are short.
    pub queues: Vec<QueueId>,
    /// The work that is short, where it is not calls.
    pub work: Option<ActivityId>,
    /// From when to when.
    pub span: Span,
    /// Person-minutes missing over the span.
    pub person_minutes: f64,
    /// The most people missing at once.
    pub most_people: f64,
    /// The rule or bound that keeps it short, as a code: `no-agent-available`, `weekly-hours`, `rest`, `breaks`, `days-off`, `activities`,
    /// `phones`, `search`.
    pub binding: String,
    /// The reason in a sentence.
    pub reason: String,
}

/// What kind of remedy it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemedyKind {
    /// More shifts, of people who are not there yet.
    ExtraShift,
    /// Longer shifts of people who are.
    Overtime,
    /// A meeting or another activity held at another time.
    ActivityMoved,
}

/// Something that makes a shortfall smaller, as it came out when it was tried: every rule but the hours it buys holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Remedy {
    /// What kind it is.
    pub kind: RemedyKind,
    /// The queues that are short.
    pub queues: Vec<QueueId>,
    /// The shortfall that it was looked for.
    pub shortfall: Span,
    /// Who works longer, or takes part in the activity; empty for extra shifts.
    pub agents: Vec<AgentId>,
    /// The contract that extra shifts are like.
    pub contract: Option<ContractId>,
    /// The time added: whole shifts, or the stretches of overtime in the order of `agents`.
    pub added: Vec<Span>,
    /// The activity that is moved, from when and to when.
    pub moved: Option<(ActivityId, Span, Span)>,
    /// Paid minutes that it costs.
    pub paid_minutes: i64,
    /// Person-minutes short of the whole roster without it and with it.
    pub shortfall_minutes: (f64, f64),
    /// Service level predicted for the time of the shortfall without it and with it, the same callers in both; `None` without calls.
    pub service_level: Option<(f64, f64)>,
}

/// A round in which intervals that were covered and yet below target were asked for more people.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CutRound {
    /// Intervals, counted per pool, whose requirement was raised.
    pub raised_intervals: u32,
    /// Person-minutes by which it was raised in all.
    pub raised_minutes: f64,
    /// The share of calls in intervals below target before the round and after it.
    pub below_target: (f64, f64),
    /// Service level over the horizon before the round and after it.
    pub service_level: (f64, f64),
    /// Whether the roster of the round was kept.
    pub kept: bool,
}

/// How the time on queue of people with several queues was shared out.
#[derive(Debug, Clone, PartialEq)]
pub struct Variety {
    /// The longest run on one queue, in the minutes that the limit counts.
    pub longest: Minutes,
    /// Changes from one first queue to another inside shifts.
    pub changes: u32,
    /// Service level over the horizon if everybody served all her queues alike.
    pub service_level_without: Option<Predicted>,
    /// One for each hard queue, in the order of the request.
    pub hard_queues: Vec<HardQueueShare>,
}

/// How the minutes on a hard queue are shared by those who can serve it and work in the horizon.
#[derive(Debug, Clone, PartialEq)]
pub struct HardQueueShare {
    /// The queue.
    pub queue: QueueId,
    /// How many people share it.
    pub people: u32,
    /// Minutes of all of them.
    pub minutes: i64,
    /// The least and the most of one of them.
    pub range: (i64, i64),
    /// Gini coefficient of their minutes.
    pub gini: f64,
}

/// What became of one thing that the request asks for beside calls, for one agent, one team or everybody invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityOutcome {
    /// The activity.
    pub activity: ActivityId,
    /// Who is trained or coached.
    pub agent: Option<AgentId>,
    /// The team that meets.
    pub team: Option<TeamId>,
    /// The time that was to hold it.
    pub span: Span,
    /// Minutes asked for, and minutes held.
    pub minutes: (u32, u32),
    /// The fewest people who must take part, and how many do; of a huddle in halves, in both.
    pub people: (u32, u32),
    /// When it is held, in order.
    pub held: Vec<Span>,
    /// What keeps it from being held, as a code: `nobody-on-shift`, `no-room`, `no-common-time`, `no-coach`, `search`; empty where it is held.
    pub binding: String,
    /// The reason in a sentence; empty where it is held.
    pub reason: String,
}

impl ActivityOutcome {
    /// Whether all that was asked for is there.
    pub const fn is_held(&self) -> bool {
        self.minutes.1 >= self.minutes.0 && self.people.1 >= self.people.0
    }
}

/// A prediction with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Predicted {
    /// The mean over replications.
    pub mean: f64,
    /// The 95 % confidence interval of the mean.
    pub interval: (f64, f64),
    /// The 10 % quantile over simulated days: nine days of ten are better.
    pub p10: f64,
}

/// The roster in figures, with its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct RosterSummary {
    /// The roster.
    pub roster: RosterId,
    /// The request.
    pub request: RequestId,
    /// The roster's generation.
    pub generation: u64,
    /// Its score.
    pub score: Score,
    /// Person-minutes required on the phones.
    pub required_minutes: f64,
    /// Person-minutes short of it.
    pub shortfall_minutes: f64,
    /// No roster under these rules can be shorter than this, in person-minutes.
    pub shortfall_bound_minutes: f64,
    /// Paid minutes of all agents.
    pub paid_minutes: i64,
    /// Minutes of break of all agents.
    pub break_minutes: i64,
    /// Minutes of break spent with the companions that the policy asks for.
    pub social_minutes: i64,
    /// Shifts of all agents.
    pub shifts: u32,
    /// The fraction of calls promised within the threshold.
    pub target: Fraction,
    /// The formula of the service levels.
    pub formula: ServiceLevelFormula,
    /// The threshold of the service levels, in seconds.
    pub threshold_s: f64,
    /// Service level over the horizon, weighted by calls, predicted by simulation.
    pub service_level: Option<Predicted>,
    /// Per pool of queues and interval, in that order.
    pub intervals: Vec<IntervalOutcome>,
    /// Where it is short, worst first.
    pub shortfalls: Vec<Shortfall>,
    /// What would make it less short, the most effect for a paid hour first.
    pub remedies: Vec<Remedy>,
    /// What became of each activity asked for beside calls, in the order of the request.
    pub activities: Vec<ActivityOutcome>,
    /// How the requirement was raised where the simulation found covered intervals below target.
    pub cut_rounds: Vec<CutRound>,
    /// How what is unpopular, wishes and company are shared, and what the next horizon needs to know.
    pub fairness: FairnessReport,
    /// The proof.
    pub certificate: Certificate,
    /// The seed of the search and the simulation.
    pub seed: u64,
    /// Steps that the search took.
    pub steps: u64,
    /// How the time on queue was shared out, where the request limits queues.
    pub variety: Option<Variety>,
    /// Agents of the request who are left out because its rules contradict each other for them; the certificate is of
    /// [`Request::without`](crate::Request::without) them.
    pub left_out: Vec<AgentId>,
    /// Activities that must be held and cannot be; in the request of the certificate they need not.
    pub waived: Vec<ActivityId>,
}

impl RosterSummary {
    /// A summary of a roster by its certificate alone: every figure is 0 and nothing else is told.
    pub fn bare(roster: RosterId, request: RequestId, generation: u64, target: ServiceLevelTarget, certificate: Certificate) -> Self {
        Self {
            roster,
            request,
            generation,
            score: Score::default(),
            required_minutes: 0.0,
            shortfall_minutes: 0.0,
            shortfall_bound_minutes: 0.0,
            paid_minutes: 0,
            break_minutes: 0,
            social_minutes: 0,
            shifts: 0,
            target: target.fraction,
            formula: target.formula,
            threshold_s: target.threshold_s,
            service_level: None,
            intervals: Vec::new(),
            shortfalls: Vec::new(),
            remedies: Vec::new(),
            activities: Vec::new(),
            cut_rounds: Vec::new(),
            fairness: FairnessReport::default(),
            certificate,
            seed: 0,
            steps: 0,
            variety: None,
            left_out: Vec::new(),
            waived: Vec::new(),
        }
    }
}

impl Roster {
    /// The shifts of a local day, by their start, with the agent.
    pub fn shifts_on(&self, day: DayIndex) -> impl Iterator<Item = (&AgentId, &Shift)> {
        let span = self.days.day_span(day);
        self.agents.iter().flat_map(move |a| a.shifts.iter().filter(move |s| span.holds(s.span.start())).map(move |s| (&a.agent, s)))
    }
}
