//! Holds a replay to a multiple of real time.

use std::time::{Duration, Instant};

use fika_model::event::EpochMs;

use crate::roles::Stop;

/// When an event is due.
#[derive(Debug)]
pub(super) struct Pace {
    speed: Option<f64>,
    began: Option<(Instant, EpochMs)>,
}

impl Pace {
    /// `speed` times real time; none: as fast as it goes.
    pub(super) fn new(speed: Option<f64>) -> Self {
        Self { speed, began: None }
    }

    /// How long to wait, at `now`, for an event of this time. The first event is due at once and sets the clock.
    fn due_in(&mut self, at_ms: EpochMs, now: Instant) -> Duration {
        let Some(speed) = self.speed else { return Duration::ZERO };
        let (began, first_ms) = *self.began.get_or_insert((now, at_ms));
        let due_s = (at_ms.saturating_sub(first_ms)).max(0) as f64 / 1000.0 / speed;
        Duration::from_secs_f64(due_s).saturating_sub(now.saturating_duration_since(began))
    }

    /// Whether an event of this time must wait.
    pub(super) fn must_wait(&mut self, at_ms: EpochMs) -> bool {
        self.speed.is_some() && self.due_in(at_ms, Instant::now()) > Duration::ZERO
    }

    /// Waits until an event of this time is due.
    pub(super) fn wait(&mut self, at_ms: EpochMs) {
        let pause = self.due_in(at_ms, Instant::now());
        Stop::default().wait(pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_times_real_time_is_a_minute_a_second() {
        let start = Instant::now();
        let mut pace = Pace::new(Some(60.0));
        assert_eq!(pace.due_in(1_000, start), Duration::ZERO);
        assert_eq!(pace.due_in(121_000, start), Duration::from_secs(2));
        assert_eq!(pace.due_in(121_000, start + Duration::from_secs(2)), Duration::ZERO);
        assert_eq!(pace.due_in(0, start), Duration::ZERO, "an event from before the first is due at once");
        assert_eq!(Pace::new(None).due_in(i64::MAX, start), Duration::ZERO);
    }
}
