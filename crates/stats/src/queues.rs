//! Queue names as small numbers, so that facts stay small. The numbers depend on the order of first sight, so nothing
//! that leaves the crate, and no comparison of facts, may depend on them.

use std::collections::HashMap;

use fika_model::QueueId;

/// The number that stands for no queue, or for no list of queues.
pub(crate) const NONE: u32 = u32::MAX;

/// Queues and lists of queues by number.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    names: Vec<QueueId>,
    numbers: HashMap<QueueId, u32>,
    lists: Vec<Vec<u32>>,
    list_numbers: HashMap<Vec<u32>, u32>,
    scratch: Vec<u32>,
}

impl Queues {
    /// The number of a queue; a new one at first sight.
    pub(crate) fn number(&mut self, queue: &QueueId) -> u32 {
        if let Some(number) = self.numbers.get(queue) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.names.push(queue.clone());
        self.numbers.insert(queue.clone(), number);
        number
    }

    /// The queue of a number, if it stands for one.
    pub(crate) fn name(&self, number: u32) -> Option<&QueueId> {
        self.names.get(number as usize)
    }

    /// The number of a set of queues; [`NONE`] for the empty one.
    pub(crate) fn list(&mut self, queues: &[QueueId]) -> u32 {
        if queues.is_empty() {
            return NONE;
        }
        let mut members = std::mem::take(&mut self.scratch);
        members.clear();
        members.extend(queues.iter().map(|queue| self.number(queue)));
        members.sort_unstable();
        members.dedup();
        let number = if let Some(number) = self.list_numbers.get(&members) {
            *number
        } else {
            let number = self.lists.len() as u32;
            self.lists.push(members.clone());
            self.list_numbers.insert(members.clone(), number);
            number
        };
        self.scratch = members;
        number
    }

    /// The queues of a list, as numbers.
    pub(crate) fn members(&self, list: u32) -> &[u32] {
        self.lists.get(list as usize).map_or(&[], Vec::as_slice)
    }

    /// The queues of a list in the order of their names.
    pub(crate) fn names_of(&self, list: u32) -> Vec<QueueId> {
        let mut names: Vec<QueueId> = self.members(list).iter().filter_map(|number| self.name(*number).cloned()).collect();
        names.sort_unstable();
        names
    }
}
