//! A request for a roster, and the check that makes one of its parts.
//!
//! [`RequestParts`] is what was read; [`Request::check`] looks at how the parts fit together and names every fault. Whatever takes a
//! [`Request`] may rely on: ids are unique and resolve, lengths lie on their grids, and no rule contradicts itself.

use std::collections::BTreeSet;
use std::ops::Deref;

use crate::agenda::{AskedActivity, BackOfficeWork, Circle, Coach};
use crate::calendar::{DayIndex, DayMap};
use crate::demand::{DemandSource, StaffingPolicy};
use crate::fairness::FairnessPolicy;
use crate::fault::Faults;
use crate::grid::Grid;
use crate::id::{ActivityId, AgentId, QueueId, RequestId, SiteId, SkillId};
use crate::people::{Agent, Contract, Team, WallWindow, Wish};
use crate::roster::Parent;
use crate::rules::{BreakRule, RestRules, ShiftTemplate, StretchRule, WellbeingPolicy};
use crate::units::{IntervalLength, Minutes, Span};

mod check;

/// A queue that the roster must serve.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// Its id.
    pub id: QueueId,
    /// What people call it; empty where not told.
    pub name: String,
    /// The skill that an agent needs for it.
    pub skill: SkillId,
    /// When callers are served; empty means always.
    pub hours: Vec<WallWindow>,
    /// Makes it a hard queue: nobody serves it for longer than this in the shift of a day.
    pub hard_minutes_per_day: Option<Minutes>,
}

impl Queue {
    /// The pieces of time in which callers are served, the one that the evening before the horizon sends into it first. A queue that is
    /// always open is open for two days beyond the horizon.
    pub fn hours_in(&self, days: &DayMap) -> Vec<Span> {
        let horizon = days.span();
        if self.hours.is_empty() {
            return vec![Span::between(horizon.start(), horizon.end().plus(Minutes::of(2880)))];
        }
        let first = DayIndex::new(0);
        let before = |w: &&WallWindow| w.weekdays.holds(days.weekday(first).previous()) && w.to_minute > 1440;
        let evening_before = self.hours.iter().filter(before).map(|w| {
            let from = w.from_minute.saturating_sub(1440);
            Span::between(days.minute_at_wall(first, from), days.minute_at_wall(first, w.to_minute - 1440))
        });
        let within = days.days().flat_map(|day| self.hours.iter().filter_map(move |w| w.on(days, day)));
        evening_before.chain(within).filter(|span| span.overlap(horizon) > Minutes::ZERO).collect()
    }

    /// Whether its minutes are limited and shared.
    pub const fn is_hard(&self) -> bool {
        self.hard_minutes_per_day.is_some()
    }
}

/// How long the search may take. Whichever comes first ends it; with neither, 20 seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// Steps of the search: the same steps give the same roster.
    pub steps: Option<u64>,
    /// Seconds of wall clock.
    pub seconds: Option<u32>,
}

/// Everything that a request says, before it is known to fit together.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestParts {
    /// Its id.
    pub id: RequestId,
    /// The site.
    pub site: SiteId,
    /// The local days to be planned.
    pub days: DayMap,
    /// The planning interval.
    pub interval: IntervalLength,
    /// Breaks begin and end on multiples of this, counted from the start of the horizon.
    pub break_step: Minutes,
    /// The queues.
    pub queues: Vec<Queue>,
    /// The skills that queues ask for and agents have.
    pub skills: Vec<SkillId>,
    /// The teams.
    pub teams: Vec<Team>,
    /// The contracts.
    pub contracts: Vec<Contract>,
    /// The agents.
    pub agents: Vec<Agent>,
    /// The shift templates.
    pub templates: Vec<ShiftTemplate>,
    /// The breaks by rule.
    pub breaks: Vec<BreakRule>,
    /// Limits of stretches by law, beside those of the wellbeing policy.
    pub stretches: Vec<StretchRule>,
    /// What agents are promised beyond breaks by rule.
    pub wellbeing: WellbeingPolicy,
    /// What is shared between agents over time.
    pub fairness: FairnessPolicy,
    /// Rest between shifts and days.
    pub rest: RestRules,
    /// Where the demand comes from.
    pub demand: DemandSource,
    /// How demand becomes people.
    pub staffing: StaffingPolicy,
    /// How long the search may take.
    pub budget: Budget,
    /// The seed of every random choice.
    pub seed: u64,
    /// The roster that the new one takes the place of.
    pub parent: Option<Parent>,
    /// Training, coaching, meetings and huddles.
    pub activities: Vec<AskedActivity>,
    /// Work without calls with a demand of its own.
    pub back_office: Vec<BackOfficeWork>,
}

impl RequestParts {
    /// Leaves some agents, and of wishes and activities what names no others. A meeting that loses some of those invited asks for no more than
    /// are left; an activity without anybody, or whose coach is gone, is none.
    pub fn retain_agents(&mut self, keep: impl Fn(&Agent) -> bool) {
        self.agents.retain(keep);
        let left: BTreeSet<AgentId> = self.agents.iter().map(|agent| agent.id.clone()).collect();
        for agent in &mut self.agents {
            agent.wishes.retain(|wish| !matches!(wish, Wish::Colleague(other) if !left.contains(other)));
        }
        self.activities.retain_mut(|asked| match &mut asked.circle {
            Circle::Training { agents, .. } => {
                agents.retain(|id| left.contains(id));
                !agents.is_empty()
            }
            Circle::Coaching { coach, coached } => {
                coached.retain(|id| left.contains(id));
                !coached.is_empty() && !matches!(coach, Coach::Agent(id) if !left.contains(id))
            }
            Circle::Meeting { invited, quorum } => {
                invited.retain(|id| left.contains(id));
                *quorum = (*quorum).min(invited.len() as u32);
                invited.len() > 1
            }
            Circle::Huddle { .. } => true,
        });
    }
}

/// A request whose parts fit together.
#[derive(Debug, Clone, PartialEq)]
pub struct Request(RequestParts);

impl Request {
    /// Checks how the parts fit together; the error names every fault with its place in the message (lowerCamelCase paths).
    pub fn check(parts: RequestParts) -> Result<Self, Faults> {
        let faults = check::faults(&parts);
        faults.or(Some(Self(parts)))
    }

    /// The grid of the horizon's planning intervals.
    pub fn grid(&self) -> Grid {
        let minutes = self.days.span().length().get();
        Grid::new(self.days.start(), self.interval, minutes / self.interval.minutes())
    }

    /// The same for fewer people: without these agents and what names them, and with activities that need not be held. The error names what
    /// does not fit then, such as that nobody is left.
    pub fn without(&self, agents: &[AgentId], waived: &[ActivityId]) -> Result<Self, Faults> {
        let mut parts = self.0.clone();
        parts.retain_agents(|agent| !agents.contains(&agent.id));
        for asked in parts.activities.iter_mut().filter(|asked| waived.contains(&asked.id)) {
            asked.must = false;
        }
        Self::check(parts)
    }

    /// Whether it says who serves which queue when: minutes on one queue are limited, or a queue is hard.
    pub fn limits_queues(&self) -> bool {
        self.wellbeing.most_on_one_queue.is_some() || self.queues.iter().any(Queue::is_hard)
    }

    /// The agents that have a queue's skill, as positions in `agents`.
    pub fn agents_of(&self, queue: &Queue) -> Vec<usize> {
        let has = |agent: &Agent| agent.skills.iter().any(|s| s.skill == queue.skill);
        self.agents.iter().enumerate().filter(|(_, agent)| has(agent)).map(|(n, _)| n).collect()
    }
}

impl Deref for Request {
    type Target = RequestParts;

    fn deref(&self) -> &RequestParts {
        &self.0
    }
}
