//! Agents: plans, breaks, recovery, short absences, head counts.
//!
//! A plan never interrupts a call: what was due begins when the call is over. A rest break or meal that begins late keeps its full
//! length; any other piece ends when it was planned to. Recovery and short absences end early when something else away from the
//! phones begins. Agents without names leave when their group has too many: idle ones first.

use fika_model::event::AgentState;

use crate::counts::STAFFED_S;
use crate::draw::{Keyed, exponential, uniform};
use crate::prepared::{GroupPlan, Prepared, Stay};
use crate::scenario::Reason;
use crate::trace::Trace;

use super::line::{Linked, Links, NONE};
use super::{Engine, kind};

/// What an agent is doing, as far as events care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// Logged out.
    Out,
    /// Waiting for a call.
    Idle,
    /// A call rings, or is talked or written up.
    Busy,
    /// Away by plan, until the plan says otherwise.
    Away,
    /// In a break that began late, until it is over.
    LateBreak,
    /// In recovery or absent for a moment; back on the phones after that.
    Stepped,
}

/// An agent at work.
pub(super) struct Person {
    pub(super) status: Status,
    pub(super) group: u32,
    /// Pieces that are planned to have begun.
    planned: u32,
    /// Pieces that have begun or were skipped.
    begun: u32,
    pub(super) call: u32,
    pub(super) hard: bool,
    absence_due: bool,
    /// Absences drawn so far.
    absences: u32,
    absence_generation: u32,
    back_generation: u32,
    pub(super) idle_since_s: f64,
    staffed_since_s: Option<f64>,
    /// When the last absence came due, and how long it lasts.
    absence_at_s: f64,
    links: Links,
}

impl Linked for Person {
    fn links(&mut self) -> &mut Links {
        &mut self.links
    }
}

/// The agents without names of a group.
pub(super) struct Heads {
    target: u32,
    /// Busy ones who leave after their call.
    surplus: u32,
    /// Those who are logged out.
    out: Vec<u32>,
}

impl Heads {
    pub(super) fn of(group: &GroupPlan) -> Self {
        Self { target: 0, surplus: 0, out: group.unnamed.clone().rev().collect() }
    }
}

pub(super) fn at_the_start(plan: &Prepared) -> Vec<Person> {
    let person = |group| Person {
        status: Status::Out,
        group,
        planned: 0,
        begun: 0,
        call: NONE,
        hard: false,
        absence_due: false,
        absences: 0,
        absence_generation: 0,
        back_generation: 0,
        idle_since_s: 0.0,
        staffed_since_s: None,
        absence_at_s: 0.0,
        links: Links::FREE,
    };
    let mut people: Vec<Person> = (0..plan.named).map(|_| person(0)).collect();
    for (n, group) in plan.groups.iter().enumerate() {
        people.extend(group.unnamed.clone().map(|_| person(n as u32)));
    }
    people
}

impl<T: Trace> Engine<'_, T> {
    /// The next piece of an agent's plan is due.
    pub(super) fn piece_planned(&mut self, agent: u32) {
        let person = &mut self.people[agent as usize];
        person.planned += 1;
        let next = self.plan.agents[agent as usize].pieces[person.planned as usize - 1];
        let waits = match person.status {
            // What is under way ends first.
            Status::Busy | Status::LateBreak => true,
            // Another set of queues is no reason to come back early.
            Status::Stepped => matches!(next.stay, Stay::Phones(_)),
            Status::Out | Status::Idle | Status::Away => false,
        };
        if !waits {
            self.advance(agent, false);
        }
    }

    /// Begins the first planned piece that has not begun and is not over. A break is never over before it was taken.
    fn advance(&mut self, agent: u32, recover: bool) {
        let plan = self.plan;
        while self.people[agent as usize].begun < self.people[agent as usize].planned {
            let piece = plan.agents[agent as usize].pieces[self.people[agent as usize].begun as usize];
            self.people[agent as usize].begun += 1;
            let late_s = self.now - piece.from_s;
            match piece.stay {
                Stay::Away(reason) if reason.is_break() => {
                    self.counts.breaks.add(late_s);
                    let sums = &mut self.counts.agents[agent as usize];
                    sums.breaks += 1.0;
                    sums.break_delay_s += late_s;
                    if late_s > 0.0 {
                        self.step_away(agent, Status::LateBreak, reason, piece.to_s - piece.from_s);
                    } else {
                        self.go_away(agent, Status::Away, reason);
                    }
                    return;
                }
                _ if piece.to_s <= self.now => {}
                Stay::Away(reason) => return self.go_away(agent, Status::Away, reason),
                Stay::Phones(group) => return self.take_phones(agent, group, recover),
                Stay::Out => {
                    self.counts.agents[agent as usize].overtime_s += late_s;
                    return self.log_out(agent);
                }
            }
        }
    }

    fn take_phones(&mut self, agent: u32, group: u32, recover: bool) {
        if self.people[agent as usize].group != group {
            self.leave_idle(agent);
            self.close_staffed(agent);
            self.people[agent as usize].group = group;
        }
        self.plan_absence(agent, self.now);
        if recover {
            self.recover(agent);
        } else {
            self.become_ready(agent);
        }
    }

    /// An agent is free: she takes a call or waits for one.
    fn become_ready(&mut self, agent: u32) {
        let person = &mut self.people[agent as usize];
        let (group, was_idle) = (person.group, person.status == Status::Idle);
        if was_idle {
            return;
        }
        person.staffed_since_s.get_or_insert(self.now);
        person.status = Status::Idle;
        person.idle_since_s = self.now;
        self.idle[group as usize].push(&mut self.people, agent);
        self.idle_people += 1;
        self.idle_groups[group as usize / 64] |= 1 << (group % 64);
        self.tell_agent(agent, AgentState::Ready, None);
        if let Some(call) = self.find_call(group) {
            self.stop_waiting(call);
            self.assign(agent, call);
        }
    }

    /// Takes an agent out of the line of idle ones, if she stands there.
    pub(super) fn leave_idle(&mut self, agent: u32) {
        let person = &mut self.people[agent as usize];
        if person.status == Status::Idle {
            person.status = Status::Busy;
            let group = person.group as usize;
            self.idle[group].remove(&mut self.people, agent);
            self.idle_people -= 1;
            if self.idle[group].head == NONE {
                self.idle_groups[group / 64] &= !(1 << (group % 64));
            }
        }
    }

    fn close_staffed(&mut self, agent: u32) {
        let person = &mut self.people[agent as usize];
        if let Some(since) = person.staffed_since_s.take() {
            let staffed_s = self.counts.add_span(person.group, STAFFED_S, since, self.now);
            self.counts.agents[agent as usize].staffed_s += staffed_s;
        }
    }

    fn go_away(&mut self, agent: u32, status: Status, reason: Reason) {
        self.leave_idle(agent);
        self.close_staffed(agent);
        let person = &mut self.people[agent as usize];
        person.status = status;
        person.back_generation = person.back_generation.wrapping_add(1);
        if status != Status::Stepped {
            person.absence_due = false;
            person.absence_generation = person.absence_generation.wrapping_add(1);
        }
        self.tell_agent(agent, AgentState::NotReady, Some(reason));
    }

    /// Away, with the return at a time of its own.
    fn step_away(&mut self, agent: u32, status: Status, reason: Reason, length_s: f64) {
        self.go_away(agent, status, reason);
        self.push(length_s, kind::BACK, agent, self.people[agent as usize].back_generation);
    }

    fn recover(&mut self, agent: u32) {
        self.counts.recoveries += 1.0;
        self.step_away(agent, Status::Stepped, Reason::Recovery, self.plan.recovery_s);
    }

    fn log_out(&mut self, agent: u32) {
        self.leave_idle(agent);
        self.close_staffed(agent);
        let person = &mut self.people[agent as usize];
        person.status = Status::Out;
        person.absence_due = false;
        person.absence_generation = person.absence_generation.wrapping_add(1);
        person.back_generation = person.back_generation.wrapping_add(1);
        self.tell_agent(agent, AgentState::LoggedOut, None);
    }

    /// What an agent does when a call and its wrap-up are over.
    pub(super) fn after_call(&mut self, agent: u32) {
        let person = &mut self.people[agent as usize];
        let hard = std::mem::take(&mut person.hard);
        if self.one_too_many(agent) {
            return;
        }
        let person = &self.people[agent as usize];
        if person.begun < person.planned {
            self.advance(agent, hard);
        } else if hard {
            self.recover(agent);
        } else if person.absence_due {
            self.take_absence(agent);
        } else {
            self.become_ready(agent);
        }
    }

    /// A late break, a recovery or an absence is over.
    pub(super) fn back(&mut self, agent: u32, generation: u32) {
        let person = &self.people[agent as usize];
        if person.back_generation != generation {
            return;
        }
        if self.one_too_many(agent) {
            return;
        }
        let person = &mut self.people[agent as usize];
        if person.begun < person.planned {
            self.advance(agent, false);
        } else if person.status == Status::LateBreak {
            // The next piece is due at this very instant and comes by itself.
            person.status = Status::Away;
        } else if person.absence_due {
            self.take_absence(agent);
        } else {
            self.become_ready(agent);
        }
    }

    /// Draws when the next absence comes due, counted from `from_s`.
    fn plan_absence(&mut self, agent: u32, from_s: f64) {
        let person = &mut self.people[agent as usize];
        person.absence_due = false;
        person.absence_generation = person.absence_generation.wrapping_add(1);
        // Beyond the horizon nothing is renewed, so that every run ends.
        if self.plan.absences.rate <= 0.0 || self.now >= self.plan.horizon_s {
            return;
        }
        let mut numbers = Keyed::new(self.keys.absence, u64::from(agent), u64::from(person.absences) << 1);
        let gap_s = exponential(&mut numbers) / self.plan.absences.rate;
        person.absences += 1;
        person.absence_at_s = (from_s + gap_s).max(self.now);
        let (after_s, generation) = (person.absence_at_s - self.now, person.absence_generation);
        self.push(after_s, kind::ABSENCE_DUE, agent, generation);
    }

    pub(super) fn absence_due(&mut self, agent: u32, generation: u32) {
        let person = &mut self.people[agent as usize];
        if person.absence_generation != generation {
            return;
        }
        person.absence_due = true;
        if person.status == Status::Idle {
            self.take_absence(agent);
        }
    }

    /// The next absence counts from when this one was due, not from when a call let it begin: shares hold in the long run.
    fn take_absence(&mut self, agent: u32) {
        let person = &self.people[agent as usize];
        let mut numbers = Keyed::new(self.keys.absence, u64::from(agent), u64::from(person.absences) << 1 | 1);
        let choice = uniform(&mut numbers);
        let kinds = &self.plan.absences.kinds;
        let at = kinds.partition_point(|(share, _)| *share <= choice).min(kinds.len() - 1);
        let length_s = kinds[at].1;
        let next_from_s = person.absence_at_s + length_s;
        self.step_away(agent, Status::Stepped, Reason::Comfort, length_s);
        self.plan_absence(agent, next_from_s);
    }

    /// The number of agents without names changes.
    pub(super) fn heads_planned(&mut self, group: u32, count: u32) {
        let heads = &mut self.heads[group as usize];
        let before = std::mem::replace(&mut heads.target, count);
        let stay = count.saturating_sub(before).min(heads.surplus);
        heads.surplus -= stay;
        for _ in before + stay..count {
            if let Some(agent) = self.heads[group as usize].out.pop() {
                self.take_phones(agent, group, false);
            }
        }
        for _ in count..before {
            self.heads[group as usize].surplus += 1;
            let mut unnamed = self.plan.groups[group as usize].unnamed.clone();
            if let Some(agent) = unnamed.find(|agent| self.people[*agent as usize].status == Status::Idle) {
                self.one_too_many(agent);
            }
        }
    }

    /// Sends an agent without a name home when her group has too many.
    fn one_too_many(&mut self, agent: u32) -> bool {
        let group = self.people[agent as usize].group;
        if self.heads[group as usize].surplus == 0 || (agent as usize) < self.plan.named {
            return false;
        }
        self.heads[group as usize].surplus -= 1;
        self.heads[group as usize].out.push(agent);
        self.log_out(agent);
        true
    }

    /// Closes the books of everybody who is still there at the end.
    pub(super) fn close_all(&mut self) {
        for agent in 0..self.people.len() as u32 {
            self.close_staffed(agent);
        }
    }
}
