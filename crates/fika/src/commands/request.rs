//! `fika request`: checks a roster request, puts it on the bus, follows it, and writes the roster; or cancels one, or ends its search.

mod order;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use fika_bus::Bus;
use fika_model::command::Action;
use fika_model::status::{State, Status};
use fika_model::{FaultCode, Faults, Request, RequestId, RosterId};
use fika_wire::proto::fika::v1 as proto;
use fika_wire::{convert, json};

use crate::cli::{self, exit};
use crate::config::{BusArgs, parse_length};
use crate::follow::{self, Follower, Heard, Submitted};
use crate::paint::Paint;
use crate::progress::{ADVICE, Bar, words};
use crate::{files, summary, traffic};

const EXAMPLE: &str = "Examples:
  fika request week.json -o roster.json
  fika request week.json --brokers kafka-1:9092 --timeout 30m --json
  fika request week-b.json --replaces week-a       a new request; the other one is cancelled
  fika request --cancel week-a --reason 'the site is closed'
  fika request --best-now week-a -o roster.json    search no further; publish the best checked roster so far

The request is checked before anything is sent. A request that the bus knows already is followed, not sent again.
Exit codes: 0 the roster is published (and written); 1 infeasible, failed, or no answer in time; 2 wrong command
line; 3 faults in the request, all listed; 4 the bus cannot be reached.";

/// Arguments of `fika request`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Args {
    /// The request: a `RosterRequest` in protobuf's JSON mapping.
    #[arg(value_name = "FILE", required_unless_present_any = ["cancel", "best_now"])]
    file: Option<PathBuf>,
    /// Cancel this request, which was sent before. One that has its answer keeps it.
    #[arg(long, value_name = "ID", conflicts_with_all = ["file", "best_now", "id", "output"])]
    cancel: Option<String>,
    /// End the search of this request, which was sent before: the best roster so far is checked and published.
    #[arg(long, value_name = "ID", conflicts_with_all = ["file", "id"])]
    best_now: Option<String>,
    /// Cancel this other request as soon as the new one is sent.
    #[arg(long, value_name = "ID", requires = "file")]
    replaces: Option<String>,
    /// Why a request is cancelled, for people to read.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
    /// Where to write the roster.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Ask under this id instead of the one in the file.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Tell agents without a history of their own what this roster, published on the bus, carries over: ends, hours, counters.
    #[arg(long, value_name = "ROSTER", requires = "file")]
    after: Option<String>,
    /// Print the last status, and the roster's summary, as JSON; no progress.
    #[arg(long)]
    json: bool,
    /// How long to wait for the roster.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_length)]
    timeout: Duration,
    #[command(flatten)]
    bus: BusArgs,
}

/// Runs it.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Some(file) = &args.file else { return order::run(args) };
    let replaced = args.replaces.as_deref().map(|id| order::known("--replaces", id)).transpose()?;
    let id = args.id.as_deref();
    // Faults are told before anything is opened, unless the bus has a part of the request.
    let whole = if args.after.is_none() { Some(read(file, id, &[])?) } else { None };
    let bus = args.bus.open()?;
    bus.ensure_topics(&traffic::topic_settings())?;
    let request = match whole {
        Some(whole) => whole,
        None => read(file, id, &carried_over(&*bus, args.after.as_deref().unwrap_or_default())?)?,
    };
    let mut follower = Follower::new(&*bus, request.id.clone())?;
    match follow::submit(&*bus, &request)? {
        Submitted::New => {}
        Submitted::Known => eprintln!("the bus knows request {} already; following it", request.id),
        Submitted::IdTaken => {
            let cause = format!("another request has the id {:?}; give this one another id (or use --id)", request.id.as_str());
            return Err(Faults::one(FaultCode::Duplicate, "id", cause).into());
        }
    }
    if let Some(replaced) = replaced {
        order::send(&*bus, replaced, Action::Cancel { reason: format!("request {} takes its place", request.id) })?;
    }
    let mut bar = Bar::new(args.json);
    let heard = follower.follow(Instant::now() + args.timeout, &mut |state| bar.show(state))?;
    bar.clear();
    match heard {
        Heard::Final(State::Done { roster, .. }) => done(&*bus, args, Some(&request), &roster),
        Heard::Final(state) => answer_no(args, &request.id, &state),
        Heard::TimedOut(last) => Ok(too_late(args, last.as_ref())),
    }
}

fn too_late(args: &Args, last: Option<&State>) -> ExitCode {
    let last = last.map_or_else(|| format!("no planner has answered; {ADVICE}"), |state| format!("it is {}", words(state)));
    eprintln!("no answer within {:?}: {last}", args.timeout);
    ExitCode::from(exit::NO)
}

/// What a published roster leaves to the next one.
fn carried_over(bus: &dyn Bus, roster: &str) -> anyhow::Result<Vec<proto::CarryOver>> {
    let unknown = || Faults::one(FaultCode::UnknownReference, "--after", format!("there is no roster {roster:?} on the bus"));
    Ok(follow::summary(bus, roster)?.ok_or_else(unknown)?.carry_over)
}

fn read(file: &Path, id: Option<&str>, carried: &[proto::CarryOver]) -> anyhow::Result<Request> {
    let bytes = files::bytes(file)?;
    let parse = |message: &proto::RosterRequest| {
        let mut message = message.clone();
        if let Some(id) = id {
            id.clone_into(&mut message.id);
        }
        convert::take_over(&mut message, carried);
        convert::parse_request(&message)
    };
    Ok(json::read_then(&bytes, json::MESSAGE_LIMIT_BYTES, parse)?)
}

/// The roster is published: fetches it, writes it, sums it up.
fn done(bus: &dyn Bus, args: &Args, request: Option<&Request>, id: &RosterId) -> anyhow::Result<ExitCode> {
    let Some(message) = follow::published(bus, id)? else {
        eprintln!("roster {id} was published, but a newer one has taken its place");
        return Ok(ExitCode::from(exit::NO));
    };
    if let Some(output) = &args.output {
        std::fs::write(output, json::write_pretty(&message)).with_context(|| format!("{} cannot be written", output.display()))?;
    }
    if args.json {
        let answer = proto::Roster { agents: Vec::new(), ..message };
        cli::print(&String::from_utf8_lossy(&json::write_pretty(&answer.summary)))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (roster, figures) = convert::parse_roster(&message)?;
    let figures = figures.context("the published roster has no summary")?;
    match request {
        Some(request) => cli::print(&summary::text(request, &roster, &figures, Paint::for_stdout()))?,
        None => cli::print(&format!("roster {id} of generation {} is published\n", roster.generation))?,
    }
    if let Some(output) = &args.output {
        eprintln!("the roster is in {}", output.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The answer is no, with its reasons.
fn answer_no(args: &Args, request: &RequestId, state: &State) -> anyhow::Result<ExitCode> {
    let (State::Infeasible { faults, .. } | State::Failed { faults }) = state else {
        return Ok(ExitCode::from(exit::NO));
    };
    if args.json {
        let status = Status { request: request.clone(), at: traffic::now(), state: state.clone() };
        cli::print(&String::from_utf8_lossy(&json::write_pretty(&convert::status_message(&status))))?;
    } else {
        eprintln!("request {request} is {}:\n{faults}", words(state));
        if let State::Infeasible { roster: Some((roster, generation)), .. } = state {
            eprintln!("roster {roster} of generation {generation} is published for those who can be served; its summary names the others");
        }
    }
    Ok(ExitCode::from(exit::NO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_faults_names_them_all_and_an_id_can_be_given() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let file = folder.path().join("request.json");
        let faults = |text: &str| {
            std::fs::write(&file, text).expect("a file");
            let error = read(&file, Some("other"), &[]).expect_err("faults");
            error.downcast::<Faults>().expect("faults").0
        };
        assert_eq!(faults("{").iter().map(|fault| fault.code).collect::<Vec<_>>(), [FaultCode::Malformed]);
        let many = faults(r#"{"id": "x", "horizon": {"days": "many"}, "seed": true}"#);
        assert!(many.iter().filter(|fault| fault.code == FaultCode::WrongType).count() == 2, "{many:?}");
        let missing = read(Path::new("/nowhere/request.json"), None, &[]).expect_err("no file");
        assert!(missing.is::<Faults>());
    }
}
