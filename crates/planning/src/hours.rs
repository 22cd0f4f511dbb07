//! Opening hours of queues on the planning grid.

use fika_model::request::Queue;
use fika_model::{Curve, Request};

/// Whether callers are served in each interval: one that shares a minute with the queue's hours is open.
pub(crate) fn open(request: &Request, queue: &Queue) -> Curve<bool> {
    let grid = request.grid();
    let mut open = Curve::from_fn(grid, |_| queue.hours.is_empty());
    let interval = grid.interval().minutes() as i32;
    let hours = if queue.hours.is_empty() { Vec::new() } else { queue.hours_in(&request.days) };
    for span in hours {
        let first = span.start().get().max(0) / interval;
        let last = (span.end().get() + interval - 1) / interval;
        for index in grid.indices().skip(first as usize).take((last - first).max(0) as usize) {
            open.set(index, true);
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::request;
    use fika_model::Weekday;
    use fika_model::people::{WallWindow, Weekdays};

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
