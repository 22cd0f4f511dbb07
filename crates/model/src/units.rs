//! Quantities with a unit and a range. An index, a count and a length are three types.

use thiserror::Error;

/// A number outside the range of its quantity.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{quantity} is {value}, outside {min} to {max}")]
pub struct OutOfRange {
    /// The quantity, with its unit.
    pub quantity: &'static str,
    /// What was given.
    pub value: f64,
    /// The least that is taken.
    pub min: f64,
    /// The most that is taken.
    pub max: f64,
}

fn within(quantity: &'static str, value: f64, min: f64, max: f64) -> Result<(), OutOfRange> {
    if value.is_finite() && value >= min && value <= max { Ok(()) } else { Err(OutOfRange { quantity, value, min, max }) }
}

/// A length of time in whole minutes, 0 to 527,040 (366 days).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Minutes(u32);

impl Minutes {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest length: 366 days.
    pub const MAX: u32 = 366 * 24 * 60;

    /// Takes a length in minutes.
    pub fn new(minutes: i64) -> Result<Self, OutOfRange> {
        within("a length in minutes", minutes as f64, 0.0, f64::from(Self::MAX))?;
        Ok(Self(minutes as u32))
    }

    /// A length known to be small; anything above a week is cut to 366 days.
    pub const fn of(minutes: u16) -> Self {
        Self(minutes as u32)
    }

    /// The length as a number of minutes.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// A point in time: whole minutes from the start of the horizon; negative before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Minute(i32);

impl Minute {
    /// The point so many minutes after the start of the horizon.
    pub const fn new(minutes_from_start: i32) -> Self {
        Self(minutes_from_start)
    }

    /// Minutes from the start of the horizon.
    pub const fn get(self) -> i32 {
        self.0
    }

    /// The point that is `length` later.
    #[must_use]
    pub const fn plus(self, length: Minutes) -> Self {
        Self(self.0.saturating_add(length.0 as i32))
    }

    /// Minutes from `earlier` to this point; negative when this point is the earlier one.
    pub const fn minutes_since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A half-open piece of time `[start, end)` on the minutes of a horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    start: Minute,
    length: Minutes,
}

impl Span {
    /// The piece that begins at `start` and lasts `length`.
    pub const fn new(start: Minute, length: Minutes) -> Self {
        Self { start, length }
    }

    /// The piece between two points; empty when `end` is not after `start`.
    pub fn between(start: Minute, end: Minute) -> Self {
        Self { start, length: Minutes(end.minutes_since(start).max(0) as u32) }
    }

    /// Its first minute.
    pub const fn start(self) -> Minute {
        self.start
    }

    /// The minute after its last one.
    pub const fn end(self) -> Minute {
        self.start.plus(self.length)
    }

    /// How long it is.
    pub const fn length(self) -> Minutes {
        self.length
    }

    /// Whether `minute` lies in it.
    pub fn holds(self, minute: Minute) -> bool {
        self.start <= minute && minute < self.end()
    }

    /// Whether all of `other` lies in it.
    pub fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end() <= self.end()
    }

    /// How long both last together.
    pub fn overlap(self, other: Self) -> Minutes {
        Self::between(self.start.max(other.start), self.end().min(other.end())).length
    }
}

/// The length of one interval of a grid in minutes: 1 to 60, a divisor of 60.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalLength(u32);

impl IntervalLength {
    /// A quarter of an hour, the usual planning interval.
    pub const QUARTER_HOUR: Self = Self(15);
    /// Half an hour.
    pub const HALF_HOUR: Self = Self(30);

    /// Takes a divisor of 60.
    pub fn new(minutes: i64) -> Result<Self, OutOfRange> {
        let error = OutOfRange { quantity: "an interval in minutes (a divisor of 60)", value: minutes as f64, min: 1.0, max: 60.0 };
        if (1..=60).contains(&minutes) && 60 % minutes == 0 { Ok(Self(minutes as u32)) } else { Err(error) }
    }

    /// The interval as a number of minutes.
    pub const fn minutes(self) -> u32 {
        self.0
    }

    /// The interval as a number of seconds.
    pub const fn seconds(self) -> u32 {
        self.0 * 60
    }
}

/// A share between 0 and 1, both included.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Fraction(f64);

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self(0.0);
    /// The whole.
    pub const ONE: Self = Self(1.0);

    /// Takes a share between 0 and 1.
    pub fn new(share: f64) -> Result<Self, OutOfRange> {
        within("a share", share, 0.0, 1.0)?;
        Ok(Self(share))
    }

    /// A share given in whole percent; more than 100 is 100.
    pub const fn percent(percent: u8) -> Self {
        let percent = if percent > 100 { 100 } else { percent };
        Self(percent as f64 / 100.0)
    }

    /// The share as a number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// A number of people, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct HeadCount(u32);

impl HeadCount {
    /// So many people.
    pub const fn new(people: u32) -> Self {
        Self(people)
    }

    /// How many.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Full-time equivalents: people's time as a fraction of full contracts, not negative.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Fte(f64);

impl Fte {
    /// Takes 0 to 1,000,000 full-time equivalents.
    pub fn new(equivalents: f64) -> Result<Self, OutOfRange> {
        within("full-time equivalents", equivalents, 0.0, 1e6)?;
        Ok(Self(equivalents))
    }

    /// How many.
    pub const fn get(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_held_on_both_sides() {
        assert!(Fraction::new(0.0).is_ok() && Fraction::new(1.0).is_ok());
        assert!(Fraction::new(-f64::EPSILON).is_err() && Fraction::new(f64::NAN).is_err());
        assert_eq!(Minutes::new(i64::from(Minutes::MAX)).map(Minutes::get), Ok(Minutes::MAX));
        assert!(Minutes::new(-1).is_err() && Minutes::new(i64::from(Minutes::MAX) + 1).is_err());
        assert!(IntervalLength::new(15).is_ok() && IntervalLength::new(7).is_err() && IntervalLength::new(0).is_err());
    }

    #[test]
    fn spans_are_half_open() {
        let span = |start, length| Span::new(Minute::new(start), Minutes::of(length));
        assert!(span(0, 15).holds(Minute::new(0)) && !span(0, 15).holds(Minute::new(15)));
        assert_eq!(span(0, 15).overlap(span(10, 15)).get(), 5);
        assert_eq!(span(0, 15).overlap(span(15, 15)).get(), 0);
        assert!(span(0, 15).covers(span(5, 10)) && !span(0, 15).covers(span(5, 11)));
        assert_eq!(Span::between(Minute::new(9), Minute::new(3)).length(), Minutes::ZERO);
    }
}
