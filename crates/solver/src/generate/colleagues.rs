//! Wishes to have breaks with a colleague, of the own team or of another.

use fika_model::people::Wish;
use fika_model::{AgentId, Faults, Request, TeamId};

use crate::random::Stream;

/// One agent of so many wishes for a colleague of the own team, and one of so many for one of another.
const OF_THE_TEAM: usize = 8;
const OF_ANOTHER: usize = 40;

/// The same request in which some agents wish for breaks with a colleague; all else stays what it is.
///
/// # Errors
/// None for a sound request; those of the check that it goes through.
pub fn with_colleagues(request: &Request) -> Result<Request, Faults> {
    let mut parts = (**request).clone();
    let mut random = Stream::new(request.seed, "colleagues");
    let known: Vec<(AgentId, TeamId)> = parts.agents.iter().map(|agent| (agent.id.clone(), agent.team.clone())).collect();
    for agent in &mut parts.agents {
        let drawn = (random.below(OF_THE_TEAM) == 0, random.below(OF_ANOTHER) == 0);
        let same = match drawn {
            (false, false) => continue,
            (own, _) => own,
        };
        let others: Vec<&AgentId> =
            known.iter().filter(|(id, team)| id != &agent.id && (*team == agent.team) == same).map(|(id, _)| id).collect();
        if !others.is_empty() {
            agent.wishes.push(Wish::Colleague(others[random.below(others.len())].clone()));
        }
    }
    Request::check(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Settings, request};

    #[test]
    fn some_wish_for_a_colleague_of_theirs_and_nothing_else_changes() {
        let plain = request(&Settings { agents: 200, queues: 2, days: 7, load: 1.0, seed: 4 }).expect("a request");
        let made = with_colleagues(&plain).expect("a sound request");
        let team = |id: &AgentId| made.agents.iter().find(|agent| &agent.id == id).map(|agent| &agent.team);
        let (mut own, mut other) = (0, 0);
        for (agent, before) in made.agents.iter().zip(&plain.agents) {
            let colleague = agent.wishes.iter().find_map(|wish| if let Wish::Colleague(id) = wish { Some(id) } else { None });
            let Some(colleague) = colleague else {
                assert_eq!(agent, before);
                continue;
            };
            assert_ne!(colleague, &agent.id);
            *(if team(colleague) == Some(&agent.team) { &mut own } else { &mut other }) += 1;
        }
        assert!((10..=45).contains(&own) && (1..=12).contains(&other), "{own} of the own team, {other} of others");
        assert_eq!(made, with_colleagues(&plain).expect("the same once more"));
    }
}
