//! A roster's figures as people read them: what was asked, what it costs, what callers and agents get, and the proof.

use std::fmt::Write;

use fika_model::fairness::{Apart, Burden, FairnessReport, Strangers, WishCount, WishKind};
use fika_model::roster::{IntervalOutcome, Remedy, RemedyKind, Roster, RosterSummary, Shortfall};
use fika_model::{ActivityId, AgentId, DayMap, QueueId, Request, Verdict};
use fika_verify::stretch;

use crate::columns;
use crate::paint::{Paint, Tone};

/// How many shortfalls are listed; the rest are counted.
const LISTED: usize = 8;

/// The summary of a roster, a line a matter, with a final newline.
pub(crate) fn text(request: &Request, roster: &Roster, summary: &RosterSummary, paint: Paint) -> String {
    let days = &roster.days;
    let mut out = String::new();
    let replaces = roster.parent.as_ref().map(|parent| format!(", in place of {}", parent.roster)).unwrap_or_default();
    let _ = writeln!(
        out,
        "{} of {}: {} in {}, {} from {} ({}); generation {}{replaces}, for request {}",
        paint.tone(Tone::Strong, &format!("Roster {}", roster.id)),
        request.site,
        counted(roster.agents.len(), "agent"),
        counted(request.teams.len(), "team"),
        counted(days.len(), "day"),
        days.first_date(),
        days.zone_name(),
        roster.generation,
        roster.request,
    );
    line(&mut out, "required", &required(summary));
    line(&mut out, "short", &short(summary, paint));
    line(&mut out, "callers", &callers(summary));
    line(&mut out, "paid", &format!("{} in {}", hours(summary.paid_minutes as f64), counted(summary.shifts as usize, "shift")));
    line(&mut out, "breaks", &breaks(summary));
    queues(&mut out, summary);
    shared(&mut out, &summary.fairness, paint);
    if !summary.left_out.is_empty() {
        let names = summary.left_out.iter().map(AgentId::as_str).collect::<Vec<_>>().join(", ");
        line(&mut out, "left out", &paint.tone(Tone::Bad, &format!("{names}: the rules contradict each other for them")));
    }
    line(&mut out, "proof", &proof(summary, paint));
    line(&mut out, "search", &format!("{} steps, seed {}", thousands(summary.steps), summary.seed));
    activities(&mut out, days, summary);
    rounds(&mut out, summary);
    shortfalls(&mut out, days, &summary.shortfalls, paint);
    remedies(&mut out, days, &summary.remedies, paint);
    out
}

fn required(summary: &RosterSummary) -> String {
    let beside = |interval: &&IntervalOutcome| interval.work.is_some();
    let work: f64 = summary.intervals.iter().filter(beside).map(|one| one.required * f64::from(one.span.length().get())).sum();
    let phones = format!("{} on the phones", hours(summary.required_minutes - work));
    if work > 0.0 { format!("{phones}, {} in the back office", hours(work)) } else { phones }
}

fn line(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "  {name:<9}{text}");
}

/// `1 agent`, `2 agents`.
fn counted(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

fn hours(minutes: f64) -> String {
    format!("{:.1} h", minutes / 60.0)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A whole number in groups of three digits.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

fn short(summary: &RosterSummary, paint: Paint) -> String {
    if summary.shortfall_minutes <= 0.0 {
        return paint.tone(Tone::Good, "nowhere");
    }
    let share = if summary.required_minutes > 0.0 { summary.shortfall_minutes / summary.required_minutes } else { 0.0 };
    let text = format!("{} ({} of the required)", hours(summary.shortfall_minutes), percent(share));
    let bound = if summary.shortfall_bound_minutes > 0.0 {
        format!("; under these rules no roster has less than {}", hours(summary.shortfall_bound_minutes))
    } else {
        String::new()
    };
    format!("{}{bound}", paint.tone(Tone::Bad, &text))
}

fn callers(summary: &RosterSummary) -> String {
    let promise = format!("{} within {:.0} s promised", percent(summary.target.get()), summary.threshold_s);
    match &summary.service_level {
        None => format!("not simulated: the request gives people and no calls; {promise}"),
        Some(level) => format!(
            "{} within {:.0} s (95 % interval {} to {}; nine days of ten above {}), {}; {promise}",
            percent(level.mean),
            summary.threshold_s,
            percent(level.interval.0),
            percent(level.interval.1),
            percent(level.p10),
            summary.formula.name(),
        ),
    }
}

fn breaks(summary: &RosterSummary) -> String {
    let each = |minutes: i64| if summary.shifts == 0 { 0.0 } else { minutes as f64 / f64::from(summary.shifts) };
    format!(
        "{}, {} of them in company: {:.0} and {:.0} minutes a shift",
        hours(summary.break_minutes as f64),
        hours(summary.social_minutes as f64),
        each(summary.break_minutes),
        each(summary.social_minutes),
    )
}

/// Who is on which queue when, where the request says so: runs, and the minutes on hard queues.
fn queues(out: &mut String, summary: &RosterSummary) {
    let Some(variety) = &summary.variety else { return };
    let without = summary.service_level.zip(variety.service_level_without);
    let callers = without.map(|(with, without)| {
        let (with, mean) = (percent(with.mean), percent(without.mean));
        format!("; {with} answered in time, {mean} if everybody served all her queues alike")
    });
    let (run, changes) = (variety.longest.get(), counted(variety.changes as usize, "change"));
    line(out, "variety", &format!("at most {run} minutes in a row on one queue, {changes}{}", callers.unwrap_or_default()));
    for share in &variety.hard_queues {
        let (least, most) = share.range;
        let text = format!(
            "{}: {} shared by {}, {least} to {most} minutes each, Gini {:.2}",
            share.queue,
            hours(share.minutes as f64),
            counted(share.people as usize, "agent"),
            share.gini
        );
        line(out, "hard", &text);
    }
}

/// Wishes, burdens and meetings: how they are shared.
fn shared(out: &mut String, report: &FairnessReport, paint: Paint) {
    let asked = |kind: &WishCount| format!("{} {}", wish(kind.kind), columns::of((kind.granted, kind.asked)));
    if !report.wishes.is_empty() {
        line(out, "wishes", &format!("granted: {}", report.wishes.iter().map(asked).collect::<Vec<_>>().join(", ")));
    }
    for measure in &report.measures {
        let before = if measure.before.mean > 0.0 { format!("; before: {}", columns::spread(measure.before)) } else { String::new() };
        let (name, unit) = burden(measure.burden);
        let text = format!(
            "{name}: {:.2} {unit} on average, {}{before}, among {} in {}",
            measure.after.mean,
            columns::spread(measure.after),
            counted(measure.agents as usize, "agent"),
            counted(measure.groups as usize, "group"),
        );
        line(out, "shared", &text);
    }
    let (met, pairs) = report.teams.iter().fold((0, 0), |(met, pairs), team| (met + team.met, pairs + team.pairs));
    if pairs > 0 {
        let out_of_it: Vec<&str> = report.teams.iter().flat_map(|team| &team.left_out).map(AgentId::as_str).collect();
        let named = match out_of_it.len() {
            0 => "; nobody is left out".to_owned(),
            people => {
                let rest = people.checked_sub(LISTED).filter(|rest| *rest > 0).map(|rest| format!(" and {rest} more")).unwrap_or_default();
                let names = out_of_it.into_iter().take(LISTED).collect::<Vec<_>>().join(", ");
                format!("; {}", paint.tone(Tone::Bad, &format!("in some week nobody met {names}{rest}")))
            }
        };
        let possible: u32 = report.teams.iter().map(|team| team.possible).sum();
        let met = columns::of((met, pairs));
        line(out, "met", &format!("{met} pairs of team-mates shared a break, {possible} could have by the windows of their breaks{named}"));
        strangers(out, report);
    }
    if report.group_short_minutes > 0.0 {
        line(
            out,
            "groups",
            &format!("{} of the shortage while more of a team were away than company needs", hours(report.group_short_minutes)),
        );
    }
}

/// Pairs who did not meet, by reason, the first of each with their names.
fn strangers(out: &mut String, report: &FairnessReport) {
    for why in Apart::ALL {
        let two = |pair: &Strangers| format!("{} and {}", pair.one, pair.other);
        let all = || report.teams.iter().flat_map(|team| &team.strangers).filter(|pair| pair.why == why);
        let named: Vec<String> = all().take(LISTED).map(two).collect();
        if !named.is_empty() {
            let more = all().count() - named.len();
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            line(out, "apart", &format!("{}: {}{rest}", apart(why), named.join(", ")));
        }
    }
}

fn apart(why: Apart) -> &'static str {
    match why {
        Apart::NeverTogether => "never on shift together",
        Apart::NoCommonWindow => "no common window for their breaks",
        Apart::PlacedApart => "breaks apart for service, other rules or company of others",
    }
}

fn wish(kind: WishKind) -> &'static str {
    match kind {
        WishKind::DayOff => "days off",
        WishKind::Template => "shifts",
        WishKind::StartNear => "starts",
        WishKind::Colleague => "breaks with a colleague",
    }
}

fn burden(burden: Burden) -> (&'static str, &'static str) {
    match burden {
        Burden::UnpopularShifts => ("unpopular shifts", "for 40 paid hours"),
        Burden::LateBreaks => ("late breaks", "for 40 paid hours"),
        Burden::WeekendShifts => ("weekend shifts", "for 40 paid hours"),
        Burden::DeniedWishes => ("denied wishes", "of a wish"),
    }
}

fn proof(summary: &RosterSummary, paint: Paint) -> String {
    let certificate = &summary.certificate;
    let (checks, rules) = (thousands(certificate.checks()), certificate.rules.len());
    match certificate.verdict() {
        Verdict::Proved => format!("{}: {checks} checks of {rules} hard rules hold", paint.tone(Tone::Good, "proved")),
        Verdict::Refuted => {
            let broken = certificate.violations.len();
            format!("{}: {broken} of {checks} checks of {rules} hard rules fail", paint.tone(Tone::Bad, "refuted"))
        }
    }
}

fn shortfalls(out: &mut String, days: &DayMap, shortfalls: &[Shortfall], paint: Paint) {
    if shortfalls.is_empty() {
        return;
    }
    let _ = writeln!(out, "  {}", paint.tone(Tone::Strong, "short, worst first"));
    for shortfall in shortfalls.iter().take(LISTED) {
        let queues = shortfall.queues.iter().map(QueueId::as_str).chain(shortfall.work.as_ref().map(ActivityId::as_str));
        let queues = queues.collect::<Vec<_>>().join("+");
        let _ = writeln!(
            out,
            "    {}  {queues}: {:.0} person-minutes, up to {:.0} missing; {} ({})",
            stretch(days, shortfall.span),
            shortfall.person_minutes,
            shortfall.most_people,
            shortfall.reason,
            shortfall.binding,
        );
    }
    if let Some(rest @ 1..) = shortfalls.len().checked_sub(LISTED) {
        let minutes: f64 = shortfalls[LISTED..].iter().map(|shortfall| shortfall.person_minutes).sum();
        let _ = writeln!(out, "    and {rest} more of {minutes:.0} person-minutes in all");
    }
}

/// What became of what was asked for beside calls: each activity by its count, and what is missing with the reason.
fn activities(out: &mut String, days: &DayMap, summary: &RosterSummary) {
    for own in summary.activities.chunk_by(|a, b| a.activity == b.activity) {
        let held = own.iter().filter(|outcome| outcome.is_held()).count();
        let Some(first) = own.first() else { continue };
        let _ = writeln!(out, "  {:<9}{}: {held} of {} held", "beside", first.activity, own.len());
        let missing: Vec<_> = own.iter().filter(|outcome| !outcome.is_held()).collect();
        for outcome in missing.iter().take(LISTED) {
            let whom = outcome.agent.as_ref().map(ToString::to_string).or_else(|| outcome.team.as_ref().map(ToString::to_string));
            let whom = whom.map(|whom| format!(" for {whom}")).unwrap_or_default();
            let there = if outcome.minutes.1 > 0 {
                format!("{} of {} minutes", outcome.minutes.1, outcome.minutes.0)
            } else {
                "not held".to_owned()
            };
            let _ = writeln!(out, "    {}{whom}: {there}; {} ({})", stretch(days, outcome.span), outcome.reason, outcome.binding);
        }
        if let Some(rest @ 1..) = missing.len().checked_sub(LISTED) {
            let _ = writeln!(out, "    and {rest} more");
        }
    }
}

fn rounds(out: &mut String, summary: &RosterSummary) {
    for (n, round) in summary.cut_rounds.iter().enumerate() {
        let word = if round.kept { "kept" } else { "not kept" };
        let text = format!(
            "round {}: {} covered but below target asked for {} more; calls below target {} to {}, service level {} to {}; {word}",
            n + 1,
            counted(round.raised_intervals as usize, "interval"),
            hours(round.raised_minutes),
            percent(round.below_target.0),
            percent(round.below_target.1),
            percent(round.service_level.0),
            percent(round.service_level.1),
        );
        line(out, "raised", &text);
    }
}

fn remedies(out: &mut String, days: &DayMap, remedies: &[Remedy], paint: Paint) {
    if remedies.is_empty() {
        return;
    }
    let _ = writeln!(out, "  {}", paint.tone(Tone::Strong, "remedies tried, most effect for a paid hour first"));
    for remedy in remedies {
        let (before, after) = remedy.shortfall_minutes;
        let level =
            remedy.service_level.map(|(before, after)| format!("; {} to {} answered in time then", percent(before), percent(after)));
        let _ = writeln!(
            out,
            "    {}: {:.0} person-minutes less short for {} paid{}",
            remedy_name(remedy, days),
            before - after,
            hours(remedy.paid_minutes as f64),
            level.unwrap_or_default(),
        );
    }
}

/// A remedy in a few words.
fn remedy_name(remedy: &Remedy, days: &DayMap) -> String {
    let times = || remedy.added.iter().map(|span| stretch(days, *span)).collect::<Vec<_>>().join(" and ");
    match remedy.kind {
        RemedyKind::ExtraShift => {
            let contract = remedy.contract.as_ref().map(|id| format!(" like contract {id}")).unwrap_or_default();
            format!("{}{contract}, {}", counted(remedy.added.len(), "more shift"), times())
        }
        RemedyKind::ActivityMoved => {
            let agents = counted(remedy.agents.len(), "person").replace("persons", "people");
            let moved = remedy
                .moved
                .as_ref()
                .map(|(id, from, to)| format!("{id} ({agents}) at {} instead of {}", stretch(days, *to), stretch(days, *from)));
            moved.unwrap_or_default()
        }
        RemedyKind::Overtime => {
            let minutes = remedy.added.first().map_or(0, |span| span.length().get());
            let named = remedy.agents.iter().zip(&remedy.added).map(|(agent, span)| format!("{agent} ({})", stretch(days, *span)));
            format!("{minutes} minutes of overtime for {}", named.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_counted() {
        assert_eq!([0, 1, 2].map(|number| counted(number, "day")), ["0 days", "1 day", "2 days"]);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
