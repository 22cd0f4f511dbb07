//! The queues of a scenario file: when calls come and what their callers are like.

use fika_model::FaultCode;
use fika_simulation::{Arrivals, CallBack, Queue};

use super::fields::{Fields, Item};
use super::times::times;
use super::{day_factor, own_name};

/// Reads `[[queues]]`. A queue with a fault is there all the same, so that its name is known to the rest; the fault is noted.
pub(super) fn read(file: &Fields<'_>) -> Vec<Queue> {
    let threshold_s = file.seconds("threshold").unwrap_or(20.0);
    let short_abandon_s = file.seconds("short_abandon").unwrap_or(0.0);
    let tables = file.tables("queues");
    let mut names = Vec::new();
    let mut queues = Vec::new();
    for (n, fields) in tables.into_iter().enumerate() {
        let name = own_name(&fields, &format!("queue {}", n + 1), &names);
        names.push(name.clone());
        // The order in which a call looks for groups is read with the groups.
        let _ = fields.item("route");
        queues.push(Queue {
            name,
            arrivals: fields.needed("arrivals").and_then(|item| arrivals(&item)).unwrap_or(Arrivals::Listed(Vec::new())),
            day_factor_cv: fields.item("day_factor").and_then(|item| day_factor(&item)).unwrap_or(0.0),
            talk: fields.needed("talk").and_then(|item| times(&item)).unwrap_or_else(|| fika_simulation::Times::exponential(60.0)),
            wrapup: fields.item("wrapup").and_then(|item| times(&item)),
            patience: fields.item("patience").and_then(|item| times(&item)),
            threshold_s: fields.seconds("threshold").unwrap_or(threshold_s),
            short_abandon_s: fields.seconds("short_abandon").unwrap_or(short_abandon_s),
            call_back: fields.item("call_back").and_then(|item| call_back(&item)),
            hard_share: fields.number("hard_share").unwrap_or(0.0),
        });
        fields.finish();
    }
    queues
}

/// Reads a rate by period, or a table: `rate`, or `calls` expected by period, or `at`, the times of calls.
fn arrivals(item: &Item<'_>) -> Option<Arrivals> {
    let period_s = item.notes.period_s.get();
    let rates = |item: &Item<'_>| Some(Arrivals::Expected(item.each(Item::per_second)?.iter().map(|per_s| per_s * period_s).collect()));
    if !item.value.is_table() {
        return rates(item);
    }
    let fields = item.table()?;
    let (rate, calls, at) = (fields.item("rate"), fields.item("calls"), fields.item("at"));
    fields.finish();
    match (rate, calls, at) {
        (Some(rate), None, None) => rates(&rate),
        (None, Some(calls), None) => Some(Arrivals::Expected(calls.each(Item::number)?)),
        (None, None, Some(at)) if at.value.as_array().is_some_and(Vec::is_empty) => Some(Arrivals::Listed(Vec::new())),
        (None, None, Some(at)) => Some(Arrivals::Listed(at.each(Item::seconds)?)),
        _ => item.fault(FaultCode::Contradiction, "one of rate, calls (expected by period) and at (times of calls) is expected"),
    }
}

fn call_back(item: &Item<'_>) -> Option<CallBack> {
    let fields = item.table()?;
    let probability = fields.needed("probability").and_then(|item| item.number());
    let delay = fields.needed("delay").and_then(|item| times(&item));
    let keeps_patience = fields.item("keeps_patience").map_or(Some(false), |item| item.yes());
    fields.finish();
    Some(CallBack { probability: probability?, delay: delay?, keeps_patience: keeps_patience? })
}
