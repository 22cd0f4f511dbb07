//! What a roster before a request leaves to it, put into the request as it is sent.

use std::collections::BTreeMap;

use crate::proto::fika::v1;

/// Gives each agent of a request the history that the roster before tells, unless the request brings one of its own; a date of
/// employment alone is none, and stays. Returns how many were told.
pub fn take_over(request: &mut v1::RosterRequest, carried: &[v1::CarryOver]) -> usize {
    let known: BTreeMap<&str, &v1::AgentHistory> =
        carried.iter().filter_map(|one| Some((one.agent_id.as_str(), one.history.as_ref()?))).collect();
    let mut told = 0;
    for agent in &mut request.agents {
        let Some(history) = known.get(agent.id.as_str()) else { continue };
        let own = agent.history.take().unwrap_or_default();
        let since = v1::AgentHistory { employed_since: own.employed_since.clone(), ..v1::AgentHistory::default() };
        if own != since {
            agent.history = Some(own);
            continue;
        }
        let employed_since = if own.employed_since.is_empty() { history.employed_since.clone() } else { own.employed_since };
        agent.history = Some(v1::AgentHistory { employed_since, ..(*history).clone() });
        told += 1;
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(unpopular_shifts: i32, employed_since: &str) -> v1::AgentHistory {
        v1::AgentHistory { unpopular_shifts, employed_since: employed_since.to_owned(), ..v1::AgentHistory::default() }
    }

    #[test]
    fn the_own_history_of_a_request_stays_and_the_rest_is_taken_over() {
        let check = |own: Option<v1::AgentHistory>, expect: &v1::AgentHistory, told: usize| {
            let agent = v1::Agent { id: "ada".to_owned(), history: own.clone(), ..v1::Agent::default() };
            let mut request = v1::RosterRequest { agents: vec![agent], ..v1::RosterRequest::default() };
            let one = |id: &str| v1::CarryOver { agent_id: id.to_owned(), history: Some(history(4, "2019-01-01")) };
            assert_eq!(take_over(&mut request, &[one("ada"), one("gone")]), told, "{own:?}");
            assert_eq!(request.agents[0].history.as_ref(), Some(expect), "{own:?}");
        };
        check(None, &history(4, "2019-01-01"), 1);
        check(Some(history(0, "")), &history(4, "2019-01-01"), 1);
        check(Some(history(0, "2020-02-02")), &history(4, "2020-02-02"), 1);
        check(Some(history(1, "")), &history(1, ""), 0);
        let mut other = v1::RosterRequest { agents: vec![v1::Agent::default()], ..v1::RosterRequest::default() };
        assert_eq!((take_over(&mut other, &[]), other.agents[0].history.clone()), (0, None));
    }
}
