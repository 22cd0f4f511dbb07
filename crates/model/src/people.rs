//! People: agents, their teams, contracts, skills, availability and wishes.

use crate::calendar::{Date, DayIndex, DayMap, Timestamp, Weekday};
use crate::id::{AgentId, ContractId, SkillId, TeamId, TemplateId};
use crate::units::{Minutes, Span};

/// A set of days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
}

/// People who belong together and share breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// What people call it; empty where not told.
    pub name: String,
}
