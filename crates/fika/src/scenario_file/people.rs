//! Agents with plans of their own in a scenario file: shifts with breaks, or pieces of work one by one.

use fika_model::FaultCode;
use fika_simulation::{Agent, Duty, Piece, Reason};

use super::fields::{Fields, Item};
use super::index;

/// Reads `[[agents]]`; `count` makes several of a kind.
pub(super) fn read(file: &Fields<'_>, queues: &[String], groups: &[String]) -> Vec<Agent> {
    let mut agents = Vec::new();
    for (n, fields) in file.tables("agents").into_iter().enumerate() {
        let name = fields.item("name").and_then(|name| name.text()).map_or_else(|| format!("agent {}", n + 1), str::to_owned);
        let count: u32 = fields.item("count").map_or(Some(1), |item| item.whole()).unwrap_or(1);
        let proficiency = fields.item("proficiency").and_then(|item| proficiency(&item, queues)).unwrap_or_default();
        let pieces = plan(&fields, groups).unwrap_or_default();
        fields.finish();
        if count == 1 {
            agents.push(Agent { name, proficiency, pieces });
        } else {
            let copy = |n| Agent { name: format!("{name} {n}"), proficiency: proficiency.clone(), pieces: pieces.clone() };
            agents.extend((1..=count.min(200_000)).map(copy));
        }
    }
    agents
}

/// A speed for all queues, or a table by queue.
fn proficiency(item: &Item<'_>, queues: &[String]) -> Option<Vec<f64>> {
    let Some(table) = item.value.as_table() else { return Some(vec![item.number()?; queues.len()]) };
    let mut speeds = vec![1.0; queues.len()];
    let fields = item.table()?;
    for name in table.keys() {
        let speed = fields.any(name)?;
        match queues.iter().position(|queue| queue == name) {
            Some(queue) => speeds[queue] = speed.number()?,
            None => {
                return speed.fault(FaultCode::UnknownReference, format!("no queue is called {name:?}; there are {}", queues.join(", ")));
            }
        }
    }
    Some(speeds)
}

fn plan(fields: &Fields<'_>, groups: &[String]) -> Option<Vec<Piece>> {
    let group = fields.item("group").and_then(|item| index(&item, groups, "group"));
    let (shifts, breaks, pieces) = (fields.item("shifts"), fields.tables("breaks"), fields.item("pieces"));
    match (shifts, pieces) {
        (None, Some(pieces)) => pieces.each(|item| piece(item, group, groups)),
        (Some(shifts), None) => {
            let Some(group) = group else { return fields.fault(FaultCode::Missing, "group", "a shift needs the group of the agent") };
            let mut pauses = Vec::new();
            for pause in breaks {
                pauses.push(away(pause)?);
            }
            pauses.sort_by(|a: &Piece, b| a.from_s.total_cmp(&b.from_s));
            let shifts = shifts.each(span)?;
            let outside = pauses.iter().find(|pause| !shifts.iter().any(|(from, to)| pause.from_s >= *from && pause.to_s <= *to));
            if outside.is_some() {
                return fields.fault(FaultCode::Contradiction, "breaks", "a break lies outside every shift");
            }
            Some(shifts.iter().flat_map(|shift| tiled(*shift, group, &pauses)).collect())
        }
        (None, None) => fields.fault(FaultCode::Missing, "shifts", "give shifts such as [\"0h to 8h\"], or pieces"),
        (Some(_), Some(_)) => fields.fault(FaultCode::Contradiction, "pieces", "both shifts and pieces are given"),
    }
}

/// Reads `"2h to 2h15m"`.
fn span(item: &Item<'_>) -> Option<(f64, f64)> {
    let text = item.text()?;
    let read = |part: &str| super::quantity::seconds(part).ok();
    let ends = text.split_once(" to ").and_then(|(from, to)| Some((read(from)?, read(to)?)));
    match ends {
        Some((from, to)) if from < to => Some((from, to)),
        _ => item.fault(FaultCode::BadSetting, format!("{text:?} is no stretch of time; write for example \"2h to 2h15m\"")),
    }
}

fn tiled((from_s, to_s): (f64, f64), group: usize, pauses: &[Piece]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at_s = from_s;
    let phones = |from_s, to_s| Piece { from_s, to_s, duty: Duty::Phones { group } };
    for pause in pauses.iter().filter(|pause| pause.from_s >= from_s && pause.to_s <= to_s) {
        if pause.from_s > at_s {
            pieces.push(phones(at_s, pause.from_s));
        }
        pieces.push(*pause);
        at_s = pause.to_s;
    }
    if at_s < to_s {
        pieces.push(phones(at_s, to_s));
    }
    pieces
}

fn reason(item: &Item<'_>) -> Option<Reason> {
    match item.text()? {
        "rest" => Some(Reason::RestBreak),
        "meal" => Some(Reason::Meal),
        "huddle" => Some(Reason::Huddle),
        "other" => Some(Reason::OtherWork),
        other => item.fault(FaultCode::BadSetting, format!("{other:?} is none of rest, meal, huddle, other")),
    }
}

fn away(fields: Fields<'_>) -> Option<Piece> {
    let at = fields.needed("at").and_then(|item| span(&item));
    let kind = fields.item("kind").map_or(Some(Reason::RestBreak), |item| reason(&item));
    fields.finish();
    let ((from_s, to_s), kind) = (at?, kind?);
    Some(Piece { from_s, to_s, duty: Duty::Away(kind) })
}

fn piece(item: &Item<'_>, own: Option<usize>, groups: &[String]) -> Option<Piece> {
    let fields = item.table()?;
    let at = fields.needed("at").and_then(|item| span(&item));
    let group = fields.item("group").map_or(own, |item| index(&item, groups, "group"));
    let kind = fields.item("kind");
    fields.finish();
    let (from_s, to_s) = at?;
    let duty = match kind {
        Some(kind) if kind.value.as_str() != Some("phones") => Duty::Away(reason(&kind)?),
        _ => match group {
            Some(group) => Duty::Phones { group },
            None => return item.fault(FaultCode::Missing, "work on the phones needs a group"),
        },
    };
    Some(Piece { from_s, to_s, duty })
}
