//! Who met whom over the horizon, who could have, and why the others did not.

use std::collections::{BTreeMap, BTreeSet};

use fika_model::fairness::{Apart, Strangers, TeamCompany};
use fika_model::{AgentId, Span, TeamId};

use crate::book::{Book, Person};
use crate::rules::{LISTED_FROM_MINUTES, could_meet, met, windows};

/// Two team-mates, the smaller id first.
type Pair<'a> = (&'a AgentId, &'a AgentId);

/// What is found out about a team.
#[derive(Debug, Default)]
struct Found<'a> {
    members: BTreeSet<&'a AgentId>,
    together: BTreeSet<Pair<'a>>,
    possible: BTreeSet<Pair<'a>>,
    met: BTreeSet<Pair<'a>>,
    left_out: BTreeSet<&'a AgentId>,
}

/// Every team with a pair on shift together.
pub(super) fn teams(book: &Book<'_>) -> Vec<TeamCompany> {
    let windows = windows_by_agent(book);
    let mut teams: BTreeMap<&TeamId, Found<'_>> = BTreeMap::new();
    for person in &book.people {
        let found = teams.entry(&person.agent.team).or_default();
        found.members.insert(person.id());
        read(book, person, &windows, found);
    }
    teams.into_iter().filter(|(_, found)| !found.together.is_empty()).map(company).collect()
}

/// Where breaks of each shift of an agent could lie.
type Windows<'a> = BTreeMap<(&'a AgentId, Span), Vec<Span>>;

fn windows_by_agent<'a>(book: &Book<'a>) -> Windows<'a> {
    book.shifts().map(|(person, shift)| ((person.id(), shift.span), windows(book, person, shift))).collect()
}

fn read<'a>(book: &Book<'a>, person: &Person<'a>, windows: &Windows<'a>, found: &mut Found<'a>) {
    let ordered = |mate| if person.id() < mate { (person.id(), mate) } else { (mate, person.id()) };
    let of = |agent, span| windows.get(&(agent, span)).map(Vec::as_slice).unwrap_or_default();
    for week in book.weeks() {
        let span = book.span_of(&week);
        let (mut could, mut met_somebody) = (false, false);
        for shift in person.roster.shifts.iter().filter(|shift| span.holds(shift.span.start())) {
            for mate in book.team_of(person).shifts_of_mates_near(person.id(), shift.span) {
                if mate.shift.span.overlap(shift.span).get() < LISTED_FROM_MINUTES {
                    continue;
                }
                let pair = ordered(mate.agent);
                found.together.insert(pair);
                let (own, theirs) = (of(person.id(), shift.span), of(mate.agent, mate.shift.span));
                if own.iter().any(|a| theirs.iter().any(|b| a.overlap(*b).get() >= LISTED_FROM_MINUTES)) {
                    found.possible.insert(pair);
                }
            }
            could |= could_meet(book, person, shift).next().is_some();
            let mates = met(book, person, shift);
            met_somebody |= !mates.is_empty();
            found.met.extend(mates.into_iter().map(ordered));
        }
        if could && !met_somebody {
            found.left_out.insert(person.id());
        }
    }
}

fn company((team, found): (&TeamId, Found<'_>)) -> TeamCompany {
    let why = |pair: &Pair<'_>| {
        if !found.together.contains(pair) {
            Apart::NeverTogether
        } else if found.possible.contains(pair) {
            Apart::PlacedApart
        } else {
            Apart::NoCommonWindow
        }
    };
    let pairs = found.members.iter().flat_map(|one| found.members.range::<&AgentId, _>(..*one).map(move |other| (*other, *one)));
    let mut apart: Vec<Pair<'_>> = pairs.filter(|pair| !found.met.contains(pair)).collect();
    apart.sort_unstable();
    TeamCompany {
        team: team.clone(),
        pairs: found.together.len() as u32,
        met: found.met.len() as u32,
        left_out: found.left_out.iter().map(|id| (*id).clone()).collect(),
        possible: found.possible.union(&found.met).count() as u32,
        strangers: apart.iter().map(|pair| Strangers { one: pair.0.clone(), other: pair.1.clone(), why: why(pair) }).collect(),
    }
}
