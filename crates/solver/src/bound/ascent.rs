//! Prices by ascent along slopes, for requests too large for the linear programme: each iteration moves them towards what the
//! answers leave uncovered, with some of the direction before.

use super::WHOLE;

/// The share of the direction before that is kept.
const KEPT: f64 = 0.95;
/// The share of Polyak's step that is taken at first.
const PACE: f64 = 0.4;
/// Iterations without a better bound after which the steps get shorter and begin at the best prices again.
const PATIENCE: u32 = 10;

/// Where the ascent is.
pub(super) struct Ascent {
    prices: Vec<f64>,
    best: Vec<f64>,
    best_value: f64,
    direction: Vec<f64>,
    pace: f64,
    waited: u32,
}

impl Ascent {
    /// Begins at these prices.
    pub(super) fn new(prices: Vec<f64>) -> Self {
        let direction = vec![0.0; prices.len()];
        Self { best: prices.clone(), prices, best_value: f64::NEG_INFINITY, direction, pace: PACE, waited: 0 }
    }

    /// The prices to look at next.
    pub(super) fn prices(&self) -> &[f64] {
        &self.prices
    }

    /// Takes the bound at those prices and its slope (cells required and not covered, by row), with the shortfall of the best roster known.
    pub(super) fn learn(&mut self, value: f64, slope: &[f64], short_cells: f64) {
        if value > self.best_value {
            self.best_value = value;
            self.best.clone_from(&self.prices);
            self.waited = 0;
        } else {
            self.waited += 1;
            if self.waited >= PATIENCE {
                self.waited = 0;
                self.pace *= 0.6;
                self.prices.clone_from(&self.best);
                self.direction.fill(0.0);
            }
        }
        let mut norm = 0.0;
        for (direction, slope) in self.direction.iter_mut().zip(slope) {
            *direction = KEPT * *direction + slope;
            norm += *direction * *direction;
        }
        if norm > 0.0 {
            let stride = self.pace * (short_cells * WHOLE - value).max(WHOLE) / norm;
            for (price, direction) in self.prices.iter_mut().zip(&self.direction) {
                *price = (*price + stride * direction).clamp(0.0, WHOLE);
            }
        }
    }
}
