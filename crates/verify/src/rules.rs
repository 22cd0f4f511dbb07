//! The rules, a file for each family. Each file only reads the book and writes to the ledger.

mod activity;
mod agenda;
mod breaks;
mod contract;
mod load;
mod person;
mod rest;
mod roster;
mod shift;
mod social;
mod stretch;
mod together;
mod variety;

pub(crate) use breaks::windows;
pub(crate) use load::carry_over;
pub(crate) use social::{LISTED_FROM_MINUTES, social_minutes};
pub(crate) use together::{could_meet, met};

use crate::book::Book;
use crate::ledger::Ledger;

/// Tries every rule.
pub(crate) fn check_all(book: &Book<'_>, ledger: &mut Ledger) {
    roster::check(book, ledger);
    shift::check(book, ledger);
    activity::check(book, ledger);
    variety::check(book, ledger);
    person::check(book, ledger);
    contract::check(book, ledger);
    load::check(book, ledger);
    rest::check(book, ledger);
    breaks::check(book, ledger);
    stretch::check(book, ledger);
    social::check(book, ledger);
    together::check(book, ledger);
    agenda::check(book, ledger);
}
