//! The scenario file: a contact centre on a page of TOML, with units in the values, to be simulated without a roster.
//!
//! Keys that nobody knows are refused, and all faults are told at once, each with its place. What a file leaves out has the plainest
//! meaning: one day, no limits, nobody impatient. The format is described in `crates/simulation/README.md`.

mod fields;
mod groups;
mod people;
mod published;
mod quantity;
mod queues;
mod times;

use fika_model::{FaultCode, Faults, ServiceLevelFormula};
use fika_simulation::{RandomAbsence, Scenario, Selection, Shape};

use fields::{Fields, Item, Notes};

pub(crate) use published::{Figure, Place, Published};

/// A scenario with what its file says about showing it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScenarioFile {
    /// What it is called.
    pub(crate) title: Option<String>,
    /// What is simulated.
    pub(crate) scenario: Scenario,
    /// The time of day at which it begins, in minutes after midnight.
    pub(crate) begins_at: Option<u32>,
    /// The formula that is shown first.
    pub(crate) formula: ServiceLevelFormula,
    /// The service level that is promised, 0 to 1.
    pub(crate) target: Option<f64>,
    /// Replications, where the command line tells none.
    pub(crate) replications: Option<u32>,
    /// The seed, where the command line tells none.
    pub(crate) seed: Option<u64>,
    /// Figures that others found for the same centre.
    pub(crate) published: Vec<Published>,
}

/// Reads a scenario file.
pub(crate) fn read(text: &str) -> Result<ScenarioFile, Faults> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().map_or("", |span| &text[..span.start.min(text.len())]);
        let place = format!("line {}", before.matches('\n').count() + 1);
        Faults::one(FaultCode::Malformed, place, error.message())
    })?;
    let notes = Notes::default();
    let file = whole(&Fields::new(&table, String::new(), &notes));
    let mut faults = notes.into_faults();
    // What could be put together is looked at as a whole only when each part could be read.
    if faults.0.is_empty()
        && let Some(file) = &file
        && let Err(more) = file.scenario.check()
    {
        faults.0.extend(more.0);
    }
    faults.0.sort();
    // A table that two readers look at may have been noted by both.
    faults.0.dedup();
    faults.or(file)
}

fn whole(fields: &Fields<'_>) -> Option<ScenarioFile> {
    let title = fields.item("title").and_then(|title| title.text()).map(str::to_owned);
    // Where a published case comes from is for readers.
    let _ = fields.item("source").and_then(|source| source.text());
    let horizon = Horizon::read(fields)?;
    fields.notes.period_s.set(horizon.period_s);
    fields.notes.periods.set(horizon.periods);
    let begins_at = fields.item("clock").and_then(|clock| clock.clock());
    let formula = fields.item("formula").map_or(Some(ServiceLevelFormula::default()), |item| published::formula(&item));
    let target = fields.number("target");
    let replications = fields.item("replications").and_then(|item| item.whole());
    let seed = fields.item("seed").and_then(|item| item.whole());
    let queues = queues::read(fields);
    let names: Vec<String> = queues.iter().map(|queue| queue.name.clone()).collect();
    let groups = groups::read(fields, &names);
    let group_names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
    let agents = people::read(fields, &names, &group_names);
    let scenario = Scenario {
        period_s: horizon.period_s,
        periods: horizon.periods,
        interval_s: horizon.interval_s,
        warm_up_s: fields.seconds("warm_up").unwrap_or(0.0),
        day_starts_s: horizon.day_starts_s,
        day_factor: fields.item("day_factor").and_then(|item| times::factor(&item)).unwrap_or(Shape::Constant),
        queues,
        groups,
        agents,
        trunks: fields.item("trunks").and_then(|item| item.whole()),
        waiting_room: fields.item("waiting_room").and_then(|item| item.whole()),
        selection: fields.item("selection").and_then(|item| selection(&item)).unwrap_or_default(),
        ring_s: fields.seconds("ring").unwrap_or(0.0),
        recovery_s: fields.seconds("recovery").unwrap_or(0.0),
        absences: fields.tables("absences").into_iter().filter_map(absence).collect(),
        pools: fields.item("pools").map(|pools| pools.list()).unwrap_or_default().iter().filter_map(|pool| indices(pool, &names)).collect(),
    };
    let published = published::read(fields, &names, &group_names);
    finish(fields);
    Some(ScenarioFile { title, scenario, begins_at, formula: formula?, target, replications, seed, published })
}

/// Every key at the top has been asked for by now.
fn finish(fields: &Fields<'_>) {
    const KNOWN: &str = "title, source, clock, horizon, period, periods, interval, day, day_starts, warm_up, day_factor, formula, target, \
        replications, seed, threshold, short_abandon, trunks, waiting_room, selection, ring, recovery, absences, pools, queues, groups, \
        agents, published";
    for key in fields.keys().filter(|key| !KNOWN.split(", ").any(|known| known.trim() == key.as_str())) {
        fields.notes.fault(FaultCode::UnknownSetting, key.clone(), format!("there is no such key; there are {KNOWN}"));
    }
}

/// The time axis.
struct Horizon {
    period_s: f64,
    periods: usize,
    interval_s: f64,
    day_starts_s: Vec<f64>,
}

impl Horizon {
    fn read(fields: &Fields<'_>) -> Option<Self> {
        let (horizon_s, period_s) = (fields.seconds("horizon"), fields.seconds("period"));
        let count: Option<u32> = fields.item("periods").and_then(|item| item.whole());
        let read = usize::from(horizon_s.is_some()) + usize::from(period_s.is_some()) + usize::from(count.is_some());
        if read < ["horizon", "period", "periods"].iter().filter(|key| fields.has(key)).count() {
            // One of them could not be read and is noted.
            return None;
        }
        let (period_s, periods) = match (horizon_s, period_s, count) {
            (Some(horizon_s), None, None) => (horizon_s, 1.0),
            (Some(horizon_s), Some(period_s), None) => (period_s, horizon_s / period_s),
            (Some(horizon_s), None, Some(count)) => (horizon_s / f64::from(count), f64::from(count)),
            (None, Some(period_s), Some(count)) => (period_s, f64::from(count)),
            (Some(horizon_s), Some(period_s), Some(count)) if (horizon_s - period_s * f64::from(count)).abs() < 1e-6 => {
                (period_s, f64::from(count))
            }
            (Some(_), Some(_), Some(_)) => {
                return fields.fault(FaultCode::Contradiction, "horizon", "it is not the number of periods times their length");
            }
            _ => return fields.fault(FaultCode::Missing, "horizon", "give horizon, or period and periods, such as horizon = \"8h\""),
        };
        if !(periods.is_finite() && periods >= 0.5 && (periods - periods.round()).abs() < 1e-6) {
            return fields.fault(FaultCode::OffGrid, "period", format!("{period_s} seconds do not divide the horizon"));
        }
        let horizon_s = period_s * periods;
        let day_s = fields.seconds("day");
        let day_starts_s = match fields.item("day_starts") {
            Some(_) if day_s.is_some() => return fields.fault(FaultCode::Contradiction, "day_starts", "both day and day_starts are given"),
            Some(starts) => starts.each(Item::seconds)?,
            None => match day_s {
                Some(day_s) if day_s >= 1.0 => (0..(horizon_s / day_s - 1e-9).ceil() as u32).map(|day| f64::from(day) * day_s).collect(),
                Some(_) => return fields.fault(FaultCode::OutOfRange, "day", "a day has at least a second"),
                None => vec![0.0],
            },
        };
        Some(Self { period_s, periods: periods.round() as usize, interval_s: fields.seconds("interval").unwrap_or(period_s), day_starts_s })
    }
}

fn selection(item: &Item<'_>) -> Option<Selection> {
    match item.text()? {
        "longest-idle" => Some(Selection::LongestIdle),
        "random" => Some(Selection::Random),
        other => item.fault(FaultCode::BadSetting, format!("{other:?} is neither \"longest-idle\" nor \"random\"")),
    }
}

fn absence(fields: Fields<'_>) -> Option<RandomAbsence> {
    let share = fields.needed("share").and_then(|share| share.number());
    let length_s = fields.needed("length").and_then(|length| length.seconds());
    fields.finish();
    Some(RandomAbsence { share: share?, length_s: length_s? })
}

/// The position of a name, noted where it is unknown.
fn index(item: &Item<'_>, names: &[String], what: &str) -> Option<usize> {
    let name = item.text()?;
    let found = names.iter().position(|known| known == name);
    found.or_else(|| item.fault(FaultCode::UnknownReference, format!("no {what} is called {name:?}; there are {}", names.join(", "))))
}

fn indices(item: &Item<'_>, names: &[String]) -> Option<Vec<usize>> {
    item.each(|name| index(name, names, "queue"))
}

/// The `name` of a table that must have one of its own.
fn own_name(fields: &Fields<'_>, default: &str, before: &[String]) -> String {
    let name = fields.item("name").and_then(|name| name.text()).unwrap_or(default).to_owned();
    if before.contains(&name) {
        fields.notes.fault(FaultCode::Duplicate, fields.place("name"), format!("{name:?} is there twice"));
    }
    name
}

#[cfg(test)]
mod tests;
