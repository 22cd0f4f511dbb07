//! Moments on the command line: an instant, or what the wall clock of the site shows.

use fika_model::fault::{FaultCode, Faults};
use fika_model::{Date, DayMap, Minute, Timestamp};

/// The minute that a text names: `2026-11-24T10:15`, with a space instead of `T`, by the wall clock of the horizon; or an RFC 3339 instant.
/// `at` is the place for faults. The moment must lie in the horizon.
pub(crate) fn minute(days: &DayMap, text: &str, at: &str) -> Result<Minute, Faults> {
    let fault = |cause: &str| Faults::one(FaultCode::BadTime, at, format!("{text:?} {cause}"));
    let minute = if let Ok(instant) = text.parse::<Timestamp>() {
        days.minute_of(instant)
    } else {
        let (date, time) = text.split_once(['T', ' ']).ok_or_else(|| fault("is no time such as 2026-11-24T10:15"))?;
        let date: Date = date.parse().map_err(|_| fault("has no date such as 2026-11-24"))?;
        let of_day = clock(time).ok_or_else(|| fault("has no time of day such as 10:15"))?;
        let day = days.day_of_date(date).ok_or_else(|| fault("lies outside the horizon"))?;
        days.minute_at_wall(day, of_day)
    };
    if days.span().holds(minute) { Ok(minute) } else { Err(fault("lies outside the horizon")) }
}

/// Minutes after midnight of `HH:MM`.
fn clock(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_by_the_wall_clock_or_as_instants() {
        let days = DayMap::new("Europe/Stockholm", Date::constant(2026, 11, 23), 2).expect("a horizon");
        let check = |text: &str, expect: Option<i32>| assert_eq!(minute(&days, text, "--at").ok().map(Minute::get), expect, "{text}");
        check("2026-11-24T10:15", Some(1440 + 615));
        check("2026-11-24 10:15", Some(1440 + 615));
        check("2026-11-24T10:15:00+01:00", Some(1440 + 615));
        check("2026-11-24T09:15:00Z", Some(1440 + 615));
        check("2026-11-25T00:00", None);
        check("2026-11-22T23:59", None);
        check("2026-11-24T24:00", None);
        check("10:15", None);
        check("tomorrow at ten", None);
    }
}
