//! The same request with more or fewer calls, other handling times, other patience or other staff.
//!
//! Invariant: what was scaled by one is what it was. Staff is taken away and added evenly over teams, skills and contracts, in the order of
//! the ids, so that the same request gives the same staff.

use std::collections::BTreeMap;

use fika_model::demand::DemandSource;
use fika_model::forecast::{IntervalForecast, QueueForecast};
use fika_model::id::IdError;
use fika_model::people::{Agent, Wish};
use fika_model::request::RequestParts;
use fika_model::{AgentId, Curve};
use thiserror::Error;

/// What can be scaled as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lever {
    /// Calls of every queue and interval.
    Calls,
    /// Handling time of every queue and interval.
    HandlingTime,
    /// How long callers wait before they give up.
    Patience,
    /// People, of every team alike.
    Staff,
}

/// What cannot be scaled.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ScaleError {
    /// The request gives people and no calls.
    #[error("the request gives people and no calls")]
    NoCalls,
    /// Nothing tells how patient callers are.
    #[error("neither the request nor its history tells how patient callers are")]
    NoPatience,
    /// A factor that is not above 0 and at most 10.
    #[error("a factor of {factor}; above 0 and at most 10 can be computed")]
    Factor {
        /// What was given.
        factor: f64,
    },
    /// Nobody would be left.
    #[error("of {agents} agents nobody is left")]
    Nobody {
        /// How many there were.
        agents: usize,
    },
    /// The name of an added agent is none.
    #[error(transparent)]
    Id(#[from] IdError),
}

/// Scales a request, and the forecasts from history that go with it, by a factor.
pub fn scale(parts: &mut RequestParts, history: Option<&mut Vec<QueueForecast>>, lever: Lever, factor: f64) -> Result<(), ScaleError> {
    if !(factor > 0.0 && factor <= 10.0) {
        return Err(ScaleError::Factor { factor });
    }
    if lever == Lever::Staff {
        return staff(parts, factor);
    }
    let forecasts = match (&mut parts.demand, history) {
        (DemandSource::Forecast(forecasts), _) | (DemandSource::History { .. }, Some(forecasts)) => forecasts,
        (DemandSource::Required(_) | DemandSource::History { .. }, _) => return Err(ScaleError::NoCalls),
    };
    match lever {
        Lever::Calls => forecasts.iter_mut().for_each(|forecast| each(forecast, |cell| calls(cell, factor))),
        Lever::HandlingTime => {
            for forecast in forecasts.iter_mut() {
                each(forecast, |cell| IntervalForecast { aht_s: cell.aht_s * factor, ..cell });
            }
        }
        Lever::Patience | Lever::Staff => {
            let known = forecasts.iter_mut().filter_map(|forecast| forecast.patience_s.as_mut()).chain(&mut parts.staffing.patience_s);
            let mut scaled = 0;
            for patience_s in known {
                *patience_s *= factor;
                scaled += 1;
            }
            if scaled == 0 {
                return Err(ScaleError::NoPatience);
            }
        }
    }
    Ok(())
}

fn each(forecast: &mut QueueForecast, change: impl Fn(IntervalForecast) -> IntervalForecast) {
    let grid = forecast.intervals.grid();
    let changed = Curve::from_fn(grid, |index| forecast.intervals.at(index).copied().map(&change).unwrap_or_default());
    forecast.intervals = changed;
}

/// What makes a day busy grows with the calls, what chance adds to them with their root.
fn calls(cell: IntervalForecast, factor: f64) -> IntervalForecast {
    let variance = cell.calls_sd * cell.calls_sd;
    let by_chance = variance.min(cell.calls_mean);
    let scaled = (variance - by_chance) * factor * factor + by_chance * factor;
    IntervalForecast { calls_mean: cell.calls_mean * factor, calls_sd: scaled.sqrt(), ..cell }
}

/// People of one team, contract and set of skills are alike; each such group changes by as much, rounded so that the sum fits.
fn staff(parts: &mut RequestParts, factor: f64) -> Result<(), ScaleError> {
    let agents = parts.agents.len();
    let wanted = (agents as f64 * factor).round() as usize;
    if wanted == 0 {
        return Err(ScaleError::Nobody { agents });
    }
    let mut groups: BTreeMap<_, Vec<Agent>> = BTreeMap::new();
    for agent in std::mem::take(&mut parts.agents) {
        let mut skills: Vec<_> = agent.skills.iter().map(|skill| skill.skill.clone()).collect();
        skills.sort();
        groups.entry((agent.team.clone(), skills, agent.contract.clone())).or_default().push(agent);
    }
    let mut shares: Vec<(usize, f64)> = groups
        .values()
        .map(|group| (group.len() * wanted).div_euclid(agents))
        .zip(groups.values().map(|group| group.len() as f64 * wanted as f64 / agents as f64))
        .map(|(whole, exact)| (whole, exact - whole as f64))
        .collect();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| shares[*b].1.total_cmp(&shares[*a].1).then(a.cmp(b)));
    let left = wanted - shares.iter().map(|(whole, _)| whole).sum::<usize>();
    order.into_iter().take(left).for_each(|n| shares[n].0 += 1);
    for (mut group, (size, _)) in groups.into_values().zip(shares) {
        group.sort_by(|a, b| a.id.cmp(&b.id));
        let own = group.len();
        for n in own..size {
            let like = &group[n % own];
            let id = AgentId::new(format!("{}+{}", like.id, n / own + 1))?;
            let wishes = like.wishes.iter().filter(|wish| !matches!(wish, Wish::Colleague(_))).cloned().collect();
            group.push(Agent { id, wishes, fixed: Vec::new(), ..like.clone() });
        }
        group.truncate(size);
        parts.agents.append(&mut group);
    }
    parts.retain_agents(|_| true);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{forecast, request};

    const CELL: IntervalForecast = IntervalForecast { calls_mean: 16.0, calls_sd: 5.0, aht_s: 200.0 };

    fn scaled(lever: Lever, factor: f64) -> Result<(RequestParts, QueueForecast), ScaleError> {
        let request = request(|_| ());
        let mut parts = (*request).clone();
        let mut history = vec![forecast(&request, "calls", |_| CELL)];
        scale(&mut parts, Some(&mut history), lever, factor)?;
        Ok((parts, history.remove(0)))
    }

    #[test]
    fn a_factor_of_one_changes_nothing() {
        for lever in [Lever::Calls, Lever::HandlingTime, Lever::Patience, Lever::Staff] {
            let (parts, forecast) = scaled(lever, 1.0).expect("a factor");
            assert_eq!(parts, *request(|_| ()), "{lever:?}");
            assert_eq!(forecast.intervals.values()[0], CELL);
        }
    }

    #[test]
    fn calls_scale_with_their_spread() {
        let cell = scaled(Lever::Calls, 4.0).expect("a factor").1.intervals.values()[0];
        // 16 of the 25 of variance are chance and grow fourfold, the other 9 sixteenfold.
        assert!((cell.calls_mean - 64.0).abs() < 1e-9 && (cell.calls_sd - 208.0_f64.sqrt()).abs() < 1e-9, "{cell:?}");
        let cell = scaled(Lever::HandlingTime, 0.5).expect("a factor").1.intervals.values()[0];
        assert!((cell.aht_s - 100.0).abs() < 1e-9 && (cell.calls_mean - 16.0).abs() < 1e-9);
        assert_eq!(scaled(Lever::Patience, 0.5).expect("a factor").1.patience_s, Some(90.0));
    }

    #[test]
    fn staff_changes_evenly_over_teams() {
        let check = |factor, expect: &[&str]| {
            let (parts, _) = scaled(Lever::Staff, factor).expect("a factor");
            let names: Vec<&str> = parts.agents.iter().map(|agent| agent.id.as_str()).collect();
            assert_eq!(names, expect, "{factor}");
            assert!(fika_model::Request::check(parts).is_ok());
        };
        check(2.0 / 3.0, &["a1", "a2", "b1", "b2"]);
        check(0.5, &["a1", "a2", "b1"]);
        check(4.0 / 3.0, &["a1", "a2", "a3", "a1+2", "b1", "b2", "b3", "b1+2"]);
        assert_eq!(scaled(Lever::Staff, 0.05).err(), Some(ScaleError::Nobody { agents: 6 }));
    }

    #[test]
    fn what_is_not_told_cannot_be_scaled() {
        let mut parts = (*request(|_| ())).clone();
        assert_eq!(scale(&mut parts, None, Lever::Calls, 0.8), Err(ScaleError::NoCalls));
        let request = request(|_| ());
        let mut silent = vec![QueueForecast { patience_s: None, ..forecast(&request, "calls", |_| CELL) }];
        assert_eq!(scale(&mut parts, Some(&mut silent), Lever::Patience, 0.8), Err(ScaleError::NoPatience));
        for factor in [0.0, -1.0, 10.1, f64::NAN] {
            assert!(matches!(scale(&mut parts, None, Lever::Staff, factor), Err(ScaleError::Factor { .. })));
        }
    }
}
