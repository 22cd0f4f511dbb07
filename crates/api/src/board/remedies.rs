//! The lower box of the board: where the day is short, and the cheapest remedies that were tried, with their effect.

use std::fmt::Write;

use fika_model::roster::{Remedy, RemedyKind, RosterSummary, Shortfall};
use fika_model::units::{Minutes, Span};
use fika_model::{ActivityId, AgentId, QueueId};

use super::{Axis, LEFT, WIDTH, escape};

/// Shortfalls and remedies that are named; of the others their number is told.
const NAMED: usize = 4;
/// Height of a line, in pixels.
const LINE: f64 = 16.0;

/// Draws the box of a day below `top` and gives the new lower edge; nothing where the day is not short.
pub(super) fn draw(out: &mut String, axis: &Axis, summary: &RosterSummary, day: Span, top: f64) -> f64 {
    let short: Vec<&Shortfall> = summary.shortfalls.iter().filter(|one| one.span.overlap(day) > Minutes::ZERO).collect();
    if short.is_empty() {
        return top;
    }
    let of_day = |remedy: &&Remedy| remedy.shortfall.overlap(day) > Minutes::ZERO;
    let mut lines: Vec<(String, bool)> = vec![("short".to_owned(), true)];
    lines.extend(short.iter().take(NAMED).map(|one| (shortfall(axis, one), false)));
    if let Some(more @ 1..) = short.len().checked_sub(NAMED) {
        let minutes: f64 = short[NAMED..].iter().map(|one| one.person_minutes).sum();
        lines.push((format!("and {more} more, {minutes:.0} person-minutes together"), false));
    }
    let remedies: Vec<&Remedy> = summary.remedies.iter().filter(of_day).take(NAMED).collect();
    if !remedies.is_empty() {
        lines.push(("remedies that were tried, the most effect for a paid hour first".to_owned(), true));
    }
    lines.extend(remedies.into_iter().map(|one| (remedy(axis, one), false)));
    let height = LINE * lines.len() as f64 + 12.0;
    let _ = writeln!(
        out,
        "<path class=\"remedies\" d=\"M{LEFT} {top:.1}h{WIDTH}v{height:.1}h-{WIDTH}z\" fill=\"#fbf6f4\" stroke=\"#f3b8a6\"/>"
    );
    for (n, (text, heading)) in lines.iter().enumerate() {
        let (x, y) = (LEFT + if *heading { 8.0 } else { 20.0 }, top + LINE * (n as f64 + 1.0));
        let weight = if *heading { " font-weight=\"600\"" } else { "" };
        let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\"{weight}>{}</text>", escape(text));
    }
    top + height
}

fn clocks(axis: &Axis, span: Span) -> String {
    format!("{} to {}", axis.clock(span.start()), axis.clock(span.end()))
}

fn shortfall(axis: &Axis, one: &Shortfall) -> String {
    let work = one.work.iter().map(ActivityId::as_str);
    let queues = one.queues.iter().map(QueueId::as_str).chain(work).collect::<Vec<_>>().join(", ");
    format!(
        "{} {queues}: {:.0} person-minutes, up to {} people at once; {}",
        clocks(axis, one.span),
        one.person_minutes,
        one.most_people,
        one.reason
    )
}

fn remedy(axis: &Axis, one: &Remedy) -> String {
    let times = one.added.iter().map(|span| clocks(axis, *span)).collect::<Vec<_>>().join(" and ");
    let what = match one.kind {
        RemedyKind::ExtraShift => {
            let like = one.contract.as_ref().map(|contract| format!(" like {contract}")).unwrap_or_default();
            format!(
                "{} more{like}, {times}",
                if one.added.len() == 1 { "a shift".to_owned() } else { format!("{} shifts", one.added.len()) }
            )
        }
        RemedyKind::ActivityMoved => one.moved.as_ref().map_or_else(String::new, |(id, from, to)| {
            format!("{id} of {} people at {} instead of {}", one.agents.len(), clocks(axis, *to), clocks(axis, *from))
        }),
        RemedyKind::Overtime => {
            format!("overtime of {}, {times}", one.agents.iter().map(AgentId::as_str).collect::<Vec<_>>().join(", "))
        }
    };
    let (before, after) = one.shortfall_minutes;
    let level = one.service_level.map(|(before, after)| format!("; {:.0} % to {:.0} % answered in time", before * 100.0, after * 100.0));
    format!(
        "{what}: {:.0} person-minutes less short for {:.1} paid hours{}",
        before - after,
        one.paid_minutes as f64 / 60.0,
        level.unwrap_or_default()
    )
}
