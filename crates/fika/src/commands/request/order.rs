//! `fika request --cancel` and `--best-now`: a command about a request that was sent before, and what comes of it.

use std::process::ExitCode;
use std::time::Instant;

use fika_bus::Bus;
use fika_model::command::{Action, Command};
use fika_model::status::State;
use fika_model::{FaultCode, Faults, RequestId};
use fika_wire::records;

use super::{Args, answer_no, done, too_late};
use crate::follow::{Follower, Heard};
use crate::progress::Bar;
use crate::{cli, traffic};

/// Who says that a command was given.
const SOURCE: &str = "/fika/request";

/// Gives the command, follows the request to its last status.
pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (request, action) = match (&args.cancel, &args.best_now) {
        (Some(id), _) => (known("--cancel", id)?, Action::Cancel { reason: args.reason.clone() }),
        (None, Some(id)) => (known("--best-now", id)?, Action::Finish),
        (None, None) => return Err(Faults::one(FaultCode::Missing, "", "neither a file nor a request is named").into()),
    };
    let cancels = matches!(action, Action::Cancel { .. });
    let bus = args.bus.open_existing()?;
    let mut follower = Follower::new(&*bus, request.clone())?;
    send(&*bus, request.clone(), action)?;
    let mut bar = Bar::new(args.json);
    let heard = follower.follow(Instant::now() + args.timeout, &mut |state| bar.show(state))?;
    bar.clear();
    match heard {
        Heard::Final(State::Failed { faults }) if cancels && faults.0.iter().any(|fault| fault.code == FaultCode::Cancelled) => {
            cli::print(&format!("request {request} is cancelled\n"))?;
            Ok(ExitCode::SUCCESS)
        }
        Heard::Final(State::Done { roster, .. }) if cancels => {
            eprintln!("request {request} has its roster already: {roster}");
            Ok(ExitCode::from(cli::exit::NO))
        }
        Heard::Final(State::Done { roster, .. }) => done(&*bus, args, None, &roster),
        Heard::Final(state) => answer_no(args, &request, &state),
        Heard::TimedOut(last) => Ok(too_late(args, last.as_ref())),
    }
}

/// The id as it was written after a flag.
pub(super) fn known(flag: &str, id: &str) -> Result<RequestId, Faults> {
    RequestId::new(id).map_err(|error| Faults::one(FaultCode::BadId, flag, error))
}

/// Puts a command on the bus.
pub(super) fn send(bus: &dyn Bus, request: RequestId, action: Action) -> Result<(), fika_bus::Error> {
    let command = Command { request, at: traffic::now(), action };
    bus.append(vec![traffic::outgoing(traffic::stamped(SOURCE, |stamp| records::command(&command, stamp)))])
}
