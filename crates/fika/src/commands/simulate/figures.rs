//! A simulation as JSON: everything that was counted, for programs. Times are in seconds, shares 0 to 1, counts a replication's mean.

use fika_model::{ServiceCounts, ServiceLevelFormula};
use fika_simulation::{AgentReport, Better, CallTally, Comparison, Estimate, LoadReport, LoadTally, Report, SliceReport};
use serde_json::{Map, Value, json};

use super::Played;
use super::against::Verdict;
use super::subject::Subject;

pub(super) fn json(subject: &Subject, played: &Played, formula: ServiceLevelFormula, verdicts: &[Verdict]) -> Value {
    let mut answer = match played {
        Played::One(report) => of_report(subject, report, formula),
        Played::Two(comparison) => json!({
            "first": of_report(subject, &comparison.first, formula),
            "second": of_report(subject, &comparison.second, formula),
            "difference": of_difference(comparison),
        }),
    };
    if !verdicts.is_empty() {
        answer["published"] = verdicts.iter().map(|verdict| of_verdict(subject, verdict)).collect();
    }
    answer
}

fn estimate(estimate: Option<Estimate>) -> Value {
    // A single number where there is no interval: one replication of something, or a difference without spread.
    estimate.map_or(Value::Null, |e| json!({ "mean": e.mean, "low": e.low, "high": e.high }))
}

fn of_difference(comparison: &Comparison) -> Value {
    let better = match comparison.better() {
        Better::First => "first",
        Better::Second => "second",
        Better::NotClear => "not-clear",
    };
    json!({
        "service_level": estimate(comparison.difference),
        "formula": comparison.formula.name(),
        "confidence": comparison.confidence,
        "better": better,
    })
}

fn of_verdict(subject: &Subject, verdict: &Verdict) -> Value {
    json!({
        "figure": super::text::what(subject, verdict),
        "mean": verdict.published.mean,
        "between": verdict.published.interval.map(|(low, high)| [low, high]),
        "found": estimate(verdict.found),
        "agreement": verdict.agreement.word(),
        "met": verdict.agreement.is_met(),
    })
}

fn of_report(subject: &Subject, report: &Report, formula: ServiceLevelFormula) -> Value {
    let name = |queue: &usize| subject.scenario.queues.get(*queue).map_or("", |queue| queue.name.as_str());
    let slice = |slice: &SliceReport| of_slice(subject, slice, formula, slice.queues.iter().map(name).collect());
    let groups = report.groups.iter().zip(&subject.scenario.groups);
    let breaks = &report.breaks;
    json!({
        "title": subject.title,
        "replications": report.replications,
        "seed": report.seed,
        "formula": formula.name(),
        "target": subject.target,
        "interval_s": report.interval_s,
        "simulated_calls": report.simulated_calls,
        "queues": report.queues.iter().map(slice).collect::<Vec<_>>(),
        "pools": report.pools.iter().map(slice).collect::<Vec<_>>(),
        "total": slice(&report.total),
        "groups": groups.map(|(load, group)| of_group(&group.name, load)).collect::<Vec<_>>(),
        "agents": report.agents.iter().enumerate().map(|(n, agent)| of_agent(subject, n, agent)).collect::<Vec<_>>(),
        "breaks": {
            "taken": estimate(Some(breaks.taken())),
            "delayed_share": estimate(breaks.delayed_share()),
            "mean_delay_s": estimate(breaks.mean_delay_s()),
            "longest_delay_s": breaks.longest_delay_s,
            "delays": breaks.delay_classes.iter().map(|(limit_s, share)| delay_class(*limit_s, *share)).collect::<Vec<_>>(),
        },
        "further_attempts": estimate(Some(report.further_attempts)),
        "follow_ups": estimate(Some(report.follow_ups)),
        "recoveries": estimate(Some(report.recoveries)),
        "cut": estimate(Some(report.cut)),
    })
}

fn delay_class(limit_s: f64, share: f64) -> Value {
    let limit = if limit_s.is_finite() { json!(limit_s) } else { Value::Null };
    json!({ "at_most_s": limit, "share": share })
}

fn of_slice(subject: &Subject, slice: &SliceReport, formula: ServiceLevelFormula, names: Vec<&str>) -> Value {
    let mut answer = tally(&slice.whole);
    put(&mut answer, "queues", names.into());
    put(&mut answer, "occupancy", estimate(slice.load.whole.occupancy()));
    put(&mut answer, "occupancy_to_last_call", estimate(slice.load.to_last_call.occupancy()));
    put(&mut answer, "busy_agents", estimate(Some(slice.load.busy_agents())));
    put(&mut answer, "queue_length", estimate(Some(slice.queue_length())));
    // Several queues that are not all of them have no longest moment of their own.
    let longest = (slice.queues.len() == 1 || slice.queues.len() == subject.scenario.queues.len()).then(|| slice.longest_queue());
    put(&mut answer, "longest_queue", estimate(longest));
    put(
        &mut answer,
        "single_days",
        json!({
            "service_level_p10": slice.day_quantile(formula, 0.1),
            "service_level_p50": slice.day_quantile(formula, 0.5),
            "service_level_p90": slice.day_quantile(formula, 0.9),
        }),
    );
    let days = slice.days.iter().zip(&subject.days).map(|(day, (_, name))| named(tally(day), "day", name));
    put(&mut answer, "days", days.collect());
    let intervals = slice.intervals.iter().zip(&slice.load.intervals).enumerate();
    put(&mut answer, "intervals", intervals.map(|(n, cell)| of_interval(subject, slice, n, cell)).collect());
    Value::Object(answer)
}

fn of_interval(subject: &Subject, slice: &SliceReport, index: usize, (calls, load): (&CallTally, &LoadTally)) -> Value {
    let mut answer = tally(calls);
    put(&mut answer, "queue_length", estimate(slice.queue_length_of(index)));
    put(&mut answer, "occupancy", estimate(load.occupancy()));
    put(&mut answer, "staffed_s", estimate(Some(load.staffed_s())));
    if let Some((required, scheduled)) = subject.people.as_ref().and_then(|people| people.get(index)) {
        put(&mut answer, "required", json!(required));
        put(&mut answer, "scheduled", json!(scheduled));
    }
    named(answer, "at", subject.labels.get(index).map_or("", String::as_str))
}

fn named(mut answer: Map<String, Value>, key: &str, name: &str) -> Value {
    put(&mut answer, key, name.into());
    Value::Object(answer)
}

fn put(answer: &mut Map<String, Value>, key: &str, value: Value) {
    answer.insert(key.to_owned(), value);
}

fn tally(tally: &CallTally) -> Map<String, Value> {
    let mut levels = Map::new();
    for formula in ServiceLevelFormula::ALL {
        put(&mut levels, formula.name(), estimate(tally.service_level(formula)));
    }
    let mut answer = Map::new();
    put(&mut answer, "service_level", Value::Object(levels));
    put(&mut answer, "counts", counts(&tally.counts()));
    for (key, value) in [
        ("offered", Some(tally.offered())),
        ("answered", Some(tally.answered())),
        ("abandoned", Some(tally.abandoned())),
        ("blocked", Some(tally.blocked())),
        ("blocking", tally.blocking()),
        ("abandonment", tally.abandonment()),
        ("waited", tally.waited_share()),
        ("asa_s", tally.asa_s()),
        ("wait_s", tally.wait_s()),
        ("wait_of_waiting_s", tally.wait_of_waiting_s()),
        ("wait_of_abandoned_s", tally.wait_of_abandoned_s()),
        ("aht_s", tally.aht_s()),
    ] {
        put(&mut answer, key, estimate(value));
    }
    answer
}

fn counts(counts: &ServiceCounts) -> Value {
    json!({
        "answered_within": counts.answered_within,
        "answered_late": counts.answered_late,
        "abandoned_within": counts.abandoned_within,
        "abandoned_late": counts.abandoned_late,
        "short_abandons": counts.short_abandons,
    })
}

fn of_group(name: &str, load: &LoadReport) -> Value {
    json!({
        "name": name,
        "occupancy": estimate(load.whole.occupancy()),
        "occupancy_to_last_call": estimate(load.to_last_call.occupancy()),
        "busy_agents": estimate(Some(load.busy_agents())),
        "staffed_agents": estimate(Some(load.staffed_agents())),
        "busy_s": estimate(Some(load.whole.busy_s())),
        "staffed_s": estimate(Some(load.whole.staffed_s())),
    })
}

fn of_agent(subject: &Subject, index: usize, agent: &AgentReport) -> Value {
    json!({
        "name": subject.scenario.agents.get(index).map(|agent| agent.name.as_str()),
        "occupancy": estimate(agent.occupancy),
        "calls": agent.calls,
        "staffed_s": agent.staffed_s,
        "breaks": agent.breaks,
        "break_delay_s": agent.break_delay_s,
        "overtime_s": agent.overtime_s,
    })
}
