//! Blocks of back-office work: each person's best answer in turn, on the phones or at a work in blocks that are long enough.
//!
//! A step of a person's time is worth what it is worth on the phones, or at the work, while everybody else stays; a dynamic programme over her
//! shift finds the best blocks. Repeated until nobody changes, or the passes are used up.

use fika_model::roster::{Activity, ActivityKind};
use fika_model::{ActivityId, Minute, Span};
use fika_solver::SHORT_MINUTE;

use super::diary::Diary;

/// Passes over everybody, at most.
const PASSES: usize = 4;
/// What a block costs beside the time in it, so that few long ones are better than many short ones.
const BLOCK: i64 = 3 * SHORT_MINUTE;

/// What other blocks of a shift must bring, where they are not looked for anew.
const CHANGE: i64 = 15 * SHORT_MINUTE;

/// Finds everybody's blocks. Those there are change where that brings anything, or, unless `anew`, where it brings much.
pub(crate) fn place(diary: &mut Diary<'_>, anew: bool) {
    let request = diary.request;
    if request.back_office.is_empty() {
        return;
    }
    for _ in 0..PASSES {
        let before = diary.cover.worth();
        for person in 0..diary.agents.len() {
            let skilled = |skill| diary.people[person].skills.iter().any(|own| &own.skill == skill);
            let works: Vec<usize> = (0..request.back_office.len()).filter(|n| skilled(&request.back_office[*n].skill)).collect();
            if works.is_empty() {
                continue;
            }
            for shift in 0..diary.agents[person].shifts.len() {
                if !diary.is_frozen(diary.agents[person].shifts[shift].span) {
                    answer(diary, person, shift, &works, if anew { 0 } else { CHANGE });
                }
            }
        }
        if diary.cover.worth() <= before {
            break;
        }
    }
}

/// One person's best blocks of one shift, if they bring more than `least`.
fn answer(diary: &mut Diary<'_>, person: usize, shift: usize, works: &[usize], least: i64) {
    let (was, before) = (diary.agents[person].shifts[shift].clone(), diary.cover.worth());
    let own = &diary.agents[person];
    let id = own.agent.clone();
    let is_block = |activity: &&Activity| activity.kind == ActivityKind::BackOffice;
    let old: Vec<(Option<ActivityId>, Span)> =
        own.shifts[shift].activities.iter().filter(is_block).map(|block| (block.asked.clone(), block.span)).collect();
    for (asked, span) in &old {
        if let Some(asked) = asked {
            diary.clear(person, asked, *span);
        }
    }
    let free = diary.agents[person].shifts[shift].activities.iter().filter(|activity| activity.kind == ActivityKind::OnQueue);
    let runs: Vec<Span> = free.map(|activity| activity.span).collect();
    let mut blocks: Vec<(usize, Span)> = Vec::new();
    for run in &runs {
        diary.cover.take_off(&id, *run);
        let on_phones = diary.cover.worth_on_phones(&id, *run);
        let at_work: Vec<(usize, Vec<i64>)> =
            works.iter().map(|work| (*work, diary.cover.worth_at(&diary.request.back_office[*work].id, *run))).collect();
        diary.cover.put_on(&id, *run);
        blocks.extend(best(diary, *run, &on_phones, &at_work));
    }
    for (work, span) in blocks {
        let work = &diary.request.back_office[work];
        let block = Activity {
            code: work.id.to_string(),
            kind: ActivityKind::BackOffice,
            span,
            paid: true,
            queues: Vec::new(),
            companions: Vec::new(),
            choice: None,
            asked: Some(work.id.clone()),
            with: Vec::new(),
        };
        diary.lay(person, block);
    }
    if diary.cover.worth() < before + least && !old.is_empty() {
        diary.put_back(person, shift, was);
    }
}

/// The blocks of a run of time that are worth most beyond the phones.
fn best(diary: &Diary<'_>, run: Span, on_phones: &[i64], at_work: &[(usize, Vec<i64>)]) -> Vec<(usize, Span)> {
    let step = diary.request.break_step.get();
    let cells = on_phones.len();
    let more: Vec<(usize, usize, Vec<i64>)> = at_work
        .iter()
        .filter(|(_, worth)| worth.len() == cells)
        .map(|(work, worth)| {
            let mut totals = vec![0; cells + 1];
            (0..cells).for_each(|cell| totals[cell + 1] = totals[cell] + worth[cell] - on_phones[cell]);
            (*work, (diary.request.back_office[*work].least_block.get() / step) as usize, totals)
        })
        .collect();
    // Most worth up to each cell, and the block that ends there.
    let mut worth = vec![0_i64; cells + 1];
    let mut ending: Vec<Option<(usize, usize)>> = vec![None; cells + 1];
    for end in 1..=cells {
        worth[end] = worth[end - 1];
        for (work, least, totals) in &more {
            for from in 0..(end + 1).saturating_sub(*least) {
                let value = worth[from] + totals[end] - totals[from] - BLOCK;
                if value > worth[end] {
                    worth[end] = value;
                    ending[end] = Some((*work, from));
                }
            }
        }
    }
    let minute = |cell: usize| Minute::new(run.start().get() + (cell as u32 * step) as i32);
    let mut blocks = Vec::new();
    let mut end = cells;
    while end > 0 {
        match ending[end] {
            Some((work, from)) => {
                blocks.push((work, Span::between(minute(from), minute(end))));
                end = from;
            }
            None => end -= 1,
        }
    }
    blocks
}
