//! What people write on the command line: durations with units, targets such as `80/20`, shares in percent or as a number.

use std::fmt::Write;

use fika_model::ServiceLevelFormula;

/// Reads `30m`, `180s`, `1h30m`, `3m30s` or `1.5h` as seconds. The largest unit comes first and each at most once.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("a duration is empty; write for example 30m, 180s or 1h30m".to_owned());
    }
    let (mut total_s, mut below_s) = (0.0, f64::INFINITY);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let amount: f64 =
            number.parse().map_err(|_| format!("{rest:?} does not begin with a number; write for example 30m, 180s or 1h30m"))?;
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let unit_s = match unit {
            "h" => 3600.0,
            "m" | "min" => 60.0,
            "s" => 1.0,
            "" => return Err(format!("{number} has no unit; write {number}s for seconds or {number}m for minutes")),
            other => return Err(format!("{other:?} is no unit; use h, m or s")),
        };
        if unit_s >= below_s {
            return Err("hours come before minutes and minutes before seconds, each once".to_owned());
        }
        (total_s, below_s, rest) = (total_s + amount * unit_s, unit_s, tail);
    }
    Ok(total_s)
}

/// A duration as people write it: `1h30m`, `3m`, `20s`, `2.5s`.
pub(super) fn duration(seconds: f64) -> String {
    let mut text = String::new();
    let whole = seconds.floor() as u64;
    let (hours, minutes) = (whole / 3600, whole / 60 % 60);
    let rest = seconds - (hours * 3600 + minutes * 60) as f64;
    if hours > 0 {
        let _ = write!(text, "{hours}h");
    }
    if minutes > 0 {
        let _ = write!(text, "{minutes}m");
    }
    if rest > 0.0 || text.is_empty() {
        let _ = write!(text, "{}s", (rest * 1000.0).round() / 1000.0);
    }
    text
}

/// A promise: a share of calls, 0 to 1, and seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Target {
    pub(super) share: f64,
    pub(super) threshold_s: f64,
}

/// Reads `80/20` or `80%/20s`: percent of calls within seconds, or within a duration with units.
pub(super) fn target(text: &str) -> Result<Target, String> {
    let form = "write percent/seconds, such as 80/20 for 80 % within 20 seconds";
    let (percent, threshold) = text.split_once('/').ok_or_else(|| format!("no slash in {text:?}; {form}"))?;
    let number = percent.trim().trim_end_matches('%').trim_end();
    let percent: f64 = number.parse().map_err(|_| format!("{percent:?} is no percentage; {form}"))?;
    if !(1.0..=99.99).contains(&percent) {
        return Err(format!("{percent} % is outside 1 to 99.99; no number of people answers every call in time"));
    }
    let threshold = threshold.trim();
    let threshold_s = match threshold.parse::<f64>() {
        Ok(plain) => plain,
        Err(_) => seconds(threshold)?,
    };
    if !(0.0..=86_400.0).contains(&threshold_s) {
        return Err(format!("{threshold_s} seconds are outside 0 to 86400"));
    }
    Ok(Target { share: percent / 100.0, threshold_s })
}

/// Reads a share as a number or in percent: `0.3` or `30%`.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let form = "write a number from 0 to 1, or a percentage such as 30%";
    let (number, scale) = text.strip_suffix('%').map_or((text, 1.0), |percent| (percent.trim_end(), 100.0));
    let value: f64 = number.parse().map_err(|_| format!("{text:?} is no share; {form}"))?;
    let share = value / scale;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err(format!("{text} is outside 0 to 1; {form}")) }
}

/// Reads the name of a service-level formula.
pub(crate) fn formula(text: &str) -> Result<ServiceLevelFormula, String> {
    let names: Vec<&str> = ServiceLevelFormula::ALL.iter().map(|formula| formula.name()).collect();
    let found = ServiceLevelFormula::ALL.into_iter().find(|formula| formula.name() == text);
    found.ok_or_else(|| format!("no formula is called {text:?}; there are {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_units() {
        let rows =
            [("30m", 1800.0), ("180s", 180.0), ("1h30m", 5400.0), ("3m30s", 210.0), ("1.5h", 5400.0), ("0s", 0.0), ("20min", 1200.0)];
        for (text, expected) in rows {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_named() {
        for (text, part) in [
            ("180", "180 has no unit"),
            ("", "empty"),
            ("m", "does not begin with a number"),
            ("-5m", "does not begin with a number"),
            ("3x", "\"x\" is no unit"),
            ("30s5m", "hours come before"),
            ("5m5m", "each once"),
            ("1..5m", "does not begin with a number"),
        ] {
            let message = seconds(text).expect_err(text);
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn durations_are_written_as_they_are_read() {
        for text in ["30m", "3m", "1h30m", "3m30s", "20s", "2.5s", "0s", "1h0.5s"] {
            assert_eq!(seconds(text).map(duration).as_deref(), Ok(text));
        }
    }

    #[test]
    fn targets_are_percent_and_seconds() {
        let read = |text| target(text).map(|target| (target.share, target.threshold_s));
        assert_eq!(read("80/20"), Ok((0.8, 20.0)));
        assert_eq!(read("80% / 1m"), Ok((0.8, 60.0)));
        assert_eq!(read("99.5/0"), Ok((0.995, 0.0)));
        for bad in ["80", "80/", "x/20", "0.8/20", "100/20", "80/-1", "80/x", "80/86401", "NaN/20"] {
            assert!(target(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn shares_are_numbers_or_percentages() {
        assert_eq!((share("0.3"), share("30%"), share("0"), share("1")), (Ok(0.3), Ok(0.3), Ok(0.0), Ok(1.0)));
        for bad in ["30", "1.01", "-0.1", "x", "101%", "NaN"] {
            assert!(share(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn formulas_go_by_their_names() {
        for formula in ServiceLevelFormula::ALL {
            assert_eq!(super::formula(formula.name()), Ok(formula));
        }
        assert!(super::formula("best").is_err_and(|message| message.contains("answered-only")));
    }
}
