//! An explanation as people read it.

use std::fmt::Write;

use fika_model::roster::ActivityKind;
use fika_model::{Minute, Span};
use fika_planning::{BreakPlaces, Effect, Explanation, Place, SharedChange};
use fika_verify::{point, stretch};

use crate::commands::compare::clock;
use crate::commands::explain::Asked;
use crate::paint::{Paint, Tone};

/// Places further along that are asked for by name.
const HALF_AN_HOUR: i32 = 30;

pub(super) fn text(asked: &Asked<'_>, explanation: &Explanation, paint: Paint) -> String {
    let days = &asked.roster.days;
    let mut out = String::new();
    match explanation {
        Explanation::Break(places) => break_text(&mut out, asked, places, paint),
        Explanation::Work { shift, nearest } => {
            let _ = writeln!(out, "{} works at {}: shift {}", asked.agent, point(days, asked.at), clock(days, *shift));
            match nearest {
                None => out.push_str("  no rule gives this shift a break\n"),
                Some((span, place)) => {
                    let _ = writeln!(
                        out,
                        "  its nearest break, {}, begun at {}: {}",
                        clock(days, *span),
                        hour(asked, place.start),
                        sentence(asked, place)
                    );
                }
            }
        }
        Explanation::Off { shift, longer, effect, short_here } => {
            let _ = writeln!(out, "{} is off at {}; the nearest shift is {}", asked.agent, point(days, asked.at), stretch(days, *shift));
            let here = if *short_here > 0.0 {
                format!("{short_here:.0} person-minutes are short in this interval")
            } else {
                "nobody is missing in this interval".to_owned()
            };
            let _ = writeln!(out, "  {here}");
            let _ = writeln!(out, "  made {} long, its breaks as they are: {}", clock(days, *longer), effect_text(asked, effect));
        }
    }
    out
}

fn hour(asked: &Asked<'_>, minute: Minute) -> String {
    let (_, of_day) = asked.roster.days.wall_at(minute);
    format!("{:02}:{:02}", of_day / 60, of_day % 60)
}

fn kind(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::RestBreak => "rest",
        ActivityKind::Meal => "meal",
        ActivityKind::Huddle => "huddle",
        ActivityKind::Training => "training",
        ActivityKind::Coaching => "coaching",
        ActivityKind::Meeting => "meeting",
        ActivityKind::BackOffice => "back office",
        ActivityKind::OnQueue | ActivityKind::TimeOff => "activity",
    }
}

fn break_text(out: &mut String, asked: &Asked<'_>, told: &BreakPlaces, paint: Paint) {
    let days = &asked.roster.days;
    let with = if told.companions.is_empty() {
        "alone".to_owned()
    } else {
        format!("with {}", told.companions.iter().map(fika_model::AgentId::as_str).collect::<Vec<_>>().join(", "))
    };
    let (span, shift) = (clock(days, told.span), stretch(days, told.shift));
    let _ = writeln!(out, "{}: {} {span}, {with}; shift {shift}", paint.tone(Tone::Strong, asked.agent.as_str()), kind(told.kind));
    if let Some(id) = &told.asked {
        let window = told
            .window
            .map(|(first, last)| format!("; its window here lets it begin from {} to {}", hour(asked, first), hour(asked, last)));
        let _ = writeln!(out, "  the request asks for it as {id}{}", window.unwrap_or_default());
    }
    match (&told.rule, told.window) {
        (None, _) if told.asked.is_some() => {}
        (Some(rule), Some((first, last))) => {
            let _ = writeln!(out, "  rule {rule} asks for it, and lets it begin from {} to {}", hour(asked, first), hour(asked, last));
        }
        (Some(rule), None) => {
            let _ = writeln!(out, "  rule {rule} asks for it");
        }
        (None, _) => out.push_str("  no break rule of the request misses it when it is gone\n"),
    }
    out.push_str(&strip(asked, told, paint));
    for delta in [-HALF_AN_HOUR, HALF_AN_HOUR] {
        let start = Minute::new(told.span.start().get() + delta);
        let word = if delta < 0 { "earlier" } else { "later" };
        let answer = told.places.iter().find(|place| place.start == start);
        let answer = answer.map_or_else(|| "outside the shift".to_owned(), |place| sentence(asked, place));
        let _ = writeln!(out, "  30 minutes {word}, at {}: {answer}", hour(asked, start));
    }
    let better = told.places.iter().filter(|place| place.best().is_better());
    let gain = |place: &&Place| if let Effect::Legal { more_short, .. } = place.best() { (*more_short * 1000.0) as i64 } else { 0 };
    match better.min_by_key(gain) {
        Some(place) => {
            let text = format!("a better place exists, at {}: {}", hour(asked, place.start), sentence(asked, place));
            let _ = writeln!(out, "  {}", paint.tone(Tone::Bad, &text));
        }
        None => out.push_str("  no legal place is better\n"),
    }
    broken_runs(out, asked, told);
}

fn sign(place: &Place) -> (char, Tone) {
    match place.best() {
        effect if effect.is_worse() => ('-', Tone::Required),
        effect if effect.is_better() => ('+', Tone::Good),
        Effect::Legal { .. } => ('=', Tone::Good),
        Effect::Broken { .. } => ('x', Tone::Bad),
        Effect::NoRoom => ('.', Tone::Faint),
    }
}

/// A sign for each start, in order, and what the signs mean.
fn strip(asked: &Asked<'_>, told: &BreakPlaces, paint: Paint) -> String {
    let mut signs = String::new();
    let mut here = false;
    for place in &told.places {
        if place.start > told.span.start() && !std::mem::replace(&mut here, true) {
            signs.push('o');
        }
        let (sign, tone) = sign(place);
        signs.push_str(&paint.tone(tone, &sign.to_string()));
    }
    if !here {
        signs.push('o');
    }
    let last = told.places.last().map_or(told.span.start(), |place| place.start.max(told.span.start()));
    format!(
        "  {} {signs} {}\n        a start each {} minutes: o here, = legal and as good, - legal but shorter or worse shared, + legal and better, x breaks a rule, . in another break\n",
        hour(asked, told.shift.start()),
        hour(asked, last),
        asked.request.break_step.get(),
    )
}

/// Which rules keep it from where, in runs of one rule.
fn broken_runs(out: &mut String, asked: &Asked<'_>, told: &BreakPlaces) {
    let rule = |place: &Place| match place.best() {
        Effect::Broken { rule, agent, .. } => Some((rule.clone(), agent.clone())),
        Effect::Legal { .. } | Effect::NoRoom => None,
    };
    for run in told.places.chunk_by(|a, b| rule(a) == rule(b)) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let Some((id, agent)) = rule(first) else { continue };
        let whose = agent.map(|agent| format!(" of {agent}")).unwrap_or_default();
        let _ = writeln!(out, "    {}-{} breaks {id}{whose}", hour(asked, first.start), hour(asked, last.start));
    }
}

/// A place in a sentence.
fn sentence(asked: &Asked<'_>, place: &Place) -> String {
    let text = effect_text(asked, place.best());
    match &place.together {
        Some(together) if together == place.best() && together != &place.alone => {
            format!("{text} (moved together with those who share it; alone it {})", effect_text(asked, &place.alone))
        }
        _ => text,
    }
}

fn effect_text(asked: &Asked<'_>, effect: &Effect) -> String {
    match effect {
        Effect::Legal { more_short, worst: Some((span, _)), shared } if *more_short > 0.0 => {
            let short = format!("is legal, but {more_short:.0} person-minutes shorter, most of them {}", local(asked, *span));
            format!("{short}{}", shared_text(shared))
        }
        Effect::Legal { more_short, shared, .. } if *more_short < 0.0 => {
            format!("is legal and {:.0} person-minutes less short{}", -more_short, shared_text(shared))
        }
        Effect::Legal { shared, .. } if *shared == SharedChange::default() => "is legal and as good".to_owned(),
        Effect::Legal { shared, .. } => format!("is legal and as short{}", shared_text(shared)),
        Effect::Broken { rule, agent, by, unit, cause, violations } => {
            let whose = agent.as_ref().map(|agent| format!(" for {agent}")).unwrap_or_default();
            let more = if *violations > 1 { format!(", and {} more", violations - 1) } else { String::new() };
            format!("breaks {rule}{whose} by {by} {unit}{more}: {cause}")
        }
        Effect::NoRoom => "lies in another break or outside the shift".to_owned(),
    }
}

/// What is shared otherwise, each measure that changes.
fn shared_text(shared: &SharedChange) -> String {
    let measures = [
        (shared.late_breaks, "late breaks"),
        (shared.wishes_granted, "wishes granted"),
        (shared.pairs_met, "pairs of team-mates met"),
        (shared.left_out, "people left out for a week"),
    ];
    let word = |n: i64| if n > 0 { "more" } else { "fewer" };
    let changed = measures.into_iter().filter(|(n, _)| *n != 0);
    changed.fold(String::new(), |text, (n, what)| format!("{text}, {} {} {what}", n.abs(), word(n)))
}

fn local(asked: &Asked<'_>, span: Span) -> String {
    clock(&asked.roster.days, span)
}
