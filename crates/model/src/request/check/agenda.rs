//! Activities beside calls: who they name, how long they are, where they may lie.

use std::collections::BTreeSet;

use super::windows;
use crate::agenda::{AskedActivity, BackOfficeWork, Circle, Coach, LEAST_BLOCK};
use crate::fault::{FaultCode, Faults};
use crate::id::AgentId;
use crate::request::RequestParts;
use crate::units::Minutes;

pub(super) fn faults(parts: &RequestParts, faults: &mut Faults) {
    for (n, activity) in parts.activities.iter().enumerate() {
        let at = format!("activities[{n}]");
        length(parts, activity, &at, faults);
        circle(parts, activity, &at, faults);
        time(parts, activity, &at, faults);
    }
    for (n, work) in parts.back_office.iter().enumerate() {
        back_office(parts, work, &format!("backOffice[{n}]"), faults);
    }
}

/// A length that a piece of work may have: on the step, and with no break in it.
fn piece(parts: &RequestParts, minutes: Minutes, at: &str, faults: &mut Faults) {
    let (length, step) = (minutes.get(), parts.break_step.get());
    if length == 0 || length > 1440 {
        faults.push(FaultCode::OutOfRange, at, format!("{length} minutes, outside 1 to 1440"));
    } else if step > 0 && !length.is_multiple_of(step) {
        faults.push(FaultCode::OffGrid, at, format!("{length} is no multiple of the break step of {step} minutes"));
    } else if minutes > parts.wellbeing.longest_stretch {
        let longest = parts.wellbeing.longest_stretch.get();
        faults.push(
            FaultCode::Contradiction,
            at,
            format!("{length} minutes in one piece, and no stretch of work is longer than {longest}"),
        );
    }
}

fn length(parts: &RequestParts, activity: &AskedActivity, at: &str, faults: &mut Faults) {
    let Circle::Training { smallest_piece: Some(smallest), .. } = activity.circle else {
        return piece(parts, activity.length, &format!("{at}.lengthMinutes"), faults);
    };
    piece(parts, smallest, &format!("{at}.smallestPieceMinutes"), faults);
    let (length, step) = (activity.length, parts.break_step.get());
    if step > 0 && !length.get().is_multiple_of(step) {
        let cause = format!("{} is no multiple of the break step of {step} minutes", length.get());
        faults.push(FaultCode::OffGrid, format!("{at}.lengthMinutes"), cause);
    }
    if smallest > length {
        let cause = format!("pieces of at least {} minutes of {}", smallest.get(), length.get());
        faults.push(FaultCode::Contradiction, format!("{at}.smallestPieceMinutes"), cause);
    }
}

fn circle(parts: &RequestParts, activity: &AskedActivity, at: &str, faults: &mut Faults) {
    match &activity.circle {
        Circle::Training { agents, .. } => people(parts, agents, 1, at, faults),
        Circle::Coaching { coach, coached } => {
            people(parts, coached, 1, at, faults);
            match coach {
                Coach::Agent(id) if !parts.agents.iter().any(|agent| &agent.id == id) => {
                    faults.push(FaultCode::UnknownReference, format!("{at}.coachId"), format!("no agent {:?}", id.as_str()));
                }
                Coach::Agent(id) if coached.contains(id) => {
                    faults.push(FaultCode::Contradiction, format!("{at}.coachId"), format!("agent {:?} would coach herself", id.as_str()));
                }
                Coach::Skill(id) if !parts.skills.contains(id) => {
                    faults.push(FaultCode::UnknownReference, format!("{at}.coachSkillId"), format!("no skill {:?}", id.as_str()));
                }
                Coach::Agent(_) | Coach::Skill(_) => {}
            }
        }
        Circle::Meeting { invited, quorum } => {
            people(parts, invited, 2, at, faults);
            if *quorum < 2 || *quorum as usize > invited.len().max(2) {
                let cause = format!("{quorum} of {} who are invited; two at least", invited.len());
                faults.push(FaultCode::OutOfRange, format!("{at}.quorum"), cause);
            }
        }
        Circle::Huddle { teams, least_share, .. } => {
            for (n, team) in teams.iter().enumerate() {
                let place = format!("{at}.teamIds[{n}]");
                if !parts.teams.iter().any(|known| &known.id == team) {
                    faults.push(FaultCode::UnknownReference, place, format!("no team {:?}", team.as_str()));
                } else if teams[..n].contains(team) {
                    faults.push(FaultCode::Duplicate, place, format!("{:?} is there twice", team.as_str()));
                }
            }
            if least_share.get() <= 0.0 {
                faults.push(FaultCode::OutOfRange, format!("{at}.leastShare"), "nobody need come");
            }
        }
    }
}

fn people(parts: &RequestParts, agents: &[AgentId], least: usize, at: &str, faults: &mut Faults) {
    if agents.len() < least {
        faults.push(FaultCode::Missing, format!("{at}.agentIds"), format!("{} agents, {least} at least", agents.len()));
    }
    let known: BTreeSet<&AgentId> = parts.agents.iter().map(|agent| &agent.id).collect();
    let mut seen = BTreeSet::new();
    for (n, agent) in agents.iter().enumerate() {
        let place = format!("{at}.agentIds[{n}]");
        if !known.contains(agent) {
            faults.push(FaultCode::UnknownReference, place, format!("no agent {:?}", agent.as_str()));
        } else if !seen.insert(agent) {
            faults.push(FaultCode::Duplicate, place, format!("{:?} is there twice", agent.as_str()));
        }
    }
}

fn time(parts: &RequestParts, activity: &AskedActivity, at: &str, faults: &mut Faults) {
    windows(&activity.windows, &format!("{at}.windows"), faults);
    if let Some((from, to)) = activity.dates {
        let last = parts.days.days().last().map(|day| parts.days.date(day));
        if from > to || from > last.unwrap_or(to) || to < parts.days.first_date() {
            faults.push(FaultCode::Contradiction, format!("{at}.firstDate"), format!("no day of the horizon lies from {from} to {to}"));
        }
    }
    let longest = activity.windows.iter().map(|window| window.to_minute.saturating_sub(window.from_minute)).max();
    if let Some(longest) = longest.filter(|longest| *longest < activity.least_piece().get()) {
        let cause = format!("{longest} minutes at most, for {} in one piece", activity.least_piece().get());
        faults.push(FaultCode::Contradiction, format!("{at}.windows"), cause);
    }
}

fn back_office(parts: &RequestParts, work: &BackOfficeWork, at: &str, faults: &mut Faults) {
    if !parts.skills.contains(&work.skill) {
        faults.push(FaultCode::UnknownReference, format!("{at}.skillId"), format!("no skill {:?}", work.skill.as_str()));
    }
    let block = format!("{at}.leastBlockMinutes");
    if work.least_block < LEAST_BLOCK {
        let cause = format!("{} minutes, below {}", work.least_block.get(), LEAST_BLOCK.get());
        faults.push(FaultCode::OutOfRange, block, cause);
    } else {
        piece(parts, work.least_block, &block, faults);
    }
    if work.required.grid().interval() != parts.interval {
        let cause = format!(
            "intervals of {} minutes, where the request plans in {}",
            work.required.grid().interval().minutes(),
            parts.interval.minutes()
        );
        faults.push(FaultCode::OffGrid, format!("{at}.requiredPeople"), cause);
    }
}
