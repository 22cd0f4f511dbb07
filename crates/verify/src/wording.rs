//! Points and stretches of time as people read them: local day and wall clock.

use fika_model::{DayMap, Minute, Span};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A minute of a horizon by the local wall clock: `Mon 2026-03-02 09:15`.
pub fn point(days: &DayMap, minute: Minute) -> String {
    let (date, of_day) = days.wall_at(minute);
    let weekday = WEEKDAYS[date.weekday().to_monday_zero_offset() as usize % 7];
    format!("{weekday} {date} {:02}:{:02}", of_day / 60, of_day % 60)
}

/// A piece of a horizon by the local wall clock: `Mon 2026-03-02 09:15-17:00`, with the second date where it is another one.
pub fn stretch(days: &DayMap, span: Span) -> String {
    let (first, _) = days.wall_at(span.start());
    let (last, of_day) = days.wall_at(span.end());
    let start = point(days, span.start());
    if first == last { format!("{start}-{:02}:{:02}", of_day / 60, of_day % 60) } else { format!("{start} to {}", point(days, span.end())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fika_model::{Date, Minutes};

    #[test]
    fn times_are_local() {
        let days = DayMap::new("Europe/Berlin", Date::constant(2026, 3, 28), 3).expect("a horizon");
        let span = |start, length| Span::new(Minute::new(start), Minutes::of(length));
        assert_eq!(point(&days, Minute::new(555)), "Sat 2026-03-28 09:15");
        assert_eq!(stretch(&days, span(555, 30)), "Sat 2026-03-28 09:15-09:45");
        assert_eq!(stretch(&days, span(1380, 240)), "Sat 2026-03-28 23:00 to Sun 2026-03-29 04:00", "one hour is skipped");
        assert_eq!(point(&days, Minute::new(-1)), "Fri 2026-03-27 23:59");
    }
}
