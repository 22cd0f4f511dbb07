//! Activities beside calls, and work in the back office.

use fika_model::agenda::{AskedActivity, BackOfficeWork, Circle, Coach, LEAST_BLOCK};
use fika_model::calendar::{Date, DayIndex, DayMap};
use fika_model::fault::FaultCode;
use fika_model::{ActivityKind, Fraction};

use super::demand::{self, Frame};
use super::people;
use super::reading::{At, Reading};
use crate::proto::fika::v1;

fn kind_model(kind: v1::other_activity::Kind) -> Option<ActivityKind> {
    use v1::other_activity::Kind;
    match kind {
        Kind::Unspecified => None,
        Kind::Training => Some(ActivityKind::Training),
        Kind::Coaching => Some(ActivityKind::Coaching),
        Kind::Meeting => Some(ActivityKind::Meeting),
        Kind::Huddle => Some(ActivityKind::Huddle),
    }
}

fn kind_message(circle: &Circle) -> i32 {
    use v1::other_activity::Kind;
    let kind = match circle {
        Circle::Training { .. } => Kind::Training,
        Circle::Coaching { .. } => Kind::Coaching,
        Circle::Meeting { .. } => Kind::Meeting,
        Circle::Huddle { .. } => Kind::Huddle,
    };
    kind as i32
}

pub(super) fn activity(r: &mut Reading, at: &At<'_>, p: &v1::OtherActivity, days: &DayMap) -> AskedActivity {
    let kind = r.choice(&at.field("kind"), p.kind, kind_model, ActivityKind::Training);
    foreign_fields(r, at, p, kind);
    let agents = r.ids(&at.field("agentIds"), &p.agent_ids);
    let circle = match kind {
        ActivityKind::Coaching => Circle::Coaching { coach: coach(r, at, p), coached: agents },
        ActivityKind::Meeting => {
            Circle::Meeting { quorum: p.quorum.map_or(agents.len() as u32, |quorum| r.count(&at.field("quorum"), quorum)), invited: agents }
        }
        ActivityKind::Huddle => Circle::Huddle {
            teams: r.ids(&at.field("teamIds"), &p.team_ids),
            least_share: r.fraction_or(&at.field("leastShare"), p.least_share, Fraction::ONE),
            halves: p.in_halves,
        },
        _ => Circle::Training {
            agents,
            smallest_piece: p.smallest_piece_minutes.map(|piece| r.minutes(&at.field("smallestPieceMinutes"), piece)),
        },
    };
    AskedActivity {
        id: r.id(&at.field("id"), &p.id),
        name: p.name.clone(),
        circle,
        length: r.minutes(&at.field("lengthMinutes"), p.length_minutes),
        each_week: p.each_week,
        dates: dates(r, at, p, days),
        windows: r.each(&at.field("windows"), &p.windows, people::window),
        must: p.must,
    }
}

/// Fields that say nothing of an activity of this kind.
fn foreign_fields(r: &mut Reading, at: &At<'_>, p: &v1::OtherActivity, kind: ActivityKind) {
    use ActivityKind::{Coaching, Huddle, Meeting, Training};
    let fields = [
        ("smallestPieceMinutes", p.smallest_piece_minutes.is_some(), Training),
        ("coachId", !p.coach_id.is_empty(), Coaching),
        ("coachSkillId", !p.coach_skill_id.is_empty(), Coaching),
        ("quorum", p.quorum.is_some(), Meeting),
        ("teamIds", !p.team_ids.is_empty(), Huddle),
        ("leastShare", p.least_share.is_some(), Huddle),
        ("inHalves", p.in_halves, Huddle),
    ];
    for (field, given, of) in fields {
        if given && of != kind {
            r.fault(FaultCode::Contradiction, &at.field(field), format_args!("it is not for activities of kind {kind:?}"));
        }
    }
    if kind == Huddle && !p.agent_ids.is_empty() {
        r.fault(FaultCode::Contradiction, &at.field("agentIds"), "a huddle is of teams");
    }
}

fn coach(r: &mut Reading, at: &At<'_>, p: &v1::OtherActivity) -> Coach {
    match (p.coach_id.is_empty(), p.coach_skill_id.is_empty()) {
        (false, false) => r.fault(FaultCode::Contradiction, &at.field("coachSkillId"), "the coach is named too"),
        (true, true) => r.fault(FaultCode::Missing, &at.field("coachId"), "nobody coaches"),
        (true, false) => return Coach::Skill(r.id(&at.field("coachSkillId"), &p.coach_skill_id)),
        (false, true) => {}
    }
    Coach::Agent(r.id(&at.field("coachId"), if p.coach_id.is_empty() { "nobody" } else { &p.coach_id }))
}

fn dates(r: &mut Reading, at: &At<'_>, p: &v1::OtherActivity, days: &DayMap) -> Option<(Date, Date)> {
    if p.first_date.is_empty() && p.last_date.is_empty() {
        return None;
    }
    let mut date = |field: &'static str, text: &str, default: Date| if text.is_empty() { default } else { r.date(&at.field(field), text) };
    let first = date("firstDate", &p.first_date, days.first_date());
    Some((first, date("lastDate", &p.last_date, days.date(DayIndex::new(days.len() as u32 - 1)))))
}

pub(super) fn activity_message(activity: &AskedActivity) -> v1::OtherActivity {
    let names = |ids: &[fika_model::AgentId]| ids.iter().map(ToString::to_string).collect();
    let own = match &activity.circle {
        Circle::Training { agents, smallest_piece } => v1::OtherActivity {
            agent_ids: names(agents),
            smallest_piece_minutes: smallest_piece.map(|piece| piece.get() as i32),
            ..v1::OtherActivity::default()
        },
        Circle::Coaching { coach, coached } => {
            let (coach_id, coach_skill_id) = match coach {
                Coach::Agent(id) => (id.to_string(), String::new()),
                Coach::Skill(id) => (String::new(), id.to_string()),
            };
            v1::OtherActivity { agent_ids: names(coached), coach_id, coach_skill_id, ..v1::OtherActivity::default() }
        }
        Circle::Meeting { invited, quorum } => {
            v1::OtherActivity { agent_ids: names(invited), quorum: Some(*quorum as i32), ..v1::OtherActivity::default() }
        }
        Circle::Huddle { teams, least_share, halves } => v1::OtherActivity {
            team_ids: teams.iter().map(ToString::to_string).collect(),
            least_share: Some(least_share.get()),
            in_halves: *halves,
            ..v1::OtherActivity::default()
        },
    };
    v1::OtherActivity {
        id: activity.id.to_string(),
        name: activity.name.clone(),
        kind: kind_message(&activity.circle),
        length_minutes: activity.length.get() as i32,
        each_week: activity.each_week,
        first_date: activity.dates.map(|(first, _)| first.to_string()).unwrap_or_default(),
        last_date: activity.dates.map(|(_, last)| last.to_string()).unwrap_or_default(),
        windows: activity.windows.iter().map(people::window_message).collect(),
        must: activity.must,
        ..own
    }
}

pub(super) fn work(r: &mut Reading, at: &At<'_>, p: &v1::BackOfficeWork, frame: &Frame<'_>) -> BackOfficeWork {
    BackOfficeWork {
        id: r.id(&at.field("id"), &p.id),
        name: p.name.clone(),
        skill: r.id(&at.field("skillId"), &p.skill_id),
        least_block: r.minutes_or(&at.field("leastBlockMinutes"), p.least_block_minutes, LEAST_BLOCK),
        required: demand::people(r, &at.field("requiredPeople"), &p.required_people, frame),
    }
}

pub(super) fn work_message(work: &BackOfficeWork) -> v1::BackOfficeWork {
    v1::BackOfficeWork {
        id: work.id.to_string(),
        name: work.name.clone(),
        skill_id: work.skill.to_string(),
        least_block_minutes: Some(work.least_block.get() as i32),
        required_people: work.required.values().to_vec(),
    }
}
