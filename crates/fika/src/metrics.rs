//! Every metric of the service, declared once: name, help, unit in the name, closed label sets.
//!
//! Labels are roles, topics, outcomes, codes, states and queues (queues are configuration, not traffic). Never agents, never calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use fika_model::{IntervalCounters, IntervalKey, RosterSummary, ServiceLevelFormula};
use fika_wire::dialect::Unknown;
use prometheus::{Encoder, Gauge, GaugeVec, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};

/// Names, kinds, labels and help of all metrics, for documents and for the test that holds dashboards to them.
pub(crate) const DECLARED: &[(&str, &[&str], &str)] = &[
    ("fika_build_info", &["version"], "Always 1; the label tells the version."),
    ("fika_events_read_total", &["topic"], "Sound events read from the bus."),
    ("fika_events_total", &["outcome"], "Sound events, by what became of them."),
    ("fika_dead_letters_total", &["code"], "Records set aside as unreadable, by the code of their first fault."),
    ("fika_dialect_records_total", &["dialect", "outcome"], "Records of ACDs in their own dialects, read or set aside."),
    ("fika_dialect_unknown_total", &["dialect", "kind"], "Event types and fields of ACDs that no reader knows; they are ignored."),
    ("fika_events_too_late_total", &["kind"], "Events that came after their call or agent had been closed; they are not counted."),
    ("fika_counters_published_total", &[], "Interval counters published."),
    ("fika_lag_records", &["role", "topic"], "Records on the bus that the role has not committed yet."),
    ("fika_role_ready", &["role"], "1 while the role works, 0 while it waits for the bus."),
    ("fika_bus_errors_total", &["role"], "Errors of the bus, each followed by another try."),
    ("fika_service_level_ratio", &["queue"], "Answered within the threshold, by all offered, in the last closed interval with calls."),
    ("fika_offered_calls", &["queue"], "Calls offered in the last closed interval with calls."),
    ("fika_requests_total", &["state"], "Roster requests by the states they reached."),
    ("fika_solves_running", &[], "Solves that are running."),
    ("fika_solve_seconds", &[], "Wall-clock time of finished solves."),
    ("fika_solver_deaths_total", &[], "Solves that died before an answer."),
    ("fika_roster_shortfall_minutes", &[], "Person-minutes short of the requirement in the last roster."),
    ("fika_roster_shortfall_bound_minutes", &[], "Person-minutes that no roster could have avoided, of the last roster."),
    ("fika_roster_required_minutes", &[], "Person-minutes required on the phones in the last roster."),
    ("fika_roster_predicted_service_level_ratio", &[], "Service level predicted for the last roster."),
    ("fika_roster_break_minutes", &[], "Minutes of break in the last roster."),
    ("fika_roster_social_minutes", &[], "Minutes of break in company in the last roster."),
    ("fika_roster_shifts", &[], "Shifts in the last roster."),
    ("fika_http_responses_total", &["route", "status"], "Answers of the HTTP interface by route and status code."),
];

/// The service's metrics and their registry.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) events_read: IntCounterVec,
    pub(crate) events: IntCounterVec,
    pub(crate) dead_letters: IntCounterVec,
    pub(crate) dialect_records: IntCounterVec,
    dialect_unknown: IntCounterVec,
    pub(crate) too_late: IntCounterVec,
    pub(crate) counters_published: IntCounter,
    pub(crate) lag: IntGaugeVec,
    pub(crate) role_ready: IntGaugeVec,
    pub(crate) bus_errors: IntCounterVec,
    service_level: GaugeVec,
    offered: GaugeVec,
    pub(crate) requests: IntCounterVec,
    pub(crate) solves_running: Gauge,
    pub(crate) solve_seconds: Histogram,
    pub(crate) solver_deaths: IntCounter,
    shortfall: Gauge,
    bound: Gauge,
    required: Gauge,
    predicted: Gauge,
    breaks: Gauge,
    social: Gauge,
    shifts: Gauge,
    pub(crate) http: IntCounterVec,
    latest: Mutex<BTreeMap<String, Latest>>,
}

/// The last two intervals of a queue that have calls, by start in seconds since 1970: the parts of their counters by partition.
type Latest = BTreeMap<i64, BTreeMap<String, IntervalCounters>>;

fn opts(name: &str) -> (Opts, &'static [&'static str]) {
    let (declared, labels, help) =
        DECLARED.iter().find(|(declared, ..)| *declared == name).expect("every metric is declared in the table above");
    (Opts::new(*declared, *help), labels)
}

impl Metrics {
    /// All metrics at zero.
    pub(crate) fn new() -> Result<Arc<Self>, prometheus::Error> {
        let registry = Registry::new();
        let r = &registry;
        let metrics = Self {
            events_read: counters(r, "fika_events_read_total")?,
            events: counters(r, "fika_events_total")?,
            dead_letters: counters(r, "fika_dead_letters_total")?,
            dialect_records: counters(r, "fika_dialect_records_total")?,
            dialect_unknown: counters(r, "fika_dialect_unknown_total")?,
            too_late: counters(r, "fika_events_too_late_total")?,
            counters_published: counter(r, "fika_counters_published_total")?,
            lag: gauges(r, "fika_lag_records")?,
            role_ready: gauges(r, "fika_role_ready")?,
            bus_errors: counters(r, "fika_bus_errors_total")?,
            service_level: float_gauges(r, "fika_service_level_ratio")?,
            offered: float_gauges(r, "fika_offered_calls")?,
            requests: counters(r, "fika_requests_total")?,
            solves_running: gauge(r, "fika_solves_running")?,
            solve_seconds: histogram(r, "fika_solve_seconds")?,
            solver_deaths: counter(r, "fika_solver_deaths_total")?,
            shortfall: gauge(r, "fika_roster_shortfall_minutes")?,
            bound: gauge(r, "fika_roster_shortfall_bound_minutes")?,
            required: gauge(r, "fika_roster_required_minutes")?,
            predicted: gauge(r, "fika_roster_predicted_service_level_ratio")?,
            breaks: gauge(r, "fika_roster_break_minutes")?,
            social: gauge(r, "fika_roster_social_minutes")?,
            shifts: gauge(r, "fika_roster_shifts")?,
            http: counters(r, "fika_http_responses_total")?,
            latest: Mutex::default(),
            registry,
        };
        gauges(&metrics.registry, "fika_build_info")?.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        Ok(Arc::new(metrics))
    }

    /// All metrics in Prometheus's text format.
    pub(crate) fn text(&self) -> Result<String, prometheus::Error> {
        let mut bytes = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Takes what a reader of a dialect did not know.
    pub(crate) fn observe_unknown(&self, dialect: &str, unknown: Unknown) {
        self.dialect_unknown.with_label_values(&[dialect, "type"]).inc_by(unknown.types);
        self.dialect_unknown.with_label_values(&[dialect, "field"]).inc_by(unknown.fields);
    }

    /// Takes one partition's part of the counters of a cell. An interval counts as closed once the queue has calls in a later one.
    pub(crate) fn observe_counters(&self, part: &str, key: &IntervalKey, counters: &IntervalCounters) {
        if counters.offered == 0 {
            return;
        }
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = latest.entry(key.queue.as_str().to_owned()).or_default();
        queue.entry(key.start.as_second()).or_default().insert(part.to_owned(), *counters);
        while queue.len() > 2 {
            queue.pop_first();
        }
        let closed = if queue.len() == 2 { queue.first_key_value() } else { None };
        if let Some((_, parts)) = closed {
            let mut sum = IntervalCounters::default();
            for part in parts.values() {
                sum.accumulate(part, 1);
            }
            let label = [key.queue.as_str()];
            self.offered.with_label_values(&label).set(sum.offered as f64);
            if let Some(level) = ServiceLevelFormula::AbandonsNegative.level(&sum.service()) {
                self.service_level.with_label_values(&label).set(level);
            }
        }
    }

    /// Takes the figures of a roster that was published.
    pub(crate) fn observe_roster(&self, summary: &RosterSummary) {
        self.shortfall.set(summary.shortfall_minutes);
        self.bound.set(summary.shortfall_bound_minutes);
        self.required.set(summary.required_minutes);
        self.breaks.set(summary.break_minutes as f64);
        self.social.set(summary.social_minutes as f64);
        self.shifts.set(f64::from(summary.shifts));
        if let Some(predicted) = summary.service_level {
            self.predicted.set(predicted.mean);
        }
    }
}

fn counters(registry: &Registry, name: &str) -> Result<IntCounterVec, prometheus::Error> {
    let (opts, labels) = opts(name);
    let metric = IntCounterVec::new(opts, labels)?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

fn counter(registry: &Registry, name: &str) -> Result<IntCounter, prometheus::Error> {
    let metric = IntCounter::with_opts(opts(name).0)?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

fn gauges(registry: &Registry, name: &str) -> Result<IntGaugeVec, prometheus::Error> {
    let (opts, labels) = opts(name);
    let metric = IntGaugeVec::new(opts, labels)?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

fn float_gauges(registry: &Registry, name: &str) -> Result<GaugeVec, prometheus::Error> {
    let (opts, labels) = opts(name);
    let metric = GaugeVec::new(opts, labels)?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

fn gauge(registry: &Registry, name: &str) -> Result<Gauge, prometheus::Error> {
    let metric = Gauge::with_opts(opts(name).0)?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

fn histogram(registry: &Registry, name: &str) -> Result<Histogram, prometheus::Error> {
    let (opts, _) = opts(name);
    let buckets = vec![0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0];
    let metric = Histogram::with_opts(HistogramOpts { common_opts: opts, buckets })?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

#[cfg(test)]
mod tests {
    use fika_model::{IntervalLength, QueueId, Timestamp};

    use super::*;

    #[test]
    fn names_follow_prometheus_customs_and_are_declared_once() {
        let mut names: Vec<&str> = DECLARED.iter().map(|(name, ..)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), DECLARED.len());
        for (name, _, help) in DECLARED {
            assert!(name.starts_with("fika_") && help.ends_with('.'), "{name}");
        }
    }

    #[test]
    fn the_service_level_is_that_of_the_last_closed_interval() {
        let metrics = Metrics::new().expect("metrics register");
        let see = |part: &str, minute: i64, within: i64, offered: i64| {
            let queue = QueueId::new("sales").expect("an id");
            let start = Timestamp::from_second(minute * 60).expect("a time");
            let key = IntervalKey { queue, start, length: IntervalLength::QUARTER_HOUR };
            let counters = IntervalCounters { offered, answered: offered, answered_within: within, ..IntervalCounters::default() };
            metrics.observe_counters(part, &key, &counters);
            metrics.text().expect("text").lines().find(|line| line.starts_with("fika_service_level_ratio{")).map(str::to_owned)
        };
        assert_eq!(see("calls/0", 0, 1, 2), None, "nothing is closed yet");
        assert_eq!(see("calls/0", 15, 2, 2).as_deref(), Some("fika_service_level_ratio{queue=\"sales\"} 0.5"));
        assert_eq!(see("calls/0", 0, 3, 4).as_deref(), Some("fika_service_level_ratio{queue=\"sales\"} 0.75"), "a late event counts");
        let parts = see("calls/1", 0, 0, 1);
        assert_eq!(parts.as_deref(), Some("fika_service_level_ratio{queue=\"sales\"} 0.6"), "partitions add up");
        assert_eq!(see("calls/0", 30, 0, 0).as_deref(), Some("fika_service_level_ratio{queue=\"sales\"} 0.6"), "no calls close nothing");
    }
}
