//! What makes a scenario fit for simulation. Every fault is named; nothing is mended silently.

use std::collections::BTreeSet;

use fika_model::Faults;
use fika_model::fault::FaultCode;

use super::{Agent, Arrivals, Duty, Group, Part, Queue, Scenario, Serves, Shape, Times};

/// The most periods or intervals of a horizon.
const MOST_CELLS: usize = 200_000;
/// The most agents, with and without names.
const MOST_AGENTS: u64 = 200_000;

pub(super) fn faults(scenario: &Scenario) -> Faults {
    let mut faults = Faults::default();
    horizon(scenario, &mut faults);
    if scenario.queues.is_empty() {
        faults.push(FaultCode::Missing, "queues", "there are none");
    }
    for (n, item) in scenario.queues.iter().enumerate() {
        queue(scenario, item, &format!("queues[{n}]"), &mut faults);
    }
    for (n, item) in scenario.groups.iter().enumerate() {
        group(scenario, item, &format!("groups[{n}]"), &mut faults);
    }
    for (n, item) in scenario.agents.iter().enumerate() {
        agent(scenario, item, &format!("agents[{n}]"), &mut faults);
    }
    heads(scenario, &mut faults);
    absences(scenario, &mut faults);
    for (n, pool) in scenario.pools.iter().enumerate() {
        let mut seen = BTreeSet::new();
        for queue in pool {
            known(*queue, scenario.queues.len(), "queue", &format!("pools[{n}]"), &mut faults);
            if !seen.insert(queue) {
                faults.push(FaultCode::Duplicate, format!("pools[{n}]"), format!("queue {queue} is there twice"));
            }
        }
    }
    faults
}

fn within(value: f64, least: f64, most: f64, at: &str, faults: &mut Faults) {
    if !(least..=most).contains(&value) {
        faults.push(FaultCode::OutOfRange, at, format!("{value} is outside {least} to {most}"));
    }
}

fn known(index: usize, len: usize, what: &str, at: &str, faults: &mut Faults) {
    if index >= len {
        faults.push(FaultCode::UnknownReference, at, format!("{what} {index} of {len}"));
    }
}

fn by_period(len: usize, scenario: &Scenario, at: &str, faults: &mut Faults) {
    if len != 1 && len != scenario.periods {
        faults.push(FaultCode::OutOfRange, at, format!("{len} values, neither 1 nor one for each of {} periods", scenario.periods));
    }
}

fn horizon(scenario: &Scenario, faults: &mut Faults) {
    within(scenario.period_s, 1.0, 1e8, "period_s", faults);
    within(scenario.interval_s, 1.0, 1e8, "interval_s", faults);
    if scenario.periods == 0 || scenario.periods > MOST_CELLS {
        faults.push(FaultCode::OutOfRange, "periods", format!("{} periods, outside 1 to {MOST_CELLS}", scenario.periods));
    }
    if scenario.horizon_s() / scenario.interval_s > MOST_CELLS as f64 {
        faults.push(FaultCode::TooMuch, "interval_s", format!("more than {MOST_CELLS} intervals"));
    }
    let intervals = scenario.horizon_s() / scenario.interval_s;
    if intervals < 0.5 || (intervals - intervals.round()).abs() > 1e-6 {
        let cause = format!("{} seconds do not divide the horizon of {}", scenario.interval_s, scenario.horizon_s());
        faults.push(FaultCode::OffGrid, "interval_s", cause);
    }
    within(scenario.warm_up_s, 0.0, scenario.horizon_s() - scenario.interval_s, "warm_up_s", faults);
    let warm_up = scenario.warm_up_s / scenario.interval_s;
    if (warm_up - warm_up.round()).abs() > 1e-6 {
        let cause = format!("{} seconds are no multiple of the interval of {}", scenario.warm_up_s, scenario.interval_s);
        faults.push(FaultCode::OffGrid, "warm_up_s", cause);
    }
    let days = &scenario.day_starts_s;
    let ordered = days.windows(2).all(|pair| pair[0] < pair[1]) && days.iter().all(|start| *start < scenario.horizon_s());
    if days.first() != Some(&0.0) || !ordered {
        faults.push(FaultCode::Contradiction, "day_starts_s", "days begin at 0, one after another, within the horizon");
    }
    shape(&scenario.day_factor, "day_factor", faults);
    within(scenario.ring_s, 0.0, 3600.0, "ring_s", faults);
    within(scenario.recovery_s, 0.0, 86_400.0, "recovery_s", faults);
}

fn queue(scenario: &Scenario, queue: &Queue, at: &str, faults: &mut Faults) {
    match &queue.arrivals {
        Arrivals::Expected(calls) => {
            by_period(calls.len(), scenario, &format!("{at}.arrivals"), faults);
            for (n, expected) in calls.iter().enumerate() {
                within(*expected, 0.0, 1e8, &format!("{at}.arrivals[{n}]"), faults);
            }
        }
        Arrivals::Listed(at_s) => {
            let legal = at_s.iter().all(|at| (0.0..scenario.horizon_s()).contains(at));
            if !legal || at_s.windows(2).any(|pair| pair[0] > pair[1]) {
                faults.push(FaultCode::Contradiction, format!("{at}.arrivals"), "times out of order or outside the horizon");
            }
        }
    }
    for (part, name) in [(&queue.gaps, "gaps"), (&queue.day_factor, "day_factor"), (&queue.period_factor, "period_factor")] {
        shape(part, &format!("{at}.{name}"), faults);
    }
    times(scenario, &queue.talk, &format!("{at}.talk"), faults);
    for (part, name) in [(&queue.wrapup, "wrapup"), (&queue.patience, "patience")] {
        if let Some(part) = part {
            times(scenario, part, &format!("{at}.{name}"), faults);
        }
    }
    within(queue.threshold_s, 0.0, 86_400.0, &format!("{at}.threshold_s"), faults);
    within(queue.short_abandon_s, 0.0, 86_400.0, &format!("{at}.short_abandon_s"), faults);
    within(queue.hard_share, 0.0, 1.0, &format!("{at}.hard_share"), faults);
    if let Some(back) = &queue.call_back {
        within(back.probability, 0.0, 1.0, &format!("{at}.call_back.probability"), faults);
        times(scenario, &back.delay, &format!("{at}.call_back.delay"), faults);
    }
    if let Some(follow_up) = &queue.follow_up {
        within(follow_up.probability, 0.0, 1.0, &format!("{at}.follow_up.probability"), faults);
        known(follow_up.queue, scenario.queues.len(), "queue", &format!("{at}.follow_up.queue"), faults);
        times(scenario, &follow_up.delay, &format!("{at}.follow_up.delay"), faults);
    }
}

fn times(scenario: &Scenario, times: &Times, at: &str, faults: &mut Faults) {
    if times.mean_s.len() != scenario.periods + 1 {
        by_period(times.mean_s.len(), scenario, &format!("{at}.mean_s"), faults);
    }
    for (n, mean) in times.mean_s.iter().enumerate() {
        within(*mean, 0.0, 1e8, &format!("{at}.mean_s[{n}]"), faults);
    }
    shape(&times.shape, at, faults);
}

fn shape(shape: &Shape, at: &str, faults: &mut Faults) {
    match shape {
        Shape::Constant | Shape::Exponential => {}
        Shape::LogNormal { cv } | Shape::Gamma { cv } => within(*cv, 0.0, 100.0, &format!("{at}.cv"), faults),
        Shape::Weibull { exponent } => within(*exponent, 0.1, 100.0, &format!("{at}.exponent"), faults),
        Shape::Mixture(parts) => mixture(parts, at, faults),
        Shape::Uniform { half_width } => within(*half_width, 0.0, 1.0, &format!("{at}.half_width"), faults),
        Shape::Empirical(values) => {
            let sum: f64 = values.iter().sum();
            if values.iter().any(|value| !(0.0..=1e8).contains(value)) || sum.is_nan() || sum <= 0.0 {
                faults.push(FaultCode::OutOfRange, format!("{at}.values"), "they must not be negative and need a positive mean");
            }
        }
    }
}

fn mixture(parts: &[Part], at: &str, faults: &mut Faults) {
    for (n, part) in parts.iter().enumerate() {
        let place = format!("{at}.mixture[{n}]");
        within(part.share, 0.0, 1e8, &format!("{place}.share"), faults);
        within(part.mean, 0.0, 1e8, &format!("{place}.mean"), faults);
        if matches!(part.shape, Shape::Mixture(_)) {
            faults.push(FaultCode::Contradiction, place, "a part of a mixture is not a mixture again");
        } else {
            shape(&part.shape, &place, faults);
        }
    }
    let mean: f64 = parts.iter().map(|part| part.share * part.mean).sum();
    if mean.is_nan() || mean <= 0.0 {
        faults.push(FaultCode::OutOfRange, format!("{at}.mixture"), "the parts need a positive mean");
    }
}

fn group(scenario: &Scenario, group: &Group, at: &str, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (n, serves) in group.serves.iter().enumerate() {
        let place = format!("{at}.serves[{n}]");
        service(scenario, serves, &place, faults);
        if !seen.insert(serves.queue) {
            faults.push(FaultCode::Duplicate, place, format!("queue {} is there twice", serves.queue));
        }
    }
    if !group.heads.is_empty() {
        by_period(group.heads.len(), scenario, &format!("{at}.heads"), faults);
    }
}

fn service(scenario: &Scenario, serves: &Serves, at: &str, faults: &mut Faults) {
    known(serves.queue, scenario.queues.len(), "queue", at, faults);
    within(serves.after_s, 0.0, 86_400.0, &format!("{at}.after_s"), faults);
    within(serves.weight, 0.0, 1e6, &format!("{at}.weight"), faults);
    within(serves.proficiency, 0.01, 100.0, &format!("{at}.proficiency"), faults);
    if let Some(talk) = &serves.talk {
        times(scenario, talk, &format!("{at}.talk"), faults);
    }
}

fn agent(scenario: &Scenario, agent: &Agent, at: &str, faults: &mut Faults) {
    if !agent.proficiency.is_empty() && agent.proficiency.len() != scenario.queues.len() {
        let cause = format!("{} values for {} queues", agent.proficiency.len(), scenario.queues.len());
        faults.push(FaultCode::OutOfRange, format!("{at}.proficiency"), cause);
    }
    for (n, proficiency) in agent.proficiency.iter().enumerate() {
        within(*proficiency, 0.01, 100.0, &format!("{at}.proficiency[{n}]"), faults);
    }
    let mut free_from = 0.0;
    for (n, piece) in agent.pieces.iter().enumerate() {
        let place = format!("{at}.pieces[{n}]");
        let legal = piece.from_s >= free_from && piece.from_s < piece.to_s && piece.to_s.is_finite();
        if !legal {
            let cause = format!("from {} to {}, where the one before ends at {free_from}", piece.from_s, piece.to_s);
            faults.push(FaultCode::Overlap, place.clone(), cause);
        }
        free_from = piece.to_s;
        if let Duty::Phones { group } = piece.duty {
            known(group, scenario.groups.len(), "group", &place, faults);
        }
    }
}

fn heads(scenario: &Scenario, faults: &mut Faults) {
    let most = |group: &Group| group.heads.iter().copied().chain(group.heads_after).max().unwrap_or(0);
    let unnamed: u64 = scenario.groups.iter().map(|group| u64::from(most(group))).sum();
    let agents = unnamed + scenario.agents.len() as u64;
    if agents > MOST_AGENTS {
        faults.push(FaultCode::TooMuch, "agents", format!("{agents} agents, more than {MOST_AGENTS}"));
    }
}

fn absences(scenario: &Scenario, faults: &mut Faults) {
    for (n, absence) in scenario.absences.iter().enumerate() {
        within(absence.share, 0.0, 0.95, &format!("absences[{n}].share"), faults);
        within(absence.length_s, 1.0, 86_400.0, &format!("absences[{n}].length_s"), faults);
    }
    let sum: f64 = scenario.absences.iter().map(|absence| absence.share).sum();
    if sum > 0.95 {
        faults.push(FaultCode::OutOfRange, "absences", format!("together they take {sum} of the time, more than 0.95"));
    }
}
