//! Erlang C (M/M/n): callers wait for ever. In overload there is no long run, and that is what is reported.

use fika_model::ServiceCounts;

use crate::erlang_b::inverse_blocking;
use crate::performance::Performance;
use crate::traffic::{Thresholds, Traffic};

/// The long-run performance of `servers` people whose callers never give up.
///
/// With `C` the probability of waiting, for a load of `a` erlangs and a mean handling time `s`: a fraction
/// `1 - C exp(-(n - a) T / s)` is answered within `T`, and the mean wait is `C s / (n - a)` (Erlang 1917).
pub fn erlang_c(traffic: Traffic, servers: u32, thresholds: Thresholds) -> Performance {
    with_inverse(traffic, servers, thresholds, || inverse_blocking(traffic.load_erlangs(), servers))
}

/// The same, where `1 / B` comes from elsewhere.
pub(crate) fn with_inverse(traffic: Traffic, servers: u32, thresholds: Thresholds, inverse: impl FnOnce() -> f64) -> Performance {
    let load = traffic.load_erlangs();
    if load <= 0.0 {
        return Performance::without_calls(servers);
    }
    let spare = f64::from(servers) - load;
    if spare <= 0.0 {
        return Performance::overloaded(servers);
    }
    let occupancy = load / f64::from(servers);
    // 1 / C = (1 - occupancy) / B + occupancy: nothing cancels.
    let waiting = 1.0 / (spare / f64::from(servers) * inverse() + occupancy);
    let mean_wait_of_waiting_s = traffic.handling_s() / spare;
    let late = waiting * (-thresholds.answer_s / mean_wait_of_waiting_s).exp();
    let asa_s = waiting * mean_wait_of_waiting_s;
    Performance {
        servers,
        service: ServiceCounts { answered_within: 1.0 - late, answered_late: late, ..ServiceCounts::default() },
        probability_of_waiting: waiting,
        asa_s,
        mean_wait_s: asa_s,
        mean_wait_of_waiting_s,
        abandoned: 0.0,
        occupancy,
        queue_length: traffic.calls_per_s() * asa_s,
        stable: true,
    }
}
