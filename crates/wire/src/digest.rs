//! Digests of requests and rosters: SHA-256 of their messages in protobuf's binary form.
//!
//! The binary form is canonical here because the contract has no maps and prost writes fields in the order of their numbers;
//! messages are made from the model, so that defaults left out and defaults spelled out give the same digest.

use fika_model::{Digest, Request, Roster};
use prost::Message;
use sha2::{Digest as _, Sha256};

use crate::convert;
use crate::proto::fika::v1;

/// The digest of a request.
pub fn request(request: &Request) -> Digest {
    of(&convert::request_message(request))
}

/// The digest of the agents' rosters.
pub fn roster(roster: &Roster) -> Digest {
    of(&v1::Roster { agents: convert::agent_messages(roster), summary: None })
}

fn of(message: &impl Message) -> Digest {
    Digest(Sha256::digest(message.encode_to_vec()).into())
}
