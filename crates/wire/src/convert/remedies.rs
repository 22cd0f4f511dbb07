//! Remedies, what became of activities, and rounds of a raised requirement, as a summary holds them.

use fika_model::Span;
use fika_model::calendar::DayMap;
use fika_model::roster::{ActivityOutcome, CutRound, Remedy, RemedyKind};

use super::reading::{At, Reading, paired};
use crate::proto::fika::v1;

paired! { kind_message, kind_model: RemedyKind = v1::remedy::Kind {
    ExtraShift = ExtraShift, Overtime = Overtime, ActivityMoved = ActivityMoved,
} }

pub(super) fn remedy(r: &mut Reading, at: &At<'_>, p: &v1::Remedy, days: &DayMap) -> Remedy {
    Remedy {
        kind: r.choice(&at.field("kind"), p.kind, kind_model, RemedyKind::ExtraShift),
        queues: r.ids(&at.field("queueIds"), &p.queue_ids),
        shortfall: r.span(at, days, p.start, p.length_minutes),
        agents: r.ids(&at.field("agentIds"), &p.agent_ids),
        contract: r.id_if_any(&at.field("contractId"), &p.contract_id),
        added: r.each(&at.field("added"), &p.added, |r, at, p| r.span(at, days, p.start, p.length_minutes)),
        moved: r.id_if_any(&at.field("activityId"), &p.activity_id).map(|activity| {
            let mut time = |name, p: Option<&v1::AddedTime>| {
                let none = v1::AddedTime::default();
                let p = p.unwrap_or(&none);
                r.span(&at.field(name), days, p.start, p.length_minutes)
            };
            (activity, time("movedFrom", p.moved_from.as_ref()), time("movedTo", p.moved_to.as_ref()))
        }),
        paid_minutes: p.paid_minutes,
        shortfall_minutes: (p.shortfall_minutes_before, p.shortfall_minutes_after),
        service_level: p.service_level_before.zip(p.service_level_after),
    }
}

pub(super) fn remedy_message(remedy: &Remedy, days: &DayMap) -> v1::Remedy {
    v1::Remedy {
        kind: kind_message(remedy.kind),
        queue_ids: remedy.queues.iter().map(ToString::to_string).collect(),
        start: Some(days.timestamp(remedy.shortfall.start()).into()),
        length_minutes: remedy.shortfall.length().get() as i32,
        agent_ids: remedy.agents.iter().map(ToString::to_string).collect(),
        contract_id: remedy.contract.as_ref().map(ToString::to_string).unwrap_or_default(),
        added: remedy.added.iter().map(|span| time_message(*span, days)).collect(),
        activity_id: remedy.moved.as_ref().map(|(activity, ..)| activity.to_string()).unwrap_or_default(),
        moved_from: remedy.moved.as_ref().map(|(_, from, _)| time_message(*from, days)),
        moved_to: remedy.moved.as_ref().map(|(.., to)| time_message(*to, days)),
        paid_minutes: remedy.paid_minutes,
        shortfall_minutes_before: remedy.shortfall_minutes.0,
        shortfall_minutes_after: remedy.shortfall_minutes.1,
        service_level_before: remedy.service_level.map(|level| level.0),
        service_level_after: remedy.service_level.map(|level| level.1),
    }
}

fn time_message(span: Span, days: &DayMap) -> v1::AddedTime {
    v1::AddedTime { start: Some(days.timestamp(span.start()).into()), length_minutes: span.length().get() as i32 }
}

pub(super) fn outcome(r: &mut Reading, at: &At<'_>, p: &v1::ActivityOutcome, days: &DayMap) -> ActivityOutcome {
    ActivityOutcome {
        activity: r.id(&at.field("activityId"), &p.activity_id),
        agent: r.id_if_any(&at.field("agentId"), &p.agent_id),
        team: r.id_if_any(&at.field("teamId"), &p.team_id),
        span: r.span(at, days, p.start, p.length_minutes),
        minutes: (p.asked_minutes, p.held_minutes),
        people: (p.asked_people, p.held_people),
        held: r.each(&at.field("held"), &p.held, |r, at, p| r.span(at, days, p.start, p.length_minutes)),
        binding: p.binding.clone(),
        reason: p.reason.clone(),
    }
}

pub(super) fn outcome_message(outcome: &ActivityOutcome, days: &DayMap) -> v1::ActivityOutcome {
    v1::ActivityOutcome {
        activity_id: outcome.activity.to_string(),
        agent_id: outcome.agent.as_ref().map(ToString::to_string).unwrap_or_default(),
        team_id: outcome.team.as_ref().map(ToString::to_string).unwrap_or_default(),
        start: Some(days.timestamp(outcome.span.start()).into()),
        length_minutes: outcome.span.length().get() as i32,
        asked_minutes: outcome.minutes.0,
        held_minutes: outcome.minutes.1,
        asked_people: outcome.people.0,
        held_people: outcome.people.1,
        held: outcome.held.iter().map(|span| time_message(*span, days)).collect(),
        binding: outcome.binding.clone(),
        reason: outcome.reason.clone(),
    }
}

pub(super) fn cut_round(p: &v1::CutRound) -> CutRound {
    CutRound {
        raised_intervals: p.raised_intervals,
        raised_minutes: p.raised_minutes,
        below_target: (p.below_target_before, p.below_target_after),
        service_level: (p.service_level_before, p.service_level_after),
        kept: p.kept,
    }
}

pub(super) fn cut_round_message(round: &CutRound) -> v1::CutRound {
    v1::CutRound {
        raised_intervals: round.raised_intervals,
        raised_minutes: round.raised_minutes,
        below_target_before: round.below_target.0,
        below_target_after: round.below_target.1,
        service_level_before: round.service_level.0,
        service_level_after: round.service_level.1,
        kept: round.kept,
    }
}
