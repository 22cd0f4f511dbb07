//! Who is on which queue for how long: runs on one queue, minutes on hard ones.
//!
//! A run is time on queue whose pieces name the same queue first; breaks neither count in it nor end it, work of another kind ends it. Its
//! minutes count while another queue of the agent that is not hard is open.

use fika_model::request::Queue;
use fika_model::rules::LEAST_ON_ONE_QUEUE;
use fika_model::{ActivityKind, Minutes, QueueId, Shift, Span};

use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::wording;

/// Time on queue, from its first minute to its last, that names one queue first.
struct Run<'a> {
    queue: &'a QueueId,
    pieces: Vec<Span>,
    /// Which of the parts of the shift that other work leaves.
    part: usize,
}

impl Run<'_> {
    fn span(&self) -> Span {
        let ends = self.pieces.first().zip(self.pieces.last()).map(|(first, last)| Span::between(first.start(), last.end()));
        ends.unwrap_or(Span::new(fika_model::Minute::new(0), Minutes::ZERO))
    }

    fn minutes(&self) -> i64 {
        self.pieces.iter().map(|piece| i64::from(piece.length().get())).sum()
    }
}

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    if !book.request.limits_queues() {
        return;
    }
    let hours: Vec<(&Queue, Vec<Span>)> =
        book.request.queues.iter().map(|queue| (queue, joined(queue.hours_in(&book.request.days)))).collect();
    for (person, shift) in book.shifts() {
        let able: Vec<&(&Queue, Vec<Span>)> =
            hours.iter().filter(|(queue, _)| person.agent.skills.iter().any(|own| own.skill == queue.skill)).collect();
        if able.len() > 1 {
            in_row(book, person, shift, &able, ledger);
        }
        for (queue, _) in &able {
            hard(book, person, shift, queue, ledger);
        }
    }
}

fn in_row(book: &Book<'_>, person: &Person<'_>, shift: &Shift, able: &[&(&Queue, Vec<Span>)], ledger: &mut Ledger) {
    let runs = runs(shift);
    for run in &runs {
        let finding = |rule: &str, amount| Finding {
            agent: Some(person.id()),
            team: None,
            span: run.span(),
            amount,
            cause: format!("agent {}: on {} {rule} {}", person.id(), run.queue, wording::stretch(&book.request.days, run.span())),
        };
        if let Some(most) = book.request.wellbeing.most_on_one_queue {
            let others: Vec<Span> =
                able.iter().filter(|(q, _)| &q.id != run.queue && !q.is_hard()).flat_map(|(_, hours)| hours).copied().collect();
            let others = joined(others);
            let open = |piece: &Span| others.iter().map(|hours| i64::from(hours.overlap(*piece).get())).sum::<i64>();
            let counted: i64 = run.pieces.iter().map(open).sum();
            let most = i64::from(most.get());
            ledger.check(Rule::QueueInRow, counted <= most, || {
                finding(&format!("for {counted} minutes in a row where at most {most} are promised,"), Amount::minutes(most, counted))
            });
        }
        let alone = runs.iter().filter(|other| other.part == run.part).count() == 1;
        let (least, found) = (i64::from(LEAST_ON_ONE_QUEUE.get()), run.minutes());
        ledger.check(Rule::QueueLeast, alone || found >= least, || {
            finding(&format!("for {found} minutes where a change of queue leaves at least {least},"), Amount::minutes(least, found))
        });
    }
}

fn hard(book: &Book<'_>, person: &Person<'_>, shift: &Shift, queue: &Queue, ledger: &mut Ledger) {
    let Some(most) = queue.hard_minutes_per_day else { return };
    let serves = shift.activities.iter().filter(|a| a.kind == ActivityKind::OnQueue && a.queues.contains(&queue.id));
    let found: i64 = serves.map(|activity| i64::from(activity.span.length().get())).sum();
    let most = i64::from(most.get());
    ledger.check(Rule::HardMinutes, found <= most, || Finding {
        agent: Some(person.id()),
        team: None,
        span: shift.span,
        amount: Amount::minutes(most, found),
        cause: format!(
            "agent {}: serves the hard queue {} for {found} minutes of the shift on {}, where at most {most} are allowed",
            person.id(),
            queue.id,
            wording::stretch(&book.request.days, shift.span)
        ),
    });
}

fn runs(shift: &Shift) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    let mut part = 0;
    for activity in &shift.activities {
        match (activity.kind, activity.queues.first()) {
            (ActivityKind::OnQueue, Some(queue)) => match runs.last_mut() {
                Some(run) if run.part == part && run.queue == queue => run.pieces.push(activity.span),
                _ => runs.push(Run { queue, pieces: vec![activity.span], part }),
            },
            (kind, _) if kind.is_break() => {}
            _ => part += 1,
        }
    }
    runs
}

/// Pieces of time in order, those that touch or overlap as one.
fn joined(mut pieces: Vec<Span>) -> Vec<Span> {
    pieces.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for piece in pieces {
        match joined.last_mut() {
            Some(last) if piece.start() <= last.end() => *last = Span::between(last.start(), last.end().max(piece.end())),
            _ => joined.push(piece),
        }
    }
    joined
}

#[cfg(test)]
mod tests;
