//! Points and stretches of time as people read them: local day and wall clock.

use std::fmt::Write as _;

use fika_model::rules::{BreakKind, BreakRule, SameTime, StretchRule};
use fika_model::{DayMap, Minute, Minutes, Span};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A minute of a horizon by the local wall clock: `Mon 2026-03-02 09:15`.
pub fn point(days: &DayMap, minute: Minute) -> String {
    let (date, of_day) = days.wall_at(minute);
    let weekday = WEEKDAYS[date.weekday().to_monday_zero_offset() as usize % 7];
    format!("{weekday} {date} {:02}:{:02}", of_day / 60, of_day % 60)
}

/// A piece of a horizon by the local wall clock: `Mon 2026-03-02 09:15-17:00`, with the second date where it is another one.
pub fn stretch(days: &DayMap, span: Span) -> String {
    let (first, _) = days.wall_at(span.start());
    let (last, of_day) = days.wall_at(span.end());
    let start = point(days, span.start());
    if first == last { format!("{start}-{:02}:{:02}", of_day / 60, of_day % 60) } else { format!("{start} to {}", point(days, span.end())) }
}

/// What a break rule of a request asks for, in a sentence.
pub fn break_rule(rule: &BreakRule) -> String {
    let kind = match rule.kind {
        BreakKind::Rest => "rest",
        BreakKind::Meal => "meal",
    };
    let terms = &rule.terms;
    let mut text = format!(
        "shifts longer than {} and up to {} minutes have {} {} {kind} {} of {} minutes",
        rule.shift_longer_than.get(),
        rule.shift_at_most.get(),
        rule.count,
        if rule.paid { "paid" } else { "unpaid" },
        if rule.count == 1 { "break" } else { "breaks" },
        rule.length.get(),
    );
    if let Some(every) = terms.every {
        let part = if every.or_major_fraction { " or major fraction" } else { "" };
        let _ = write!(text, ", for every {} minutes{part}", every.length.get());
    }
    text += &trigger(rule);
    text += &window(rule);
    if let Some(piece) = terms.smallest_piece {
        let _ = write!(text, ", in pieces of at least {}", piece.get());
    }
    if terms.walk.get() > 0 {
        let _ = write!(text, ", and {} minutes to walk", terms.walk.get());
    }
    if let Some(most) = terms.waivable_at_most {
        let _ = write!(text, ", unless waived up to {} minutes", most.get());
    }
    match terms.same_time {
        Some(SameTime::Crew) => text += ", at the same time as team-mates of the same template",
        Some(SameTime::Team) => text += ", at the same time as the team",
        Some(SameTime::Site) => text += ", at the same time as everybody",
        None => {}
    }
    text
}

fn clock(minute_of_day: u32) -> String {
    format!("{:02}:{:02}", minute_of_day / 60, minute_of_day % 60)
}

/// Which shifts the wall clock leaves under a rule, in words.
fn trigger(rule: &BreakRule) -> String {
    let trigger = &rule.terms.trigger;
    let mut text = String::new();
    if let Some((from, to)) = trigger.begins {
        let _ = write!(text, ", where they begin from {} and before {}", clock(from), clock(to));
    }
    if let Some(minute) = trigger.ends_after {
        let _ = write!(text, ", where they end after {}", clock(minute));
    }
    if let Some((from, to)) = trigger.touches {
        let _ = write!(text, ", where they touch {} to {}", clock(from), clock(to));
    }
    text
}

/// The window of a rule in words.
fn window(rule: &BreakRule) -> String {
    let window = &rule.window;
    let limits = [
        (window.earliest_after_start, "beginning no earlier than", "after the start"),
        (window.latest_after_start, "beginning no later than", "after the start"),
        (window.earliest_before_end, "beginning no earlier than", "before the end"),
        (window.latest_before_end, "ending no later than", "before the end"),
        (window.around_middle, "its middle no further than", "from the shift's middle"),
    ];
    let limit = |(minutes, what, whence): (Option<Minutes>, &str, &str)| Some(format!(", {what} {} minutes {whence}", minutes?.get()));
    let mut text: String = limits.into_iter().filter_map(limit).collect();
    if let Some((from, to)) = window.wall {
        let _ = write!(text, ", between {} and {}", clock(from), clock(to));
    }
    text
}

/// What a limit of stretches asks for, in a sentence.
pub fn stretch_rule(rule: &StretchRule) -> String {
    let mut parts = Vec::new();
    let mut part = |limit: Option<Minutes>, text: &str| parts.extend(limit.map(|minutes| format!("{text} {} minutes", minutes.get())));
    part(rule.longest, "no stretch is longer than");
    part(rule.shortest, "none between two breaks is shorter than");
    part(rule.edge, "no break lies nearer to an end of the shift than");
    format!("{}; breaks of at least {} minutes count", parts.join(", "), rule.broken_by.get())
}

#[cfg(test)]
mod tests {
    use super::*;
    use fika_model::Date;

    #[test]
    fn times_are_local() {
        let days = DayMap::new("Europe/Berlin", Date::constant(2026, 3, 28), 3).expect("a horizon");
        let span = |start, length| Span::new(Minute::new(start), Minutes::of(length));
        assert_eq!(point(&days, Minute::new(555)), "Sat 2026-03-28 09:15");
        assert_eq!(stretch(&days, span(555, 30)), "Sat 2026-03-28 09:15-09:45");
        assert_eq!(stretch(&days, span(1380, 240)), "Sat 2026-03-28 23:00 to Sun 2026-03-29 04:00", "one hour is skipped");
        assert_eq!(point(&days, Minute::new(-1)), "Fri 2026-03-27 23:59");
    }
}
