//! Several weeks in a row, each told of those before or of nothing: how evenly burdens, wishes and company are shared.
//!
//! `cargo bench -p fika-planning --bench fairness [-- agents queues weeks steps seeds]`. Every roster is judged by the verifier.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures time and prints it")]

use std::time::Instant;

use fika_model::fairness::{Apart, Burden, CarryOver, FairCounters, FairnessReport, TeamCompany};
use fika_model::{AgentRoster, Digest, Request, RequestId, Roster, RosterId};
use fika_planning::{PlanIds, PlanSettings, Planned, Seal, carry_into, following, plan};
use fika_solver::StepQuota;
use fika_solver::generate::{Settings, request};

struct Blank;

impl Seal for Blank {
    fn request(&self, _: &Request) -> Digest {
        Digest([0; 32])
    }

    fn roster(&self, _: &Roster) -> Digest {
        Digest([0; 32])
    }
}

fn planned(request: &Request, steps: u64) -> Planned {
    let ids = PlanIds { roster: RosterId::new("bench").expect("a short id"), generation: 1 };
    let settings = PlanSettings { cut_rounds: 0, remedies: 0, ..PlanSettings::default() };
    plan(request, None, ids, settings, &Blank, &StepQuota(steps), &mut |_| {}).expect("generated requests are feasible")
}

/// What counters come to, measured on a roster of nobody.
fn measured(request: &Request, sums: &[CarryOver]) -> FairnessReport {
    let mut parts = (**request).clone();
    carry_into(&mut parts, sums);
    let request = Request::check(parts).expect("a legal request");
    let idle = |agent: &fika_model::people::Agent| AgentRoster { agent: agent.id.clone(), team: agent.team.clone(), shifts: Vec::new() };
    let nobody = Roster {
        id: RosterId::new("nobody").expect("a short id"),
        request: request.id.clone(),
        generation: 1,
        parent: None,
        days: request.days.clone(),
        agents: request.agents.iter().map(idle).collect(),
    };
    fika_verify::fairness(&request, &nobody)
}

fn weeks(settings: &Settings, weeks: u32, steps: u64, told: bool) {
    let mut request = request(settings).expect("the generator makes legal requests");
    let mut sums: Vec<CarryOver> = Vec::new();
    for week in 1..=weeks {
        let start = Instant::now();
        let planned = planned(&request, steps);
        let seconds = start.elapsed().as_secs_f64();
        let summary = planned.summary;
        let mut carried = summary.fairness.carry_over.clone();
        if !told {
            for (one, before) in carried.iter_mut().zip(&sums) {
                one.history.counters = one.history.counters.plus(before.history.counters);
            }
        }
        sums = carried;
        let id = RequestId::new(format!("week {}", week + 1)).expect("a short id");
        let mut parts = following(&request, id).expect("a week that follows");
        carry_into(&mut parts, &sums);
        if !told {
            parts.agents.iter_mut().for_each(|agent| agent.history.counters = FairCounters::default());
        }
        request = Request::check(parts).expect("a legal request");
        let report = measured(&request, &sums);
        let spread = |burden: Burden| {
            let measure = report.measures.iter().find(|measure| measure.burden == burden);
            measure.map_or_else(|| "-".to_owned(), |m| format!("{:.2} / {:.3}", m.after.range, m.after.gini))
        };
        let teams = &summary.fairness.teams;
        let all = |read: fn(&TeamCompany) -> u32| f64::from(teams.iter().map(read).sum::<u32>()).max(1.0);
        let (met, possible, pairs) = (all(|team| team.met), all(|team| team.possible), all(|team| team.pairs));
        let every =
            pairs + f64::from(teams.iter().flat_map(|team| &team.strangers).filter(|two| two.why == Apart::NeverTogether).count() as u32);
        let left_out: usize = teams.iter().map(|team| team.left_out.len()).sum();
        let wishes = summary.fairness.wishes.iter().fold((0, 0), |(granted, asked), one| (granted + one.granted, asked + one.asked));
        println!(
            "| {} | {} | {week} | {:.2} | {} | {} | {} | {} | {} of {} | {:.1} | {:.1} | {:.1} | {left_out} | {:.1} | {seconds:.1} |",
            settings.seed,
            if told { "told" } else { "untold" },
            100.0 * summary.shortfall_minutes / summary.required_minutes,
            spread(Burden::UnpopularShifts),
            spread(Burden::LateBreaks),
            spread(Burden::WeekendShifts),
            spread(Burden::DeniedWishes),
            wishes.0,
            wishes.1,
            100.0 * met / pairs,
            100.0 * met / possible,
            100.0 * met / every,
            summary.fairness.group_short_minutes / 60.0,
        );
    }
}

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let of = |n: usize, usual: u64| numbers.get(n).copied().unwrap_or(usual);
    let (agents, queues, horizon, steps, seeds) = (of(0, 60), of(1, 2), of(2, 6), of(3, 6000), of(4, 3));
    println!(
        "| seed | counters | week | short % | unpopular | late breaks | weekends | denied wishes | wishes granted | met of pairs together % | of possible % | of all % | left out | h short by groups | s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for seed in 1..=seeds {
        for told in [true, false] {
            let settings = Settings { agents: agents as usize, queues: queues as usize, days: 7, load: 1.04, seed };
            weeks(&settings, horizon as u32, steps, told);
        }
    }
}
