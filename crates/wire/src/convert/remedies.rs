//! Remedies and rounds of a raised requirement, as a summary holds them.

use fika_model::calendar::DayMap;
use fika_model::roster::{CutRound, Remedy, RemedyKind};

use super::reading::{At, Reading, paired};
use crate::proto::fika::v1;

paired! { kind_message, kind_model: RemedyKind = v1::remedy::Kind { ExtraShift = ExtraShift, Overtime = Overtime } }

pub(super) fn remedy(r: &mut Reading, at: &At<'_>, p: &v1::Remedy, days: &DayMap) -> Remedy {
    Remedy {
        kind: r.choice(&at.field("kind"), p.kind, kind_model, RemedyKind::ExtraShift),
        queues: r.ids(&at.field("queueIds"), &p.queue_ids),
        shortfall: r.span(at, days, p.start, p.length_minutes),
        agents: r.ids(&at.field("agentIds"), &p.agent_ids),
        contract: r.id_if_any(&at.field("contractId"), &p.contract_id),
        added: r.each(&at.field("added"), &p.added, |r, at, p| r.span(at, days, p.start, p.length_minutes)),
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
        added: remedy
            .added
            .iter()
            .map(|span| v1::AddedTime { start: Some(days.timestamp(span.start()).into()), length_minutes: span.length().get() as i32 })
            .collect(),
        paid_minutes: remedy.paid_minutes,
        shortfall_minutes_before: remedy.shortfall_minutes.0,
        shortfall_minutes_after: remedy.shortfall_minutes.1,
        service_level_before: remedy.service_level.map(|level| level.0),
        service_level_after: remedy.service_level.map(|level| level.1),
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
