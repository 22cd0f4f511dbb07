//! Published figures against those of a simulation.

use fika_simulation::{CallTally, Estimate, LoadReport, Report, SliceReport};

use crate::scenario_file::{Figure, Place, Published};

/// What became of one published figure.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    pub(super) published: Published,
    pub(super) found: Option<Estimate>,
    pub(super) agreement: Agreement,
}

/// How a published figure and the simulation's stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agreement {
    /// The simulated mean lies in the published interval.
    Inside,
    /// Both are estimates, and their difference is within what chance does to both (95 %).
    WithinChance,
    /// The difference is more than that.
    Off,
    /// There is no such figure here: an interval without calls, or out of the horizon.
    NotThere,
}

impl Agreement {
    pub(super) const fn is_met(self) -> bool {
        matches!(self, Self::Inside | Self::WithinChance)
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::WithinChance => "within chance",
            Self::Off => "off",
            Self::NotThere => "not there",
        }
    }
}

/// Holds every published figure against the report.
pub(super) fn verdicts(published: &[Published], report: &Report) -> Vec<Verdict> {
    let verdict = |published: &Published| {
        let found = found(published.figure, published.place, report);
        Verdict { published: published.clone(), agreement: found.map_or(Agreement::NotThere, |found| agreement(published, found)), found }
    };
    published.iter().map(verdict).collect()
}

fn agreement(published: &Published, found: Estimate) -> Agreement {
    let ours = (found.high - found.low) / 2.0;
    let (centre, theirs) = match (published.mean, published.interval) {
        (_, Some((low, high))) if (low..=high).contains(&found.mean) => return Agreement::Inside,
        (mean, Some((low, high))) => (mean.unwrap_or(f64::midpoint(low, high)), (high - low) / 2.0),
        (Some(mean), None) => (mean, 0.0),
        (None, None) => return Agreement::NotThere,
    };
    if (found.mean - centre).abs() <= ours.hypot(theirs) { Agreement::WithinChance } else { Agreement::Off }
}

fn found(figure: Figure, place: Place, report: &Report) -> Option<Estimate> {
    match (figure, place) {
        (Figure::FurtherAttempts, _) => Some(report.further_attempts),
        (Figure::FollowUps, _) => Some(report.follow_ups),
        (_, Place::Whole) => of_slice(figure, &report.total, None),
        (_, Place::Queue(queue, interval)) => of_slice(figure, report.queues.get(queue)?, interval),
        (_, Place::Interval(interval)) => of_slice(figure, &report.total, Some(interval)),
        (_, Place::Group(group)) => of_load(figure, report.groups.get(group)?),
    }
}

fn of_slice(figure: Figure, slice: &SliceReport, interval: Option<usize>) -> Option<Estimate> {
    match (figure, interval) {
        (Figure::QueueLength, None) => Some(slice.queue_length()),
        (Figure::QueueLength, Some(interval)) => slice.queue_length_of(interval),
        (Figure::LongestQueue, None) => Some(slice.longest_queue()),
        (Figure::Occupancy, Some(interval)) => slice.load.intervals.get(interval)?.occupancy(),
        (_, Some(interval)) => of_calls(figure, slice.intervals.get(interval)?),
        (_, None) => of_load(figure, &slice.load).or_else(|| of_calls(figure, &slice.whole)),
    }
}

fn of_load(figure: Figure, load: &LoadReport) -> Option<Estimate> {
    match figure {
        Figure::Occupancy => load.whole.occupancy(),
        Figure::OccupancyToLastCall => load.to_last_call.occupancy(),
        Figure::BusyAgents => Some(load.busy_agents()),
        _ => None,
    }
}

fn of_calls(figure: Figure, tally: &CallTally) -> Option<Estimate> {
    match figure {
        Figure::ServiceLevel(formula) => tally.service_level(formula),
        Figure::AnsweredInTime => Some(tally.answered_within()),
        Figure::AnsweredLate => Some(tally.answered_late()),
        Figure::Offered => Some(tally.offered()),
        Figure::Answered => Some(tally.answered()),
        Figure::Abandoned => Some(tally.abandoned()),
        Figure::AbandonedInTime => Some(tally.abandoned_within()),
        Figure::Abandonment => tally.abandonment(),
        Figure::Blocked => Some(tally.blocked()),
        Figure::Blocking => tally.blocking(),
        Figure::SpeedOfAnswer => tally.asa_s(),
        Figure::Wait => tally.wait_s(),
        Figure::Waited => tally.waited_share(),
        Figure::WaitOfWaiting => tally.wait_of_waiting_s(),
        Figure::WaitOfAbandoned => tally.wait_of_abandoned_s(),
        Figure::HandlingTime => tally.aht_s(),
        Figure::Occupancy
        | Figure::OccupancyToLastCall
        | Figure::BusyAgents
        | Figure::QueueLength
        | Figure::LongestQueue
        | Figure::FurtherAttempts
        | Figure::FollowUps => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_has_two_grades() {
        let found = Estimate { mean: 0.90, low: 0.89, high: 0.91 };
        let check = |mean: Option<f64>, interval: Option<(f64, f64)>, expected: Agreement| {
            let published = Published { figure: Figure::Wait, place: Place::Whole, mean, interval };
            assert_eq!(agreement(&published, found), expected, "{mean:?} {interval:?}");
        };
        check(None, Some((0.89, 0.90)), Agreement::Inside);
        check(None, Some((0.905, 0.915)), Agreement::WithinChance);
        check(Some(0.93), Some((0.92, 0.94)), Agreement::Off);
        check(Some(0.91), None, Agreement::WithinChance);
        check(Some(0.911), None, Agreement::Off);
    }
}
