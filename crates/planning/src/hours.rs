//! Opening hours of queues on the planning grid.

use fika_model::people::WallWindow;
use fika_model::request::Queue;
use fika_model::{Curve, DayIndex, Minutes, Request, Span};

/// Whether callers are served in each interval: one that shares a minute with the queue's hours is open.
pub(crate) fn open(request: &Request, queue: &Queue) -> Curve<bool> {
    let grid = request.grid();
    let mut open = Curve::from_fn(grid, |_| queue.hours.is_empty());
    let interval = grid.interval().minutes() as i32;
    for span in spans(request, &queue.hours) {
        let first = span.start().get().max(0) / interval;
        let last = (span.end().get() + interval - 1) / interval;
        for index in grid.indices().skip(first as usize).take((last - first).max(0) as usize) {
            open.set(index, true);
        }
    }
    open
}

/// The windows as pieces of the horizon, with the one that the evening before the horizon sends into it.
fn spans(request: &Request, windows: &[WallWindow]) -> Vec<Span> {
    let days = &request.days;
    let first = DayIndex::new(0);
    let evening_before = windows.iter().filter(|w| w.weekdays.holds(days.weekday(first).previous()) && w.to_minute > 1440).map(|w| {
        let from = w.from_minute.saturating_sub(1440);
        Span::between(days.minute_at_wall(first, from), days.minute_at_wall(first, w.to_minute - 1440))
    });
    let within = days.days().flat_map(|day| windows.iter().filter_map(move |w| w.on(days, day)));
    let horizon = days.span();
    evening_before.chain(within).filter(|span| span.overlap(horizon) > Minutes::ZERO).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::request;
    use fika_model::Weekday;
    use fika_model::people::Weekdays;

    /// The open intervals of the fixture's week from Monday, as runs of quarter hours.
    fn check(windows: &[(&[Weekday], u32, u32)], expect: &[(usize, usize)]) {
        let request = request(|parts| {
            let window = |(days, from, to): &(&[Weekday], u32, u32)| WallWindow {
                weekdays: Weekdays::of(days.iter().copied()),
                from_minute: *from,
                to_minute: *to,
            };
            parts.queues[0].hours = windows.iter().map(window).collect();
        });
        let open = open(&request, &request.queues[0]);
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for (n, _) in open.values().iter().enumerate().filter(|(_, open)| **open) {
            match runs.last_mut() {
                Some((_, end)) if *end == n => *end = n + 1,
                _ => runs.push((n, n + 1)),
            }
        }
        assert_eq!(runs, expect);
    }

    #[test]
    fn hours_open_the_intervals_they_touch() {
        check(&[], &[(0, 672)]);
        check(&[(&[Weekday::Monday], 540, 600)], &[(36, 40)]);
        check(&[(&[Weekday::Monday], 541, 599)], &[(36, 40)]);
        check(&[(&[Weekday::Monday], 539, 601)], &[(35, 41)]);
        check(&[(&[Weekday::Tuesday, Weekday::Monday], 0, 60)], &[(0, 4), (96, 100)]);
    }

    #[test]
    fn a_night_before_the_horizon_reaches_into_it_and_the_last_one_is_cut() {
        check(&[(&[Weekday::Sunday], 1320, 1800)], &[(0, 24), (664, 672)]);
        check(&[(&[Weekday::Sunday], 1320, 1440)], &[(664, 672)]);
    }
}
