//! Stretches of work without a break, and the edges of a shift.

use fika_model::rules::StretchRule;
use fika_model::{Minutes, RuleId, Shift, Span};

use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger, Row};
use crate::rule::Rule;
use crate::wording;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    for (person, shift) in book.shifts() {
        let mut breaks: Vec<_> = shift.breaks().map(|b| b.span).collect();
        breaks.sort_unstable();
        stretches(book, person, shift, &breaks, ledger);
        edges(book, person, shift, &breaks, ledger);
        for (position, rule) in book.request.stretches.iter().enumerate() {
            by_rule(book, person, shift, &breaks, (position, rule), ledger);
        }
    }
}

/// What a limit of stretches asks of a stretch or a break, and what is there.
struct Measure {
    span: Span,
    required: i64,
    found: i64,
    holds: bool,
    what: &'static str,
}

/// Every measure that a limit of stretches takes of a shift with these breaks, in order of time.
fn measures(shift: Span, breaks: &[Span], rule: &StretchRule) -> Vec<Measure> {
    let ending: Vec<_> = breaks.iter().filter(|b| b.length() >= rule.broken_by).collect();
    let mut measures = Vec::new();
    let mut add = |span: Span, limit: Option<Minutes>, found: i32, most: bool, what: &'static str| {
        let (required, found) = (i64::from(limit.unwrap_or_default().get()), i64::from(found));
        let holds = if most { found <= required } else { found >= required };
        measures.extend(limit.map(|_| Measure { span, required, found, holds, what }));
    };
    let mut reached = shift.start();
    for (n, end) in ending.iter().map(|b| b.start()).chain([shift.end()]).enumerate() {
        let (span, length) = (Span::between(reached, end), end.minutes_since(reached));
        add(span, rule.longest, length, true, "minutes long without a break that counts, at most");
        if n > 0 && n < ending.len() {
            add(span, rule.shortest, length, false, "minutes long between two breaks, at least");
        }
        reached = ending.get(n).map_or(reached, |b| b.end());
    }
    for span in ending {
        let edge = span.start().minutes_since(shift.start()).min(shift.end().minutes_since(span.end()));
        add(*span, rule.edge, edge, false, "minutes from an end of the shift, at least");
    }
    measures
}

/// Whether breaks keep every limit of stretches, the policy's and the request's, and do not overlap.
pub(super) fn holds(book: &Book<'_>, shift: Span, breaks: &[Span]) -> bool {
    let policy = &book.request.wellbeing;
    let promised = StretchRule {
        id: RuleId::new("policy").expect("a legal id"),
        broken_by: Minutes::ZERO,
        longest: Some(policy.longest_stretch),
        shortest: Some(policy.shortest_stretch),
        edge: Some(policy.edge),
    };
    let apart = breaks.windows(2).all(|pair| pair[0].end() <= pair[1].start());
    let all = book.request.stretches.iter().chain([&promised]);
    apart && all.flat_map(|rule| measures(shift, breaks, rule)).all(|measure| measure.holds)
}

fn by_rule(
    book: &Book<'_>,
    person: &Person<'_>,
    shift: &Shift,
    breaks: &[Span],
    (position, rule): (usize, &StretchRule),
    ledger: &mut Ledger,
) {
    for Measure { span, required, found, holds, what } in measures(shift.span, breaks, rule) {
        ledger.check(Row::Stretch(position), holds, || Finding {
            agent: Some(person.id()),
            team: None,
            span,
            amount: Amount::minutes(required, found),
            cause: format!(
                "agent {} on {}: {found} {what} {required} by {}",
                person.id(),
                wording::stretch(&book.request.days, span),
                rule.id
            ),
        });
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

    /// A limit by law beside a policy that asks for nothing.
    fn by_law(length: u32, breaks: &[(u32, u32)], rule: impl FnOnce(&mut StretchRule)) -> Vec<(i64, i64)> {
        let case = with_breaks(length, breaks).with(|case| {
            let mut law = StretchRule {
                id: crate::fixture::id!(RuleId, "law"),
                broken_by: Minutes::of(15),
                longest: None,
                shortest: None,
                edge: None,
            };
            rule(&mut law);
            case.parts.stretches.push(law);
            case.roster.agents.truncate(1);
            case.roster.agents[0].shifts.truncate(1);
        });
        case.amounts("law")
    }

    #[test]
    fn only_breaks_long_enough_end_a_stretch() {
        let check = |length, breaks: &[(u32, u32)], expect: &[(i64, i64)]| {
            assert_eq!(by_law(length, breaks, |law| law.longest = Some(Minutes::of(360))), expect, "{length} {breaks:?}");
        };
        check(360, &[], &[]);
        check(361, &[], &[(360, 361)]);
        check(480, &[(200, 15)], &[]);
        check(480, &[(200, 14)], &[(360, 480)]);
        check(540, &[(60, 10), (360, 15), (450, 10)], &[]);
        check(540, &[(60, 10), (365, 15), (450, 10)], &[(360, 365)]);
        check(540, &[(60, 15), (120, 10)], &[(360, 465)]);
    }

    #[test]
    fn gaps_and_edges_by_law_hold_on_both_sides() {
        let gap = |breaks: &[(u32, u32)], expect: &[(i64, i64)]| {
            assert_eq!(by_law(480, breaks, |law| law.shortest = Some(Minutes::of(90))), expect, "{breaks:?}");
        };
        gap(&[(100, 15), (205, 15)], &[]);
        gap(&[(100, 15), (204, 15)], &[(90, 89)]);
        gap(&[(100, 15), (130, 10), (205, 15)], &[]);
        let edge = |breaks: &[(u32, u32)], expect: &[(i64, i64)]| {
            assert_eq!(by_law(480, breaks, |law| law.edge = Some(Minutes::of(1))), expect, "{breaks:?}");
        };
        edge(&[(1, 15), (464, 15)], &[]);
        edge(&[(0, 15), (465, 15)], &[(1, 0), (1, 0)]);
        edge(&[(0, 14)], &[]);
    }
}
