//! `fika verify`: proves or refutes a roster against its request.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use fika_model::{Certificate, DayMap, Verdict};
use fika_verify::{Digests, stretch, tells_activities, verify};
use fika_wire::{convert, digest, json};

use crate::cli::{self, exit};
use crate::files;
use crate::paint::{Paint, Tone};
use crate::summary::thousands;

const EXAMPLE: &str = "Example:
  fika verify week.json roster.json

Every hard rule is derived again from the two files alone. A certificate in the roster file is compared with
what was found: it must be of these two messages.
Exit codes: 0 proved; 1 refuted, each broken rule with agent, time and amount; 2 wrong command line;
3 faults in a file, all listed.";

/// Arguments of `fika verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// The request: a `RosterRequest` in protobuf's JSON mapping.
    #[arg(value_name = "REQUEST")]
    request: PathBuf,
    /// The roster: a `Roster` in protobuf's JSON mapping, with or without its summary.
    #[arg(value_name = "ROSTER")]
    roster: PathBuf,
    /// Print the certificate as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (request, (roster, summary)) = files::pair(&args.request, &args.roster)?;
    let (left_out, waived) = summary.as_ref().map_or((&[][..], &[][..]), |summary| (&summary.left_out, &summary.waived));
    let request = if left_out.is_empty() && waived.is_empty() { request } else { request.without(left_out, waived)? };
    let digests = Digests { request: digest::request(&request), roster: digest::roster(&roster) };
    let certificate = verify(&request, &roster, digests);
    let stale = summary.as_ref().is_some_and(|summary| {
        let theirs = &summary.certificate;
        (theirs.request, theirs.roster) != (certificate.request, certificate.roster)
    });
    if args.json {
        let message = convert::certificate_message(&certificate, &request.days);
        cli::print(&String::from_utf8_lossy(&json::write_pretty(&message)))?;
    } else {
        cli::print(&text(&certificate, &request.days, Paint::for_stdout()))?;
    }
    if !left_out.is_empty() {
        let names = left_out.iter().map(fika_model::AgentId::as_str).collect::<Vec<_>>().join(", ");
        eprintln!("the roster leaves out {names}; it was checked against the request without them");
    }
    if stale {
        eprintln!("the certificate in {} is of another request or another roster; it proves nothing here", args.roster.display());
    }
    let untold = summary.as_ref().is_some_and(|summary| !tells_activities(&request, &roster, summary));
    if untold {
        eprintln!("the summary in {} tells of activities beside calls what the roster does not hold", args.roster.display());
    }
    let proved = certificate.verdict() == Verdict::Proved && !stale && !untold;
    Ok(if proved { ExitCode::SUCCESS } else { ExitCode::from(exit::NO) })
}

/// The certificate as people read it: each rule that was tried, and under a broken one each violation.
fn text(certificate: &Certificate, days: &DayMap, paint: Paint) -> String {
    let mut out = String::new();
    let checks = thousands(certificate.checks());
    let _ = match certificate.verdict() {
        Verdict::Proved => {
            writeln!(out, "{}: {checks} checks of {} rules hold", paint.tone(Tone::Good, "proved"), certificate.rules.len())
        }
        Verdict::Refuted => {
            let broken = certificate.violations.len();
            writeln!(out, "{}: {broken} of {checks} checks of {} rules fail", paint.tone(Tone::Bad, "refuted"), certificate.rules.len())
        }
    };
    let width = certificate.rules.iter().map(|row| row.rule.as_str().chars().count()).max().unwrap_or_default();
    for row in &certificate.rules {
        let mark = if row.broken == 0 { paint.tone(Tone::Good, "ok") } else { paint.tone(Tone::Bad, "no") };
        let _ = writeln!(out, "  {mark} {:<width$} {:>9}  {}", row.rule.as_str(), thousands(row.checked), row.text);
        for violation in certificate.violations.iter().filter(|violation| violation.rule == row.rule) {
            let whose = violation.agent.as_ref().map(ToString::to_string).or(violation.team.as_ref().map(ToString::to_string));
            let _ = writeln!(
                out,
                "       {} {} {}: required {}, found {} {}; {}",
                whose.unwrap_or_else(|| "the roster".to_owned()),
                stretch(days, violation.span),
                days.zone_name(),
                violation.required,
                violation.found,
                violation.unit,
                violation.cause,
            );
        }
    }
    let _ = writeln!(out, "  request {}\n  roster  {}", certificate.request, certificate.roster);
    out
}
