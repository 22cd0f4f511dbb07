//! What a real centre asks for beside calls: weekly huddles, training, coaching, a meeting of the team leads, mail.

use std::collections::BTreeMap;

use fika_model::agenda::{AskedActivity, BackOfficeWork, Circle, Coach, LEAST_BLOCK};
use fika_model::people::{AgentSkill, WallWindow, Weekdays};
use fika_model::{ActivityId, AgentId, Curve, Faults, Fraction, Minutes, Request, SkillId, Weekday};

/// One agent of so many is trained, and one of so many does mail.
const TRAINED: usize = 10;
const MAIL: usize = 4;
/// One person at mail for so many agents.
const AGENTS_A_MAIL: usize = 40;

/// The same request with activities and work beside calls: a huddle of each team each week, two hours of training for one agent of ten, half an
/// hour of coaching for one of each team by its lead, a weekly meeting of the leads, and mail by day on weekdays. The calls stay what they are.
///
/// # Errors
/// The faults of a request that cannot have them, such as one of two agents.
#[expect(clippy::missing_panics_doc, reason = "the ids are short")]
pub fn with_activities(request: &Request) -> Result<Request, Faults> {
    let mut parts = (**request).clone();
    let (lead, mail) = (skill("lead"), skill("mail"));
    let mut teams: BTreeMap<_, Vec<AgentId>> = BTreeMap::new();
    for agent in &parts.agents {
        teams.entry(agent.team.clone()).or_default().push(agent.id.clone());
    }
    let leads: Vec<AgentId> = teams.values().filter_map(|members| members.first().cloned()).collect();
    for (n, agent) in parts.agents.iter_mut().enumerate() {
        let own = |skill: &SkillId| AgentSkill { skill: skill.clone(), proficiency: 1.0, priority: 1 };
        agent.skills.extend(leads.contains(&agent.id).then(|| own(&lead)));
        agent.skills.extend(n.is_multiple_of(MAIL).then(|| own(&mail)));
    }
    let trained = parts.agents.iter().skip(1).step_by(TRAINED).map(|agent| agent.id.clone()).collect();
    let coached = teams.values().filter_map(|members| members.get(2).cloned()).collect();
    let share = Fraction::percent(75);
    parts.activities = vec![
        asked("huddle", 20, true, Circle::Huddle { teams: Vec::new(), least_share: share, halves: false }),
        asked("training", 120, false, Circle::Training { agents: trained, smallest_piece: Some(Minutes::of(60)) }),
        asked("coaching", 30, false, Circle::Coaching { coach: Coach::Skill(lead.clone()), coached }),
    ];
    if leads.len() > 1 {
        let quorum = (leads.len() as u32 * 3).div_ceil(5).max(2);
        parts.activities.push(asked("leads", 45, true, Circle::Meeting { invited: leads, quorum }));
    }
    let people = (parts.agents.len() as f64 / AGENTS_A_MAIL as f64).ceil();
    let by_day = |at: fika_model::IntervalIndex| {
        let (date, minute) = parts.days.wall_at(request.grid().span(at).start());
        let weekday = !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        if weekday && (9 * 60..17 * 60).contains(&minute) { people } else { 0.0 }
    };
    let required = Curve::from_fn(request.grid(), by_day);
    let id = ActivityId::new("mail").expect("a short id");
    parts.back_office = vec![BackOfficeWork { id, name: String::new(), skill: mail.clone(), least_block: LEAST_BLOCK, required }];
    parts.skills.extend([lead, mail]);
    Request::check(parts)
}

fn skill(id: &str) -> SkillId {
    SkillId::new(id).expect("a short id")
}

/// An activity on weekdays from nine to five.
fn asked(id: &str, length: u16, each_week: bool, circle: Circle) -> AskedActivity {
    let weekdays = Weekdays::of(Weekdays::ALL.iter().filter(|day| !matches!(day, Weekday::Saturday | Weekday::Sunday)));
    let windows = vec![WallWindow { weekdays, from_minute: 9 * 60, to_minute: 17 * 60 }];
    let id = ActivityId::new(id).expect("a short id");
    AskedActivity { each_week, windows, ..AskedActivity::new(id, Minutes::of(length), circle) }
}
