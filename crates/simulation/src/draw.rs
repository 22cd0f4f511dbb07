//! Random numbers by purpose, so that two scenarios with the same callers see the same calls.
//!
//! Each purpose (arrivals, talk, wrap-up, patience, day factors) has a `Xoshiro256++` stream of its own for each queue and replication, and
//! the n-th call of a queue takes the n-th draw of each, whoever answers it. What only some calls need (a second attempt, whether
//! the call is hard) is drawn from a key of the call, so that it moves no stream. No thread-locals, no entropy from outside.

use rand_distr::{Distribution, Exp1, Gamma, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Infallible, Rng, SeedableRng, TryRng};

use crate::scenario::{Part, Shape};

/// What a stream is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Arrivals = 1,
    Talk = 2,
    Wrapup = 3,
    Patience = 4,
    DayFactor = 5,
    SharedDayFactor = 6,
    CallBack = 7,
    Hard = 8,
    Absence = 9,
    Selection = 10,
    PeriodFactor = 11,
    GroupTalk = 12,
    FollowUp = 13,
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A key from a seed and what it is for.
pub(crate) fn key(seed: u64, replication: u64, purpose: Purpose, of: u64) -> u64 {
    let mut state = mix(seed.wrapping_add(GOLDEN));
    for part in [replication, purpose as u64, of] {
        state = mix(state.wrapping_add(GOLDEN).wrapping_add(mix(part.wrapping_add(GOLDEN))));
    }
    state
}

/// Random numbers in a row, small and quick; streams differ by their keys.
pub(crate) type Stream = Xoshiro256PlusPlus;

/// The stream of a purpose.
pub(crate) fn stream(seed: u64, replication: u64, purpose: Purpose, of: u64) -> Stream {
    Stream::seed_from_u64(key(seed, replication, purpose, of))
}

/// A few numbers from a key, without a stream: `SplitMix64`.
#[derive(Debug, Clone)]
pub(crate) struct Keyed(u64);

impl Keyed {
    /// The numbers of a thing (a call, an agent) and an occasion, under a key.
    pub(crate) const fn new(key: u64, of: u64, occasion: u64) -> Self {
        Self(mix(mix(key ^ of.wrapping_mul(GOLDEN)).wrapping_add(occasion.wrapping_mul(GOLDEN))))
    }
}

impl TryRng for Keyed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|bits| (bits >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(GOLDEN);
        Ok(mix(self.0))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

/// A number in `[0, 1)`.
pub(crate) fn uniform<R: Rng>(rng: &mut R) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// An exponential number of mean 1.
pub(crate) fn exponential<R: Rng>(rng: &mut R) -> f64 {
    Exp1.sample(rng)
}

/// A distribution of mean 1, ready to draw from.
#[derive(Debug, Clone)]
pub(crate) enum Variate {
    Constant,
    Exponential,
    LogNormal {
        mu: f64,
        sigma: f64,
    },
    Gamma(Gamma<f64>),
    /// The exponent's inverse, and the scale that makes the mean 1.
    Weibull {
        power: f64,
        scale: f64,
    },
    Uniform {
        half_width: f64,
    },
    Empirical(Vec<f64>),
    /// For each part: the share up to it, its mean, its distribution.
    Mixture(Vec<(f64, f64, Variate)>),
}

impl Variate {
    /// The distribution of a shape. Shapes without spread are constant.
    pub(crate) fn of(shape: &Shape) -> Self {
        match shape {
            Shape::Constant => Self::Constant,
            Shape::Exponential => Self::Exponential,
            Shape::LogNormal { cv } => {
                // For mean 1: variance of the logarithm ln(1 + cv^2), its mean minus half of that.
                let variance = (cv * cv).ln_1p();
                Self::LogNormal { mu: -variance / 2.0, sigma: variance.sqrt() }
            }
            Shape::Gamma { cv } => Self::gamma(*cv),
            Shape::Weibull { exponent } => {
                let power = 1.0 / exponent;
                Self::Weibull { power, scale: 1.0 / gamma_function(1.0 + power) }
            }
            Shape::Uniform { half_width } => Self::Uniform { half_width: *half_width },
            Shape::Empirical(values) => {
                let mean = values.iter().sum::<f64>() / values.len() as f64;
                Self::Empirical(values.iter().map(|value| value / mean).collect())
            }
            Shape::Mixture(parts) => Self::mixture(parts),
        }
    }

    fn mixture(parts: &[Part]) -> Self {
        let all: f64 = parts.iter().map(|part| part.share).sum();
        let mean: f64 = parts.iter().map(|part| part.share * part.mean).sum::<f64>() / all;
        let mut before = 0.0;
        let part = |part: &Part| {
            before += part.share / all;
            (before, part.mean / mean, Self::of(&part.shape))
        };
        Self::Mixture(parts.iter().map(part).collect())
    }

    /// Gamma of mean 1 with this coefficient of variation.
    pub(crate) fn gamma(cv: f64) -> Self {
        let shape = 1.0 / (cv * cv);
        Gamma::new(shape, 1.0 / shape).map_or(Self::Constant, Self::Gamma)
    }

    pub(crate) fn draw<R: Rng>(&self, rng: &mut R) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::Exponential => exponential(rng),
            Self::LogNormal { mu, sigma } => {
                let normal: f64 = StandardNormal.sample(rng);
                (mu + sigma * normal).exp()
            }
            Self::Gamma(gamma) => gamma.sample(rng),
            Self::Weibull { power, scale } => scale * exponential(rng).powf(*power),
            Self::Uniform { half_width } => 1.0 + half_width * (2.0 * uniform(rng) - 1.0),
            Self::Empirical(values) => {
                let at = (uniform(rng) * values.len() as f64) as usize;
                values[at.min(values.len() - 1)]
            }
            Self::Mixture(parts) => {
                let choice = uniform(rng);
                let at = parts.partition_point(|(share, _, _)| *share <= choice).min(parts.len() - 1);
                let (_, mean, variate) = &parts[at];
                mean * variate.draw(rng)
            }
        }
    }
}

/// The gamma function from 1 to 20, by Lanczos's approximation with g = 7 and 9 terms (off by less than 1e-13).
fn gamma_function(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let sum = TERMS.iter().enumerate().fold(0.999_999_999_999_809_9, |sum, (n, term)| sum + term / (x + n as f64 + 1.0));
    let t = x + 7.5;
    (2.0 * std::f64::consts::PI).sqrt() * t.powf(x + 0.5) * (-t).exp() * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(variate: &Variate) -> (f64, f64) {
        let mut rng = stream(7, 0, Purpose::Talk, 0);
        let n = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = variate.draw(&mut rng);
            sum += x;
            squares += x * x;
        }
        let mean = sum / f64::from(n);
        (mean, (squares / f64::from(n) - mean * mean).sqrt())
    }

    fn part(share: f64, mean: f64, shape: Shape) -> Part {
        Part { share, mean, shape }
    }

    #[test]
    fn the_gamma_function_is_that_of_the_tables() {
        let table = [(1.0, 1.0), (1.5, 0.886_226_925_452_758), (2.0, 1.0), (5.0, 24.0), (11.0, 3_628_800.0)];
        for (x, expected) in table {
            assert!((gamma_function(x) / expected - 1.0).abs() < 1e-12, "{x}: {}", gamma_function(x));
        }
    }

    #[test]
    fn every_shape_has_mean_one_and_its_own_spread() {
        let cases = [
            (Shape::Constant, 0.0),
            (Shape::Exponential, 1.0),
            (Shape::LogNormal { cv: 0.8 }, 0.8),
            (Shape::Gamma { cv: 0.5 }, 0.5),
            (Shape::Gamma { cv: 0.0 }, 0.0),
            (Shape::Gamma { cv: 1.5 }, 1.5),
            (Shape::Uniform { half_width: 0.6 }, 0.6 / 3.0_f64.sqrt()),
            (Shape::Empirical(vec![1.0, 3.0]), 0.5),
            (Shape::Weibull { exponent: 1.0 }, 1.0),
            // Squared cv: gamma(2) / gamma(1.5)^2 - 1 = 4 / pi - 1.
            (Shape::Weibull { exponent: 2.0 }, (4.0 / std::f64::consts::PI - 1.0).sqrt()),
            // Half are none, the others exponential of twice the mean: mean square 0.5 * 2 * 4 = 4.
            (Shape::Mixture(vec![part(1.0, 0.0, Shape::Constant), part(1.0, 3.0, Shape::Exponential)]), 3.0_f64.sqrt()),
            // Hyperexponential, means 1 and 4, shares 3 and 1: mean 1.75, mean square 2 (0.75 + 0.25 * 16).
            (
                Shape::Mixture(vec![part(3.0, 1.0, Shape::Exponential), part(1.0, 4.0, Shape::Exponential)]),
                (9.5_f64 / 1.75 / 1.75 - 1.0).sqrt(),
            ),
        ];
        for (shape, cv) in cases {
            let (mean, sd) = moments(&Variate::of(&shape));
            assert!((mean - 1.0).abs() < 0.015 && (sd - cv).abs() < 0.03, "{shape:?}: mean {mean}, sd {sd}");
        }
    }

    #[test]
    fn purposes_queues_and_replications_have_streams_of_their_own() {
        let first = |seed, replication, purpose, of| stream(seed, replication, purpose, of).next_u64();
        let base = first(1, 2, Purpose::Talk, 3);
        assert_eq!(base, first(1, 2, Purpose::Talk, 3));
        for other in
            [first(2, 2, Purpose::Talk, 3), first(1, 3, Purpose::Talk, 3), first(1, 2, Purpose::Wrapup, 3), first(1, 2, Purpose::Talk, 2)]
        {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn keyed_numbers_are_uniform_over_keys() {
        let n = 100_000_u64;
        let below = (0..n).filter(|call| uniform(&mut Keyed::new(9, *call, 1)) < 0.2).count();
        assert!((below as f64 / n as f64 - 0.2).abs() < 0.005);
    }
}
