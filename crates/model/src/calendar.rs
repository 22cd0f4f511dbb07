//! Local days of a horizon: the only place where wall clocks and UTC meet.
//!
//! Days of 23 and 25 hours exist. A wall-clock time that a change of clocks skips means the instant after the
//! gap by as much as it lay inside it; one that occurs twice means its first occurrence (RFC 5545, as `jiff`'s "compatible").

use jiff::civil;
use jiff::tz::TimeZone;
use thiserror::Error;

use crate::units::{Minute, Minutes, Span};

pub use jiff::Timestamp;
pub use jiff::civil::{Date, Weekday};

/// The longest horizon, in days.
pub const LONGEST_HORIZON_DAYS: u32 = 92;

/// A horizon that cannot be laid out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// The name is no IANA time zone.
    #[error("{name:?} is no IANA time zone")]
    UnknownZone {
        /// What was given.
        name: String,
    },
    /// The horizon has no days or too many.
    #[error("a horizon of {days} days, outside 1 to {LONGEST_HORIZON_DAYS}")]
    HorizonLength {
        /// What was given.
        days: u32,
    },
    /// The horizon leaves the years that are handled, 1980 to 2200.
    #[error("a horizon from {first} leaves the years 1980 to 2200")]
    Year {
        /// Its first day.
        first: Date,
    },
}

/// The number of a local day in the horizon, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayIndex(u32);

impl DayIndex {
    /// The day with this number.
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// Its number.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// The local days of a horizon in a time zone.
#[derive(Debug, Clone, PartialEq)]
pub struct DayMap {
    zone: TimeZone,
    zone_name: String,
    first: Date,
    start: Timestamp,
    /// The start of each day, and the end of the last: one more than there are days.
    starts: Vec<Minute>,
}

impl DayMap {
    /// Lays out `days` local days from `first`.
    pub fn new(zone_name: &str, first: Date, days: u32) -> Result<Self, CalendarError> {
        let unknown = || CalendarError::UnknownZone { name: zone_name.to_owned() };
        let zone = TimeZone::get(zone_name).map_err(|_| unknown())?;
        if days == 0 || days > LONGEST_HORIZON_DAYS {
            return Err(CalendarError::HorizonLength { days });
        }
        if !(1980..=2200).contains(&first.year()) {
            return Err(CalendarError::Year { first });
        }
        let year = || CalendarError::Year { first };
        let midnight = |day: u32| -> Result<Timestamp, CalendarError> {
            let date = first.checked_add(jiff::Span::new().days(i64::from(day))).map_err(|_| year())?;
            let zoned = date.to_zoned(zone.clone()).map_err(|_| year())?;
            Ok(zoned.timestamp())
        };
        let start = midnight(0)?;
        let minute_of = |at: Timestamp| Minute::new(((at.as_second() - start.as_second()) / 60) as i32);
        let starts = (0..=days).map(|day| Ok(minute_of(midnight(day)?))).collect::<Result<_, CalendarError>>()?;
        Ok(Self { zone, zone_name: zone_name.to_owned(), first, start, starts })
    }

    /// The IANA name of the zone.
    pub fn zone_name(&self) -> &str {
        &self.zone_name
    }

    /// The instant at which the first day begins: minute 0.
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// The first day.
    pub const fn first_date(&self) -> Date {
        self.first
    }

    /// How many days there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Never: a horizon has at least one day.
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// All days in order.
    pub fn days(&self) -> impl Iterator<Item = DayIndex> + use<> {
        (0..self.len() as u32).map(DayIndex)
    }

    /// The whole horizon.
    pub fn span(&self) -> Span {
        Span::between(Minute::new(0), self.starts.last().copied().unwrap_or_default())
    }

    /// The piece of time of a day; a day outside the horizon is empty.
    pub fn day_span(&self, day: DayIndex) -> Span {
        match (self.starts.get(day.get()), self.starts.get(day.get() + 1)) {
            (Some(start), Some(end)) => Span::between(*start, *end),
            _ => Span::new(self.span().end(), Minutes::ZERO),
        }
    }

    /// The date of a day.
    pub fn date(&self, day: DayIndex) -> Date {
        self.first.saturating_add(jiff::Span::new().days(day.get() as i64))
    }

    /// The day of the week of a day.
    pub fn weekday(&self, day: DayIndex) -> Weekday {
        self.date(day).weekday()
    }

    /// The day with this date, if the horizon holds it.
    pub fn day_of_date(&self, date: Date) -> Option<DayIndex> {
        self.days().find(|day| self.date(*day) == date)
    }

    /// The day that holds a minute, if the horizon does.
    pub fn day_at(&self, minute: Minute) -> Option<DayIndex> {
        self.days().find(|day| self.day_span(*day).holds(minute))
    }

    /// The minute at which the wall clock shows `minute_of_day` minutes after midnight of `day`; 1,440 and more
    /// mean the days after it.
    pub fn minute_at_wall(&self, day: DayIndex, minute_of_day: u32) -> Minute {
        let date = self.date(day).saturating_add(jiff::Span::new().days(i64::from(minute_of_day / 1440)));
        let within = minute_of_day % 1440;
        let time = civil::Time::MIN.saturating_add(jiff::Span::new().minutes(i64::from(within)));
        match date.to_datetime(time).to_zoned(self.zone.clone()) {
            Ok(zoned) => self.minute_of(zoned.timestamp()),
            Err(_) => self.day_span(day).start(),
        }
    }

    /// What the wall clock shows at a minute: the date and the minutes since its midnight.
    pub fn wall_at(&self, minute: Minute) -> (Date, u32) {
        let zoned = self.timestamp(minute).to_zoned(self.zone.clone());
        (zoned.date(), zoned.hour() as u32 * 60 + zoned.minute() as u32)
    }

    /// The instant of a minute.
    pub fn timestamp(&self, minute: Minute) -> Timestamp {
        let length = jiff::SignedDuration::from_mins(i64::from(minute.get()));
        self.start.saturating_add(length).unwrap_or(self.start)
    }

    /// The minute of an instant, rounded down.
    pub fn minute_of(&self, at: Timestamp) -> Minute {
        let minutes = (at.as_second() - self.start.as_second()).div_euclid(60);
        Minute::new(minutes.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(zone: &str, first: Date, days: u32) -> DayMap {
        DayMap::new(zone, first, days).expect("a legal horizon")
    }

    #[test]
    fn days_of_23_and_25_hours_exist() {
        let spring = map("Europe/Berlin", civil::date(2026, 3, 28), 3);
        let lengths: Vec<u32> = spring.days().map(|d| spring.day_span(d).length().get()).collect();
        assert_eq!(lengths, [1440, 1380, 1440]);
        let autumn = map("Europe/Berlin", civil::date(2026, 10, 25), 1);
        assert_eq!(autumn.day_span(DayIndex::new(0)).length().get(), 1500);
    }

    #[test]
    fn wall_clock_times_that_are_skipped_or_doubled_have_one_meaning() {
        let spring = map("Europe/Berlin", civil::date(2026, 3, 29), 1);
        assert_eq!(spring.minute_at_wall(DayIndex::new(0), 150).get(), 150, "02:30 does not exist and means 03:30");
        assert_eq!(spring.wall_at(Minute::new(150)).1, 210);
        let autumn = map("Europe/Berlin", civil::date(2026, 10, 25), 1);
        assert_eq!(autumn.minute_at_wall(DayIndex::new(0), 150).get(), 150, "the first 02:30");
        assert_eq!(autumn.minute_at_wall(DayIndex::new(0), 1440).get(), 1500);
    }

    #[test]
    fn horizons_that_make_no_sense_are_refused() {
        let day = civil::date(2026, 1, 1);
        assert_eq!(DayMap::new("Mars/Olympus", day, 7), Err(CalendarError::UnknownZone { name: "Mars/Olympus".into() }));
        assert_eq!(DayMap::new("UTC", day, 0), Err(CalendarError::HorizonLength { days: 0 }));
        assert_eq!(DayMap::new("UTC", day, 3650), Err(CalendarError::HorizonLength { days: 3650 }));
        assert!(DayMap::new("UTC", civil::date(1970, 1, 1), 7).is_err() && DayMap::new("UTC", civil::date(2262, 1, 1), 7).is_err());
    }

    #[test]
    fn minutes_and_instants_are_two_names_of_one_point() {
        let week = map("Asia/Jerusalem", civil::date(1999, 2, 28), 7);
        for minute in [-5, 0, 1, 10_079] {
            assert_eq!(week.minute_of(week.timestamp(Minute::new(minute))).get(), minute);
        }
        assert_eq!(week.weekday(DayIndex::new(0)), Weekday::Sunday);
        assert_eq!(week.day_at(Minute::new(1440)), Some(DayIndex::new(1)));
        assert_eq!(week.day_of_date(civil::date(1999, 3, 2)), Some(DayIndex::new(2)));
    }
}
