//! Handling times by class, in classes of about equal width of the logarithm.

/// How many classes are aimed at between the shortest and the longest time.
const CLASSES: u32 = 48;

/// The share of observations in each class.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Histogram {
    /// Limits of the classes in seconds, one more than there are classes.
    pub(super) edges_s: Vec<f64>,
    /// The share of all observations in each class.
    pub(super) shares: Vec<f64>,
}

impl Histogram {
    /// Counts times above 0; `None` where there are none.
    ///
    /// Times are taken in whole seconds where all of them are, else in milliseconds. Limits lie half-way between two such times, so
    /// that no class falls between two times that follow each other.
    pub(super) fn new(seconds: &[f64]) -> Option<Self> {
        let step_s = if seconds.iter().all(|value| value.fract() == 0.0) { 1.0 } else { 0.001 };
        let steps: Vec<u64> = seconds.iter().map(|value| ((value / step_s).round() as u64).max(1)).collect();
        let (least, most) = (*steps.iter().min()?, *steps.iter().max()?);
        let (from, to) = (least as f64 - 0.5, most as f64 + 0.5);
        // The last time below each limit, in steps.
        let mut below: Vec<u64> =
            (0..=CLASSES).map(|n| (from * (to / from).powf(f64::from(n) / f64::from(CLASSES)) + 0.25) as u64).collect();
        below[0] = least - 1;
        below[CLASSES as usize] = most;
        below.dedup();
        let mut counts = vec![0_u64; below.len() - 1];
        for step in steps {
            counts[below.partition_point(|last| *last < step) - 1] += 1;
        }
        let all = seconds.len() as f64;
        let edges_s = below.into_iter().map(|last| (last as f64 + 0.5) * step_s).collect();
        Some(Self { edges_s, shares: counts.into_iter().map(|count| count as f64 / all).collect() })
    }

    /// The share of observations by unit of the logarithm in each class.
    pub(super) fn densities(&self) -> impl Iterator<Item = f64> + '_ {
        self.edges_s.windows(2).zip(&self.shares).map(|(edges, share)| share / (edges[1] / edges[0]).ln())
    }

    /// Shortest and longest time that the classes hold, in seconds.
    pub(super) fn ends_s(&self) -> (f64, f64) {
        (self.edges_s.first().copied().unwrap_or(1.0), self.edges_s.last().copied().unwrap_or(2.0))
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng, SeedableRng};

    use super::*;

    #[test]
    fn whole_seconds_have_classes_of_their_own() {
        let histogram = Histogram::new(&[1.0, 1.0, 2.0, 3.0]).expect("four times");
        assert_eq!(histogram.edges_s, [0.5, 1.5, 2.5, 3.5]);
        assert_eq!(histogram.shares, [0.5, 0.25, 0.25]);
        let density = histogram.densities().next().unwrap_or_default();
        assert!((density - 0.5 / 3.0_f64.ln()).abs() < 1e-12);
        assert_eq!(Histogram::new(&[]), None);
        assert_eq!(Histogram::new(&[60.0]).map(|histogram| histogram.shares.len()), Some(1));
    }

    #[test]
    fn everybody_is_in_one_class() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        for round in 0..300_u32 {
            let scale = if round % 2 == 0 { 1.0 } else { 0.001 };
            let seconds: Vec<f64> = (0..=round).map(|_| (1 + random.next_u32() % 10_u32.pow(1 + round % 7)) as f64 * scale).collect();
            let histogram = Histogram::new(&seconds).expect("some times");
            assert!((histogram.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{histogram:?}");
            assert!(histogram.edges_s.windows(2).all(|edges| edges[0] < edges[1]), "{histogram:?}");
            let (from, to) = histogram.ends_s();
            assert!(seconds.iter().all(|value| from < *value && *value < to), "{from} to {to}");
            let within = |edges: &[f64]| seconds.iter().filter(|value| edges[0] < **value && **value < edges[1]).count();
            let counted: Vec<f64> = histogram.edges_s.windows(2).map(|edges| within(edges) as f64 / seconds.len() as f64).collect();
            assert_eq!(counted, histogram.shares);
        }
    }
}
