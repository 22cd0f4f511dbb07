//! A roster in the figures that two of them are compared by.

use fika_model::fairness::{Burden, Spread};
use fika_model::roster::{IntervalOutcome, Predicted, Roster, RosterSummary, Shift};
use fika_model::{Score, Verdict};

/// What a roster asks, costs and gives. What only a summary tells is `None` without one.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Shifts of all agents.
    pub shifts: u32,
    /// Paid minutes of all agents.
    pub paid_minutes: i64,
    /// Minutes of break of all agents.
    pub break_minutes: i64,
    /// Minutes of break in the company that the policy asks for.
    pub social_minutes: Option<i64>,
    /// Person-minutes required on the phones.
    pub required_minutes: Option<f64>,
    /// Person-minutes short of it.
    pub shortfall_minutes: Option<f64>,
    /// No roster is shorter than this, in person-minutes.
    pub bound_minutes: Option<f64>,
    /// Service level over the horizon, by the formula of the target.
    pub service_level: Option<Predicted>,
    /// Handling time over staffed time in the intervals with calls, weighted by people scheduled, 0 to 1.
    pub occupancy: Option<f64>,
    /// Wishes granted, of those asked.
    pub wishes: Option<(u32, u32)>,
    /// Pairs of team-mates who met, of those on shift together.
    pub pairs: Option<(u32, u32)>,
    /// Pairs of them for whom the windows of their breaks have a place in common.
    pub possible_pairs: Option<u32>,
    /// Agents who met nobody in some week in which they could have.
    pub left_out: Option<usize>,
    /// How unevenly each burden is shared by the counters that go out, in the order of [`Burden::ALL`]; none where nobody carries it.
    pub spreads: [Option<Spread>; 4],
    /// Person-minutes short while more of a team were away than its company needs.
    pub group_short_minutes: Option<f64>,
    /// Whether every hard rule holds.
    pub proved: Option<bool>,
    /// The score by level.
    pub score: Option<Score>,
}

impl Figures {
    /// The figures of a roster and of its summary, where there is one.
    pub fn of(roster: &Roster, summary: Option<&RosterSummary>) -> Self {
        let shifts = || roster.agents.iter().flat_map(|agent| &agent.shifts);
        let breaks = |shift: &Shift| shift.breaks().map(|activity| i64::from(activity.span.length().get())).sum::<i64>();
        Self {
            shifts: shifts().count() as u32,
            paid_minutes: shifts().map(|shift| i64::from(shift.paid().get())).sum(),
            break_minutes: shifts().map(breaks).sum(),
            social_minutes: summary.map(|summary| summary.social_minutes),
            required_minutes: summary.map(|summary| summary.required_minutes),
            shortfall_minutes: summary.map(|summary| summary.shortfall_minutes),
            bound_minutes: summary.map(|summary| summary.shortfall_bound_minutes),
            service_level: summary.and_then(|summary| summary.service_level),
            occupancy: summary.and_then(|summary| occupancy(&summary.intervals)),
            wishes: summary.map(|summary| sum(&summary.fairness.wishes, |one| (one.granted, one.asked))),
            pairs: summary.map(|summary| sum(&summary.fairness.teams, |team| (team.met, team.pairs))),
            possible_pairs: summary.map(|summary| summary.fairness.teams.iter().map(|team| team.possible).sum()),
            left_out: summary.map(|summary| summary.fairness.teams.iter().map(|team| team.left_out.len()).sum()),
            spreads: Burden::ALL.map(|burden| {
                let measures = &summary?.fairness.measures;
                measures.iter().find(|measure| measure.burden == burden).map(|measure| measure.after)
            }),
            group_short_minutes: summary.map(|summary| summary.fairness.group_short_minutes),
            proved: summary.map(|summary| summary.certificate.verdict() == Verdict::Proved),
            score: summary.map(|summary| summary.score),
        }
    }
}

fn sum<T>(all: &[T], read: impl Fn(&T) -> (u32, u32)) -> (u32, u32) {
    all.iter().map(read).fold((0, 0), |(a, b), (c, d)| (a + c, b + d))
}

fn occupancy(intervals: &[IntervalOutcome]) -> Option<f64> {
    let told = || intervals.iter().filter_map(|interval| Some((interval.occupancy?, interval.scheduled)));
    let people: f64 = told().map(|(_, people)| people).sum();
    (people > 0.0).then(|| told().map(|(share, people)| share * people).sum::<f64>() / people)
}
