//! Digests of the contract's messages, for certificates.

use fika_model::{Digest, Request, Roster};
use fika_planning::Seal;
use fika_wire::digest;

/// Seals with the digests of the wire.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WireSeal {
    request: Option<Digest>,
}

impl WireSeal {
    /// Seals for this request whatever is planned: for a budget or a seed that was changed on the command line, which change no rule.
    pub(crate) fn for_request(request: &Request) -> Self {
        Self { request: Some(digest::request(request)) }
    }
}

impl Seal for WireSeal {
    fn request(&self, request: &Request) -> Digest {
        self.request.unwrap_or_else(|| digest::request(request))
    }

    fn roster(&self, roster: &Roster) -> Digest {
        digest::roster(roster)
    }
}
