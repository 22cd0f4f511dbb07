//! Scales of time, and how times are written under them.

/// Distances between marks that read well, in seconds.
const STEPS_S: [f64; 18] =
    [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14_400.0];
/// Marks of a logarithmic scale, in seconds.
const MARKS_S: [f64; 13] = [0.001, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 120.0, 600.0, 1800.0, 7200.0, 36_000.0];
/// The most steps of a linear scale.
const MOST_STEPS: f64 = 6.0;

/// A scale from the left end, 0, to the right end, 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// From 0, in equal steps.
    Linear {
        /// The right end in seconds: a whole number of steps.
        end_s: f64,
        /// Seconds between two marks.
        step_s: f64,
    },
    /// By the logarithm.
    Logarithmic {
        /// The left end in seconds.
        from_s: f64,
        /// The right end in seconds.
        to_s: f64,
    },
}

impl Scale {
    /// A linear scale that reaches at least so far.
    pub(super) fn reaching(seconds: f64) -> Self {
        let needed = seconds.max(STEPS_S[0]);
        let fits = |step: &f64| needed / step <= MOST_STEPS;
        let step_s = STEPS_S.into_iter().find(fits).unwrap_or_else(|| (needed / MOST_STEPS / 86_400.0).ceil() * 86_400.0);
        Self::Linear { end_s: (needed / step_s).ceil() * step_s, step_s }
    }

    /// The time at a place.
    pub(super) fn seconds_at(self, place: f64) -> f64 {
        match self {
            Self::Linear { end_s, .. } => end_s * place,
            Self::Logarithmic { from_s, to_s } => from_s * (to_s / from_s).powf(place),
        }
    }

    /// The place of a time.
    pub(super) fn place_of(self, seconds: f64) -> f64 {
        match self {
            Self::Linear { end_s, .. } => seconds / end_s,
            Self::Logarithmic { from_s, to_s } => (seconds / from_s).ln() / (to_s / from_s).ln(),
        }
    }

    /// Places of the marks, with what stands under them.
    pub(super) fn marks(self) -> Vec<(f64, String)> {
        let labelled = |seconds: f64| (self.place_of(seconds), label(seconds));
        match self {
            Self::Linear { end_s, step_s } => (0..=(end_s / step_s).round() as u32).map(|n| labelled(f64::from(n) * step_s)).collect(),
            Self::Logarithmic { from_s, to_s } => MARKS_S.into_iter().filter(|mark| (from_s..=to_s).contains(mark)).map(labelled).collect(),
        }
    }
}

/// A time as people write it: in the largest unit that it is a whole number of, in seconds up to a minute.
pub(super) fn label(seconds: f64) -> String {
    let whole = |unit_s: f64| seconds >= unit_s && (seconds / unit_s).fract() < 1e-9;
    if whole(3600.0) {
        format!("{:.0} h", seconds / 3600.0)
    } else if whole(60.0) {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{} s", (seconds * 1000.0).round() / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_scales_have_few_round_steps() {
        for (reach_s, expect_s, labels) in [
            (379.0, 480.0, "0 s, 2 min, 4 min, 6 min, 8 min"),
            (600.0, 600.0, "0 s, 2 min, 4 min, 6 min, 8 min, 10 min"),
            (601.0, 720.0, "0 s, 2 min, 4 min, 6 min, 8 min, 10 min, 12 min"),
            (0.0, 0.1, "0 s, 0.1 s"),
            (55.0, 60.0, "0 s, 10 s, 20 s, 30 s, 40 s, 50 s, 1 min"),
        ] {
            let scale = Scale::reaching(reach_s);
            let marks: Vec<String> = scale.marks().into_iter().map(|(_, label)| label).collect();
            let Scale::Linear { end_s, .. } = scale else { panic!("a linear scale") };
            assert!((end_s - expect_s).abs() < 1e-9 && marks.join(", ") == labels, "{reach_s}: {end_s}, {marks:?}");
        }
        assert!(matches!(Scale::reaching(1e7), Scale::Linear { end_s, .. } if end_s >= 1e7));
    }

    #[test]
    fn places_and_times_are_each_others_inverse() {
        for scale in [Scale::reaching(379.0), Scale::Logarithmic { from_s: 0.5, to_s: 4000.5 }] {
            for place in [0.1, 0.5, 1.0] {
                assert!((scale.place_of(scale.seconds_at(place)) - place).abs() < 1e-12);
            }
        }
        let marks = Scale::Logarithmic { from_s: 0.5, to_s: 130.0 }.marks();
        let labels: Vec<&str> = marks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["1 s", "3 s", "10 s", "30 s", "2 min"]);
    }

    #[test]
    fn times_are_written_in_the_unit_that_fits() {
        let rows = [(0.0, "0 s"), (0.3, "0.3 s"), (59.0, "59 s"), (60.0, "1 min"), (90.0, "90 s"), (3600.0, "1 h"), (5400.0, "90 min")];
        for (seconds, text) in rows {
            assert_eq!(label(seconds), text);
        }
    }
}
