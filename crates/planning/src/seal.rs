//! Digests of messages, made by whoever knows their bytes.

use fika_model::{Digest, Request, Roster};

/// Makes the digests that tie a certificate to its messages.
pub trait Seal {
    /// Digest of a request.
    fn request(&self, request: &Request) -> Digest;
    /// Digest of the agents' rosters.
    fn roster(&self, roster: &Roster) -> Digest;
}
