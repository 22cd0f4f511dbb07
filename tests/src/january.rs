//! The real bank's calls of January 1999 as scenarios: real arrivals, real handling times, patience from waits with censoring.
//!
//! Views of who was there, from coarse to fine: as many agents as were seen in each half hour; each agent from her first to her last
//! call, away where she had none for ten minutes; the same with the types of calls that each took and the time between calls; and with
//! conversations as long as those of their half hour.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use fika_model::ServiceCounts;
use fika_simulation::{Agent, Arrivals, Duty, Group, Piece, Queue, Scenario, Serves, Shape, Times};
use fika_staffing::{Wait, fit_patience};

/// Days of the month; the 11th and 12th are missing and empty.
pub const DAYS: usize = 31;
/// The acceptable waiting time, in seconds.
pub const THRESHOLD_S: f64 = 20.0;
const DAY_S: f64 = 86_400.0;
/// An agent without a call for so long was away.
const AWAY_S: f64 = 600.0;

/// One call that was offered.
#[derive(Debug, Clone)]
pub struct Call {
    /// Type of call.
    pub kind: String,
    /// When it joined the queue, in seconds from the start of the month.
    pub at_s: f64,
    /// How long it waited.
    pub wait_s: f64,
    /// Whether the caller gave up.
    pub abandoned: bool,
    /// Begin and end of the conversation, and the agent, where they are known.
    pub service: Option<(f64, f64, String)>,
}

/// What is known of who was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staff {
    /// As many as were seen in each half hour, each able to take any call.
    Seen,
    /// Each from call to call, each able to take any call.
    Spells,
    /// The same with the types of calls that she took that month, and with the time that agents took between two calls while callers
    /// waited: work after the call was not recorded.
    Pausing,
    /// The same, with conversations that are longer or shorter in each half hour of the month as they were then.
    Uneven,
}

fn lines(path: &Path) -> io::Result<Vec<Vec<String>>> {
    let reader = BufReader::new(flate2::read::GzDecoder::new(std::fs::File::open(path)?));
    reader.lines().skip(1).map(|line| Ok(line?.split(',').map(str::to_owned).collect())).collect()
}

fn clock_s(text: &str) -> f64 {
    text.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().unwrap_or(0.0))
}

fn day_of(date: &str) -> Option<usize> {
    date.strip_prefix("1999-01-")?.parse::<usize>().ok().map(|day| day - 1)
}

/// The calls of January that were offered, in the order of arrival. A call that left inside the voice menu was not.
pub fn calls(folder: &Path) -> io::Result<Vec<Call>> {
    let mut calls = Vec::new();
    for fields in lines(&folder.join("calls_1999-01.csv.gz"))? {
        let [_, _, _, _, kind, date, _, vru_exit, _, q_start, _, q_time, outcome, ser_start, ser_exit, ser_time, server] = &fields[..]
        else {
            continue;
        };
        let Some(day) = day_of(date) else { continue };
        let queued = q_start != "00:00:00";
        let abandoned = outcome == "HANG";
        if outcome == "PHANTOM" || (abandoned && !queued) {
            continue;
        }
        let base_s = day as f64 * DAY_S;
        let talked = !abandoned && server != "NO_SERVER" && ser_time.parse::<f64>().is_ok_and(|time| time > 0.0);
        calls.push(Call {
            kind: kind.clone(),
            at_s: (base_s + clock_s(if queued { q_start } else { vru_exit })).min(DAYS as f64 * DAY_S - 1.0),
            wait_s: q_time.parse::<f64>().unwrap_or(0.0).max(0.0),
            abandoned,
            service: talked.then(|| (base_s + clock_s(ser_start), base_s + clock_s(ser_exit), server.clone())),
        });
    }
    calls.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    Ok(calls)
}

/// The agents seen in each half hour of January.
pub fn seen(folder: &Path) -> io::Result<Vec<u32>> {
    let mut heads = vec![0; DAYS * 48];
    for fields in lines(&folder.join("agents_seen_30min_1999-01_02.csv.gz"))? {
        let [date, start, seen] = &fields[..] else { continue };
        if let Some(day) = day_of(date) {
            heads[day * 48 + (clock_s(&format!("{start}:00")) / 1800.0) as usize] = seen.parse().unwrap_or(0);
        }
    }
    Ok(heads)
}

/// The types of calls, by name.
pub fn kinds(calls: &[Call]) -> Vec<String> {
    calls.iter().map(|call| call.kind.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Patience as 2,000 quantiles of Kaplan and Meier's estimate; beyond the longest wait it goes on at the mean rate of giving up.
fn patience(calls: &[&Call]) -> Option<Times> {
    let waits: Vec<Wait> = calls.iter().map(|call| Wait { seconds: call.wait_s, abandoned: call.abandoned }).collect();
    let fit = fit_patience(&waits, 0.95).ok()?;
    let tail_s = fit.mean_s?;
    let (end_s, left) = fit.survival.last().map_or((0.0, 1.0), |point| (point.wait_s, point.share));
    let quantile = |n: u32| {
        let share = 1.0 - (f64::from(n) + 0.5) / 2000.0;
        if share < left {
            end_s + tail_s * (left / share).ln()
        } else {
            fit.survival[fit.survival.partition_point(|p| p.share > share)].wait_s
        }
    };
    Some(empirical((0..2000).map(quantile).collect()))
}

fn empirical(values: Vec<f64>) -> Times {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    Times { shape: Shape::Empirical(values), mean_s: vec![mean] }
}

/// Seconds from the end of a conversation to the agent's next one, where callers waited all the while.
pub fn pauses(calls: &[Call]) -> Vec<f64> {
    let queued = calls.iter().filter(|call| call.wait_s > 0.0);
    let mut changes: Vec<(f64, i32)> = queued.flat_map(|call| [(call.at_s, 1), (call.at_s + call.wait_s, -1)]).collect();
    changes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut waiting = 0;
    let counts: Vec<i32> = changes
        .iter()
        .map(|(_, change)| {
            waiting += change;
            waiting
        })
        .collect();
    let always_waiting = |from_s: f64, to_s: f64| {
        let before = changes.partition_point(|(at_s, _)| *at_s <= from_s);
        let after = changes.partition_point(|(at_s, _)| *at_s < to_s);
        before > 0 && counts[before - 1..after.max(before)].iter().all(|count| *count > 0)
    };
    let mut pauses = Vec::new();
    for own in conversations(calls).into_values() {
        let pairs = own.windows(2).map(|pair| (pair[0].1, pair[1].0));
        let short = pairs.filter(|(end_s, next_s)| (0.0..=AWAY_S).contains(&(next_s - end_s)) && always_waiting(*end_s, *next_s));
        pauses.extend(short.map(|(end_s, next_s)| next_s - end_s));
    }
    pauses
}

/// For each half hour of the month, how long the conversations of its calls were over how long they are on average for their types.
fn unevenness(calls: &[Call]) -> Vec<f64> {
    let talk_s = |call: &Call| call.service.as_ref().map(|(from, to, _)| (to - from).max(1.0));
    let mut of_kind: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (call, talk_s) in calls.iter().filter_map(|call| Some((call, talk_s(call)?))) {
        let (sum, count) = of_kind.entry(&call.kind).or_default();
        (*sum, *count) = (*sum + talk_s, *count + 1.0);
    }
    let mut halves = vec![(0.0, 0.0); DAYS * 48];
    for (call, talk_s) in calls.iter().filter_map(|call| Some((call, talk_s(call)?))) {
        let (real, usual) = &mut halves[(call.at_s / 1800.0) as usize];
        let (sum, count) = of_kind[call.kind.as_str()];
        (*real, *usual) = (*real + talk_s, *usual + sum / count);
    }
    halves.into_iter().map(|(real, usual)| if usual > 0.0 { real / usual } else { 1.0 }).collect()
}

fn queue(name: &str, calls: &[Call], wrapup: Option<Times>, unevenness: Option<&[f64]>) -> Queue {
    let own: Vec<&Call> = calls.iter().filter(|call| call.kind == name).collect();
    let mut talks: Vec<f64> = own.iter().filter_map(|call| call.service.as_ref()).map(|(from, to, _)| (to - from).max(1.0)).collect();
    if talks.is_empty() {
        talks.push(120.0);
    }
    let mut talk = empirical(talks);
    if let Some(unevenness) = unevenness {
        talk.mean_s = unevenness.iter().map(|factor| factor * talk.mean_s[0]).collect();
    }
    Queue {
        wrapup,
        patience: patience(&own),
        threshold_s: THRESHOLD_S,
        ..Queue::plain(name, Arrivals::Listed(own.iter().map(|call| call.at_s).collect()), talk)
    }
}

/// The month as a scenario. `calls` are in the order of arrival, `seen` by half hour.
pub fn scenario(calls: &[Call], seen: &[u32], staff: Staff) -> Scenario {
    let kinds = kinds(calls);
    let wrapup = matches!(staff, Staff::Pausing | Staff::Uneven).then(|| pauses(calls)).filter(|pauses| !pauses.is_empty()).map(empirical);
    let unevenness = (staff == Staff::Uneven).then(|| unevenness(calls));
    let all: Vec<Serves> = (0..kinds.len()).map(Serves::queue).collect();
    let (groups, agents) = match staff {
        Staff::Seen => (vec![Group { name: "seen".to_owned(), serves: all, heads: seen.to_vec(), heads_after: None }], Vec::new()),
        Staff::Spells => (vec![Group { name: "all".to_owned(), serves: all, heads: Vec::new(), heads_after: None }], people(calls, &|_| 0)),
        Staff::Pausing | Staff::Uneven => skilled(calls, &kinds),
    };
    Scenario {
        interval_s: 3600.0,
        day_starts_s: (0..DAYS).map(|day| day as f64 * DAY_S).collect(),
        queues: kinds.iter().map(|kind| queue(kind, calls, wrapup.clone(), unevenness.as_deref())).collect(),
        groups,
        agents,
        ..Scenario::plain(1800.0, DAYS * 48)
    }
}

/// The conversations of each agent, in order.
fn conversations(calls: &[Call]) -> BTreeMap<&str, Vec<(f64, f64, &str)>> {
    let mut by_agent: BTreeMap<&str, Vec<(f64, f64, &str)>> = BTreeMap::new();
    for call in calls {
        if let Some((from, to, agent)) = &call.service {
            by_agent.entry(agent).or_default().push((*from, *to, &call.kind));
        }
    }
    for own in by_agent.values_mut() {
        own.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    by_agent
}

fn people(calls: &[Call], group_of: &dyn Fn(&str) -> usize) -> Vec<Agent> {
    let agent = |(name, own): (&str, Vec<(f64, f64, &str)>)| {
        let mut pieces: Vec<Piece> = Vec::new();
        let duty = Duty::Phones { group: group_of(name) };
        for (from_s, to_s, _) in own {
            match pieces.last_mut() {
                Some(last) if from_s - last.to_s <= AWAY_S => last.to_s = last.to_s.max(to_s),
                _ => pieces.push(Piece { from_s, to_s, duty }),
            }
        }
        pieces.retain(|piece| piece.from_s < piece.to_s);
        Agent { name: name.to_owned(), proficiency: Vec::new(), pieces }
    };
    conversations(calls).into_iter().map(agent).collect()
}

/// An agent takes the types that make up at least one of a hundred of her calls; agents with the same types are a group.
fn skilled(calls: &[Call], kinds: &[String]) -> (Vec<Group>, Vec<Agent>) {
    let mut groups: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    let mut group_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, own) in conversations(calls) {
        let often = |kind: &String| own.iter().filter(|(_, _, taken)| taken == kind).count() * 100 >= own.len();
        let able: Vec<usize> = (0..kinds.len()).filter(|n| often(&kinds[*n])).collect();
        let next = groups.len();
        group_of.insert(name, *groups.entry(able).or_insert(next));
    }
    let mut listed: Vec<(usize, Vec<usize>)> = groups.into_iter().map(|(able, n)| (n, able)).collect();
    listed.sort();
    let group = |(n, able): (usize, Vec<usize>)| Group {
        name: format!("skills {n}"),
        serves: able.into_iter().map(Serves::queue).collect(),
        heads: Vec::new(),
        heads_after: None,
    };
    let agents = people(calls, &|name| group_of.get(name).copied().unwrap_or(0));
    (listed.into_iter().map(group).collect(), agents)
}

/// What was measured, by hour of the month.
pub fn measured(calls: &[Call]) -> Vec<ServiceCounts> {
    let mut hours = vec![ServiceCounts::default(); DAYS * 24];
    for call in calls {
        let counts = &mut hours[(call.at_s / 3600.0) as usize];
        let within = call.wait_s <= THRESHOLD_S;
        *match (call.abandoned, within) {
            (false, true) => &mut counts.answered_within,
            (false, false) => &mut counts.answered_late,
            (true, true) => &mut counts.abandoned_within,
            (true, false) => &mut counts.abandoned_late,
        } += 1.0;
    }
    hours
}

/// Hours of the month added up by hour of the day.
pub fn by_hour(hours: &[ServiceCounts]) -> Vec<ServiceCounts> {
    let mut day = vec![ServiceCounts::default(); 24];
    for (n, counts) in hours.iter().enumerate() {
        day[n % 24].add(counts);
    }
    day
}
