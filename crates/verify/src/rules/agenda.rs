//! Activities beside calls: when, how long, with whom, how often.

use std::collections::BTreeMap;

use fika_model::agenda::{AskedActivity, Circle, Coach, Occasion, Party};
use fika_model::{Activity, ActivityId, ActivityKind, AgentId, Span, TeamId};

use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::sessions::{Item, Session, Sessions, is_held, outcome, working};
use crate::wording;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    let sessions = Sessions::new(book);
    let occasions = book.request.occasions();
    let mut pieces: BTreeMap<&ActivityId, Vec<Span>> = BTreeMap::new();
    for one in &occasions {
        let own = pieces.entry(&one.activity.id).or_default();
        for piece in one.activity.windows_in(&book.request.days, one.span) {
            if !own.contains(&piece) {
                own.push(piece);
            }
        }
    }
    for (person, _, activity) in book.activities().filter(|(.., activity)| is_held(activity)) {
        if let Some(item) = sessions.item(activity.asked.as_ref()) {
            let within = activity.asked.as_ref().and_then(|id| pieces.get(id)).map_or(&[][..], Vec::as_slice);
            one_piece(book, &sessions, person, activity, item, within, ledger);
        }
    }
    for asked in &book.request.activities {
        for session in sessions.of(&asked.id) {
            circle(book, &sessions, asked, session, ledger);
        }
    }
    for one in &occasions {
        occasion(book, &sessions, one, ledger);
    }
}

/// What can be said of a piece of one person's shift alone, and whether those it names are there.
fn one_piece(
    book: &Book<'_>,
    sessions: &Sessions<'_>,
    person: &Person<'_>,
    activity: &Activity,
    item: Item<'_>,
    within: &[Span],
    ledger: &mut Ledger,
) {
    let (span, days) = (activity.span, &book.request.days);
    let minutes = i64::from(span.length().get());
    let finding = |amount, what: &str| {
        let cause = format!("agent {}: {:?} on {} {what}", person.id(), activity.code, wording::stretch(days, span));
        Finding { agent: Some(person.id()), team: None, span, amount, cause }
    };
    let step = book.request.break_step.get() as i32;
    let on_step = span.start().get() % step == 0 && span.end().get() % step == 0;
    let in_time = matches!(item, Item::Work(_)) || within.iter().any(|piece| piece.covers(span));
    ledger.check(Rule::ActivityTime, on_step && in_time, || {
        finding(Amount::minutes(0, minutes), "lies off the break step, or not wholly in a window of its dates")
    });
    let (least, most) = match item {
        Item::Work(work) => (work.least_block, None),
        Item::Activity(asked) => (asked.least_piece(), Some(asked.length)),
    };
    let most = most.map_or(i64::MAX, |most| i64::from(most.get()));
    let least = i64::from(least.get());
    ledger.check(Rule::ActivityLength, (least..=most).contains(&minutes), || {
        let bound = if minutes < least { least } else { most };
        finding(Amount::minutes(bound, minutes), "is not as long as it is asked for")
    });
    let listed = activity.with.is_sorted_by(|a, b| a < b) && !activity.with.contains(person.id());
    let there = sessions.session(person, activity).map_or(0, |session| session.there.len());
    let all = activity.with.len() + 1;
    ledger.check(Rule::ActivityWith, listed && there == all, || {
        finding(Amount::people(all as i64, there as i64), "does not list exactly those who take part at the same time")
    });
}

/// Whether those who meet are the right ones, and enough.
fn circle(book: &Book<'_>, sessions: &Sessions<'_>, asked: &AskedActivity, session: &Session<'_>, ledger: &mut Ledger) {
    let there = session.there.len() as i64;
    let finding = |team: Option<&TeamId>, amount, what: String| {
        let agent = session.there.iter().next().copied();
        let cause = format!("{} on {}: {what}", asked.id, wording::stretch(&book.request.days, session.span));
        (agent.cloned(), team.cloned(), amount, cause)
    };
    let mut check = |holds: bool, found: (Option<AgentId>, Option<TeamId>, Amount, String)| {
        let (agent, team, amount, cause) = found;
        ledger.check(Rule::ActivityCircle, holds, || Finding {
            agent: agent.as_ref(),
            team: team.as_ref(),
            span: session.span,
            amount,
            cause,
        });
    };
    match &asked.circle {
        Circle::Training { .. } => check(there == 1, finding(None, Amount::people(1, there), "training is for each alone".to_owned())),
        Circle::Coaching { coach, coached } => {
            let fits = there == 2 && is_pair(book, sessions, coach, coached, session);
            check(fits, finding(None, Amount::people(2, there), "it takes one who is coached and one who coaches".to_owned()));
        }
        Circle::Meeting { quorum, .. } => {
            let text = format!("{there} take part, {quorum} make it a meeting");
            check(there >= i64::from(*quorum), finding(None, Amount::people(i64::from(*quorum), there), text));
        }
        Circle::Huddle { halves, .. } => {
            let team = session.there.iter().next().and_then(|agent| sessions.team_of(agent));
            let of_team = session.there.iter().filter(|agent| sessions.team_of(agent) == team).count() as i64;
            check(of_team == there, finding(team, Amount::people(there, of_team), "people of another team take part".to_owned()));
            if let Some(team) = team.filter(|_| !halves) {
                let left = left_on_phones(book, team, session);
                check(left == 0, finding(Some(team), Amount::people(0, left), format!("{left} of the team stay on the phones")));
            }
        }
    }
}

fn is_pair(book: &Book<'_>, sessions: &Sessions<'_>, coach: &Coach, coached: &[AgentId], session: &Session<'_>) -> bool {
    let people: Vec<_> = book.people.iter().filter(|person| session.there.contains(person.id())).collect();
    people.iter().any(|one| {
        let others = people.iter().filter(|other| other.id() != one.id());
        let mut coaches = others.filter(|other| coach.may_be(other.agent) && !coached.contains(other.id()));
        let same_team =
            |other: &&Person<'_>| matches!(coach, Coach::Agent(_)) || sessions.team_of(other.id()) == sessions.team_of(one.id());
        coached.contains(one.id()) && coaches.any(same_team)
    })
}

/// Members of a team who are on shift during all of a session and take calls in it.
fn left_on_phones(book: &Book<'_>, team: &TeamId, session: &Session<'_>) -> i64 {
    let on_phones = |person: &&Person<'_>| {
        let during = person.roster.shifts.iter().filter(|shift| shift.span.covers(session.span));
        let takes_calls = |activity: &Activity| activity.kind == ActivityKind::OnQueue && activity.span.overlap(session.span).get() > 0;
        during.flat_map(|shift| &shift.activities).any(takes_calls)
    };
    book.members(team).filter(on_phones).count() as i64
}

/// Not more than was asked for, enough of a team where it meets at all, and all of it where it must be.
fn occasion(book: &Book<'_>, sessions: &Sessions<'_>, one: &Occasion<'_>, ledger: &mut Ledger) {
    let Some(told) = outcome(book, sessions, one) else { return };
    let finding = |amount, what: String| {
        let cause = format!("{} in the time of {}: {what}", told.activity, wording::stretch(&book.request.days, one.span));
        Finding { agent: told.agent.as_ref(), team: told.team.as_ref(), span: one.span, amount, cause }
    };
    let asked = i64::from(told.minutes.0);
    let halves = matches!(one.activity.circle, Circle::Huddle { halves: true, .. });
    let own = sessions.held(one);
    let most = if halves { 2 * asked } else { asked };
    let sum: i64 = own.iter().map(|session| i64::from(session.span.length().get())).sum();
    ledger.check(Rule::ActivityOnce, sum <= most, || finding(Amount::minutes(most, sum), format!("{sum} minutes are held of {most}")));
    if let Party::Team(team) = one.party {
        let twice = |person: &&Person<'_>| own.iter().filter(|session| session.there.contains(person.id())).count() > 1;
        let twice = working(book, team, one.span).filter(twice).count() as i64;
        ledger.check(Rule::ActivityOnce, twice == 0, || finding(Amount::people(0, twice), format!("{twice} of team {team} meet twice")));
        let (least, there) = (i64::from(told.people.0), i64::from(told.people.1));
        ledger.check(Rule::ActivityCircle, own.is_empty() || there >= least, || {
            finding(Amount::people(least, there), format!("{there} of team {team} meet, {least} are asked for"))
        });
        if halves && !own.is_empty() {
            let smallest = own.iter().map(|session| session.there.len() as i64).min().unwrap_or_default();
            let third = there.div_euclid(3) + i64::from(there % 3 > 0);
            ledger.check(Rule::ActivityCircle, own.len() == 2 && smallest >= third, || {
                finding(
                    Amount::people(third, if own.len() == 2 { smallest } else { 0 }),
                    format!("one part of team {team} is smaller than a third"),
                )
            });
        }
    }
    if one.activity.must {
        let held = i64::from(told.minutes.1);
        ledger.check(Rule::ActivityMust, told.is_held(), || {
            finding(Amount::minutes(asked, held.min(asked)), "it must be held, and is not".to_owned())
        });
    }
}

#[cfg(test)]
mod tests;
