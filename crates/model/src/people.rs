//! People: agents, their teams, contracts, skills, availability and wishes.

use crate::calendar::{Date, DayIndex, DayMap, Timestamp, Weekday};
use crate::fairness::FairCounters;
use crate::id::{AgentId, ContractId, QueueId, RuleId, SkillId, TeamId, TemplateId};
use crate::units::{Minute, Minutes, Span};

/// A set of days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Monday to Sunday.
    pub const ALL: Self = Self(0x7f);

    /// The set of these days.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Self {
        Self(days.into_iter().fold(0, |set, day| set | 1 << day.to_monday_zero_offset()))
    }

    /// Whether the day is in the set.
    pub fn holds(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }

    /// Whether no day is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The days in it, Monday first.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        Weekday::Monday.cycle_forward().take(7).filter(move |day| self.holds(*day))
    }
}

/// A piece of the wall clock on some days of the week: `[from, to)` in minutes after midnight; `to` may pass 1,440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallWindow {
    /// The days on which it begins.
    pub weekdays: Weekdays,
    /// Minutes after midnight at which it begins.
    pub from_minute: u32,
    /// Minutes after the same midnight at which it ends, at most 2,880.
    pub to_minute: u32,
}

impl WallWindow {
    /// The window on a day, if it begins on that day of the week.
    pub fn on(&self, days: &DayMap, day: DayIndex) -> Option<Span> {
        let span = || Span::between(days.minute_at_wall(day, self.from_minute), days.minute_at_wall(day, self.to_minute));
        self.weekdays.holds(days.weekday(day)).then(span)
    }
}

/// A lower and an upper bound of a length of time, both allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MinutesRange {
    /// The least.
    pub least: Minutes,
    /// The most.
    pub most: Minutes,
}

impl MinutesRange {
    /// Whether a length lies in the range.
    pub fn holds(self, length: Minutes) -> bool {
        self.least <= length && length <= self.most
    }
}

/// Contractual hours and days. A *week* is seven days from the first day of the horizon; where the horizon ends
/// inside one, its least minutes are taken in proportion to the days and rounded down, its most stay whole. A shift belongs,
/// with all its minutes, to the local day and the week in which it begins; a day with a shift is one on which a shift begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Its id.
    pub id: ContractId,
    /// Paid minutes a week, hard on both sides.
    pub week_paid: MinutesRange,
    /// Length of a shift from start to end, unpaid breaks included.
    pub shift_length: MinutesRange,
    /// Most shifts a week.
    pub most_days_per_week: u32,
    /// Most days in a row on which a shift begins.
    pub most_consecutive_days: u32,
    /// The shift templates it may work; empty means all.
    pub templates: Vec<TemplateId>,
    /// Further limits of days, weeks, nights and weekends; none by default.
    pub limits: LoadLimits,
}

/// Paid minutes a week on average over reference periods of so many weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Averaging {
    /// Weeks of a reference period.
    pub weeks: u32,
    /// Paid minutes a week on average, hard on both sides.
    pub week_paid: MinutesRange,
}

/// So many of each so many weekends in a row are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WeekendRule {
    /// Free weekends at least.
    pub free: u32,
    /// Of so many weekends in a row, 1 to 8.
    pub of: u32,
}

/// Limits of work at night. A shift is a *night shift* when at least `counts_from` of it lies in the night window of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NightRule {
    /// The night, in minutes after midnight; the second may pass midnight, to 2,880.
    pub window: (u32, u32),
    /// Minutes in the night that make a night shift.
    pub counts_from: Minutes,
    /// Most night shifts on days in a row.
    pub most_in_row: Option<u32>,
    /// Most night shifts a week.
    pub most_per_week: Option<u32>,
    /// Longest night shift from start to end.
    pub longest_shift: Option<Minutes>,
}

/// Further limits of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LoadLimits {
    /// Paid minutes of each day with a shift.
    pub day_paid: Option<MinutesRange>,
    /// Paid minutes on average over several weeks.
    pub averaging: Option<Averaging>,
    /// Weekends off.
    pub weekends: Option<WeekendRule>,
    /// Work at night.
    pub nights: Option<NightRule>,
    /// Whether, on days in a row, no shift begins earlier by the wall clock than the one of the day before.
    pub forward_rotation: bool,
    /// The starts of a week, by the wall clock, lie no further apart than this.
    pub starts_within: Option<Minutes>,
}

/// A skill of an agent.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentSkill {
    /// The skill.
    pub skill: SkillId,
    /// Speed against the average agent of this skill: 1 is average, 2 handles calls in half the time. 0.1 to 10.
    pub proficiency: f64,
    /// Order in which routing prefers the agent for the skill: 1 first.
    pub priority: u32,
}

/// Time in which an agent is away: leave, sickness, training elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// From when to when.
    pub span: Span,
    /// Why, as the site codes it.
    pub code: String,
    /// Paid minutes that it counts towards the contract's week in which it begins.
    pub credited: Minutes,
}

/// What an agent would like. Granted where service and cost allow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// No shift on this day.
    DayOff(Date),
    /// A shift of this template on this day.
    Template(Date, TemplateId),
    /// To begin within half an hour of this many minutes after midnight, on each day worked.
    StartNear(u32),
    /// To take breaks with this colleague.
    Colleague(AgentId),
}

/// A person.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// Its id.
    pub id: AgentId,
    /// What colleagues call her; empty where not told.
    pub name: String,
    /// The team.
    pub team: TeamId,
    /// The contract.
    pub contract: ContractId,
    /// What the agent can do.
    pub skills: Vec<AgentSkill>,
    /// When she can work; empty means always. Windows that touch or overlap join: a shift lies inside what the windows that begin on
    /// days of the horizon cover together.
    pub availability: Vec<WallWindow>,
    /// When she is away.
    pub absences: Vec<Absence>,
    /// What she would like.
    pub wishes: Vec<Wish>,
    /// When the last shift before the horizon ended, for the rest before the first shift in it; part of a minute counts as a whole one.
    pub last_shift_end: Option<Timestamp>,
    /// Days with a shift in a row just before the horizon.
    pub days_worked_before: u32,
    /// What limits of nights, weekends and averages need to know of the time before the horizon.
    pub history: LoadHistory,
    /// Break rules that the agent has agreed to go without, where they allow it.
    pub waives: Vec<RuleId>,
    /// Shifts that stand.
    pub fixed: Vec<FixedShift>,
}

impl Agent {
    /// Somebody of whom nothing more is told: without skills, always there, without wishes or history.
    pub fn new(id: AgentId, team: TeamId, contract: ContractId) -> Self {
        Self {
            id,
            name: String::new(),
            team,
            contract,
            skills: Vec::new(),
            availability: Vec::new(),
            absences: Vec::new(),
            wishes: Vec::new(),
            last_shift_end: None,
            days_worked_before: 0,
            history: LoadHistory::default(),
            waives: Vec::new(),
            fixed: Vec::new(),
        }
    }
}

/// A shift that stands, whatever else the roster holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedShift {
    /// The template that it is made from.
    pub template: TemplateId,
    /// From when to when.
    pub span: Span,
    /// Breaks whose start is fixed as well, each by its rule.
    pub breaks: Vec<(RuleId, Minute)>,
}

/// Running counters of the limits of a contract and of fairness, as they stand at the start of the horizon.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct LoadHistory {
    /// Start of the shift on the day before the horizon, by the wall clock in minutes after midnight; `None` without one.
    pub start_of_day_before: Option<u32>,
    /// Night shifts on days in a row just before the horizon.
    pub nights_in_row: u32,
    /// Whether each of the last weekends before the horizon was worked, the latest first.
    pub weekends_worked: Vec<bool>,
    /// Weeks of the running reference period before the horizon.
    pub averaging_weeks: u32,
    /// Paid minutes of these weeks.
    pub averaging_paid: Minutes,
    /// What earlier rosters gave her.
    pub counters: FairCounters,
    /// Since when she is employed, where a site lets that weigh.
    pub employed_since: Option<Date>,
    /// Minutes on hard queues in earlier rosters.
    pub hard_queue_minutes: Minutes,
    /// Time on queue of the last shift before the horizon that lies in it; it counts as cover.
    pub on_queue_in_horizon: Vec<EarlierWork>,
}

/// Time on queue of a shift of the roster before.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EarlierWork {
    /// When it begins.
    pub start: Timestamp,
    /// How long it lasts.
    pub length: Minutes,
    /// The queues served; empty means all that the agent can serve.
    pub queues: Vec<QueueId>,
}

impl EarlierWork {
    /// In the minutes of a horizon.
    pub fn span(&self, days: &DayMap) -> Span {
        Span::new(days.minute_of(self.start), self.length)
    }
}

/// People who belong together and share breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// What people call it; empty where not told.
    pub name: String,
}
