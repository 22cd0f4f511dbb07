//! One interval's answer: the number, and a table of what fewer and more people would give.

use std::collections::BTreeMap;
use std::fmt::Write;

use fika_model::ServiceLevelFormula;
use fika_staffing::{Goal, Model, Performance, Sizing, Traffic, size};
use serde_json::{Value, json};

use super::values::duration;
use super::{Capacity, promise, round};
use crate::paint::{Paint, Tone};

/// Rows of the table on either side of the answer.
const ROWS_AROUND: u32 = 4;
/// Above this, people have too little time between calls to keep it up.
const TIRING_OCCUPANCY: f64 = 0.85;

/// What one interval needs.
pub(super) struct Answer {
    traffic: Traffic,
    model: Model,
    goal: Goal,
    capacity: Capacity,
    interval_s: f64,
    sizing: Sizing,
}

impl Answer {
    pub(super) fn new(traffic: Traffic, model: Model, goal: Goal, capacity: Capacity, interval_s: f64) -> Self {
        let mut sizing = size(model, traffic, &goal);
        if sizing.phones() == 0 && traffic.load_erlangs() > 0.0 {
            // Where anybody calls, somebody answers, however low the promise.
            sizing.for_service = 1;
            sizing.predicted = model.evaluate(traffic, 1, goal.thresholds());
        }
        Self { traffic, model, goal, capacity, interval_s, sizing }
    }

    /// The limit that asks for the most people.
    fn binding(&self) -> &'static str {
        if self.sizing.phones() == 0 {
            "no-demand"
        } else if self.sizing.for_occupancy > self.sizing.for_service {
            "occupancy"
        } else {
            "service-level"
        }
    }

    /// The answer and the rows around it.
    fn rows(&self) -> Vec<Performance> {
        let agents = self.sizing.phones();
        let around = agents.saturating_sub(ROWS_AROUND).max(1)..=agents.saturating_add(ROWS_AROUND);
        around.map(|servers| self.model.evaluate(self.traffic, servers, self.goal.thresholds())).collect()
    }

    fn level(&self, performance: &Performance) -> Option<f64> {
        performance.service_level(self.goal.target.formula).filter(|_| self.traffic.load_erlangs() > 0.0)
    }

    /// The answer as JSON: times in seconds, shares from 0 to 1; what has no value, such as a wait in overload, is null.
    pub(super) fn json(&self) -> Value {
        let mut answer = self.performance_json(&self.sizing.predicted);
        let more = json!({
            "model": self.model.name(),
            "formula": self.goal.target.formula.name(),
            "target": self.goal.target.fraction.get(),
            "threshold_s": self.goal.target.threshold_s,
            "max_occupancy": (self.goal.occupancy_ceiling < 1.0).then_some(self.goal.occupancy_ceiling),
            "shrinkage": self.capacity.shrinkage,
            "comfort_minutes_per_hour": self.capacity.comfort * 60.0,
            "recovery_s_per_call": self.capacity.recovery_s_per_call,
            "load_erlangs": self.traffic.load_erlangs(),
            "binding": self.binding(),
            "agents_for_service_level": self.sizing.for_service,
            "agents_for_occupancy": self.sizing.for_occupancy,
            "table": self.rows().iter().map(|row| self.performance_json(row)).collect::<Vec<_>>(),
        });
        if let (Some(answer), Value::Object(more)) = (answer.as_object_mut(), more) {
            answer.extend(more);
        }
        answer
    }

    fn performance_json(&self, performance: &Performance) -> Value {
        let finite = |value: f64| value.is_finite().then_some(value);
        let calls = self.traffic.load_erlangs() > 0.0;
        let level = |formula: ServiceLevelFormula| performance.service_level(formula).filter(|_| calls);
        let levels: BTreeMap<&str, Option<f64>> =
            ServiceLevelFormula::ALL.iter().map(|formula| (formula.name(), level(*formula))).collect();
        json!({
            "agents": performance.servers,
            "agents_with_shrinkage": self.capacity.heads(performance, self.traffic),
            "service_level": self.level(performance),
            "service_levels": levels,
            "probability_of_waiting": performance.probability_of_waiting,
            "asa_s": finite(performance.asa_s),
            "occupancy": performance.occupancy,
            "abandoned": performance.abandoned,
            "mean_wait_s": finite(performance.mean_wait_s),
            "mean_wait_of_waiting_s": finite(performance.mean_wait_of_waiting_s),
            "queue_length": finite(performance.queue_length),
            "stable": performance.stable,
        })
    }

    /// The answer for people.
    pub(super) fn text(&self, paint: Paint) -> String {
        let agents = self.sizing.phones();
        let noun = if agents == 1 { "agent" } else { "agents" };
        let mut out = paint.tone(Tone::Strong, &format!("{agents} {noun} on the phones"));
        let bought = self.capacity.words();
        if !bought.is_empty() {
            let _ = write!(out, ", {} on shift with {bought}", self.capacity.heads(&self.sizing.predicted, self.traffic));
        }
        out.push_str("\n\n");
        self.explain(&mut out);
        if agents > 0 {
            out.push('\n');
            self.table(&mut out, paint);
        }
        out
    }

    fn explain(&self, out: &mut String) {
        let calls = self.traffic.calls_per_s() * self.interval_s;
        let load = self.traffic.load_erlangs();
        let (interval, handling) = (duration(self.interval_s), duration(self.traffic.handling_s()));
        let callers = match self.model {
            Model::ErlangC => "Erlang C: callers wait for ever".to_owned(),
            Model::ErlangA { patience_s } => format!("Erlang A: callers give up after {} on average", duration(patience_s)),
        };
        let _ = writeln!(out, "{} calls in {interval}, {handling} each: {} erlangs. {callers}.", round(calls, 3), round(load, 3));
        let binds = |name: &str| if self.binding() == name { ", which binds" } else { "" };
        let (formula, served) = (self.goal.target.formula.name(), self.sizing.for_service);
        let _ = writeln!(out, "{} (formula {formula}): from {served} on{}.", promise(&self.goal), binds("service-level"));
        let spared = self.sizing.for_occupancy;
        if self.goal.occupancy_ceiling < 1.0 {
            let ceiling = round(self.goal.occupancy_ceiling * 100.0, 2);
            let _ = writeln!(out, "Occupancy at most {ceiling} %: from {spared} on{}.", binds("occupancy"));
        } else if self.sizing.predicted.occupancy > TIRING_OCCUPANCY {
            let rested = size(self.model, self.traffic, &Goal { occupancy_ceiling: TIRING_OCCUPANCY, ..self.goal }).phones();
            let _ = writeln!(
                out,
                "Occupancy is {:.1} %, and people do not keep up more than 85 % for long: --max-occupancy 0.85 would ask for {rested}.",
                self.sizing.predicted.occupancy * 100.0
            );
        }
    }

    fn table(&self, out: &mut String, paint: Paint) {
        let heading = "   agents  on shift   service  waiting        ASA  wait if any  abandoned  occupancy    queue";
        let _ = writeln!(out, "{}", paint.tone(Tone::Faint, heading));
        for row in self.rows() {
            let answer = row.servers == self.sizing.phones();
            let line = format!(
                "{} {:>7} {:>9} {:>9} {:>8} {:>10} {:>12} {:>10} {:>10} {:>8}{}",
                if answer { "▶" } else { " " },
                row.servers,
                self.capacity.heads(&row, self.traffic),
                self.level(&row).map_or_else(|| "–".to_owned(), percent),
                percent(row.probability_of_waiting),
                time(row.asa_s),
                time(row.mean_wait_of_waiting_s),
                percent(row.abandoned),
                percent(row.occupancy),
                if row.queue_length.is_finite() { format!("{:.2}", row.queue_length) } else { "grows".to_owned() },
                self.remark(&row),
            );
            let _ = writeln!(out, "{}", if answer { paint.tone(Tone::Good, &line) } else { line });
        }
    }

    /// Which limits so many people break.
    fn remark(&self, row: &Performance) -> String {
        let mut broken = Vec::new();
        if !row.stable {
            broken.push("overload");
        } else if !self.goal.serves(row) {
            broken.push("service too low");
        }
        if !self.goal.spares(row) {
            broken.push("too busy");
        }
        if broken.is_empty() { String::new() } else { format!("  {}", broken.join(", ")) }
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn time(seconds: f64) -> String {
    if seconds.is_finite() { format!("{seconds:.1} s") } else { "no end".to_owned() }
}

#[cfg(test)]
mod tests {
    use fika_model::ServiceLevelTarget;

    use super::*;

    fn answer(calls: f64, handling_s: f64, model: Model, ceiling: f64) -> Answer {
        let traffic = Traffic::in_interval(calls, 1800.0, handling_s).expect("in range");
        let goal = Goal { occupancy_ceiling: ceiling, ..Goal::service(ServiceLevelTarget::default()) };
        let capacity = Capacity { shrinkage: 0.3, comfort: 0.0, recovery_s_per_call: 0.0 };
        Answer::new(traffic, model, goal, capacity, 1800.0)
    }

    #[test]
    fn comfort_and_recovery_are_bought_as_capacity() {
        let plain = answer(100.0, 180.0, Model::ErlangC, 1.0);
        let with = |comfort, recovery_s_per_call| {
            let capacity = Capacity { shrinkage: 0.3, comfort, recovery_s_per_call };
            let bought = Answer::new(plain.traffic, plain.model, plain.goal, capacity, 1800.0);
            bought.json()["agents_with_shrinkage"].clone()
        };
        // 14 / 0.7 = 20; 14 / (0.9 * 0.7) = 22.2; a call takes 18 s of recovery, so one more person recovers all the time: 15 / 0.7.
        assert_eq!((with(0.0, 0.0), with(0.1, 0.0), with(0.0, 18.0)), (json!(20), json!(23), json!(22)));
        let levels = &plain.json()["service_levels"];
        assert!(ServiceLevelFormula::ALL.iter().all(|formula| (levels[formula.name()].as_f64().unwrap_or(0.0) - 0.88835).abs() < 1e-4));
    }

    #[test]
    fn a_calculators_example_comes_out() {
        let json = answer(100.0, 180.0, Model::ErlangC, 1.0).json();
        assert_eq!((&json["agents"], &json["agents_with_shrinkage"]), (&json!(14), &json!(20)));
        for (key, expected) in [("service_level", 0.88835), ("probability_of_waiting", 0.17413), ("asa_s", 7.83594), ("occupancy", 0.71429)]
        {
            let found = json[key].as_f64().unwrap_or_default();
            assert!((found - expected).abs() < 1e-4, "{key}: {found}");
        }
        assert_eq!((&json["abandoned"], &json["binding"]), (&json!(0.0), &json!("service-level")));
        assert_eq!(json["table"].as_array().map(Vec::len), Some(9));
        assert!(json["table"][0]["asa_s"].is_null() && json["table"][0]["stable"] == json!(false), "10 agents drown in 10 erlangs");
    }

    #[test]
    fn the_table_marks_the_answer_and_what_fewer_break() {
        let text = answer(100.0, 180.0, Model::ErlangC, 1.0).text(Paint::plain());
        let marked: Vec<&str> = text.lines().filter(|line| line.starts_with('▶')).collect();
        assert!(marked.len() == 1 && marked[0].contains("14") && marked[0].contains("88.8 %"), "{text}");
        assert!(text.contains("14 agents on the phones, 20 on shift with 30 % shrinkage"), "{text}");
        assert!(text.lines().any(|line| line.contains("no end") && line.ends_with("overload")), "{text}");
        assert!(text.lines().any(|line| line.contains(" 13 ") && line.ends_with("service too low")), "{text}");
    }

    #[test]
    fn the_binding_limit_is_said() {
        let bound = answer(750.0, 240.0, Model::ErlangC, 0.85);
        assert_eq!((bound.sizing.phones(), bound.binding()), (118, "occupancy"));
        assert!(bound.text(Paint::plain()).contains("Occupancy at most 85 %: from 118 on, which binds"));
        let free = answer(750.0, 240.0, Model::ErlangC, 1.0).text(Paint::plain());
        assert!(free.contains("--max-occupancy 0.85 would ask for 118"), "{free}");
    }

    #[test]
    fn no_calls_need_nobody_and_few_calls_somebody() {
        let none = answer(0.0, 180.0, Model::ErlangC, 1.0);
        assert_eq!((none.json()["agents"].clone(), none.json()["service_level"].clone()), (json!(0), Value::Null));
        assert!(none.text(Paint::plain()).starts_with("0 agents"));
        assert_eq!(answer(0.001, 180.0, Model::ErlangA { patience_s: 1e9 }, 1.0).sizing.phones(), 1);
    }
}
