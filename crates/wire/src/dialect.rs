//! ACD dialects: what each ACD sends, read into the model's events.
//!
//! One file per dialect behind one trait; the crate's README says how to add one. A reader keeps only what the counters need:
//! caller numbers, names and customer ids end here. What a dialect sends and nobody needs is ignored, not refused; types and fields that
//! a reader has never heard of are counted, so that a change of the feed is seen.

use fika_model::event::{EpochMs, Event};
use fika_model::fault::{FaultCode, Faults};

use crate::cloudevents::Headers;

mod amazon_connect;
mod anonymous_bank;
mod asterisk_ami;
mod asterisk_queue_log;
mod calls_csv;
mod fields;
mod fika;
mod freeswitch;
mod genesys_cloud;
pub mod lines;
mod pieces;
mod telling;
mod twilio;
mod webex;

pub use anonymous_bank::AnonymousBank;
pub use calls_csv::Mapping;
pub use fika::Fika;
pub use pieces::{Form, pieces};

/// A record of the bus, a body of a request, or a line of a file.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Its headers; none for a line of a file.
    pub headers: &'a Headers,
    /// Its bytes; a line without its end.
    pub value: &'a [u8],
}

impl<'a> Input<'a> {
    /// A line of a file.
    pub const fn line(value: &'a [u8]) -> Self {
        Self { headers: &[], value }
    }
}

/// What was read and is not known: a sign that the feed has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unknown {
    /// Events of a type that the reader has never heard of.
    pub types: u64,
    /// Fields, of events that it knows, that it neither needs nor expects.
    pub fields: u64,
}

/// What goes along with the records of a stream.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context {
    /// When the bus took the record, where a bus did: the time of events that bring none.
    pub received_ms: Option<EpochMs>,
    /// Counted up by the reader.
    pub unknown: Unknown,
}

/// Reads what one ACD sends. A reader may remember what it has read, so each stream has its own.
pub trait Dialect: Send {
    /// The name by which people ask for it.
    fn name(&self) -> &'static str;

    /// How the records of this dialect lie in a body or a file.
    fn form(&self) -> Form {
        Form::Json
    }

    /// The events of a record, in any order; none when the record tells nothing that is needed. The error names every fault.
    fn read_in(&mut self, input: Input<'_>, context: &mut Context) -> Result<Vec<Event>, Faults>;

    /// The same where nothing goes along.
    fn read(&mut self, input: Input<'_>) -> Result<Vec<Event>, Faults> {
        self.read_in(input, &mut Context::default())
    }

    /// What was held back until now, at the end of the stream.
    fn finish(&mut self) -> Vec<Event> {
        Vec::new()
    }
}

/// The names of all dialects.
pub const NAMES: [&str; 10] = [
    fika::NAME,
    amazon_connect::NAME,
    anonymous_bank::NAME,
    asterisk_ami::NAME,
    asterisk_queue_log::NAME,
    calls_csv::NAME,
    freeswitch::NAME,
    genesys_cloud::NAME,
    twilio::NAME,
    webex::NAME,
];

/// The names of the dialects whose records are each read by themselves, so that they may come in pieces, from a topic or over HTTP.
pub const STREAMED: [&str; 9] = [
    fika::NAME,
    amazon_connect::NAME,
    asterisk_ami::NAME,
    asterisk_queue_log::NAME,
    calls_csv::NAME,
    freeswitch::NAME,
    genesys_cloud::NAME,
    twilio::NAME,
    webex::NAME,
];

/// A reader of the dialect with this name. Only [`Mapping`]'s dialect takes a mapping, and it needs one.
pub fn open(name: &str, mapping: Option<&Mapping>) -> Result<Box<dyn Dialect>, Faults> {
    Ok(match name {
        fika::NAME => Box::new(Fika),
        amazon_connect::NAME => Box::new(amazon_connect::AmazonConnect),
        anonymous_bank::NAME => Box::new(AnonymousBank::default()),
        asterisk_ami::NAME => Box::new(asterisk_ami::AsteriskAmi),
        asterisk_queue_log::NAME => Box::new(asterisk_queue_log::AsteriskQueueLog),
        calls_csv::NAME => Box::new(calls_csv::CallsCsv::new(mapping)?),
        freeswitch::NAME => Box::new(freeswitch::FreeSwitch),
        genesys_cloud::NAME => Box::new(genesys_cloud::GenesysCloud),
        twilio::NAME => Box::new(twilio::Twilio),
        webex::NAME => Box::new(webex::Webex),
        _ => return Err(Faults::one(FaultCode::UnknownReference, "", format_args!("{name:?} is none of {}", NAMES.join(", ")))),
    })
}

/// Reads a record that may hold several in its dialect's form. It is taken whole or not at all: an error names the faults of all of them,
/// with the index of each where there are more than one, and nothing of it is counted as unknown.
pub fn read_all(dialect: &mut dyn Dialect, input: Input<'_>, context: &mut Context) -> Result<Vec<Event>, Faults> {
    let pieces = pieces(dialect.form(), input.value)?;
    let several = pieces.len() > 1;
    let mut within = *context;
    let mut events = Vec::new();
    let mut faults = Faults::default();
    for (n, value) in pieces.into_iter().enumerate() {
        match dialect.read_in(Input { value, ..input }, &mut within) {
            Ok(read) => events.extend(read),
            Err(found) if several => faults.0.extend(crate::cloudevents::within(&format!("[{n}]"), found).0),
            Err(found) => faults.0.extend(found.0),
        }
    }
    if !faults.0.is_empty() {
        return Err(faults);
    }
    *context = within;
    Ok(events)
}

#[cfg(test)]
mod day;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
