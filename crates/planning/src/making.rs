//! What stays the same while a roster is made, changed and made again: request, demand, names; and a roster with its proof.

use fika_model::forecast::QueueForecast;
use fika_model::request::Queue;
use fika_model::roster::{AgentRoster, Predicted, Variety};
use fika_model::status::Phase;
use fika_model::{Certificate, Minute, Request, Roster, Verdict};
use fika_solver::{Infeasible, Pool, Problem, Solution};
use fika_verify::{Digests, verify};

use crate::error::PlanError;
use crate::plan::{PlanIds, PlanSettings};
use crate::pools::PoolDemand;
use crate::prediction::{Prediction, predict};
use crate::rota;
use crate::seal::Seal;

/// The surroundings of a roster.
pub(crate) struct Making<'a> {
    pub(crate) request: &'a Request,
    pub(crate) forecasts: Option<Vec<QueueForecast>>,
    pub(crate) pools: Vec<PoolDemand>,
    pub(crate) ids: PlanIds,
    pub(crate) settings: PlanSettings,
    pub(crate) seal: &'a dyn Seal,
    /// The roster whose rota stays where its shifts do, and until when it is frozen.
    pub(crate) stays: Option<(&'a Roster, Option<Minute>)>,
}

/// A roster that keeps every hard rule, with what the search and the simulation say of it.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) solution: Solution,
    pub(crate) roster: Roster,
    pub(crate) certificate: Certificate,
    pub(crate) prediction: Prediction,
    /// How the time on queue is shared, where the request limits queues.
    pub(crate) variety: Option<Variety>,
}

/// Headroom for hard queues that is tried in turn while callers wait longer than without a rota.
const HEADROOM: [u32; 3] = [1, 2, 4];

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
        let roster = self.roster_of(&solution.agents);
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

    pub(crate) fn roster_of(&self, agents: &[AgentRoster]) -> Roster {
        Roster {
            id: self.ids.roster.clone(),
            request: self.request.id.clone(),
            generation: self.ids.generation,
            parent: self.request.parent.clone(),
            days: self.request.days.clone(),
            agents: agents.to_vec(),
        }
    }

    /// Plays callers against a roster; nothing is predicted where the request gives people.
    pub(crate) fn predicted(&self, roster: &Roster) -> Result<Prediction, PlanError> {
        match &self.forecasts {
            Some(forecasts) => predict(self.request, roster, forecasts, &self.pools, self.settings),
            None => Ok(Prediction::default()),
        }
    }

    /// Proves and predicts, with a rota where the request limits queues.
    pub(crate) fn draft(&self, solution: Solution) -> Result<Draft, PlanError> {
        self.draft_telling(solution, &mut |_| ())
    }

    /// The same, telling each phase as it begins.
    pub(crate) fn draft_telling(&self, solution: Solution, tell: &mut dyn FnMut(Phase)) -> Result<Draft, PlanError> {
        tell(Phase::Verify);
        if self.request.limits_queues() && solution.unmet.is_empty() {
            return self.with_rota(&solution, tell);
        }
        let (roster, certificate) = self.proved(&solution)?;
        tell(Phase::Simulate);
        let prediction = self.predicted(&roster)?;
        Ok(Draft { solution, roster, certificate, prediction, variety: None })
    }

    /// The service level if everybody served all her queues alike.
    fn without_rota(&self, solution: &Solution) -> Result<Option<Predicted>, PlanError> {
        let mut parts = (**self.request).clone();
        parts.wellbeing.most_on_one_queue = None;
        for queue in &mut parts.queues {
            queue.hard_minutes_per_day = None;
        }
        let (Ok(request), Some(forecasts)) = (Request::check(parts), &self.forecasts) else { return Ok(None) };
        Ok(predict(&request, &self.roster_of(&solution.agents), forecasts, &self.pools, self.settings)?.service_level)
    }

    /// The least headroom with which callers are answered as without a rota, within the confidence interval; else what comes nearest.
    fn with_rota(&self, solution: &Solution, tell: &mut dyn FnMut(Phase)) -> Result<Draft, PlanError> {
        let problem = self.problem()?;
        let mut best: Option<Draft> = None;
        let mut without = None;
        for headroom in HEADROOM {
            let laid = rota::laid(self, &problem, solution, headroom);
            if best.as_ref().is_some_and(|best| best.solution.agents == laid.agents) {
                break;
            }
            let (roster, certificate) = self.proved(&laid)?;
            if best.is_none() {
                tell(Phase::Simulate);
                without = self.without_rota(solution)?;
            }
            let prediction = self.predicted(&roster)?;
            let level = prediction.service_level.map_or(1.0, |level| level.mean);
            let nearer = |best: &Draft| best.prediction.service_level.is_none_or(|other| level > other.mean);
            if best.as_ref().is_none_or(nearer) {
                let variety = Some(rota::variety(self.request, &roster, without));
                best = Some(Draft { solution: laid, roster, certificate, prediction, variety });
            }
            let hard = self.request.queues.iter().any(Queue::is_hard);
            if !hard || without.is_none_or(|without| level >= without.interval.0) {
                break;
            }
        }
        best.map_or_else(|| Err(PlanError::Unmet(Infeasible { contradictions: solution.unmet.clone() })), Ok)
    }
}
