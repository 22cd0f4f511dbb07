//! Company over time and its size: how many of a team are on break at once, and how many team-mates an agent meets in a week.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use fika_model::{Activity, AgentId, Minute, Minutes, Shift, Span};

use super::social::LISTED_FROM_MINUTES;
use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::wording;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    if let Some(largest) = book.request.wellbeing.largest_group {
        largest_group(book, i64::from(largest), ledger);
    }
    if book.request.wellbeing.largest_group_share.is_some() {
        book.activities().filter(|(_, _, one)| one.kind.is_break()).for_each(|(person, _, one)| group_share(book, person, one, ledger));
    }
    let least = book.request.wellbeing.least_met_a_week as usize;
    if least > 0 {
        book.people.iter().for_each(|person| least_met(book, person, least, ledger));
    }
}

/// A group is largest where somebody joins it: each break is looked at when it begins.
fn largest_group(book: &Book<'_>, largest: i64, ledger: &mut Ledger) {
    for (person, _, activity) in book.activities().filter(|(_, _, activity)| activity.kind.is_break()) {
        let first = Span::new(activity.span.start(), Minutes::of(1));
        let mates: BTreeSet<&AgentId> = book.team_of(person).breaks_of_mates(person.id(), first).map(|mate| mate.agent).collect();
        let found = mates.len() as i64 + 1;
        ledger.check(Rule::LargestGroup, found <= largest, || Finding {
            agent: Some(person.id()),
            team: Some(&person.agent.team),
            span: activity.span,
            amount: Amount::people(largest, found),
            cause: format!(
                "{found} of team {} are on break when agent {} begins hers on {}, at most {largest} are promised",
                person.agent.team,
                person.id(),
                wording::stretch(&book.request.days, activity.span)
            ),
        });
    }
}

/// Each break is judged in its worst minute: somebody joins it, or a team-mate goes home.
fn group_share(book: &Book<'_>, person: &Person<'_>, activity: &Activity, ledger: &mut Ledger) {
    let team = book.team_of(person);
    let joins = team.breaks_of_mates(person.id(), activity.span).map(|mate| mate.span.start());
    let leaves = team.shifts_of_mates_near(person.id(), activity.span).map(|mate| mate.shift.span.end());
    let mut minutes: Vec<Minute> = joins.chain(leaves).filter(|at| activity.span.holds(*at)).chain([activity.span.start()]).collect();
    minutes.sort_unstable();
    let judged = minutes.into_iter().map(|at| {
        let minute = Span::new(at, Minutes::of(1));
        let away: BTreeSet<&AgentId> = team.breaks_of_mates(person.id(), minute).map(|mate| mate.agent).collect();
        let there: BTreeSet<&AgentId> = team.shifts_of_mates_near(person.id(), minute).map(|mate| mate.agent).collect();
        let most = book.request.wellbeing.group_by_share(there.len() as u32 + 1).unwrap_or(u32::MAX);
        (away.len() as i64 + 1, i64::from(most), there.len() + 1, at)
    });
    let Some((found, most, there, at)) = judged.max_by_key(|(found, most, _, at)| (found - most, Reverse(*at))) else { return };
    ledger.check(Rule::GroupShare, found <= most, || Finding {
        agent: Some(person.id()),
        team: Some(&person.agent.team),
        span: activity.span,
        amount: Amount::people(most, found),
        cause: format!(
            "{found} of the {there} on shift of team {} are on break with agent {} at {}, at most {most} are promised",
            person.agent.team,
            person.id(),
            wording::point(&book.request.days, at)
        ),
    });
}

/// A shift without its edges.
fn inner(shift: &Shift, edge: Minutes) -> Span {
    let (from, to) = (shift.span.start().plus(edge), Minute::new(shift.span.end().get() - edge.get() as i32));
    Span::between(from, to.max(from))
}

/// Team-mates whom an agent could meet in a shift.
pub(crate) fn could_meet<'a>(book: &Book<'a>, person: &Person<'a>, shift: &Shift) -> impl Iterator<Item = &'a AgentId> {
    let edge = book.request.wellbeing.edge;
    let own = inner(shift, edge);
    let near = book.team_of(person).shifts_of_mates_near(person.id(), shift.span);
    near.filter(move |mate| inner(mate.shift, edge).overlap(own).get() >= LISTED_FROM_MINUTES).map(|mate| mate.agent)
}

/// Team-mates whom an agent meets in a shift.
pub(crate) fn met<'a>(book: &Book<'a>, person: &Person<'a>, shift: &Shift) -> BTreeSet<&'a AgentId> {
    let team = book.team_of(person);
    let of = |span: Span| team.breaks_of_mates(person.id(), span).filter(move |b| b.span.overlap(span).get() >= LISTED_FROM_MINUTES);
    shift.breaks().flat_map(|activity| of(activity.span)).map(|mate| mate.agent).collect()
}

fn least_met(book: &Book<'_>, person: &Person<'_>, least: usize, ledger: &mut Ledger) {
    for week in book.weeks() {
        let span = book.span_of(&week);
        let shifts = || person.roster.shifts.iter().filter(|shift| span.holds(shift.span.start()));
        if shifts().next().is_none() {
            continue;
        }
        let could: BTreeSet<&AgentId> = shifts().flat_map(|shift| could_meet(book, person, shift)).collect();
        let found: BTreeSet<&AgentId> = shifts().flat_map(|shift| met(book, person, shift)).collect();
        let (required, found) = (could.len().min(least), found.len());
        ledger.check(Rule::LeastMet, found >= required, || Finding {
            agent: Some(person.id()),
            team: Some(&person.agent.team),
            span,
            amount: Amount::people(required as i64, found as i64),
            cause: format!(
                "agent {} meets {found} team-mates in the week of {}, {required} of the {} whom she could meet are promised",
                person.id(),
                wording::point(&book.request.days, span.start()),
                could.len()
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use fika_model::{ActivityKind, Fraction, Minutes};

    use crate::fixture::{Case, Lay, shift as lay};
    use crate::rule::Rule;

    /// The first team's first day with these starts and one break each at these offsets, companions listed.
    fn day(shifts: [(i32, u32); 3]) -> Case {
        Case::week().with_listed(|case| {
            case.roster.agents.truncate(3);
            for (agent, (start, offset)) in shifts.into_iter().enumerate() {
                let rest: Lay = (ActivityKind::RestBreak, offset, 15, true);
                case.roster.agents[agent].shifts.truncate(1);
                *case.shift(agent, 0) = lay(&format!("x{agent}"), start, 480, &[rest]);
            }
        })
    }

    #[test]
    fn groups_are_no_larger_than_promised() {
        let check = |offsets: [u32; 3], largest, expect: &[(i64, i64)]| {
            let case = day(offsets.map(|offset| (540, offset))).with(|case| {
                case.parts.wellbeing.social = Minutes::ZERO;
                case.parts.wellbeing.largest_group = largest;
            });
            case.expect(Rule::LargestGroup, expect);
        };
        check([90, 90, 90], None, &[]);
        check([90, 90, 90], Some(3), &[]);
        check([90, 90, 90], Some(2), &[(2, 3); 3]);
        check([90, 95, 104], Some(2), &[(2, 3)]);
        check([90, 95, 105], Some(2), &[]);
    }

    #[test]
    fn no_larger_share_of_those_on_shift_is_away_than_promised() {
        let check = |shifts: [(i32, u32); 3], percent: Option<u8>, companions, expect: &[(i64, i64)]| {
            let case = day(shifts).with(|case| {
                (case.parts.wellbeing.social, case.parts.wellbeing.social_companions) = (Minutes::of(15), companions);
                case.parts.wellbeing.no_rest_alone = false;
                case.parts.wellbeing.largest_group_share = percent.map(Fraction::percent);
            });
            case.expect(Rule::GroupShare, expect);
        };
        let at = |offsets: [u32; 3]| offsets.map(|offset| (540, offset));
        check(at([90, 90, 90]), None, 0, &[]);
        check(at([90, 90, 90]), Some(100), 0, &[]);
        check(at([90, 90, 90]), Some(99), 0, &[(2, 3); 3]);
        check(at([90, 90, 120]), Some(67), 0, &[]);
        check(at([90, 90, 120]), Some(66), 0, &[(1, 2); 2]);
        check(at([90, 104, 120]), Some(66), 0, &[(1, 2); 2]);
        check(at([90, 105, 120]), Some(66), 0, &[]);
        // As many as company takes are never too many.
        check(at([90, 90, 90]), Some(1), 2, &[]);
        check(at([90, 90, 90]), Some(1), 1, &[(2, 3); 3]);
        // The third goes home at 10:44 or 10:45, in the last minute of the others' break or with its end: then two of two are away.
        check([(540, 90), (540, 90), (540 + 105 - 480, 20)], Some(67), 0, &[]);
        check([(540, 90), (540, 90), (540 + 104 - 480, 20)], Some(67), 0, &[(1, 2); 2]);
    }

    #[test]
    fn every_week_brings_team_mates_together() {
        let check = |shifts: [(i32, u32); 3], least, expect: &[(i64, i64)]| {
            let case = day(shifts).with(|case| case.parts.wellbeing.least_met_a_week = least);
            case.expect(Rule::LeastMet, expect);
        };
        check([(540, 90), (540, 90), (540, 120)], 0, &[]);
        check([(540, 90), (540, 90), (540, 90)], 2, &[]);
        check([(540, 90), (540, 90), (540, 90)], 3, &[]);
        check([(540, 90), (540, 100), (540, 110)], 1, &[]);
        check([(540, 90), (540, 100), (540, 110)], 2, &[(2, 1), (2, 1)]);
        check([(540, 90), (540, 100), (540, 111)], 1, &[(1, 0)]);
        // The third begins so late that her inner shift and those of the others have 5 minutes, or 4, in common.
        check([(540, 90), (540, 90), (540 + 480 - 95, 200)], 1, &[(1, 0)]);
        check([(540, 90), (540, 90), (540 + 480 - 94, 200)], 1, &[]);
    }

    #[test]
    fn a_meeting_of_another_week_does_not_count() {
        let week = Case::days(14).with_listed(|case| {
            case.roster.agents.truncate(2);
            let rest = |offset| [(ActivityKind::RestBreak, offset, 15, true)];
            for agent in 0..2 {
                case.roster.agents[agent].shifts.truncate(1);
                *case.shift(agent, 0) = lay(&format!("x{agent}"), 540, 480, &rest(90));
                let second = lay(&format!("y{agent}"), 7 * 1440 + 540, 480, &rest(90 + 30 * agent as u32));
                case.roster.agents[agent].shifts.push(second);
            }
            case.parts.wellbeing.least_met_a_week = 1;
        });
        week.expect(Rule::LeastMet, &[(1, 0), (1, 0)]);
    }
}
