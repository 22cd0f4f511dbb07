//! The board of a day as SVG: people by team with their activities, under the curves of required and scheduled people.
//!
//! A pure drawing: same roster, same bytes. Nothing is fetched, no script runs, and every word is escaped.

use std::collections::BTreeMap;
use std::fmt::Write;

use fika_model::calendar::{DayIndex, DayMap};
use fika_model::fairness::TeamCompany;
use fika_model::roster::{Activity, ActivityKind, AgentRoster, Roster, RosterSummary};
use fika_model::units::{Minute, Minutes, Span};
use fika_model::{AgentId, QueueId, TeamId};

mod curves;
mod remedies;

/// Left edge of the time axis, in pixels.
const LEFT: f64 = 150.0;
/// Width of the time axis, in pixels.
const WIDTH: f64 = 1120.0;
/// Right margin, in pixels.
const RIGHT: f64 = 24.0;
/// Height of one person's row, in pixels.
const ROW: f64 = 18.0;
/// Height of a team's heading, in pixels.
const HEADING: f64 = 26.0;

/// What is drawn from when to when, in the minutes of the horizon, and where.
struct Axis<'a> {
    days: &'a DayMap,
    view: Span,
}

impl Axis<'_> {
    /// Pixels from the left of the picture.
    fn x(&self, minute: Minute) -> f64 {
        let passed = f64::from(minute.minutes_since(self.view.start()));
        LEFT + WIDTH * (passed / f64::from(self.view.length().get().max(1))).clamp(0.0, 1.0)
    }

    /// The wall clock at a minute, as `HH:MM`.
    fn clock(&self, minute: Minute) -> String {
        let (_, wall) = self.days.wall_at(minute);
        format!("{:02}:{:02}", wall / 60, wall % 60)
    }

    /// The full hours inside the view.
    fn hours(&self) -> impl Iterator<Item = Minute> {
        let start = self.view.start().get();
        let first = start + (60 - start.rem_euclid(60)) % 60;
        (first..=self.view.end().get()).step_by(60).map(Minute::new)
    }
}

/// The fill of an activity: blue works, warm colours rest, others are off the phones.
const fn fill(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::OnQueue => "#7aa6d6",
        ActivityKind::RestBreak => "#f2a33a",
        ActivityKind::Meal => "#5fae6e",
        ActivityKind::Huddle => "#a878c8",
        ActivityKind::Training => "#3fa7a3",
        ActivityKind::Coaching => "#58bfae",
        ActivityKind::Meeting => "#c98bb4",
        ActivityKind::BackOffice => "#8c93a8",
        ActivityKind::TimeOff => "#d9d9d9",
    }
}

/// Tones of time on queue by the queue that comes first, where people change queues inside shifts.
struct Tones<'a>(Vec<&'a QueueId>);

/// The tones, in the order of the queues' ids; further queues begin again.
const TONES: [&str; 6] = ["#7aa6d6", "#3d6ea5", "#a9c9ea", "#5c86c9", "#2f8fb3", "#8fb3d9"];

impl<'a> Tones<'a> {
    fn of(roster: &'a Roster) -> Self {
        let shifts = || roster.agents.iter().flat_map(|agent| &agent.shifts);
        let firsts = |shift: &'a fika_model::Shift| shift.activities.iter().filter_map(|activity| activity.queues.first());
        let changes = |shift: &'a fika_model::Shift| firsts(shift).zip(firsts(shift).skip(1)).any(|(a, b)| a != b);
        let queues: std::collections::BTreeSet<&QueueId> =
            if shifts().any(changes) { shifts().flat_map(firsts).collect() } else { std::collections::BTreeSet::new() };
        Self(queues.into_iter().collect())
    }

    /// The fill of an activity, and what the legend calls it.
    fn of_activity(&self, activity: &Activity) -> (&'static str, String) {
        let position = activity.queues.first().and_then(|first| self.0.iter().position(|queue| *queue == first));
        match position {
            Some(n) => (TONES[n % TONES.len()], format!("on {}", self.0[n])),
            None => (fill(activity.kind), label(activity.kind).to_owned()),
        }
    }
}

/// What an activity is called in the legend.
const fn label(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::OnQueue => "on the phones",
        ActivityKind::RestBreak => "rest break",
        ActivityKind::Meal => "meal",
        ActivityKind::Huddle => "huddle",
        ActivityKind::Training => "training",
        ActivityKind::Coaching => "coaching",
        ActivityKind::Meeting => "meeting",
        ActivityKind::BackOffice => "back office",
        ActivityKind::TimeOff => "time off",
    }
}

/// Text that is safe inside SVG.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// Draws the board of a local day. `summary` adds the curves of required and scheduled people and the predicted service level;
/// a day outside the roster gives a picture that says so.
pub fn day_svg(roster: &Roster, summary: Option<&RosterSummary>, day: DayIndex) -> String {
    let axis = Axis { days: &roster.days, view: view(roster, summary, day) };
    let teams = teams_on(roster, day);
    let tones = Tones::of(roster);
    let mut body = String::new();
    let mut y = 64.0;
    if let Some(summary) = summary {
        y = curves::draw(&mut body, &axis, summary, y);
    }
    let board_top = y;
    let mut rows = String::new();
    for (team, people) in &teams {
        let company = summary.and_then(|s| s.fairness.teams.iter().find(|company| &company.team == team));
        y = team_rows(&mut rows, &axis, (team, company), (people, &tones), y);
    }
    grid_lines(&mut body, &axis, board_top, y);
    body.push_str(&rows);
    if teams.is_empty() {
        let _ = write!(body, "<text x=\"{LEFT}\" y=\"{}\">nobody is on shift on this day</text>", y + 24.0);
        y += 40.0;
    }
    y = legend(&mut body, &teams, &tones, y + 18.0);
    if let Some(summary) = summary {
        y = remedies::draw(&mut body, &axis, summary, roster.days.day_span(day), y + 14.0);
    }
    frame(roster, summary, day, &body, y + 16.0)
}

/// The outermost element with the title.
fn frame(roster: &Roster, summary: Option<&RosterSummary>, day: DayIndex, body: &str, height: f64) -> String {
    let width = LEFT + WIDTH + RIGHT;
    let date = roster.days.date(day);
    let title = format!("{date} {:?}, roster {} (generation {})", roster.days.weekday(day), roster.id, roster.generation);
    let verdict = summary.map_or_else(String::new, |s| {
        let verdict = if s.certificate.violations.is_empty() { "every hard rule proved" } else { "REFUTED" };
        format!("{verdict}, {} checks", s.certificate.checks())
    });
    let (title, verdict, zone) = (escape(&title), escape(&verdict), escape(roster.days.zone_name()));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height:.0}\" width=\"{width}\" height=\"{height:.0}\" \
         font-family=\"system-ui, 'DejaVu Sans', sans-serif\" font-size=\"11\" fill=\"#2b2f38\" role=\"img\" aria-label=\"{title}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"17\" font-weight=\"600\">{title}</text>\n\
         <text x=\"16\" y=\"44\" fill=\"#667\">{verdict}; times in {zone}</text>\n{body}</svg>\n"
    )
}

/// The shifts that touch a day, people in order of the shift's start, by team.
fn teams_on(roster: &Roster, day: DayIndex) -> BTreeMap<TeamId, Vec<(&AgentId, Vec<&Activity>)>> {
    let span = roster.days.day_span(day);
    let mut teams: BTreeMap<TeamId, Vec<(&AgentId, Vec<&Activity>)>> = BTreeMap::new();
    for AgentRoster { agent, team, shifts } in &roster.agents {
        let activities: Vec<&Activity> =
            shifts.iter().filter(|s| s.span.overlap(span) > Minutes::ZERO).flat_map(|s| &s.activities).collect();
        if !activities.is_empty() {
            teams.entry(team.clone()).or_default().push((agent, activities));
        }
    }
    for people in teams.values_mut() {
        people.sort_by_key(|(agent, activities)| (activities.first().map(|a| a.span.start()), *agent));
    }
    teams
}

/// The piece of time worth drawing: from the first to the last thing that happens, to full hours.
fn view(roster: &Roster, summary: Option<&RosterSummary>, day: DayIndex) -> Span {
    let span = roster.days.day_span(day);
    let starting = roster.shifts_on(day).map(|(_, shift)| shift.span);
    let wanted = summary.iter().flat_map(|s| &s.intervals).filter(|i| i.required > 0.0 && span.covers(i.span)).map(|i| i.span);
    let (from, to) =
        starting.chain(wanted).fold((span.end(), span.start()), |(from, to), piece| (from.min(piece.start()), to.max(piece.end())));
    if from >= to {
        return span;
    }
    let hour = |minute: i32, up: i32| Minute::new((minute + up).div_euclid(60) * 60);
    Span::between(hour(from.get(), 0), hour(to.get(), 59))
}

fn grid_lines(out: &mut String, axis: &Axis, top: f64, bottom: f64) {
    for hour in axis.hours() {
        let x = axis.x(hour);
        let _ = writeln!(out, "<path d=\"M{x:.1} {:.1}V{bottom:.1}\" stroke=\"#e3e6ec\"/>", top + 4.0);
        let clock = axis.clock(hour);
        let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{top:.1}\" text-anchor=\"middle\" fill=\"#667\">{clock}</text>");
    }
}

/// One team: its heading and a row a person. Gives the new lower edge.
fn team_rows(
    out: &mut String,
    axis: &Axis,
    (team, company): (&TeamId, Option<&TeamCompany>),
    (people, tones): (&[(&AgentId, Vec<&Activity>)], &Tones<'_>),
    top: f64,
) -> f64 {
    let mut y = top + HEADING;
    let name = escape(team.as_str());
    let met =
        company.map_or_else(String::new, |c| format!("; {} of {} pairs met over the horizon, {} could have", c.met, c.pairs, c.possible));
    let _ = writeln!(out, "<text x=\"16\" y=\"{:.1}\"><tspan font-weight=\"600\">{name}</tspan> ({}){met}</text>", y - 6.0, people.len());
    for (agent, activities) in people {
        let id = escape(agent.as_str());
        let _ = writeln!(out, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{id}</text>", LEFT - 8.0, y + ROW - 6.0);
        for activity in activities.iter().filter(|a| a.span.overlap(axis.view) > Minutes::ZERO) {
            let (x, end) = (axis.x(activity.span.start()), axis.x(activity.span.end()));
            let (colour, _) = tones.of_activity(activity);
            let tip = escape(&tip(axis, agent, activity));
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{colour}\"><title>{tip}</title></rect>",
                (end - x - 0.5).max(0.5),
                ROW - 3.0,
            );
        }
        y += ROW;
    }
    y
}

/// What is shown when the pointer rests on an activity.
fn tip(axis: &Axis, agent: &AgentId, activity: &Activity) -> String {
    let (from, to) = (axis.clock(activity.span.start()), axis.clock(activity.span.end()));
    let mut text = format!("{agent}: {} {from} to {to}", label(activity.kind));
    let names = |ids: &[AgentId]| ids.iter().map(AgentId::as_str).collect::<Vec<_>>().join(", ");
    if let Some(asked) = &activity.asked {
        let _ = write!(text, ", {asked}");
    }
    if !activity.with.is_empty() {
        let _ = write!(text, " with {}", names(&activity.with));
    }
    if activity.kind.is_break() && !activity.companions.is_empty() {
        let _ = write!(text, " with {}", names(&activity.companions));
    }
    if !activity.queues.is_empty() {
        let queues: Vec<&str> = activity.queues.iter().map(fika_model::QueueId::as_str).collect();
        let _ = write!(text, " ({})", queues.join(", "));
    }
    text
}

fn legend(out: &mut String, teams: &BTreeMap<TeamId, Vec<(&AgentId, Vec<&Activity>)>>, tones: &Tones<'_>, top: f64) -> f64 {
    let activities = || teams.values().flatten().flat_map(|(_, activities)| activities);
    let entries: std::collections::BTreeSet<(ActivityKind, String, &str)> = activities()
        .map(|activity| {
            let (colour, text) = tones.of_activity(activity);
            (activity.kind, text, colour)
        })
        .collect();
    let mut x = LEFT;
    for (_, text, colour) in entries {
        let _ = writeln!(out, "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"12\" height=\"12\" fill=\"{colour}\"/>", top - 10.0);
        let _ = writeln!(out, "<text x=\"{:.1}\" y=\"{top:.1}\">{}</text>", x + 17.0, escape(&text));
        x += 40.0 + 6.4 * text.len() as f64;
    }
    top
}

#[cfg(test)]
mod tests;
