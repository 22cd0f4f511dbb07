//! Everything that was found, as JSON. What is not known is null, and the reason stands beside it.

use fika_staffing::{Error, Estimate, HandlingFit, PatienceFit};
use serde_json::{Value, json};

use super::Answer;
use super::findings::Finding;

/// The whole answer.
pub(super) fn json(answer: &Answer) -> Value {
    let told = |finding: &Finding| told(finding, answer.settings.confidence);
    let all = answer.findings.iter().find(|finding| finding.queue.is_none());
    json!({
        "confidence": answer.settings.confidence,
        "shortest_s": answer.settings.shortest_s,
        "records": answer.heard.records,
        "faulty_records": answer.heard.faulty,
        "excess_events": answer.heard.calls.excess,
        "queues": answer.findings.iter().filter(|finding| finding.queue.is_some()).map(told).collect::<Vec<_>>(),
        "all": all.map(told),
    })
}

fn told(finding: &Finding, confidence: f64) -> Value {
    let reason = |error: Option<&Error>| error.map(ToString::to_string);
    json!({
        "queue": finding.queue.as_ref().map(fika_model::QueueId::as_str),
        "calls": finding.calls,
        "patience": finding.patience.as_ref().ok().map(|fit| patience(fit, confidence)),
        "patience_unknown": reason(finding.patience.as_ref().err()),
        "handling": finding.handling.as_ref().ok().map(handling),
        "handling_unknown": reason(finding.handling.as_ref().err()),
        "histogram": finding.histogram.as_ref().map(|h| json!({ "edges_s": h.edges_s, "shares": h.shares })),
        "answered_without_length": finding.unmeasured.without_length,
        "answered_of_unknown_length": finding.unmeasured.unknown_length,
        "answered_too_short": finding.unmeasured.too_short,
    })
}

fn patience(fit: &PatienceFit, confidence: f64) -> Value {
    let step = |point: &fika_staffing::SurvivalPoint| {
        let (low, high) = point.band(confidence).unzip();
        json!({ "wait_s": point.wait_s, "share": point.share, "low": low, "high": high })
    };
    json!({
        "calls": fit.calls,
        "abandoned": fit.abandoned,
        "mean_s": fit.mean_s,
        "mean_s_low": fit.mean_s_low,
        // An infinite number is null in JSON: no upper end is known.
        "mean_s_high": fit.mean_s_high,
        "survival": fit.survival.iter().map(step).collect::<Vec<_>>(),
    })
}

fn handling(fit: &HandlingFit) -> Value {
    let estimate = |estimate: Estimate| json!({ "value": estimate.value, "low": estimate.low, "high": estimate.high });
    json!({
        "calls": fit.calls,
        "observed": { "mean_s": estimate(fit.sample_mean_s), "median_s": fit.sample_median_s, "cv": fit.sample_cv },
        "log_normal": {
            "ln_mean": estimate(fit.ln_mean),
            "ln_sd": estimate(fit.ln_sd),
            "mean_s": estimate(fit.mean_s),
            "median_s": estimate(fit.median_s),
            "cv": estimate(fit.cv),
            "distance": fit.distance,
        },
        "exponential": { "mean_s": fit.sample_mean_s.value, "distance": fit.exponential_distance },
    })
}
