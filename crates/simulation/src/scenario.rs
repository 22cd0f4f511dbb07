//! What is simulated, as plain data: calls by period, queues, groups of agents, people and their pieces of work.
//!
//! Times are seconds from the start of the scenario. A list "by period" holds one value for each period, or a single one for
//! all of them. Absent on purpose: ids (an index is all that the simulator knows; the caller keeps the map) and any
//! text form (that is read in the binary).

use fika_model::Faults;

mod check;
mod from_roster;
mod times;

pub use from_roster::RosterError;
pub use times::{Part, Shape, Times};

/// A contact centre over a horizon. It begins empty and idle.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Length of a period of rates, means and head counts, in seconds.
    pub period_s: f64,
    /// How many periods there are; calls arrive only within them.
    pub periods: usize,
    /// Length of an interval of the report, in seconds, a divisor of the horizon. A call counts in the interval in which it arrives.
    pub interval_s: f64,
    /// Calls that arrive before this, and time that passes before it, are left out of the figures of days and of the whole; it is a
    /// multiple of the interval. Figures of intervals, agents and breaks keep everything. In seconds; 0 means nothing is left out.
    pub warm_up_s: f64,
    /// Where each day begins, the first at 0. Each day draws its own factor and counts as a day of the report.
    pub day_starts_s: Vec<f64>,
    /// The factor, of mean 1, that the calls of all queues share on a day; [`Shape::Constant`] for none.
    pub day_factor: Shape,
    /// The queues.
    pub queues: Vec<Queue>,
    /// The groups: agents that routing treats alike.
    pub groups: Vec<Group>,
    /// Agents who come and go by a plan of their own.
    pub agents: Vec<Agent>,
    /// Lines: calls that can wait, ring or talk at once. Further callers hear the busy tone. `None` means enough.
    pub trunks: Option<u32>,
    /// Calls that can wait at once, in all queues together. Further callers who find no agent hear the busy tone. `None` means enough.
    pub waiting_room: Option<u32>,
    /// Which of the idle agents that a call ranks alike takes it.
    pub selection: Selection,
    /// How long a call rings at an agent before the answer, in seconds; it counts as waiting.
    pub ring_s: f64,
    /// Time off the phones after a hard call, in seconds.
    pub recovery_s: f64,
    /// Short absences that need no permission and stand in no plan.
    pub absences: Vec<RandomAbsence>,
    /// Sets of queues that are also reported as one.
    pub pools: Vec<Vec<usize>>,
}

impl Scenario {
    /// A horizon of one day and nothing in it, reported by period.
    pub fn plain(period_s: f64, periods: usize) -> Self {
        Self {
            period_s,
            periods,
            interval_s: period_s,
            warm_up_s: 0.0,
            day_starts_s: vec![0.0],
            day_factor: Shape::Constant,
            queues: Vec::new(),
            groups: Vec::new(),
            agents: Vec::new(),
            trunks: None,
            waiting_room: None,
            selection: Selection::default(),
            ring_s: 0.0,
            recovery_s: 0.0,
            absences: Vec::new(),
            pools: Vec::new(),
        }
    }

    /// Whether it can be simulated; the error names every fault with its place.
    pub fn check(&self) -> Result<(), Faults> {
        check::faults(self).or(Some(()))
    }

    /// The length of the horizon, in seconds.
    pub fn horizon_s(&self) -> f64 {
        self.period_s * self.periods as f64
    }
}

/// Which of the idle agents that a call ranks alike takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Selection {
    /// The one who has been idle longest.
    #[default]
    LongestIdle,
    /// Any of them, each as likely.
    Random,
}

/// A queue and its callers.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// What people call it.
    pub name: String,
    /// When calls come.
    pub arrivals: Arrivals,
    /// The gaps between calls, as shares of the mean gap: exponential makes a Poisson process, any other shape a renewal process run
    /// at the rate of the moment. Listed arrivals have none.
    pub gaps: Shape,
    /// A factor of mean 1 that is this queue's own on each day.
    pub day_factor: Shape,
    /// A factor of mean 1 that is this queue's own in each period.
    pub period_factor: Shape,
    /// Conversation, by an agent of proficiency 1.
    pub talk: Times,
    /// Work after the call, by an agent of proficiency 1; `None` means none.
    pub wrapup: Option<Times>,
    /// Whose period gives the means of conversation and work after the call.
    pub handled_by: Period,
    /// How long callers wait before they leave, by the period in which they come; `None` means for ever.
    pub patience: Option<Times>,
    /// The acceptable waiting time, in seconds.
    pub threshold_s: f64,
    /// Abandons before this count as short, in seconds; 0 means none does.
    pub short_abandon_s: f64,
    /// Calls of this queue that can wait at once; further callers who find no agent hear the busy tone. `None` means enough.
    pub waiting_room: Option<u32>,
    /// Whether callers who left try again.
    pub call_back: Option<CallBack>,
    /// Whether callers who were served call once more.
    pub follow_up: Option<FollowUp>,
    /// The share of answered calls that are hard, and followed by recovery.
    pub hard_share: f64,
}

impl Queue {
    /// Poisson calls of patient callers, 20 s acceptable.
    pub fn plain(name: impl Into<String>, arrivals: Arrivals, talk: Times) -> Self {
        Self {
            name: name.into(),
            arrivals,
            gaps: Shape::Exponential,
            day_factor: Shape::Constant,
            period_factor: Shape::Constant,
            talk,
            wrapup: None,
            handled_by: Period::default(),
            patience: None,
            threshold_s: 20.0,
            short_abandon_s: 0.0,
            waiting_room: None,
            call_back: None,
            follow_up: None,
            hard_share: 0.0,
        }
    }
}

/// When calls come.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// Calls at random, with these expected in each period when all factors are 1.
    Expected(Vec<f64>),
    /// Exactly at these times, in order, in seconds. Factors do not touch them.
    Listed(Vec<f64>),
}

/// Whose period gives a mean by period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Period {
    /// That of the call's arrival.
    #[default]
    Arrival,
    /// That of the answer.
    Answer,
}

/// Callers who left and try again.
#[derive(Debug, Clone, PartialEq)]
pub struct CallBack {
    /// The share of them, after each attempt that failed.
    pub probability: f64,
    /// How long until they do.
    pub delay: Times,
    /// Whether a caller is as patient as the time before; else patience is drawn again.
    pub keeps_patience: bool,
}

/// Callers who were served and call once more: with the next matter, or because the first queue passes them on.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowUp {
    /// The share of them, after each answered call.
    pub probability: f64,
    /// The queue that they join then; conversation and patience are drawn anew as its callers'.
    pub queue: usize,
    /// From the end of the conversation until they do.
    pub delay: Times,
}

/// Agents that routing treats alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What people call it.
    pub name: String,
    /// The queues it serves, each once.
    pub serves: Vec<Serves>,
    /// Agents without names in each period; empty means none. The last count stays until the last call is done. Where it
    /// falls, idle agents leave first, then those who finish a call next.
    pub heads: Vec<u32>,
    /// Agents without names after the horizon, for calls that still wait; `None` means as many as in the last period.
    pub heads_after: Option<u32>,
}

/// How a group serves a queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Serves {
    /// The queue.
    pub queue: usize,
    /// Where a call looks for an idle agent: groups of the lowest rank first; within a rank the longest idle agent.
    pub call_rank: u32,
    /// Where a free agent looks for a call: queues of the lowest rank first; within a rank the longest waiting call.
    pub agent_rank: u32,
    /// For queues of one rank, a call counts as if it had waited so many times as long.
    pub weight: f64,
    /// Calls overflow to this group only after they have waited so long, in seconds.
    pub after_s: f64,
    /// The group takes calls of this queue only while more than so many of its agents are idle, the one who takes the call included:
    /// so many are kept for its other queues.
    pub reserve: u32,
    /// The group takes calls of this queue only while more than so many of them wait, the one that is taken included.
    pub above: u32,
    /// Speed: 2 handles calls in half the time.
    pub proficiency: f64,
    /// Conversation with this group's agents where it is another than the queue's.
    pub talk: Option<Times>,
}

impl Serves {
    /// Serves the queue at once, at ordinary speed, first of all.
    pub const fn queue(queue: usize) -> Self {
        Self { queue, call_rank: 0, agent_rank: 0, weight: 1.0, after_s: 0.0, reserve: 0, above: 0, proficiency: 1.0, talk: None }
    }
}

/// An agent with a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// What people call her.
    pub name: String,
    /// Speed by queue, on top of the group's; empty means 1 for all.
    pub proficiency: Vec<f64>,
    /// Her pieces of work, in order and without overlap. Between them she is logged out.
    pub pieces: Vec<Piece>,
}

/// A piece of an agent's plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// From when, in seconds.
    pub from_s: f64,
    /// Until when, in seconds.
    pub to_s: f64,
    /// What she does.
    pub duty: Duty,
}

/// What an agent's plan says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Takes calls as one of a group.
    Phones {
        /// The group.
        group: usize,
    },
    /// Is away from the phones.
    Away(Reason),
}

/// Why an agent is logged in and takes no calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A short rest. It keeps its full length when a call makes it late.
    RestBreak,
    /// Time to eat. It keeps its full length when a call makes it late.
    Meal,
    /// The team is together.
    Huddle,
    /// Work without calls: training, meetings, back office.
    OtherWork,
    /// A short absence of her own choice.
    Comfort,
    /// Off the phones after a hard call.
    Recovery,
}

impl Reason {
    /// Whether it keeps its full length when it begins late.
    pub const fn is_break(self) -> bool {
        matches!(self, Self::RestBreak | Self::Meal)
    }

    /// The code that an ACD would send.
    pub const fn code(self) -> &'static str {
        match self {
            Self::RestBreak => "rest",
            Self::Meal => "meal",
            Self::Huddle => "huddle",
            Self::OtherWork => "other_work",
            Self::Comfort => "comfort",
            Self::Recovery => "recovery",
        }
    }
}

/// Short absences at random moments. An absence that comes due during a call begins after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RandomAbsence {
    /// The share of time planned on the phones that they take.
    pub share: f64,
    /// How long each lasts, in seconds.
    pub length_s: f64,
}
