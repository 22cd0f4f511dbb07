//! Rotas on small rosters: the answer of one shift against all others, limits, fairness, what stays.

use std::collections::BTreeMap;

use fika_model::people::AgentSkill;
use fika_model::request::Queue;
use fika_model::{ActivityKind, Minutes, QueueId, SkillId};

use super::*;
use crate::fixture::{checked, parts};
use crate::problem::{Pool, Problem};
use crate::solve::{StepQuota, solve};

/// Agents with the skills of `line`, `claims` and, where it is hard for so many minutes, `post`; shifts of four hours.
fn request(agents: usize, days: u32, most: Option<u16>, hard: Option<u16>) -> Request {
    let mut parts = parts(agents, days, |minute| if (480..960).contains(&(minute % 1440)) { agents as f64 } else { 0.0 });
    parts.wellbeing.most_on_one_queue = most.map(Minutes::of);
    for name in ["claims", "post"].into_iter().take(if hard.is_some() { 2 } else { 1 }) {
        let skill = SkillId::new(name).expect("an id");
        let hard_minutes_per_day = hard.filter(|_| name == "post").map(Minutes::of);
        parts.queues.push(Queue {
            id: QueueId::new(name).expect("an id"),
            name: String::new(),
            skill: skill.clone(),
            hours: Vec::new(),
            hard_minutes_per_day,
        });
        parts.skills.push(skill.clone());
        for agent in &mut parts.agents {
            agent.skills.push(AgentSkill { skill: skill.clone(), proficiency: 1.0, priority: 1 });
        }
    }
    if let fika_model::demand::DemandSource::Required(demand) = &mut parts.demand {
        let more: Vec<_> = parts.queues[1..].iter().map(|queue| (queue.id.clone(), demand[0].1.clone())).collect();
        demand.extend(more);
    }
    checked(parts)
}

/// Rosters of everybody, whatever the demand.
fn rosters(request: &Request) -> Vec<AgentRoster> {
    let required = Curve::from_fn(request.grid(), |at| if (32..64).contains(&(at.get() % 96)) { 2 } else { 0 });
    let pool = Pool { queues: vec![request.queues[0].id.clone()], work: None, agents: (0..request.agents.len()).collect(), required };
    let problem = Problem::new(request, vec![pool]).expect("a sound problem");
    solve(&problem, &StepQuota(200), &mut |_| ()).agents
}

fn curves(request: &Request, people: &[f64]) -> Vec<Curve<f64>> {
    let open = |at: usize| (32..64).contains(&(at % 96));
    people.iter().map(|n| Curve::from_fn(request.grid(), |at| if open(at.get()) { *n } else { 0.0 })).collect()
}

fn laid(request: &Request, agents: &[AgentRoster], people: &[f64], kept: &[AgentRoster], headroom: u32) -> Vec<AgentRoster> {
    lay_rota(request, agents, &RotaTerms { wanted: &curves(request, people), kept, frozen_until: None, headroom })
}

/// Minutes of a shift by the queue that is named first, and by each that is named at all.
fn minutes(agent: &AgentRoster, queue: &str, first: bool) -> u32 {
    let work = agent.shifts.iter().flat_map(|shift| &shift.activities).filter(|a| a.kind == ActivityKind::OnQueue);
    let names = |queues: &[QueueId]| {
        if first { queues.first().is_some_and(|id| id.as_str() == queue) } else { queues.iter().any(|id| id.as_str() == queue) }
    };
    work.filter(|activity| names(&activity.queues)).map(|activity| activity.span.length().get()).sum()
}

#[test]
fn the_answer_of_a_shift_is_the_best_of_all() {
    let check = |most: Option<u16>, hard: Option<u16>, people: &[f64], before: u16| {
        let request = request(3, 1, most, hard);
        let agents = rosters(&request);
        let mut board = Board::new(&request, &curves(&request, people));
        let terms = RotaTerms { wanted: &curves(&request, people), kept: &[], frozen_until: None, headroom: 0 };
        let mut lines = line::lines(&mut board, &request, &agents, &terms);
        let mut line = lines.pop().expect("a line");
        for other in &mut lines {
            answer::answer(&board, other);
            board.enter(other);
        }
        let busy = vec![i64::from(before); agents.len()];
        board.begin(busy, &vec![true; agents.len()]);
        assert!(answer::answer(&board, &mut line));
        let found = board.worth(&line);
        let (leads, segments) = (line.leads.len(), line.segments.len());
        let mut best = i64::MIN;
        // Changes at every second segment only, or there were too many ways.
        let changes = segments.div_ceil(2);
        for mut way in 0..leads.pow(changes as u32) {
            let mut firsts = Vec::new();
            for _ in 0..changes {
                firsts.extend([line.leads[way % leads]; 2]);
                way /= leads;
            }
            firsts.truncate(segments);
            line.runs = line::runs_of(&line.parts, &firsts);
            if line.is_legal(&board) {
                best = best.max(board.worth(&line));
            }
        }
        assert!(best > i64::MIN && found >= best, "{most:?} {hard:?} {people:?}: {found} against {best}");
        answer::answer(&board, &mut line);
        assert!(line.is_legal(&board));
    };
    for people in [&[2.0, 1.0, 0.5][..], &[0.2, 3.0, 1.0], &[1.0, 1.0, 2.0]] {
        for before in [0, 200] {
            check(Some(90), None, &people[..2], before);
            check(Some(60), Some(60), people, before);
            check(Some(120), Some(100), people, before);
            check(None, Some(45), people, before);
        }
    }
}

#[test]
fn people_follow_what_is_wanted_and_runs_end_in_time() {
    let request = request(9, 1, Some(90), None);
    let agents = rosters(&request);
    let laid = laid(&request, &agents, &[6.0, 3.0], &[], 0);
    let sum = |queue: &str| laid.iter().map(|agent| minutes(agent, queue, true)).sum::<u32>();
    let (line, claims) = (f64::from(sum("line")), f64::from(sum("claims")));
    assert!((line / claims - 2.0).abs() < 0.25, "{line} and {claims}");
    for agent in laid.iter().filter(|agent| !agent.shifts.is_empty()) {
        assert!(minutes(agent, "line", true) > 0 && minutes(agent, "claims", true) > 0, "nobody is on one queue all day");
        assert_eq!(minutes(agent, "claims", false), minutes(agent, "line", false), "both are named always");
    }
    let spans = |agents: &[AgentRoster]| {
        agents.iter().map(|agent| agent.shifts.iter().map(fika_model::Shift::paid).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    assert_eq!(spans(&laid), spans(&agents));
}

#[test]
fn hard_minutes_are_limited_shared_and_made_up_for() {
    let mut request = request(8, 4, None, Some(90));
    let agents = rosters(&request);
    let all = |laid: &[AgentRoster]| laid.iter().map(|agent| minutes(agent, "post", false)).collect::<Vec<u32>>();
    let mut working = laid(&request, &agents, &[4.0, 3.0, 0.5], &[], 0);
    working.retain(|agent| !agent.shifts.is_empty());
    let even = all(&working);
    let (least, most) = (even.iter().min().expect("people"), even.iter().max().expect("people"));
    assert!(even.iter().sum::<u32>() > 4 * 8 * 15 && most - least <= 60, "{even:?}");
    for agent in laid(&request, &agents, &[4.0, 3.0, 30.0], &[], 4) {
        let longest =
            agent.shifts.iter().map(|shift| minutes(&AgentRoster { shifts: vec![shift.clone()], ..agent.clone() }, "post", false)).max();
        assert!(longest.is_none_or(|minutes| minutes <= 90), "{longest:?}");
    }
    let mut parts = (*request).clone();
    parts.agents[0].history.hard_queue_minutes = Minutes::of(600);
    request = checked(parts);
    let uneven = all(&laid(&request, &agents, &[4.0, 3.0, 0.5], &[], 0));
    assert!(uneven[0] < *least, "who had more before has fewer now: {uneven:?}");
}

#[test]
fn headroom_is_named_last_and_within_the_limit() {
    let request = request(8, 1, None, Some(120));
    let agents = rosters(&request);
    let (without, with) = (laid(&request, &agents, &[4.0, 3.0, 1.0], &[], 0), laid(&request, &agents, &[4.0, 3.0, 1.0], &[], 2));
    let sum = |laid: &[AgentRoster], first| laid.iter().map(|agent| minutes(agent, "post", first)).sum::<u32>();
    assert_eq!(sum(&without, true), sum(&with, true));
    assert!(sum(&without, false) == sum(&without, true) && sum(&with, false) > sum(&with, true));
    assert!(with.iter().all(|agent| minutes(agent, "post", false) <= 120));
}

#[test]
fn a_rota_stays_where_its_shift_does_and_moves_where_it_must() {
    let request = request(6, 2, Some(90), None);
    let agents = rosters(&request);
    let first = laid(&request, &agents, &[4.0, 2.0], &[], 0);
    assert_eq!(laid(&request, &agents, &[4.0, 2.0], &first, 0), first, "nothing changed");
    let turned = laid(&request, &agents, &[0.1, 6.0], &[], 0);
    let kept = laid(&request, &agents, &[3.8, 2.2], &first, 0);
    let same = |a: &[AgentRoster]| a.iter().zip(&first).flat_map(|(a, b)| a.shifts.iter().zip(&b.shifts)).filter(|(a, b)| a == b).count();
    assert!(same(&kept) > same(&turned), "{} against {}", same(&kept), same(&turned));
    let frozen = RotaTerms { wanted: &curves(&request, &[0.1, 6.0]), kept: &first, frozen_until: Some(Minute::new(1440)), headroom: 0 };
    let frozen = lay_rota(&request, &agents, &frozen);
    for (agent, was) in frozen.iter().zip(&first) {
        let day =
            |agent: &AgentRoster| agent.shifts.iter().filter(|shift| shift.span.start() < Minute::new(1440)).cloned().collect::<Vec<_>>();
        assert_eq!(day(agent), day(was));
    }
}

#[test]
fn the_order_of_the_agents_changes_nothing() {
    let request = request(7, 2, Some(90), Some(60));
    let agents = rosters(&request);
    let mut parts = (*request).clone();
    parts.agents.reverse();
    let turned = checked(parts);
    let by_id = |agents: &[AgentRoster]| agents.iter().map(|agent| (agent.agent.clone(), agent.clone())).collect::<BTreeMap<_, _>>();
    let people = [4.0, 2.0, 1.0];
    assert_eq!(by_id(&laid(&request, &agents, &people, &[], 1)), by_id(&laid(&turned, &agents, &people, &[], 1)));
}
