//! The calendar of future events, of 128-bit keys, without allocation per event: while they are few a list in order, then a 4-ary heap.
//!
//! The upper half of a key is the time (the bits of a float that is not negative order like the float), the lower half says what
//! happens. Keys are therefore totally ordered, and events at one instant have a fixed order. Absent on purpose: removal of
//! events that no longer hold; whoever takes an event compares its generation.

const ARITY: usize = 4;
/// With more events than this the list becomes a heap, until none is left.
const FEW: usize = 32;

#[derive(Debug, Default)]
pub(crate) struct Heap {
    /// A list with the next event last, or a heap with the next event first.
    keys: Vec<u128>,
    many: bool,
}

/// What happens, in 64 bits: kind, index, generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Happening {
    pub(crate) kind: u8,
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

impl Happening {
    const fn pack(self) -> u64 {
        (self.kind as u64) << 60 | (self.index as u64) << 32 | self.generation as u64
    }

    const fn unpack(bits: u64) -> Self {
        Self { kind: (bits >> 60) as u8, index: (bits >> 32) as u32 & 0x0fff_ffff, generation: bits as u32 }
    }
}

fn at_s(key: u128) -> f64 {
    f64::from_bits((key >> 64) as u64)
}

impl Heap {
    /// The time of the next event; infinite when there is none.
    pub(crate) fn next_s(&self) -> f64 {
        let next = if self.many { self.keys.first() } else { self.keys.last() };
        next.map_or(f64::INFINITY, |key| at_s(*key))
    }

    /// Adds an event at a time that is not negative.
    pub(crate) fn push(&mut self, at: f64, happening: Happening) {
        let key = u128::from(at.to_bits()) << 64 | u128::from(happening.pack());
        if !self.many {
            if self.keys.len() < FEW {
                return self.insert(key);
            }
            // Turned round, the list is in the order of time, which is a heap.
            self.keys.reverse();
            self.many = true;
        }
        let mut hole = self.keys.len();
        self.keys.push(key);
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if self.keys[parent] <= key {
                break;
            }
            self.keys[hole] = self.keys[parent];
            hole = parent;
        }
        self.keys[hole] = key;
    }

    /// Puts a key in its place in the list.
    fn insert(&mut self, key: u128) {
        let mut hole = self.keys.len();
        self.keys.push(key);
        while hole > 0 && self.keys[hole - 1] < key {
            self.keys[hole] = self.keys[hole - 1];
            hole -= 1;
        }
        self.keys[hole] = key;
    }

    /// Takes the next event.
    pub(crate) fn pop(&mut self) -> Option<(f64, Happening)> {
        let last = self.keys.pop()?;
        if !self.many {
            return Some((at_s(last), Happening::unpack(last as u64)));
        }
        let Some(first) = self.keys.first().copied() else {
            self.many = false;
            return Some((at_s(last), Happening::unpack(last as u64)));
        };
        self.sink(last);
        Some((at_s(first), Happening::unpack(first as u64)))
    }

    /// Puts `key` in the place of the first and restores the order.
    fn sink(&mut self, key: u128) {
        let keys = self.keys.as_mut_slice();
        let mut hole = 0;
        loop {
            let child = hole * ARITY + 1;
            if child >= keys.len() {
                break;
            }
            let end = (child + ARITY).min(keys.len());
            let mut least = child;
            let mut least_key = keys[child];
            for (n, other) in keys[child + 1..end].iter().enumerate() {
                if *other < least_key {
                    least = child + 1 + n;
                    least_key = *other;
                }
            }
            if key <= least_key {
                break;
            }
            keys[hole] = least_key;
            hole = least;
        }
        keys[hole] = key;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn events_come_in_the_order_of_time_then_kind_then_index(
            events in proptest::collection::vec((0_u32..50, 0_u8..16, 0_u32..1000), 0..200)
        ) {
            let mut heap = Heap::default();
            let mut expected = Vec::new();
            for (n, (at, kind, index)) in events.into_iter().enumerate() {
                heap.push(f64::from(at), Happening { kind, index, generation: n as u32 });
                expected.push((at, kind, index, n as u32));
            }
            expected.sort_unstable();
            for (at, kind, index, generation) in expected {
                prop_assert!((heap.next_s() - f64::from(at)).abs() < 1e-12);
                let (found, happening) = heap.pop().expect("as many as were pushed");
                prop_assert_eq!((found as u32, happening), (at, Happening { kind, index, generation }));
            }
            prop_assert!(heap.pop().is_none() && heap.next_s().is_infinite());
        }
    }
}
