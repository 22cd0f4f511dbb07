//! What contracts say about shifts, days and paid hours.

use std::collections::BTreeSet;

use fika_model::{DayIndex, Span};

use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::wording;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    for person in &book.people {
        shifts(book, person, ledger);
        consecutive_days(book, person, ledger);
        for days in book.weeks() {
            week(book, person, &days, ledger);
        }
    }
}

fn shifts(book: &Book<'_>, person: &Person<'_>, ledger: &mut Ledger) {
    let contract = person.contract;
    for shift in &person.roster.shifts {
        let when = || format!("agent {}'s shift on {}", person.id(), wording::stretch(&book.request.days, shift.span));
        let finding = |amount, cause| Finding { agent: Some(person.id()), team: None, span: shift.span, amount, cause };
        if let Some(template) = &shift.template {
            ledger.check(Rule::ContractTemplate, contract.templates.is_empty() || contract.templates.contains(template), || {
                finding(
                    Amount::shifts(0, 1),
                    format!("{} is of template {template}, which contract {} does not allow", when(), contract.id),
                )
            });
        }
        let (range, length) = (contract.shift_length, shift.span.length());
        ledger.check(Rule::ContractShiftLength, range.holds(length), || {
            let bound = if length < range.least { range.least } else { range.most };
            let word = if length < range.least { "at least" } else { "at most" };
            let cause = format!("{} lasts {} minutes, contract {} allows {word} {}", when(), length.get(), contract.id, bound.get());
            finding(Amount::minutes(i64::from(bound.get()), i64::from(length.get())), cause)
        });
    }
}

/// Days on which a shift of this agent begins.
fn worked(book: &Book<'_>, person: &Person<'_>) -> BTreeSet<DayIndex> {
    person.roster.shifts.iter().filter_map(|shift| book.day_of(shift)).collect()
}

fn consecutive_days(book: &Book<'_>, person: &Person<'_>, ledger: &mut Ledger) {
    let worked = worked(book, person);
    let most = i64::from(person.contract.most_consecutive_days);
    let mut run: Vec<DayIndex> = Vec::new();
    let mut before = i64::from(person.agent.days_worked_before);
    for day in book.request.days.days() {
        if worked.contains(&day) {
            run.push(day);
        }
        let ends = !worked.contains(&day) || day.get() + 1 == book.request.days.len();
        if ends && !run.is_empty() {
            let found = before + run.len() as i64;
            ledger.check(Rule::ConsecutiveDays, found <= most, || Finding {
                agent: Some(person.id()),
                team: None,
                span: book.span_of(&run),
                amount: Amount::days(most, found),
                cause: format!(
                    "agent {} works {found} days in a row up to {}, {before} of them before the horizon; the contract allows {most}",
                    person.id(),
                    book.request.days.date(run[run.len() - 1])
                ),
            });
        }
        if ends {
            run.clear();
            before = 0;
        }
    }
}

/// Paid minutes of the shifts that begin in the week, and minutes that absences beginning in it are credited with.
fn paid(person: &Person<'_>, week: Span) -> i64 {
    let begun = person.roster.shifts.iter().filter(|shift| week.holds(shift.span.start()));
    let pieces = begun.flat_map(|shift| shift.activities.iter()).filter(|activity| activity.paid);
    let worked: i64 = pieces.map(|activity| i64::from(activity.span.length().get())).sum();
    let away = person.agent.absences.iter().filter(|absence| week.holds(absence.span.start()));
    worked + away.map(|absence| i64::from(absence.credited.get())).sum::<i64>()
}

fn week(book: &Book<'_>, person: &Person<'_>, days: &[DayIndex], ledger: &mut Ledger) {
    let contract = person.contract;
    let span = book.span_of(days);
    let name = || format!("agent {} in the week from {}", person.id(), book.request.days.date(days[0]));
    let finding = |amount, cause| Finding { agent: Some(person.id()), team: None, span, amount, cause };

    let most_shifts = i64::from(contract.most_days_per_week);
    let shifts = person.roster.shifts.iter().filter(|shift| span.holds(shift.span.start())).count() as i64;
    ledger.check(Rule::DaysPerWeek, shifts <= most_shifts, || {
        let cause = format!("{} begins {shifts} shifts, the contract allows {most_shifts}", name());
        finding(Amount::shifts(most_shifts, shifts), cause)
    });
    let least = i64::from(contract.week_paid.least.get()) * days.len() as i64 / 7;
    let most = i64::from(contract.week_paid.most.get());
    let found = paid(person, span);
    ledger.check(Rule::WeekPaidLeast, found >= least, || {
        finding(Amount::minutes(least, found), format!("{} has {found} paid minutes, at least {least} are due", name()))
    });
    ledger.check(Rule::WeekPaidMost, found <= most, || {
        finding(Amount::minutes(most, found), format!("{} has {found} paid minutes, at most {most} are allowed", name()))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Case, id, shift as lay, span};
    use fika_model::people::{Absence, MinutesRange};
    use fika_model::{Minutes, TemplateId};

    /// One agent with shifts of 8 h from 09:00 on these days.
    fn days_worked(horizon: u32, days: &[i32]) -> Case {
        Case::days(horizon).with(|case| {
            case.roster.agents.truncate(1);
            case.roster.agents[0].shifts = days.iter().map(|day| lay(&day.to_string(), day * 1440 + 540, 480, &[])).collect();
        })
    }

    #[test]
    fn templates_and_lengths_of_shifts() {
        let check = |allowed: &[&str], expect: &[(i64, i64)]| {
            let case = days_worked(7, &[0]).with(|case| {
                case.parts.templates.push(case.parts.templates[0].clone());
                case.parts.templates[1].id = id!(TemplateId, "late");
                case.parts.contracts[0].templates = allowed.iter().map(|name| id!(TemplateId, *name)).collect();
            });
            case.expect(Rule::ContractTemplate, expect);
        };
        check(&[], &[]);
        check(&["day"], &[]);
        check(&["late"], &[(0, 1)]);
        let check = |least, most, expect: &[(i64, i64)]| {
            let range = MinutesRange { least: Minutes::of(least), most: Minutes::of(most) };
            days_worked(7, &[0]).with(|case| case.parts.contracts[0].shift_length = range).expect(Rule::ContractShiftLength, expect);
        };
        check(480, 480, &[]);
        check(481, 540, &[(481, 480)]);
        check(400, 479, &[(479, 480)]);
    }

    #[test]
    fn days_per_week_count_in_each_week() {
        let check = |horizon, days: &[i32], expect: &[(i64, i64)]| days_worked(horizon, days).expect(Rule::DaysPerWeek, expect);
        check(7, &[0, 1, 2, 3, 4], &[]);
        check(7, &[0, 1, 2, 3, 4, 6], &[(5, 6)]);
        check(14, &[2, 3, 4, 5, 6, 7, 8, 9, 10, 11], &[]);
        check(9, &[1, 2, 3, 4, 5, 6, 7, 8], &[(5, 6)]);
    }

    #[test]
    fn days_in_a_row_cross_weeks_and_the_start_of_the_horizon() {
        let check = |before, days: &[i32], expect: &[(i64, i64)]| {
            days_worked(14, days).with(|case| case.parts.agents[0].days_worked_before = before).expect(Rule::ConsecutiveDays, expect);
        };
        check(0, &[3, 4, 5, 6, 7], &[]);
        check(0, &[3, 4, 5, 6, 7, 8], &[(5, 6)]);
        check(4, &[0, 2, 3], &[]);
        check(5, &[0, 2, 3], &[(5, 6)]);
        check(9, &[1, 2, 3, 4, 5], &[]);
        check(0, &[8, 9, 10, 11, 12, 13], &[(5, 6)]);
    }

    #[test]
    fn paid_minutes_hold_on_both_sides() {
        let check = |least, most, low: &[(i64, i64)], high: &[(i64, i64)]| {
            let case = days_worked(7, &[0, 1, 2, 3]).with(|case| {
                case.parts.contracts[0].week_paid = MinutesRange { least: Minutes::of(least), most: Minutes::of(most) };
            });
            case.expect(Rule::WeekPaidLeast, low);
            case.expect(Rule::WeekPaidMost, high);
        };
        check(1920, 1920, &[], &[]);
        check(1921, 2400, &[(1921, 1920)], &[]);
        check(0, 1919, &[], &[(1919, 1920)]);
    }

    #[test]
    fn absences_are_credited_where_they_begin_and_a_short_week_counts_in_proportion() {
        let check = |start, credited, expect: &[(i64, i64)]| {
            let case = days_worked(14, &[0, 1, 2, 7, 8, 9, 10]).with(|case| {
                let absence = Absence { span: span(start, 60), code: "leave".into(), credited: Minutes::of(credited) };
                case.parts.agents[0].absences = vec![absence];
            });
            case.expect(Rule::WeekPaidLeast, expect);
        };
        check(6 * 1440 + 1439, 360, &[]);
        check(6 * 1440 + 1439, 359, &[(1800, 1799)]);
        check(7 * 1440, 360, &[(1800, 1440)]);
        check(-1, 360, &[(1800, 1440)]);
        days_worked(9, &[0, 1, 2, 3, 7]).expect(Rule::WeekPaidLeast, &[(514, 480)]);
        days_worked(9, &[0, 1, 2, 3, 7, 8]).expect(Rule::WeekPaidLeast, &[]);
    }
}
