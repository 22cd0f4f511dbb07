//! Calls: waiting, answer, end, abandonment, another attempt, another call. Who takes which call is decided in `routing`.
//!
//! A caller whose call rings no longer leaves. A call that rings, is talked or written up belongs to one agent.

use fika_model::event::{AgentState, CallEventKind};

use crate::counts::{
    ABANDONED_LATE, ABANDONED_WAIT_S, ABANDONED_WITHIN, ANSWERED_LATE, ANSWERED_WAIT_S, ANSWERED_WITHIN, BUSY_S, HANDLE_S, SHORT_ABANDONS,
    WAITED,
};
use rand_xoshiro::rand_core::Rng;

use crate::draw::{Keyed, uniform};
use crate::prepared::{CallBackPlan, TimesPlan};
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
    pub(super) key: u64,
    /// The number told to whoever watches.
    pub(super) serial: u64,
    pub(super) cell: u32,
    pub(super) queue: u32,
    /// Moves on when the call stops waiting, so that its pending events no longer hold.
    pub(super) generation: u32,
    pub(super) attempt: u32,
    pub(super) waiting: bool,
    links: Links,
}

impl Linked for Call {
    fn links(&mut self) -> &mut Links {
        &mut self.links
    }
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
        self.counts.calls[self.calls[index as usize].cell as usize][WAITED] += 1.0;
        let queues = self.waiting.len();
        let longest = &mut self.counts.longest;
        longest[queue as usize] = longest[queue as usize].max(self.waiting[queue as usize].len);
        longest[queues] = longest[queues].max(self.waiting_calls);
        if patience_s < f64::INFINITY {
            self.push(patience_s, kind::ABANDON, index, generation);
        }
        let plan = self.plan;
        for after_s in &plan.queues[queue as usize].overflows_s {
            self.push(*after_s, kind::OVERFLOW, index, generation);
        }
        self.relieve(queue);
    }

    /// Takes a call out of its line.
    pub(super) fn stop_waiting(&mut self, index: u32) {
        let call = &mut self.calls[index as usize];
        let queue = call.queue as usize;
        call.waiting = false;
        call.generation = call.generation.wrapping_add(1);
        self.counts.add_waiting(call.queue, call.arrival_s, self.now);
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
        let slowness = self.plan.slowness(agent, group, call.queue);
        if plan.by_answer {
            let period = self.plan.period_at(self.now);
            call.talk_s *= plan.talk.mean_s[period];
            call.wrapup_s *= plan.wrapup.as_ref().map_or(0.0, |times| times.mean_s[period]);
        }
        if let Some(Some(own)) = self.plan.groups[group as usize].talk.get(call.queue as usize) {
            let period = self.plan.period_at(if plan.by_answer { self.now } else { call.arrival_s });
            call.talk_s = own.shape.draw(&mut Keyed::new(self.keys.group_talk, call.key, u64::from(group))) * own.mean_s[period];
        }
        let talk_s = call.talk_s * slowness;
        call.wrapup_s *= slowness;
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
        self.perhaps_again(index);
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

    /// A caller who was served may call once more, as somebody new.
    fn perhaps_again(&mut self, index: u32) {
        let plan = self.plan;
        let call = &self.calls[index as usize];
        let Some(next) = &plan.queues[call.queue as usize].follow_up else { return };
        let mut numbers = Keyed::new(self.keys.follow_up, call.key, u64::from(call.attempt));
        let delay_s = next.delay.shape.draw(&mut numbers) * next.delay.mean_s[plan.period_at(self.now)];
        if uniform(&mut numbers) >= next.probability || self.now + delay_s >= plan.horizon_s {
            return;
        }
        let queue = &plan.queues[next.queue as usize];
        let period = plan.period_at(self.now + delay_s);
        let mean = |times: &TimesPlan| if queue.by_answer { 1.0 } else { times.mean_s[period] };
        let talk_s = queue.talk.shape.draw(&mut numbers) * mean(&queue.talk);
        let wrapup_s = queue.wrapup.as_ref().map_or(0.0, |times| times.shape.draw(&mut numbers) * mean(times));
        let patience = queue.patience.as_ref().map(|times| times.shape.draw(&mut numbers) * times.mean_s[period]);
        let again = self.new_call(next.queue, numbers.next_u64(), talk_s, wrapup_s, patience.unwrap_or(f64::INFINITY));
        self.push(delay_s, kind::FOLLOW_UP, again, 0);
    }

    /// A caller who was served calls once more.
    pub(super) fn follow_up(&mut self, index: u32) {
        self.counts.follow_ups += 1.0;
        self.admit(index);
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
