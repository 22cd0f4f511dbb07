//! From interval counters to what is expected: a distribution per queue and interval, not only a mean.
//!
//! Calls are a day's total, by weekday and recent level, spread over the day by the weekday's shape in local time. Days that
//! are missing or far from their like (holidays, outages) are left out. The spread comes from forecasting the past: what
//! was forecast a week ahead against what came. Handling times follow the hour, as far as the data tell hours apart.
//! Absent on purpose: calendars of holidays, trends over years, and any clock; the horizon comes with the request.

mod days;
mod forecast;
mod handling;
mod profile;
mod spread;

pub use forecast::{Basis, Forecast, Frame, NoHistory, forecast, make};
