//! What is simulated, as plain data: calls by period, queues, groups of agents, people and their pieces of work.
//!
//! Times are seconds from the start of the scenario. A list "by period" holds one value for each period, or a single one for
//! all of them. Absent on purpose: ids (an index is all that the simulator knows; the caller keeps the map) and any
//! text form (that is read in the binary).

use fika_model::Faults;

mod check;
mod from_roster;

pub use from_roster::RosterError;

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
    /// Coefficient of variation of the gamma factor, of mean 1, that the calls of all queues share on a day.
    pub day_factor_cv: f64,
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
    /// Coefficient of variation of a gamma factor, of mean 1, that is this queue's own on each day.
    pub day_factor_cv: f64,
    /// Conversation, by an agent of proficiency 1.
    pub talk: Times,
    /// Work after the call, by an agent of proficiency 1; `None` means none.
    pub wrapup: Option<Times>,
    /// How long callers wait before they leave; `None` means for ever.
    pub patience: Option<Times>,
    /// The acceptable waiting time, in seconds.
    pub threshold_s: f64,
    /// Abandons before this count as short, in seconds; 0 means none does.
    pub short_abandon_s: f64,
    /// Whether callers who left try again.
    pub call_back: Option<CallBack>,
    /// The share of answered calls that are hard, and followed by recovery.
    pub hard_share: f64,
}

/// When calls come.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// A Poisson process with these calls expected in each period, when the day factor is 1.
    Expected(Vec<f64>),
    /// Exactly at these times, in order, in seconds. Day factors do not touch them.
    Listed(Vec<f64>),
}

/// A distribution of lengths of time: a shape of mean 1, times a mean by the period in which the call arrives.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// The shape.
    pub shape: Shape,
    /// The mean in seconds, by period.
    pub mean_s: Vec<f64>,
}

impl Times {
    /// Exponential times of one mean.
    pub fn exponential(mean_s: f64) -> Self {
        Self { shape: Shape::Exponential, mean_s: vec![mean_s] }
    }
}

/// The shape of a distribution of times.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Always the mean.
    Constant,
    /// Exponential.
    Exponential,
    /// Log-normal with this coefficient of variation.
    LogNormal {
        /// Standard deviation over mean.
        cv: f64,
    },
    /// Gamma with this coefficient of variation.
    Gamma {
        /// Standard deviation over mean.
        cv: f64,
    },
    /// Weibull with this exponent: below 1 the longer it has lasted the longer it lasts, at 1 exponential.
    Weibull {
        /// The exponent, often written k.
        exponent: f64,
    },
    /// Uniform between `1 - half_width` and `1 + half_width` times the mean.
    Uniform {
        /// Half the width over the mean, 0 to 1.
        half_width: f64,
    },
    /// One of these values, each as likely, scaled so that their mean is the mean of the period.
    Empirical(Vec<f64>),
    /// One of several shapes, by chance; scaled so that the mean of all is the mean of the period. Hyperexponential times are one, and so
    /// is patience of which a share is none at all.
    Mixture(Vec<Part>),
}

/// A part of a mixture.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// How many are of this part, in proportion to the other parts' shares.
    pub share: f64,
    /// The mean of this part, in proportion to the other parts' means; it may be 0.
    pub mean: f64,
    /// The shape of this part.
    pub shape: Shape,
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
}

/// How a group serves a queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Serves {
    /// The queue.
    pub queue: usize,
    /// Where a call looks for an idle agent: groups of the lowest rank first; within a rank the longest idle agent.
    pub call_rank: u32,
    /// Where a free agent looks for a call: queues of the lowest rank first; within a rank the longest waiting call.
    pub agent_rank: u32,
    /// Calls overflow to this group only after they have waited so long, in seconds.
    pub after_s: f64,
    /// Speed: 2 handles calls in half the time.
    pub proficiency: f64,
}

impl Serves {
    /// Serves the queue at once, at ordinary speed, first of all.
    pub const fn queue(queue: usize) -> Self {
        Self { queue, call_rank: 0, agent_rank: 0, after_s: 0.0, proficiency: 1.0 }
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

impl Scenario {
    /// Whether it can be simulated; the error names every fault with its place.
    pub fn check(&self) -> Result<(), Faults> {
        check::faults(self).or(Some(()))
    }

    /// The length of the horizon, in seconds.
    pub fn horizon_s(&self) -> f64 {
        self.period_s * self.periods as f64
    }
}
