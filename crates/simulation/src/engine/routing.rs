//! Routing: which agent a call goes to, and which call an agent takes.
//!
//! A call that arrives takes an idle agent of the group that it ranks first, among equals the one who has been idle longest; an agent
//! who becomes free takes a call of the queue that her group ranks first, among equals the one that has waited longest, each wait
//! times its queue's weight. A group takes overflow only from calls that have waited long enough, may keep some agents for its other
//! queues, and may help a queue only while many of its calls wait; then it takes the first of them.

use crate::draw::{Keyed, uniform};
use crate::prepared::Reach;
use crate::scenario::Selection;
use crate::trace::Trace;

use super::Engine;
use super::calls::Call;
use super::line::NONE;

/// The groups whose bits are set in both, in order.
fn groups<'a>(idle: &'a [u64], serving: &'a [u64]) -> impl Iterator<Item = usize> + Clone + 'a {
    idle.iter().zip(serving).enumerate().flat_map(|(word, (idle, serving))| {
        let mut bits = idle & serving;
        std::iter::from_fn(move || {
            let bit = bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
            (bit < 64).then_some(word * 64 + bit as usize)
        })
    })
}

impl<T: Trace> Engine<'_, T> {
    /// Whether a group may take a call of a queue that wants so many of its agents to stay idle.
    fn spares(&self, group: usize, reserve: u32) -> bool {
        reserve == 0 || self.idle[group].len > reserve
    }

    /// Groups that help only while many calls wait take the first of them.
    pub(super) fn relieve(&mut self, queue: u32) {
        let plan = self.plan;
        for group in &plan.queues[queue as usize].relief {
            let Reach { reserve, above, after_s, .. } = plan.queues[queue as usize].reach[*group as usize];
            loop {
                let (line, idle) = (self.waiting[queue as usize], self.idle[*group as usize]);
                let helps = line.len > above && idle.len > reserve;
                if !helps || self.now < self.calls[line.head as usize].arrival_s + after_s {
                    break;
                }
                self.stop_waiting(line.head);
                self.assign(idle.head, line.head);
            }
        }
    }

    /// The idle agent that a call goes to.
    pub(super) fn find_agent(&self, index: u32) -> Option<u32> {
        if self.idle_people == 0 {
            return None;
        }
        let Call { queue, arrival_s, .. } = self.calls[index as usize];
        if self.plan.selection == Selection::Random {
            return self.find_any_agent(index);
        }
        let plan = &self.plan.queues[queue as usize];
        let mut best: Option<(u32, f64, u32)> = None;
        for group in groups(&self.idle_groups, &plan.serving) {
            let Reach { rank, reserve, above, after_s } = plan.reach[group];
            // The sum is the one that timed the overflow event, so that both agree to the last bit.
            if self.now < arrival_s + after_s || above > 0 || !self.spares(group, reserve) {
                continue;
            }
            let agent = self.idle[group].head;
            let since = self.people[agent as usize].idle_since_s;
            if best.is_none_or(|(first, longest, _)| rank < first || (rank == first && since < longest)) {
                best = Some((rank, since, agent));
            }
        }
        best.map(|(_, _, agent)| agent)
    }

    /// Any of the idle agents of the first rank that has some. Who it is within a group makes no difference to callers, so the one who
    /// has been idle longest stands for them all.
    fn find_any_agent(&self, index: u32) -> Option<u32> {
        let call = &self.calls[index as usize];
        let plan = &self.plan.queues[call.queue as usize];
        let may = |group: &usize| {
            let Reach { reserve, above, after_s, .. } = plan.reach[*group];
            self.now >= call.arrival_s + after_s && above == 0 && self.spares(*group, reserve)
        };
        let open = groups(&self.idle_groups, &plan.serving).filter(may);
        let rank = open.clone().map(|group| plan.reach[group].rank).min()?;
        let open = open.filter(|group| plan.reach[*group].rank == rank);
        let all: u32 = open.clone().map(|group| self.idle[group].len).sum();
        let mut numbers = Keyed::new(self.keys.selection, call.key, u64::from(call.attempt));
        let mut left = (uniform(&mut numbers) * f64::from(all)) as u32;
        for group in open {
            let line = &self.idle[group];
            if left < line.len {
                return Some(line.head);
            }
            left -= line.len;
        }
        None
    }

    /// The waiting call that a free agent of this group takes.
    pub(super) fn find_call(&self, group: u32) -> Option<u32> {
        if self.waiting_calls == 0 {
            return None;
        }
        let mut best: Option<(u32, f64, u32)> = None;
        for service in &self.plan.groups[group as usize].services {
            if best.is_some_and(|(rank, _, _)| rank < service.rank) {
                break;
            }
            let index = self.waiting[service.queue as usize].head;
            if index == NONE {
                continue;
            }
            let since = self.calls[index as usize].arrival_s;
            let enough = self.waiting[service.queue as usize].len > service.above && self.spares(group as usize, service.reserve);
            let due = enough && self.now >= since + service.after_s;
            let waited = (self.now - since) * service.weight;
            if due && best.is_none_or(|(_, longest, _)| waited > longest) {
                best = Some((service.rank, waited, index));
            }
        }
        best.map(|(_, _, index)| index)
    }

    /// A call has waited long enough for further groups.
    pub(super) fn overflow(&mut self, index: u32, generation: u32) {
        let call = &self.calls[index as usize];
        if call.generation != generation || !call.waiting {
            return;
        }
        if let Some(agent) = self.find_agent(index) {
            self.stop_waiting(index);
            self.assign(agent, index);
        } else {
            self.relieve(self.calls[index as usize].queue);
        }
    }
}
