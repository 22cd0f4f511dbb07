//! Offered load of calls that vary over the day.

use fika_model::demand::LoadModel;

/// Calls and handling time of one interval.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Volume {
    /// Calls offered in the interval.
    pub calls: f64,
    /// Mean handling time in seconds; above 0 where there are calls.
    pub handling_s: f64,
}

/// The load of one interval, in erlangs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Load {
    /// Its mean over the interval.
    pub mean: f64,
    /// Its value at the three places of [`PLACES`].
    pub at: [f64; 3],
}

/// Places in an interval, as shares of its length, and their weights: Gauss and Legendre's rule with three points.
pub const PLACES: [(f64, f64); 3] = [(0.112_701_665_379_258_3, 5.0 / 18.0), (0.5, 8.0 / 18.0), (0.887_298_334_620_741_7, 5.0 / 18.0)];

/// The load of each interval, for intervals of `interval_s` seconds that follow each other.
///
/// Stationary: calls times handling time, as if the interval lasted for ever. Modified offered load: the people who would be
/// busy if there were always somebody free, `m(t) = E[lambda(t - S_e)] E[S]` (Jennings, Mandelbaum, Massey and Whitt 1996). For
/// exponential handling times and a rate that is constant inside each interval, `m' = lambda - m / E[S]` has the closed form used
/// here. Before the first interval calls are taken to have come as in it. In an interval without calls the last handling time
/// goes on.
pub fn offered_load(volumes: &[Volume], interval_s: f64, model: LoadModel) -> Vec<Load> {
    match model {
        LoadModel::Stationary => {
            let settled = |volume: &Volume| settled(*volume, interval_s);
            volumes.iter().map(settled).map(|load| Load { mean: load, at: [load; 3] }).collect()
        }
        LoadModel::ModifiedOfferedLoad => lagged(volumes, interval_s),
    }
}

fn settled(volume: Volume, interval_s: f64) -> f64 {
    if volume.calls > 0.0 { volume.calls * volume.handling_s / interval_s } else { 0.0 }
}

fn lagged(volumes: &[Volume], interval_s: f64) -> Vec<Load> {
    let mut busy = volumes.first().map_or(0.0, |first| settled(*first, interval_s));
    let mut handling_s = volumes.iter().find(|volume| volume.calls > 0.0).map_or(1.0, |volume| volume.handling_s);
    volumes
        .iter()
        .map(|volume| {
            if volume.calls > 0.0 {
                handling_s = volume.handling_s;
            }
            let target = settled(*volume, interval_s);
            let services = interval_s / handling_s;
            let forgotten = -(-services).exp_m1();
            let behind = busy - target;
            busy = target + behind * (1.0 - forgotten);
            let mean = target + behind * forgotten / services;
            Load { mean, at: PLACES.map(|(place, _)| target + behind * (-services * place).exp()) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn volumes(calls: &[f64], handling_s: f64) -> Vec<Volume> {
        calls.iter().map(|calls| Volume { calls: *calls, handling_s }).collect()
    }

    /// The infinite-server equation in small steps.
    fn by_steps(volumes: &[Volume], interval_s: f64) -> Vec<f64> {
        let steps = 20_000;
        let dt = interval_s / f64::from(steps);
        let mut busy = settled(volumes[0], interval_s);
        let mut step = |volume: &Volume| {
            let mut sum = 0.0;
            for _ in 0..steps {
                let middle = busy + dt / 2.0 * (volume.calls / interval_s - busy / volume.handling_s);
                sum += middle * dt;
                busy += dt * (volume.calls / interval_s - middle / volume.handling_s);
            }
            sum / interval_s
        };
        volumes.iter().map(&mut step).collect()
    }

    #[test]
    fn lagged_load_solves_the_infinite_server_equation() {
        let day = volumes(&[10.0, 40.0, 90.0, 30.0, 0.0, 5.0], 600.0);
        let (closed, stepped) = (offered_load(&day, 900.0, LoadModel::ModifiedOfferedLoad), by_steps(&day, 900.0));
        for (a, b) in closed.iter().zip(&stepped) {
            assert!((a.mean - b).abs() < 1e-6, "{closed:?} and {stepped:?}");
            let by_places: f64 = PLACES.iter().zip(a.at).map(|((_, weight), load)| weight * load).sum();
            assert!((a.mean - by_places).abs() < 1e-3 * a.mean, "{a:?}: the places stand for the interval");
        }
    }

    #[test]
    fn stationary_load_looks_at_its_interval_only() {
        let day = volumes(&[0.0, 30.0, 0.0], 180.0);
        let flat = |load| Load { mean: load, at: [load; 3] };
        assert_eq!(offered_load(&day, 900.0, LoadModel::Stationary), [0.0, 6.0, 0.0].map(flat));
        let lagged = offered_load(&day, 900.0, LoadModel::ModifiedOfferedLoad);
        assert!(lagged[0] == flat(0.0) && lagged[1].mean < 6.0 && lagged[2].mean > 0.0, "{lagged:?}");
        assert!(lagged[1].at[0] < lagged[1].at[2] && lagged[2].at[0] > lagged[2].at[2], "{lagged:?}");
    }

    proptest! {
        #[test]
        fn a_flat_day_has_one_load(calls in 0.1..500.0_f64, handling_s in 10.0..3600.0_f64) {
            let loads = offered_load(&volumes(&[calls; 8], handling_s), 900.0, LoadModel::ModifiedOfferedLoad);
            for load in loads {
                prop_assert!((load.mean - calls * handling_s / 900.0).abs() < 1e-9 * load.mean);
                prop_assert!((load.at[0] - load.mean).abs() < 1e-9 * load.mean);
            }
        }

        /// All work that comes is in the load of some interval: nothing is lost over a day that ends quietly.
        #[test]
        fn work_is_kept(calls in proptest::collection::vec(0.0..200.0_f64, 1..20), handling_s in 30.0..900.0_f64) {
            let mut day = vec![0.0];
            day.extend(&calls);
            day.extend([0.0; 40]);
            let loads = offered_load(&volumes(&day, handling_s), 900.0, LoadModel::ModifiedOfferedLoad);
            let work: f64 = calls.iter().sum::<f64>() * handling_s;
            prop_assert!((loads.iter().map(|load| load.mean).sum::<f64>() * 900.0 - work).abs() < 1e-6 * work.max(1.0));
        }
    }
}
