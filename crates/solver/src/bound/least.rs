//! The least of any stretch of a row of numbers, read from the least of all stretches of a power of two.

/// Per power of two, the least of each stretch of that length.
#[derive(Debug, Default)]
pub(super) struct Least {
    rows: Vec<Vec<i64>>,
}

impl Least {
    /// Takes the numbers in.
    pub(super) fn read(&mut self, numbers: impl Iterator<Item = i64>) {
        if self.rows.is_empty() {
            self.rows.push(Vec::new());
        }
        self.rows[0].clear();
        self.rows[0].extend(numbers);
        let count = self.rows[0].len();
        let mut length = 1;
        while 2 * length <= count {
            let level = length.ilog2() as usize;
            if self.rows.len() == level + 1 {
                self.rows.push(Vec::new());
            }
            let (below, above) = self.rows.split_at_mut(level + 1);
            let shorter = &below[level];
            above[0].clear();
            above[0].extend(shorter.iter().zip(&shorter[length..]).map(|(a, b)| *a.min(b)));
            length *= 2;
        }
    }

    /// The least of the numbers from one to another, both included.
    pub(super) fn of(&self, first: usize, last: usize) -> i64 {
        let level = (last + 1 - first).ilog2() as usize;
        let row = &self.rows[level];
        row[first].min(row[last + 1 - (1 << level)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    #[test]
    fn each_stretch_has_its_least() {
        let mut random = Stream::new(8, "least");
        let mut least = Least::default();
        for count in [40, 1, 17, 64] {
            let numbers: Vec<i64> = (0..count).map(|_| random.below(100) as i64 - 50).collect();
            least.read(numbers.iter().copied());
            for first in 0..count {
                for last in first..count {
                    assert_eq!(
                        Some(least.of(first, last)),
                        numbers[first..=last].iter().copied().min(),
                        "{first} to {last} of {numbers:?}"
                    );
                }
            }
        }
    }
}
