//! The past forecast again, on the real calls of two banks. Each week from what was known before it, against the mean of the last
//! four same weekdays.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fika_model::Minute;
use fika_model::calendar::DayIndex;

use super::*;

type Cells = Vec<(IntervalKey, IntervalCounters)>;

/// A data file's rows, where the folder with the data is there.
fn rows(file: &str) -> Option<Vec<csv::StringRecord>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(file);
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped: {} is not here", path.display());
        return None;
    };
    let rows = csv::Reader::from_reader(flate2::read::GzDecoder::new(file)).into_records();
    Some(rows.map(|row| row.expect("a row")).collect())
}

fn cell_at(queue_id: &str, local: &str, zone: &str, length: i64, counters: IntervalCounters) -> (IntervalKey, IntervalCounters) {
    let date: Date = local[..10].parse().expect("a date");
    let minute = local[11..13].parse::<u32>().expect("hours") * 60 + local[14..16].parse::<u32>().expect("minutes");
    let days = DayMap::new(zone, date, 1).expect("a day");
    let start = days.timestamp(days.minute_at_wall(DayIndex::new(0), minute));
    (IntervalKey { queue: queue(queue_id), start, length: IntervalLength::new(length).expect("a length") }, counters)
}

/// Errors and calls summed over all slots of the weeks that start on these days, for the forecast and for the baseline.
#[derive(Debug, Default)]
struct Score {
    calls: f64,
    error: f64,
    baseline_error: f64,
    /// Slots with at least ten calls expected, and how many had more calls than mean plus 0.8416 standard deviations (one in five).
    slots: f64,
    above: f64,
}

impl Score {
    fn week(&mut self, cells: &Cells, queue_id: &QueueId, zone: &str, hours: &[WallWindow], first: Date) {
        let (days, grid) = week(zone, first);
        let frame = Frame { queue: queue_id, days: &days, grid, hours, until: days.start() };
        let found = history(cells, queue_id, frame.until, &days, grid.interval());
        let made = calls(&found, &frame);
        let known: BTreeMap<Date, &Day> = found.days.iter().map(|day| (day.date, day)).collect();
        let end = days.timestamp(Minute::new(7 * 1440));
        let actual = history(cells, queue_id, end, &days, grid.interval());
        for day in actual.days.iter().filter(|day| day.date >= first) {
            let same: Vec<&&Day> = known.values().rev().filter(|known| known.weekday() == day.weekday()).take(4).collect();
            if same.len() < 4 {
                continue;
            }
            let offset = days.day_of_date(day.date).map_or(0, |index| days.day_span(index).start().get() / 30) as usize;
            for (slot, calls) in day.calls.iter().enumerate() {
                let mean = made.means.get(offset + slot).copied().unwrap_or(0.0);
                let baseline = same.iter().map(|day| day.calls[slot]).sum::<f64>() / 4.0;
                self.calls += calls;
                self.error += (calls - mean).abs();
                self.baseline_error += (calls - baseline).abs();
                if mean >= 10.0 {
                    self.slots += 1.0;
                    self.above += f64::from(*calls > mean + 0.8416 * made.sds[offset + slot]);
                }
            }
        }
    }

    fn wape(&self) -> (f64, f64) {
        (100.0 * self.error / self.calls, 100.0 * self.baseline_error / self.calls)
    }
}

fn weeks_from(first: Date, count: i64) -> impl Iterator<Item = Date> {
    (0..count).map(move |week| first.saturating_add(jiff_days(7 * week)))
}

#[test]
fn the_bank_of_2003_is_forecast_better_than_by_the_last_four_weeks() {
    let Some(rows) = rows("bank_calls_2003/bank_calls_2003-03_08.csv.gz") else { return };
    let count = |row: &csv::StringRecord| IntervalCounters { offered: row[1].parse().expect("calls"), ..IntervalCounters::default() };
    let cells: Cells = rows.iter().map(|row| cell_at("bank", &row[0], "America/New_York", 5, count(row))).collect();
    let mut score = Score::default();
    weeks_from(Date::constant(2003, 4, 7), 21).for_each(|first| score.week(&cells, &queue("bank"), "America/New_York", &[], first));
    let (forecast, baseline) = score.wape();
    let above = score.above / score.slots;
    eprintln!(
        "bank 2003: WAPE {forecast:.2} %, last four same weekdays {baseline:.2} %; {:.1} % of slots above the 80 % quantile",
        100.0 * above
    );
    assert!(score.calls > 2e6);
    assert!(forecast <= baseline && forecast < 6.8, "{forecast} {baseline}");
    assert!((0.1..0.3).contains(&above), "{above}");
}

#[test]
fn the_anonymous_bank_is_forecast_better_than_by_the_last_four_weeks() {
    let Some(rows) = rows("anonymous_bank_1999/intervals_30min_by_type_1999-01_02.csv.gz") else { return };
    let number = |row: &csv::StringRecord, column: usize| row[column].parse::<i64>().expect("a number");
    let counters = |row: &csv::StringRecord| IntervalCounters {
        offered: number(row, 3),
        handled: number(row, 8),
        talk_ms: number(row, 9) * 1000,
        ..IntervalCounters::default()
    };
    let one = |id: &str, row: &csv::StringRecord| cell_at(id, &format!("{}T{}", &row[0], &row[1]), "Asia/Jerusalem", 30, counters(row));
    let by_type: Cells = rows.iter().map(|row| one(&row[2], row)).collect();
    let all: Cells = rows.iter().map(|row| one("all", row)).collect();
    let sunday_to_thursday = [Weekday::Sunday, Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday];
    let hours = [on_days(sunday_to_thursday, 7, 24), on_days([Weekday::Friday], 7, 14), on_days([Weekday::Saturday], 20, 24)];
    // NW is small and its level jumps with campaigns: there the plain mean is as good.
    for (name, cells, most) in [("all", &all, 1.0), ("PS", &by_type, 1.0), ("NE", &by_type, 1.0), ("NW", &by_type, 1.05)] {
        let mut score = Score::default();
        weeks_from(Date::constant(1999, 1, 31), 4).for_each(|first| score.week(cells, &queue(name), "Asia/Jerusalem", &hours, first));
        let (forecast, baseline) = score.wape();
        let above = 100.0 * score.above / score.slots;
        eprintln!(
            "anonymous bank, {name}: WAPE {forecast:.1} %, last four same weekdays {baseline:.1} %; {above:.1} % above the 80 % quantile"
        );
        assert!(forecast <= most * baseline, "{name}: {forecast} {baseline}");
    }
}
