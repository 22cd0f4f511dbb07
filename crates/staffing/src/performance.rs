//! What so many people give to so many callers, in the long run.

use fika_model::{ServiceCounts, ServiceLevelFormula};

/// The long-run performance of a group of servers with one queue.
///
/// A system in overload without abandonment has no long run: then `stable` is false, the waits and the queue are infinite and
/// nobody is answered within any threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Performance {
    /// The people on the phones.
    pub servers: u32,
    /// Fractions of the offered calls by outcome; they sum to one.
    pub service: ServiceCounts,
    /// The probability that a caller has to wait at all.
    pub probability_of_waiting: f64,
    /// Mean wait of answered calls in seconds, those answered at once included: the average speed of answer.
    pub asa_s: f64,
    /// Mean wait of all calls in seconds, abandoned ones included.
    pub mean_wait_s: f64,
    /// Mean wait in seconds of the calls that have to wait, abandoned ones included; 0 where none has to.
    pub mean_wait_of_waiting_s: f64,
    /// The fraction of calls that abandon.
    pub abandoned: f64,
    /// Handling time over staffed time.
    pub occupancy: f64,
    /// Mean number of callers who wait.
    pub queue_length: f64,
    /// Whether there is a long run: false only in overload without abandonment.
    pub stable: bool,
}

impl Performance {
    /// The service level by a named formula; `None` where the formula has no calls to speak of.
    pub fn service_level(&self, formula: ServiceLevelFormula) -> Option<f64> {
        formula.level(&self.service)
    }

    /// Everybody is answered at once, because nobody calls.
    pub(crate) fn without_calls(servers: u32) -> Self {
        let service = ServiceCounts { answered_within: 1.0, ..ServiceCounts::default() };
        Self {
            servers,
            service,
            probability_of_waiting: 0.0,
            asa_s: 0.0,
            mean_wait_s: 0.0,
            mean_wait_of_waiting_s: 0.0,
            abandoned: 0.0,
            occupancy: 0.0,
            queue_length: 0.0,
            stable: true,
        }
    }

    /// The queue grows without end, because nobody gives up and more come than are served.
    pub(crate) fn overloaded(servers: u32) -> Self {
        let service = ServiceCounts { answered_late: 1.0, ..ServiceCounts::default() };
        Self {
            servers,
            service,
            probability_of_waiting: 1.0,
            asa_s: f64::INFINITY,
            mean_wait_s: f64::INFINITY,
            mean_wait_of_waiting_s: f64::INFINITY,
            abandoned: 0.0,
            occupancy: 1.0,
            queue_length: f64::INFINITY,
            stable: false,
        }
    }

    /// What callers get who come in equal numbers a minute while the system is in one state after the other; the weights are shares
    /// of time and sum to one, all with the same servers.
    pub(crate) fn in_turn(states: impl Iterator<Item = (f64, Self)>) -> Self {
        let mut whole = Self { probability_of_waiting: 0.0, service: ServiceCounts::default(), ..Self::without_calls(0) };
        let mut answered_wait_s = 0.0;
        for (weight, state) in states {
            let service = state.service;
            whole.service.add(&ServiceCounts {
                answered_within: weight * service.answered_within,
                answered_late: weight * service.answered_late,
                abandoned_within: weight * service.abandoned_within,
                abandoned_late: weight * service.abandoned_late,
                short_abandons: weight * service.short_abandons,
            });
            whole.servers = state.servers;
            whole.probability_of_waiting += weight * state.probability_of_waiting;
            whole.mean_wait_s += weight * state.mean_wait_s;
            whole.abandoned += weight * state.abandoned;
            whole.occupancy += weight * state.occupancy;
            whole.queue_length += weight * state.queue_length;
            whole.stable &= state.stable;
            // Where nobody is answered there is no wait to add.
            answered_wait_s += if state.abandoned < 1.0 { weight * (1.0 - state.abandoned) * state.asa_s } else { 0.0 };
        }
        let share = |sum: f64, of: f64| if of > 0.0 { sum / of } else { 0.0 };
        whole.asa_s = if whole.abandoned < 1.0 { answered_wait_s / (1.0 - whole.abandoned) } else { f64::INFINITY };
        whole.mean_wait_of_waiting_s = share(whole.mean_wait_s, whole.probability_of_waiting);
        whole
    }
}
