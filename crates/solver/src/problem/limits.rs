//! Further limits of an agent as the path over days reads them: averages, weekends, nights, rotation, starts of a week, fixed days.
//!
//! Invariant: an agent without such limits has [`Limits::default`], and nothing of it is then looked at.

use fika_model::people::{Agent, Contract};
use fika_model::{DayIndex, Minute, Request, Span, Weekday};

/// What a contract and a history add to the limits of days and weeks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Limits {
    /// Weeks of a reference period and its paid minutes.
    pub(crate) averaging: Option<Average>,
    /// Most worked weekends of so many in a row.
    pub(crate) weekends: Option<(u32, u32)>,
    /// Weekends worked before the horizon: bit 0 is the last.
    pub(crate) weekends_before: u8,
    /// The nights of the horizon as pieces of time, and the minutes that make a night shift.
    pub(crate) nights: Option<Nights>,
    pub(crate) nights_before: u8,
    pub(crate) forward: bool,
    /// Start of the shift on the day before, by the wall clock.
    pub(crate) start_before: Option<u16>,
    pub(crate) starts_within: Option<u16>,
    /// Days on which a shift stands.
    pub(crate) must: Vec<u16>,
    /// Paid minutes that absences are credited with, by week; filled where averages are limited.
    pub(crate) credited: Vec<i32>,
}

/// A reference period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Average {
    pub(crate) weeks: u32,
    /// Of the whole period.
    pub(crate) least: i32,
    pub(crate) most: i32,
    /// Weeks and paid minutes of the running period before the horizon.
    pub(crate) weeks_before: u32,
    pub(crate) paid_before: i32,
}

/// Nights.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Nights {
    spans: Vec<(i32, i32)>,
    counts_from: i32,
    pub(crate) in_row: u8,
    pub(crate) per_week: u8,
}

impl Nights {
    /// Whether a shift is a night shift.
    pub(crate) fn holds(&self, start: i32, end: i32) -> bool {
        let first = self.spans.partition_point(|(_, to)| *to <= start);
        self.spans[first..].iter().take_while(|(from, _)| *from < end).any(|(from, to)| end.min(*to) - start.max(*from) >= self.counts_from)
    }
}

impl Limits {
    pub(super) fn of(request: &Request, agent: &Agent, contract: &Contract) -> Self {
        let limits = &contract.limits;
        let days = &request.days;
        let average = limits.averaging.map(|averaging| Average {
            weeks: averaging.weeks,
            least: (averaging.week_paid.least.get() * averaging.weeks) as i32,
            most: (averaging.week_paid.most.get() * averaging.weeks) as i32,
            weeks_before: agent.history.averaging_weeks,
            paid_before: agent.history.averaging_paid.get() as i32,
        });
        let few = |count: Option<u32>| count.map_or(u8::MAX, |count| count.min(254) as u8);
        let nights = limits.nights.map(|rule| {
            let night = |day| (days.minute_at_wall(day, rule.window.0).get(), days.minute_at_wall(day, rule.window.1).get());
            let (from, to) = night(DayIndex::new(0));
            let spans = std::iter::once((from - 1440, to - 1440)).chain(days.days().map(night)).collect();
            let counts_from = rule.counts_from.get() as i32;
            Nights { spans, counts_from, in_row: few(rule.most_in_row), per_week: few(rule.most_per_week) }
        });
        let week = |first: usize| {
            let last = (first + 6).min(days.len() - 1);
            Span::between(days.day_span(DayIndex::new(first as u32)).start(), days.day_span(DayIndex::new(last as u32)).end())
        };
        let credit = |week: Span| agent.absences.iter().filter(|a| week.holds(a.span.start())).map(|a| a.credited.get() as i32).sum();
        let worked = agent.history.weekends_worked.iter().enumerate().filter(|(_, worked)| **worked);
        Self {
            averaging: average,
            weekends: limits.weekends.map(|rule| (rule.of - rule.free, rule.of)),
            weekends_before: if limits.weekends.is_some() { worked.fold(0, |mask, (n, _)| mask | 1 << n.min(7)) } else { 0 },
            nights_before: if nights.is_some() { agent.history.nights_in_row.min(254) as u8 } else { 0 },
            nights,
            forward: limits.forward_rotation,
            start_before: agent.history.start_of_day_before.filter(|_| limits.forward_rotation).map(|start| start as u16),
            starts_within: limits.starts_within.map(|minutes| minutes.get().min(2880) as u16),
            must: agent.fixed.iter().filter_map(|fixed| days.day_at(fixed.span.start())).map(|day| day.get() as u16).collect(),
            credited: if average.is_some() { (0..days.len()).step_by(7).map(|first| credit(week(first))).collect() } else { Vec::new() },
        }
    }

    /// Whether a shift stands on a day.
    pub(crate) fn must(&self, day: usize) -> bool {
        self.must.contains(&(day as u16))
    }
}

/// What a contract asks of each single shift beside its template and length.
pub(super) struct ShiftLimits {
    day_paid: Option<(u32, u32)>,
    longest: u32,
    nights: Option<(Nights, u32)>,
}

impl ShiftLimits {
    pub(super) fn of(request: &Request, agent: &Agent, contract: &Contract) -> Self {
        let night = contract.limits.nights.and_then(|rule| rule.longest_shift);
        Self {
            day_paid: contract.limits.day_paid.map(|range| (range.least.get(), range.most.get())),
            longest: 1440 - request.rest.daily.get().min(1440),
            nights: Limits::of(request, agent, contract).nights.zip(night.map(fika_model::Minutes::get)),
        }
    }

    /// Whether a shift keeps them. Its end leaves the daily rest in the 24 hours from its start; the rest between shifts does the rest.
    pub(super) fn allow(&self, start: i32, length: u32, paid: u32) -> bool {
        let night = self.nights.as_ref().is_none_or(|(nights, most)| length <= *most || !nights.holds(start, start + length as i32));
        night && length <= self.longest && self.day_paid.is_none_or(|(least, most)| (least..=most).contains(&paid))
    }
}

/// Which part of a weekend a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WeekendDay {
    /// Whether it goes on with the weekend of the day before.
    pub(crate) goes_on: bool,
    /// Whether the weekend ends with it, inside the horizon.
    pub(crate) ends: bool,
}

/// The weekends of a horizon by day.
pub(super) fn weekend_days(request: &Request) -> Vec<Option<WeekendDay>> {
    let days = &request.days;
    let of = |day: DayIndex| match days.weekday(day) {
        Weekday::Saturday => Some(WeekendDay { goes_on: false, ends: day.get() + 1 == days.len() }),
        Weekday::Sunday => Some(WeekendDay { goes_on: day.get() > 0, ends: true }),
        _ => None,
    };
    days.days().map(of).collect()
}

/// The start of a shift by the wall clock, in minutes after midnight.
pub(super) fn wall(request: &Request, start_minute: i32) -> u16 {
    request.days.wall_at(Minute::new(start_minute)).1 as u16
}
