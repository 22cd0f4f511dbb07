//! The linear programme that suggests prices: mix the answers met so far so that the least is short; its duals are the prices.
//!
//! A column is what one agent of a kind covers in one answer; each kind's columns add up to its agents. `HiGHS` keeps its basis between
//! solves. Its objective is an upper limit of what the bound can still become, and no more than a hint.

use highs::{HighsModelStatus, Model, Sense};

use super::Cover;

/// The programme, with columns added as answers come.
pub(super) struct Master {
    /// `None` once `HiGHS` has failed.
    model: Option<Model>,
    rows: Vec<highs::Row>,
    kinds: Vec<highs::Row>,
}

impl Master {
    /// A row of person-cells required for each pool and interval, and one for each kind of agent.
    pub(super) fn new(required: &[i64], counts: &[i64]) -> Self {
        let mut problem = highs::ColProblem::new();
        let rows: Vec<highs::Row> = required.iter().map(|cells| problem.add_row(*cells as f64..)).collect();
        let kinds: Vec<highs::Row> = counts.iter().map(|count| problem.add_row(*count as f64..=*count as f64)).collect();
        for (row, cells) in rows.iter().zip(required) {
            problem.add_column(1.0, 0.0..=*cells as f64, [(*row, 1.0)]);
        }
        let mut model = problem.try_optimise(Sense::Minimise).ok();
        if let Some(model) = &mut model {
            model.make_quiet();
            for (option, value) in [("threads", 1), ("random_seed", 1)] {
                let _ = model.try_set_option(option, value);
            }
            let _ = model.try_set_option("parallel", "off");
        }
        Self { model, rows, kinds }
    }

    /// Adds what an answer of a kind covers.
    pub(super) fn add(&mut self, kind: usize, cover: &Cover) {
        let Some(model) = &mut self.model else { return };
        let cells = cover.iter().map(|(row, cells)| (self.rows[*row as usize], *cells));
        let _ = model.try_add_column(0.0, 0.0.., cells.chain([(self.kinds[kind], 1.0)]));
    }

    /// The price of each row as a share of a person-cell, and the person-cells short of the best mix. `None` when `HiGHS` has no answer.
    pub(super) fn prices(&mut self) -> Option<(Vec<f64>, f64)> {
        let solved = self.model.take()?.try_solve().ok()?;
        if solved.status() != HighsModelStatus::Optimal {
            return None;
        }
        let duals: Vec<f64> = solved.get_solution().dual_rows().iter().take(self.rows.len()).map(|dual| dual.clamp(0.0, 1.0)).collect();
        let value = solved.objective_value();
        self.model = Some(Model::from(solved));
        Some((duals, value))
    }
}
