//! Erlang A (M/M/n+M): callers have exponential patience. Overload is nothing special: those who give up keep the queue finite.
//!
//! The wait that a caller with endless patience would have, given that all are busy, has a density proportional to
//! `exp(lambda H(x) - n mu x)` with `H(x) = (1 - exp(-theta x)) / theta` (Baccelli and Hebuterne 1981; Mandelbaum and Zeltyn 2005).
//! Everything follows from integrals of it, from 0 and from the threshold: see [`delay`].

use fika_model::ServiceCounts;

use crate::erlang_b::inverse_blocking;
use crate::performance::Performance;
use crate::traffic::{Thresholds, Traffic};

mod delay;

use delay::Delay;

/// The long-run performance of `servers` people whose callers give up after an exponential time with mean `patience_s`
/// (finite and above 0), exact for any threshold.
pub fn erlang_a(traffic: Traffic, servers: u32, patience_s: f64, thresholds: Thresholds) -> Performance {
    if traffic.load_erlangs() <= 0.0 {
        return Performance::without_calls(servers);
    }
    if servers == 0 {
        return nobody_answers(traffic, patience_s, thresholds);
    }
    let queue = Queue::new(traffic, servers, patience_s);
    let service = queue.service(thresholds);
    let abandoned = queue.scale * queue.start.lost;
    // A caller who waits x gives up meanwhile with probability theta E[wait], so the mean wait is the abandoned share times patience.
    let mean_wait_s = abandoned * patience_s;
    let answered = queue.at_once + queue.scale * queue.start.answered;
    let waited_s = queue.scale * queue.start.answered_moment * patience_s;
    Performance {
        servers,
        service,
        probability_of_waiting: queue.scale * queue.start.all,
        asa_s: waited_s / answered,
        mean_wait_s,
        mean_wait_of_waiting_s: queue.start.lost / queue.start.all * patience_s,
        abandoned,
        occupancy: traffic.load_erlangs() * answered / f64::from(servers),
        queue_length: traffic.calls_per_s() * mean_wait_s,
        stable: true,
    }
}

/// The queue in units of patience: `c` servers' rate and `y` callers' rate, both times patience.
struct Queue {
    c: f64,
    y: f64,
    patience_s: f64,
    start: Delay,
    /// The probability of no wait.
    at_once: f64,
    /// Turns an integral from 0 into a probability.
    scale: f64,
}

impl Queue {
    fn new(traffic: Traffic, servers: u32, patience_s: f64) -> Self {
        let y = traffic.calls_per_s() * patience_s;
        let c = f64::from(servers) * patience_s / traffic.handling_s();
        let start = Delay::new(c, y);
        // The states below n weigh 1 / B(n - 1) against y times the integral; the integral carries its scale as a logarithm.
        let below = inverse_blocking(traffic.load_erlangs(), servers - 1) * (-start.ln_factor()).exp();
        let scale = y / (below + y * start.all);
        let at_once = 1.0 / (1.0 + y * start.all / below);
        Self { c, y, patience_s, start, at_once, scale }
    }

    /// The probabilities of the four outcomes at the threshold, and of a short abandon.
    fn service(&self, thresholds: Thresholds) -> ServiceCounts {
        let abandoned = self.scale * self.start.lost;
        let (answered_late, abandoned_late) = self.later_than(thresholds.answer_s);
        let short_late = self.later_than(thresholds.short_abandon_s).1;
        ServiceCounts {
            answered_within: (1.0 - abandoned - answered_late).max(0.0),
            answered_late,
            abandoned_within: (abandoned - abandoned_late).max(0.0),
            abandoned_late,
            short_abandons: (abandoned - short_late).max(0.0),
        }
    }

    /// The probabilities to be answered, and to abandon, after waiting longer than `wait_s`.
    fn later_than(&self, wait_s: f64) -> (f64, f64) {
        // Beyond a million patiences nobody is left, and infinite waits stay numbers; what is no number counts as no wait.
        let wait = if wait_s > 0.0 { (wait_s / self.patience_s).min(1e6) } else { 0.0 };
        let still_here = (-wait).exp();
        let rest = Delay::new(self.c, self.y * still_here);
        let weight = self.scale * self.start.ln_ratio(rest, self.c, self.y, wait).exp() * still_here;
        (weight * rest.answered, weight * rest.lost)
    }
}

fn nobody_answers(traffic: Traffic, patience_s: f64, thresholds: Thresholds) -> Performance {
    let gone_by = |wait_s: f64| -(-wait_s / patience_s).exp_m1();
    let within = gone_by(thresholds.answer_s);
    let short_abandons = gone_by(thresholds.short_abandon_s);
    Performance {
        servers: 0,
        service: ServiceCounts { abandoned_within: within, abandoned_late: 1.0 - within, short_abandons, ..ServiceCounts::default() },
        probability_of_waiting: 1.0,
        asa_s: f64::INFINITY,
        mean_wait_s: patience_s,
        mean_wait_of_waiting_s: patience_s,
        abandoned: 1.0,
        occupancy: 1.0,
        queue_length: traffic.calls_per_s() * patience_s,
        stable: true,
    }
}

#[cfg(test)]
mod tests;
