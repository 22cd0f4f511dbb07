//! When an agent can work: availability and absences.

use fika_model::{DayIndex, Shift, Span};

use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::wording;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    for person in &book.people {
        let windows = windows(book, person);
        for shift in &person.roster.shifts {
            availability(book, person, shift, &windows, ledger);
            absences(book, person, shift, ledger);
        }
    }
}

/// The agent's availability in order, from the first day of the horizon to the day after it, into which a last shift may reach.
/// A window that begins on the day before the horizon is not known here, because the day is not: the stricter reading.
fn windows(book: &Book<'_>, person: &Person<'_>) -> Vec<Span> {
    let days = &book.request.days;
    let all = (0..=days.len() as u32).map(DayIndex::new);
    let mut windows: Vec<_> = all.flat_map(|day| person.agent.availability.iter().filter_map(move |w| w.on(days, day))).collect();
    windows.sort_unstable();
    windows
}

/// Minutes of `span` that no window holds; `windows` are in order of their starts.
fn outside(windows: &[Span], span: Span) -> i64 {
    let mut reached = span.start();
    let mut missing = 0;
    for window in windows {
        let from = window.start().min(span.end());
        missing += i64::from(from.minutes_since(reached).max(0));
        reached = reached.max(window.end().min(span.end())).max(from);
    }
    missing + i64::from(span.end().minutes_since(reached).max(0))
}

fn availability(book: &Book<'_>, person: &Person<'_>, shift: &Shift, windows: &[Span], ledger: &mut Ledger) {
    let missing = if person.agent.availability.is_empty() { 0 } else { outside(windows, shift.span) };
    ledger.check(Rule::Availability, missing == 0, || Finding {
        agent: Some(person.id()),
        team: None,
        span: shift.span,
        amount: Amount::minutes(0, missing),
        cause: format!(
            "agent {} is not available for {missing} minutes of the shift on {}",
            person.id(),
            wording::stretch(&book.request.days, shift.span)
        ),
    });
}

fn absences(book: &Book<'_>, person: &Person<'_>, shift: &Shift, ledger: &mut Ledger) {
    for absence in &person.agent.absences {
        let shared = i64::from(absence.span.overlap(shift.span).get());
        ledger.check(Rule::Absence, shared == 0, || Finding {
            agent: Some(person.id()),
            team: None,
            span: shift.span,
            amount: Amount::minutes(0, shared),
            cause: format!(
                "agent {} is away ({}) on {}, during {shared} minutes of the shift on {}",
                person.id(),
                absence.code,
                wording::stretch(&book.request.days, absence.span),
                wording::stretch(&book.request.days, shift.span)
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Case, shift as lay, span};
    use fika_model::Minutes;
    use fika_model::people::{Absence, WallWindow, Weekdays};

    #[test]
    fn minutes_outside_are_counted_once() {
        let check = |windows: &[Span], expect| assert_eq!(outside(windows, span(100, 50)), expect, "{windows:?}");
        check(&[], 50);
        check(&[span(100, 50)], 0);
        check(&[span(101, 49)], 1);
        check(&[span(100, 49)], 1);
        check(&[span(90, 30), span(110, 60)], 0);
        check(&[span(90, 30), span(130, 60)], 10);
        check(&[span(90, 80), span(95, 10)], 0);
        check(&[span(0, 100), span(150, 100)], 50);
        check(&[span(200, 10)], 50);
    }

    #[test]
    fn shifts_lie_in_the_availability() {
        let check = |windows: &[(u32, u32)], expect: &[(i64, i64)]| {
            let case = Case::week().with(|case| {
                let window = |(from_minute, to_minute)| WallWindow { weekdays: Weekdays::ALL, from_minute, to_minute };
                case.parts.agents[0].availability = windows.iter().copied().map(window).collect();
                case.roster.agents[0].shifts.truncate(1);
            });
            case.expect(Rule::Availability, expect);
        };
        check(&[], &[]);
        check(&[(540, 1020)], &[]);
        check(&[(541, 1020)], &[(0, 1)]);
        check(&[(540, 1019)], &[(0, 1)]);
        check(&[(540, 700), (700, 1020)], &[]);
        check(&[(0, 60)], &[(0, 480)]);
    }

    #[test]
    fn a_night_shift_may_leave_the_horizon_inside_the_availability() {
        let check = |to_minute, expect: &[(i64, i64)]| {
            let case = Case::week().with(|case| {
                case.parts.agents[0].availability = vec![WallWindow { weekdays: Weekdays::ALL, from_minute: 1320, to_minute }];
                case.roster.agents[0].shifts = vec![lay("x", 6 * 1440 + 1320, 480, &[])];
            });
            case.expect(Rule::Availability, expect);
        };
        check(1800, &[]);
        check(1799, &[(0, 1)]);
        check(1440, &[(0, 360)]);
    }

    #[test]
    fn absences_are_free_of_shifts() {
        let check = |start, length, expect: &[(i64, i64)]| {
            let absence = Absence { span: span(start, length), code: "leave".into(), credited: Minutes::ZERO };
            Case::week().with(|case| case.parts.agents[0].absences = vec![absence]).expect(Rule::Absence, expect);
        };
        check(1020, 960, &[]);
        check(1019, 960, &[(0, 1)]);
        check(1020, 961, &[(0, 1)]);
        check(600, 30, &[(0, 30)]);
    }
}
