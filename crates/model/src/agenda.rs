//! What a request asks of people beside calls: training, coaching, meetings, huddles, and back-office work with a demand of its own.
//!
//! Such an activity lies in a shift over time that would be spent on the phones: it is paid work, so breaks and stretches are what they
//! are without it, and nobody in one is counted on the phones. An [`Occasion`] is one thing to be placed. Absent on purpose: when it is held;
//! that is the roster's.

use crate::calendar::{Date, DayIndex, DayMap};
use crate::grid::Curve;
use crate::id::{ActivityId, AgentId, SkillId, TeamId};
use crate::people::{Agent, WallWindow};
use crate::request::RequestParts;
use crate::roster::ActivityKind;
use crate::units::{Fraction, Minutes, Span};

/// Blocks of back-office work are never shorter.
pub const LEAST_BLOCK: Minutes = Minutes::of(30);

/// An activity that people are asked to take part in.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedActivity {
    /// Its id.
    pub id: ActivityId,
    /// What people call it; empty where not told.
    pub name: String,
    /// Who takes part, and with whom.
    pub circle: Circle,
    /// How long, for each who takes part.
    pub length: Minutes,
    /// Once in each whole week of the horizon (seven days from its first day), not once in all.
    pub each_week: bool,
    /// The first and the last local day on which it may lie; `None`: any of the horizon.
    pub dates: Option<(Date, Date)>,
    /// When it may lie; empty means always. One of them holds all of it.
    pub windows: Vec<WallWindow>,
    /// Whether there is no roster without it. Else it is named where it found no place.
    pub must: bool,
}

/// Who takes part in an activity.
#[derive(Debug, Clone, PartialEq)]
pub enum Circle {
    /// Each agent alone.
    Training {
        /// Who is trained.
        agents: Vec<AgentId>,
        /// The least length of a piece where it may be taken in pieces that add up to its length.
        smallest_piece: Option<Minutes>,
    },
    /// Two at once.
    Coaching {
        /// Who coaches.
        coach: Coach,
        /// Who is coached, each once.
        coached: Vec<AgentId>,
    },
    /// As many of those invited as are on shift and free then, all at one time.
    Meeting {
        /// Who is invited.
        invited: Vec<AgentId>,
        /// The fewest who make it a meeting.
        quorum: u32,
    },
    /// A team away together.
    Huddle {
        /// The teams, each for itself; empty means every team.
        teams: Vec<TeamId>,
        /// The least share of those who have a shift in that time, rounded up to people.
        least_share: Fraction,
        /// Whether it is held twice, each time with a part of the team of at least a third of those who meet, for a team that covers all hours.
        /// Else nobody of the team who is on shift then stays on the phones.
        halves: bool,
    },
}

/// Who may coach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coach {
    /// This agent.
    Agent(AgentId),
    /// Anybody of the same team with this skill who is not herself to be coached.
    Skill(SkillId),
}

/// Work without calls that has a demand over the day of its own, done in blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct BackOfficeWork {
    /// Its id.
    pub id: ActivityId,
    /// What people call it; empty where not told.
    pub name: String,
    /// The skill that an agent needs for it.
    pub skill: SkillId,
    /// The least length of a block, at least [`LEAST_BLOCK`].
    pub least_block: Minutes,
    /// People needed at it, by planning interval; rounded up.
    pub required: Curve<f64>,
}

impl BackOfficeWork {
    /// Whole people needed at it, by planning interval.
    pub fn people(&self) -> Curve<u32> {
        // A float a hair above a whole number is that number.
        Curve::from_fn(self.required.grid(), |at| self.required.at(at).map_or(0, |people| (people - 1e-9).ceil().max(0.0) as u32))
    }
}

/// For whom something is to be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party<'a> {
    /// For one agent: who is trained or coached.
    Agent(&'a AgentId),
    /// For everybody invited.
    Invited,
    /// For a team.
    Team(&'a TeamId),
}

/// One thing to be placed: an activity for one party, in one week or in all of its dates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Occasion<'a> {
    /// The activity.
    pub activity: &'a AskedActivity,
    /// For whom.
    pub party: Party<'a>,
    /// The time that must hold all of it: whole days.
    pub span: Span,
}

impl AskedActivity {
    /// One that is held once, at any time of the horizon, where there is room for it.
    pub const fn new(id: ActivityId, length: Minutes, circle: Circle) -> Self {
        Self { id, name: String::new(), circle, length, each_week: false, dates: None, windows: Vec::new(), must: false }
    }

    /// What it is called in a roster.
    pub const fn kind(&self) -> ActivityKind {
        match self.circle {
            Circle::Training { .. } => ActivityKind::Training,
            Circle::Coaching { .. } => ActivityKind::Coaching,
            Circle::Meeting { .. } => ActivityKind::Meeting,
            Circle::Huddle { .. } => ActivityKind::Huddle,
        }
    }

    /// The least length of one piece.
    pub fn least_piece(&self) -> Minutes {
        match self.circle {
            Circle::Training { smallest_piece: Some(piece), .. } => piece,
            _ => self.length,
        }
    }

    /// Whether an agent may take part.
    pub fn is_for(&self, agent: &Agent) -> bool {
        match &self.circle {
            Circle::Training { agents, .. } => agents.contains(&agent.id),
            Circle::Coaching { coach, coached } => coached.contains(&agent.id) || coach.may_be(agent),
            Circle::Meeting { invited, .. } => invited.contains(&agent.id),
            Circle::Huddle { teams, .. } => teams.is_empty() || teams.contains(&agent.team),
        }
    }

    /// The days it may lie on, as pieces of the horizon: each whole week, or all of them; empty where its dates leave none.
    fn times(&self, days: &DayMap) -> Vec<Span> {
        let all: Vec<DayIndex> = days.days().collect();
        let weeks: Vec<&[DayIndex]> = if self.each_week { all.chunks_exact(7).collect() } else { vec![&all] };
        let named = |day: &&DayIndex| self.dates.is_none_or(|(from, to)| (from..=to).contains(&days.date(**day)));
        let time = |week: &[DayIndex]| {
            let (first, last) = (week.iter().find(named)?, week.iter().rfind(named)?);
            Some(Span::between(days.day_span(*first).start(), days.day_span(*last).end()))
        };
        weeks.into_iter().filter_map(time).collect()
    }

    /// The pieces of a time in which it may lie: its windows of each day, cut to the time.
    pub fn windows_in(&self, days: &DayMap, span: Span) -> Vec<Span> {
        if self.windows.is_empty() {
            return vec![span];
        }
        let on = |window: &WallWindow| days.days().filter_map(|day| window.on(days, day)).collect::<Vec<_>>();
        let mut pieces: Vec<Span> = self.windows.iter().flat_map(on).filter_map(|piece| common(piece, span)).collect();
        pieces.sort_unstable();
        pieces.dedup();
        pieces
    }
}

/// What two pieces of time share.
fn common(a: Span, b: Span) -> Option<Span> {
    let (start, end) = (a.start().max(b.start()), a.end().min(b.end()));
    (start < end).then(|| Span::between(start, end))
}

impl Coach {
    /// Whether an agent may coach somebody of her team, or anybody where it is she who is named.
    pub fn may_be(&self, agent: &Agent) -> bool {
        match self {
            Self::Agent(named) => named == &agent.id,
            Self::Skill(skill) => agent.skills.iter().any(|own| &own.skill == skill),
        }
    }
}

impl RequestParts {
    /// Everything that is to be placed, in the order of the activities, then of those it is for, then of time.
    pub fn occasions(&self) -> Vec<Occasion<'_>> {
        let mut found = Vec::new();
        for activity in &self.activities {
            let parties: Vec<Party<'_>> = match &activity.circle {
                Circle::Training { agents, .. } | Circle::Coaching { coached: agents, .. } => agents.iter().map(Party::Agent).collect(),
                Circle::Meeting { .. } => vec![Party::Invited],
                Circle::Huddle { teams, .. } if teams.is_empty() => self.teams.iter().map(|team| Party::Team(&team.id)).collect(),
                Circle::Huddle { teams, .. } => teams.iter().map(Party::Team).collect(),
            };
            let times = activity.times(&self.days);
            found.extend(parties.into_iter().flat_map(|party| times.iter().map(move |span| Occasion { activity, party, span: *span })));
        }
        found
    }

    /// Whether anything is asked for beside calls.
    pub fn asks_beside_calls(&self) -> bool {
        !self.activities.is_empty() || !self.back_office.is_empty()
    }
}
