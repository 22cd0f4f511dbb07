//! Rosters: one message per agent, each saying which roster and period it belongs to.

use fika_model::calendar::DayMap;
use fika_model::fault::{FaultCode, Faults};
use fika_model::roster::{Activity, ActivityKind, AgentRoster, Roster, RosterSummary, Shift};

use super::reading::{At, Reading, paired};
use super::request::{period_message, reference, reference_message};
use super::summary;
use crate::proto::fika::v1;

paired! { category_message, category_model: ActivityKind = v1::ActivityCategory {
    OnQueue = OnQueue, RestBreak = RestBreak, Meal = Meal, Huddle = Huddle, Training = Training, Coaching = Coaching, Meeting = Meeting,
    BackOffice = BackOffice, TimeOff = TimeOff,
} }

/// Reads a roster as files and the API give it, with its summary where there is one. Whether it keeps any rule is not asked here.
pub fn parse_roster(message: &v1::Roster) -> Result<(Roster, Option<RosterSummary>), Faults> {
    let mut r = Reading::default();
    let at = At::WHOLE;
    let roster = agents(&mut r, &at.field("agents"), &message.agents);
    let summary = message.summary.as_ref().map(|p| {
        let at = at.field("summary");
        if p.roster_id != roster.id.as_str() || p.generation != roster.generation {
            r.fault(FaultCode::Contradiction, &at, format_args!("it is of roster {:?}, generation {}", p.roster_id, p.generation));
        }
        summary::read(&mut r, &at, p).1
    });
    r.end((roster, summary))
}

/// Puts a roster together from the messages of its agents, in any order.
pub fn parse_agent_rosters(messages: &[v1::AgentRoster]) -> Result<Roster, Faults> {
    let mut r = Reading::default();
    let roster = agents(&mut r, &At::WHOLE, messages);
    r.end(roster)
}

fn agents(r: &mut Reading, at: &At<'_>, messages: &[v1::AgentRoster]) -> Roster {
    let none = v1::AgentRoster::default();
    let first = messages.first().unwrap_or_else(|| {
        r.fault(FaultCode::Missing, at, "there are none");
        &none
    });
    let first_at = at.item(0);
    let days = r.days(&first_at.field("timeZone"), &first.time_zone, &first_at.field("period"), first.period.as_ref());
    let mut rosters = r.each(at, messages, |r, at, p| {
        let same = same_roster(p, first);
        if let Some(field) = same {
            r.fault(FaultCode::Contradiction, &at.field(field), "it is not that of the first agent's roster");
        }
        agent(r, at, p, &days)
    });
    rosters.sort_by(|a, b| a.agent.cmp(&b.agent));
    if let Some(twice) = rosters.windows(2).find(|pair| pair[0].agent == pair[1].agent) {
        r.fault(FaultCode::Duplicate, at, format_args!("agent {:?} is there twice", twice[0].agent.as_str()));
    }
    Roster {
        id: r.id(&first_at.field("rosterId"), &first.roster_id),
        request: r.id(&first_at.field("requestId"), &first.request_id),
        generation: first.generation,
        parent: first.replaces.as_ref().map(|p| reference(r, &first_at.field("replaces"), p)),
        days,
        agents: rosters,
    }
}

/// The first field in which two agents' messages name different rosters.
fn same_roster(a: &v1::AgentRoster, b: &v1::AgentRoster) -> Option<&'static str> {
    let fields = [
        ("rosterId", a.roster_id == b.roster_id),
        ("requestId", a.request_id == b.request_id),
        ("generation", a.generation == b.generation),
        ("replaces", a.replaces == b.replaces),
        ("timeZone", a.time_zone == b.time_zone),
        ("period", a.period == b.period),
    ];
    fields.into_iter().find(|(_, same)| !same).map(|(field, _)| field)
}

fn agent(r: &mut Reading, at: &At<'_>, p: &v1::AgentRoster, days: &DayMap) -> AgentRoster {
    AgentRoster {
        agent: r.id(&at.field("agentId"), &p.agent_id),
        team: r.id(&at.field("teamId"), &p.team_id),
        shifts: r.each(&at.field("shifts"), &p.shifts, |r, at, p| shift(r, at, p, days)),
    }
}

fn shift(r: &mut Reading, at: &At<'_>, p: &v1::Shift, days: &DayMap) -> Shift {
    if p.id.is_empty() {
        r.fault(FaultCode::Missing, &at.field("id"), "the shift has no id");
    }
    Shift {
        id: p.id.clone(),
        template: r.id_if_any(&at.field("templateId"), &p.template_id),
        span: r.span(at, days, p.start, p.length_minutes),
        activities: r.each(&at.field("activities"), &p.activities, |r, at, p| activity(r, at, p, days)),
    }
}

fn activity(r: &mut Reading, at: &At<'_>, p: &v1::Activity, days: &DayMap) -> Activity {
    Activity {
        code: p.code.clone(),
        kind: r.choice(&at.field("category"), p.category, category_model, ActivityKind::OnQueue),
        span: r.span(at, days, p.start, p.length_minutes),
        paid: p.paid,
        queues: r.ids(&at.field("queueIds"), &p.queue_ids),
        companions: r.ids(&at.field("companionIds"), &p.companion_ids),
        choice: p.choice.as_ref().map(|choice| r.span(&at.field("choice"), days, choice.start, choice.length_minutes)),
        asked: r.id_if_any(&at.field("activityId"), &p.activity_id),
        with: r.ids(&at.field("participantIds"), &p.participant_ids),
    }
}

/// Writes a roster as files and the API give it.
pub fn roster_message(roster: &Roster, summary: Option<&RosterSummary>) -> v1::Roster {
    v1::Roster { agents: agent_messages(roster), summary: summary.map(|s| summary::summary_message(s, &roster.days)) }
}

/// Writes a roster as the bus carries it: one message per agent, in the order of the roster's agents.
pub fn agent_messages(roster: &Roster) -> Vec<v1::AgentRoster> {
    let message = |agent: &AgentRoster| v1::AgentRoster {
        roster_id: roster.id.to_string(),
        request_id: roster.request.to_string(),
        generation: roster.generation,
        replaces: roster.parent.as_ref().map(reference_message),
        agent_id: agent.agent.to_string(),
        team_id: agent.team.to_string(),
        time_zone: roster.days.zone_name().to_owned(),
        period: Some(period_message(&roster.days)),
        shifts: agent.shifts.iter().map(|shift| shift_message(shift, &roster.days)).collect(),
    };
    roster.agents.iter().map(message).collect()
}

fn shift_message(shift: &Shift, days: &DayMap) -> v1::Shift {
    v1::Shift {
        id: shift.id.clone(),
        start: Some(days.timestamp(shift.span.start()).into()),
        length_minutes: shift.span.length().get() as i32,
        template_id: shift.template.as_ref().map(ToString::to_string).unwrap_or_default(),
        activities: shift.activities.iter().map(|activity| activity_message(activity, days)).collect(),
    }
}

fn activity_message(activity: &Activity, days: &DayMap) -> v1::Activity {
    v1::Activity {
        code: activity.code.clone(),
        category: category_message(activity.kind),
        start: Some(days.timestamp(activity.span.start()).into()),
        length_minutes: activity.span.length().get() as i32,
        paid: activity.paid,
        queue_ids: activity.queues.iter().map(ToString::to_string).collect(),
        companion_ids: activity.companions.iter().map(ToString::to_string).collect(),
        choice: activity
            .choice
            .map(|span| v1::ChoiceWindow { start: Some(days.timestamp(span.start()).into()), length_minutes: span.length().get() as i32 }),
        activity_id: activity.asked.as_ref().map(ToString::to_string).unwrap_or_default(),
        participant_ids: activity.with.iter().map(ToString::to_string).collect(),
    }
}
