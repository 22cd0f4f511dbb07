//! Further limits of contracts: hours a day and on average, weekends, nights, rotation, starts of a week; and shifts that stand.

use std::collections::BTreeMap;

use fika_model::people::{Averaging, NightRule, WeekendRule};
use fika_model::{Activity, DayIndex, Minutes, Shift, Span, Weekday};

use crate::book::{Book, Person};
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;
use crate::wording;

mod carry;

pub(crate) use carry::carry_over;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    for person in &book.people {
        let tools = Tools { book, person };
        tools.fixed(ledger);
        tools.day_paid(ledger);
        if let Some(averaging) = person.contract.limits.averaging {
            tools.averages(averaging, ledger);
        }
        if let Some(weekends) = person.contract.limits.weekends {
            tools.weekends(weekends, ledger);
        }
        if let Some(nights) = person.contract.limits.nights {
            tools.nights(nights, ledger);
        }
        tools.rotation(ledger);
        tools.starts(ledger);
    }
}

/// One agent with the book.
struct Tools<'a, 'b> {
    book: &'b Book<'a>,
    person: &'b Person<'a>,
}

impl<'a> Tools<'a, '_> {
    fn finding(&self, span: Span, amount: Amount, what: &str) -> Finding<'a> {
        let when = wording::stretch(&self.book.request.days, span);
        Finding { agent: Some(self.person.id()), team: None, span, amount, cause: format!("agent {}, {when}: {what}", self.person.id()) }
    }

    /// The first shift that begins on each day.
    fn by_day(&self) -> BTreeMap<DayIndex, &'a Shift> {
        let mut days = BTreeMap::new();
        for shift in &self.person.roster.shifts {
            if let Some(day) = self.book.day_of(shift) {
                days.entry(day).or_insert(shift);
            }
        }
        days
    }

    fn wall(&self, shift: &Shift) -> i64 {
        i64::from(self.book.request.days.wall_at(shift.span.start()).1)
    }

    fn fixed(&self, ledger: &mut Ledger) {
        for fixed in &self.person.agent.fixed {
            let stands = |shift: &&Shift| shift.span == fixed.span && shift.template.as_ref() == Some(&fixed.template);
            let found = self.person.roster.shifts.iter().find(stands);
            ledger.check(Rule::Fixed, found.is_some(), || {
                self.finding(fixed.span, Amount::shifts(1, 0), "the shift that stands is not there, or is another one")
            });
            let Some(shift) = found else { continue };
            for (id, start) in &fixed.breaks {
                let rule = self.book.request.breaks.iter().find(|rule| &rule.id == id);
                let is = |activity: &&Activity| {
                    activity.span.start() == *start && rule.is_some_and(|rule| activity.span.length() == rule.scheduled())
                };
                let holds = shift.breaks().any(|activity| is(&activity));
                ledger.check(Rule::Fixed, holds, || {
                    let what = format!("break {id} does not stand at {}", wording::point(&self.book.request.days, *start));
                    self.finding(shift.span, Amount::breaks(1, 0), &what)
                });
            }
        }
    }

    fn day_paid(&self, ledger: &mut Ledger) {
        let Some(range) = self.person.contract.limits.day_paid else { return };
        for shift in &self.person.roster.shifts {
            let found = i64::from(shift.paid().get());
            let (least, most) = (i64::from(range.least.get()), i64::from(range.most.get()));
            let required = found.clamp(least.min(most), most);
            ledger.check(Rule::DayPaid, found == required, || {
                self.finding(shift.span, Amount::minutes(required, found), &format!("{found} paid minutes, outside {least} to {most}"))
            });
        }
    }

    /// Paid minutes of the shifts and absences that begin in these days.
    fn paid(&self, week: Span) -> i64 {
        let shifts = self.person.roster.shifts.iter().filter(|shift| week.holds(shift.span.start()));
        let absences = self.person.agent.absences.iter().filter(|absence| week.holds(absence.span.start()));
        shifts.map(|shift| i64::from(shift.paid().get())).sum::<i64>() + absences.map(|a| i64::from(a.credited.get())).sum::<i64>()
    }

    fn averages(&self, averaging: Averaging, ledger: &mut Ledger) {
        let weeks: Vec<Vec<DayIndex>> = self.book.weeks().collect();
        let (mut into, mut found) = (self.person.agent.history.averaging_weeks, i64::from(self.person.agent.history.averaging_paid.get()));
        let mut from = 0;
        for (n, days) in weeks.iter().enumerate() {
            found += self.paid(self.book.span_of(days));
            into += 1;
            let ends = into == averaging.weeks && days.len() == 7;
            if !ends && n + 1 < weeks.len() {
                continue;
            }
            let span = Span::between(self.book.span_of(&weeks[from]).start(), self.book.span_of(days).end());
            let (least, most) = (averaging.week_paid.least.get(), averaging.week_paid.most.get());
            let (least, most) = (i64::from(least * averaging.weeks), i64::from(most * averaging.weeks));
            let text = |word: &str, bound| format!("{found} paid minutes in the reference period, {word} {bound}");
            ledger.check(Rule::AveragePaidMost, found <= most, || self.finding(span, Amount::minutes(most, found), &text("at most", most)));
            if ends {
                ledger.check(Rule::AveragePaidLeast, found >= least, || {
                    self.finding(span, Amount::minutes(least, found), &text("at least", least))
                });
            }
            (into, found, from) = (0, 0, n + 1);
        }
    }

    /// Whether each weekend of the horizon is worked, with its time, in order.
    fn worked_weekends(&self) -> Vec<(Span, bool)> {
        let days = &self.book.request.days;
        let all: Vec<DayIndex> = days.days().filter(|day| matches!(days.weekday(*day), Weekday::Saturday | Weekday::Sunday)).collect();
        let parts = all.chunk_by(|a, b| a.get() + 1 == b.get());
        let before = self.person.agent.last_shift_end;
        let weekend = |part: &[DayIndex]| {
            let span = self.book.span_of(part);
            let mut shifts = self.person.roster.shifts.iter();
            let reaches = before.is_some_and(|end| end > days.timestamp(span.start()));
            (span, reaches || shifts.any(|shift| span.holds(shift.span.start()) || shift.span.overlap(span) > Minutes::ZERO))
        };
        parts.map(weekend).collect()
    }

    fn weekends(&self, rule: WeekendRule, ledger: &mut Ledger) {
        let before: Vec<bool> = self.person.agent.history.weekends_worked.iter().rev().copied().collect();
        let weekends = self.worked_weekends();
        let worked: Vec<bool> = before.iter().copied().chain(weekends.iter().map(|(_, worked)| *worked)).collect();
        for (n, (span, _)) in weekends.iter().enumerate() {
            let last = before.len() + n + 1;
            let of = &worked[last.saturating_sub(rule.of as usize)..last];
            let found = i64::from(rule.of) - of.iter().filter(|worked| **worked).count() as i64;
            ledger.check(Rule::WeekendsOff, found >= i64::from(rule.free), || {
                let what = format!("{found} of {} weekends up to this one are free, {} are due", rule.of, rule.free);
                self.finding(*span, Amount::days(i64::from(rule.free), found), &what)
            });
        }
    }

    /// What makes a shift a night shift.
    fn is_night(&self, rule: NightRule) -> impl Fn(&Shift) -> bool + use<> {
        let days = &self.book.request.days;
        let night = |day: DayIndex| Span::between(days.minute_at_wall(day, rule.window.0), days.minute_at_wall(day, rule.window.1));
        let mut nights: Vec<Span> = days.days().map(night).collect();
        let first = night(DayIndex::new(0));
        nights.push(Span::new(fika_model::Minute::new(first.start().get() - 1440), first.length()));
        move |shift| nights.iter().any(|night| night.overlap(shift.span) >= rule.counts_from)
    }

    fn nights(&self, rule: NightRule, ledger: &mut Ledger) {
        let days = &self.book.request.days;
        let is_night = self.is_night(rule);
        let worked = self.by_day();
        let mut row = i64::from(self.person.agent.history.nights_in_row);
        for day in days.days() {
            let shift = worked.get(&day).filter(|shift| is_night(shift));
            row = if shift.is_some() { row + 1 } else { 0 };
            let Some(shift) = shift else { continue };
            if let Some(most) = rule.most_in_row {
                ledger.check(Rule::NightsInRow, row <= i64::from(most), || {
                    self.finding(shift.span, Amount::shifts(i64::from(most), row), &format!("{row} nights in a row, at most {most}"))
                });
            }
            if let Some(most) = rule.longest_shift {
                let found = i64::from(shift.span.length().get());
                ledger.check(Rule::NightLength, found <= i64::from(most.get()), || {
                    let what = format!("a night shift of {found} minutes, at most {}", most.get());
                    self.finding(shift.span, Amount::minutes(i64::from(most.get()), found), &what)
                });
            }
        }
        let Some(most) = rule.most_per_week else { return };
        for week in self.book.weeks() {
            let found = week.iter().filter(|day| worked.get(day).is_some_and(|shift| is_night(shift))).count() as i64;
            ledger.check(Rule::NightsPerWeek, found <= i64::from(most), || {
                let what = format!("{found} nights in the week, at most {most}");
                self.finding(self.book.span_of(&week), Amount::shifts(i64::from(most), found), &what)
            });
        }
    }

    fn rotation(&self, ledger: &mut Ledger) {
        if !self.person.contract.limits.forward_rotation {
            return;
        }
        let worked = self.by_day();
        let mut before = self.person.agent.history.start_of_day_before.map(i64::from);
        for day in self.book.request.days.days() {
            let shift = worked.get(&day);
            let start = shift.map(|shift| self.wall(shift));
            if let (Some(shift), Some(before), Some(start)) = (shift, before, start) {
                ledger.check(Rule::ForwardRotation, start >= before, || {
                    let what = format!("the shift begins {} minutes earlier than that of the day before", before - start);
                    self.finding(shift.span, Amount::minutes(before, start), &what)
                });
            }
            before = start;
        }
    }

    fn starts(&self, ledger: &mut Ledger) {
        let Some(most) = self.person.contract.limits.starts_within else { return };
        for week in self.book.weeks() {
            let span = self.book.span_of(&week);
            let shifts = self.person.roster.shifts.iter().filter(|shift| span.holds(shift.span.start()));
            let starts: Vec<i64> = shifts.map(|shift| self.wall(shift)).collect();
            let (Some(first), Some(last)) = (starts.iter().min(), starts.iter().max()) else { continue };
            let (found, most) = (last - first, i64::from(most.get()));
            ledger.check(Rule::StartsWithin, found <= most, || {
                self.finding(span, Amount::minutes(most, found), &format!("starts lie {found} minutes apart, at most {most}"))
            });
        }
    }
}

#[cfg(test)]
mod tests;
