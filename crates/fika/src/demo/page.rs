//! What the demo ends with: a day as a chart, a few people's days, and where to look next.

use std::fmt::Write;
use std::path::Path;

use fika_model::calendar::DayIndex;
use fika_model::roster::{AgentRoster, Roster, RosterSummary, Shift};

use crate::chart;
use crate::paint::{Paint, Tone};

/// How many people's days are shown.
const PEOPLE: usize = 4;

/// The day worth showing: the one with the most people required.
pub(crate) fn busiest(roster: &Roster, summary: &RosterSummary) -> DayIndex {
    let required = |day: DayIndex| -> f64 {
        let span = roster.days.day_span(day);
        summary.intervals.iter().filter(|i| span.covers(i.span)).map(|i| i.required).sum()
    };
    roster.days.days().max_by(|a, b| required(*a).total_cmp(&required(*b)).then(b.cmp(a))).unwrap_or(DayIndex::new(0))
}

/// The chart of a day and the days of people who share a break on it.
pub(crate) fn day(roster: &Roster, summary: &RosterSummary, day: DayIndex, paint: Paint) -> String {
    let mut out = chart::day(roster, summary, day, paint);
    let _ =
        writeln!(out, "\n{}", paint.tone(Tone::Strong, "Who shares a break (a sign is 15 minutes: ██ on the phones, ☕ rest, ▒▒ meal)"));
    for (person, shift) in sharing(roster, day) {
        out.push_str(&chart::agent_day(roster, person, shift, paint));
    }
    out
}

/// The largest company of the day, in the order of their starts.
fn sharing(roster: &Roster, day: DayIndex) -> Vec<(&AgentRoster, &Shift)> {
    let span = roster.days.day_span(day);
    let working: Vec<(&AgentRoster, &Shift)> =
        roster.agents.iter().flat_map(|a| a.shifts.iter().filter(|s| span.holds(s.span.start())).map(move |s| (a, s))).collect();
    let largest = working.iter().flat_map(|(a, s)| s.breaks().map(move |pause| (a, pause))).max_by_key(|(_, pause)| pause.companions.len());
    let Some((host, pause)) = largest else { return Vec::new() };
    let with = |a: &AgentRoster| a.agent == host.agent || pause.companions.contains(&a.agent);
    let mut company: Vec<_> = working.into_iter().filter(|(a, _)| with(a)).collect();
    company.sort_by_key(|(a, s)| (s.span.start(), a.agent.clone()));
    company.truncate(PEOPLE);
    company
}

/// Where to look next, with commands that can be copied.
pub(crate) fn next_steps(folder: &Path, bus: &str, date: &str, paint: Paint) -> String {
    let file = |name: &str| folder.join(name).display().to_string();
    let (request, roster, board) = (file("request.json"), file("roster.json"), file("day.svg"));
    let mut out = format!("{}\n", paint.tone(Tone::Strong, "Where to look next"));
    let _ = write!(
        out,
        "  the board of {date}     {board}  (open it in a browser)\n  \
         prove it yourself       fika verify {request} {roster}\n  \
         another day             fika plot {roster} -o day.svg --date DATE\n  \
         ask for another roster  change {request}, then: fika serve {bus} &  fika request NEW.json {bus}\n  \
         the service             fika serve {bus}   (metrics, rosters and events over HTTP)\n"
    );
    out
}
