//! Rest between shifts, days off and weekly rest.

use fika_model::{DayIndex, Minute, Minutes, Span};

use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::wording;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    for person in &book.people {
        between_shifts(book, person, ledger);
        daily(book, person, ledger);
        for days in book.weeks().filter(|days| days.len() == 7) {
            days_off(book, person, &days, ledger);
            weekly(book, person, &days, ledger);
        }
    }
}

fn last_end_before(book: &Book<'_>, person: &Person<'_>) -> Option<Minute> {
    person.agent.last_shift_end.map(|at| {
        let minute = book.request.days.minute_of(at);
        // An end inside a minute takes all of that minute.
        if book.request.days.timestamp(minute) < at { minute.plus(Minutes::of(1)) } else { minute }
    })
}

fn between_shifts(book: &Book<'_>, person: &Person<'_>, ledger: &mut Ledger) {
    let required = i64::from(book.request.rest.between_shifts.get());
    let mut end_before = last_end_before(book, person);
    for shift in &person.roster.shifts {
        if let Some(end) = end_before {
            let found = i64::from(shift.span.start().minutes_since(end));
            ledger.check(Rule::RestBetweenShifts, found >= required, || Finding {
                agent: Some(person.id()),
                team: None,
                span: Span::between(end, shift.span.start()),
                amount: Amount::minutes(required, found),
                cause: format!(
                    "agent {} rests {found} minutes between {} and {}, {required} are due",
                    person.id(),
                    wording::point(&book.request.days, end),
                    wording::point(&book.request.days, shift.span.start())
                ),
            });
        }
        end_before = Some(end_before.map_or(shift.span.end(), |end| end.max(shift.span.end())));
    }
}

/// The longest rest in the 24 hours from each shift's start: the day is cut at the starts and ends of all shifts that lie in it.
fn daily(book: &Book<'_>, person: &Person<'_>, ledger: &mut Ledger) {
    let required = i64::from(book.request.rest.daily.get());
    if required == 0 {
        return;
    }
    for shift in &person.roster.shifts {
        let day = Span::new(shift.span.start(), Minutes::of(1440));
        let mut shifts: Vec<_> = person.roster.shifts.iter().map(|other| other.span).filter(|span| span.overlap(day).get() > 0).collect();
        shifts.sort_unstable();
        let (mut reached, mut found) = (day.start(), 0);
        for end in shifts.iter().map(|span| (span.start(), span.end())).chain([(day.end(), day.end())]) {
            found = found.max(i64::from(end.0.minutes_since(reached)));
            reached = reached.max(end.1);
        }
        ledger.check(Rule::DailyRest, found >= required, || Finding {
            agent: Some(person.id()),
            team: None,
            span: day,
            amount: Amount::minutes(required, found),
            cause: format!(
                "agent {} rests {found} minutes in a row in the 24 hours from {}, {required} are due",
                person.id(),
                wording::point(&book.request.days, day.start())
            ),
        });
    }
}

fn days_off(book: &Book<'_>, person: &Person<'_>, days: &[DayIndex], ledger: &mut Ledger) {
    let required = i64::from(book.request.rest.days_off_per_week);
    let end_before = last_end_before(book, person);
    let touched = |day: &&DayIndex| {
        let span = book.request.days.day_span(**day);
        let before = end_before.is_some_and(|end| end > span.start());
        before || person.roster.shifts.iter().any(|shift| span.holds(shift.span.start()) || shift.span.overlap(span) > Minutes::ZERO)
    };
    let found = days.len() as i64 - days.iter().filter(touched).count() as i64;
    ledger.check(Rule::DaysOff, found >= required, || Finding {
        agent: Some(person.id()),
        team: None,
        span: book.span_of(days),
        amount: Amount::days(required, found),
        cause: format!(
            "agent {} has {found} days off in the week from {}, {required} are due",
            person.id(),
            book.request.days.date(days[0])
        ),
    });
}

/// The longest rest inside the week; a shift that reaches into it from before takes its part.
fn weekly(book: &Book<'_>, person: &Person<'_>, days: &[DayIndex], ledger: &mut Ledger) {
    let required = i64::from(book.request.rest.weekly.get());
    let week = book.span_of(days);
    let mut reached = last_end_before(book, person).map_or(week.start(), |end| end.max(week.start())).min(week.end());
    let mut longest = Span::new(reached, Minutes::ZERO);
    let mut shifts: Vec<_> = person.roster.shifts.iter().map(|shift| shift.span).collect();
    shifts.sort_unstable();
    for shift in shifts {
        let rest = Span::between(reached, shift.start().min(week.end()));
        longest = if rest.length() > longest.length() { rest } else { longest };
        reached = reached.max(shift.end().min(week.end()));
    }
    let rest = Span::between(reached, week.end());
    longest = if rest.length() > longest.length() { rest } else { longest };
    let found = i64::from(longest.length().get());
    ledger.check(Rule::WeeklyRest, found >= required, || Finding {
        agent: Some(person.id()),
        team: None,
        span: week,
        amount: Amount::minutes(required, found),
        cause: format!(
            "agent {}'s longest rest in the week from {} is {found} minutes ({}), {required} are due",
            person.id(),
            book.request.days.date(days[0]),
            wording::stretch(&book.request.days, longest)
        ),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Case, shift as lay};
    use fika_model::Timestamp;

    /// One agent with these shifts: start and length.
    fn shifts(horizon: u32, spans: &[(i32, u32)]) -> Case {
        Case::days(horizon).with(|case| {
            case.roster.agents.truncate(1);
            let shifts = spans.iter().map(|(start, length)| lay(&start.to_string(), *start, *length, &[]));
            case.roster.agents[0].shifts = shifts.collect();
        })
    }

    #[test]
    fn rest_between_shifts() {
        let check = |spans: &[(i32, u32)], expect: &[(i64, i64)]| shifts(7, spans).expect(Rule::RestBetweenShifts, expect);
        check(&[(720, 540), (1920, 480)], &[]);
        check(&[(720, 541), (1920, 480)], &[(660, 659)]);
        check(&[(720, 540), (1919, 480)], &[(660, 659)]);
        check(&[(720, 540), (1200, 480)], &[(660, -60)]);
    }

    #[test]
    fn rest_after_the_last_shift_before_the_horizon() {
        let check = |seconds: i64, expect: &[(i64, i64)]| {
            let case = shifts(7, &[(480, 480)]).with(|case| {
                let at = Timestamp::from_second(case.parts.days.start().as_second() + seconds).expect("a time");
                case.parts.agents[0].last_shift_end = Some(at);
            });
            case.expect(Rule::RestBetweenShifts, expect);
        };
        check(-180 * 60, &[]);
        check(-179 * 60, &[(660, 659)]);
        check(-180 * 60 + 1, &[(660, 659)]);
        check(60 * 60, &[(660, 420)]);
    }

    #[test]
    fn the_day_from_a_start_holds_its_rest() {
        let check = |spans: &[(i32, u32)], expect: &[(i64, i64)]| {
            shifts(7, spans).with(|case| case.parts.rest.daily = Minutes::of(660)).expect(Rule::DailyRest, expect);
        };
        check(&[(480, 780)], &[]);
        check(&[(480, 781)], &[(660, 659)]);
        check(&[(480, 480), (1620, 480)], &[]);
        check(&[(480, 480), (1619, 480)], &[(660, 659)]);
        shifts(7, &[(480, 781)]).expect(Rule::DailyRest, &[]);
    }

    #[test]
    fn days_off_are_free_of_every_minute() {
        let check = |spans: &[(i32, u32)], expect: &[(i64, i64)]| shifts(7, spans).expect(Rule::DaysOff, expect);
        let six: Vec<_> = (0..6).map(|day| (day * 1440 + 540, 480)).collect();
        let seven: Vec<_> = (0..7).map(|day| (day * 1440 + 540, 480)).collect();
        check(&six, &[]);
        check(&seven, &[(1, 0)]);
        let night = |length| {
            let mut nights = six.clone();
            nights[5] = (5 * 1440 + 960, length);
            nights
        };
        check(&night(480), &[]);
        check(&night(481), &[(1, 0)]);
        shifts(6, &six).expect(Rule::DaysOff, &[]);
        shifts(6, &six).expect(Rule::WeeklyRest, &[]);
    }

    #[test]
    fn weekly_rest_lies_inside_the_week() {
        let check = |spans: &[(i32, u32)], expect: &[(i64, i64)]| shifts(14, spans).expect(Rule::WeeklyRest, expect);
        // Daily shifts leave 16 h; the gap after the fourth is the rest.
        let week = |gap: i32| -> Vec<(i32, u32)> {
            let until = 5 * 1440 + 300;
            let mut spans: Vec<_> = (0..4).map(|day| (day * 1440 + 540, 480)).collect();
            spans.push((3 * 1440 + 1020 + gap, (until - (3 * 1440 + 1020 + gap)) as u32));
            spans.push((until + 600, 3000));
            spans
        };
        check(&week(1680), &[(2100, 1680)]);
        let rest = |before: i32| shifts(7, &[(0, 2000), (2000 + before, (10_080 - 2000 - before) as u32)]);
        rest(2100).expect(Rule::WeeklyRest, &[]);
        rest(2099).expect(Rule::WeeklyRest, &[(2100, 2099)]);
        let over_the_edge = shifts(14, &[(0, 9000), (11_000, 9160)]);
        over_the_edge.expect(Rule::WeeklyRest, &[(2100, 1080), (2100, 920)]);
        let from_before = shifts(7, &[(2159, 7921)]).with(|case| {
            let at = Timestamp::from_second(case.parts.days.start().as_second() + 3600).expect("a time");
            case.parts.agents[0].last_shift_end = Some(at);
        });
        from_before.expect(Rule::WeeklyRest, &[(2100, 2099)]);
    }
}
