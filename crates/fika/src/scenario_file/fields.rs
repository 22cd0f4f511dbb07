//! A walk through a TOML document that notes every fault with its place and every key that nobody asked for.

use std::cell::{Cell, RefCell};
use std::fmt::Display;

use fika_model::{FaultCode, Faults};
use toml::{Table, Value};

use super::quantity;

/// What is known of the document while it is read.
#[derive(Debug, Default)]
pub(super) struct Notes {
    faults: RefCell<Faults>,
    /// Length of a period, in seconds, for rates by period.
    pub(super) period_s: Cell<f64>,
    /// How many periods there are.
    pub(super) periods: Cell<usize>,
}

impl Notes {
    pub(super) fn fault(&self, code: FaultCode, at: impl Into<String>, cause: impl Display) {
        self.faults.borrow_mut().push(code, at, cause);
    }

    pub(super) fn into_faults(self) -> Faults {
        self.faults.into_inner()
    }
}

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Item<'a> {
    pub(super) value: &'a Value,
    pub(super) at: String,
    pub(super) notes: &'a Notes,
}

impl<'a> Item<'a> {
    pub(super) fn fault<T>(&self, code: FaultCode, cause: impl Display) -> Option<T> {
        self.notes.fault(code, self.at.clone(), cause);
        None
    }

    fn wrong<T>(&self, wanted: &str) -> Option<T> {
        self.fault(FaultCode::WrongType, format!("{wanted} is expected, not {}", self.value))
    }

    pub(super) fn text(&self) -> Option<&'a str> {
        self.value.as_str().or_else(|| self.wrong("a text"))
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self.value {
            Value::Float(number) => Some(*number),
            Value::Integer(number) => Some(*number as f64),
            _ => self.wrong("a number"),
        }
    }

    pub(super) fn whole<N: TryFrom<i64>>(&self) -> Option<N> {
        let number = self.value.as_integer();
        number.and_then(|number| N::try_from(number).ok()).or_else(|| self.wrong("a whole number, not negative"))
    }

    pub(super) fn yes(&self) -> Option<bool> {
        self.value.as_bool().or_else(|| self.wrong("true or false"))
    }

    fn read<T>(&self, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        read(self.text()?).map_or_else(|cause| self.fault(FaultCode::BadSetting, cause), Some)
    }

    pub(super) fn seconds(&self) -> Option<f64> {
        self.read(quantity::seconds)
    }

    pub(super) fn per_second(&self) -> Option<f64> {
        self.read(|text| quantity::per_second(text, self.notes.period_s.get()))
    }

    pub(super) fn clock(&self) -> Option<u32> {
        self.read(quantity::clock)
    }

    /// Whether a text, or the first of a list of texts, is a rate.
    pub(super) fn is_rate(&self) -> bool {
        self.list().first().and_then(|item| item.value.as_str()).is_some_and(quantity::is_rate)
    }

    /// The members of a list; anything else is the only member of one.
    pub(super) fn list(&self) -> Vec<Item<'a>> {
        let Some(values) = self.value.as_array() else { return vec![self.clone()] };
        values.iter().enumerate().map(|(n, value)| Item { value, at: format!("{}[{n}]", self.at), notes: self.notes }).collect()
    }

    /// Every member read; `None` when any of them is wrong, all noted, or when there are none.
    pub(super) fn each<T>(&self, read: impl Fn(&Item<'a>) -> Option<T>) -> Option<Vec<T>> {
        let items = self.list();
        if items.is_empty() {
            return self.fault(FaultCode::Missing, "the list is empty");
        }
        let read: Vec<Option<T>> = items.iter().map(read).collect();
        read.into_iter().collect()
    }

    /// One value, or one for each period; with two more, the first is for the time before the first period and the last for the time
    /// after the last one. Gives those of the periods, and the one for after.
    pub(super) fn by_period<T: Clone>(&self, read: impl Fn(&Item<'a>) -> Option<T>) -> Option<(Vec<T>, Option<T>)> {
        let mut values = self.each(read)?;
        let periods = self.notes.periods.get();
        let after = if values.len() == periods + 2 {
            values.remove(0);
            values.pop()
        } else {
            None
        };
        Some((values, after))
    }

    pub(super) fn table(&self) -> Option<Fields<'a>> {
        let table = self.value.as_table().or_else(|| self.wrong("a table, { ... }"))?;
        Some(Fields::new(table, self.at.clone(), self.notes))
    }
}

/// A table whose keys are asked for one after another.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    table: &'a Table,
    pub(super) at: String,
    pub(super) notes: &'a Notes,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(table: &'a Table, at: String, notes: &'a Notes) -> Self {
        Self { table, at, notes, asked: RefCell::default() }
    }

    /// The place of a key.
    pub(super) fn place(&self, key: &str) -> String {
        if self.at.is_empty() { key.to_owned() } else { format!("{}.{key}", self.at) }
    }

    pub(super) fn fault<T>(&self, code: FaultCode, key: &str, cause: impl Display) -> Option<T> {
        self.notes.fault(code, self.place(key), cause);
        None
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &'a String> {
        self.table.keys()
    }

    /// The value under a key; from now on the key is known.
    pub(super) fn item(&self, key: &'static str) -> Option<Item<'a>> {
        self.asked.borrow_mut().push(key);
        self.any(key)
    }

    /// The value under a key that the caller has from elsewhere.
    pub(super) fn any(&self, key: &str) -> Option<Item<'a>> {
        Some(Item { value: self.table.get(key)?, at: self.place(key), notes: self.notes })
    }

    /// The value under a key that must be there.
    pub(super) fn needed(&self, key: &'static str) -> Option<Item<'a>> {
        self.item(key).or_else(|| self.fault(FaultCode::Missing, key, "it must be given"))
    }

    pub(super) fn seconds(&self, key: &'static str) -> Option<f64> {
        self.item(key)?.seconds()
    }

    pub(super) fn number(&self, key: &'static str) -> Option<f64> {
        self.item(key)?.number()
    }

    /// The tables of a list of tables; none where the key is missing.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Fields<'a>> {
        self.item(key).map(|item| item.list()).unwrap_or_default().iter().filter_map(Item::table).collect()
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(self) {
        let asked = self.asked.borrow();
        for key in self.table.keys().filter(|key| !asked.contains(&key.as_str())) {
            let mut known: Vec<&str> = asked.clone();
            known.sort_unstable();
            known.dedup();
            self.notes.fault(FaultCode::UnknownSetting, self.place(key), format!("there is no such key; there are {}", known.join(", ")));
        }
    }
}
