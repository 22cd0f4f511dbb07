//! The simulator from outside: published cases, theory, single rules, invariants of whole runs, rosters.

mod agents;
mod callers;
mod fixture;
mod invariants;
mod published;
mod roster;
mod routes;
mod theory;
mod twins;
