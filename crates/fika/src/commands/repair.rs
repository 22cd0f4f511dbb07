//! `fika repair`: the least change that mends a published roster, and what else could be done.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use fika_model::fault::{FaultCode, Faults};
use fika_model::{AgentId, Date, Minute, Request, Roster, RosterId, Span, Timestamp};
use fika_planning::{
    Figures, Lever, PlanIds, PlanSettings, Reach, Repair, RepairSettings, ScaleError, repair, scale, succeeding, take_away, whole_day,
};
use fika_wire::{convert, digest};
use serde_json::{Value, json};

use crate::cli::{self, exit};
use crate::commands::compare::{changes_text, changes_value};
use crate::commands::what_if::share;
use crate::paint::{Paint, Tone};
use crate::seal::WireSeal;
use crate::{columns, demand, files, when};

const EXAMPLE: &str = "Examples:
  fika repair week.json roster.json --absent A05@2026-11-24 -o new.json --request-output new-request.json
  fika repair week.json roster.json --absent A05@2026-11-24T13:00..2026-11-25T12:00 --now 2026-11-24T10:00
  fika repair week.json roster.json --calls +15% --freeze 24h
  fika repair week.json roster.json --new-request week2.json --pick 2 -o new.json

What begins before --now and the freeze horizon have passed stays as it is. Alternatives are found from the published
roster at falling prices of a change; they are ranked by person-minutes short, a changed shift counted as --price
person-minutes and a moved break as a sixth of that. A shift that an absence touches falls away whole and is credited.
The new roster names the published one as its parent; --request-output writes the request that it is proved against.
Exit codes: 0 mended; 1 no alternative keeps every rule, with what each breaks, or the changed request is infeasible;
2 wrong command line; 3 faults in a file or an argument, all listed.";

/// Arguments of `fika repair`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
#[group(id = "change", multiple = true)]
pub(crate) struct Args {
    /// The request that the roster answers: a `RosterRequest` in protobuf's JSON mapping.
    #[arg(value_name = "REQUEST")]
    request: PathBuf,
    /// The published roster: a `Roster` in protobuf's JSON mapping.
    #[arg(value_name = "ROSTER")]
    roster: PathBuf,
    /// Somebody is away: all of a local day, from a time to the end of its day, or from one time to another; may be given more than once.
    #[arg(long, value_name = "AGENT@DATE|TIME[..TIME]")]
    absent: Vec<String>,
    /// More or fewer calls, such as +15%.
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true)]
    calls: Option<String>,
    /// Another request to answer instead, such as one with new demand.
    #[arg(long, value_name = "FILE")]
    new_request: Option<PathBuf>,
    /// Nothing that begins within so long from --now changes, such as 2h or 90m.
    #[arg(long, value_name = "LENGTH", default_value = "2h", value_parser = minutes)]
    freeze: u32,
    /// The present, by the site's wall clock or as an instant [default: the clock].
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// What a changed shift counts in the ranking, in person-minutes short.
    #[arg(long, value_name = "MINUTES", default_value_t = 30)]
    price: u32,
    /// Steps of each alternative's search [default: 40 for each agent and 1,000].
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Which alternative to write and to show in full, 1 being the best.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pick: usize,
    /// Where to write the new roster with its summary.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Where to write the request that the new roster answers.
    #[arg(long, value_name = "FILE")]
    request_output: Option<PathBuf>,
    #[command(flatten)]
    demand: demand::Args,
    /// Print all alternatives as JSON.
    #[arg(long)]
    json: bool,
}

/// `2h`, `90m`, `1h30m`.
fn minutes(text: &str) -> Result<u32, String> {
    let length: jiff::SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    u32::try_from(length.as_mins()).map_err(|_| "a length is not negative".to_owned())
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (request, (roster, _)) = files::pair(&args.request, &args.roster)?;
    let (changed, history) = changed(args, &request, &roster)?;
    let now = match &args.now {
        Some(text) => when::minute(&roster.days, text, "--now")?,
        None => roster.days.minute_of(Timestamp::now()),
    };
    let name = digest::request(&changed).to_string();
    let ids = PlanIds { roster: RosterId::new(format!("roster-{}", &name[..16]))?, generation: roster.generation.saturating_add(1) };
    let how = RepairSettings {
        frozen_until: Some(Minute::new(now.get().saturating_add_unsigned(args.freeze))),
        steps: args.steps.unwrap_or(1000 + 40 * changed.agents.len() as u64),
        change_price_minutes: args.price,
    };
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let settings = PlanSettings { workers, ..PlanSettings::default() };
    let found = match repair(&changed, history.as_deref(), &roster, ids, how, settings, &WireSeal::for_request(&changed)) {
        Ok(found) => found,
        Err(error) if error.is_infeasible() => {
            eprintln!("{error}\n{}", error.faults());
            return Ok(ExitCode::from(exit::NO));
        }
        Err(error) => return Err(error.into()),
    };
    write(args, &changed, &found)?;
    let out = if args.json { format!("{:#}\n", value(&roster, &found)) } else { text(args, &roster, &found, Paint::for_stdout()) };
    cli::print(&out)?;
    Ok(if found.alternatives.is_empty() { ExitCode::from(exit::NO) } else { ExitCode::SUCCESS })
}

type History = Option<Vec<fika_model::forecast::QueueForecast>>;

/// The request after the changes, as the roster's successor, and its history.
fn changed(args: &Args, request: &Request, roster: &Roster) -> Result<(Request, History), Faults> {
    let base = match &args.new_request {
        Some(path) => files::request(path)?,
        None => request.clone(),
    };
    let mut history = args.demand.history(&base)?;
    let mut parts = succeeding((*base).clone(), roster);
    let mut faults = Faults::default();
    for text in &args.absent {
        match absent(text, &base, roster) {
            Ok((agent, span)) if take_away(&mut parts, roster, &agent, span) => {}
            Ok((agent, _)) => faults.push(FaultCode::UnknownReference, "--absent", format!("the request has no agent {agent}")),
            Err(more) => faults.0.extend(more.0),
        }
    }
    if let Some(text) = &args.calls {
        let factor = share(text).map_err(|cause| Faults::one(FaultCode::OutOfRange, "--calls", cause))?;
        let scaled = scale(&mut parts, history.as_mut(), Lever::Calls, factor);
        let code = |error: &ScaleError| if *error == ScaleError::NoCalls { FaultCode::Contradiction } else { FaultCode::OutOfRange };
        if let Err(error) = scaled {
            faults.push(code(&error), "--calls", error);
        }
    }
    if args.absent.is_empty() && args.calls.is_none() && args.new_request.is_none() {
        faults.push(FaultCode::Missing, "", "nothing has changed: give --absent, --calls or --new-request");
    }
    faults.or(Some(()))?;
    Ok((Request::check(parts)?, history))
}

/// `A05@2026-11-24`, `A05@2026-11-24T13:00`, `A05@2026-11-24T13:00..2026-11-25T12:00`.
fn absent(text: &str, request: &Request, roster: &Roster) -> Result<(AgentId, Span), Faults> {
    let fault = |code, cause: String| Faults::one(code, format!("--absent {text}"), cause);
    let (agent, time) = text.rsplit_once('@').ok_or_else(|| fault(FaultCode::Missing, "no @ with a date or a time".to_owned()))?;
    let agent = AgentId::new(agent).map_err(|error| fault(FaultCode::BadId, error.to_string()))?;
    if let Ok(date) = time.parse::<Date>() {
        let day = request.days.day_of_date(date);
        let day = day.ok_or_else(|| fault(FaultCode::BadTime, format!("{date} lies outside the horizon")))?;
        return Ok((agent, whole_day(request, day)));
    }
    let at = "--absent";
    let (from, to) = time.split_once("..").map_or((time, None), |(from, to)| (from, Some(to)));
    let from = when::minute(&roster.days, from, at)?;
    let to = match to {
        Some(to) => when::minute(&roster.days, to, at)?,
        None => roster.days.day_at(from).map_or(from, |day| roster.days.day_span(day).end()),
    };
    if to <= from {
        return Err(fault(FaultCode::OutOfRange, "it ends before it begins".to_owned()));
    }
    Ok((agent, Span::between(from, to)))
}

fn write(args: &Args, changed: &Request, found: &Repair) -> anyhow::Result<()> {
    let Some(first) = found.alternatives.first() else { return Ok(()) };
    let most = found.alternatives.len();
    let picked = found.alternatives.get(args.pick.saturating_sub(1)).filter(|_| args.pick > 0);
    let picked = picked.ok_or_else(|| Faults::one(FaultCode::OutOfRange, "--pick", format!("{} of {most} alternatives", args.pick)))?;
    debug_assert!(picked.weight >= first.weight, "the best stands first");
    if let Some(path) = &args.output {
        files::write(path, &convert::roster_message(&picked.planned.roster, Some(&picked.planned.summary)))?;
    }
    if let Some(path) = &args.request_output {
        files::write(path, &convert::request_message(changed))?;
    }
    Ok(())
}

fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Nothing => "as it is",
        Reach::Breaks => "breaks",
        Reach::FewShifts => "few shifts",
        Reach::SomeShifts => "some shifts",
        Reach::AnyShift => "any shift",
    }
}

fn text(args: &Args, roster: &Roster, found: &Repair, paint: Paint) -> String {
    let mut out = String::new();
    if !found.alternatives.is_empty() {
        let heads: Vec<String> = found.alternatives.iter().enumerate().map(|(n, one)| format!("{}: {}", n + 1, reach(one.reach))).collect();
        let mut rows: Vec<(String, Vec<String>)> = vec![
            ("changed shifts".to_owned(), found.alternatives.iter().map(|one| one.changes.changed_shifts().to_string()).collect()),
            ("moved breaks".to_owned(), found.alternatives.iter().map(|one| one.changes.moved_breaks().to_string()).collect()),
            ("paid more".to_owned(), found.alternatives.iter().map(|one| format!("{:+.1} h", one.paid_minutes as f64 / 60.0)).collect()),
        ];
        let figures: Vec<Figures> =
            found.alternatives.iter().map(|one| Figures::of(&one.planned.roster, Some(&one.planned.summary))).collect();
        let told = ["required", "short", "service level", "breaks", "proof"];
        rows.extend(columns::rows(&figures).into_iter().filter(|(name, _)| told.contains(&name.as_str())));
        out.push_str(&columns::table(&heads, &rows));
    }
    for (tried, error) in &found.refused {
        let _ = writeln!(out, "  {}: {}", paint.tone(Tone::Bad, reach(*tried)), error);
    }
    if let Some(picked) = found.alternatives.get(args.pick.saturating_sub(1)) {
        let head = format!("alternative {} in place of {}, generation {}", args.pick, roster.id, picked.planned.roster.generation);
        let _ = write!(out, "  {}\n{}", paint.tone(Tone::Strong, &head), changes_text(&picked.changes, &roster.days, paint));
    }
    out
}

fn value(roster: &Roster, found: &Repair) -> Value {
    let alternative = |one: &fika_planning::Alternative| {
        json!({
            "reach": reach(one.reach),
            "rosterId": one.planned.roster.id.as_str(),
            "generation": one.planned.roster.generation,
            "changedShifts": one.changes.changed_shifts(),
            "movedBreaks": one.changes.moved_breaks(),
            "paidMinutesMore": one.paid_minutes,
            "weight": one.weight,
            "figures": columns::value(&Figures::of(&one.planned.roster, Some(&one.planned.summary))),
            "changes": changes_value(&one.changes, &roster.days),
        })
    };
    let refused = found.refused.iter().map(|(tried, error)| json!({ "reach": reach(*tried), "cause": error.to_string() }));
    json!({
        "replaces": { "rosterId": roster.id.as_str(), "generation": roster.generation },
        "alternatives": found.alternatives.iter().map(alternative).collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
    })
}
