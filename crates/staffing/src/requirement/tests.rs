//! Requirements by hand, at their limits, and as properties.

use fika_model::demand::{LoadModel, StaffingModel};
use fika_model::{Fraction, Grid, IntervalLength, Timestamp};
use proptest::prelude::*;

use super::*;

fn grid(intervals: usize) -> Grid {
    Grid::new(Timestamp::UNIX_EPOCH, IntervalLength::HALF_HOUR, intervals as u32)
}

fn forecasts(calls: &[f64], calls_sd: f64, aht_s: f64) -> Curve<IntervalForecast> {
    let values = calls.iter().map(|calls_mean| IntervalForecast { calls_mean: *calls_mean, calls_sd, aht_s }).collect();
    Curve::new(grid(calls.len()), values).expect("one value an interval")
}

fn plain() -> StaffingPolicy {
    StaffingPolicy { load: LoadModel::Stationary, ..StaffingPolicy::default() }
}

/// No comfort minutes, no recovery, no ceiling.
fn bare() -> WellbeingPolicy {
    WellbeingPolicy { comfort_minutes_per_hour: 0.0, occupancy_ceiling: Fraction::ONE, ..WellbeingPolicy::default() }
}

fn one(calls: f64, aht_s: f64, patience_s: Option<f64>, policy: &StaffingPolicy, wellbeing: &WellbeingPolicy) -> Requirement {
    requirement(&forecasts(&[calls], 0.0, aht_s), patience_s, policy, wellbeing).values()[0]
}

#[test]
fn a_calculators_example_comes_out() {
    let found = one(100.0, 180.0, None, &plain(), &bare());
    assert_eq!((found.phones, found.heads, found.binding), (14, 14, Binding::ServiceLevel));
    let shrunk = StaffingPolicy { shrinkage: Fraction::percent(30), ..plain() };
    assert_eq!(one(100.0, 180.0, None, &shrunk, &bare()).heads, 20);
}

#[test]
fn the_binding_limit_is_named() {
    let ceiling = WellbeingPolicy { comfort_minutes_per_hour: 0.0, ..WellbeingPolicy::default() };
    let small = one(100.0, 180.0, None, &plain(), &ceiling);
    assert_eq!((small.phones, small.binding), (14, Binding::ServiceLevel));
    let large = one(750.0, 240.0, None, &plain(), &ceiling);
    assert_eq!((large.phones, large.binding), (118, Binding::Occupancy), "100 erlangs: 108 would do for service");
    assert!(large.predicted.occupancy <= 0.85);
}

#[test]
fn comfort_recovery_and_shrinkage_are_bought() {
    let wellbeing = WellbeingPolicy { comfort_minutes_per_hour: 4.0, ..bare() };
    assert_eq!(one(100.0, 180.0, None, &plain(), &wellbeing).heads, 15, "14 / (56/60) is 15 exactly");
    // One call in ten is followed by 6 minutes off the phones: 100 / 1800 s * 36 s = 2 people.
    let recovery = WellbeingPolicy { recovery_minutes: 6.0, hard_call_share: Fraction::percent(10), ..bare() };
    assert_eq!(one(100.0, 180.0, None, &plain(), &recovery).heads, 16);
    let all = WellbeingPolicy { comfort_minutes_per_hour: 4.0, ..recovery };
    let policy = StaffingPolicy { shrinkage: Fraction::percent(20), ..plain() };
    assert_eq!(one(100.0, 180.0, None, &policy, &all).heads, 22, "16 / (56/60) / 0.8 is 21.4");
}

#[test]
fn nobody_is_needed_where_nobody_calls() {
    let none = one(0.0, 180.0, None, &plain(), &bare());
    assert_eq!((none.phones, none.heads, none.binding), (0, 0, Binding::NoDemand));
    let lagged = requirement(&forecasts(&[60.0, 0.0], 0.0, 900.0), None, &StaffingPolicy::default(), &bare());
    assert!(lagged.values()[1].load_erlangs > 0.0 && lagged.values()[1].heads == 0, "calls that are still handled need no one more");
    for (calls, aht_s) in [(f64::NAN, 180.0), (f64::INFINITY, 180.0), (-5.0, 180.0), (5.0, f64::NAN), (5.0, 0.0)] {
        assert_eq!(one(calls, aht_s, None, &plain(), &bare()).binding, Binding::NoDemand, "{calls} {aht_s}");
    }
    assert_eq!(one(1e-6, 180.0, None, &plain(), &bare()).phones, 1, "where there are calls there is somebody");
}

#[test]
fn the_model_follows_patience() {
    let c = one(100.0, 300.0, None, &plain(), &bare());
    let a = one(100.0, 300.0, Some(180.0), &plain(), &bare());
    assert_eq!((c.phones, a.phones), (21, 19));
    let own = StaffingPolicy { patience_s: Some(180.0), ..plain() };
    assert_eq!(one(100.0, 300.0, None, &own, &bare()).phones, 19);
    let asked = StaffingPolicy { model: StaffingModel::ErlangA, ..plain() };
    assert_eq!(one(100.0, 300.0, None, &asked, &bare()).phones, 21, "without patience it is Erlang C");
    let endless = StaffingPolicy { model: StaffingModel::ErlangC, ..plain() };
    assert_eq!(one(100.0, 300.0, Some(180.0), &endless, &bare()).phones, 21);
}

#[test]
#[allow(clippy::float_cmp, reason = "the ends are exact")]
fn volume_is_a_quantile_of_the_rate() {
    let at = |calls_sd: f64| requirement(&forecasts(&[100.0], calls_sd, 180.0), None, &plain(), &bare()).values()[0].volume;
    assert_eq!(at(0.0), 100.0);
    assert_eq!(at(10.0), 100.0, "Poisson's own spread is in the queueing model");
    // Rate with deviation 20: gamma with shape 25; its 0.8 quantile, from the chi-square table, is 58.164 / 50 of the mean.
    let spread = at((400.0_f64 + 100.0).sqrt());
    assert!((spread - 116.328).abs() < 1e-2, "{spread}");
}

#[test]
fn lagged_load_follows_late_on_a_ramp() {
    let ramp = forecasts(&[10.0, 40.0, 80.0, 80.0, 40.0, 10.0], 0.0, 900.0);
    let of = |load| requirement(&ramp, None, &StaffingPolicy { load, ..StaffingPolicy::default() }, &bare());
    let (lagged, still) = (of(LoadModel::ModifiedOfferedLoad), of(LoadModel::Stationary));
    assert!(lagged.values()[1].phones < still.values()[1].phones, "up: the work has not come yet");
    assert!(lagged.values()[4].phones > still.values()[4].phones, "down: it is not done yet");
}

/// A queue that opens: 50 calls a quarter hour of 240 s from nothing, patience 180 s. Integrating the states over the first quarter hour
/// from empty gives a service level of 0.791 with 13 people and 0.852 with 14; the mean load alone would ask for 12, who reach 0.718.
#[test]
fn an_opening_queue_is_staffed_for_what_comes() {
    let grid = Grid::new(Timestamp::UNIX_EPOCH, IntervalLength::QUARTER_HOUR, 3);
    let calls = |index: IntervalIndex| if index.get() == 0 { 0.0 } else { 50.0 };
    let forecasts = Curve::from_fn(grid, |index| IntervalForecast { calls_mean: calls(index), calls_sd: 0.0, aht_s: 240.0 });
    let found = requirement(&forecasts, Some(180.0), &StaffingPolicy::default(), &bare());
    let opening = found.values()[1];
    assert_eq!(opening.phones, 14);
    let level = opening.predicted.service_level(fika_model::ServiceLevelFormula::AbandonsNegative).unwrap_or_default();
    assert!((level - 0.852).abs() < 0.012, "{level}");
    assert_eq!(found.values()[2].phones, 16, "a quarter hour later it is as good as settled");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Where the search starts (the answer of the interval before) changes no answer.
    #[test]
    fn neighbours_change_nothing(
        calls in proptest::collection::vec(0.0..400.0_f64, 1..12), aht_s in 30.0..900.0_f64,
        patience_s in proptest::option::of(5.0..900.0_f64)
    ) {
        let wellbeing = WellbeingPolicy::default();
        let day = requirement(&forecasts(&calls, 0.0, aht_s), patience_s, &plain(), &wellbeing);
        for (calls, together) in calls.iter().zip(day.values()) {
            prop_assert_eq!(&one(*calls, aht_s, patience_s, &plain(), &wellbeing), together);
        }
    }

    #[test]
    fn more_calls_never_need_fewer_people(calls in 0.1..400.0_f64, more in 0.0..100.0_f64, aht_s in 30.0..900.0_f64) {
        let (few, many) = (one(calls, aht_s, Some(90.0), &plain(), &bare()), one(calls + more, aht_s, Some(90.0), &plain(), &bare()));
        prop_assert!(few.phones <= many.phones && few.heads <= many.heads);
    }
}
