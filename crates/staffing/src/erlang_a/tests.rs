//! Erlang A against other ways to the same numbers.

use fika_model::ServiceLevelFormula;
use proptest::prelude::*;

use super::*;
use crate::erlang_c::erlang_c;
use crate::oracle::states;

fn traffic(load_erlangs: f64, handling_s: f64) -> Traffic {
    Traffic::new(load_erlangs / handling_s, handling_s).expect("in range")
}

/// Compares all numbers with those of the states one by one.
fn check_states(load_erlangs: f64, handling_s: f64, servers: u32, patience_s: f64, threshold_s: f64, most: u32) {
    let traffic = traffic(load_erlangs, handling_s);
    let fast = erlang_a(traffic, servers, patience_s, Thresholds { answer_s: threshold_s, short_abandon_s: threshold_s / 2.0 });
    let slow = states(traffic.calls_per_s(), handling_s, servers, patience_s, threshold_s, most);
    let half = states(traffic.calls_per_s(), handling_s, servers, patience_s, threshold_s / 2.0, most);
    let pairs = [
        ("waiting", fast.probability_of_waiting, slow.waiting),
        ("abandoned", fast.abandoned, slow.abandoned),
        ("answered within", fast.service.answered_within, slow.answered_within),
        ("answered late", fast.service.answered_late, slow.answered_late),
        ("abandoned within", fast.service.abandoned_within, slow.abandoned_within),
        ("short abandons", fast.service.short_abandons, half.abandoned_within),
        ("queue", fast.queue_length, slow.queue_length),
        ("speed of answer", fast.asa_s, slow.asa_s),
    ];
    for (name, fast, slow) in pairs {
        let tolerance = 1e-9 * slow.abs().max(1.0);
        assert!((fast - slow).abs() < tolerance, "{name} of {load_erlangs} E, {servers} servers, patience {patience_s}: {fast} and {slow}");
    }
}

#[test]
fn every_number_agrees_with_the_states_one_by_one() {
    check_states(0.5, 180.0, 1, 60.0, 20.0, 60);
    check_states(10.0, 180.0, 13, 300.0, 20.0, 200);
    check_states(10.0, 180.0, 9, 300.0, 45.0, 300);
    check_states(10.0, 180.0, 2, 30.0, 20.0, 200);
    check_states(3.0, 600.0, 4, 2.0, 1.0, 100);
    check_states(100.0, 300.0, 100, 300.0, 20.0, 600);
    check_states(150.0, 300.0, 100, 300.0, 20.0, 700);
    check_states(400.0, 240.0, 410, 90.0, 20.0, 1200);
    check_states(296.5, 541.0, 5, 418.0, 51.7, 700);
    check_states(400.0, 541.0, 3, 541.0, 900.0, 800);
    check_states(50.0, 240.0, 20, 5000.0, 400.0, 3500);
}

#[test]
fn thousands_of_servers_hold() {
    for (servers, share) in [(1_000_u32, 0.97), (1_000, 1.0), (1_000, 1.2), (10_000, 0.99), (10_000, 1.05)] {
        let most = servers * 2;
        let traffic = traffic(f64::from(servers) * share, 300.0);
        let fast = erlang_a(traffic, servers, 180.0, Thresholds::default());
        let chances = crate::oracle::probabilities(traffic.calls_per_s(), 300.0, servers, 180.0, most);
        let waiting: f64 = chances[servers as usize..].iter().sum();
        assert!((fast.probability_of_waiting - waiting).abs() < 1e-9, "{servers} {share}: {fast:?} and {waiting}");
    }
}

#[test]
fn endless_patience_is_erlang_c() {
    for (load, servers) in [(0.3, 1), (10.0, 12), (95.0, 100), (990.0, 1000), (9_950.0, 10_000)] {
        let (a, c) = (
            erlang_a(traffic(load, 240.0), servers, 1e9, Thresholds::default()),
            erlang_c(traffic(load, 240.0), servers, Thresholds::default()),
        );
        let same = |a: f64, c: f64| (a - c).abs() < 1e-4 * c.max(1.0);
        assert!(same(a.probability_of_waiting, c.probability_of_waiting) && same(a.asa_s, c.asa_s), "{load}: {a:?} and {c:?}");
        assert!(same(a.service.answered_within, c.service.answered_within) && same(a.occupancy, c.occupancy), "{load}: {a:?} and {c:?}");
    }
}

#[test]
fn extremes_stay_probabilities() {
    let thresholds = Thresholds { answer_s: f64::INFINITY, short_abandon_s: f64::NAN };
    for (load, handling_s, servers, patience_s) in
        [(1e6, 10.0, 1, 1e9), (1e6, 604_800.0, 1, 1e-3), (1e-9, 180.0, 10_000, 300.0), (5e5, 180.0, 10_000, 1e9), (1e-3, 0.001, 1, 1e9)]
    {
        for limits in [thresholds, Thresholds::default(), Thresholds { answer_s: 0.0, short_abandon_s: 0.0 }] {
            let performance = erlang_a(traffic(load, handling_s), servers, patience_s, limits);
            let service = performance.service;
            let shares =
                [service.answered_within, service.answered_late, service.abandoned_within, service.abandoned_late, performance.occupancy];
            assert!(shares.iter().all(|share| (0.0..=1.0 + 1e-9).contains(share)), "{load} {servers} {patience_s}: {performance:?}");
            assert!((service.offered() - 1.0).abs() < 1e-9, "{performance:?}");
        }
    }
}

#[test]
fn without_servers_everybody_gives_up() {
    let nobody = erlang_a(traffic(10.0, 180.0), 0, 60.0, Thresholds::default());
    assert_eq!((nobody.abandoned, nobody.mean_wait_s), (1.0, 60.0));
    assert!((nobody.service.abandoned_within - (1.0 - (-20.0_f64 / 60.0).exp())).abs() < 1e-12);
    assert_eq!(nobody.service_level(ServiceLevelFormula::AnsweredOnly), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn outcomes_add_up_and_more_people_serve_better(
        load in 0.01..300.0_f64, handling_s in 5.0..2000.0_f64, servers in 1_u32..400, ln_patience in 0.0..12.0_f64,
        threshold_s in 0.0..200.0_f64
    ) {
        let (traffic, patience_s) = (traffic(load, handling_s), ln_patience.exp());
        let thresholds = Thresholds { answer_s: threshold_s, short_abandon_s: 5.0 };
        let (some, more) = (erlang_a(traffic, servers, patience_s, thresholds), erlang_a(traffic, servers + 1, patience_s, thresholds));
        prop_assert!((some.service.offered() - 1.0).abs() < 1e-9);
        prop_assert!((some.service.abandoned_within + some.service.abandoned_late - some.abandoned).abs() < 1e-9);
        // Work that comes in is done or leaves.
        prop_assert!((some.occupancy * f64::from(servers) - load * (1.0 - some.abandoned)).abs() < 1e-9 * load.max(1.0));
        prop_assert!(some.occupancy <= 1.0 + 1e-9 && more.occupancy <= some.occupancy + 1e-9);
        for formula in ServiceLevelFormula::ALL {
            let (few, many) = (some.service_level(formula).unwrap_or(0.0), more.service_level(formula).unwrap_or(0.0));
            prop_assert!(many >= few - 1e-9, "{}: {few} with {servers}, then {many}", formula.name());
        }
    }
}
