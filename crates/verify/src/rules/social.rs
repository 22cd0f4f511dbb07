//! Breaks in company: social minutes, no rest alone, and the companions that a break lists.

use fika_model::{Activity, ActivityKind, AgentId, Shift, Span};

use crate::book::{Book, Person, TeamShift, TeamTime};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::wording;

/// A team-mate is listed when one break of hers holds this many of the same minutes.
pub(crate) const LISTED_FROM_MINUTES: u32 = 5;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    for (person, shift) in book.shifts() {
        enough_social_minutes(book, person, shift, ledger);
        for activity in &shift.activities {
            companions(book, person, activity, ledger);
            if activity.kind == ActivityKind::RestBreak {
                no_rest_alone(book, person, activity, ledger);
            }
        }
    }
}

/// Minutes of `span` in which at least `companions` of the pieces are there at once.
fn shared_minutes(span: Span, pieces: &[Span], companions: u32) -> u32 {
    if companions == 0 {
        return span.length().get();
    }
    let mut changes: Vec<(i32, i64)> = Vec::with_capacity(2 * pieces.len());
    for piece in pieces.iter().filter(|piece| piece.overlap(span).get() > 0) {
        changes.push((piece.start().max(span.start()).get(), 1));
        changes.push((piece.end().min(span.end()).get(), -1));
    }
    changes.sort_unstable();
    let (mut there, mut since, mut minutes) = (0_i64, span.start().get(), 0);
    for (at, change) in changes {
        if there >= i64::from(companions) {
            minutes += at - since;
        }
        there += change;
        since = at;
    }
    minutes as u32
}

/// Minutes of a shift's breaks with enough companions at once.
fn social_minutes_of(book: &Book<'_>, person: &Person<'_>, shift: &Shift) -> i64 {
    let team = book.team_of(person);
    let shared = |activity: &Activity| {
        let pieces: Vec<_> = team.breaks_of_mates(person.id(), activity.span).map(|b| b.span).collect();
        i64::from(shared_minutes(activity.span, &pieces, book.request.wellbeing.social_companions))
    };
    shift.breaks().map(shared).sum()
}

/// The same over all shifts.
pub(crate) fn social_minutes(book: &Book<'_>) -> i64 {
    book.shifts().map(|(person, shift)| social_minutes_of(book, person, shift)).sum()
}

fn enough_social_minutes(book: &Book<'_>, person: &Person<'_>, shift: &Shift, ledger: &mut Ledger) {
    let policy = &book.request.wellbeing;
    let found = social_minutes_of(book, person, shift);
    let required = i64::from(policy.social.get());
    ledger.check(Rule::SocialMinutes, found >= required, || Finding {
        agent: Some(person.id()),
        team: Some(&person.agent.team),
        span: shift.span,
        amount: Amount::minutes(required, found),
        cause: format!(
            "agent {} has {found} minutes of break with {} companions or more in the shift on {}, {required} are promised",
            person.id(),
            policy.social_companions,
            wording::stretch(&book.request.days, shift.span)
        ),
    });
}

/// Team-mates of whom one break holds at least `least` minutes of `span`, in the order of their ids.
fn company<'a>(team: &TeamTime<'a>, agent: &AgentId, span: Span, least: u32) -> Vec<&'a AgentId> {
    let mates = team.breaks_of_mates(agent, span).filter(|b| b.span.overlap(span).get() >= least);
    let mut ids: Vec<_> = mates.map(|b| b.agent).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn companions(book: &Book<'_>, person: &Person<'_>, activity: &Activity, ledger: &mut Ledger) {
    let there = if activity.kind.is_break() {
        company(book.team_of(person), person.id(), activity.span, LISTED_FROM_MINUTES)
    } else if activity.companions.is_empty() {
        return;
    } else {
        Vec::new()
    };
    let listed: Vec<_> = activity.companions.iter().collect();
    ledger.check(Rule::Companions, there == listed, || {
        let names = |ids: &[&AgentId]| ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
        Finding {
            agent: Some(person.id()),
            team: Some(&person.agent.team),
            span: activity.span,
            amount: Amount::people(there.len() as i64, listed.len() as i64),
            cause: format!(
                "agent {}: {:?} on {} lists the companions [{}], there are [{}]",
                person.id(),
                activity.code,
                wording::stretch(&book.request.days, activity.span),
                names(&listed),
                names(&there)
            ),
        }
    });
}

/// Whether a team-mate whose shift holds all of `span` could take a break then: she is in no meal, nor in a fixed activity that began
/// before.
fn could_share(mate: &TeamShift<'_>, span: Span) -> bool {
    let holds_her = |activity: &Activity| {
        let fixed = match activity.kind {
            ActivityKind::Meal => true,
            ActivityKind::Huddle | ActivityKind::Training | ActivityKind::Coaching | ActivityKind::Meeting | ActivityKind::TimeOff => {
                activity.span.start() < span.start()
            }
            ActivityKind::OnQueue | ActivityKind::RestBreak | ActivityKind::BackOffice => false,
        };
        fixed && activity.span.overlap(span).get() > 0
    };
    !mate.shift.activities.iter().any(holds_her)
}

fn no_rest_alone(book: &Book<'_>, person: &Person<'_>, activity: &Activity, ledger: &mut Ledger) {
    let policy = &book.request.wellbeing;
    if !policy.no_rest_alone {
        return;
    }
    let team = book.team_of(person);
    let least = activity.span.length().get().min(LISTED_FROM_MINUTES);
    let accompanied = !company(team, person.id(), activity.span, least).is_empty();
    let could = || team.shifts_of_mates(person.id(), activity.span).find(|mate| could_share(mate, activity.span));
    let mate = if accompanied { None } else { could() };
    ledger.check(Rule::NoRestAlone, mate.is_none(), || Finding {
        agent: Some(person.id()),
        team: Some(&person.agent.team),
        span: activity.span,
        amount: Amount::people(1, 0),
        cause: format!(
            "agent {} rests alone on {}, while team-mate {} is on shift and could share it",
            person.id(),
            wording::stretch(&book.request.days, activity.span),
            mate.map_or("", |mate| mate.agent.as_str())
        ),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{AFTERNOON, Case, Lay, MEAL, MORNING, shift as lay, span};
    use fika_model::Minutes;

    const REST: ActivityKind = ActivityKind::RestBreak;

    /// The first team's first day with these breaks, companions listed.
    fn day(breaks: [&[Lay]; 3]) -> Case {
        Case::week().with_listed(|case| {
            case.roster.agents.truncate(3);
            for (agent, breaks) in breaks.iter().enumerate() {
                case.roster.agents[agent].shifts.truncate(1);
                *case.shift(agent, 0) = lay(&format!("x{agent}"), 540, 480, breaks);
            }
        })
    }

    fn rest(offset: u32) -> Lay {
        (REST, offset, 15, true)
    }

    #[test]
    fn social_minutes_hold_on_both_sides() {
        let check = |offsets: [u32; 3], social, companions, expect: &[(i64, i64)]| {
            let case = day([&[rest(offsets[0])], &[rest(offsets[1])], &[rest(offsets[2])]]).with(|case| {
                case.parts.wellbeing.social = Minutes::of(social);
                case.parts.wellbeing.social_companions = companions;
            });
            case.expect(Rule::SocialMinutes, expect);
            let short: i64 = expect.iter().map(|(required, found)| required - found).sum();
            assert!(case.social() >= 3 * i64::from(social) - short);
        };
        check([90, 90, 90], 15, 2, &[]);
        check([90, 90, 90], 16, 2, &[(16, 15); 3]);
        check([90, 90, 95], 10, 2, &[]);
        check([90, 90, 95], 15, 2, &[(15, 10); 3]);
        check([90, 90, 105], 15, 2, &[(15, 0); 3]);
        check([90, 90, 105], 15, 1, &[(15, 0)]);
        check([90, 90, 90], 1, 3, &[(1, 0); 3]);
        check([90, 120, 150], 15, 0, &[]);
        check([90, 120, 150], 0, 2, &[]);
    }

    #[test]
    fn another_team_is_no_company() {
        let case = Case::week().with_listed(|case| {
            for day in 0..5 {
                let breaks = [(REST, 100, 15, true), (ActivityKind::Meal, 220, 30, false), (REST, 370, 15, true)];
                *case.shift(0, day) = lay(&format!("x{day}"), day as i32 * 1440 + 540, 480, &breaks);
                case.parts.agents[1].team = case.parts.agents[3].team.clone();
                case.roster.agents[1].team = case.roster.agents[3].team.clone();
            }
        });
        // a1's breaks share 5, 20 and 5 minutes with a3 alone, which is one companion and not two.
        let own: Vec<_> = case.certificate().violations.into_iter().filter(|v| v.rule.as_str() == Rule::SocialMinutes.id()).collect();
        assert!(own.iter().all(|v| v.found == 0 && v.agent.as_ref().is_some_and(|id| id.as_str() == "a1" || id.as_str() == "a3")));
        assert_eq!(own.len(), 10);
    }

    #[test]
    fn nobody_rests_alone_where_somebody_could_come_along() {
        let check = |breaks: [&[Lay]; 3], expect: usize| day(breaks).expect(Rule::NoRestAlone, &vec![(1, 0); expect]);
        check([&[rest(90)], &[rest(90)], &[]], 0);
        check([&[rest(90)], &[rest(100)], &[]], 0);
        check([&[rest(90)], &[rest(105)], &[]], 2);
        check([&[rest(90)], &[], &[]], 1);
        // Both others are in a meal for some minute of it, which is company from five minutes on and no availability below.
        check([&[rest(200)], &[(ActivityKind::Meal, 210, 30, false)], &[]], 0);
        check([&[rest(200)], &[(ActivityKind::Meal, 211, 30, false)], &[(ActivityKind::Meal, 214, 30, false)]], 0);
        check([&[rest(200)], &[(ActivityKind::Meal, 211, 30, false)], &[]], 1);
        let others_away = day([&[rest(90)], &[], &[]]).with(|case| {
            case.roster.agents[1].shifts.remove(0);
            case.shift(2, 0).span = span(631, 389);
        });
        others_away.expect(Rule::NoRestAlone, &[]);
        others_away.with(|case| case.shift(2, 0).span = span(630, 15)).expect(Rule::NoRestAlone, &[(1, 0)]);
        others_away.with(|case| case.shift(2, 0).span = span(630, 14)).expect(Rule::NoRestAlone, &[]);
        day([&[rest(90)], &[], &[]]).with(|case| case.parts.wellbeing.no_rest_alone = false).expect(Rule::NoRestAlone, &[]);
    }

    #[test]
    fn a_fixed_activity_that_began_before_keeps_a_team_mate() {
        let check = |start, kind, expect: &[(i64, i64)]| {
            let case = day([&[rest(90)], &[], &[]]).with(|case| {
                case.roster.agents[2].shifts.remove(0);
                let mut training = case.shift(1, 0).activities[0].clone();
                (training.kind, training.span) = (kind, span(start, 60));
                case.shift(1, 0).activities.push(training);
            });
            case.expect(Rule::NoRestAlone, expect);
        };
        check(629, ActivityKind::Training, &[]);
        check(630, ActivityKind::Training, &[(1, 0)]);
        check(571, ActivityKind::Meeting, &[]);
        check(570, ActivityKind::Meeting, &[(1, 0)]);
        check(600, ActivityKind::BackOffice, &[(1, 0)]);
    }

    #[test]
    fn companions_are_exactly_those_who_share_five_minutes() {
        let a3 = || AgentId::new("a3").expect("an id");
        let check = |case: &Case, expect: &[(i64, i64)]| case.expect(Rule::Companions, expect);
        let whole = day([&[MORNING, MEAL, AFTERNOON]; 3]);
        check(&whole, &[]);
        check(&whole.with(|case| drop(case.shift(0, 0).activities[1].companions.pop())), &[(2, 1)]);
        check(&whole.with(|case| case.shift(0, 0).activities[1].companions.push(a3())), &[(2, 3)]);
        check(&whole.with(|case| case.shift(0, 0).activities[1].companions.reverse()), &[(2, 2)]);
        check(&whole.with(|case| case.shift(0, 0).activities[0].companions.push(a3())), &[(0, 1)]);
        let at = |offset| day([&[rest(90)], &[rest(90)], &[rest(offset)]]);
        let listed = |mut case: Case| case.shift(0, 0).activities[1].companions.len();
        assert_eq!((listed(at(100)), listed(at(101))), (2, 1));
        check(&at(101).with(|case| case.shift(0, 0).activities[1].companions.push(a3())), &[(1, 2)]);
        check(&at(100).with(|case| drop(case.shift(0, 0).activities[1].companions.pop())), &[(2, 1)]);
    }

    #[test]
    fn shared_minutes_need_enough_people_at_once() {
        let check =
            |pieces: &[Span], companions, expect| assert_eq!(shared_minutes(span(100, 15), pieces, companions), expect, "{pieces:?}");
        check(&[], 0, 15);
        check(&[], 1, 0);
        check(&[span(100, 15)], 1, 15);
        check(&[span(100, 15)], 2, 0);
        check(&[span(95, 15), span(105, 15)], 2, 5);
        check(&[span(95, 10), span(105, 15)], 2, 0);
        check(&[span(95, 10), span(105, 15)], 1, 15);
        check(&[span(90, 40), span(101, 2), span(110, 50)], 2, 7);
    }
}
