//! `fika carry`: the request of the period that follows, with the ends and counters of a roster carried over.

use std::path::PathBuf;
use std::process::ExitCode;

use fika_model::{FaultCode, Faults, Request, RequestId};
use fika_planning::{carry_into, following};
use fika_verify::fairness;
use fika_wire::{convert, json};

use crate::{cli, files};

const EXAMPLE: &str = "Examples:
  fika carry week-48.json roster-48.json -o week-49.json
  fika carry week-48.json roster-48.json --into week-49.json -o week-49-told.json

Each agent's history becomes what the roster leaves: the end of her last shift, days and nights in a row, weekends
worked, paid minutes of the running reference period, and the counters of unpopular shifts, late breaks, weekend
shifts and wishes, which are sums over all rosters told. Without --into the request is moved on by its own days:
demand that is given is taken to come again, wishes and absences of days gone by fall away.
Exit codes: 0 done; 2 wrong command line; 3 faults in a file, or no request fits what follows.";

/// Arguments of `fika carry`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// The request that the roster answers: a `RosterRequest` in protobuf's JSON mapping.
    #[arg(value_name = "REQUEST")]
    request: PathBuf,
    /// The roster: a `Roster` in protobuf's JSON mapping, with or without its summary.
    #[arg(value_name = "ROSTER")]
    roster: PathBuf,
    /// The request of the next period, to be told what the roster leaves.
    #[arg(long, value_name = "NEXT")]
    into: Option<PathBuf>,
    /// The id of the request that is made [default: the id of NEXT, or of REQUEST with the first day].
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Where to write the request [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print what was made as JSON; the request itself always is.
    #[arg(long, requires = "output")]
    json: bool,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (request, (roster, _)) = files::pair(&args.request, &args.roster)?;
    let next = args.into.as_deref().map(files::request).transpose()?;
    let first = request.days.wall_at(request.days.span().end()).0;
    let id = args.id.clone().unwrap_or_else(|| next.as_ref().map_or_else(|| format!("{} {first}", request.id), |next| next.id.to_string()));
    let id = RequestId::new(id).map_err(|error| Faults::one(FaultCode::BadId, "--id", error))?;
    let mut parts = match next {
        Some(next) => fika_model::request::RequestParts { id, ..(*next).clone() },
        None => following(&request, id).map_err(|error| Faults::one(FaultCode::BadHorizon, args.request.display().to_string(), error))?,
    };
    let report = fairness(&request, &roster);
    let gone = carry_into(&mut parts, &report.carry_over);
    let made = Request::check(parts)?;
    let message = convert::request_message(&made);
    let Some(output) = &args.output else {
        cli::print(&String::from_utf8_lossy(&json::write_pretty(&message)))?;
        return Ok(ExitCode::SUCCESS);
    };
    files::write(output, &message)?;
    let told = report.carry_over.len() - gone.len();
    if args.json {
        let names: Vec<&str> = gone.iter().map(fika_model::AgentId::as_str).collect();
        let value = serde_json::json!({
            "output": output, "id": made.id.as_str(), "firstDate": made.days.first_date().to_string(), "days": made.days.len(),
            "agentsTold": told, "agentsGone": names,
        });
        cli::print(&format!("{value}\n"))?;
    } else {
        let gone = if gone.is_empty() { String::new() } else { format!(", {} gone since", gone.len()) };
        let days = made.days.len();
        cli::print(&format!("{days} days from {}, {told} agents told{gone}: {}\n", made.days.first_date(), output.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
