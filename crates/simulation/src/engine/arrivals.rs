//! The arrival process: each queue's calls, one after another, with all that a call brings along.
//!
//! A Poisson process whose rate is constant in each period of each day is made from unit exponentials spent along the integral of the
//! rate; no draw is thrown away, so the n-th call of a queue is the same call in every scenario with the same callers.

use crate::counts::BLOCKED;
use crate::draw::{Purpose, Stream, stream};
use crate::prepared::{Prepared, QueuePlan, TimesPlan};
use crate::trace::Trace;

use super::Engine;

/// Where a queue's calls come from, and the streams of what they bring.
pub(super) struct Source {
    arrivals: Stream,
    talk: Stream,
    wrapup: Stream,
    patience: Stream,
    /// Up to where the arrival process has been followed, in seconds.
    at_s: f64,
    period: usize,
    /// Calls so far.
    calls: u64,
}

impl Source {
    pub(super) fn new(seed: u64, replication: u64, queue: usize) -> Self {
        let stream = |purpose| stream(seed, replication, purpose, queue as u64);
        Self {
            arrivals: stream(Purpose::Arrivals),
            talk: stream(Purpose::Talk),
            wrapup: stream(Purpose::Wrapup),
            patience: stream(Purpose::Patience),
            at_s: 0.0,
            period: 0,
            calls: 0,
        }
    }

    /// The time of the next call; infinite when there is none.
    fn next_s(&mut self, plan: &Prepared, queue: &QueuePlan, rates: &[f64]) -> f64 {
        if queue.rates.is_empty() {
            return queue.listed_s.get(self.calls as usize).copied().unwrap_or(f64::INFINITY);
        }
        let mut left = queue.gaps.draw(&mut self.arrivals);
        while let Some(rate) = rates.get(self.period) {
            let end = (self.period + 1) as f64 * plan.period_s;
            let expected = (end - self.at_s) * rate;
            if left < expected {
                self.at_s += left / rate;
                return self.at_s;
            }
            left -= expected;
            self.at_s = end;
            self.period += 1;
        }
        f64::INFINITY
    }
}

/// When each queue's next call comes, and which of them is first; of several at one instant the first queue's.
pub(super) struct Next {
    at_s: Vec<f64>,
    first: usize,
}

impl Next {
    pub(super) fn new(queues: usize) -> Self {
        Self { at_s: vec![f64::INFINITY; queues], first: 0 }
    }

    /// When the next call comes; infinite when none does.
    pub(super) fn at_s(&self) -> f64 {
        self.at_s[self.first]
    }

    /// The queue of the next call.
    pub(super) const fn queue(&self) -> usize {
        self.first
    }

    fn set(&mut self, queue: usize, at_s: f64) {
        self.at_s[queue] = at_s;
        // A centre has few queues: to look at all of them is quicker than to keep them in order.
        let mut least = self.at_s[0];
        self.first = 0;
        for (n, at_s) in self.at_s.iter().enumerate().skip(1) {
            if *at_s < least {
                (self.first, least) = (n, *at_s);
            }
        }
    }
}

/// The rate of calls by queue and period in this replication: the expected one times the factors of the day, shared and the queue's own,
/// and of the period.
pub(super) fn rates(plan: &Prepared, seed: u64, replication: u64) -> Vec<f64> {
    let mut shared = stream(seed, replication, Purpose::SharedDayFactor, 0);
    let shared: Vec<f64> = (0..plan.days).map(|_| plan.shared_factor.draw(&mut shared)).collect();
    let mut rates = Vec::with_capacity(plan.periods * plan.queues.len());
    for (n, queue) in plan.queues.iter().enumerate() {
        let mut own = stream(seed, replication, Purpose::DayFactor, n as u64);
        let days: Vec<f64> = shared.iter().map(|shared| shared * queue.factor.draw(&mut own)).collect();
        let mut period = stream(seed, replication, Purpose::PeriodFactor, n as u64);
        // A queue with listed calls has no rates, and its place stays empty.
        let expected = queue.rates.iter().copied().chain(std::iter::repeat(0.0)).take(plan.periods);
        let of_day = plan.day_of_period.iter().map(|day| days[*day as usize]);
        rates.extend(expected.zip(of_day).map(|(rate, factor)| rate * factor * queue.period_factor.draw(&mut period)));
    }
    rates
}

impl<T: Trace> Engine<'_, T> {
    pub(super) fn schedule_arrival(&mut self, queue: usize) {
        let rates = &self.rates[queue * self.plan.periods..][..self.plan.periods];
        let at = self.sources[queue].next_s(self.plan, &self.plan.queues[queue], rates);
        self.arrivals.set(queue, if at < self.plan.horizon_s { at } else { f64::INFINITY });
    }

    /// A call arrives: it draws what it brings, whatever becomes of it, so that the streams stay in step.
    pub(super) fn arrive(&mut self, queue: usize) {
        let plan = &self.plan.queues[queue];
        let source = &mut self.sources[queue];
        let period = if plan.rates.is_empty() { self.plan.period_at(self.now) } else { source.period };
        // Where the answer's period decides, the mean comes with the answer.
        let mean = |times: &TimesPlan| if plan.by_answer { 1.0 } else { times.mean_s[period] };
        let talk_s = plan.talk.shape.draw(&mut source.talk) * mean(&plan.talk);
        let wrapup_s = plan.wrapup.as_ref().map_or(0.0, |times| times.shape.draw(&mut source.wrapup) * mean(times));
        let patience_s =
            plan.patience.as_ref().map_or(f64::INFINITY, |times| times.shape.draw(&mut source.patience) * times.mean_s[period]);
        // Calls of one queue by their number: the top bits hold the queue.
        let key = (queue as u64) << 40 | source.calls;
        source.calls += 1;
        let index = self.new_call(queue as u32, key, talk_s, wrapup_s, patience_s);
        self.schedule_arrival(queue);
        self.admit(index);
    }

    /// A call tries to get in: it finds a line or hears the busy tone, then an agent or a place to wait.
    pub(super) fn admit(&mut self, index: u32) {
        let cell = self.plan.interval_at(self.now);
        let call = &mut self.calls[index as usize];
        let queue = call.queue;
        call.arrival_s = self.now;
        call.cell = queue * self.plan.intervals as u32 + cell as u32;
        let agent = self.find_agent(index);
        let no_line = self.plan.trunks.is_some_and(|trunks| self.lines_used >= trunks);
        let room = self.plan.queues[queue as usize].waiting_room;
        let full = self.waiting_calls >= self.plan.waiting_room || self.waiting[queue as usize].len >= room;
        let no_room = agent.is_none() && full;
        if no_line || no_room {
            let cell = self.calls[index as usize].cell as usize;
            self.counts.calls[cell][BLOCKED] += 1.0;
            self.leave(index);
            return;
        }
        if self.plan.trunks.is_some() {
            self.lines_used += 1;
        }
        self.enter(index, agent);
    }
}
