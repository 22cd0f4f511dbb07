//! Random rosters, summaries, statuses, forecasts, counters and events.

use fika_model::certificate::{Certificate, Digest, RuleCount, Violation};
use fika_model::command::{Action, Command};
use fika_model::event::{AgentEvent, AgentState, CallEvent, CallEventKind, Event};
use fika_model::fault::{Fault, FaultCode, Faults};
use fika_model::forecast::{IntervalForecast, QueueForecast};
use fika_model::interval::{IntervalCounters, IntervalKey};
use fika_model::roster::{
    Activity, ActivityKind, ActivityOutcome, AgentRoster, CutRound, HardQueueShare, IntervalOutcome, Parent, Predicted, Remedy, RemedyKind,
    Roster, RosterSummary, Shift, Shortfall, Variety,
};
use fika_model::status::{Phase, Progress, State, Status};
use fika_model::{ActivityId, AgentId, CallId, ContractId, QueueId, RequestId, RosterId, RuleId, TeamId, TemplateId};
use fika_model::{Curve, DayMap, Grid, IntervalLength, ServiceLevelFormula};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::fairness::report;
use super::{ID, days, id, names, score, share, span, time};

fn queues() -> impl Strategy<Value = Vec<QueueId>> {
    vec(ID.prop_map(|name| id(QueueId::new, &name)), 0..3)
}

fn activity() -> impl Strategy<Value = Activity> {
    use ActivityKind::{BackOffice, Coaching, Huddle, Meal, Meeting, OnQueue, RestBreak, TimeOff, Training};
    let kind = select(vec![OnQueue, RestBreak, Meal, Huddle, Training, Coaching, Meeting, BackOffice, TimeOff]);
    let companions = vec(ID.prop_map(|name| id(AgentId::new, &name)), 0..3);
    let choice = option::of(span());
    let held = (option::of(ID), vec(ID, 0..3));
    (ID, kind, span(), any::<bool>(), queues(), (companions, choice), held).prop_map(
        |(code, kind, span, paid, queues, (companions, choice), (asked, with))| Activity {
            code,
            kind,
            span,
            paid,
            queues,
            companions,
            choice,
            asked: asked.map(|name| id(ActivityId::new, &name)),
            with: with.iter().map(|name| id(AgentId::new, name)).collect(),
        },
    )
}

fn shift() -> impl Strategy<Value = Shift> {
    (ID, option::of(ID), span(), vec(activity(), 0..4)).prop_map(|(name, template, span, activities)| Shift {
        id: name,
        template: template.map(|name| id(TemplateId::new, &name)),
        span,
        activities,
    })
}

pub(crate) fn any_roster() -> impl Strategy<Value = Roster> {
    let agents = names(1..=4).prop_flat_map(|names| {
        let count = names.len();
        (Just(names), vec((ID, vec(shift(), 0..3)), count))
    });
    (ID, ID, any::<u64>(), option::of((ID, any::<u64>())), days(), agents).prop_map(
        |(name, request, generation, parent, days, (names, agents))| {
            let agent = |(name, (team, shifts)): (String, (String, Vec<Shift>))| AgentRoster {
                agent: id(AgentId::new, &name),
                team: id(TeamId::new, &team),
                shifts,
            };
            let mut agents: Vec<AgentRoster> = names.into_iter().zip(agents).map(agent).collect();
            agents.sort_by(|a, b| a.agent.cmp(&b.agent));
            Roster {
                id: id(RosterId::new, &name),
                request: id(RequestId::new, &request),
                generation,
                parent: parent.map(|(roster, generation)| Parent { roster: id(RosterId::new, &roster), generation }),
                days,
                agents,
            }
        },
    )
}

fn certificate() -> impl Strategy<Value = Certificate> {
    let rule = (ID, ID, any::<[u64; 2]>()).prop_map(|(name, text, [checked, broken])| RuleCount {
        rule: id(RuleId::new, &name),
        text,
        checked,
        broken,
    });
    let about = (option::of(ID), option::of(ID), select(fika_model::certificate::UNITS.to_vec()));
    let violation = (ID, about, span(), any::<[i64; 2]>(), (ID, 0..i64::MAX)).prop_map(
        |(rule, (agent, team, unit), span, [required, found], (cause, premium_minutes))| Violation {
            rule: id(RuleId::new, &rule),
            agent: agent.map(|name| id(AgentId::new, &name)),
            team: team.map(|name| id(TeamId::new, &name)),
            span,
            required,
            found,
            unit,
            premium_minutes,
            cause,
        },
    );
    (any::<[[u8; 32]; 2]>(), vec(rule, 0..3), vec(violation, 0..2)).prop_map(|([request, roster], rules, violations)| Certificate {
        request: Digest(request),
        roster: Digest(roster),
        rules,
        violations,
    })
}

fn outcome() -> impl Strategy<Value = IntervalOutcome> {
    let predicted = (option::of(0.0..=1.0_f64), option::of((0.0..=1.0_f64, 0.0..=1.0_f64)), option::of(0.0..=1.0_f64));
    let whose = (queues(), option::of(ID));
    (whose, span(), [0.0..1e6_f64, 0.0..1e6, 0.0..1e6], predicted).prop_map(
        |((queues, work), span, [calls, required, scheduled], predicted)| IntervalOutcome {
            queues,
            work: work.map(|name| id(ActivityId::new, &name)),
            span,
            calls,
            required,
            scheduled,
            service_level: predicted.0,
            service_level_interval: predicted.1,
            occupancy: predicted.2,
        },
    )
}

/// A summary, with the days of its roster.
pub(crate) fn any_summary() -> impl Strategy<Value = (DayMap, RosterSummary)> {
    let ids = (ID, ID, any::<u64>());
    let shortfall = (queues(), option::of(ID), span(), 0.0..1e6_f64, 0.0..1e4_f64, ID, ID).prop_map(
        |(queues, work, span, person_minutes, most_people, binding, reason)| Shortfall {
            queues,
            work: work.map(|name| id(ActivityId::new, &name)),
            span,
            person_minutes,
            most_people,
            binding,
            reason,
        },
    );
    let service = (share(), select(&ServiceLevelFormula::ALL[..]), 0.0..1e4_f64, option::of(predicted()));
    let lists = (
        vec(outcome(), 0..4),
        vec(shortfall, 0..2),
        certificate(),
        vec(remedy(), 0..2),
        vec(cut_round(), 0..2),
        report(),
        vec(activity_outcome(), 0..2),
    );
    let gone = (vec(ID.prop_map(|name| id(AgentId::new, &name)), 0..3), vec(ID.prop_map(|name| id(ActivityId::new, &name)), 0..2));
    let lists = (lists, option::of(variety()), gone);
    let numbers = (any::<[i64; 3]>(), any::<[u64; 2]>(), any::<u32>(), [0.0..1e9_f64, 0.0..1e9, 0.0..1e9]);
    (days(), ids, score(), service, lists, numbers).prop_map(
        |(days, ids, score, service, (lists, variety, (left_out, waived)), (minutes, [seed, steps], shifts, required))| {
            let summary = RosterSummary {
                roster: id(RosterId::new, &ids.0),
                request: id(RequestId::new, &ids.1),
                generation: ids.2,
                score,
                required_minutes: required[0],
                shortfall_minutes: required[1],
                shortfall_bound_minutes: required[2],
                paid_minutes: minutes[0],
                break_minutes: minutes[1],
                social_minutes: minutes[2],
                shifts,
                target: service.0,
                formula: service.1,
                threshold_s: service.2,
                service_level: service.3,
                intervals: lists.0,
                shortfalls: lists.1,
                remedies: lists.3,
                cut_rounds: lists.4,
                fairness: lists.5,
                activities: lists.6,
                certificate: lists.2,
                seed,
                steps,
                variety,
                left_out,
                waived,
            };
            (days, summary)
        },
    )
}

fn predicted() -> impl Strategy<Value = Predicted> {
    (0.0..=1.0_f64, (0.0..=1.0_f64, 0.0..=1.0_f64), 0.0..=1.0_f64).prop_map(|(mean, interval, p10)| Predicted { mean, interval, p10 })
}

fn variety() -> impl Strategy<Value = Variety> {
    let share = (ID, any::<u32>(), any::<[i64; 3]>(), 0.0..=1.0_f64).prop_map(|(queue, people, [minutes, least, most], gini)| {
        HardQueueShare { queue: id(QueueId::new, &queue), people, minutes, range: (least, most), gini }
    });
    (super::minutes(0..=1440), any::<u32>(), option::of(predicted()), vec(share, 0..3))
        .prop_map(|(longest, changes, service_level_without, hard_queues)| Variety { longest, changes, service_level_without, hard_queues })
}

fn remedy() -> impl Strategy<Value = Remedy> {
    let kind = select(vec![RemedyKind::ExtraShift, RemedyKind::Overtime, RemedyKind::ActivityMoved]);
    let who = (vec(ID, 0..2), option::of(ID), vec(span(), 0..2), option::of((ID, span(), span())));
    let pair = (0.0..1e6_f64, 0.0..1e6_f64);
    let effect = (any::<i64>(), pair, option::of((0.0..=1.0_f64, 0.0..=1.0_f64)));
    (kind, queues(), span(), who, effect).prop_map(|(kind, queues, shortfall, who, effect)| Remedy {
        kind,
        queues,
        shortfall,
        agents: who.0.iter().map(|name| id(AgentId::new, name)).collect(),
        contract: who.1.map(|name| id(ContractId::new, &name)),
        added: who.2,
        moved: who.3.map(|(name, from, to)| (id(ActivityId::new, &name), from, to)),
        paid_minutes: effect.0,
        shortfall_minutes: effect.1,
        service_level: effect.2,
    })
}

fn activity_outcome() -> impl Strategy<Value = ActivityOutcome> {
    let whose = (ID, option::of(ID), option::of(ID));
    (whose, span(), any::<[u32; 4]>(), vec(span(), 0..3), ID, ID).prop_map(
        |((activity, agent, team), span, [asked, held_for, least, people], held, binding, reason)| ActivityOutcome {
            activity: id(ActivityId::new, &activity),
            agent: agent.map(|name| id(AgentId::new, &name)),
            team: team.map(|name| id(TeamId::new, &name)),
            span,
            minutes: (asked, held_for),
            people: (least, people),
            held,
            binding,
            reason,
        },
    )
}

fn cut_round() -> impl Strategy<Value = CutRound> {
    let share = || (0.0..=1.0_f64, 0.0..=1.0_f64);
    (any::<u32>(), 0.0..1e6_f64, share(), share(), any::<bool>()).prop_map(
        |(raised_intervals, raised_minutes, below_target, service_level, kept)| CutRound {
            raised_intervals,
            raised_minutes,
            below_target,
            service_level,
            kept,
        },
    )
}

pub(crate) fn any_status() -> impl Strategy<Value = Status> {
    use Phase::{Forecast, History, Publish, Requirement, Simulate, Solve, Verify};
    let phase = select(vec![History, Forecast, Requirement, Solve, Simulate, Verify, Publish]);
    let progress = (phase, 0.0..=1.0_f64, any::<u64>(), option::of(score()), option::of(0.0..1e9_f64)).prop_map(
        |(phase, done, steps, score, shortfall_minutes)| State::Progress(Progress { phase, done, steps, score, shortfall_minutes }),
    );
    let fault = (ID, select(FaultCode::ALL), ID).prop_map(|(at, code, cause)| Fault { at, code, cause });
    let faults = vec(fault, 1..3).prop_map(Faults);
    let state = prop_oneof![
        Just(State::Accepted),
        progress,
        (ID, any::<u64>()).prop_map(|(roster, generation)| State::Done { roster: id(RosterId::new, &roster), generation }),
        (faults.clone(), option::of((ID, any::<u64>()))).prop_map(|(faults, roster)| State::Infeasible {
            faults,
            roster: roster.map(|(name, generation)| (id(RosterId::new, &name), generation)),
        }),
        faults.prop_map(|faults| State::Failed { faults }),
    ];
    (ID, time(), state).prop_map(|(request, at, state)| Status { request: id(RequestId::new, &request), at, state })
}

pub(crate) fn any_command() -> impl Strategy<Value = Command> {
    let action = prop_oneof![ID.prop_map(|reason| Action::Cancel { reason }), Just(Action::Finish)];
    (ID, time(), action).prop_map(|(request, at, action)| Command { request: id(RequestId::new, &request), at, action })
}

pub(crate) fn any_forecast() -> impl Strategy<Value = (RequestId, QueueForecast)> {
    let cell =
        [0.0..1e6_f64, 0.0..1e6, 0.0..86_400.0].prop_map(|[calls_mean, calls_sd, aht_s]| IntervalForecast { calls_mean, calls_sd, aht_s });
    let rest = (option::of(0.001..1e9_f64), 0.0..10.0_f64, 0.0..100.0_f64, 0..5000_u32);
    (ID, ID, time(), vec(cell, 0..6), rest).prop_map(|(request, queue, start, cells, (patience_s, day_factor_cv, aht_cv, history_days))| {
        let intervals =
            Curve::new(Grid::new(start, IntervalLength::HALF_HOUR, cells.len() as u32), cells).expect("as many as the grid has");
        let queue = id(QueueId::new, &queue);
        (id(RequestId::new, &request), QueueForecast { queue, intervals, patience_s, day_factor_cv, aht_cv, history_days })
    })
}

pub(crate) fn any_interval() -> impl Strategy<Value = (IntervalKey, IntervalCounters)> {
    (ID, time(), select(vec![1, 5, 15, 30, 60]), [const { 0..=i64::MAX }; 16]).prop_map(|(queue, start, length, n)| {
        let key = IntervalKey { queue: id(QueueId::new, &queue), start, length: IntervalLength::new(length).expect("a divisor of 60") };
        let [offered, answered, answered_within, abandoned, abandoned_within, short_abandons, answered_wait_ms, rest @ ..] = n;
        let [abandoned_wait_ms, handled, talk_ms, hold_ms, wrapup_ms, handle_s_squared, lost_ends, staffed_ms, idle_ms] = rest;
        let counters = IntervalCounters {
            offered,
            answered,
            answered_within,
            abandoned,
            abandoned_within,
            short_abandons,
            answered_wait_ms,
            abandoned_wait_ms,
            handled,
            talk_ms,
            hold_ms,
            wrapup_ms,
            handle_s_squared,
            lost_ends,
            staffed_ms,
            idle_ms,
        };
        (key, counters)
    })
}

pub(crate) fn any_event() -> impl Strategy<Value = Event> {
    use AgentState::{Hold, LoggedOut, NotReady, Ready, Reserved, Talking, Wrapup};
    use CallEventKind::{Abandoned, Completed, Connected, Ended, Held, Offered, Queued, Resumed, Transferred, WrapupEnded};
    let kinds = select(vec![Queued, Offered, Connected, Held, Resumed, Transferred, Ended, Abandoned, WrapupEnded, Completed]);
    let lengths = [(); 4].map(|()| option::of(0..=604_800_000_i64));
    let names = (ID, ID, ID, option::of(ID), option::of(ID));
    let call = (names, kinds, time(), lengths, option::of(any::<bool>())).prop_map(
        |(names, kind, at, [wait_ms, talk_ms, hold_ms, wrapup_ms], answered)| {
            Event::Call(CallEvent {
                event_id: names.0,
                source: names.1,
                call_id: id(CallId::new, &names.2),
                kind,
                occurred_at_ms: at.as_millisecond(),
                queue: names.3.map(|name| id(QueueId::new, &name)),
                agent: names.4.map(|name| id(AgentId::new, &name)),
                wait_ms,
                talk_ms,
                hold_ms,
                wrapup_ms,
                answered: if kind == Completed { Some(answered.unwrap_or(true)) } else { answered },
            })
        },
    );
    let state = select(vec![LoggedOut, Ready, NotReady, Reserved, Talking, Hold, Wrapup]);
    let agent = (ID, ID, ID, state, time(), ID, queues()).prop_map(|(event_id, source, agent, state, at, reason_code, queues)| {
        Event::Agent(AgentEvent {
            event_id,
            source,
            agent: id(AgentId::new, &agent),
            state,
            occurred_at_ms: at.as_millisecond(),
            reason_code,
            queues,
        })
    });
    prop_oneof![call, agent]
}
