//! Fairness: what a site counts as unpopular, what earlier rosters gave to whom, and how evenly it is shared.
//!
//! Counters are plain sums over all rosters that are told: nothing decays, and a site that wants to forget begins again at zero. Burdens
//! are compared between agents of the same contract and availability, as shares: per 40 paid hours, denied wishes per wish. Who has less
//! than half the mean exposure of her group is left out of the comparison.

use crate::calendar::Weekday;
use crate::id::{AgentId, TeamId};
use crate::people::{LoadHistory, Weekdays};
use crate::units::Minutes;
use crate::{Date, Timestamp};

/// What a site counts as unpopular, and what years of employment weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FairnessPolicy {
    /// Shifts that begin earlier than this by the wall clock are unpopular, in minutes after midnight (default 07:00).
    pub early_before: u32,
    /// Shifts that end later than this are unpopular, in minutes after the midnight of the day on which they begin (default 20:00).
    pub late_after: u32,
    /// Shifts that begin on these days are weekend shifts (default Saturday and Sunday).
    pub weekend: Weekdays,
    /// A shift whose first break begins later than this after its start has a late break (default 105 minutes).
    pub late_break: Minutes,
    /// Percent by which a wish weighs more for each whole year of employment, for at most [`Self::MOST_YEARS`] years; by default 0:
    /// years count for nothing.
    pub seniority_percent: u32,
}

impl FairnessPolicy {
    /// Years of employment beyond which a wish weighs no more.
    pub const MOST_YEARS: u32 = 20;

    /// What a wish weighs, in percent, of an agent employed since a date, on the first day of a horizon.
    pub fn seniority(&self, since: Option<Date>, first_day: Date) -> u32 {
        let whole = |since: Date| {
            let years = i32::from(first_day.year()) - i32::from(since.year());
            let before = (first_day.month(), first_day.day()) < (since.month(), since.day());
            u32::try_from(years - i32::from(before)).unwrap_or(0)
        };
        100 + self.seniority_percent * since.map_or(0, whole).min(Self::MOST_YEARS)
    }
}

impl Default for FairnessPolicy {
    fn default() -> Self {
        Self {
            early_before: 420,
            late_after: 1200,
            weekend: Weekdays::of([Weekday::Saturday, Weekday::Sunday]),
            late_break: Minutes::of(105),
            seniority_percent: 0,
        }
    }
}

/// What rosters gave to one agent, in all. Absences count neither as time nor as a burden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FairCounters {
    /// Paid minutes of the shifts that were counted.
    pub paid_minutes: u32,
    /// Shifts that began early or ended late.
    pub unpopular_shifts: u32,
    /// Shifts whose first break was late.
    pub late_breaks: u32,
    /// Shifts on weekend days.
    pub weekend_shifts: u32,
    /// Wishes, each counted as [`WishKind`] says.
    pub wishes_asked: u32,
    /// Those of them that were granted.
    pub wishes_granted: u32,
}

impl FairCounters {
    /// The sum of two.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            paid_minutes: self.paid_minutes.saturating_add(other.paid_minutes),
            unpopular_shifts: self.unpopular_shifts.saturating_add(other.unpopular_shifts),
            late_breaks: self.late_breaks.saturating_add(other.late_breaks),
            weekend_shifts: self.weekend_shifts.saturating_add(other.weekend_shifts),
            wishes_asked: self.wishes_asked.saturating_add(other.wishes_asked),
            wishes_granted: self.wishes_granted.saturating_add(other.wishes_granted),
        }
    }

    /// How much of a burden was carried, and the exposure that it is compared by: paid minutes, or wishes asked.
    pub const fn burden(&self, burden: Burden) -> (u32, u32) {
        match burden {
            Burden::UnpopularShifts => (self.unpopular_shifts, self.paid_minutes),
            Burden::LateBreaks => (self.late_breaks, self.paid_minutes),
            Burden::WeekendShifts => (self.weekend_shifts, self.paid_minutes),
            Burden::DeniedWishes => (self.wishes_asked.saturating_sub(self.wishes_granted), self.wishes_asked),
        }
    }
}

/// What is shared between agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Burden {
    /// Shifts that begin early or end late.
    UnpopularShifts,
    /// Late first breaks.
    LateBreaks,
    /// Shifts on weekend days.
    WeekendShifts,
    /// Wishes that were not granted.
    DeniedWishes,
}

impl Burden {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::UnpopularShifts, Self::LateBreaks, Self::WeekendShifts, Self::DeniedWishes];

    /// The exposure that one unit of the share is taken of: 40 paid hours, or a wish.
    pub const fn per(self) -> u32 {
        if matches!(self, Self::DeniedWishes) { 1 } else { 2400 }
    }
}

/// How unevenly something is shared.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spread {
    /// Mean share of all agents that are compared.
    pub mean: f64,
    /// The largest difference between the shares of two agents that are compared with each other.
    pub range: f64,
    /// Gini coefficient of the shares, 0 (equal) to 1: the mean over the groups, weighted by their agents.
    pub gini: f64,
}

/// A burden over the agents that carry it, alike with alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FairnessMeasure {
    /// The burden.
    pub burden: Burden,
    /// Agents that are compared with at least one other.
    pub agents: u32,
    /// Groups that they fall into.
    pub groups: u32,
    /// By the counters that came in.
    pub before: Spread,
    /// By the counters that go out.
    pub after: Spread,
}

/// The kinds of wishes, and how each counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WishKind {
    /// No shift begins on a day: one wish for a day of the horizon.
    DayOff,
    /// A shift of a template on a day: one wish for a day of the horizon.
    Template,
    /// Starts near a time: one wish for each shift.
    StartNear,
    /// Breaks with a colleague: one wish for each day on which shifts of both begin and have five minutes in common; granted where a break of
    /// the one holds five minutes of a break of the other.
    Colleague,
}

impl WishKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::DayOff, Self::Template, Self::StartNear, Self::Colleague];
}

/// Wishes of one kind over all agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WishCount {
    /// The kind.
    pub kind: WishKind,
    /// How many there were.
    pub asked: u32,
    /// How many were granted.
    pub granted: u32,
}

/// Why two team-mates did not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Apart {
    /// They were never on shift together for five minutes.
    NeverTogether,
    /// The windows of their breaks never have five minutes in common.
    NoCommonWindow,
    /// Their breaks could lie together by their windows, and lie elsewhere: for service, for other rules or for company of others.
    PlacedApart,
}

impl Apart {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NeverTogether, Self::NoCommonWindow, Self::PlacedApart];
}

/// Two team-mates who did not meet over the horizon, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strangers {
    /// The one.
    pub one: AgentId,
    /// The other.
    pub other: AgentId,
    /// Why.
    pub why: Apart,
}

/// Who met whom in a team over the horizon: a break of the one held at least five minutes of a break of the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamCompany {
    /// The team.
    pub team: TeamId,
    /// Pairs of team-mates who were on shift together for at least five minutes.
    pub pairs: u32,
    /// Those of them who met.
    pub met: u32,
    /// Agents who met nobody in some week in which they could have, in the order of the ids. They could have where the shift of a
    /// team-mate and one of theirs have five minutes in common beyond the edges of both.
    pub left_out: Vec<AgentId>,
    /// Pairs on shift together who met, or whose breaks have five minutes in common by the windows of their rules: in these shifts no more
    /// can meet, whatever their breaks.
    pub possible: u32,
    /// Every pair of the team that did not meet, in the order of the ids.
    pub strangers: Vec<Strangers>,
}

/// What the next horizon needs to know of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarryOver {
    /// The agent.
    pub agent: AgentId,
    /// When her last shift ended, in this horizon or before.
    pub last_shift_end: Option<Timestamp>,
    /// Days with a shift in a row just before the next horizon.
    pub days_worked: u32,
    /// The running counters.
    pub history: LoadHistory,
}

/// How a roster shares what is unpopular, wishes and company.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FairnessReport {
    /// What the next horizon needs to know, in the order of the agents' ids.
    pub carry_over: Vec<CarryOver>,
    /// The burdens that anybody carries, in the order of [`Burden::ALL`].
    pub measures: Vec<FairnessMeasure>,
    /// Kinds of which there was a wish.
    pub wishes: Vec<WishCount>,
    /// Teams with a pair on shift together, in the order of the ids.
    pub teams: Vec<TeamCompany>,
    /// Person-minutes short of the requirement while more of one team were on break than its company needs; at most as many as those.
    pub group_short_minutes: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_of_employment_weigh_only_where_they_are_asked_for() {
        let weight = |percent, since: Option<(i16, i8, i8)>| {
            let policy = FairnessPolicy { seniority_percent: percent, ..FairnessPolicy::default() };
            policy.seniority(since.map(|(y, m, d)| Date::constant(y, m, d)), Date::constant(2026, 3, 2))
        };
        assert_eq!([weight(0, Some((2000, 1, 1))), weight(5, None), weight(5, Some((2030, 1, 1)))], [100; 3]);
        assert_eq!((weight(5, Some((2025, 3, 3))), weight(5, Some((2025, 3, 2)))), (100, 105));
        assert_eq!((weight(5, Some((2006, 3, 2))), weight(5, Some((1990, 3, 2)))), (200, 200));
    }

    #[test]
    fn counters_add_up_and_never_wrap() {
        let some = FairCounters { paid_minutes: 2400, unpopular_shifts: 2, wishes_asked: 3, wishes_granted: 1, ..FairCounters::default() };
        let sum = some.plus(some);
        assert_eq!(sum.burden(Burden::UnpopularShifts), (4, 4800));
        assert_eq!(sum.burden(Burden::DeniedWishes), (4, 6));
        let full = FairCounters { paid_minutes: u32::MAX, ..some };
        assert_eq!(full.plus(some).paid_minutes, u32::MAX);
    }
}
