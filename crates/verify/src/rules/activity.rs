//! What shifts are made of: tiling, pay of work, queues.

use std::collections::{BTreeMap, BTreeSet};

use fika_model::request::Queue;
use fika_model::{Activity, ActivityKind, QueueId, Shift, SkillId};

use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::sessions::{Sessions, is_held};
use crate::wording;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    for (person, shift) in book.shifts() {
        tiling(book, person, shift, ledger);
    }
    let skills: BTreeMap<&QueueId, &Queue> = book.request.queues.iter().map(|queue| (&queue.id, queue)).collect();
    let sessions = Sessions::new(book);
    for (person, _, activity) in book.activities() {
        let minutes = i64::from(activity.span.length().get());
        let on_queue = activity.kind == ActivityKind::OnQueue;
        let finding = |amount, what: &str| {
            let cause =
                format!("agent {}: {:?} on {} {what}", person.id(), activity.code, wording::stretch(&book.request.days, activity.span));
            Finding { agent: Some(person.id()), team: None, span: activity.span, amount, cause }
        };
        let asked = if is_held(activity) {
            sessions.item(activity.asked.as_ref()).is_some_and(|item| item.is_given_to(person, activity.kind))
        } else {
            activity.asked.is_none() && activity.with.is_empty()
        };
        ledger.check(Rule::ActivityAsked, asked, || {
            finding(Amount::minutes(0, minutes), "is neither time on queue nor a break, nor asked of the agent")
        });
        if on_queue || (is_held(activity) && activity.kind != ActivityKind::TimeOff) {
            ledger.check(Rule::ActivityPaid, activity.paid, || finding(Amount::minutes(minutes, 0), "is work and not paid"));
        }
        ledger.check(Rule::ActivityQueues, queues_fit(person, activity, &skills), || {
            let names: Vec<_> = activity.queues.iter().map(QueueId::as_str).collect();
            let what = format!("names the queues [{}], which do not fit the activity or the agent's skills", names.join(", "));
            finding(Amount::minutes(0, minutes), &what)
        });
    }
}

/// Gaps, overlaps and pieces without length, in minutes, must come to nothing.
fn tiling(book: &Book<'_>, person: &Person<'_>, shift: &Shift, ledger: &mut Ledger) {
    let mut reached = shift.span.start();
    let mut wrong = 0_i64;
    let mut empty = shift.activities.is_empty();
    for activity in &shift.activities {
        wrong += i64::from(activity.span.start().minutes_since(reached)).abs();
        empty |= activity.span.length().get() == 0;
        reached = activity.span.end();
    }
    wrong += i64::from(shift.span.end().minutes_since(reached)).abs();
    ledger.check(Rule::Tiling, wrong == 0 && !empty, || Finding {
        agent: Some(person.id()),
        team: None,
        span: shift.span,
        amount: Amount::minutes(0, wrong),
        cause: format!(
            "agent {}: the activities of the shift on {} leave gaps or overlap by {wrong} minutes, or have no length",
            person.id(),
            wording::stretch(&book.request.days, shift.span)
        ),
    });
}

fn queues_fit(person: &Person<'_>, activity: &Activity, known: &BTreeMap<&QueueId, &Queue>) -> bool {
    if activity.kind != ActivityKind::OnQueue {
        return activity.queues.is_empty();
    }
    let has = |skill: &SkillId| person.agent.skills.iter().any(|own| &own.skill == skill);
    let mut seen = BTreeSet::new();
    let each = activity.queues.iter().all(|queue| seen.insert(queue) && known.get(queue).is_some_and(|queue| has(&queue.skill)));
    let serves_any = known.values().any(|queue| has(&queue.skill) && !queue.is_hard());
    each && (!activity.queues.is_empty() || !serves_any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Case, id, span};

    #[test]
    fn activities_tile_the_shift() {
        let check =
            |change: fn(&mut Shift), expect: &[(i64, i64)]| Case::week().with(|case| change(case.shift(0, 0))).expect(Rule::Tiling, expect);
        check(|_| (), &[]);
        check(|shift| drop(shift.activities.remove(1)), &[(0, 15)]);
        check(|shift| shift.activities[0].span = span(540, 91), &[(0, 1)]);
        check(|shift| shift.activities[0].span = span(541, 89), &[(0, 1)]);
        check(|shift| shift.activities[6].span = span(915, 104), &[(0, 1)]);
        check(|shift| shift.span = span(540, 510), &[(0, 30)]);
        check(|shift| shift.activities.clear(), &[(0, 480)]);
        check(|shift| shift.activities.swap(0, 2), &[(0, 105 + 120 + 105 + 120)]);
        check(|shift| shift.activities.insert(1, Activity { span: span(630, 0), ..shift.activities[0].clone() }), &[(0, 0)]);
    }

    #[test]
    fn only_work_and_breaks_and_work_is_paid() {
        let check = |kind, paid, asked: &[(i64, i64)], pay: &[(i64, i64)]| {
            let case = Case::week().with(|case| {
                let activity = &mut case.shift(0, 0).activities[0];
                (activity.kind, activity.paid) = (kind, paid);
            });
            case.expect(Rule::ActivityAsked, asked);
            case.expect(Rule::ActivityPaid, pay);
        };
        check(ActivityKind::OnQueue, true, &[], &[]);
        check(ActivityKind::OnQueue, false, &[], &[(90, 0)]);
        check(ActivityKind::RestBreak, true, &[], &[]);
        check(ActivityKind::BackOffice, true, &[(0, 90)], &[]);
        check(ActivityKind::TimeOff, false, &[(0, 90)], &[]);
    }

    #[test]
    fn queues_fit_the_skills() {
        let check = |position: usize, names: &[&str], expect: &[(i64, i64)]| {
            let case = Case::week().with(|case| {
                case.shift(0, 0).activities[position].queues = names.iter().map(|name| id!(QueueId, *name)).collect();
            });
            case.expect(Rule::ActivityQueues, expect);
        };
        check(0, &["calls"], &[]);
        check(0, &["claims"], &[(0, 90)]);
        check(0, &["calls", "claims"], &[(0, 90)]);
        check(0, &["calls", "calls"], &[(0, 90)]);
        check(0, &["post"], &[(0, 90)]);
        check(0, &[], &[(0, 90)]);
        check(1, &[], &[]);
        check(1, &["calls"], &[(0, 15)]);
        let unskilled = |queues: Vec<QueueId>| {
            Case::week().with(|case| {
                case.parts.agents[0].skills.clear();
                case.roster.agents.truncate(1);
                let on_queue = |a: &&mut Activity| a.kind == ActivityKind::OnQueue;
                let activities = case.roster.agents[0].shifts.iter_mut().flat_map(|shift| &mut shift.activities);
                activities.filter(on_queue).for_each(|a| a.queues.clone_from(&queues));
            })
        };
        unskilled(Vec::new()).expect(Rule::ActivityQueues, &[]);
        assert_eq!(unskilled(vec![id!(QueueId, "calls")]).amounts(Rule::ActivityQueues.id()).len(), 20);
    }
}
