//! From a forecast to the people required in every interval.
//!
//! Where the load changes much within an interval, as it does when a queue opens, service is that of its moments in turn.
//! The order is fixed: volume at its quantile, load, the fewest people on the phones by service and by occupancy, recovery,
//! comfort, shrinkage. The number of calls given their rate is Poisson, and the queueing model holds that already; so the
//! quantile is one of the *rate*: a gamma distribution with the forecast's mean and the part of its variance above Poisson's
//! (calls are then negative binomial).

use fika_model::demand::StaffingPolicy;
use fika_model::forecast::IntervalForecast;
use fika_model::rules::WellbeingPolicy;
use fika_model::{Curve, IntervalIndex};

use crate::distribution::gamma_quantile;
use crate::load::{Load, PLACES, Volume, offered_load};
use crate::model::{LONGEST_PATIENCE_S, Model};
use crate::performance::Performance;
use crate::sizing::{Goal, Search, ceiling_guess};
use crate::traffic::{LARGEST_LOAD_ERLANGS, LONGEST_HANDLING_S, MOST_CALLS_PER_S, Thresholds, Traffic};

/// The limit that asks for the most people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Binding {
    /// Nobody calls.
    NoDemand,
    /// The promise to callers.
    ServiceLevel,
    /// The occupancy ceiling: breathing space between calls.
    Occupancy,
}

/// The people one interval needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Requirement {
    /// People on the phones, by the queueing model and the occupancy ceiling.
    pub phones: u32,
    /// People on shift and at work: after recovery, comfort minutes and shrinkage, rounded up.
    pub heads: u32,
    /// The limit that asks for the most.
    pub binding: Binding,
    /// The load that was staffed for, in erlangs.
    pub load_erlangs: f64,
    /// Calls at the policy's quantile.
    pub volume: f64,
    /// What callers get from `phones` at this load, in the long run.
    pub predicted: Performance,
}

/// The people required in every interval of a queue or of a pool of queues that the same people serve.
///
/// `patience_s` is the callers' mean patience where it is known; the policy's own is used where it is not. Erlang A without any
/// of them falls back to Erlang C, whose callers wait for ever: the cautious side. Calls, deviations and times that are no
/// positive numbers count as none, and an interval without calls needs nobody, even if calls of the one before are still being
/// handled. Loads beyond a million erlangs are cut to that.
pub fn requirement(
    intervals: &Curve<IntervalForecast>,
    patience_s: Option<f64>,
    policy: &StaffingPolicy,
    wellbeing: &WellbeingPolicy,
) -> Curve<Requirement> {
    let interval_s = f64::from(intervals.grid().interval().seconds());
    let quantile = policy.volume_quantile.get();
    let volumes: Vec<Volume> = intervals.values().iter().map(|forecast| volume(forecast, quantile, interval_s)).collect();
    let loads = offered_load(&volumes, interval_s, policy.load);
    let rule = Rule::new(patience_s, policy, wellbeing);
    let mut spare_deviations = 0.5;
    Curve::from_fn(intervals.grid(), |index: IntervalIndex| {
        let requirement = rule.require(volumes[index.get()], loads[index.get()], spare_deviations);
        if requirement.binding == Binding::ServiceLevel {
            // The next search begins where this one ended, in standard deviations above the load.
            spare_deviations = (f64::from(requirement.phones) - requirement.load_erlangs) / requirement.load_erlangs.sqrt().max(0.1);
        }
        requirement
    })
}

/// Calls at the quantile of their rate, and their handling time.
fn volume(forecast: &IntervalForecast, quantile: f64, interval_s: f64) -> Volume {
    let counts = |value: f64| value.is_finite() && value > 0.0;
    if !counts(forecast.calls_mean) || !counts(forecast.aht_s) {
        return Volume::default();
    }
    let deviation = if counts(forecast.calls_sd) { forecast.calls_sd } else { 0.0 };
    let rate_variance = (deviation * deviation - forecast.calls_mean).max(0.0);
    let handling_s = forecast.aht_s.clamp(1e-3, LONGEST_HANDLING_S);
    let most = (MOST_CALLS_PER_S * interval_s).min(LARGEST_LOAD_ERLANGS / handling_s * interval_s);
    Volume { calls: gamma_quantile(forecast.calls_mean, rate_variance, quantile).min(most), handling_s }
}

/// Whether the load changes so much within the interval that its mean does not stand for it: service falls faster on the one side of
/// the mean than it rises on the other. A quarter of a standard deviation costs about a tenth of a point of service level.
fn varies(load: Load) -> bool {
    let [early, _, late] = load.at;
    (late - early).abs() > 0.25 * load.mean.sqrt()
}

/// What a policy asks for, worked out once for all intervals.
struct Rule {
    model: Model,
    goal: Goal,
    /// People off the phones after hard calls, per answered call a second.
    recovery_s_per_call: f64,
    /// Heads on shift per head on the phones or recovering.
    heads_per_phone: f64,
}

impl Rule {
    fn new(patience_s: Option<f64>, policy: &StaffingPolicy, wellbeing: &WellbeingPolicy) -> Self {
        let patience_s = patience_s.or(policy.patience_s).map(|mean_s| mean_s.clamp(1e-3, LONGEST_PATIENCE_S));
        let model = Model::resolve(policy.model, patience_s).unwrap_or(Model::ErlangC);
        let occupancy_ceiling = wellbeing.occupancy_ceiling.get();
        let goal = Goal { target: policy.target, short_abandon_s: Thresholds::SHORT_ABANDON_S, occupancy_ceiling };
        let comfort = (wellbeing.comfort_minutes_per_hour / 60.0).clamp(0.0, 0.9);
        let shrinkage = policy.shrinkage.get().min(0.9);
        Self {
            model,
            goal,
            recovery_s_per_call: wellbeing.hard_call_share.get() * wellbeing.recovery_minutes.max(0.0) * 60.0,
            heads_per_phone: 1.0 / ((1.0 - comfort) * (1.0 - shrinkage)),
        }
    }

    fn require(&self, volume: Volume, load: Load, spare_deviations: f64) -> Requirement {
        let of = |load_erlangs: f64| Traffic::new(load_erlangs / volume.handling_s, volume.handling_s).ok();
        let mean = of(load.mean).filter(|mean| volume.calls > 0.0 && mean.load_erlangs() > 0.0);
        let (Some(mean), [Some(early), Some(middle), Some(late)]) = (mean, load.at.map(of)) else {
            let predicted = Performance::without_calls(0);
            let load_erlangs = load.mean;
            return Requirement { phones: 0, heads: 0, binding: Binding::NoDemand, load_erlangs, volume: volume.calls, predicted };
        };
        let at_places = [(PLACES[0].1, early), (PLACES[1].1, middle), (PLACES[2].1, late)];
        let moments = if varies(load) { at_places.as_slice() } else { &[(1.0, mean)] };
        let (predicted, binding) = self.fewest(moments, mean, spare_deviations);
        Requirement {
            phones: predicted.servers,
            heads: self.heads(mean, &predicted),
            binding,
            load_erlangs: load.mean,
            volume: volume.calls,
            predicted,
        }
    }

    /// The fewest people on the phones who keep both limits. There is always somebody where there are calls.
    fn fewest(&self, moments: &[(f64, Traffic)], mean: Traffic, spare_deviations: f64) -> (Performance, Binding) {
        let search = Search::new(self.model, moments, self.goal.thresholds());
        let load = mean.load_erlangs();
        let by_service = (load + spare_deviations * load.sqrt()).ceil().max(1.0) as u32;
        let guess = by_service.max(ceiling_guess(mean, &self.goal));
        let serves = |performance: &Performance| performance.servers > 0 && self.goal.serves(performance);
        let found = search.least(guess, |performance| serves(performance) && self.goal.spares(performance));
        let binding = if found.one_fewer.is_some_and(|fewer| serves(&fewer)) { Binding::Occupancy } else { Binding::ServiceLevel };
        (found.enough, binding)
    }

    /// People on shift for those on the phones.
    fn heads(&self, traffic: Traffic, predicted: &Performance) -> u32 {
        let answered_per_s = traffic.calls_per_s() * (1.0 - predicted.abandoned);
        let recovering = answered_per_s * self.recovery_s_per_call;
        let heads = (f64::from(predicted.servers) + recovering) * self.heads_per_phone;
        // A float a hair above a whole number is that number.
        (heads - 1e-9).ceil() as u32
    }
}

#[cfg(test)]
mod tests;
