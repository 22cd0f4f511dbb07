//! The fewest people who keep a promise: an exact search, no rule of thumb.
//!
//! Service and occupancy each get better with every further server, so the least number that keeps a limit is found by galloping from a
//! guess and halving what is left.

use std::cell::Cell;

use fika_model::ServiceLevelTarget;

use crate::erlang_b::Upwards;
use crate::erlang_c::with_inverse;
use crate::model::Model;
use crate::performance::Performance;
use crate::traffic::{Thresholds, Traffic};

/// Forgives the last digits of a level that lies on its limit.
const LEVEL_TOLERANCE: f64 = 1e-12;
/// The same for occupancy, where limits such as 0.85 are met exactly by whole people more often.
const OCCUPANCY_TOLERANCE: f64 = 1e-9;

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// The promise to callers. Its scope is not looked at.
    pub target: ServiceLevelTarget,
    /// Who leaves before this is a short abandon, in seconds.
    pub short_abandon_s: f64,
    /// Handling time over staffed time, at most; 1 for no limit.
    pub occupancy_ceiling: f64,
}

impl Goal {
    /// The promise alone, with the usual limit for short abandons.
    pub const fn service(target: ServiceLevelTarget) -> Self {
        Self { target, short_abandon_s: Thresholds::SHORT_ABANDON_S, occupancy_ceiling: 1.0 }
    }

    /// The waiting times that service is measured at.
    pub const fn thresholds(&self) -> Thresholds {
        Thresholds { answer_s: self.target.threshold_s, short_abandon_s: self.short_abandon_s }
    }

    /// Whether the promise to callers is kept.
    pub fn serves(&self, performance: &Performance) -> bool {
        let level = performance.service_level(self.target.formula);
        performance.stable && level.is_some_and(|level| level >= self.target.fraction.get() - LEVEL_TOLERANCE)
    }

    /// Whether occupancy stays under its ceiling.
    pub fn spares(&self, performance: &Performance) -> bool {
        performance.occupancy <= self.occupancy_ceiling + OCCUPANCY_TOLERANCE
    }
}

/// The fewest people, limit by limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sizing {
    /// The fewest who keep the promise to callers.
    pub for_service: u32,
    /// The fewest who stay under the occupancy ceiling and do not drown.
    pub for_occupancy: u32,
    /// What callers get from the larger of the two.
    pub predicted: Performance,
}

impl Sizing {
    /// The people needed on the phones.
    pub fn phones(&self) -> u32 {
        self.for_service.max(self.for_occupancy)
    }
}

/// The fewest people for each limit of a goal, and what callers get from as many as both ask for.
pub fn size(model: Model, traffic: Traffic, goal: &Goal) -> Sizing {
    let moments = [(1.0, traffic)];
    let search = Search::new(model, &moments, goal.thresholds());
    let served = search.least(square_root_guess(traffic), |performance| goal.serves(performance)).enough;
    let spared = search.least(ceiling_guess(traffic, goal), |performance| performance.stable && goal.spares(performance)).enough;
    let predicted = if served.servers >= spared.servers { served } else { spared };
    Sizing { for_service: served.servers, for_occupancy: spared.servers, predicted }
}

/// The people at which half a standard deviation is to spare.
fn square_root_guess(traffic: Traffic) -> u32 {
    let load = traffic.load_erlangs();
    (load + 0.5 * load.sqrt()).ceil() as u32
}

/// The people whom an infinitely large group would need to stay under the ceiling.
pub(crate) fn ceiling_guess(traffic: Traffic, goal: &Goal) -> u32 {
    (traffic.load_erlangs() / goal.occupancy_ceiling.max(0.01)).ceil() as u32
}

/// Where a search ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// What the least number of people gives.
    pub(crate) enough: Performance,
    /// What one fewer gives, which is not enough; `None` where nobody is enough.
    pub(crate) one_fewer: Option<Performance>,
}

/// A search for the least number of people.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    model: Model,
    /// The traffic at some moments, each with its share of the time; at least one, the shares sum to one.
    moments: &'a [(f64, Traffic)],
    thresholds: Thresholds,
    /// Where the last evaluation of Erlang C was: the next is near.
    near: Cell<Option<Upwards>>,
}

impl<'a> Search<'a> {
    pub(crate) const fn new(model: Model, moments: &'a [(f64, Traffic)], thresholds: Thresholds) -> Self {
        Self { model, moments, thresholds, near: Cell::new(None) }
    }

    pub(crate) fn evaluate(&self, servers: u32) -> Performance {
        let at = |traffic: Traffic| self.model.evaluate(traffic, servers, self.thresholds);
        match self.moments {
            [(_, traffic)] if self.model == Model::ErlangC => with_inverse(*traffic, servers, self.thresholds, || {
                let mut walk = self.near.get().unwrap_or_else(|| Upwards::new(traffic.load_erlangs()));
                let inverse = walk.at(servers);
                self.near.set(Some(walk));
                inverse
            }),
            [(_, traffic)] => at(*traffic),
            moments => Performance::in_turn(moments.iter().map(|(share, traffic)| (*share, at(*traffic)))),
        }
    }

    /// The least number of people, none included, that `enough` is content with. `enough` must stay true once it is true; the search
    /// ends at a group so large that in floats nobody waits.
    pub(crate) fn least(&self, guess: u32, enough: impl Fn(&Performance) -> bool) -> Found {
        if self.largest_load() <= 0.0 {
            return Found { enough: self.evaluate(0), one_fewer: None };
        }
        let most = self.nobody_waits();
        let first = self.evaluate(guess.clamp(1, most));
        if enough(&first) { self.down(first, &enough) } else { self.up(first, most, &enough) }
    }

    fn down(&self, from: Performance, enough: &impl Fn(&Performance) -> bool) -> Found {
        let (mut good, mut step) = (from, 1);
        while good.servers > 0 {
            let next = self.evaluate(good.servers.saturating_sub(step));
            if !enough(&next) {
                return self.between(next, good, enough);
            }
            good = next;
            step *= 2;
        }
        Found { enough: good, one_fewer: None }
    }

    fn up(&self, from: Performance, most: u32, enough: &impl Fn(&Performance) -> bool) -> Found {
        let (mut bad, mut step) = (from, 1);
        loop {
            let next = self.evaluate(bad.servers.saturating_add(step).min(most));
            if enough(&next) || next.servers == most {
                return self.between(bad, next, enough);
            }
            bad = next;
            step *= 2;
        }
    }

    /// Halves the gap between too few and enough.
    fn between(&self, mut bad: Performance, mut good: Performance, enough: &impl Fn(&Performance) -> bool) -> Found {
        while good.servers - bad.servers > 1 {
            let middle = self.evaluate(bad.servers + (good.servers - bad.servers) / 2);
            if enough(&middle) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        Found { enough: good, one_fewer: Some(bad) }
    }

    /// More people than this change nothing: the chance of waiting is below what a float can tell from none, and occupancy below 1 %.
    fn nobody_waits(&self) -> u32 {
        (100.0 * self.largest_load()).ceil() as u32 + 60
    }

    fn largest_load(&self) -> f64 {
        self.moments.iter().map(|(_, traffic)| traffic.load_erlangs()).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use fika_model::{Fraction, ServiceLevelFormula};
    use proptest::prelude::*;

    use super::*;

    fn goal(percent: u8, threshold_s: f64, occupancy_ceiling: f64) -> Goal {
        let target = ServiceLevelTarget { fraction: Fraction::percent(percent), threshold_s, ..ServiceLevelTarget::default() };
        Goal { occupancy_ceiling, ..Goal::service(target) }
    }

    /// The table of loads at which 80/20 alone and an occupancy of 85 % ask for so many (handling time 240 s, Erlang C).
    #[test]
    fn small_groups_are_bound_by_service_and_large_ones_by_occupancy() {
        let table = [(5.0, 8, 6), (10.0, 14, 12), (20.0, 25, 24), (40.0, 46, 48), (50.0, 56, 59), (100.0, 108, 118), (200.0, 209, 236)];
        for (load, for_service, for_occupancy) in table {
            let traffic = Traffic::new(load / 240.0, 240.0).expect("in range");
            let sizing = size(Model::ErlangC, traffic, &goal(80, 20.0, 0.85));
            assert_eq!((sizing.for_service, sizing.for_occupancy), (for_service, for_occupancy), "{load} erlangs");
            assert_eq!(sizing.predicted.servers, sizing.phones());
        }
    }

    #[test]
    fn extreme_goals_have_answers() {
        let traffic = Traffic::new(0.1, 180.0).expect("in range");
        assert_eq!(size(Model::ErlangC, traffic, &goal(0, 20.0, 1.0)).for_service, 19, "no promise, but no overload either");
        assert_eq!(size(Model::ErlangA { patience_s: 60.0 }, traffic, &goal(0, 20.0, 1.0)).for_service, 0);
        let certain = size(Model::ErlangA { patience_s: 60.0 }, traffic, &goal(100, 20.0, 1.0)).predicted;
        assert!(certain.servers < 80 && certain.probability_of_waiting < 1e-9, "{certain:?}");
        let quiet = Traffic::new(0.0, 180.0).expect("in range");
        assert_eq!(size(Model::ErlangC, quiet, &goal(80, 20.0, 0.85)).phones(), 0);
    }

    fn any_goal() -> impl Strategy<Value = Goal> {
        (0_usize..5, 1_u8..=99, 0.0..120.0, 0.3..1.0).prop_map(|(formula, percent, threshold_s, ceiling)| {
            let mut goal = goal(percent, threshold_s, ceiling);
            goal.target.formula = ServiceLevelFormula::ALL[formula];
            goal
        })
    }

    proptest! {
        #[test]
        fn one_fewer_is_too_few(goal in any_goal(), load in 0.05..150.0_f64, handling_s in 30.0..900.0_f64, patience_s in 5.0..2000.0_f64) {
            let traffic = Traffic::new(load / handling_s, handling_s).expect("in range");
            for model in [Model::ErlangC, Model::ErlangA { patience_s }] {
                let moments = [(1.0, traffic)];
                let search = Search::new(model, &moments, goal.thresholds());
                let sizing = size(model, traffic, &goal);
                prop_assert!(goal.serves(&search.evaluate(sizing.for_service)));
                prop_assert!(goal.spares(&search.evaluate(sizing.for_occupancy)));
                if sizing.for_service > 0 {
                    prop_assert!(!goal.serves(&search.evaluate(sizing.for_service - 1)));
                }
                if sizing.for_occupancy > 0 {
                    let fewer = search.evaluate(sizing.for_occupancy - 1);
                    prop_assert!(!(fewer.stable && goal.spares(&fewer)));
                }
                let far_more = search.evaluate(sizing.phones() + 10);
                prop_assert!(goal.serves(&far_more) && goal.spares(&far_more));
            }
        }
    }
}
