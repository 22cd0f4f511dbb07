//! Reading a message into the model: places, faults and placeholders.
//!
//! A value that cannot be taken is noted with its place and replaced by a placeholder, so that reading goes on and every fault of a
//! message is named at once. No placeholder leaves this crate: a reading with faults ends in them.

use std::fmt;

use fika_model::calendar::{CalendarError, Date, DayMap};
use fika_model::fault::{FaultCode, Faults};
use fika_model::id::IdError;
use fika_model::units::{Minute, Minutes, Span};
use fika_model::{
    ActivityId, AgentId, CallId, ContractId, Fraction, IntervalLength, QueueId, RequestId, RosterId, RuleId, SiteId, SkillId, TeamId,
};
use fika_model::{TemplateId, Timestamp};

use crate::proto;
use crate::proto::fika::v1;

/// A place in a message. Written only when there is a fault to tell, so that sound messages cost no text.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    parent: Option<&'a At<'a>>,
    step: Step,
}

#[derive(Clone, Copy)]
enum Step {
    Whole,
    Field(&'static str),
    Item(usize),
}

impl At<'_> {
    pub(crate) const WHOLE: At<'static> = At { parent: None, step: Step::Whole };

    /// A field, by its JSON name.
    pub(crate) const fn field(&self, name: &'static str) -> At<'_> {
        At { parent: Some(self), step: Step::Field(name) }
    }

    /// An item of a list.
    pub(crate) const fn item(&self, n: usize) -> At<'_> {
        At { parent: Some(self), step: Step::Item(n) }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        let first = self.parent.is_none_or(|parent| matches!(parent.step, Step::Whole));
        match self.step {
            Step::Whole => Ok(()),
            Step::Field(name) if first => f.write_str(name),
            Step::Field(name) => write!(f, ".{name}"),
            Step::Item(n) => write!(f, "[{n}]"),
        }
    }
}

/// An id of the model, whatever it names.
pub(crate) trait Id: Sized {
    fn take(id: &str) -> Result<Self, IdError>;
}

macro_rules! ids {
    ($($name:ident),*) => {$(
        impl Id for $name {
            fn take(id: &str) -> Result<Self, IdError> {
                Self::new(id)
            }
        }
    )*};
}

ids!(ActivityId, AgentId, CallId, ContractId, QueueId, RequestId, RosterId, RuleId, SiteId, SkillId, TeamId, TemplateId);

/// Collects the faults of one message.
#[derive(Default)]
pub(crate) struct Reading {
    faults: Faults,
    placeholders: u32,
}

impl Reading {
    pub(crate) fn fault(&mut self, code: FaultCode, at: &At<'_>, cause: impl fmt::Display) {
        self.faults.push(code, at.to_string(), cause);
    }

    pub(crate) fn has_faults(&self) -> bool {
        !self.faults.0.is_empty()
    }

    /// Whether the last fault is at this very place.
    pub(crate) fn has_fault_at(&self, at: &At<'_>) -> bool {
        self.faults.0.last().is_some_and(|fault| fault.at == at.to_string())
    }

    pub(crate) fn into_faults(self) -> Faults {
        self.faults
    }

    /// The value, when nothing was wrong.
    pub(crate) fn end<T>(self, value: T) -> Result<T, Faults> {
        if self.has_faults() { Err(self.faults) } else { Ok(value) }
    }

    /// Reads each item of a list.
    pub(crate) fn each<P, M>(&mut self, at: &At<'_>, items: &[P], mut read: impl FnMut(&mut Self, &At<'_>, &P) -> M) -> Vec<M> {
        items.iter().enumerate().map(|(n, item)| read(self, &at.item(n), item)).collect()
    }

    pub(crate) fn id<T: Id>(&mut self, at: &At<'_>, id: &str) -> T {
        T::take(id).unwrap_or_else(|error| {
            self.fault(FaultCode::BadId, at, error);
            self.placeholders += 1;
            T::take(&format!("?{}", self.placeholders)).expect("a placeholder is a legal id")
        })
    }

    /// An id that may be left out.
    pub(crate) fn id_if_any<T: Id>(&mut self, at: &At<'_>, id: &str) -> Option<T> {
        (!id.is_empty()).then(|| self.id(at, id))
    }

    pub(crate) fn ids<T: Id>(&mut self, at: &At<'_>, ids: &[String]) -> Vec<T> {
        self.each(at, ids, |r, at, id| r.id(at, id))
    }

    pub(crate) fn minutes(&mut self, at: &At<'_>, minutes: i32) -> Minutes {
        Minutes::new(i64::from(minutes)).unwrap_or_else(|error| {
            self.fault(FaultCode::OutOfRange, at, error);
            Minutes::ZERO
        })
    }

    pub(crate) fn minutes_or(&mut self, at: &At<'_>, minutes: Option<i32>, default: Minutes) -> Minutes {
        minutes.map_or(default, |minutes| self.minutes(at, minutes))
    }

    pub(crate) fn interval(&mut self, at: &At<'_>, minutes: i32) -> IntervalLength {
        IntervalLength::new(i64::from(minutes)).unwrap_or_else(|error| {
            self.fault(FaultCode::OutOfRange, at, error);
            IntervalLength::QUARTER_HOUR
        })
    }

    /// A count: a number that is not negative.
    pub(crate) fn count(&mut self, at: &At<'_>, count: i32) -> u32 {
        u32::try_from(count).unwrap_or_else(|_| {
            self.fault(FaultCode::OutOfRange, at, format_args!("{count} is negative"));
            0
        })
    }

    /// A sum of milliseconds or calls: a number that is not negative.
    pub(crate) fn sum(&mut self, at: &At<'_>, sum: i64) -> i64 {
        if sum < 0 {
            self.fault(FaultCode::OutOfRange, at, format_args!("{sum} is negative"));
        }
        sum.max(0)
    }

    /// A number between two bounds, both included.
    pub(crate) fn number(&mut self, at: &At<'_>, number: f64, least: f64, most: f64) -> f64 {
        if (least..=most).contains(&number) {
            return number;
        }
        self.fault(FaultCode::OutOfRange, at, format_args!("{number} is outside {least} to {most}"));
        least
    }

    pub(crate) fn fraction(&mut self, at: &At<'_>, share: f64) -> Fraction {
        Fraction::new(share).unwrap_or_else(|error| {
            self.fault(FaultCode::OutOfRange, at, error);
            Fraction::ZERO
        })
    }

    pub(crate) fn fraction_or(&mut self, at: &At<'_>, share: Option<f64>, default: Fraction) -> Fraction {
        share.map_or(default, |share| self.fraction(at, share))
    }

    /// An instant that may be left out.
    pub(crate) fn time_if_any(&mut self, at: &At<'_>, time: Option<proto::Timestamp>) -> Option<Timestamp> {
        time.map(|time| {
            legal_time(time).unwrap_or_else(|| {
                self.fault(FaultCode::BadTime, at, TimeCause(time));
                Timestamp::UNIX_EPOCH
            })
        })
    }

    pub(crate) fn time(&mut self, at: &At<'_>, time: Option<proto::Timestamp>) -> Timestamp {
        self.time_if_any(at, time).unwrap_or_else(|| {
            self.fault(FaultCode::Missing, at, "there is no time");
            Timestamp::UNIX_EPOCH
        })
    }

    /// An instant on a whole minute, as a minute of the horizon.
    pub(crate) fn minute(&mut self, at: &At<'_>, days: &DayMap, time: Option<proto::Timestamp>) -> Minute {
        let faults = self.faults.0.len();
        let time = self.time(at, time);
        if faults == self.faults.0.len() && time.as_nanosecond() % 60_000_000_000 != 0 {
            self.fault(FaultCode::OffGrid, at, format_args!("{time} is not on a whole minute"));
        }
        days.minute_of(time)
    }

    /// A start and a length, as fields `start` and `lengthMinutes` of the same message.
    pub(crate) fn span(&mut self, at: &At<'_>, days: &DayMap, start: Option<proto::Timestamp>, length_minutes: i32) -> Span {
        let start = self.minute(&at.field("start"), days, start);
        Span::new(start, self.minutes(&at.field("lengthMinutes"), length_minutes))
    }

    pub(crate) fn date(&mut self, at: &At<'_>, date: &str) -> Date {
        let plain = date.len() == 10 && date.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let parsed = if plain { date.parse::<Date>().ok() } else { None };
        parsed.unwrap_or_else(|| {
            self.fault(FaultCode::BadTime, at, format_args!("{date:?} is no date of the form YYYY-MM-DD"));
            Date::constant(2000, 1, 1)
        })
    }

    /// A local time "HH:MM" as minutes after midnight, at most `latest`.
    pub(crate) fn wall(&mut self, at: &At<'_>, time: &str, latest: u32) -> u32 {
        match wall_minutes(time) {
            Some(minutes) if minutes <= latest => minutes,
            Some(_) => {
                self.fault(FaultCode::OutOfRange, at, format_args!("{time} is later than {}", wall_text(latest)));
                0
            }
            None => {
                self.fault(FaultCode::BadTime, at, format_args!("{time:?} is no local time of the form HH:MM"));
                0
            }
        }
    }

    /// The days of a period in a zone; both are fields of messages of different shape, hence the two places.
    pub(crate) fn days(&mut self, zone_at: &At<'_>, zone: &str, period_at: &At<'_>, period: Option<&v1::Period>) -> DayMap {
        let placeholder = || DayMap::new("UTC", Date::constant(2000, 1, 1), 1).expect("a legal horizon");
        let Some(period) = period else {
            self.fault(FaultCode::Missing, period_at, "there is no first date and no number of days");
            return placeholder();
        };
        let before = self.faults.0.len();
        let first = self.date(&period_at.field("firstDate"), &period.first_date);
        let count = self.count(&period_at.field("days"), period.days);
        match DayMap::new(zone, first, count) {
            Ok(days) => return days,
            Err(error @ CalendarError::UnknownZone { .. }) => self.fault(FaultCode::UnknownZone, zone_at, error),
            Err(_) if self.faults.0.len() > before => {}
            Err(error @ CalendarError::HorizonLength { .. }) => self.fault(FaultCode::BadHorizon, &period_at.field("days"), error),
            Err(error @ CalendarError::Year { .. }) => self.fault(FaultCode::BadHorizon, &period_at.field("firstDate"), error),
        }
        placeholder()
    }

    /// A name of an enumeration that must be given.
    pub(crate) fn choice<P: TryFrom<i32>, M>(&mut self, at: &At<'_>, number: i32, model: fn(P) -> Option<M>, placeholder: M) -> M {
        if number == 0 {
            self.fault(FaultCode::Missing, at, "it is not told");
            return placeholder;
        }
        self.choice_or(at, number, model, placeholder)
    }

    /// A name of an enumeration that has a default.
    pub(crate) fn choice_or<P: TryFrom<i32>, M>(&mut self, at: &At<'_>, number: i32, model: fn(P) -> Option<M>, default: M) -> M {
        let Ok(name) = P::try_from(number) else {
            self.fault(FaultCode::OutOfRange, at, format_args!("{number} is the number of none of its names"));
            return default;
        };
        model(name).unwrap_or(default)
    }
}

/// The cause of a time that cannot be taken.
struct TimeCause(proto::Timestamp);

impl fmt::Display for TimeCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::try_from(self.0) {
            Ok(time) => write!(f, "{time} is outside the years 1980 to 2200"),
            Err(_) => write!(f, "{} s after 1970 is no time", self.0.seconds),
        }
    }
}

/// An instant between 1980 and 2200, else nothing.
pub(crate) fn legal_time(time: proto::Timestamp) -> Option<Timestamp> {
    let time = Timestamp::try_from(time).ok()?;
    is_legal_ms(time.as_millisecond()).then_some(time)
}

/// Whether an instant in milliseconds since 1970 lies between 1980 and 2200.
pub(crate) const fn is_legal_ms(epoch_ms: i64) -> bool {
    /// 1980-01-01T00:00:00Z and 2201-01-01T00:00:00Z.
    const YEARS_MS: [i64; 2] = [315_532_800_000, 7_289_654_400_000];
    YEARS_MS[0] <= epoch_ms && epoch_ms < YEARS_MS[1]
}

/// Minutes after midnight of "HH:MM", "00:00" to "48:00".
fn wall_minutes(time: &str) -> Option<u32> {
    let digits = |text: &str| if text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()) { text.parse::<u32>().ok() } else { None };
    let (hours, minutes) = time.split_once(':')?;
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (minutes < 60 && hours * 60 + minutes <= 2880).then_some(hours * 60 + minutes)
}

/// "HH:MM" of minutes after midnight.
pub(crate) fn wall_text(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Two enumerations that name the same things: the model's and the contract's.
macro_rules! paired {
    ($message:ident, $model:ident: $m:ident = $p:path { $($from:ident = $to:ident),* $(,)? }) => {
        pub(crate) fn $message(value: $m) -> i32 {
            use $p as P;
            let name = match value { $($m::$from => P::$to,)* };
            name as i32
        }

        pub(crate) fn $model(value: $p) -> Option<$m> {
            use $p as P;
            match value {
                $(P::$to => Some($m::$from),)*
                P::Unspecified => None,
            }
        }
    };
}
pub(crate) use paired;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_times_reach_to_the_end_of_the_next_day() {
        for (text, expect) in [("00:00", Some(0)), ("23:59", Some(1439)), ("24:00", Some(1440)), ("48:00", Some(2880))] {
            assert_eq!(wall_minutes(text), expect, "{text}");
            assert_eq!(expect.map(wall_text).as_deref(), Some(text));
        }
        for text in ["", "8:00", "08:60", "48:01", "08.00", "+8:00", "08:00:00", "\u{664}8:00"] {
            assert_eq!(wall_minutes(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_held_between_1980_and_2200() {
        let legal = |text: &str| text.parse::<Timestamp>().is_ok_and(|at| legal_time(at.into()).is_some());
        assert!(legal("1980-01-01T00:00:00Z") && !legal("1979-12-31T23:59:59.999Z"));
        assert!(legal("2200-12-31T23:59:59.999Z") && !legal("2201-01-01T00:00:00Z"));
        assert_eq!(legal_time(proto::Timestamp { seconds: i64::MAX, nanos: i32::MAX }), None);
    }

    #[test]
    fn places_read_as_paths() {
        let agents = At::WHOLE.field("agents");
        assert_eq!(agents.item(3).field("contractId").to_string(), "agents[3].contractId");
        assert_eq!(At::WHOLE.item(2).to_string(), "[2]");
        assert_eq!(At::WHOLE.to_string(), "");
    }

    #[test]
    fn dates_have_one_form() {
        let date = |text: &str| {
            let mut reading = Reading::default();
            let date = reading.date(&At::WHOLE, text);
            reading.end(date).ok()
        };
        assert_eq!(date("2026-02-28"), Some(Date::constant(2026, 2, 28)));
        for text in ["2026-02-29", "20260228", "2026-2-28", "2026-02-28T00:00", ""] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
