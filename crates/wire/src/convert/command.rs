//! Commands about requests.

use fika_model::command::{Action, Command};
use fika_model::fault::{FaultCode, Faults};

use super::reading::{At, Reading};
use crate::proto::fika::v1;
use crate::proto::fika::v1::request_command as kind;

/// Reads a command.
pub fn parse_command(message: &v1::RequestCommand) -> Result<Command, Faults> {
    let mut r = Reading::default();
    let at = At::WHOLE;
    let request = r.id(&at.field("requestId"), &message.request_id);
    let time = r.time(&at.field("at"), message.at);
    let action = match &message.action {
        None => {
            r.fault(FaultCode::Missing, &at, "it says no action that is known");
            Action::Finish
        }
        Some(kind::Action::Cancel(cancel)) => Action::Cancel { reason: cancel.reason.clone() },
        Some(kind::Action::Finish(kind::Finish {})) => Action::Finish,
    };
    r.end(Command { request, at: time, action })
}

/// Writes a command.
pub fn command_message(command: &Command) -> v1::RequestCommand {
    let action = match &command.action {
        Action::Cancel { reason } => kind::Action::Cancel(kind::Cancel { reason: reason.clone() }),
        Action::Finish => kind::Action::Finish(kind::Finish {}),
    };
    v1::RequestCommand { request_id: command.request.to_string(), at: Some(command.at.into()), action: Some(action) }
}
