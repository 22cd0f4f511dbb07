//! Shifts: their ids, their order, and the template that each is made from.

use std::collections::{BTreeMap, BTreeSet};

use fika_model::rules::ShiftTemplate;
use fika_model::{DayIndex, Minute, Shift, TemplateId};

use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::wording;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    ids(book, ledger);
    for person in &book.people {
        order(book, person, ledger);
        one_a_day(book, person, ledger);
    }
    let mut starts = Starts::default();
    for (person, shift) in book.shifts() {
        template(book, person, shift, &mut starts, ledger);
    }
}

fn ids(book: &Book<'_>, ledger: &mut Ledger) {
    let mut seen = BTreeSet::new();
    for (person, shift) in book.shifts() {
        let fresh = !shift.id.is_empty() && seen.insert(shift.id.as_str());
        ledger.check(Rule::ShiftId, fresh, || {
            let cause = if shift.id.is_empty() {
                format!("agent {}'s shift on {} has no id", person.id(), wording::stretch(&book.request.days, shift.span))
            } else {
                let when = wording::stretch(&book.request.days, shift.span);
                format!("agent {}'s shift on {when} has the id {:?} of another shift", person.id(), shift.id)
            };
            finding(person, shift, Amount::shifts(1, if shift.id.is_empty() { 0 } else { 2 }), cause)
        });
    }
}

fn order(book: &Book<'_>, person: &Person<'_>, ledger: &mut Ledger) {
    let days = &book.request.days;
    let mut earliest = days.span().start();
    for shift in &person.roster.shifts {
        let start = shift.span.start();
        let sound = start >= earliest && days.span().holds(start) && shift.span.length().get() > 0;
        ledger.check(Rule::ShiftInHorizon, sound, || {
            let when = wording::stretch(days, shift.span);
            let cause = format!(
                "agent {}'s shift on {when} does not begin inside the horizon and after the shift before it, or has no length",
                person.id()
            );
            let nearest = start.max(earliest).min(Minute::new(days.span().end().get() - 1));
            finding(person, shift, Amount::minutes(i64::from(nearest.get()), i64::from(start.get())), cause)
        });
        earliest = earliest.max(shift.span.end());
    }
}

fn one_a_day(book: &Book<'_>, person: &Person<'_>, ledger: &mut Ledger) {
    let mut per_day: BTreeMap<DayIndex, Vec<&Shift>> = BTreeMap::new();
    for shift in &person.roster.shifts {
        if let Some(day) = book.day_of(shift) {
            per_day.entry(day).or_default().push(shift);
        }
    }
    for (day, shifts) in per_day {
        ledger.check(Rule::OneShiftADay, shifts.len() <= 1, || {
            let cause = format!("agent {} begins {} shifts on {}", person.id(), shifts.len(), book.request.days.date(day));
            finding(person, shifts[shifts.len() - 1], Amount::shifts(1, shifts.len() as i64), cause)
        });
    }
}

/// The starts of templates on days as they were first asked for: the wall clock is slow to read.
type Starts = BTreeMap<(TemplateId, DayIndex), Vec<(u32, Minute)>>;

/// A template's starts on a day: minutes after midnight by the wall clock, and the minute of the horizon that means.
fn starts_on(book: &Book<'_>, template: &ShiftTemplate, day: DayIndex) -> Vec<(u32, Minute)> {
    let step = template.start_step.get().max(1) as usize;
    let wall = (template.start_from..=template.start_to).step_by(step);
    wall.map(|minute_of_day| (minute_of_day, book.request.days.minute_at_wall(day, minute_of_day))).collect()
}

fn template(book: &Book<'_>, person: &Person<'_>, shift: &Shift, starts: &mut Starts, ledger: &mut Ledger) {
    let days = &book.request.days;
    let when = || format!("agent {}'s shift on {}", person.id(), wording::stretch(days, shift.span));
    let found = shift.template.as_ref().and_then(|id| book.request.templates.iter().find(|t| &t.id == id));
    let known = ledger.check(Rule::ShiftTemplate, found.is_some(), || {
        let cause = match &shift.template {
            Some(id) => format!("{} is made from template {id}, which the request does not have", when()),
            None => format!("{} is made from no template", when()),
        };
        finding(person, shift, Amount::shifts(0, 1), cause)
    });
    let Some(template) = found.filter(|_| known) else { return };
    length(shift, template, ledger, |amount, cause| finding(person, shift, amount, format!("{} {cause}", when())));
    let Some(day) = book.day_of(shift) else { return };
    ledger.check(Rule::ShiftTemplate, template.weekdays.holds(days.weekday(day)), || {
        let cause = format!("{} is made from template {}, which begins no shifts on this day of the week", when(), template.id);
        finding(person, shift, Amount::shifts(0, 1), cause)
    });
    let allowed = starts.entry((template.id.clone(), day)).or_insert_with(|| starts_on(book, template, day));
    let begins = shift.span.start();
    ledger.check(Rule::ShiftStart, allowed.iter().any(|(_, minute)| *minute == begins), || {
        let (_, of_day) = days.wall_at(begins);
        let nearest = allowed.iter().min_by_key(|(_, minute)| (minute.minutes_since(begins).abs(), *minute));
        let nearest = nearest.map_or(template.start_from, |(wall, _)| *wall);
        let cause = format!("{} begins at none of the starts of template {}, the nearest is {}", when(), template.id, clock(nearest));
        finding(person, shift, Amount::minutes(i64::from(nearest), i64::from(of_day)), cause)
    });
}

fn length<'a>(shift: &Shift, template: &ShiftTemplate, ledger: &mut Ledger, finding: impl FnOnce(Amount, String) -> Finding<'a>) {
    let (from, to, step) = (template.length_from.get(), template.length_to.get(), template.length_step.get().max(1));
    let minutes = shift.span.length().get();
    let on_grid = minutes >= from && minutes <= to && (minutes - from).is_multiple_of(step);
    ledger.check(Rule::ShiftLength, on_grid, || {
        let last = from + (to.max(from) - from) / step * step;
        let nearest = (from + (minutes.max(from) - from + step / 2) / step * step).min(last);
        let cause = format!("lasts {minutes} minutes, the nearest length of template {} is {nearest}", template.id);
        finding(Amount::minutes(i64::from(nearest), i64::from(minutes)), cause)
    });
}

fn clock(minute_of_day: u32) -> String {
    format!("{:02}:{:02}", minute_of_day / 60, minute_of_day % 60)
}

fn finding<'a>(person: &Person<'a>, shift: &Shift, amount: Amount, cause: String) -> Finding<'a> {
    Finding { agent: Some(person.id()), team: None, span: shift.span, amount, cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Case, id, shift as lay};
    use fika_model::people::Weekdays;
    use fika_model::{Date, DayMap, Weekday};

    #[test]
    fn ids_are_there_and_unique() {
        let check =
            |name: &str, expect: &[(i64, i64)]| Case::week().with(|case| case.shift(1, 1).id = name.into()).expect(Rule::ShiftId, expect);
        check("fresh", &[]);
        check("a1-0", &[(1, 2)]);
        check("", &[(1, 0)]);
    }

    #[test]
    fn shifts_begin_inside_the_horizon_and_in_order() {
        let check = |spans: &[(i32, u32)], expect: &[(i64, i64)]| {
            let case = Case::week().with(|case| {
                let shifts = spans.iter().enumerate().map(|(n, (start, length))| lay(&n.to_string(), *start, *length, &[]));
                case.roster.agents[0].shifts = shifts.collect();
            });
            case.expect(Rule::ShiftInHorizon, expect);
        };
        check(&[(0, 480)], &[]);
        check(&[(-1, 480)], &[(0, -1)]);
        check(&[(10_079, 480)], &[]);
        check(&[(10_080, 480)], &[(10_079, 10_080)]);
        check(&[(0, 480), (480, 480)], &[]);
        check(&[(0, 480), (479, 480)], &[(480, 479)]);
        check(&[(1440, 480), (0, 480)], &[(1920, 0)]);
        check(&[(0, 0)], &[(0, 0)]);
    }

    #[test]
    fn one_shift_a_day() {
        let check = |second: i32, expect: &[(i64, i64)]| {
            let case = Case::week().with(|case| case.roster.agents[0].shifts = vec![lay("x", 0, 240, &[]), lay("y", second, 240, &[])]);
            case.expect(Rule::OneShiftADay, expect);
        };
        check(1439, &[(1, 2)]);
        check(1440, &[]);
    }

    #[test]
    fn templates_are_known_and_begin_on_the_day() {
        let check = |name: Option<&str>, weekdays: Weekdays, expect: &[(i64, i64)]| {
            let case = Case::week().with(|case| {
                case.parts.templates[0].weekdays = weekdays;
                case.roster.agents.truncate(1);
                case.roster.agents[0].shifts.truncate(1);
                case.shift(0, 0).template = name.map(|name| id!(TemplateId, name));
            });
            case.expect(Rule::ShiftTemplate, expect);
        };
        check(Some("day"), Weekdays::ALL, &[]);
        check(Some("day"), Weekdays::of([Weekday::Monday]), &[]);
        check(Some("day"), Weekdays::of([Weekday::Tuesday, Weekday::Sunday]), &[(0, 1)]);
        check(Some("night"), Weekdays::ALL, &[(0, 1)]);
        check(None, Weekdays::ALL, &[(0, 1)]);
    }

    #[test]
    fn starts_and_lengths_lie_on_the_template() {
        let check = |start: i32, length: u32, starts: &[(i64, i64)], lengths: &[(i64, i64)]| {
            let case = Case::week().with(|case| *case.shift(0, 0) = lay("x", start, length, &[]));
            case.expect(Rule::ShiftStart, starts);
            case.expect(Rule::ShiftLength, lengths);
        };
        check(480, 240, &[], &[]);
        check(720, 540, &[], &[]);
        check(450, 210, &[(480, 450)], &[(240, 210)]);
        check(750, 570, &[(720, 750)], &[(540, 570)]);
        check(510, 250, &[], &[(240, 250)]);
        check(520, 260, &[(510, 520)], &[(270, 260)]);
    }

    #[test]
    fn starts_follow_the_wall_clock_through_a_change_of_clocks() {
        let spring = |start| {
            Case::week().with(|case| {
                case.parts.days = DayMap::new("Europe/Berlin", Date::constant(2026, 3, 29), 7).expect("a horizon");
                case.roster.days = case.parts.days.clone();
                *case.shift(0, 0) = lay("x", start, 480, &[]);
                case.roster.agents.truncate(1);
                case.roster.agents[0].shifts.truncate(1);
            })
        };
        spring(480).expect(Rule::ShiftStart, &[]);
        spring(420).expect(Rule::ShiftStart, &[]);
        spring(390).expect(Rule::ShiftStart, &[(480, 450)]);
    }
}
