//! `fika solve --what-if`: the request with something changed, side by side with the request as it is.

use std::fmt::Write;
use std::process::ExitCode;
use std::str::FromStr;

use fika_model::Request;
use fika_model::fault::{FaultCode, Faults};
use fika_model::request::RequestParts;
use fika_planning::{Figures, Lever, PlanError, Planned, ScaleError, scale};
use fika_wire::{convert, json};
use serde_json::{Value, json};

use crate::cli::{self, exit};
use crate::columns;
use crate::commands::solve;

mod path;

/// One change of a scenario.
#[derive(Debug, Clone, PartialEq)]
enum Change {
    /// Something scaled as a whole, by a factor.
    Scaled(Lever, f64),
    /// A value of the request at a path.
    Set(String, Amount),
}

/// What a value becomes.
#[derive(Debug, Clone, PartialEq)]
enum Amount {
    /// Its product with a factor.
    Times(f64),
    /// Another value.
    Value(Value),
}

/// Changes that are looked at together, such as `calls=-20%,wellbeing.socialMinutes=20`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scenario {
    text: String,
    changes: Vec<Change>,
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let changes = text.split(',').map(|one| change(one.trim())).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), changes })
    }
}

fn change(text: &str) -> Result<Change, String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is no NAME=CHANGE"))?;
    let amount = amount(value)?;
    let lever = match name {
        "calls" => Lever::Calls,
        "aht" => Lever::HandlingTime,
        "patience" => Lever::Patience,
        "staff" => Lever::Staff,
        path => return Ok(Change::Set(path.to_owned(), amount)),
    };
    match amount {
        Amount::Times(factor) => Ok(Change::Scaled(lever, factor)),
        Amount::Value(_) => Err(format!("{name} changes by a share, such as {name}=-20% or {name}=80%")),
    }
}

/// `-20%` and `+20%` change by a share, `80%` is a share of what it was, all else is the new value.
fn amount(text: &str) -> Result<Amount, String> {
    if let Some(percent) = text.strip_suffix('%') {
        let share: f64 = percent.trim().parse().map_err(|_| format!("{text:?} is no percentage"))?;
        let signed = percent.starts_with(['+', '-']);
        return Ok(Amount::Times(if signed { 1.0 + share / 100.0 } else { share / 100.0 }));
    }
    Ok(Amount::Value(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))))
}

/// The factor that a share such as `-20%` or `80%` is.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    match amount(text)? {
        Amount::Times(factor) => Ok(factor),
        Amount::Value(_) => Err(format!("{text:?} is no share such as +15%")),
    }
}

impl Scenario {
    fn at(&self) -> String {
        format!("--what-if {}", self.text)
    }

    /// The request with the values at paths changed.
    fn request(&self, written: &Request) -> Result<Request, Faults> {
        let sets: Vec<_> = self
            .changes
            .iter()
            .filter_map(|change| if let Change::Set(path, amount) = change { Some((path, amount)) } else { None })
            .collect();
        if sets.is_empty() {
            return Ok(written.clone());
        }
        let message = |request: &Request| serde_json::to_value(convert::request_message(request)).unwrap_or_default();
        let mut value = message(written);
        for (path, amount) in &sets {
            path::change(&mut value, path, |old| new_value(old, amount))
                .map_err(|cause| Faults::one(FaultCode::UnknownSetting, self.at(), cause))?;
        }
        let read = |bytes: &[u8]| json::read_then(bytes, json::MESSAGE_LIMIT_BYTES, convert::parse_request);
        let changed = read(value.to_string().as_bytes())?;
        // A name that the contract does not know is read over: it is not there when the request is written again.
        let again = message(&changed);
        for (path, _) in &sets {
            if path::values(&again, path).is_empty() && !path::values(&value, path).iter().all(|value| is_default(value)) {
                return Err(Faults::one(FaultCode::UnknownSetting, self.at(), format!("the request has no {path}")));
            }
        }
        Ok(changed)
    }

    fn scaled(&self, parts: &mut RequestParts, history: &mut Option<Vec<fika_model::forecast::QueueForecast>>) -> Result<(), Faults> {
        for change in &self.changes {
            if let Change::Scaled(lever, factor) = change {
                scale(parts, history.as_mut(), *lever, *factor).map_err(|error| {
                    let code = match error {
                        ScaleError::NoCalls | ScaleError::NoPatience => FaultCode::Contradiction,
                        ScaleError::Factor { .. } | ScaleError::Nobody { .. } => FaultCode::OutOfRange,
                        ScaleError::Id(_) => FaultCode::BadId,
                    };
                    Faults::one(code, self.at(), error)
                })?;
            }
        }
        Ok(())
    }
}

/// What is left out when it is written: proto3's defaults.
fn is_default(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty() || text == "0",
        Value::Array(list) => list.is_empty(),
        Value::Object(_) => false,
    }
}

/// The new value; a product keeps whole numbers whole, and numbers written as text so.
fn new_value(old: Option<&Value>, amount: &Amount) -> Result<Value, String> {
    let factor = match amount {
        Amount::Value(value) => return Ok(value.clone()),
        Amount::Times(factor) => factor,
    };
    match old {
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => {
            Ok(json!((number.as_f64().unwrap_or_default() * factor).round() as i64))
        }
        Some(Value::Number(number)) => Ok(json!(number.as_f64().unwrap_or_default() * factor)),
        Some(Value::String(text)) => match text.parse::<f64>() {
            Ok(number) => Ok(Value::String(format!("{}", (number * factor).round()))),
            Err(_) => Err(format!("{text:?} is no number to scale")),
        },
        Some(other) => Err(format!("{other} is no number to scale")),
        None => Err("there is no number to scale".to_owned()),
    }
}

/// One column of the table.
struct Column {
    head: String,
    agents: usize,
    outcome: Result<Planned, PlanError>,
}

/// Solves the request as it is and in each scenario, and shows them side by side.
pub(crate) fn run(args: &solve::Args, written: &Request) -> anyhow::Result<ExitCode> {
    let mut requests = vec![("as asked".to_owned(), written.clone(), args.demand.history(written)?)];
    let mut faults = Faults::default();
    for scenario in &args.what_if {
        let made = scenario.request(written).and_then(|request| {
            let mut history = args.demand.history(&request)?;
            let mut parts = (*request).clone();
            scenario.scaled(&mut parts, &mut history)?;
            Ok((scenario.text.clone(), Request::check(parts)?, history))
        });
        match made {
            Ok(made) => requests.push(made),
            Err(more) => faults.0.extend(more.0),
        }
    }
    if !faults.0.is_empty() {
        return Err(faults.into());
    }
    let mut columns = Vec::new();
    for (head, request, history) in requests {
        let outcome = solve::solve(args, &request, history.as_deref(), Some(&head))?;
        if let (true, Ok(planned), Some(output)) = (columns.is_empty(), &outcome, &args.output) {
            crate::files::write(output, &convert::roster_message(&planned.roster, Some(&planned.summary)))?;
        }
        columns.push(Column { head, agents: request.agents.len(), outcome });
    }
    let all = columns.iter().all(|column| column.outcome.is_ok());
    cli::print(&if args.json { format!("{:#}\n", value(&columns)) } else { text(&columns) })?;
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::from(exit::NO) })
}

fn figures(column: &Column) -> Figures {
    column.outcome.as_ref().map_or_else(|_| Figures::default(), |planned| Figures::of(&planned.roster, Some(&planned.summary)))
}

fn text(columns: &[Column]) -> String {
    let heads: Vec<String> = columns.iter().map(|column| column.head.clone()).collect();
    let figures: Vec<Figures> = columns.iter().map(figures).collect();
    let mut rows = vec![("agents".to_owned(), columns.iter().map(|column| column.agents.to_string()).collect())];
    rows.extend(columns::rows(&figures));
    let mut out = columns::table(&heads, &rows);
    for column in columns {
        if let Err(error) = &column.outcome {
            let _ = writeln!(out, "  {}: {error}\n{}", column.head, error.faults());
        }
    }
    out
}

fn value(columns: &[Column]) -> Value {
    let column = |column: &Column| match &column.outcome {
        Ok(_) => json!({ "scenario": column.head, "agents": column.agents, "figures": columns::value(&figures(column)) }),
        Err(error) => {
            let faults = error.faults().0.into_iter().map(|f| json!({ "at": f.at, "code": f.code.code(), "cause": f.cause }));
            json!({ "scenario": column.head, "agents": column.agents, "faults": faults.collect::<Vec<_>>() })
        }
    };
    json!({ "scenarios": columns.iter().map(column).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_read() {
        let check = |text: &str, expect: Result<Vec<Change>, ()>| {
            assert_eq!(text.parse::<Scenario>().map(|scenario| scenario.changes).map_err(|_| ()), expect, "{text}");
        };
        check("calls=-20%", Ok(vec![Change::Scaled(Lever::Calls, 0.8)]));
        check("aht=+50%,staff=50%", Ok(vec![Change::Scaled(Lever::HandlingTime, 1.5), Change::Scaled(Lever::Staff, 0.5)]));
        check("a.b=20", Ok(vec![Change::Set("a.b".into(), Amount::Value(json!(20)))]));
        check("a.b=+10%", Ok(vec![Change::Set("a.b".into(), Amount::Times(1.1))]));
        check("a=08:00", Ok(vec![Change::Set("a".into(), Amount::Value(json!("08:00")))]));
        check("calls=20", Err(()));
        check("calls=x%", Err(()));
        check("calls", Err(()));
    }

    #[test]
    fn products_keep_the_kind_of_a_number() {
        let check = |old: Value, expect: Result<Value, ()>| assert_eq!(new_value(Some(&old), &Amount::Times(1.1)).map_err(|_| ()), expect);
        check(json!(660), Ok(json!(726)));
        check(json!(5), Ok(json!(6)));
        check(json!(0.5), Ok(json!(0.55)));
        check(json!("100"), Ok(json!("110")));
        check(json!("08:00"), Err(()));
        check(json!(true), Err(()));
    }
}
