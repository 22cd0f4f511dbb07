//! Requirement and simulation agree: what the requirement asks for gives callers what it promises, interval by interval.

use fika_model::demand::{LoadModel, StaffingModel};
use fika_tests::staffed_day::{Day, Staffing};

const REPLICATIONS: u32 = 300;

/// Erlang A at the modified offered load, at the mean volume or at the default quantile.
fn recommended(quantile: Option<f64>) -> Staffing {
    Staffing { model: StaffingModel::ErlangA, load: LoadModel::ModifiedOfferedLoad, quantile }
}

#[track_caller]
fn keeps_the_promise(day: Day, staffing: Staffing) {
    let outcome = day.outcome(staffing, REPLICATIONS);
    let allowed = outcome.intervals.len() / 20;
    assert!(outcome.missed() <= allowed, "{} of {} missed: {day:?} {outcome:?}", outcome.missed(), outcome.intervals.len());
}

#[test]
fn nineteen_of_twenty_intervals_keep_the_promise() {
    for (peak_erlangs, handling_minutes, interval_minutes) in
        [(6.7, 5.0, 15), (20.0, 15.0, 15), (50.0, 5.0, 15), (50.0, 5.0, 30), (100.0, 4.0, 15), (2.0, 6.0, 30)]
    {
        let day = Day { peak_erlangs, handling_minutes, interval_minutes, day_factor_cv: 0.0 };
        keeps_the_promise(day, recommended(None));
    }
}

#[test]
fn a_quantile_of_the_volume_keeps_the_promise_on_random_days() {
    for day_factor_cv in [0.1, 0.2] {
        for peak_erlangs in [6.7, 50.0] {
            let day = Day { peak_erlangs, handling_minutes: 5.0, interval_minutes: 15, day_factor_cv };
            keeps_the_promise(day, recommended(Some(0.8)));
        }
    }
}

/// The other side: what the mean volume alone gives on random days, and stationary load on long calls. A test that could not see the misses
/// would say nothing above.
#[test]
fn the_mean_volume_and_the_stationary_load_miss() {
    let random = Day { peak_erlangs: 50.0, handling_minutes: 5.0, interval_minutes: 15, day_factor_cv: 0.2 };
    assert!(random.outcome(recommended(None), REPLICATIONS).missed() > 20);
    let long = Day { peak_erlangs: 20.0, handling_minutes: 15.0, interval_minutes: 15, day_factor_cv: 0.0 };
    let stationary = Staffing { load: LoadModel::Stationary, ..recommended(None) };
    assert!(long.outcome(stationary, REPLICATIONS).missed() > 5);
}
