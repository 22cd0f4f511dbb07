//! The queues of a scenario file: when calls come and what their callers are like.

use fika_model::FaultCode;
use fika_simulation::{Arrivals, CallBack, FollowUp, Period, Queue, Shape, Times};

use super::fields::{Fields, Item};
use super::times::{factor, gaps, times};
use super::{index, own_name};

/// Reads `[[queues]]`. A queue with a fault is there all the same, so that its name is known to the rest; the fault is noted.
pub(super) fn read(file: &Fields<'_>) -> Vec<Queue> {
    let threshold_s = file.seconds("threshold").unwrap_or(20.0);
    let short_abandon_s = file.seconds("short_abandon").unwrap_or(0.0);
    let tables = file.tables("queues");
    let mut names: Vec<String> = Vec::new();
    for (n, fields) in tables.iter().enumerate() {
        names.push(own_name(fields, &format!("queue {}", n + 1), &names));
    }
    let one = |(fields, name): (Fields<'_>, &String)| {
        let factor = |key| fields.item(key).and_then(|item| factor(&item)).unwrap_or(Shape::Constant);
        let (arrivals, gaps) =
            fields.needed("arrivals").and_then(|item| arrivals(&item)).unwrap_or((Arrivals::Listed(Vec::new()), Shape::Exponential));
        // The order in which a call looks for groups is read with the groups.
        let _ = fields.item("route");
        let queue = Queue {
            gaps,
            day_factor: factor("day_factor"),
            period_factor: factor("period_factor"),
            wrapup: fields.item("wrapup").and_then(|item| times(&item)),
            handled_by: fields.item("handled_by").and_then(|item| handled_by(&item)).unwrap_or_default(),
            patience: fields.item("patience").and_then(|item| times(&item)),
            threshold_s: fields.seconds("threshold").unwrap_or(threshold_s),
            short_abandon_s: fields.seconds("short_abandon").unwrap_or(short_abandon_s),
            waiting_room: fields.item("waiting_room").and_then(|item| item.whole()),
            call_back: fields.item("call_back").and_then(|item| call_back(&item)),
            follow_up: fields.item("follow_up").and_then(|item| follow_up(&item, &names)),
            hard_share: fields.number("hard_share").unwrap_or(0.0),
            ..Queue::plain(
                name.clone(),
                arrivals,
                fields.needed("talk").and_then(|item| times(&item)).unwrap_or_else(|| Times::exponential(60.0)),
            )
        };
        fields.finish();
        queue
    };
    tables.into_iter().zip(&names).map(one).collect()
}

fn handled_by(item: &Item<'_>) -> Option<Period> {
    match item.text()? {
        "arrival" => Some(Period::Arrival),
        "answer" => Some(Period::Answer),
        other => item.fault(FaultCode::BadSetting, format!("{other:?} is neither \"arrival\" nor \"answer\"")),
    }
}

/// Reads a rate by period, or a table: `rate`, or `calls` expected by period, either with `gaps`; or `at`, the times of calls.
fn arrivals(item: &Item<'_>) -> Option<(Arrivals, Shape)> {
    if !item.value.is_table() {
        return Some((rates(item)?, Shape::Exponential));
    }
    let fields = item.table()?;
    let (rate, calls, at) = (fields.item("rate"), fields.item("calls"), fields.item("at"));
    let gaps = fields.item("gaps").map_or(Some(Shape::Exponential), |item| gaps(&item));
    let listed = at.is_some() && fields.has("gaps");
    fields.finish();
    let arrivals = match (rate, calls, at) {
        (Some(rate), None, None) => rates(&rate)?,
        (None, Some(calls), None) => expected(&calls, Item::number)?,
        (None, None, Some(_)) if listed => return item.fault(FaultCode::Contradiction, "calls at told times have no gaps to choose"),
        (None, None, Some(at)) if at.value.as_array().is_some_and(Vec::is_empty) => Arrivals::Listed(Vec::new()),
        (None, None, Some(at)) => Arrivals::Listed(at.each(Item::seconds)?),
        _ => return item.fault(FaultCode::Contradiction, "one of rate, calls (expected by period) and at (times of calls) is expected"),
    };
    Some((arrivals, gaps?))
}

fn rates(item: &Item<'_>) -> Option<Arrivals> {
    let period_s = item.notes.period_s.get();
    expected(item, |item| Some(item.per_second()? * period_s))
}

/// Calls by period; nobody calls before the first period or after the last, so what a list says of then is left out.
fn expected<'a>(item: &Item<'a>, read: impl Fn(&Item<'a>) -> Option<f64>) -> Option<Arrivals> {
    Some(Arrivals::Expected(item.by_period(read)?.0))
}

fn follow_up(item: &Item<'_>, names: &[String]) -> Option<FollowUp> {
    let fields = item.table()?;
    let probability = fields.needed("probability").and_then(|item| item.number());
    let queue = fields.needed("queue").and_then(|item| index(&item, names, "queue"));
    let none = Times { shape: Shape::Constant, mean_s: vec![0.0] };
    let delay = fields.item("delay").map_or(Some(none), |item| times(&item));
    fields.finish();
    Some(FollowUp { probability: probability?, queue: queue?, delay: delay? })
}

fn call_back(item: &Item<'_>) -> Option<CallBack> {
    let fields = item.table()?;
    let probability = fields.needed("probability").and_then(|item| item.number());
    let delay = fields.needed("delay").and_then(|item| times(&item));
    let keeps_patience = fields.item("keeps_patience").map_or(Some(false), |item| item.yes());
    fields.finish();
    Some(CallBack { probability: probability?, delay: delay?, keeps_patience: keeps_patience? })
}
