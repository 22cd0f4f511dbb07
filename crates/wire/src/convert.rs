//! Messages of the contract to and from the model.
//!
//! Each `parse_` function names every fault of its message, with the place as a path of JSON names; each `_message` function writes what
//! the same `parse_` function reads back as an equal value. Nothing here looks at bytes: that is [`crate::json`].

mod agenda;
mod carry;
mod command;
mod demand;
mod event;
mod fairness;
mod interval;
mod limits;
mod people;
mod reading;
mod remedies;
mod request;
mod roster;
mod rules;
mod status;
mod summary;
mod variety;

pub use carry::take_over;
pub use command::{command_message, parse_command};
pub use demand::{forecast_message, parse_forecast};
pub use event::{agent_event_message, call_event_message, parse_agent_event, parse_call_event};
pub use interval::{interval_message, parse_interval};
pub use request::{parse_request, request_message};
pub use roster::{agent_messages, parse_agent_rosters, parse_roster, roster_message};
pub use status::{faults_message, parse_status, status_message};
pub use summary::{certificate_message, parse_summary, summary_message};

pub(crate) use event::{AGENT_TYPE, call_kind, call_type};
pub(crate) use reading::is_legal_ms;
pub(crate) use request::merge;
pub(crate) use rules::preset_parts;

#[cfg(test)]
mod tests;
