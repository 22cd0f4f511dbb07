//! Figures of several rosters in columns, and the same as JSON.

use std::fmt::Write;

use fika_model::fairness::Spread;
use fika_planning::Figures;
use serde_json::{Value, json};

use crate::summary::thousands;

/// Rows of names with a value for each column, names left, values right; an empty table is no text.
pub(crate) fn table(heads: &[String], rows: &[(String, Vec<String>)]) -> String {
    let mut out = String::new();
    let name = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let width = |n: usize| rows.iter().filter_map(|(_, values)| values.get(n)).chain(heads.get(n)).map(|v| v.chars().count()).max();
    let widths: Vec<usize> = (0..heads.len()).map(|n| width(n).unwrap_or_default()).collect();
    let mut line = |name_of: &str, values: &[String]| {
        let mut text = format!("  {name_of:<name$}");
        for (value, width) in values.iter().zip(&widths) {
            let _ = write!(text, "  {value:>width$}");
        }
        let _ = writeln!(out, "{}", text.trim_end());
    };
    line("", heads);
    for (name, values) in rows {
        line(name, values);
    }
    out
}

/// The figures of some rosters, a row each; a row that no roster has a value for is left out.
pub(crate) fn rows(figures: &[Figures]) -> Vec<(String, Vec<String>)> {
    type Read = fn(&Figures) -> Option<String>;
    let reads: [(&str, Read); 24] = [
        ("required", |f| f.required_minutes.map(hours)),
        ("short", |f| f.shortfall_minutes.map(|short| share(short, f.required_minutes))),
        ("at least short", |f| f.bound_minutes.map(hours)),
        ("service level", |f| f.service_level.map(|level| percent(level.mean))),
        ("  95 % interval", |f| f.service_level.map(|level| format!("{} to {}", percent(level.interval.0), percent(level.interval.1)))),
        ("occupancy", |f| f.occupancy.map(percent)),
        ("paid", |f| Some(hours(f.paid_minutes as f64))),
        ("shifts", |f| Some(thousands(u64::from(f.shifts)))),
        ("breaks", |f| Some(hours(f.break_minutes as f64))),
        ("  in company", |f| f.social_minutes.map(|minutes| hours(minutes as f64))),
        ("wishes granted", |f| f.wishes.filter(|(_, asked)| *asked > 0).map(of)),
        ("pairs who met", |f| f.pairs.filter(|(_, pairs)| *pairs > 0).map(of)),
        ("  could have met", |f| f.possible_pairs.filter(|pairs| *pairs > 0).map(|pairs| thousands(u64::from(pairs)))),
        ("  left out", |f| f.left_out.map(|people| people.to_string())),
        ("short by groups", |f| f.group_short_minutes.map(hours)),
        ("unpopular shifts", |f| f.spreads[0].map(spread)),
        ("late breaks", |f| f.spreads[1].map(spread)),
        ("weekend shifts", |f| f.spreads[2].map(spread)),
        ("denied wishes", |f| f.spreads[3].map(spread)),
        ("proof", |f| f.proved.map(|proved| if proved { "proved" } else { "refuted" }.to_owned())),
        ("score: hard", |f| f.score.map(|score| score.hard.to_string())),
        ("  service", |f| f.score.map(|score| score.service.to_string())),
        ("  cost", |f| f.score.map(|score| score.cost.to_string())),
        ("  fairness", |f| f.score.map(|score| score.fairness.to_string())),
    ];
    let row = |(name, read): (&str, Read)| {
        let values: Vec<Option<String>> = figures.iter().map(read).collect();
        let some = values.iter().any(Option::is_some);
        some.then(|| (name.to_owned(), values.into_iter().map(|value| value.unwrap_or_else(|| "-".to_owned())).collect()))
    };
    reads.into_iter().filter_map(row).collect()
}

/// Figures for programs; what is not known is null.
pub(crate) fn value(figures: &Figures) -> Value {
    let level = figures
        .service_level
        .map(|level| json!({ "mean": level.mean, "low": level.interval.0, "high": level.interval.1, "p10": level.p10 }));
    let score = figures.score.map(|s| json!({ "hard": s.hard, "service": s.service, "cost": s.cost, "fairness": s.fairness }));
    json!({
        "requiredMinutes": figures.required_minutes,
        "shortfallMinutes": figures.shortfall_minutes,
        "shortfallBoundMinutes": figures.bound_minutes,
        "serviceLevel": level,
        "occupancy": figures.occupancy,
        "paidMinutes": figures.paid_minutes,
        "shifts": figures.shifts,
        "breakMinutes": figures.break_minutes,
        "socialMinutes": figures.social_minutes,
        "wishes": figures.wishes.map(|(granted, asked)| json!({ "asked": asked, "granted": granted })),
        "pairs": figures.pairs.map(|(met, pairs)| json!({ "together": pairs, "possible": figures.possible_pairs, "met": met })),
        "leftOut": figures.left_out,
        "groupShortMinutes": figures.group_short_minutes,
        "unpopularShifts": spread_value(figures.spreads[0]),
        "lateBreaks": spread_value(figures.spreads[1]),
        "weekendShifts": spread_value(figures.spreads[2]),
        "deniedWishes": spread_value(figures.spreads[3]),
        "proved": figures.proved,
        "score": score,
    })
}

/// `12 of 20`.
pub(crate) fn of((part, all): (u32, u32)) -> String {
    format!("{part} of {all}")
}

/// `range 1.5, Gini 0.31`.
pub(crate) fn spread(spread: Spread) -> String {
    format!("range {:.2}, Gini {:.2}", spread.range, spread.gini)
}

fn spread_value(spread: Option<Spread>) -> Value {
    spread.map_or(Value::Null, |spread| json!({ "mean": spread.mean, "range": spread.range, "gini": spread.gini }))
}

/// Minutes in hours, with one digit.
pub(crate) fn hours(minutes: f64) -> String {
    format!("{:.1} h", minutes / 60.0)
}

fn share(minutes: f64, of: Option<f64>) -> String {
    let of = of.filter(|of| *of > 0.0);
    of.map_or_else(|| hours(minutes), |of| format!("{} ({})", hours(minutes), percent(minutes / of)))
}

/// A share in percent, with one digit.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_right_under_their_heads_and_unknown_rows_are_left_out() {
        let row = |name: &str, values: [&str; 2]| (name.to_owned(), values.map(ToOwned::to_owned).to_vec());
        let text = table(&["A".to_owned(), "B".to_owned()], &[row("paid", ["1.0 h", "10.0 h"]), row("x", ["-", "2"])]);
        assert_eq!(text, "            A       B\n  paid  1.0 h  10.0 h\n  x         -       2\n");
        let known = rows(&[Figures { paid_minutes: 90, ..Figures::default() }]);
        let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["paid", "shifts", "breaks"]);
        assert_eq!(known[0].1, ["1.5 h"]);
    }
}
