//! What stays the same while a roster is made, changed and made again: request, demand, names; and a roster with its proof.

use fika_model::forecast::QueueForecast;
use fika_model::{Certificate, Request, Roster, Verdict};
use fika_solver::{Infeasible, Pool, Problem, Solution};
use fika_verify::{Digests, verify};

use crate::error::PlanError;
use crate::plan::{PlanIds, PlanSettings};
use crate::pools::PoolDemand;
use crate::prediction::{Prediction, predict};
use crate::seal::Seal;

/// The surroundings of a roster.
pub(crate) struct Making<'a> {
    pub(crate) request: &'a Request,
    pub(crate) forecasts: Option<Vec<QueueForecast>>,
    pub(crate) pools: Vec<PoolDemand>,
    pub(crate) ids: PlanIds,
    pub(crate) settings: PlanSettings,
    pub(crate) seal: &'a dyn Seal,
}

/// A roster that keeps every hard rule, with what the search and the simulation say of it.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) solution: Solution,
    pub(crate) roster: Roster,
    pub(crate) certificate: Certificate,
    pub(crate) prediction: Prediction,
}

impl Making<'_> {
    pub(crate) fn problem(&self) -> Result<Problem, PlanError> {
        Ok(Problem::new(self.request, self.solver_pools())?)
    }

    pub(crate) fn solver_pools(&self) -> Vec<Pool> {
        self.pools.iter().map(|demand| demand.pool.clone()).collect()
    }

    /// Proves a solution; a refuted one is an error.
    pub(crate) fn proved(&self, solution: &Solution) -> Result<(Roster, Certificate), PlanError> {
        if !solution.unmet.is_empty() {
            return Err(PlanError::Unmet(Infeasible { contradictions: solution.unmet.clone() }));
        }
        let request = self.request;
        let roster = Roster {
            id: self.ids.roster.clone(),
            request: request.id.clone(),
            generation: self.ids.generation,
            parent: request.parent.clone(),
            days: request.days.clone(),
            agents: solution.agents.clone(),
        };
        let contradictions = crate::agenda::unmet(self, &roster)?;
        if !contradictions.is_empty() {
            return Err(PlanError::Unmet(Infeasible { contradictions }));
        }
        let digests = Digests { request: self.seal.request(request), roster: self.seal.roster(&roster) };
        let certificate = verify(request, &roster, digests);
        if certificate.verdict() == Verdict::Refuted {
            return Err(PlanError::Refuted { certificate: Box::new(certificate) });
        }
        Ok((roster, certificate))
    }

    /// Plays callers against a roster; nothing is predicted where the request gives people.
    pub(crate) fn predicted(&self, roster: &Roster) -> Result<Prediction, PlanError> {
        match &self.forecasts {
            Some(forecasts) => predict(self.request, roster, forecasts, &self.pools, self.settings),
            None => Ok(Prediction::default()),
        }
    }

    /// Proves and predicts.
    pub(crate) fn draft(&self, solution: Solution) -> Result<Draft, PlanError> {
        let (roster, certificate) = self.proved(&solution)?;
        let prediction = self.predicted(&roster)?;
        Ok(Draft { solution, roster, certificate, prediction })
    }
}
