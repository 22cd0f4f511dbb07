//! ACD dialects: what each ACD sends, read into the model's events.
//!
//! One file per dialect behind one trait; the crate's README says how to add one. A reader keeps only what the counters need:
//! caller numbers, names and customer ids end here. What a dialect sends and nobody needs is ignored, not refused.

use fika_model::event::Event;
use fika_model::fault::Faults;

use crate::cloudevents::Headers;

mod anonymous_bank;
mod fika;
pub mod lines;

pub use anonymous_bank::AnonymousBank;
pub use fika::Fika;

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

/// Reads what one ACD sends. A reader may remember what it has read, so each stream has its own.
pub trait Dialect: Send {
    /// The name by which people ask for it.
    fn name(&self) -> &'static str;

    /// The events of a record, in any order; none when the record tells nothing that is needed. The error names every fault.
    fn read(&mut self, input: Input<'_>) -> Result<Vec<Event>, Faults>;

    /// What was held back until now, at the end of the stream.
    fn finish(&mut self) -> Vec<Event> {
        Vec::new()
    }
}

/// The names of all dialects.
pub const NAMES: [&str; 2] = [fika::NAME, anonymous_bank::NAME];

/// A reader of the dialect with this name.
pub fn by_name(name: &str) -> Option<Box<dyn Dialect>> {
    match name {
        fika::NAME => Some(Box::new(Fika)),
        anonymous_bank::NAME => Some(Box::new(AnonymousBank::default())),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
