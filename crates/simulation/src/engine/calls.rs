//! Calls: waiting, routing, answer, end, abandonment, another attempt.
//!
//! Routing: a call that arrives takes an idle agent of the group that it ranks first, among equals the one who has been idle longest; an
//! agent who becomes free takes a call of the queue that her group ranks first, among equals the one that has waited longest. A group
//! takes overflow only from calls that have waited long enough. A caller whose call rings no longer leaves.

use fika_model::event::{AgentState, CallEventKind};

use crate::counts::{
    ABANDONED_LATE, ABANDONED_WAIT_S, ABANDONED_WITHIN, ANSWERED_LATE, ANSWERED_WAIT_S, ANSWERED_WITHIN, BUSY_S, HANDLE_S, SHORT_ABANDONS,
};
use crate::draw::{Keyed, uniform};
use crate::prepared::{CallBackPlan, Reach};
use crate::scenario::Selection;
use crate::trace::Trace;

use super::line::{Linked, Links, NONE};
use super::people::Status;
use super::{Engine, kind};

/// A call, from its arrival to the end of its wrap-up.
pub(super) struct Call {
    pub(super) arrival_s: f64,
    talk_s: f64,
    wrapup_s: f64,
    patience_s: f64,
    /// Which caller it is, the same in every scenario with the same callers.
    key: u64,
    /// The number told to whoever watches.
    pub(super) serial: u64,
    pub(super) cell: u32,
    pub(super) queue: u32,
    /// Moves on when the call stops waiting, so that its pending events no longer hold.
    generation: u32,
    attempt: u32,
    waiting: bool,
    links: Links,
}

impl Linked for Call {
    fn links(&mut self) -> &mut Links {
        &mut self.links
    }
}

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
    pub(super) fn new_call(&mut self, queue: u32, key: u64, talk_s: f64, wrapup_s: f64, patience_s: f64) -> u32 {
        let index = self.free.pop().unwrap_or(self.calls.len() as u32);
        let generation = self.calls.get(index as usize).map_or(0, |old| old.generation.wrapping_add(1));
        let call = Call {
            arrival_s: self.now,
            talk_s,
            wrapup_s,
            patience_s,
            key,
            serial: 0,
            cell: 0,
            queue,
            generation,
            attempt: 1,
            waiting: false,
            links: Links::FREE,
        };
        if let Some(old) = self.calls.get_mut(index as usize) {
            *old = call;
        } else {
            self.calls.push(call);
        }
        index
    }

    /// A call has a line: an idle agent takes it, or it waits.
    pub(super) fn enter(&mut self, index: u32, agent: Option<u32>) {
        self.calls[index as usize].serial = self.serial;
        self.serial += 1;
        self.tell_call(index, None, CallEventKind::Queued);
        if let Some(agent) = agent {
            self.assign(agent, index);
            return;
        }
        let call = &mut self.calls[index as usize];
        call.waiting = true;
        let (queue, generation, patience_s) = (call.queue, call.generation, call.patience_s);
        self.waiting[queue as usize].push(&mut self.calls, index);
        self.waiting_calls += 1;
        if patience_s < f64::INFINITY {
            self.push(patience_s, kind::ABANDON, index, generation);
        }
        let plan = self.plan;
        for after_s in &plan.queues[queue as usize].overflows_s {
            self.push(*after_s, kind::OVERFLOW, index, generation);
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
            let Reach { rank, after_s } = plan.reach[group];
            // The sum is the one that timed the overflow event, so that both agree to the last bit.
            if self.now < arrival_s + after_s {
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
        let open = groups(&self.idle_groups, &plan.serving).filter(|group| self.now >= call.arrival_s + plan.reach[*group].after_s);
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
            let due = self.now >= since + service.after_s;
            if due && best.is_none_or(|(_, longest, _)| since < longest) {
                best = Some((service.rank, since, index));
            }
        }
        best.map(|(_, _, index)| index)
    }

    /// Takes a call out of its line.
    pub(super) fn stop_waiting(&mut self, index: u32) {
        let call = &mut self.calls[index as usize];
        let queue = call.queue as usize;
        call.waiting = false;
        call.generation = call.generation.wrapping_add(1);
        self.waiting[queue].remove(&mut self.calls, index);
        self.waiting_calls -= 1;
    }

    /// A call that waits no more goes to an agent.
    pub(super) fn assign(&mut self, agent: u32, index: u32) {
        self.leave_idle(agent);
        let person = &mut self.people[agent as usize];
        person.status = Status::Busy;
        person.call = index;
        self.tell_call(index, Some(agent), CallEventKind::Offered);
        self.tell_agent(agent, AgentState::Reserved, None);
        if self.plan.ring_s > 0.0 {
            self.push(self.plan.ring_s, kind::ANSWER, agent, 0);
        } else {
            self.answer(agent);
        }
    }

    pub(super) fn answer(&mut self, agent: u32) {
        let person = &self.people[agent as usize];
        let (index, group) = (person.call, person.group);
        let call = &mut self.calls[index as usize];
        let plan = &self.plan.queues[call.queue as usize];
        let speed = self.plan.speed(agent, group, call.queue);
        let talk_s = call.talk_s / speed;
        call.wrapup_s /= speed;
        let handle_s = talk_s + call.wrapup_s;
        let wait_s = self.now - call.arrival_s;
        let cell = &mut self.counts.calls[call.cell as usize];
        cell[if wait_s <= plan.threshold_s { ANSWERED_WITHIN } else { ANSWERED_LATE }] += 1.0;
        cell[ANSWERED_WAIT_S] += wait_s;
        cell[HANDLE_S] += handle_s;
        if plan.hard_share > 0.0 && self.plan.recovery_s > 0.0 {
            self.people[agent as usize].hard = uniform(&mut Keyed::new(self.keys.hard, call.key, 0)) < plan.hard_share;
        }
        let busy_s = self.counts.add_span(group, BUSY_S, self.now, self.now + handle_s);
        let sums = &mut self.counts.agents[agent as usize];
        sums.busy_s += busy_s;
        sums.calls += 1.0;
        self.tell_call(index, Some(agent), CallEventKind::Connected);
        self.tell_agent(agent, AgentState::Talking, None);
        if self.split_wrapup {
            self.push(talk_s, kind::TALK_END, agent, 0);
        } else {
            self.push(handle_s, kind::RELEASE, agent, 0);
        }
    }

    /// Caller and agent part; the line is free.
    pub(super) fn talk_end(&mut self, agent: u32) {
        let index = self.people[agent as usize].call;
        let wrapup_s = self.calls[index as usize].wrapup_s;
        self.free_line();
        self.tell_call(index, Some(agent), CallEventKind::Ended);
        if wrapup_s > 0.0 {
            self.tell_agent(agent, AgentState::Wrapup, None);
            self.push(wrapup_s, kind::RELEASE, agent, 0);
        } else {
            self.release(agent);
        }
    }

    /// The work after the call is done.
    pub(super) fn release(&mut self, agent: u32) {
        let index = self.people[agent as usize].call;
        self.tell_call(index, Some(agent), CallEventKind::WrapupEnded);
        self.last_call_s = self.now;
        self.free.push(index);
        self.people[agent as usize].call = NONE;
        self.after_call(agent);
    }

    pub(super) fn abandon(&mut self, index: u32, generation: u32) {
        let call = &self.calls[index as usize];
        if call.generation == generation && call.waiting {
            self.give_up(index);
        }
    }

    /// A waiting caller leaves.
    fn give_up(&mut self, index: u32) {
        self.stop_waiting(index);
        self.last_call_s = self.now;
        let call = &self.calls[index as usize];
        let plan = &self.plan.queues[call.queue as usize];
        let wait_s = self.now - call.arrival_s;
        let cell = &mut self.counts.calls[call.cell as usize];
        cell[if wait_s <= plan.threshold_s { ABANDONED_WITHIN } else { ABANDONED_LATE }] += 1.0;
        cell[ABANDONED_WAIT_S] += wait_s;
        if wait_s < plan.short_abandon_s {
            cell[SHORT_ABANDONS] += 1.0;
        }
        self.free_line();
        self.tell_call(index, None, CallEventKind::Abandoned);
        self.leave(index);
    }

    /// A caller who was not served goes, and perhaps tries again.
    pub(super) fn leave(&mut self, index: u32) {
        let call = &mut self.calls[index as usize];
        if let Some(CallBackPlan { probability, delay, .. }) = &self.plan.queues[call.queue as usize].call_back {
            let mut numbers = Keyed::new(self.keys.call_back, call.key, u64::from(call.attempt));
            let again = uniform(&mut numbers) < *probability;
            let delay_s = delay.shape.draw(&mut numbers) * delay.mean_s[self.plan.period_at(self.now)];
            if again && self.now + delay_s < self.plan.horizon_s {
                call.attempt += 1;
                self.push(delay_s, kind::RETRY, index, 0);
                return;
            }
        }
        self.free.push(index);
    }

    /// A caller tries again, with the same matter to talk about.
    pub(super) fn retry(&mut self, index: u32) {
        let call = &mut self.calls[index as usize];
        let plan = &self.plan.queues[call.queue as usize];
        let keeps = plan.call_back.as_ref().is_some_and(|back| back.keeps_patience);
        if let (Some(patience), false) = (&plan.patience, keeps) {
            // Occasions of the upper half: apart from those that decide about the attempts.
            let mut numbers = Keyed::new(self.keys.call_back, call.key, 1 << 32 | u64::from(call.attempt));
            call.patience_s = patience.shape.draw(&mut numbers) * patience.mean_s[self.plan.period_at(self.now)];
        }
        self.counts.further_attempts += 1.0;
        self.admit(index);
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
        }
    }

    fn free_line(&mut self) {
        if self.plan.trunks.is_some() {
            self.lines_used -= 1;
        }
    }

    /// At the very end, calls that nobody can answer any more are cut; they count as abandoned.
    pub(super) fn cut_waiting(&mut self) {
        for queue in 0..self.waiting.len() {
            while self.waiting[queue].head != NONE {
                self.counts.cut += 1.0;
                self.give_up(self.waiting[queue].head);
            }
        }
    }
}
