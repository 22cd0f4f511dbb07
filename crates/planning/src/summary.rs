//! The roster in figures.

use fika_model::fairness::FairnessReport;
use fika_model::roster::{IntervalOutcome, RosterSummary};
use fika_model::{Certificate, IntervalIndex, Request, Roster, Shift};
use fika_solver::Solution;
use fika_verify::{fairness, social_minutes};

use crate::groups;
use crate::pools::PoolDemand;
use crate::prediction::Prediction;

/// What a summary is made from.
#[derive(Debug)]
pub(crate) struct Material<'a> {
    pub(crate) request: &'a Request,
    pub(crate) roster: &'a Roster,
    pub(crate) pools: &'a [PoolDemand],
    pub(crate) solution: &'a Solution,
    pub(crate) prediction: &'a Prediction,
}

pub(crate) fn summary(material: &Material<'_>, certificate: Certificate) -> RosterSummary {
    let Material { request, roster, pools, solution, prediction } = *material;
    let shifts = || roster.agents.iter().flat_map(|agent| &agent.shifts);
    let interval_minutes = f64::from(request.interval.minutes());
    let required: u64 = pools.iter().flat_map(|demand| demand.pool.required.values()).map(|people| u64::from(*people)).sum();
    let breaks = |shift: &Shift| shift.breaks().map(|activity| i64::from(activity.span.length().get())).sum::<i64>();
    let target = request.staffing.target;
    RosterSummary {
        roster: roster.id.clone(),
        request: request.id.clone(),
        generation: roster.generation,
        score: solution.score,
        required_minutes: required as f64 * interval_minutes,
        shortfall_minutes: solution.shortfall_minutes,
        shortfall_bound_minutes: solution.bound_minutes,
        paid_minutes: shifts().map(|shift| i64::from(shift.paid().get())).sum(),
        break_minutes: shifts().map(breaks).sum(),
        social_minutes: social_minutes(request, roster),
        shifts: shifts().count() as u32,
        target: target.fraction,
        formula: target.formula,
        threshold_s: target.threshold_s,
        service_level: prediction.service_level,
        intervals: pools.iter().enumerate().flat_map(|(number, demand)| outcomes(material, number, demand)).collect(),
        shortfalls: solution.shortfalls.clone(),
        certificate,
        remedies: Vec::new(),
        activities: Vec::new(),
        cut_rounds: Vec::new(),
        fairness: FairnessReport {
            group_short_minutes: groups::short_minutes(request, roster, pools, &solution.allocation),
            ..fairness(request, roster)
        },
        seed: request.seed,
        steps: solution.steps,
        variety: None,
        left_out: Vec::new(),
        waived: Vec::new(),
    }
}

fn outcomes(material: &Material<'_>, number: usize, demand: &PoolDemand) -> Vec<IntervalOutcome> {
    let grid = material.request.grid();
    let scheduled = material.solution.allocation.get(number);
    let outcome = |index: IntervalIndex| {
        let cell = material.prediction.cell(number, index.get());
        IntervalOutcome {
            queues: demand.pool.queues.clone(),
            work: demand.pool.work.clone(),
            span: grid.span(index),
            calls: demand.calls.at(index).copied().unwrap_or_default(),
            required: f64::from(demand.pool.required.at(index).copied().unwrap_or_default()),
            scheduled: scheduled.and_then(|curve| curve.at(index)).copied().unwrap_or_default(),
            service_level: cell.service_level.map(|(mean, _)| mean),
            service_level_interval: cell.service_level.map(|(_, interval)| interval),
            occupancy: cell.occupancy,
        }
    };
    grid.indices().map(outcome).collect()
}
