//! What a change does to how burdens, wishes and company are shared: the verifier's measures before and after, of those whom it touches.

use std::collections::BTreeSet;

use fika_model::people::Wish;
use fika_model::{Request, Roster, TeamId};
use fika_verify::fairness;

use super::narrowed;

/// By how much the measures change: more where it is positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SharedChange {
    /// Shifts whose first break is late.
    pub late_breaks: i64,
    /// Wishes that are granted.
    pub wishes_granted: i64,
    /// Pairs of team-mates who meet over the horizon.
    pub pairs_met: i64,
    /// Agents who meet nobody in some week in which they could.
    pub left_out: i64,
}

impl SharedChange {
    /// Whether something is worse, and whether something is better.
    pub const fn worse_and_better(&self) -> (bool, bool) {
        let worse = self.late_breaks > 0 || self.wishes_granted < 0 || self.pairs_met < 0 || self.left_out > 0;
        (worse, self.late_breaks < 0 || self.wishes_granted > 0 || self.pairs_met > 0 || self.left_out < 0)
    }

    pub(super) const fn since(self, before: Self) -> Self {
        Self {
            late_breaks: self.late_breaks - before.late_breaks,
            wishes_granted: self.wishes_granted - before.wishes_granted,
            pairs_met: self.pairs_met - before.pairs_met,
            left_out: self.left_out - before.left_out,
        }
    }
}

/// The measures of a roster as they are, for a request of [`circle`].
pub(super) fn measures(request: &Request, roster: &Roster) -> SharedChange {
    let report = fairness(request, &super::part(request, roster));
    let late = |one: &fika_model::fairness::CarryOver| i64::from(one.history.counters.late_breaks);
    SharedChange {
        late_breaks: report.carry_over.iter().map(late).sum(),
        wishes_granted: report.wishes.iter().map(|count| i64::from(count.granted)).sum(),
        pairs_met: report.teams.iter().map(|team| i64::from(team.met)).sum(),
        left_out: report.teams.iter().map(|team| team.left_out.len() as i64).sum(),
    }
}

/// The request of a team and of those teams with whom wishes for colleagues bind it.
pub(super) fn circle(request: &Request, team: &TeamId) -> Request {
    let team_of = |id| request.agents.iter().find(|agent| &agent.id == id).map(|agent| &agent.team);
    let mut teams = BTreeSet::from([team]);
    for agent in &request.agents {
        for wish in &agent.wishes {
            let Wish::Colleague(id) = wish else { continue };
            let Some(other) = team_of(id) else { continue };
            if &agent.team == team || other == team {
                teams.extend([&agent.team, other]);
            }
        }
    }
    narrowed(request, |agent| teams.contains(&agent.team))
}
