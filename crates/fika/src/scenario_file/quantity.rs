//! Quantities with units as people write them: `2min`, `1h30m`, `4.2/min`, `08:30`.

/// Seconds in a unit of time.
fn unit_s(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" => 0.001,
        "s" | "sec" | "second" | "seconds" => 1.0,
        "m" | "min" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        "week" | "weeks" => 604_800.0,
        _ => return None,
    })
}

/// Reads a length of time, such as `20s`, `2 min`, `1h30m` or `0.5h`, as seconds.
pub(super) fn seconds(text: &str) -> Result<f64, String> {
    let form = || format!("{text:?} is no length of time; write a number with a unit, such as \"20s\", \"2min\" or \"1h30m\"");
    let mut rest = text.trim();
    let mut total_s = 0.0;
    if rest.is_empty() {
        return Err(form());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let tail = tail.trim_start();
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let number: f64 = number.parse().map_err(|_| form())?;
        total_s += number * unit_s(unit).ok_or_else(form)?;
        rest = tail.trim_start();
    }
    Ok(total_s)
}

/// Whether a text is meant as a rate.
pub(super) fn is_rate(text: &str) -> bool {
    text.contains('/') || text.contains(" per ")
}

/// Reads a rate, such as `4.2/min`, `90 per hour` or `12/period`, as events a second.
pub(super) fn per_second(text: &str, period_s: f64) -> Result<f64, String> {
    let form = || format!("{text:?} is no rate; write a number over a unit of time, such as \"4.2/min\", \"90/h\" or \"12/period\"");
    let (number, unit) = text.split_once('/').or_else(|| text.split_once(" per ")).ok_or_else(form)?;
    let number: f64 = number.trim().parse().map_err(|_| form())?;
    let unit = unit.trim();
    let unit_s = if unit == "period" { Some(period_s) } else { unit_s(unit).or_else(|| seconds(unit).ok()) };
    match unit_s {
        Some(unit_s) if unit_s > 0.0 && number >= 0.0 && number.is_finite() => Ok(number / unit_s),
        _ => Err(form()),
    }
}

/// Reads a time of day, such as `08:30`, as minutes after midnight.
pub(super) fn clock(text: &str) -> Result<u32, String> {
    let form = || format!("{text:?} is no time of day; write hours and minutes, such as \"08:30\"");
    let (hours, minutes) = text.split_once(':').ok_or_else(form)?;
    let (hours, minutes): (u32, u32) = (hours.parse().map_err(|_| form())?, minutes.parse().map_err(|_| form())?);
    if hours < 24 && minutes < 60 { Ok(hours * 60 + minutes) } else { Err(form()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_units() {
        let rows = [("20s", 20.0), ("2 min", 120.0), ("1h30m", 5400.0), ("0.5h", 1800.0), ("500ms", 0.5), ("1d 2h", 93_600.0)];
        for (text, expected) in rows {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for bad in ["", "20", "s", "20x", "-3s", "1..2s", "4/min"] {
            assert!(seconds(bad).is_err_and(|message| message.contains("such as")), "{bad}");
        }
    }

    #[test]
    fn rates_are_numbers_over_units() {
        let rows = [("4.2/min", 0.07), ("90 per hour", 0.025), ("12/period", 0.01), ("100/30min", 100.0 / 1800.0), ("0/s", 0.0)];
        for (text, expected) in rows {
            let found = per_second(text, 1200.0).expect(text);
            assert!((found - expected).abs() < 1e-12, "{text}: {found}");
        }
        for bad in ["4.2", "x/min", "-1/min", "4/fortnight", "4/0s", "/min"] {
            assert!(per_second(bad, 1200.0).is_err(), "{bad}");
        }
    }

    #[test]
    fn clocks_are_hours_and_minutes() {
        assert_eq!((clock("08:30"), clock("0:00"), clock("23:59")), (Ok(510), Ok(0), Ok(1439)));
        for bad in ["24:00", "8", "8:60", "x:10"] {
            assert!(clock(bad).is_err(), "{bad}");
        }
    }
}
