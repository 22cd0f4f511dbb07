//! The nouns of contact-centre scheduling: time grid, ids, people, rules, demand, roster and score.
//!
//! Everything here is a value. Constructors check; a value that exists is legal. Instants are UTC;
//! inside a horizon they are whole minutes from its start ([`Minute`]), and local days exist only
//! through one [`DayMap`]. Absent on purpose: input and output, clocks, randomness, logging,
//! environment, and any form that is meant for a wire (that is `fika-wire`).

pub mod agenda;
pub mod calendar;
pub mod certificate;
pub mod command;
pub mod demand;
pub mod event;
pub mod fairness;
pub mod fault;
pub mod forecast;
pub mod grid;
pub mod id;
pub mod interval;
pub mod people;
pub mod request;
pub mod roster;
pub mod rules;
pub mod score;
pub mod service;
pub mod status;
pub mod units;

pub use agenda::{AskedActivity, BackOfficeWork, Circle, Coach, Occasion, Party};
pub use calendar::{CalendarError, Date, DayIndex, DayMap, Timestamp, Weekday};
pub use certificate::{Certificate, Digest, RuleCount, Verdict, Violation};
pub use fault::{Fault, FaultCode, Faults};
pub use grid::{Curve, Grid, GridMismatch, IntervalIndex, IntervalRange};
pub use id::{ActivityId, AgentId, CallId, ContractId, IdError, QueueId, RequestId, RosterId, RuleId, SiteId, SkillId, TeamId, TemplateId};
pub use interval::{IntervalCounters, IntervalKey};
pub use request::Request;
pub use roster::{Activity, ActivityKind, AgentRoster, Roster, RosterSummary, Shift};
pub use score::Score;
pub use service::{ServiceCounts, ServiceLevelFormula, ServiceLevelTarget, TargetScope};
pub use units::{Fraction, Fte, HeadCount, IntervalLength, Minute, Minutes, OutOfRange, Span};
