//! Published figures in a scenario file: what others found for the same centre, to be held against the simulation.

use fika_model::{FaultCode, ServiceLevelFormula};

use super::fields::{Fields, Item};
use super::index;

/// A figure that somebody published.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Published {
    /// Of what.
    pub(crate) figure: Figure,
    /// Where.
    pub(crate) place: Place,
    /// The mean, where it is told.
    pub(crate) mean: Option<f64>,
    /// The interval, where it is told.
    pub(crate) interval: Option<(f64, f64)>,
}

/// What can be held against a publication. Counts are those of one replication, times are in seconds, shares 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    /// The service level by a formula.
    ServiceLevel(ServiceLevelFormula),
    /// Calls answered within the threshold.
    AnsweredInTime,
    /// Calls offered.
    Offered,
    /// Calls answered.
    Answered,
    /// Calls abandoned.
    Abandoned,
    /// Abandoned over offered.
    Abandonment,
    /// Callers who heard the busy tone.
    Blocked,
    /// The share of callers who did.
    Blocking,
    /// Mean wait of answered calls.
    SpeedOfAnswer,
    /// Mean wait of all calls.
    Wait,
    /// Handling time over staffed time, inside the horizon.
    Occupancy,
    /// The same until the last call is over.
    OccupancyToLastCall,
    /// Calls answered after the threshold.
    AnsweredLate,
    /// Calls abandoned within the threshold.
    AbandonedInTime,
    /// The share of the offered that did not find an agent at once.
    Waited,
    /// Mean wait of those who did not.
    WaitOfWaiting,
    /// Mean wait of those who gave up.
    WaitOfAbandoned,
    /// Mean handling time of answered calls.
    HandlingTime,
    /// Calls waiting, mean over time.
    QueueLength,
    /// The most calls that wait at once in a replication.
    LongestQueue,
    /// Agents talking or writing up, mean over time.
    BusyAgents,
    /// Attempts after the first.
    FurtherAttempts,
    /// Calls of callers who were served before.
    FollowUps,
}

impl Figure {
    const ALL: [(&'static str, Self); 23] = [
        ("service-level", Self::ServiceLevel(ServiceLevelFormula::AbandonsNegative)),
        ("answered-in-time", Self::AnsweredInTime),
        ("offered", Self::Offered),
        ("answered", Self::Answered),
        ("abandoned", Self::Abandoned),
        ("abandonment", Self::Abandonment),
        ("blocked", Self::Blocked),
        ("blocking", Self::Blocking),
        ("speed-of-answer", Self::SpeedOfAnswer),
        ("wait", Self::Wait),
        ("occupancy", Self::Occupancy),
        ("occupancy-to-last-call", Self::OccupancyToLastCall),
        ("answered-late", Self::AnsweredLate),
        ("abandoned-in-time", Self::AbandonedInTime),
        ("waited", Self::Waited),
        ("wait-of-waiting", Self::WaitOfWaiting),
        ("wait-of-abandoned", Self::WaitOfAbandoned),
        ("handling-time", Self::HandlingTime),
        ("queue-length", Self::QueueLength),
        ("longest-queue", Self::LongestQueue),
        ("busy-agents", Self::BusyAgents),
        ("further-attempts", Self::FurtherAttempts),
        ("follow-ups", Self::FollowUps),
    ];

    /// The name in files.
    pub(crate) fn name(self) -> &'static str {
        let same = |other: Self| std::mem::discriminant(&other) == std::mem::discriminant(&self);
        Self::ALL.into_iter().find(|(_, figure)| same(*figure)).map_or("", |(name, _)| name)
    }

    const fn is_of_agents(self) -> bool {
        matches!(self, Self::Occupancy | Self::OccupancyToLastCall | Self::BusyAgents)
    }
}

/// Of which part of the centre a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// All of it.
    Whole,
    /// A queue, and one interval of it where the second is told.
    Queue(usize, Option<usize>),
    /// All queues in one interval.
    Interval(usize),
    /// A group of agents.
    Group(usize),
}

/// Reads `[[published]]`.
pub(super) fn read(file: &Fields<'_>, queues: &[String], groups: &[String]) -> Vec<Published> {
    file.tables("published").into_iter().filter_map(|fields| one(fields, queues, groups)).collect()
}

fn one(fields: Fields<'_>, queues: &[String], groups: &[String]) -> Option<Published> {
    let figure = fields.needed("figure").and_then(|item| figure(&item));
    let formula = fields.item("formula").map(|item| formula(&item));
    let queue = fields.item("queue").map(|item| index(&item, queues, "queue"));
    let group = fields.item("group").map(|item| index(&item, groups, "group"));
    let interval: Option<Option<usize>> = fields.item("interval").map(|item| item.whole());
    let mean = fields.item("mean").map(|item| value(&item));
    let between = fields.item("between").map(|item| item.each(value));
    let place = match (queue, group, interval) {
        (None, None, None) => Some(Place::Whole),
        (Some(queue), None, interval) => queue.map(|queue| Place::Queue(queue, interval.flatten())),
        (None, None, Some(interval)) => interval.map(Place::Interval),
        (None, Some(group), None) => group.map(Place::Group),
        _ => fields.fault(FaultCode::Contradiction, "group", "a figure is of a group, or of a queue, and an interval is one of queues"),
    };
    let interval = match between {
        None if mean.is_none() => fields.fault(FaultCode::Missing, "mean", "give mean, or between = [low, high], or both"),
        None => Some(None),
        Some(between) => match between?[..] {
            [low, high] if low <= high => Some(Some((low, high))),
            _ => fields.fault(FaultCode::Contradiction, "between", "two values, the lower first, are expected"),
        },
    };
    let figure = match (figure?, formula) {
        (Figure::ServiceLevel(_), Some(formula)) => Figure::ServiceLevel(formula?),
        (figure, None) => figure,
        (_, Some(_)) => return fields.fault(FaultCode::Contradiction, "formula", "only a service level has a formula"),
    };
    let place = place?;
    if matches!(place, Place::Group(_)) && !figure.is_of_agents() {
        return fields.fault(FaultCode::Contradiction, "group", format!("{} is no figure of a group", figure.name()));
    }
    if matches!(figure, Figure::FurtherAttempts | Figure::FollowUps) && place != Place::Whole {
        return fields.fault(FaultCode::Contradiction, "figure", format!("{} are counted for the whole centre only", figure.name()));
    }
    fields.finish();
    Some(Published { figure, place, mean: mean.flatten(), interval: interval? })
}

/// A number, or a length of time in seconds.
fn value(item: &Item<'_>) -> Option<f64> {
    if item.value.is_str() { item.seconds() } else { item.number() }
}

fn figure(item: &Item<'_>) -> Option<Figure> {
    let name = item.text()?;
    let found = Figure::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, figure)| figure);
    let names = || Figure::ALL.map(|(name, _)| name).join(", ");
    found.or_else(|| item.fault(FaultCode::BadSetting, format!("no figure is called {name:?}; there are {}", names())))
}

/// Reads the name of a service-level formula.
pub(super) fn formula(item: &Item<'_>) -> Option<ServiceLevelFormula> {
    let name = item.text()?;
    let names = || ServiceLevelFormula::ALL.map(ServiceLevelFormula::name).join(", ");
    let found = ServiceLevelFormula::ALL.into_iter().find(|formula| formula.name() == name);
    found.or_else(|| item.fault(FaultCode::BadSetting, format!("no formula is called {name:?}; there are {}", names())))
}
