//! The interval grid and curves over it. Curves of different grids do not mix.

use thiserror::Error;

use crate::calendar::Timestamp;
use crate::units::{IntervalLength, Minute, Minutes, Span};

/// Equal intervals from a start: `[start + i * interval, start + (i + 1) * interval)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    start: Timestamp,
    interval: IntervalLength,
    intervals: u32,
}

/// The number of an interval in its grid, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalIndex(u32);

impl IntervalIndex {
    /// The interval with this number.
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// Its number.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// A half-open run of intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IntervalRange {
    /// Its first interval.
    pub start: IntervalIndex,
    /// The interval after its last one.
    pub end: IntervalIndex,
}

impl IntervalRange {
    /// Its intervals in order.
    pub fn iter(self) -> impl Iterator<Item = IntervalIndex> {
        (self.start.0..self.end.0).map(IntervalIndex)
    }
}

impl Grid {
    /// `intervals` intervals from `start`.
    pub const fn new(start: Timestamp, interval: IntervalLength, intervals: u32) -> Self {
        Self { start, interval, intervals }
    }

    /// Where the first interval begins.
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// How long each interval is.
    pub const fn interval(&self) -> IntervalLength {
        self.interval
    }

    /// How many intervals there are.
    pub const fn len(&self) -> usize {
        self.intervals as usize
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.intervals == 0
    }

    /// All intervals in order.
    pub fn indices(&self) -> impl Iterator<Item = IntervalIndex> {
        (0..self.intervals).map(IntervalIndex)
    }

    /// The interval that holds a minute of the horizon, if the grid reaches it.
    pub fn index_at(&self, minute: Minute) -> Option<IntervalIndex> {
        let minutes = u32::try_from(minute.get()).ok()?;
        let index = minutes / self.interval.minutes();
        (index < self.intervals).then_some(IntervalIndex(index))
    }

    /// The piece of time of an interval.
    pub fn span(&self, index: IntervalIndex) -> Span {
        let minutes = self.interval.minutes();
        Span::new(Minute::new((index.0 * minutes) as i32), Minutes::of(minutes as u16))
    }

    /// The instant at which an interval begins.
    pub fn timestamp(&self, index: IntervalIndex) -> Timestamp {
        let seconds = i64::from(index.0) * i64::from(self.interval.seconds());
        self.start.saturating_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(self.start)
    }
}

/// Two curves over different grids were put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("curves over different grids: {left:?} and {right:?}")]
pub struct GridMismatch {
    /// The grid of the one.
    pub left: Grid,
    /// The grid of the other.
    pub right: Grid,
}

/// One value an interval, with the grid that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve<T> {
    grid: Grid,
    values: Vec<T>,
}

impl<T> Curve<T> {
    /// A curve from a value per interval.
    pub fn from_fn(grid: Grid, value: impl FnMut(IntervalIndex) -> T) -> Self {
        Self { grid, values: grid.indices().map(value).collect() }
    }

    /// A curve from all its values; `None` when their number is not that of the grid's intervals.
    pub fn new(grid: Grid, values: Vec<T>) -> Option<Self> {
        (values.len() == grid.len()).then_some(Self { grid, values })
    }

    /// The grid under it.
    pub const fn grid(&self) -> Grid {
        self.grid
    }

    /// Its values in the order of the intervals.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The value of an interval, if the grid reaches it.
    pub fn at(&self, index: IntervalIndex) -> Option<&T> {
        self.values.get(index.get())
    }

    /// Sets the value of an interval; out of the grid nothing happens.
    pub fn set(&mut self, index: IntervalIndex, value: T) {
        if let Some(cell) = self.values.get_mut(index.get()) {
            *cell = value;
        }
    }

    /// Puts two curves of one grid together, interval by interval.
    pub fn zip_with<U, V>(&self, other: &Curve<U>, mut f: impl FnMut(&T, &U) -> V) -> Result<Curve<V>, GridMismatch> {
        if self.grid != other.grid {
            return Err(GridMismatch { left: self.grid, right: other.grid });
        }
        let values = self.values.iter().zip(&other.values).map(|(a, b)| f(a, b)).collect();
        Ok(Curve { grid: self.grid, values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_of_different_grids_do_not_mix() {
        let quarter = Grid::new(Timestamp::UNIX_EPOCH, IntervalLength::QUARTER_HOUR, 4);
        let half = Grid::new(Timestamp::UNIX_EPOCH, IntervalLength::HALF_HOUR, 4);
        let a = Curve::from_fn(quarter, IntervalIndex::get);
        let b = Curve::from_fn(half, IntervalIndex::get);
        assert_eq!(a.zip_with(&a, |x, y| x + y).map(|c| c.values().to_vec()), Ok(vec![0, 2, 4, 6]));
        assert!(a.zip_with(&b, |x, y| x + y).is_err());
        assert!(Curve::new(half, vec![1]).is_none());
    }

    #[test]
    fn a_minute_finds_its_interval() {
        let grid = Grid::new(Timestamp::UNIX_EPOCH, IntervalLength::QUARTER_HOUR, 4);
        assert_eq!(grid.index_at(Minute::new(14)), Some(IntervalIndex::new(0)));
        assert_eq!(grid.index_at(Minute::new(15)), Some(IntervalIndex::new(1)));
        assert_eq!(grid.index_at(Minute::new(60)), None);
        assert_eq!(grid.index_at(Minute::new(-1)), None);
        assert_eq!(grid.timestamp(IntervalIndex::new(3)).as_second(), 2700);
    }
}
