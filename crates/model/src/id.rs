//! Names of things, each with a type of its own, so that a queue is never passed for an agent.

use thiserror::Error;

/// The longest id that is taken, in bytes.
pub const LONGEST_ID_BYTES: usize = 200;

/// An id that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// The id has no characters.
    #[error("{what} is empty")]
    Empty {
        /// The kind of id.
        what: &'static str,
    },
    /// The id is longer than [`LONGEST_ID_BYTES`].
    #[error("{what} has {bytes} bytes, more than {LONGEST_ID_BYTES}")]
    TooLong {
        /// The kind of id.
        what: &'static str,
        /// Its length, in bytes.
        bytes: usize,
    },
    /// The id holds a control character.
    #[error("{what} holds a control character")]
    Control {
        /// The kind of id.
        what: &'static str,
    },
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes an id of 1 to [`LONGEST_ID_BYTES`] bytes without control characters.
            pub fn new(id: impl Into<String>) -> Result<Self, IdError> {
                let id = id.into();
                if id.is_empty() {
                    return Err(IdError::Empty { what: $what });
                }
                if id.len() > LONGEST_ID_BYTES {
                    return Err(IdError::TooLong { what: $what, bytes: id.len() });
                }
                if id.chars().any(char::is_control) {
                    return Err(IdError::Control { what: $what });
                }
                Ok(Self(id))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

ids! {
    /// Something that is asked for beside calls: an activity, or work in the back office.
    ActivityId = "activity id";
    /// A person who takes calls.
    AgentId = "agent id";
    /// One call, from its queue to its end.
    CallId = "call id";
    /// A set of contractual hours and days.
    ContractId = "contract id";
    /// A routing queue.
    QueueId = "queue id";
    /// One request for a roster.
    RequestId = "request id";
    /// One roster.
    RosterId = "roster id";
    /// A rule, as reports and certificates name it.
    RuleId = "rule id";
    /// A contact centre.
    SiteId = "site id";
    /// Something that a queue needs and an agent has.
    SkillId = "skill id";
    /// People who belong together.
    TeamId = "team id";
    /// A shift template.
    TemplateId = "shift template id";
}
