//! The groups of a scenario file: which queues they serve, in which order, with how many agents, and where calls look for them.
//!
//! A group's `serves` says which queues an agent takes calls of, a queue's `route` in which order its calls look for groups. Both may be
//! left out of the other's sight: without a route all groups rank alike, and a group takes the longest waiting call.

use fika_model::FaultCode;
use fika_simulation::{Group, Serves};

use super::fields::{Fields, Item};
use super::times::times;
use super::{index, own_name};

/// Reads `[[groups]]`, then the routes of the queues.
pub(super) fn read(file: &Fields<'_>, queues: &[String]) -> Vec<Group> {
    let mut names = Vec::new();
    let mut groups = Vec::new();
    let mut ranked = Vec::new();
    for (n, fields) in file.tables("groups").into_iter().enumerate() {
        let name = own_name(&fields, &format!("group {}", n + 1), &names);
        names.push(name.clone());
        let in_order = fields.item("order").and_then(|item| order(&item)).unwrap_or(false);
        let serves = fields.needed("serves").and_then(|item| serves(&item, queues, in_order)).unwrap_or_default();
        ranked.push(serves.iter().any(|(_, ranked)| *ranked));
        let (heads, after) = fields.item("agents").and_then(|item| item.by_period(Item::whole)).unwrap_or_default();
        let heads_after = fields.item("agents_after").and_then(|item| item.whole()).or(after);
        groups.push(Group { name, serves: serves.into_iter().map(|(serves, _)| serves).collect(), heads, heads_after });
        fields.finish();
    }
    for (queue, fields) in file.tables("queues").iter().enumerate() {
        if let Some(item) = fields.any("route") {
            route(&item, queue, &names, &ranked, &mut groups);
        }
    }
    groups
}

/// Whether the order of `serves` is the order in which a free agent chooses.
fn order(item: &Item<'_>) -> Option<bool> {
    match item.text()? {
        "listed" => Some(true),
        "longest-waiting" => Some(false),
        other => item.fault(FaultCode::BadSetting, format!("{other:?} is neither \"listed\" nor \"longest-waiting\"")),
    }
}

/// Reads names of queues, or tables with ranks. Says of each whether it told a `call_rank`.
fn serves(item: &Item<'_>, queues: &[String], in_order: bool) -> Option<Vec<(Serves, bool)>> {
    let mut found = Vec::new();
    for (n, item) in item.list().iter().enumerate() {
        let listed = if in_order { n as u32 } else { 0 };
        found.push(if item.value.is_table() {
            served(item, queues, listed)
        } else {
            index(item, queues, "queue").map(|queue| (Serves { agent_rank: listed, ..Serves::queue(queue) }, false))
        });
    }
    found.into_iter().collect()
}

fn served(item: &Item<'_>, queues: &[String], listed: u32) -> Option<(Serves, bool)> {
    let fields = item.table()?;
    let queue = fields.needed("queue").and_then(|item| index(&item, queues, "queue"));
    let rank = |key, default| fields.item(key).map_or(Some(default), |item| item.whole());
    let (call_rank, agent_rank) = (rank("call_rank", 0), rank("agent_rank", listed));
    let after_s = fields.seconds("after").unwrap_or(0.0);
    let proficiency = fields.number("proficiency").unwrap_or(1.0);
    let weight = fields.number("weight").unwrap_or(1.0);
    let (reserve, above) = (rank("reserve", 0), rank("above", 0));
    let talk = fields.item("talk").map(|item| times(&item));
    let told = fields.has("call_rank") || fields.has("after");
    fields.finish();
    let talk = match talk {
        Some(talk) => Some(talk?),
        None => None,
    };
    let (queue, call_rank, agent_rank) = (queue?, call_rank?, agent_rank?);
    Some((Serves { queue, call_rank, agent_rank, weight, after_s, reserve: reserve?, above: above?, proficiency, talk }, told))
}

/// Reads where a queue's calls look, best first: names of groups, lists of groups that rank alike, or `{ group, after }`.
fn route(item: &Item<'_>, queue: usize, names: &[String], ranked: &[bool], groups: &mut [Group]) {
    let (mut routed, mut unknown) = (Vec::new(), false);
    for (rank, item) in item.list().iter().enumerate() {
        for item in item.list() {
            let (group, after_s) = stop(&item, names);
            let Some(group) = group else {
                unknown = true;
                continue;
            };
            let Some(serves) = groups[group].serves.iter_mut().find(|serves| serves.queue == queue) else {
                item.fault::<()>(FaultCode::Contradiction, format!("the group {:?} does not serve this queue", names[group]));
                continue;
            };
            if ranked[group] {
                let cause = format!("the serves of group {:?} has call_rank or after, and the route says it too", names[group]);
                item.fault::<()>(FaultCode::Contradiction, cause);
            }
            if routed.contains(&group) {
                item.fault::<()>(FaultCode::Duplicate, format!("the group {:?} is there twice", names[group]));
            }
            serves.call_rank = rank as u32;
            serves.after_s = after_s;
            routed.push(group);
        }
    }
    if unknown {
        return;
    }
    let forgotten = groups.iter().enumerate().find(|(n, group)| !routed.contains(n) && group.serves.iter().any(|s| s.queue == queue));
    if let Some((_, group)) = forgotten {
        item.fault::<()>(FaultCode::Contradiction, format!("the group {:?} serves this queue and is not in its route", group.name));
    }
}

fn stop(item: &Item<'_>, names: &[String]) -> (Option<usize>, f64) {
    if !item.value.is_table() {
        return (index(item, names, "group"), 0.0);
    }
    let Some(fields) = item.table() else { return (None, 0.0) };
    let group = fields.needed("group").and_then(|item| index(&item, names, "group"));
    let after_s = fields.seconds("after").unwrap_or(0.0);
    fields.finish();
    (group, after_s)
}
