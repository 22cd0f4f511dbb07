//! The demo: a made-up centre plays its history over the bus, and the service makes the roster of the week after from what it reads there.
//!
//! The demo and the roles share nothing but the bus: events go in at one end, a published roster is fetched at the other.

mod acd;
mod centre;
mod page;
mod play;

pub(crate) use centre::{TIME_ZONE, next_monday, request};
pub(crate) use page::{busiest, day, next_steps};
pub(crate) use play::{play, wait_until_counted};
