//! Status messages and faults.

use fika_model::fault::{Fault, FaultCode, Faults};
use fika_model::status::{Phase, Progress, State, Status};

use super::reading::{At, Reading, paired};
use super::summary::{score, score_message};
use crate::proto::fika::v1;
use crate::proto::fika::v1::request_status as kind;

paired! { phase_message, phase_model: Phase = kind::progress::Phase {
    History = History, Forecast = Forecast, Requirement = Requirement, Solve = Solve, Simulate = Simulate, Verify = Verify, Publish = Publish,
} }

/// Reads a status message.
pub fn parse_status(message: &v1::RequestStatus) -> Result<Status, Faults> {
    let mut r = Reading::default();
    let at = At::WHOLE;
    let request = r.id(&at.field("requestId"), &message.request_id);
    let time = r.time(&at.field("at"), message.at);
    let state = match &message.state {
        None => {
            r.fault(FaultCode::Missing, &at, "it says no state that is known");
            State::Accepted
        }
        Some(kind::State::Accepted(kind::Accepted {})) => State::Accepted,
        Some(kind::State::Progress(p)) => State::Progress(progress(&mut r, &at.field("progress"), p)),
        Some(kind::State::Done(done)) => {
            State::Done { roster: r.id(&at.field("done").field("rosterId"), &done.roster_id), generation: done.generation }
        }
        Some(kind::State::Infeasible(p)) => {
            let at = at.field("infeasible");
            let roster = r.id_if_any(&at.field("rosterId"), &p.roster_id).map(|roster| (roster, p.generation));
            State::Infeasible { faults: faults(&mut r, &at, &p.faults), roster }
        }
        Some(kind::State::Failed(p)) => State::Failed { faults: faults(&mut r, &at.field("failed"), &p.faults) },
    };
    r.end(Status { request, at: time, state })
}

fn progress(r: &mut Reading, at: &At<'_>, p: &kind::Progress) -> Progress {
    Progress {
        phase: r.choice(&at.field("phase"), p.phase, phase_model, Phase::History),
        done: r.number(&at.field("done"), p.done, 0.0, 1.0),
        steps: p.steps,
        score: p.score.as_ref().map(score),
        shortfall_minutes: p.shortfall_minutes,
    }
}

fn faults(r: &mut Reading, at: &At<'_>, messages: &[v1::Fault]) -> Faults {
    Faults(r.each(&at.field("faults"), messages, |r, at, p| {
        let code = FaultCode::ALL.iter().find(|code| code.code() == p.code).copied().unwrap_or_else(|| {
            r.fault(FaultCode::OutOfRange, &at.field("code"), format_args!("{:?} is no code that is known", p.code));
            FaultCode::Malformed
        });
        Fault::new(code, p.at.clone(), &p.cause)
    }))
}

/// Writes a status message.
pub fn status_message(status: &Status) -> v1::RequestStatus {
    let state = match &status.state {
        State::Accepted => kind::State::Accepted(kind::Accepted {}),
        State::Progress(progress) => kind::State::Progress(kind::Progress {
            phase: phase_message(progress.phase),
            done: progress.done,
            steps: progress.steps,
            score: progress.score.as_ref().map(score_message),
            shortfall_minutes: progress.shortfall_minutes,
        }),
        State::Done { roster, generation } => kind::State::Done(kind::Done { roster_id: roster.to_string(), generation: *generation }),
        State::Infeasible { faults, roster } => kind::State::Infeasible(kind::Infeasible {
            faults: faults_message(faults).faults,
            roster_id: roster.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default(),
            generation: roster.as_ref().map_or(0, |(_, generation)| *generation),
        }),
        State::Failed { faults } => kind::State::Failed(kind::Failed { faults: faults_message(faults).faults }),
    };
    v1::RequestStatus { request_id: status.request.to_string(), at: Some(status.at.into()), state: Some(state) }
}

/// Writes faults, each with what to do about it.
pub fn faults_message(faults: &Faults) -> v1::Faults {
    let message = |fault: &Fault| v1::Fault {
        at: fault.at.clone(),
        code: fault.code.code().to_owned(),
        cause: fault.cause.clone(),
        action: fault.code.action().to_owned(),
    };
    v1::Faults { faults: faults.0.iter().map(message).collect() }
}
