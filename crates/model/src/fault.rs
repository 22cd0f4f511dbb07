//! What is wrong with an input: every fault at once, each with a code, a cause, an action and a place.

use std::fmt;

/// One fault of an input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Where: a path into the message, such as `agents[3].contractId`; empty for the whole.
    pub at: String,
    /// The documented code, such as `F1004`.
    pub code: FaultCode,
    /// What is wrong, with the value that was given.
    pub cause: String,
}

macro_rules! fault_codes {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $action:literal;)*) => {
        /// The kinds of faults. Each has a code that never changes its meaning and an action for whoever sent the input.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FaultCode {
            $($(#[doc = $doc])* $name,)*
        }

        impl FaultCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as it is written.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What to do about it.
            pub const fn action(self) -> &'static str {
                match self { $(Self::$name => $action,)* }
            }
        }
    };
}

fault_codes! {
    /// The bytes are no JSON, or no message of the announced format.
    Malformed = "F1001", "send well-formed JSON in the announced format";
    /// A field has another type than the contract gives it.
    WrongType = "F1002", "give the field the type that the protobuf contract names";
    /// A field that must be there is missing or empty.
    Missing = "F1003", "fill the field";
    /// A number, a length or a share lies outside its range.
    OutOfRange = "F1004", "give a value inside the range";
    /// A time lies before 1980 or after 2200, or is no time at all.
    BadTime = "F1005", "give an RFC 3339 time between 1980 and 2200";
    /// An id is empty, too long or holds control characters.
    BadId = "F1006", "give an id of 1 to 200 bytes without control characters";
    /// The message is larger than is taken.
    TooLarge = "F1007", "send a smaller message";
    /// The event's type is none that this product knows.
    UnknownType = "F1008", "send one of the documented event types";
    /// A file that cannot be read.
    Unreadable = "F1009", "name a file that is there and can be read";
    /// An id names something that the request does not define.
    UnknownReference = "F2001", "define it, or correct the name";
    /// The same id is given twice.
    Duplicate = "F2002", "keep one of the two";
    /// A rule contradicts itself or another one.
    Contradiction = "F2003", "change one of the values that contradict each other";
    /// The horizon has no days, too many, or years that are not handled.
    BadHorizon = "F2004", "ask for 1 to 92 days between 1980 and 2200";
    /// The time zone is not known.
    UnknownZone = "F2005", "give an IANA time zone, such as Europe/Stockholm";
    /// Two things of one agent that cannot both be.
    Overlap = "F2006", "remove or move one of the two";
    /// A length or a start does not fit the grid it must lie on.
    OffGrid = "F2007", "give a multiple of the grid's step";
    /// The request asks for more than can be computed.
    TooMuch = "F2008", "split the request";
    /// There is no history to take the demand from.
    NoHistory = "F2009", "replay or stream the queue's calls first, or give the demand in the request";
    /// The roster that the request would take the place of is not, or no longer, the current one.
    Outdated = "F2010", "look at the current roster and send a new request that names it as parent";
    /// Each rule alone can be kept, but this product cannot keep them together.
    Unsupported = "F2011", "change one of the rules that are named";
    /// A setting that does not exist.
    UnknownSetting = "F3001", "remove the setting, or correct its name";
    /// A setting whose value cannot be read.
    BadSetting = "F3002", "give a value of the documented form";
    /// The solver ended without a result each time that it was tried.
    SolverDied = "F4001", "give the service more memory or time, or split the request; report the request if neither helps";
    /// The roster that was made breaks a hard rule or is not what its certificate says; it was not published.
    Unproved = "F4002", "report the request with its seed: this is a mistake of the program";
    /// The request was cancelled before it had its roster.
    Cancelled = "F4003", "send a new request if a roster is still wanted";
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Fault {
    /// A fault with this code, cause and place.
    pub fn new(code: FaultCode, at: impl Into<String>, cause: impl fmt::Display) -> Self {
        Self { at: at.into(), code, cause: cause.to_string() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.at.is_empty() { "the message" } else { &self.at };
        write!(f, "{} at {at}: {}; {}", self.code, self.cause, self.code.action())
    }
}

/// All faults of one input; never empty when it stands in an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// A list of one.
    pub fn one(code: FaultCode, at: impl Into<String>, cause: impl fmt::Display) -> Self {
        Self(vec![Fault::new(code, at, cause)])
    }

    /// Adds a fault.
    pub fn push(&mut self, code: FaultCode, at: impl Into<String>, cause: impl fmt::Display) {
        self.0.push(Fault::new(code, at, cause));
    }

    /// Keeps the value, or notes the fault and gives `None`.
    pub fn take<T, E: fmt::Display>(&mut self, code: FaultCode, at: impl Into<String>, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.push(code, at, error);
                None
            }
        }
    }

    /// `value` where nothing is wrong, else all faults.
    pub fn or<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
