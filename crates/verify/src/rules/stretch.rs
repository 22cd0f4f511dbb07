//! Stretches of work without a break, and the edges of a shift.

use fika_model::{Shift, Span};

use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::wording;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    for (person, shift) in book.shifts() {
        let mut breaks: Vec<_> = shift.breaks().map(|b| b.span).collect();
        breaks.sort_unstable();
        stretches(book, person, shift, &breaks, ledger);
        edges(book, person, shift, &breaks, ledger);
    }
}

fn stretches(book: &Book<'_>, person: &Person<'_>, shift: &Shift, breaks: &[Span], ledger: &mut Ledger) {
    let policy = &book.request.wellbeing;
    let (longest, shortest) = (i64::from(policy.longest_stretch.get()), i64::from(policy.shortest_stretch.get()));
    let mut reached = shift.span.start();
    for (n, end) in breaks.iter().map(|b| b.start()).chain([shift.span.end()]).enumerate() {
        let found = i64::from(end.minutes_since(reached));
        let span = Span::between(reached, end);
        let finding = |required, word: &str| Finding {
            agent: Some(person.id()),
            team: None,
            span,
            amount: Amount::minutes(required, found),
            cause: format!(
                "agent {} has a stretch of {found} minutes without a break on {}, {word} {required} are promised",
                person.id(),
                wording::stretch(&book.request.days, span)
            ),
        };
        ledger.check(Rule::LongestStretch, found <= longest, || finding(longest, "at most"));
        if n > 0 && n < breaks.len() {
            ledger.check(Rule::ShortestStretch, found >= shortest, || finding(shortest, "at least"));
        }
        reached = breaks.get(n).map_or(reached, |b| b.end());
    }
}

fn edges(book: &Book<'_>, person: &Person<'_>, shift: &Shift, breaks: &[Span], ledger: &mut Ledger) {
    let required = i64::from(book.request.wellbeing.edge.get());
    for span in breaks {
        let after_start = i64::from(span.start().minutes_since(shift.span.start()));
        let before_end = i64::from(shift.span.end().minutes_since(span.end()));
        for (found, edge) in [(after_start, "after the shift's start"), (before_end, "before the shift's end")] {
            ledger.check(Rule::Edge, found >= required, || Finding {
                agent: Some(person.id()),
                team: None,
                span: *span,
                amount: Amount::minutes(required, found),
                cause: format!(
                    "agent {}'s break on {} lies {found} minutes {edge}, at least {required} are promised",
                    person.id(),
                    wording::stretch(&book.request.days, *span)
                ),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Case, shift as lay};
    use fika_model::ActivityKind;

    fn with_breaks(length: u32, breaks: &[(u32, u32)]) -> Case {
        let breaks: Vec<_> = breaks.iter().map(|(offset, minutes)| (ActivityKind::RestBreak, *offset, *minutes, true)).collect();
        Case::week().with(|case| *case.shift(0, 0) = lay("x", 540, length, &breaks))
    }

    #[test]
    fn stretches_hold_on_both_sides() {
        let check = |length, breaks: &[(u32, u32)], longest: &[(i64, i64)], shortest: &[(i64, i64)]| {
            let case = with_breaks(length, breaks);
            case.expect(Rule::LongestStretch, longest);
            case.expect(Rule::ShortestStretch, shortest);
        };
        check(120, &[], &[], &[]);
        check(121, &[], &[(120, 121)], &[]);
        check(375, &[(120, 15), (255, 0)], &[], &[]);
        check(376, &[(121, 15), (256, 0)], &[(120, 121)], &[]);
        check(376, &[(120, 15), (256, 0)], &[(120, 121)], &[]);
        check(376, &[(120, 15), (255, 0)], &[(120, 121)], &[]);
        check(240, &[(60, 15), (120, 15)], &[], &[]);
        check(240, &[(60, 15), (119, 15)], &[], &[(45, 44)]);
        check(240, &[(60, 15), (75, 15)], &[(120, 150)], &[(45, 0)]);
    }

    #[test]
    fn edges_hold_on_both_sides() {
        let check = |breaks: &[(u32, u32)], expect: &[(i64, i64)]| with_breaks(240, breaks).expect(Rule::Edge, expect);
        check(&[(45, 15), (180, 15)], &[]);
        check(&[(44, 15), (180, 15)], &[(45, 44)]);
        check(&[(45, 15), (180, 16)], &[(45, 44)]);
        check(&[(0, 240)], &[(45, 0), (45, 0)]);
    }
}
