//! The relaxation's solution: each block mixes answers met so far; prices follow what is short.
//!
//! Minimised is the shortage over all rows, made smooth near nothing: the price of a row is `centre + short / width`, cut to 0..1, and the
//! centre follows the prices (a method of multipliers, Hestenes 1969 and Powell 1969). Each block in turn moves share from its worst
//! answer to the best one at present prices as far as that helps (pairwise Frank and Wolfe steps by block: Lacoste-Julien et al. 2013, 2015).

use std::collections::BTreeMap;

use super::units::Units;

/// People short in a row over which its price rises from nothing to one person: this share of the mean requirement, and at least so many.
const WIDTH: f64 = 1.0;
const LEAST_WIDTH: f64 = 3.0;
/// Steps of the search for how far to go.
const SEARCH: usize = 12;
/// A share below which an answer is forgotten.
const TINY: f64 = 1e-7;

/// One answer of a block: the rows it covers by unit, and the share of the block that it is.
#[derive(Debug)]
struct Answer {
    share: f64,
    cover: Box<[u32]>,
}

/// All blocks' answers, and what they cover together.
#[derive(Debug)]
pub(super) struct Mix {
    blocks: Vec<Vec<Answer>>,
    /// People required and people there by row.
    required: Vec<f64>,
    there: Vec<f64>,
    centre: Vec<f64>,
    /// Price by row, kept up with `centre` and `there`.
    prices: Vec<f64>,
    width: f64,
    /// What one unit of an answer covers of a row.
    unit: f64,
    /// Change by row along a step, and the rows that change.
    change: Vec<f64>,
    touched: Vec<u32>,
    is_touched: Vec<bool>,
}

impl Mix {
    pub(super) fn new(units: &Units, blocks: usize) -> Self {
        let rows = units.required.len();
        let required: Vec<f64> = units.required.iter().map(|cells| *cells as f64 / units.per_row()).collect();
        let mut mix = Self {
            width: (WIDTH * required.iter().sum::<f64>() / rows.max(1) as f64).max(LEAST_WIDTH),
            blocks: (0..blocks).map(|_| Vec::new()).collect(),
            required,
            there: vec![0.0; rows],
            centre: vec![0.5; rows],
            prices: vec![0.0; rows],
            unit: units.share(),
            change: vec![0.0; rows],
            touched: Vec::new(),
            is_touched: vec![false; rows],
        };
        (0..rows).for_each(|row| mix.reprice(row));
        mix
    }

    /// The price of a row, 0 to 1.
    pub(super) fn price(&self, row: usize) -> f64 {
        self.prices[row]
    }

    fn reprice(&mut self, row: usize) {
        self.prices[row] = self.price_at(row, self.there[row]);
    }

    fn price_at(&self, row: usize, there: f64) -> f64 {
        (self.centre[row] + (self.required[row] - there) / self.width).clamp(0.0, 1.0)
    }

    /// People short over all rows.
    pub(super) fn short(&self) -> f64 {
        self.required.iter().zip(&self.there).map(|(required, there)| (required - there).max(0.0)).sum()
    }

    /// People required by row.
    pub(super) fn required(&self) -> &[f64] {
        &self.required
    }

    /// People there by row.
    pub(super) fn there(&self) -> &[f64] {
        &self.there
    }

    /// What one person of a block covers on average, by row.
    pub(super) fn mean(&self, block: usize) -> Vec<(u32, f64)> {
        let mut mean = BTreeMap::new();
        for answer in &self.blocks[block] {
            answer.cover.iter().for_each(|row| *mean.entry(*row).or_insert(0.0) += answer.share * self.unit);
        }
        mean.into_iter().collect()
    }

    /// Moves the centre to the present prices.
    pub(super) fn recentre(&mut self) {
        for row in 0..self.centre.len() {
            self.centre[row] = self.prices[row];
            self.reprice(row);
        }
    }

    /// Takes an answer of a block of so many people into its mix, as far as it helps.
    pub(super) fn take(&mut self, block: usize, people: f64, cover: &[u32]) {
        let Some(worst) = self.worst(block) else {
            for row in cover {
                self.there[*row as usize] += people * self.unit;
                self.reprice(*row as usize);
            }
            self.blocks[block].push(Answer { share: 1.0, cover: cover.into() });
            return;
        };
        let known = self.blocks[block].iter().position(|answer| *answer.cover == *cover);
        if known == Some(worst) {
            return;
        }
        let most = self.blocks[block][worst].share;
        let old = std::mem::take(&mut self.blocks[block][worst].cover);
        self.lay(cover, people * self.unit);
        self.lay(&old, -people * self.unit);
        let share = self.far(most);
        for row in std::mem::take(&mut self.touched) {
            let row = row as usize;
            self.there[row] += share * std::mem::take(&mut self.change[row]);
            self.is_touched[row] = false;
            self.reprice(row);
        }
        let answers = &mut self.blocks[block];
        answers[worst].cover = old;
        answers[worst].share -= share;
        match known {
            Some(known) => answers[known].share += share,
            None if share > 0.0 => answers.push(Answer { share, cover: cover.into() }),
            None => {}
        }
        if answers[worst].share <= TINY {
            self.forget(block, worst, people);
        }
    }

    /// Drops an answer; what is left of its share goes to the first other one.
    fn forget(&mut self, block: usize, number: usize, people: f64) {
        let gone = self.blocks[block].swap_remove(number);
        if gone.share != 0.0 && !self.blocks[block].is_empty() {
            let amount = people * self.unit * gone.share;
            let heir = std::mem::take(&mut self.blocks[block][0].cover);
            for (cover, amount) in [(&gone.cover, -amount), (&heir, amount)] {
                for row in cover {
                    self.there[*row as usize] += amount;
                    self.reprice(*row as usize);
                }
            }
            self.blocks[block][0].share += gone.share;
            self.blocks[block][0].cover = heir;
        }
    }

    /// The answer that earns least at present prices.
    fn worst(&self, block: usize) -> Option<usize> {
        let earned = |answer: &Answer| answer.cover.iter().map(|row| self.price(*row as usize)).sum::<f64>();
        let all = self.blocks[block].iter().map(earned).enumerate();
        all.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(number, _)| number)
    }

    fn lay(&mut self, cover: &[u32], people: f64) {
        for row in cover {
            if !std::mem::replace(&mut self.is_touched[*row as usize], true) {
                self.touched.push(*row);
            }
            self.change[*row as usize] += people;
        }
    }

    /// How far along the change the smooth shortage falls, at most `most`.
    fn far(&self, most: f64) -> f64 {
        let gain = |share: f64| -> f64 {
            let of = |row: &u32| {
                let row = *row as usize;
                self.change[row] * self.price_at(row, self.there[row] + share * self.change[row])
            };
            self.touched.iter().map(of).sum()
        };
        if gain(0.0) <= 0.0 {
            return 0.0;
        }
        if gain(most) >= 0.0 {
            return most;
        }
        let (mut low, mut high) = (0.0, most);
        for _ in 0..SEARCH {
            let middle = 0.5 * (low + high);
            if gain(middle) > 0.0 { low = middle } else { high = middle }
        }
        low
    }
}
