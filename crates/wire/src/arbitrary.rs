//! Random model values for the properties of this crate's codecs: legal, but with every part that may be there or not.

use std::ops::RangeInclusive;

use fika_model::calendar::{Date, DayMap, Timestamp, Weekday};
use fika_model::people::Weekdays;
use fika_model::{Fraction, Minute, Minutes, Score, Span};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

mod agenda;
mod fairness;
mod messages;
mod request;

pub(crate) use messages::{any_command, any_event, any_forecast, any_interval, any_roster, any_status, any_summary};
pub(crate) use request::any_request;

/// Ids as people write them: any script, blanks, the separators of keys.
pub(crate) const ID: &str = "[a-zA-Z0-9åß漢|:/ ._-]{1,12}";

fn minutes(range: RangeInclusive<u16>) -> impl Strategy<Value = Minutes> {
    range.prop_map(Minutes::of)
}

fn span() -> impl Strategy<Value = Span> {
    (-20_000..200_000_i32, 0..2000_u16).prop_map(|(start, length)| Span::new(Minute::new(start), Minutes::of(length)))
}

fn share() -> impl Strategy<Value = Fraction> {
    (0.0..=1.0_f64).prop_map(|share| Fraction::new(share).expect("a share"))
}

fn time() -> impl Strategy<Value = Timestamp> {
    (315_532_800_000..7_289_654_400_000_i64).prop_map(|ms| Timestamp::from_millisecond(ms).expect("a legal time"))
}

fn date() -> impl Strategy<Value = Date> {
    (1980..=2199_i16, 1..=12_i8, 1..=28_i8).prop_map(|(y, m, d)| Date::constant(y, m, d))
}

fn days() -> impl Strategy<Value = DayMap> {
    let zones = select(vec!["UTC", "Europe/Berlin", "Asia/Jerusalem", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]);
    (zones, date(), 1..=92_u32).prop_map(|(zone, first, days)| DayMap::new(zone, first, days).expect("a legal horizon"))
}

fn weekdays() -> impl Strategy<Value = Weekdays> {
    (1..=0x7f_u8).prop_map(|set| {
        Weekdays::of(Weekday::Monday.cycle_forward().take(7).enumerate().filter(|(n, _)| set >> n & 1 == 1).map(|(_, d)| d))
    })
}

fn score() -> impl Strategy<Value = Score> {
    any::<[i64; 4]>().prop_map(|[hard, service, cost, fairness]| Score { hard, service, cost, fairness })
}

/// Names that differ: the id with its place in the list.
fn names(count: RangeInclusive<usize>) -> impl Strategy<Value = Vec<String>> {
    vec(ID, count).prop_map(|names| names.into_iter().enumerate().map(|(n, name)| format!("{name}{n}")).collect())
}

fn pick(index: Index, names: &[String]) -> &str {
    index.get::<String>(names)
}

fn id<T, E: std::fmt::Debug>(take: impl FnOnce(String) -> Result<T, E>, id: &str) -> T {
    take(id.to_owned()).expect("a legal id")
}
