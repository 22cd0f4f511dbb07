//! What a label remembers for the further limits of contracts: averages, weekends, nights, rotation and the starts of a week.
//!
//! Invariant: for an agent without such limits every field keeps its start value, so that labels compare as if this were not here.

use super::Choice;
use crate::problem::{Person, Problem};

/// No shift on the day before.
const NO_START: u16 = u16::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Load {
    /// Paid minutes of the reference period so far.
    total: i32,
    /// Whether less or more of them may both be wanted: then only equal totals compare.
    exact: bool,
    /// The last weekends worked: bit 0 is the last.
    weekends: u8,
    /// Whether the present weekend is worked so far.
    weekend: bool,
    nights_row: u8,
    nights_week: u8,
    /// Start of the shift of the day before by the wall clock.
    start: u16,
    /// First and last start of the week.
    first: u16,
    last: u16,
}

impl Load {
    /// At the start of the horizon.
    pub(super) fn start(person: &Person) -> Self {
        let limits = &person.limits;
        Self {
            total: limits.averaging.map_or(0, |average| average.paid_before),
            exact: limits.averaging.is_some_and(|average| average.least > 0),
            weekends: limits.weekends_before,
            weekend: false,
            nights_row: limits.nights_before,
            nights_week: 0,
            start: limits.start_before.unwrap_or(NO_START),
            first: u16::MAX,
            last: 0,
        }
    }

    /// After a day that is off or worked; `reached` tells whether a shift of the day before reaches into it. `None` where a limit is passed.
    pub(super) fn after_day(
        mut self,
        problem: &Problem,
        person: &Person,
        day: usize,
        reached: bool,
        choice: Option<&Choice>,
    ) -> Option<Self> {
        let limits = &person.limits;
        if let Some((worked, of)) = limits.weekends
            && let Some(part) = problem.weekends[day]
        {
            self.weekend = (part.goes_on && self.weekend) || reached || choice.is_some();
            if part.ends {
                self.weekends = self.weekends << 1 | u8::from(self.weekend);
                self.weekend = false;
                let looked_at = if of >= 8 { u8::MAX } else { (1 << of) - 1 };
                if (self.weekends & looked_at).count_ones() > worked {
                    return None;
                }
                // What no later weekend looks back on is forgotten.
                self.weekends &= looked_at >> 1;
            }
        }
        let Some(choice) = choice else {
            self.nights_row = 0;
            self.start = NO_START;
            return Some(self);
        };
        if let Some(average) = limits.averaging {
            self.total += choice.paid;
            let credited = limits.credited.get(day / 7).copied().unwrap_or_default();
            if self.total + credited > average.most {
                return None;
            }
        }
        if let Some(nights) = &limits.nights {
            let night = nights.holds(choice.start, choice.end);
            self.nights_row = if night { self.nights_row.saturating_add(1) } else { 0 };
            self.nights_week += u8::from(night);
            if night && (self.nights_row > nights.in_row || self.nights_week > nights.per_week) {
                return None;
            }
        }
        if limits.forward || limits.starts_within.is_some() {
            let wall = problem.options[choice.option as usize].wall;
            if limits.forward {
                if self.start != NO_START && wall < self.start {
                    return None;
                }
                self.start = wall;
            }
            if let Some(within) = limits.starts_within {
                (self.first, self.last) = (self.first.min(wall), self.last.max(wall));
                if self.last - self.first > within {
                    return None;
                }
            }
        }
        Some(self)
    }

    /// At the end of a week; tells whether the reference period, where it ends, has what is due.
    pub(super) fn end_week(&mut self, problem: &Problem, person: &Person, week: usize) -> bool {
        self.nights_week = 0;
        (self.first, self.last) = (u16::MAX, 0);
        let Some(average) = person.limits.averaging else { return true };
        self.total += person.limits.credited.get(week).copied().unwrap_or_default();
        let ends = problem.week_of(week * 7).1 && (average.weeks_before as usize + week + 1).is_multiple_of(average.weeks as usize);
        if self.total > average.most || (ends && self.total < average.least) {
            return false;
        }
        if ends {
            self.total = 0;
        }
        true
    }

    /// Whether what may follow the other may follow this as well.
    pub(super) fn is_no_worse(&self, other: &Self) -> bool {
        let total = if self.exact { self.total == other.total } else { self.total <= other.total };
        let start = self.start == NO_START || (other.start != NO_START && self.start <= other.start);
        total
            && start
            && self.weekends & !other.weekends == 0
            && self.weekend <= other.weekend
            && self.nights_row <= other.nights_row
            && self.nights_week <= other.nights_week
            && self.first >= other.first
            && self.last <= other.last
    }
}
