//! The best week from the best shifts of each day, by paid time and number of shifts.

use std::ops::RangeInclusive;

use super::pricing::Best;

const NEVER: i64 = i64::MIN / 4;

/// Working memory: per day, number of shifts and paid time so far, the most that can be earned.
#[derive(Debug, Default)]
pub(super) struct Weeks {
    layers: Vec<i64>,
    chosen: Vec<u32>,
}

impl Weeks {
    /// The most that at most so many shifts with paid time in a range can earn, and the shifts.
    ///
    /// Where no set of shifts fits the range, all sets count: more can be earned then, never less.
    pub(super) fn best(&mut self, days: &[&[Best]], shifts: usize, paid: RangeInclusive<u32>) -> (i64, &[u32]) {
        let longest = days.iter().flat_map(|day| day.iter()).map(|best| best.paid).max().unwrap_or(0) as usize;
        let most = (*paid.end() as usize).min(longest * shifts);
        let width = most + 1;
        let layer = (shifts + 1) * width;
        self.layers.clear();
        self.layers.resize(layer * (days.len() + 1), NEVER);
        self.layers[0] = 0;
        for (day, choices) in days.iter().enumerate() {
            let (before, after) = self.layers[day * layer..(day + 2) * layer].split_at_mut(layer);
            after.copy_from_slice(before);
            for taken in 0..shifts.min(day + 1) {
                for best in *choices {
                    let own = best.paid as usize;
                    if own > most {
                        continue;
                    }
                    let from = &before[taken * width..taken * width + width - own];
                    let to = &mut after[(taken + 1) * width + own..(taken + 2) * width];
                    for (old, new) in from.iter().zip(to) {
                        *new = (*new).max(old + best.value);
                    }
                }
            }
        }
        let last = &self.layers[days.len() * layer..];
        let fits = |n: usize| paid.contains(&((n % width) as u32));
        let best = |wanted: bool| {
            (0..layer).filter(|n| last[*n] > NEVER / 2 && (!wanted || fits(*n))).max_by_key(|n| (last[*n], std::cmp::Reverse(*n)))
        };
        let end = best(true).or_else(|| best(false)).unwrap_or(0);
        let value = last[end];
        self.trace(days, layer, width, end);
        (value, &self.chosen)
    }

    fn trace(&mut self, days: &[&[Best]], layer: usize, width: usize, end: usize) {
        self.chosen.clear();
        let mut at = end;
        for day in (0..days.len()).rev() {
            let value = self.layers[(day + 1) * layer + at];
            if self.layers[day * layer + at] == value {
                continue;
            }
            let (taken, paid) = (at / width, at % width);
            for best in days[day] {
                let own = best.paid as usize;
                if own > paid || taken == 0 {
                    continue;
                }
                let before = (taken - 1) * width + paid - own;
                if self.layers[day * layer + before] + best.value == value {
                    self.chosen.push(best.option);
                    at = before;
                    break;
                }
            }
        }
    }
}
