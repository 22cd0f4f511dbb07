//! Service level: the target, and the formulas by name.
//!
//! One and the same day passes or fails 80/20 by the choice of formula alone, so no number of
//! this crate is called a service level without the formula that made it.

use crate::units::Fraction;

/// How abandoned calls count (A answered within the threshold, L answered later, a abandoned within it, b abandoned
/// later, s short abandons, which are part of a and b).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ServiceLevelFormula {
    /// `A / (A + L + a + b)`: Genesys Cloud's base formula, Cisco's "negative", NICE.
    #[default]
    AbandonsNegative,
    /// `A / (A + L + b)`: Cisco's "ignored", `CxEngage`.
    AbandonsIgnored,
    /// `A / (A + L + a + b - s)`: Bright Pattern, Genesys Engage.
    ShortAbandonsDropped,
    /// `(A + a) / (A + L + a + b)`: Cisco's "positive".
    AbandonsPositive,
    /// `A / (A + L)`: Cisco CCX "only handled".
    AnsweredOnly,
}

impl ServiceLevelFormula {
    /// All formulas.
    pub const ALL: [Self; 5] =
        [Self::AbandonsNegative, Self::AbandonsIgnored, Self::ShortAbandonsDropped, Self::AbandonsPositive, Self::AnsweredOnly];

    /// The name people use for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AbandonsNegative => "abandons-negative",
            Self::AbandonsIgnored => "abandons-ignored",
            Self::ShortAbandonsDropped => "short-abandons-dropped",
            Self::AbandonsPositive => "abandons-positive",
            Self::AnsweredOnly => "answered-only",
        }
    }

    /// The service level of counts (numbers of calls or their expectations); `None` when the formula's denominator is not positive.
    pub fn level(self, counts: &ServiceCounts) -> Option<f64> {
        let ServiceCounts { answered_within: a_in, answered_late: late, abandoned_within: ab_in, abandoned_late: ab_late, short_abandons } =
            *counts;
        let (numerator, denominator) = match self {
            Self::AbandonsNegative => (a_in, a_in + late + ab_in + ab_late),
            Self::AbandonsIgnored => (a_in, a_in + late + ab_late),
            Self::ShortAbandonsDropped => (a_in, a_in + late + ab_in + ab_late - short_abandons),
            Self::AbandonsPositive => (a_in + ab_in, a_in + late + ab_in + ab_late),
            Self::AnsweredOnly => (a_in, a_in + late),
        };
        (denominator > 0.0).then(|| numerator / denominator)
    }
}

/// Calls by outcome and by whether the threshold had passed: counts, or expected numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ServiceCounts {
    /// Answered within the threshold.
    pub answered_within: f64,
    /// Answered after it.
    pub answered_late: f64,
    /// Abandoned within the threshold.
    pub abandoned_within: f64,
    /// Abandoned after it.
    pub abandoned_late: f64,
    /// Abandoned before the site's limit for short abandons; also counted in one of the two above.
    pub short_abandons: f64,
}

impl ServiceCounts {
    /// All calls offered.
    pub fn offered(&self) -> f64 {
        self.answered_within + self.answered_late + self.abandoned_within + self.abandoned_late
    }

    /// Adds other calls to these.
    pub fn add(&mut self, other: &Self) {
        self.answered_within += other.answered_within;
        self.answered_late += other.answered_late;
        self.abandoned_within += other.abandoned_within;
        self.abandoned_late += other.abandoned_late;
        self.short_abandons += other.short_abandons;
    }
}

/// Over what the target must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TargetScope {
    /// In every interval.
    #[default]
    Interval,
    /// On every local day as a whole.
    Day,
    /// Over the whole horizon.
    Horizon,
}

/// A promise to callers: a fraction answered within a threshold, by a named formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServiceLevelTarget {
    /// The fraction of calls.
    pub fraction: Fraction,
    /// The acceptable waiting time, in seconds.
    pub threshold_s: f64,
    /// How abandoned calls count.
    pub formula: ServiceLevelFormula,
    /// Over what it must hold.
    pub scope: TargetScope,
}

impl Default for ServiceLevelTarget {
    /// 80 % within 20 s in every interval, abandons counted against it.
    fn default() -> Self {
        Self { fraction: Fraction::percent(80), threshold_s: 20.0, formula: ServiceLevelFormula::default(), scope: TargetScope::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cisco's published example: A = 70, a = 10, 20 exceeded: 77.8 %, 70 %, 80 %.
    #[test]
    fn formulas_give_the_published_example() {
        let counts = ServiceCounts { answered_within: 70.0, answered_late: 20.0, abandoned_within: 10.0, ..ServiceCounts::default() };
        let level = |formula: ServiceLevelFormula| (formula.level(&counts).unwrap_or_default() * 1000.0).round() as i32;
        assert_eq!(level(ServiceLevelFormula::AbandonsIgnored), 778);
        assert_eq!(level(ServiceLevelFormula::AbandonsNegative), 700);
        assert_eq!(level(ServiceLevelFormula::AbandonsPositive), 800);
        assert_eq!(level(ServiceLevelFormula::AnsweredOnly), 778);
    }

    #[test]
    fn no_calls_have_no_service_level() {
        for formula in ServiceLevelFormula::ALL {
            assert_eq!(formula.level(&ServiceCounts::default()), None);
        }
    }
}
