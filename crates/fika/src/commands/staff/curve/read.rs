//! Reads a CSV file of intervals. Intervals that are left out have no calls; all faults are named with their lines.

use fika_model::fault::{FaultCode, Faults};
use fika_model::forecast::IntervalForecast;
use fika_model::{Curve, Grid, IntervalLength, Timestamp};
use jiff::civil::{DateTime, Time};

/// The longest file, in intervals: a year of minutes.
const MOST_INTERVALS: i64 = 366 * 24 * 60;

/// The intervals of a file.
#[derive(Debug, PartialEq)]
pub(super) struct Intervals {
    /// Where each begins, written as the file writes it.
    pub(super) labels: Vec<String>,
    /// What is expected in each.
    pub(super) forecasts: Curve<IntervalForecast>,
}

/// How starts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Instant,
    Civil,
    Clock,
}

/// One line of the file.
struct Row {
    line: u64,
    start_s: i64,
    style: Style,
    forecast: IntervalForecast,
}

/// Reads the file's bytes; `name` stands in the faults.
pub(super) fn intervals(bytes: &[u8], name: &str) -> Result<Intervals, Faults> {
    let mut faults = Faults::default();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(bytes);
    let headers = reader.headers().cloned().map_err(|error| Faults::one(FaultCode::Malformed, name, error))?;
    let column = |wanted: &str| headers.iter().position(|header| header == wanted);
    let mut needed = |wanted: &str| {
        let found = column(wanted);
        if found.is_none() {
            faults.push(FaultCode::Missing, name, format!("no column {wanted} in the first line"));
        }
        found
    };
    let columns = [needed("start"), needed("calls"), needed("aht_s")];
    let [Some(start), Some(calls), Some(aht_s)] = columns else { return Err(faults) };
    let columns = Columns { start, calls, aht_s, calls_sd: column("calls_sd") };
    let mut rows = Vec::new();
    for (n, record) in reader.into_records().enumerate() {
        match record {
            Ok(record) => rows.extend(columns.row(&record, name, &mut faults)),
            Err(error) => faults.push(FaultCode::Malformed, format!("{name}: record {}", n + 1), error),
        }
    }
    let intervals = faults.0.is_empty().then(|| on_grid(&rows, name, &mut faults)).flatten();
    faults.or(intervals)
}

/// Where the columns stand.
struct Columns {
    start: usize,
    calls: usize,
    aht_s: usize,
    calls_sd: Option<usize>,
}

impl Columns {
    fn row(&self, record: &csv::StringRecord, name: &str, faults: &mut Faults) -> Option<Row> {
        let line = record.position().map_or(0, csv::Position::line);
        let at = format!("{name}: line {line}");
        let field = |position: usize| record.get(position).unwrap_or_default();
        let start = start_of(field(self.start));
        if start.is_none() {
            let cause = format!("start is {:?}, no time such as 2026-11-23T08:00 or 08:00", field(self.start));
            faults.push(FaultCode::BadTime, &at, cause);
        }
        let mut number = |title: &str, position: usize, least: f64, most: f64| {
            let value = field(position).parse().ok().filter(|value: &f64| (least..=most).contains(value));
            if value.is_none() {
                faults.push(FaultCode::OutOfRange, &at, format!("{title} is {:?}, no number from {least} to {most}", field(position)));
            }
            value
        };
        let calls_mean = number("calls", self.calls, 0.0, 1e7);
        let least_aht_s = if calls_mean == Some(0.0) { 0.0 } else { 1e-3 };
        let aht_s = number("aht_s", self.aht_s, least_aht_s, 604_800.0);
        let calls_sd = self.calls_sd.map_or(Some(0.0), |position| number("calls_sd", position, 0.0, 1e7));
        let (start_s, style) = start?;
        let forecast = IntervalForecast { calls_mean: calls_mean?, calls_sd: calls_sd?, aht_s: aht_s? };
        Some(Row { line, start_s, style, forecast })
    }
}

/// Seconds on one time line, and how they were written.
fn start_of(text: &str) -> Option<(i64, Style)> {
    let civil_s = |at: DateTime| Timestamp::from_second(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second()).ok();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some((instant.as_second(), Style::Instant));
    }
    if text.contains(['-', 'T', ' ']) {
        return Some((civil_s(text.parse::<DateTime>().ok()?)?.as_second(), Style::Civil));
    }
    let time: Time = if text.len() == 4 { format!("0{text}").parse().ok()? } else { text.parse().ok()? };
    Some((civil_s(time.on(1970, 1, 1))?.as_second(), Style::Clock))
}

/// Lays the rows on a grid whose interval is the shortest distance between two of them.
fn on_grid(rows: &[Row], name: &str, faults: &mut Faults) -> Option<Intervals> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        faults.push(FaultCode::Missing, name, "no intervals");
        return None;
    };
    let mut shortest_s = i64::MAX;
    for pair in rows.windows(2) {
        let (at, distance_s) = (format!("{name}: line {}", pair[1].line), pair[1].start_s - pair[0].start_s);
        if pair[1].style != pair[0].style {
            faults.push(FaultCode::BadTime, at, "start is written in another way than in the line before");
        } else if distance_s <= 0 {
            faults.push(FaultCode::OffGrid, at, "start is not after that of the line before");
        } else {
            shortest_s = shortest_s.min(distance_s);
        }
    }
    if !faults.0.is_empty() {
        return None;
    }
    // A single interval is taken to be half an hour.
    let interval_s = if shortest_s == i64::MAX { 1800 } else { shortest_s };
    let minutes = if interval_s % 60 == 0 { interval_s / 60 } else { 0 };
    let length = faults.take(FaultCode::OffGrid, name, IntervalLength::new(minutes))?;
    let count = (last.start_s - first.start_s) / interval_s + 1;
    for row in rows.iter().filter(|row| (row.start_s - first.start_s) % interval_s != 0) {
        faults.push(FaultCode::OffGrid, format!("{name}: line {}", row.line), format!("start is not on the grid of {minutes} minutes"));
    }
    if count > MOST_INTERVALS {
        faults.push(FaultCode::TooMuch, name, format!("{count} intervals, more than {MOST_INTERVALS}"));
    }
    let start = faults.take(FaultCode::BadTime, name, Timestamp::from_second(first.start_s))?;
    if !faults.0.is_empty() {
        return None;
    }
    let grid = Grid::new(start, length, count as u32);
    let mut forecasts = Curve::from_fn(grid, |_| IntervalForecast::default());
    for row in rows {
        let index = fika_model::IntervalIndex::new(((row.start_s - first.start_s) / interval_s) as u32);
        forecasts.set(index, row.forecast);
    }
    let labels = grid.indices().map(|index| label(grid.timestamp(index), first.style)).collect();
    Some(Intervals { labels, forecasts })
}

fn label(at: Timestamp, style: Style) -> String {
    let civil = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    match style {
        Style::Instant => at.to_string(),
        Style::Civil => civil.strftime("%Y-%m-%dT%H:%M").to_string(),
        Style::Clock => civil.strftime("%H:%M").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Intervals, Vec<String>> {
        intervals(text.as_bytes(), "day.csv")
            .map_err(|faults| faults.0.iter().map(|fault| format!("{} {}", fault.code, fault.at)).collect())
    }

    #[test]
    fn columns_come_in_any_order_and_gaps_have_no_calls() {
        let found = read("aht_s,calls,start\n180, 60,8:00\n180,90,08:30\n200,30,10:00\n").expect("sound");
        assert_eq!(found.labels, ["08:00", "08:30", "09:00", "09:30", "10:00"]);
        let calls: Vec<f64> = found.forecasts.values().iter().map(|forecast| forecast.calls_mean).collect();
        assert_eq!(calls, [60.0, 90.0, 0.0, 0.0, 30.0]);
        assert_eq!(found.forecasts.grid().interval(), IntervalLength::HALF_HOUR);
    }

    #[test]
    fn starts_are_written_in_three_ways() {
        for (starts, label) in [
            (["2026-11-23T08:00:00Z", "2026-11-23T08:15:00Z"], "2026-11-23T08:15:00Z"),
            (["2026-11-23T08:00", "2026-11-23 08:15"], "2026-11-23T08:15"),
            (["08:00", "08:15"], "08:15"),
        ] {
            let found = read(&format!("start,calls,aht_s,calls_sd\n{},10,180,4\n{},12,180,5\n", starts[0], starts[1])).expect("sound");
            assert_eq!(found.labels[1], label);
            assert_eq!(found.forecasts.values()[1].calls_sd.to_bits(), 5.0_f64.to_bits());
        }
    }

    #[test]
    fn every_fault_is_named_with_its_line() {
        assert_eq!(read("start,calls\n08:00,3\n"), Err(vec!["F1003 day.csv".to_owned()]));
        assert_eq!(read("start,calls,aht_s\n"), Err(vec!["F1003 day.csv".to_owned()]));
        let faults = read("start,calls,aht_s\nnoon,3,180\n08:30,-1,x\n09:00,5,0\n").expect_err("faults");
        assert_eq!(faults, ["F1005 day.csv: line 2", "F1004 day.csv: line 3", "F1004 day.csv: line 3", "F1004 day.csv: line 4"]);
        assert_eq!(read("start,calls,aht_s\n08:30,1,9\n08:00,1,9\n"), Err(vec!["F2007 day.csv: line 3".to_owned()]));
        assert_eq!(read("start,calls,aht_s\n08:00,1,9\n08:30,1,9\n09:15,1,9\n"), Err(vec!["F2007 day.csv: line 4".to_owned()]));
        assert_eq!(read("start,calls,aht_s\n08:00,1,9\n08:07,1,9\n"), Err(vec!["F2007 day.csv".to_owned()]));
        assert_eq!(read("start,calls,aht_s\n08:00,1\n"), Err(vec!["F1001 day.csv: record 1".to_owned()]));
        assert_eq!(read("start,calls,aht_s\n08:00,1,9\n2026-11-23T08:30,1,9\n"), Err(vec!["F1005 day.csv: line 3".to_owned()]));
    }
}
