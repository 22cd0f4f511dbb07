//! Why there is no plan.

use fika_model::fault::FaultCode;
use fika_model::{Certificate, Faults, QueueId, Violation};
use fika_simulation::RosterError;
use fika_solver::Infeasible;
use thiserror::Error;

/// A request that did not become a roster.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The request takes its demand from history, and no forecast was given for these queues.
    #[error("no forecast was given for {}", names(queues))]
    NoForecast {
        /// The queues without one.
        queues: Vec<QueueId>,
    },
    /// A forecast does not cover the request's horizon in its intervals.
    #[error("the forecast of queue {queue} covers another grid than the request's horizon")]
    ForecastGrid {
        /// The queue.
        queue: QueueId,
    },
    /// Hard rules contradict each other.
    #[error(transparent)]
    Infeasible(#[from] Infeasible),
    /// The search found no roster that keeps every promise to the agents, and none is broken for it; more time may find one.
    #[error("no roster was found that keeps every promise: {0}")]
    Unmet(#[source] Infeasible),
    /// The roster does not make a scenario.
    #[error(transparent)]
    Scenario(#[from] RosterError),
    /// The scenario cannot be simulated.
    #[error("the roster cannot be simulated: {0}")]
    Simulation(#[from] Faults),
    /// The verifier refuted the solver's roster: a mistake in fika, never in the request.
    #[error("the roster breaks {} hard rules, the first: {}", certificate.violations.len(), first(&certificate.violations))]
    Refuted {
        /// The verifier's word, with every violation.
        certificate: Box<Certificate>,
    },
}

fn names(queues: &[QueueId]) -> String {
    queues.iter().map(QueueId::as_str).collect::<Vec<_>>().join(", ")
}

fn first(violations: &[Violation]) -> &str {
    violations.first().map_or("none", |violation| &violation.cause)
}

impl PlanError {
    /// The same as faults of the request, each with its place where it has one.
    pub fn faults(&self) -> Faults {
        match self {
            Self::NoForecast { queues } => {
                let mut faults = Faults::default();
                for queue in queues {
                    faults.push(FaultCode::NoHistory, "demand", format!("no forecast for queue {:?}", queue.as_str()));
                }
                faults
            }
            Self::ForecastGrid { .. } => Faults::one(FaultCode::OffGrid, "demand", self),
            Self::Infeasible(infeasible) | Self::Unmet(infeasible) => infeasible.faults(),
            Self::Scenario(_) => Faults::one(FaultCode::Contradiction, "", self),
            Self::Simulation(faults) => faults.clone(),
            Self::Refuted { certificate } => {
                let mut faults = Faults::default();
                for violation in &certificate.violations {
                    faults.push(FaultCode::Contradiction, violation.rule.as_str(), &violation.cause);
                }
                faults
            }
        }
    }

    /// Whether the answer is that the request cannot be met, and not that something failed.
    pub const fn is_infeasible(&self) -> bool {
        matches!(self, Self::Infeasible(_) | Self::Unmet(_))
    }
}
