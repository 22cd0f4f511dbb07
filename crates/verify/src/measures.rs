//! How evenly a roster shares burdens, wishes and company: measured from the two messages, judged by nobody here.
//!
//! Invariant: an agent whom the request does not know, and a colleague whom the roster does not have, count for nothing.

use std::collections::BTreeMap;

use fika_model::fairness::{Burden, FairCounters, FairnessMeasure, FairnessReport, Spread, WishCount, WishKind};
use fika_model::people::{WallWindow, Wish};
use fika_model::{AgentId, ContractId, DayIndex, Shift};

use crate::book::{Book, Person};
use crate::rules::{LISTED_FROM_MINUTES, carry_over};

mod company;

/// Minutes by which a start may differ from the one wished for.
const NEAR_MINUTES: i32 = 30;

pub(crate) fn report(book: &Book<'_>) -> FairnessReport {
    let by_id: BTreeMap<&AgentId, &Person<'_>> = book.people.iter().map(|person| (person.id(), person)).collect();
    let mut wishes = BTreeMap::new();
    let mut after = Vec::new();
    for person in &book.people {
        let mut counters = burdens(book, person);
        each_wish(book, person, &by_id, &mut |kind, granted| {
            counters.wishes_asked += 1;
            counters.wishes_granted += u32::from(granted);
            let count = wishes.entry(kind).or_insert(WishCount { kind, asked: 0, granted: 0 });
            count.asked += 1;
            count.granted += u32::from(granted);
        });
        after.push(carry_over(book, person, counters));
    }
    let before: Vec<FairCounters> = book.people.iter().map(|person| person.agent.history.counters).collect();
    let counted: Vec<FairCounters> = after.iter().map(|one| one.history.counters).collect();
    let measure = |burden| measure(book, burden, &before, &counted);
    let measures = Burden::ALL.into_iter().filter_map(measure).collect();
    after.sort_by(|a, b| a.agent.cmp(&b.agent));
    FairnessReport {
        carry_over: after,
        measures,
        wishes: wishes.into_values().collect(),
        teams: company::teams(book),
        group_short_minutes: 0.0,
    }
}

/// What the shifts of an agent weigh.
fn burdens(book: &Book<'_>, person: &Person<'_>) -> FairCounters {
    let (policy, days) = (&book.request.fairness, &book.request.days);
    let mut counters = FairCounters::default();
    for shift in &person.roster.shifts {
        let Some(day) = book.day_of(shift) else { continue };
        let early = shift.span.start() < days.minute_at_wall(day, policy.early_before);
        let late = shift.span.end() > days.minute_at_wall(day, policy.late_after);
        let first = shift.breaks().next().map(|activity| activity.span.start().minutes_since(shift.span.start()));
        counters.paid_minutes += shift.paid().get();
        counters.unpopular_shifts += u32::from(early || late);
        counters.late_breaks += u32::from(first.is_some_and(|first| first > policy.late_break.get() as i32));
        counters.weekend_shifts += u32::from(policy.weekend.holds(days.weekday(day)));
    }
    counters
}

/// Tells each wish of an agent, and whether it was granted.
fn each_wish(book: &Book<'_>, person: &Person<'_>, by_id: &BTreeMap<&AgentId, &Person<'_>>, tell: &mut impl FnMut(WishKind, bool)) {
    let days = &book.request.days;
    let shift_on = |person: &Person<'_>, day: DayIndex| person.roster.shifts.iter().find(|shift| book.day_of(shift) == Some(day)).cloned();
    for wish in &person.agent.wishes {
        match wish {
            Wish::DayOff(date) => {
                if let Some(day) = days.day_of_date(*date) {
                    tell(WishKind::DayOff, shift_on(person, day).is_none());
                }
            }
            Wish::Template(date, template) => {
                if let Some(day) = days.day_of_date(*date) {
                    tell(WishKind::Template, shift_on(person, day).is_some_and(|shift| shift.template.as_ref() == Some(template)));
                }
            }
            Wish::StartNear(minute) => {
                for shift in &person.roster.shifts {
                    let (_, start) = days.wall_at(shift.span.start());
                    tell(WishKind::StartNear, (start as i32 - *minute as i32).abs() <= NEAR_MINUTES);
                }
            }
            Wish::Colleague(id) => {
                let Some(colleague) = by_id.get(id).filter(|colleague| colleague.id() != person.id()) else { continue };
                for day in days.days() {
                    let (Some(own), Some(other)) = (shift_on(person, day), shift_on(colleague, day)) else { continue };
                    if own.span.overlap(other.span).get() >= LISTED_FROM_MINUTES {
                        tell(WishKind::Colleague, share_a_break(&own, &other));
                    }
                }
            }
        }
    }
}

fn share_a_break(own: &Shift, other: &Shift) -> bool {
    own.breaks().any(|a| other.breaks().any(|b| a.span.overlap(b.span).get() >= LISTED_FROM_MINUTES))
}

/// Agents of the same contract and availability.
type Alike<'a> = (&'a ContractId, Vec<WallWindow>);

fn measure(book: &Book<'_>, burden: Burden, before: &[FairCounters], after: &[FairCounters]) -> Option<FairnessMeasure> {
    let mut groups: BTreeMap<Alike<'_>, Vec<usize>> = BTreeMap::new();
    for (n, person) in book.people.iter().enumerate() {
        let mut availability = person.agent.availability.clone();
        availability.sort_unstable();
        groups.entry((&person.contract.id, availability)).or_default().push(n);
    }
    let shares = |counters: &[FairCounters]| -> Vec<Vec<f64>> {
        let of = |group: &Vec<usize>| {
            let all: Vec<(u32, u32)> = group.iter().map(|n| counters[*n].burden(burden)).filter(|(_, exposure)| *exposure > 0).collect();
            let mean = all.iter().map(|(_, exposure)| f64::from(*exposure)).sum::<f64>() / all.len().max(1) as f64;
            // A single shift in a week of leave says nothing.
            let there = all.iter().filter(|(_, exposure)| f64::from(*exposure) >= mean / 2.0);
            there.map(|(carried, exposure)| f64::from(*carried) * f64::from(burden.per()) / f64::from(*exposure)).collect::<Vec<f64>>()
        };
        groups.values().map(of).filter(|group| group.len() > 1).collect()
    };
    let (before_shares, shares) = (shares(before), shares(after));
    let carried = after.iter().any(|counters| counters.burden(burden).0 > 0);
    (carried && !shares.is_empty()).then(|| FairnessMeasure {
        burden,
        agents: shares.iter().map(Vec::len).sum::<usize>() as u32,
        groups: shares.len() as u32,
        before: spread(&before_shares),
        after: spread(&shares),
    })
}

/// The spread of shares, each group compared within itself.
fn spread(groups: &[Vec<f64>]) -> Spread {
    let people: usize = groups.iter().map(Vec::len).sum();
    if people == 0 {
        return Spread::default();
    }
    let sum: f64 = groups.iter().flatten().sum();
    let range = |group: &Vec<f64>| group.iter().copied().fold(f64::MIN, f64::max) - group.iter().copied().fold(f64::MAX, f64::min);
    Spread {
        mean: sum / people as f64,
        range: groups.iter().map(range).fold(0.0, f64::max),
        gini: groups.iter().map(|group| gini(group) * group.len() as f64).sum::<f64>() / people as f64,
    }
}

/// The Gini coefficient: half the mean difference of two shares over their mean; 0 where nobody has anything.
fn gini(shares: &[f64]) -> f64 {
    let sum: f64 = shares.iter().sum();
    if sum <= 0.0 {
        return 0.0;
    }
    let mut sorted = shares.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let weighted: f64 = sorted.iter().enumerate().map(|(n, share)| (2.0 * n as f64 + 1.0 - count) * share).sum();
    weighted / (count * sum)
}

#[cfg(test)]
mod tests;
