//! A day of one queue, staffed by the requirement and simulated: does what was asked for come out?
//!
//! Twelve hours with two peaks, exponential handling times and patience, 80 % within 20 s. A day's volume may have a gamma factor; the
//! forecast then tells its spread.

use fika_model::calendar::Timestamp;
use fika_model::demand::{LoadModel, StaffingModel, StaffingPolicy};
use fika_model::forecast::IntervalForecast;
use fika_model::rules::WellbeingPolicy;
use fika_model::{Curve, Fraction, Grid, IntervalLength, ServiceLevelFormula};
use fika_simulation::{Arrivals, Group, Queue, Report, RunSettings, Scenario, Serves, Shape, Times, run};
use fika_staffing::{Requirement, requirement};

const DAY_MINUTES: u32 = 720;
const PATIENCE_S: f64 = 180.0;

/// A day of calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Day {
    /// Calls at the peak times the handling time, in erlangs.
    pub peak_erlangs: f64,
    /// Mean handling time, in minutes.
    pub handling_minutes: f64,
    /// Length of an interval, in minutes.
    pub interval_minutes: u32,
    /// Coefficient of variation of the day's factor.
    pub day_factor_cv: f64,
}

/// How it is staffed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Staffing {
    /// The queueing model.
    pub model: StaffingModel,
    /// How load is taken.
    pub load: LoadModel,
    /// The quantile of the volume that is staffed for; `None` takes its mean.
    pub quantile: Option<f64>,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Hours of agents on the phones.
    pub agent_hours: f64,
    /// Service level of all days together.
    pub day: f64,
    /// Service level of each interval, over all days.
    pub intervals: Vec<f64>,
}

impl Outcome {
    /// How many intervals are more than two points below 80 %.
    pub fn missed(&self) -> usize {
        self.intervals.iter().filter(|level| **level < 0.78).count()
    }

    /// The lowest service level of an interval.
    pub fn worst(&self) -> f64 {
        self.intervals.iter().copied().fold(1.0, f64::min)
    }
}

impl Day {
    /// Calls expected in each interval: a fifth of the peak all day, and two peaks after 3 and 8.5 hours, the second lower.
    fn calls(&self) -> Vec<f64> {
        let shape = |minute: f64| {
            let peak = |hour: f64| (-(minute / 60.0 - hour).powi(2) / (2.0 * 1.3 * 1.3)).exp();
            0.2 + 0.8 * (peak(3.0) + 0.85 * peak(8.5))
        };
        let minutes: Vec<f64> = (0..DAY_MINUTES).map(|minute| shape(f64::from(minute) + 0.5)).collect();
        let most = minutes.iter().copied().fold(0.0, f64::max);
        let scale = self.peak_erlangs / self.handling_minutes / most;
        minutes.chunks(self.interval_minutes as usize).map(|chunk| chunk.iter().sum::<f64>() * scale).collect()
    }

    fn required(&self, staffing: Staffing) -> Vec<Requirement> {
        let calls = self.calls();
        let start = Timestamp::from_second(1_800_000_000).expect("a time");
        let interval = IntervalLength::new(i64::from(self.interval_minutes)).expect("an interval");
        let forecast = |calls: f64| IntervalForecast {
            calls_mean: calls,
            calls_sd: match staffing.quantile {
                Some(_) => (calls + (calls * self.day_factor_cv).powi(2)).sqrt(),
                None => calls.sqrt(),
            },
            aht_s: self.handling_minutes * 60.0,
        };
        let curve = Curve::new(Grid::new(start, interval, calls.len() as u32), calls.into_iter().map(forecast).collect());
        let policy = StaffingPolicy {
            model: staffing.model,
            load: staffing.load,
            volume_quantile: Fraction::new(staffing.quantile.unwrap_or(0.5)).expect("a share"),
            ..StaffingPolicy::default()
        };
        let wellbeing = WellbeingPolicy { occupancy_ceiling: Fraction::ONE, ..WellbeingPolicy::default() };
        requirement(&curve.expect("a curve"), Some(PATIENCE_S), &policy, &wellbeing).values().to_vec()
    }

    /// Staffs the day and plays it so often.
    pub fn outcome(&self, staffing: Staffing, replications: u32) -> Outcome {
        let heads: Vec<u32> = self.required(staffing).iter().map(|required| required.phones).collect();
        let hours = f64::from(self.interval_minutes) / 60.0;
        let agent_hours = heads.iter().map(|heads| f64::from(*heads) * hours).sum();
        let report = self.play(heads, replications);
        let level =
            |tally: &fika_simulation::CallTally| tally.service_level(ServiceLevelFormula::AbandonsNegative).map_or(1.0, |level| level.mean);
        Outcome { agent_hours, day: level(&report.total.whole), intervals: report.total.intervals.iter().map(level).collect() }
    }

    fn play(&self, heads: Vec<u32>, replications: u32) -> Report {
        let periods = heads.len();
        let period_s = f64::from(self.interval_minutes) * 60.0;
        let talk = Times::exponential(self.handling_minutes * 60.0);
        let queue =
            Queue { patience: Some(Times::exponential(PATIENCE_S)), ..Queue::plain("calls", Arrivals::Expected(self.calls()), talk) };
        let scenario = Scenario {
            day_factor: Shape::Gamma { cv: self.day_factor_cv },
            queues: vec![queue],
            groups: vec![Group { name: "agents".to_owned(), serves: vec![Serves::queue(0)], heads, heads_after: None }],
            ..Scenario::plain(period_s, periods)
        };
        run(&scenario, &RunSettings { replications, seed: 1, workers: 2 }).expect("a legal scenario")
    }
}
