//! Doubly linked lines inside a vector: first in, first out, and anybody may leave from the middle at no cost.

/// No item.
pub(super) const NONE: u32 = u32::MAX;

/// The neighbours of an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Links {
    prev: u32,
    next: u32,
}

impl Links {
    pub(super) const FREE: Self = Self { prev: NONE, next: NONE };
}

/// Something that can stand in a line.
pub(super) trait Linked {
    fn links(&mut self) -> &mut Links;
}

/// A line, by its ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) head: u32,
    tail: u32,
    pub(super) len: u32,
}

impl Line {
    pub(super) const EMPTY: Self = Self { head: NONE, tail: NONE, len: 0 };

    pub(super) fn push<X: Linked>(&mut self, items: &mut [X], index: u32) {
        *items[index as usize].links() = Links { prev: self.tail, next: NONE };
        if self.tail == NONE {
            self.head = index;
        } else {
            items[self.tail as usize].links().next = index;
        }
        self.tail = index;
        self.len += 1;
    }

    pub(super) fn remove<X: Linked>(&mut self, items: &mut [X], index: u32) {
        let Links { prev, next } = *items[index as usize].links();
        if prev == NONE {
            self.head = next;
        } else {
            items[prev as usize].links().next = next;
        }
        if next == NONE {
            self.tail = prev;
        } else {
            items[next as usize].links().prev = prev;
        }
        *items[index as usize].links() = Links::FREE;
        self.len -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    struct Item(Links);

    impl Linked for Item {
        fn links(&mut self) -> &mut Links {
            &mut self.0
        }
    }

    proptest! {
        #[test]
        fn a_line_keeps_its_order_when_some_leave(steps in proptest::collection::vec((any::<bool>(), 0_u32..20), 0..100)) {
            let mut items: Vec<Item> = (0..20).map(|_| Item(Links::FREE)).collect();
            let mut line = Line::EMPTY;
            let mut expected: VecDeque<u32> = VecDeque::new();
            for (join, index) in steps {
                let inside = expected.contains(&index);
                if join && !inside {
                    line.push(&mut items, index);
                    expected.push_back(index);
                } else if !join && inside {
                    line.remove(&mut items, index);
                    expected.retain(|other| *other != index);
                }
                prop_assert_eq!(line.head, expected.front().copied().unwrap_or(NONE));
                prop_assert_eq!(line.len as usize, expected.len());
            }
            let mut found = Vec::new();
            while line.head != NONE {
                found.push(line.head);
                let head = line.head;
                line.remove(&mut items, head);
            }
            prop_assert_eq!(found, Vec::from(expected));
        }
    }
}
