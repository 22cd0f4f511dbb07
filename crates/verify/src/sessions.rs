//! Who does what together beside calls: pieces of shifts that name the same activity, the same time and each other.
//!
//! Only looks up and counts; the rules judge. What was held of each occasion is counted here once, for the rules and for summaries alike.

use std::collections::{BTreeMap, BTreeSet};

use fika_model::agenda::{AskedActivity, BackOfficeWork, Circle, Occasion, Party};
use fika_model::roster::ActivityOutcome;
use fika_model::{Activity, ActivityId, ActivityKind, AgentId, Minutes, Span, TeamId};

use crate::book::{Book, Person};

/// Something that a request asks for beside calls.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Item<'a> {
    Activity(&'a AskedActivity),
    Work(&'a BackOfficeWork),
}

impl Item<'_> {
    /// Whether it is what a piece of a person's shift says it is, and for her.
    pub(crate) fn is_given_to(self, person: &Person<'_>, kind: ActivityKind) -> bool {
        match self {
            Self::Activity(asked) => asked.kind() == kind && asked.is_for(person.agent),
            Self::Work(work) => kind == ActivityKind::BackOffice && person.agent.skills.iter().any(|own| own.skill == work.skill),
        }
    }
}

/// People who take part in the same activity at the same time and name each other.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    pub(crate) asked: &'a ActivityId,
    pub(crate) span: Span,
    /// Who is named, in the order of the ids.
    pub(crate) named: Vec<&'a AgentId>,
    /// Who of them is there.
    pub(crate) there: BTreeSet<&'a AgentId>,
}

/// All of it, looked up.
#[derive(Debug)]
pub(crate) struct Sessions<'a> {
    items: BTreeMap<&'a ActivityId, Item<'a>>,
    /// In the order of activities, time and people.
    all: Vec<Session<'a>>,
    team_of: BTreeMap<&'a AgentId, &'a TeamId>,
}

/// Whether a piece of a shift is held for something that was asked for, by its own word.
pub(crate) const fn is_held(activity: &Activity) -> bool {
    !matches!(activity.kind, ActivityKind::OnQueue | ActivityKind::RestBreak | ActivityKind::Meal)
}

/// Who takes part in a piece of a person's shift, by its own word: she and those it names, in the order of the ids.
pub(crate) fn named<'a>(person: &Person<'a>, activity: &'a Activity) -> Vec<&'a AgentId> {
    let mut named: Vec<&AgentId> = activity.with.iter().chain([person.id()]).collect();
    named.sort_unstable();
    named
}

impl<'a> Sessions<'a> {
    pub(crate) fn new(book: &Book<'a>) -> Self {
        let activities = book.request.activities.iter().map(|asked| (&asked.id, Item::Activity(asked)));
        let items = activities.chain(book.request.back_office.iter().map(|work| (&work.id, Item::Work(work)))).collect();
        let mut found: BTreeMap<(&ActivityId, Span, Vec<&AgentId>), BTreeSet<&AgentId>> = BTreeMap::new();
        for (person, _, activity) in book.activities().filter(|(.., activity)| is_held(activity)) {
            if let Some(asked) = &activity.asked {
                found.entry((asked, activity.span, named(person, activity))).or_default().insert(person.id());
            }
        }
        let all = found.into_iter().map(|((asked, span, named), there)| Session { asked, span, named, there }).collect();
        Self { items, all, team_of: book.people.iter().map(|person| (person.id(), &person.agent.team)).collect() }
    }

    /// What an activity of a roster is held for.
    pub(crate) fn item(&self, asked: Option<&ActivityId>) -> Option<Item<'a>> {
        self.items.get(asked?).copied()
    }

    /// The sessions of an activity.
    pub(crate) fn of(&self, asked: &ActivityId) -> &[Session<'a>] {
        let from = self.all.partition_point(|session| session.asked < asked);
        let to = self.all.partition_point(|session| session.asked <= asked);
        &self.all[from..to]
    }

    /// The session of a piece of a person's shift.
    pub(crate) fn session(&self, person: &Person<'a>, activity: &'a Activity) -> Option<&Session<'a>> {
        let named = named(person, activity);
        let own = self.of(activity.asked.as_ref()?);
        let from = own.partition_point(|session| session.span < activity.span);
        own[from..].iter().take_while(|session| session.span == activity.span).find(|session| session.named == named)
    }

    /// The team of a person of the roster.
    pub(crate) fn team_of(&self, agent: &AgentId) -> Option<&'a TeamId> {
        self.team_of.get(agent).copied()
    }

    /// The sessions that an occasion has.
    pub(crate) fn held(&self, occasion: &Occasion<'_>) -> Vec<&Session<'a>> {
        let is_own = |session: &&Session<'a>| match occasion.party {
            Party::Agent(agent) => session.there.contains(agent),
            Party::Invited => true,
            Party::Team(team) => session.there.iter().any(|agent| self.team_of(agent) == Some(team)),
        };
        let within = |session: &&Session<'a>| occasion.span.holds(session.span.start());
        self.of(&occasion.activity.id).iter().filter(within).filter(is_own).collect()
    }
}

/// Members of a team who have a shift that begins in a piece of time.
pub(crate) fn working<'b, 'a>(book: &'b Book<'a>, team: &'b TeamId, span: Span) -> impl Iterator<Item = &'b Person<'a>> {
    let works = move |person: &&Person<'_>| person.roster.shifts.iter().any(|shift| span.holds(shift.span.start()));
    book.members(team).filter(works)
}

/// The fewest people who make an occasion what it is. A huddle of a team of which fewer than two work is asked of nobody: `None`.
pub(crate) fn fewest(book: &Book<'_>, occasion: &Occasion<'_>) -> Option<u32> {
    match (&occasion.activity.circle, occasion.party) {
        (Circle::Training { .. }, _) => Some(1),
        (Circle::Coaching { .. }, _) => Some(2),
        (Circle::Meeting { quorum, .. }, _) => Some(*quorum),
        (Circle::Huddle { least_share, .. }, Party::Team(team)) => {
            let working = working(book, team, occasion.span).count();
            // A float a hair above a whole number is that number.
            let share = (least_share.get() * working as f64 - 1e-9).ceil() as u32;
            (working > 1).then_some(share.max(2))
        }
        (Circle::Huddle { .. }, _) => None,
    }
}

/// What was held of an occasion; `None` where nothing was asked of anybody.
pub(crate) fn outcome(book: &Book<'_>, sessions: &Sessions<'_>, occasion: &Occasion<'_>) -> Option<ActivityOutcome> {
    let fewest = fewest(book, occasion)?;
    let own = sessions.held(occasion);
    let sum = |minutes: &mut dyn Iterator<Item = Minutes>| minutes.map(Minutes::get).sum::<u32>();
    let held = match occasion.activity.circle {
        Circle::Training { .. } => sum(&mut own.iter().map(|session| session.span.length())),
        _ => own.iter().map(|session| session.span.length().get()).max().unwrap_or_default(),
    };
    let attended = own.iter().map(|session| session.there.len() as u32);
    let people = match occasion.activity.circle {
        Circle::Huddle { halves: true, .. } => attended.sum(),
        _ => attended.max().unwrap_or_default(),
    };
    Some(ActivityOutcome {
        activity: occasion.activity.id.clone(),
        agent: if let Party::Agent(agent) = occasion.party { Some(agent.clone()) } else { None },
        team: if let Party::Team(team) = occasion.party { Some(team.clone()) } else { None },
        span: occasion.span,
        minutes: (occasion.activity.length.get(), held),
        people: (fewest, people),
        held: own.iter().map(|session| session.span).collect(),
        binding: String::new(),
        reason: String::new(),
    })
}
