//! A day's calls by weekday: how many, and how they spread over the day.
//!
//! Recent days weigh more. A day far from its like (same weekday) is a holiday or an outage and is left out.

use fika_model::calendar::Date;

use crate::days::{Day, days_between};

/// After so many days a day weighs half: for how weekdays differ, for the shape of a day, and for the level.
const WEEKDAY_HALF_LIFE: f64 = 42.0;
const SHAPE_HALF_LIFE: f64 = 84.0;
const LEVEL_HALF_LIFE: f64 = 10.0;

/// A weekday's own shape counts against the shape of all similar days as if these had so many calls.
const SHAPE_PRIOR_CALLS: f64 = 400.0;

/// The level is drawn towards that of the weekday means as if by so many days.
const LEVEL_PRIOR_DAYS: f64 = 1.0;

/// A day whose calls lie outside these multiples of its weekday's median, and further than noise goes, is not like the others.
const LEAST_OF_MEDIAN: f64 = 0.5;
const MOST_OF_MEDIAN: f64 = 2.5;

/// Calls a day by weekday, and their shape over the day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Profile {
    /// Expected calls of a day, Monday first; `None` where no similar day is known.
    pub(crate) totals: [Option<f64>; 7],
    /// Share of each slot; the sum is 1 where the weekday has any open slot, else 0.
    pub(crate) shapes: [Vec<f64>; 7],
    /// The weekdays whose days each total and shape was made from: itself, or similar ones.
    pub(crate) sources: [Vec<usize>; 7],
}

impl Profile {
    /// Expected calls in a slot.
    pub(crate) fn calls(&self, weekday: usize, slot: usize) -> f64 {
        self.totals[weekday].unwrap_or(0.0) * self.shapes[weekday].get(slot).copied().unwrap_or(0.0)
    }
}

/// The profile that the days tell on the day after `as_of`. `open` are the open slots of each weekday; of the days only the usual ones count.
pub(crate) fn fit(days: &[Day], as_of: Date, open: &[Vec<bool>; 7]) -> Profile {
    let usual = usual_days(days);
    let sources: [Vec<usize>; 7] = std::array::from_fn(|weekday| sources(weekday, &usual, open));
    let means: [Option<f64>; 7] = std::array::from_fn(|weekday| {
        let own = usual.iter().filter(|day| sources[weekday].contains(&day.weekday()));
        weighted_mean(own.map(|day| (day.total, weight(day, as_of, WEEKDAY_HALF_LIFE))))
    });
    let ratio = |day: &Day| Some(day.total / means[day.weekday()].filter(|mean| *mean > 0.0)?);
    let recent = usual.iter().filter_map(|day| Some((ratio(day)?, weight(day, as_of, LEVEL_HALF_LIFE))));
    let level = weighted_mean(recent.chain([(1.0, LEVEL_PRIOR_DAYS)])).unwrap_or(1.0);
    Profile {
        totals: means.map(|mean| mean.map(|mean| mean * level)),
        shapes: std::array::from_fn(|weekday| shape(weekday, &usual, as_of, &sources, open)),
        sources,
    }
}

/// The weekday itself where it has days; else those with the same opening hours, else all that have days.
fn sources(weekday: usize, usual: &[&Day], open: &[Vec<bool>; 7]) -> Vec<usize> {
    let known = |candidate: &usize| usual.iter().any(|day| day.weekday() == *candidate);
    if known(&weekday) {
        return vec![weekday];
    }
    let alike: Vec<usize> = (0..7).filter(|other| open[*other] == open[weekday]).filter(known).collect();
    if alike.is_empty() { (0..7).filter(known).collect() } else { alike }
}

fn weight(day: &Day, as_of: Date, half_life: f64) -> f64 {
    0.5_f64.powf(days_between(day.date, as_of).max(0) as f64 / half_life)
}

fn weighted_mean(values: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (sum, weights) = values.fold((0.0, 0.0), |(sum, weights), (value, weight)| (sum + value * weight, weights + weight));
    (weights > 0.0).then(|| sum / weights)
}

/// The days that are like the others of their weekday; with fewer than three of a weekday all its days.
fn usual_days(days: &[Day]) -> Vec<&Day> {
    let median: [Option<f64>; 7] = std::array::from_fn(|weekday| {
        let mut totals: Vec<f64> = days.iter().filter(|day| day.weekday() == weekday).map(|day| day.total).collect();
        totals.sort_by(f64::total_cmp);
        (totals.len() >= 3).then(|| totals[totals.len() / 2])
    });
    let is_usual = |day: &&Day| {
        median[day.weekday()].is_none_or(|median| {
            // The last summand is for medians so small that their root says nothing.
            let noise = 4.0 * median.sqrt() + 4.0;
            day.total >= (LEAST_OF_MEDIAN * median).min(median - noise) && day.total <= (MOST_OF_MEDIAN * median).max(median + noise)
        })
    };
    days.iter().filter(is_usual).collect()
}

fn shape(weekday: usize, usual: &[&Day], as_of: Date, sources: &[Vec<usize>; 7], open: &[Vec<bool>; 7]) -> Vec<f64> {
    let own = weighted_slots(usual.iter().filter(|day| sources[weekday].contains(&day.weekday())), as_of, open[weekday].len());
    let similar = |day: &&&Day| open[day.weekday()] == open[weekday];
    let pooled = weighted_slots(usual.iter().filter(similar), as_of, open[weekday].len());
    let pooled = smoothed(if pooled.iter().sum::<f64>() > 0.0 { &pooled } else { &own });
    let pooled_sum: f64 = pooled.iter().sum();
    let prior = if pooled_sum > 0.0 { SHAPE_PRIOR_CALLS / pooled_sum } else { 0.0 };
    let mixed = own.iter().zip(&pooled).zip(&open[weekday]).map(|((own, pooled), open)| if *open { own + prior * pooled } else { 0.0 });
    let mixed: Vec<f64> = mixed.collect();
    let sum: f64 = mixed.iter().sum();
    if sum > 0.0 { mixed.into_iter().map(|calls| calls / sum).collect() } else { even(&open[weekday]) }
}

/// Calls that came at hours said to be closed tell nothing about the open ones: then all open slots are alike.
fn even(open: &[bool]) -> Vec<f64> {
    let count = open.iter().filter(|open| **open).count().max(1) as f64;
    open.iter().map(|open| if *open { 1.0 / count } else { 0.0 }).collect()
}

fn weighted_slots<'a>(days: impl Iterator<Item = &'a &'a Day>, as_of: Date, slots: usize) -> Vec<f64> {
    let mut sums = vec![0.0; slots];
    for day in days {
        let weight = weight(day, as_of, SHAPE_HALF_LIFE);
        sums.iter_mut().zip(&day.calls).for_each(|(sum, calls)| *sum += weight * calls);
    }
    sums
}

/// Neighbouring slots averaged, the wider the fewer calls there are: none from 400 a slot on, five slots below 40.
fn smoothed(calls: &[f64]) -> Vec<f64> {
    let busy = calls.iter().filter(|calls| **calls > 0.0).count().max(1) as f64;
    let reach: i64 = match calls.iter().sum::<f64>() / busy {
        a_slot if a_slot >= 400.0 => return calls.to_vec(),
        a_slot if a_slot >= 40.0 => 1,
        _ => 2,
    };
    let at = |slot: i64| usize::try_from(slot).ok().and_then(|slot| calls.get(slot)).copied();
    let around = |slot: i64| {
        let near = (-reach..=reach).filter_map(|offset| Some((at(slot + offset)?, (reach + 1 - offset.abs()) as f64)));
        weighted_mean(near).unwrap_or(0.0)
    };
    (0..calls.len() as i64).map(around).collect()
}

#[cfg(test)]
mod tests;
