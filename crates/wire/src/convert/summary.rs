//! Roster summaries and certificates.

use fika_model::calendar::DayMap;
use fika_model::certificate::{Certificate, Digest, RuleCount, UNITS, Verdict, Violation};
use fika_model::fault::{FaultCode, Faults};
use fika_model::roster::{IntervalOutcome, Predicted, RosterSummary, Shortfall};
use fika_model::{ActivityId, QueueId, Score, ServiceLevelFormula};

use super::demand::{formula_message, formula_model};
use super::reading::{At, Reading, paired};
use super::request::period_message;
use super::{fairness, remedies, variety};
use crate::proto::fika::v1;

paired! { verdict_message, verdict_model: Verdict = v1::certificate::Verdict { Proved = Proved, Refuted = Refuted } }

/// Reads a summary, with the days that its times are told in.
pub fn parse_summary(message: &v1::RosterSummary) -> Result<(DayMap, RosterSummary), Faults> {
    let mut r = Reading::default();
    let value = read(&mut r, &At::WHOLE, message);
    r.end(value)
}

pub(super) fn read(r: &mut Reading, at: &At<'_>, p: &v1::RosterSummary) -> (DayMap, RosterSummary) {
    let days = r.days(&at.field("timeZone"), &p.time_zone, &at.field("period"), p.period.as_ref());
    let pools = r.each(&at.field("pools"), &p.pools, |r, at, p| pool(r, at, p, &days));
    let summary = RosterSummary {
        roster: r.id(&at.field("rosterId"), &p.roster_id),
        request: r.id(&at.field("requestId"), &p.request_id),
        generation: p.generation,
        score: p.score.as_ref().map(score).unwrap_or_default(),
        required_minutes: p.required_minutes,
        shortfall_minutes: p.shortfall_minutes,
        shortfall_bound_minutes: p.shortfall_bound_minutes,
        paid_minutes: p.paid_minutes,
        break_minutes: p.break_minutes,
        social_minutes: p.social_minutes,
        shifts: p.shifts,
        target: r.fraction(&at.field("targetFraction"), p.target_fraction),
        formula: r.choice(&at.field("formula"), p.formula, formula_model, ServiceLevelFormula::default()),
        threshold_s: p.threshold_seconds,
        service_level: p.service_level.as_ref().map(predicted),
        intervals: pools.into_iter().flatten().collect(),
        shortfalls: r.each(&at.field("shortfalls"), &p.shortfalls, |r, at, p| shortfall(r, at, p, &days)),
        remedies: r.each(&at.field("remedies"), &p.remedies, |r, at, p| remedies::remedy(r, at, p, &days)),
        activities: r.each(&at.field("activities"), &p.activities, |r, at, p| remedies::outcome(r, at, p, &days)),
        cut_rounds: p.cut_rounds.iter().map(remedies::cut_round).collect(),
        fairness: fairness::report(r, at, p),
        certificate: certificate(r, &at.field("certificate"), p.certificate.as_ref(), &days),
        seed: p.seed,
        steps: p.steps,
        variety: p.variety.as_ref().map(|p| variety::read(r, &at.field("variety"), p)),
        left_out: r.ids(&at.field("leftOutAgentIds"), &p.left_out_agent_ids),
        waived: r.ids(&at.field("waivedActivityIds"), &p.waived_activity_ids),
    };
    (days, summary)
}

pub(super) fn score(p: &v1::Score) -> Score {
    Score { hard: p.hard, service: p.service, cost: p.cost, fairness: p.fairness }
}

pub(super) fn score_message(score: &Score) -> v1::Score {
    v1::Score { hard: score.hard, service: score.service, cost: score.cost, fairness: score.fairness }
}

fn ends(p: &v1::Interval95) -> (f64, f64) {
    (p.low, p.high)
}

pub(super) fn predicted(p: &v1::Predicted) -> Predicted {
    Predicted { mean: p.mean, interval: p.interval.as_ref().map_or((p.mean, p.mean), ends), p10: p.p10 }
}

pub(super) fn predicted_message(p: &Predicted) -> v1::Predicted {
    v1::Predicted { mean: p.mean, interval: Some(ends_message(p.interval)), p10: p.p10 }
}

fn pool(r: &mut Reading, at: &At<'_>, p: &v1::PoolOutcome, days: &DayMap) -> Vec<IntervalOutcome> {
    let queues: Vec<QueueId> = r.ids(&at.field("queueIds"), &p.queue_ids);
    let work: Option<ActivityId> = r.id_if_any(&at.field("workId"), &p.work_id);
    r.each(&at.field("intervals"), &p.intervals, |r, at, p| IntervalOutcome {
        queues: queues.clone(),
        work: work.clone(),
        span: r.span(at, days, p.start, p.length_minutes),
        calls: p.calls,
        required: p.required_people,
        scheduled: p.scheduled_people,
        service_level: p.service_level,
        service_level_interval: p.service_level_interval.as_ref().map(ends),
        occupancy: p.occupancy,
    })
}

fn shortfall(r: &mut Reading, at: &At<'_>, p: &v1::Shortfall, days: &DayMap) -> Shortfall {
    Shortfall {
        queues: r.ids(&at.field("queueIds"), &p.queue_ids),
        work: r.id_if_any(&at.field("workId"), &p.work_id),
        span: r.span(at, days, p.start, p.length_minutes),
        person_minutes: p.person_minutes,
        most_people: p.most_people,
        binding: p.binding.clone(),
        reason: p.reason.clone(),
    }
}

fn certificate(r: &mut Reading, at: &At<'_>, p: Option<&v1::Certificate>, days: &DayMap) -> Certificate {
    let none = v1::Certificate::default();
    let p = p.unwrap_or_else(|| {
        r.fault(FaultCode::Missing, at, "the summary has no certificate");
        &none
    });
    let certificate = Certificate {
        request: digest(r, &at.field("requestSha256"), &p.request_sha256),
        roster: digest(r, &at.field("rosterSha256"), &p.roster_sha256),
        rules: r.each(&at.field("rules"), &p.rules, |r, at, p| RuleCount {
            rule: r.id(&at.field("ruleId"), &p.rule_id),
            text: p.text.clone(),
            checked: p.checked,
            broken: p.broken,
        }),
        violations: r.each(&at.field("violations"), &p.violations, |r, at, p| violation(r, at, p, days)),
    };
    let verdict_at = at.field("verdict");
    let verdict = r.choice(&verdict_at, p.verdict, verdict_model, certificate.verdict());
    if verdict != certificate.verdict() {
        let cause = format_args!("{verdict:?}, with {} violations", certificate.violations.len());
        r.fault(FaultCode::Contradiction, &verdict_at, cause);
    }
    certificate
}

fn digest(r: &mut Reading, at: &At<'_>, text: &str) -> Digest {
    let mut bytes = [0; 32];
    let hex = |byte: u8| (byte as char).to_digit(16).filter(|_| !byte.is_ascii_uppercase()).map(|digit| digit as u8);
    let mut legal = text.len() == 64;
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        match (hex(pair[0]), hex(pair[1])) {
            (Some(high), Some(low)) => *byte = high << 4 | low,
            _ => legal = false,
        }
    }
    if !legal {
        r.fault(FaultCode::OutOfRange, at, format_args!("{text:?} is not 64 lower-case hexadecimal digits"));
    }
    Digest(bytes)
}

fn violation(r: &mut Reading, at: &At<'_>, p: &v1::Violation, days: &DayMap) -> Violation {
    let unit = UNITS.into_iter().find(|unit| *unit == p.unit).unwrap_or_else(|| {
        r.fault(FaultCode::OutOfRange, &at.field("unit"), format_args!("{:?} is none of {UNITS:?}", p.unit));
        UNITS[0]
    });
    Violation {
        rule: r.id(&at.field("ruleId"), &p.rule_id),
        agent: r.id_if_any(&at.field("agentId"), &p.agent_id),
        team: r.id_if_any(&at.field("teamId"), &p.team_id),
        span: r.span(at, days, p.start, p.length_minutes),
        required: p.required,
        found: p.found,
        unit,
        cause: p.cause.clone(),
        premium_minutes: r.sum(&at.field("premiumMinutes"), p.premium_minutes),
    }
}

/// Writes a summary; `days` are those of its roster.
pub fn summary_message(summary: &RosterSummary, days: &DayMap) -> v1::RosterSummary {
    v1::RosterSummary {
        roster_id: summary.roster.to_string(),
        request_id: summary.request.to_string(),
        generation: summary.generation,
        time_zone: days.zone_name().to_owned(),
        period: Some(period_message(days)),
        score: Some(score_message(&summary.score)),
        required_minutes: summary.required_minutes,
        shortfall_minutes: summary.shortfall_minutes,
        shortfall_bound_minutes: summary.shortfall_bound_minutes,
        paid_minutes: summary.paid_minutes,
        break_minutes: summary.break_minutes,
        social_minutes: summary.social_minutes,
        shifts: summary.shifts,
        target_fraction: summary.target.get(),
        formula: formula_message(summary.formula),
        threshold_seconds: summary.threshold_s,
        service_level: summary.service_level.as_ref().map(predicted_message),
        pools: pools_message(&summary.intervals, days),
        shortfalls: summary.shortfalls.iter().map(|shortfall| shortfall_message(shortfall, days)).collect(),
        remedies: summary.remedies.iter().map(|remedy| remedies::remedy_message(remedy, days)).collect(),
        activities: summary.activities.iter().map(|outcome| remedies::outcome_message(outcome, days)).collect(),
        cut_rounds: summary.cut_rounds.iter().map(remedies::cut_round_message).collect(),
        certificate: Some(certificate_message(&summary.certificate, days)),
        seed: summary.seed,
        steps: summary.steps,
        variety: summary.variety.as_ref().map(variety::message),
        left_out_agent_ids: summary.left_out.iter().map(ToString::to_string).collect(),
        waived_activity_ids: summary.waived.iter().map(ToString::to_string).collect(),
        ..fairness::report_message(&summary.fairness)
    }
}

fn ends_message((low, high): (f64, f64)) -> v1::Interval95 {
    v1::Interval95 { low, high }
}

/// Runs of intervals of the same queues become one pool each, so that the order is kept.
fn pools_message(intervals: &[IntervalOutcome], days: &DayMap) -> Vec<v1::PoolOutcome> {
    let pool = |run: &[IntervalOutcome]| v1::PoolOutcome {
        queue_ids: run.first().map(|first| names(&first.queues)).unwrap_or_default(),
        intervals: run.iter().map(|outcome| interval_message(outcome, days)).collect(),
        work_id: run.first().and_then(|first| first.work.as_ref()).map(ToString::to_string).unwrap_or_default(),
    };
    intervals.chunk_by(|a, b| a.queues == b.queues && a.work == b.work).map(pool).collect()
}

fn interval_message(outcome: &IntervalOutcome, days: &DayMap) -> v1::IntervalOutcome {
    v1::IntervalOutcome {
        start: Some(days.timestamp(outcome.span.start()).into()),
        length_minutes: outcome.span.length().get() as i32,
        calls: outcome.calls,
        required_people: outcome.required,
        scheduled_people: outcome.scheduled,
        service_level: outcome.service_level,
        service_level_interval: outcome.service_level_interval.map(ends_message),
        occupancy: outcome.occupancy,
    }
}

fn names(queues: &[QueueId]) -> Vec<String> {
    queues.iter().map(ToString::to_string).collect()
}

fn shortfall_message(shortfall: &Shortfall, days: &DayMap) -> v1::Shortfall {
    v1::Shortfall {
        queue_ids: names(&shortfall.queues),
        start: Some(days.timestamp(shortfall.span.start()).into()),
        length_minutes: shortfall.span.length().get() as i32,
        person_minutes: shortfall.person_minutes,
        most_people: shortfall.most_people,
        binding: shortfall.binding.clone(),
        reason: shortfall.reason.clone(),
        work_id: shortfall.work.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

/// Writes a certificate; `days` are those of its roster.
pub fn certificate_message(certificate: &Certificate, days: &DayMap) -> v1::Certificate {
    let rule = |rule: &RuleCount| v1::RuleCount {
        rule_id: rule.rule.to_string(),
        text: rule.text.clone(),
        checked: rule.checked,
        broken: rule.broken,
    };
    let violation = |violation: &Violation| v1::Violation {
        rule_id: violation.rule.to_string(),
        agent_id: violation.agent.as_ref().map(ToString::to_string).unwrap_or_default(),
        team_id: violation.team.as_ref().map(ToString::to_string).unwrap_or_default(),
        start: Some(days.timestamp(violation.span.start()).into()),
        length_minutes: violation.span.length().get() as i32,
        required: violation.required,
        found: violation.found,
        unit: violation.unit.to_owned(),
        cause: violation.cause.clone(),
        premium_minutes: violation.premium_minutes,
    };
    v1::Certificate {
        request_sha256: certificate.request.to_string(),
        roster_sha256: certificate.roster.to_string(),
        verdict: verdict_message(certificate.verdict()),
        rules: certificate.rules.iter().map(rule).collect(),
        violations: certificate.violations.iter().map(violation).collect(),
    }
}
