//! The commands, a file each.

pub(crate) mod carry;
pub(crate) mod compare;
pub(crate) mod demo;
pub(crate) mod explain;
pub(crate) mod fit;
pub(crate) mod generate;
pub(crate) mod plot;
pub(crate) mod presets;
pub(crate) mod repair;
pub(crate) mod replay;
pub(crate) mod request;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod solve;
pub(crate) mod solve_child;
pub(crate) mod staff;
pub(crate) mod topics;
pub(crate) mod verify;
pub(crate) mod what_if;
