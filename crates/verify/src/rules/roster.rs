//! The roster as a whole: whose it is, which days, which agents.

use std::collections::BTreeMap;

use crate::book::Book;
use crate::ledger::{Amount, Finding, Ledger};
use crate::rule::Rule;

pub(super) fn check(book: &Book<'_>, ledger: &mut Ledger) {
    lineage(book, ledger);
    period(book, ledger);
    agents(book, ledger);
}

fn lineage(book: &Book<'_>, ledger: &mut Ledger) {
    let (request, roster) = (book.request, book.roster);
    let finding = |required: u64, found: u64, cause: String| Finding {
        agent: None,
        team: None,
        span: request.days.span(),
        amount: Amount::generations(required as i64, found as i64),
        cause,
    };
    let expected = request.parent.as_ref().map_or(1, |parent| parent.generation.saturating_add(1));
    ledger.check(Rule::Lineage, roster.request == request.id, || {
        let cause = format!("the roster answers request {}, not {}", roster.request, request.id);
        finding(expected, roster.generation, cause)
    });
    ledger.check(Rule::Lineage, roster.parent == request.parent, || {
        let name = |parent: &Option<fika_model::roster::Parent>| {
            parent.as_ref().map_or_else(|| "no roster".to_owned(), |p| format!("roster {} of generation {}", p.roster, p.generation))
        };
        let cause = format!("it takes the place of {}, the request asks for {}", name(&roster.parent), name(&request.parent));
        finding(expected, roster.generation, cause)
    });
    ledger.check(Rule::Lineage, roster.generation == expected, || {
        finding(expected, roster.generation, format!("it is generation {}, generation {expected} comes next", roster.generation))
    });
}

fn period(book: &Book<'_>, ledger: &mut Ledger) {
    let (asked, given) = (&book.request.days, &book.roster.days);
    ledger.check(Rule::Period, asked == given, || {
        let text = |days: &fika_model::DayMap| format!("{} days from {} in {}", days.len(), days.first_date(), days.zone_name());
        Finding {
            agent: None,
            team: None,
            span: asked.span(),
            amount: Amount::days(asked.len() as i64, given.len() as i64),
            cause: format!("the roster has {}, the request {}", text(given), text(asked)),
        }
    });
}

fn agents(book: &Book<'_>, ledger: &mut Ledger) {
    let span = book.request.days.span();
    let known: BTreeMap<_, _> = book.request.agents.iter().map(|agent| (&agent.id, agent)).collect();
    let mut entries: BTreeMap<_, i64> = BTreeMap::new();
    for entry in &book.roster.agents {
        *entries.entry(&entry.agent).or_default() += 1;
    }
    for id in known.keys() {
        let found = entries.get(*id).copied().unwrap_or_default();
        ledger.check(Rule::Agents, found == 1, || Finding {
            agent: Some(id),
            team: None,
            span,
            amount: Amount::people(1, found),
            cause: format!("agent {id} is there {found} times"),
        });
    }
    for id in entries.keys() {
        ledger.check(Rule::Agents, known.contains_key(id), || Finding {
            agent: Some(id),
            team: None,
            span,
            amount: Amount::people(0, 1),
            cause: format!("agent {id} is not in the request"),
        });
    }
    for person in &book.people {
        let (own, given) = (&person.agent.team, &person.roster.team);
        ledger.check(Rule::Agents, own == given, || Finding {
            agent: Some(person.id()),
            team: Some(given),
            span,
            amount: Amount::people(1, 0),
            cause: format!("agent {} is of team {own}, not of team {given}", person.id()),
        });
    }
    for pair in book.roster.agents.windows(2) {
        let [first, second] = pair else { continue };
        ledger.check(Rule::Agents, first.agent <= second.agent, || Finding {
            agent: Some(&second.agent),
            team: None,
            span,
            amount: Amount::people(0, 1),
            cause: format!("agent {} stands after agent {}, against the order of the ids", second.agent, first.agent),
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::{Case, id};
    use crate::rule::Rule;
    use fika_model::calendar::Date;
    use fika_model::roster::Parent;
    use fika_model::{AgentId, DayMap, RequestId, RosterId, TeamId, Verdict};

    #[test]
    fn the_sound_case_is_proved_and_every_rule_was_tried() {
        let certificate = Case::week().certificate();
        assert_eq!(certificate.violations, []);
        assert_eq!(certificate.verdict(), Verdict::Proved);
        assert_eq!(Case::week().social(), 6 * 5 * 60, "all breaks are taken together");
        let idle: Vec<_> = certificate.rules.iter().filter(|row| row.checked == 0).map(|row| row.rule.as_str()).collect();
        let not_asked = [
            "queue.in-row",
            "queue.least",
            "queue.hard-minutes",
            "agent.absence",
            "agent.fixed",
            "contract.day-paid",
            "contract.average-paid-most",
            "contract.average-paid-least",
            "contract.weekends-off",
            "contract.nights-in-row",
            "contract.nights-per-week",
            "contract.night-length",
            "contract.forward-rotation",
            "contract.starts-within",
            "rest.daily",
            "break.choice",
            "social.largest-group",
            "social.group-share",
            "social.least-met",
            "activity.time",
            "activity.length",
            "activity.with",
            "activity.circle",
            "activity.once",
            "activity.must",
        ];
        assert_eq!(idle, not_asked, "what the request does not ask for; all else was tried");
    }

    #[test]
    fn lineage() {
        let parent = |generation| Some(Parent { roster: id!(RosterId, "o0"), generation });
        let check = |asked: Option<Parent>, given: Option<Parent>, generation, expect: &[(i64, i64)]| {
            let case = Case::week().with(|case| {
                case.parts.parent = asked;
                case.roster.parent = given;
                case.roster.generation = generation;
            });
            case.expect(Rule::Lineage, expect);
        };
        check(None, None, 1, &[]);
        check(None, None, 0, &[(1, 0)]);
        check(None, None, 2, &[(1, 2)]);
        check(parent(3), parent(3), 3, &[(4, 3)]);
        check(parent(3), parent(3), 4, &[]);
        check(parent(3), parent(3), 5, &[(4, 5)]);
        check(parent(3), parent(2), 4, &[(4, 4)]);
        check(parent(3), None, 4, &[(4, 4)]);
        Case::week().with(|case| case.roster.request = id!(RequestId, "r2")).expect(Rule::Lineage, &[(1, 1)]);
    }

    #[test]
    fn period() {
        let check = |zone: &str, days, expect: &[(i64, i64)]| {
            let days = DayMap::new(zone, Date::constant(2026, 3, 2), days).expect("a horizon");
            Case::week().with(|case| case.roster.days = days).expect(Rule::Period, expect);
        };
        check("Europe/Berlin", 7, &[]);
        check("Europe/Berlin", 6, &[(7, 6)]);
        check("Europe/Berlin", 8, &[(7, 8)]);
        check("Europe/Paris", 7, &[(7, 7)]);
    }

    #[test]
    fn agents() {
        let check = |change: fn(&mut Case), expect: &[(i64, i64)]| Case::week().with(change).expect(Rule::Agents, expect);
        check(|_| (), &[]);
        check(|case| drop(case.roster.agents.remove(1)), &[(1, 0)]);
        check(|case| case.roster.agents.insert(1, case.roster.agents[1].clone()), &[(1, 2)]);
        check(|case| case.roster.agents[5].agent = id!(AgentId, "zoe"), &[(1, 0), (0, 1)]);
        check(|case| case.roster.agents[0].team = id!(TeamId, "sky"), &[(1, 0)]);
        check(|case| case.roster.agents.swap(0, 1), &[(0, 1)]);
    }
}
