//! Erlang B: calls that find all servers busy are lost.

use crate::error::{Error, within};
use crate::traffic::LARGEST_LOAD_ERLANGS;

/// The probability that an arriving call is lost: `B(n, a) = (a^n / n!) / sum_{k <= n} a^k / k!`. A load of zero is never lost unless
/// there are no servers.
///
/// Evaluated as `1 / B = sum_j n! / (n - j)! a^-j`: positive terms only, so nothing cancels, and those that no longer change the
/// sum are left out.
pub fn erlang_b(load_erlangs: f64, servers: u32) -> f64 {
    1.0 / inverse_blocking(load_erlangs, servers)
}

/// The fewest lines that lose at most `blocking` of the calls (above 0, up to 1) at a load in erlangs.
pub fn least_lines(load_erlangs: f64, blocking: f64) -> Result<u32, Error> {
    within("load in erlangs", load_erlangs, 0.0, LARGEST_LOAD_ERLANGS)?;
    within("blocking", blocking, f64::MIN_POSITIVE, 1.0)?;
    // The recursion B(n) = a B(n-1) / (n + a B(n-1)) is stable upwards, and passes every n on its way.
    let (mut lines, mut lost) = (0, 1.0);
    while lost > blocking {
        lines += 1;
        lost = load_erlangs * lost / (f64::from(lines) + load_erlangs * lost);
    }
    Ok(lines)
}

/// `1 / B(n, a)`, infinite where it exceeds the range of a float.
pub(crate) fn inverse_blocking(load_erlangs: f64, servers: u32) -> f64 {
    let per_load = 1.0 / load_erlangs;
    let (mut sum, mut term, mut free) = (1.0_f64, 1.0_f64, f64::from(servers));
    while free > 0.0 {
        let mut ratio = 0.0;
        // Looking for the end only now and then is quicker. Past the last server the terms are zero.
        for _ in 0..8 {
            ratio = free * per_load;
            term *= ratio;
            sum += term;
            free = (free - 1.0).max(0.0);
        }
        if sum.is_nan() || sum.is_infinite() {
            return f64::INFINITY;
        }
        // Later ratios are smaller still, so what is left is below `term * ratio / (1 - ratio)`.
        if ratio < 1.0 && term * ratio < sum * 1e-17 * (1.0 - ratio) {
            break;
        }
    }
    sum
}

/// `1 / B` at numbers of servers above the load, one after another: from the one just above it upwards by
/// `1 / B(n) = 1 + (n / a) / B(n - 1)`. What is found does not depend on what was asked before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Upwards {
    per_load: f64,
    first: (u32, f64),
    last: (u32, f64),
}

impl Upwards {
    /// The most steps that are quicker than the sum.
    const NEAR: u32 = 64;

    pub(crate) fn new(load_erlangs: f64) -> Self {
        let servers = load_erlangs as u32 + 1;
        let first = (servers, inverse_blocking(load_erlangs, servers));
        Self { per_load: 1.0 / load_erlangs, first, last: first }
    }

    /// `1 / B` at this number of servers.
    pub(crate) fn at(&mut self, servers: u32) -> f64 {
        if servers < self.first.0 || servers - self.first.0 > Self::NEAR {
            return inverse_blocking(1.0 / self.per_load, servers);
        }
        if servers < self.last.0 {
            self.last = self.first;
        }
        while self.last.0 < servers {
            let next = self.last.0 + 1;
            self.last = (next, 1.0 + f64::from(next) * self.per_load * self.last.1);
        }
        self.last.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_recursion(load_erlangs: f64, servers: u32) -> f64 {
        (1..=servers).fold(1.0, |b, n| load_erlangs * b / (f64::from(n) + load_erlangs * b))
    }

    #[test]
    fn agrees_with_the_recursion_up_to_ten_thousand_servers() {
        for servers in [0_u32, 1, 2, 5, 17, 100, 999, 10_000] {
            for share in [0.01, 0.3, 0.7, 0.95, 1.0, 1.05, 1.5, 10.0] {
                let load = (f64::from(servers) * share).max(0.01);
                let (sum, recursion) = (erlang_b(load, servers), by_recursion(load, servers));
                let same = (sum - recursion).abs() <= 1e-12 * recursion || recursion < 1e-300;
                assert!(same, "{servers} servers, {load} erlangs: {sum} and {recursion}");
            }
        }
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "the way there changes nothing")]
    fn steps_upwards_agree_with_the_sum() {
        for load in [0.3, 5.0, 42.0, 700.0] {
            let from = load as u32;
            let mut walk = Upwards::new(load);
            for servers in [from + 1, from + 5, from + 4, from + 40, from + 65, from + 66, from + 30, from, 0, 3] {
                let (found, truth) = (walk.at(servers), inverse_blocking(load, servers));
                assert!((found / truth - 1.0).abs() < 1e-12, "{load} erlangs, {servers} servers: {found} and {truth}");
                assert_eq!(found, Upwards::new(load).at(servers), "{load} erlangs, {servers} servers");
            }
        }
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "the ends are exact")]
    fn extremes_stay_probabilities() {
        assert_eq!(erlang_b(0.0, 0), 1.0);
        assert_eq!(erlang_b(0.0, 3), 0.0);
        assert_eq!(erlang_b(1.0, 10_000), 0.0, "far below the smallest float");
        assert!((erlang_b(1e6, 10_000) - 0.99).abs() < 1e-4);
    }

    #[test]
    fn least_lines_is_the_least() {
        for (load, blocking) in [(10.0, 0.02), (0.5, 0.5), (120.0, 0.001), (1e4, 0.01)] {
            let lines = least_lines(load, blocking).expect("in range");
            assert!(erlang_b(load, lines) <= blocking && erlang_b(load, lines - 1) > blocking, "{load} {blocking} {lines}");
        }
        assert_eq!(least_lines(0.0, 0.01), Ok(1));
        assert_eq!(least_lines(5.0, 1.0), Ok(0));
        assert!(least_lines(5.0, 0.0).is_err() && least_lines(-1.0, 0.1).is_err());
    }
}
