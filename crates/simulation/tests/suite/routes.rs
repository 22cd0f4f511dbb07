//! Rules beyond ranks: agents kept for other queues, help above a length of queue, weights, a group's own times, who stays after the
//! end, small waiting rooms, means by the answer's period, and callers who call once more.

use fika_model::event::CallEventKind::{Abandoned, Connected};
use fika_simulation::{Arrivals, FollowUp, Group, Period, Queue, Scenario, Serves, Shape, Times};

use super::fixture::{Diary, constant, group, listed, queue, scenario, simulate};

/// The queues of the answered calls, in the order of their answers.
fn answered_queues(diary: &Diary) -> Vec<usize> {
    diary.calls.iter().filter(|step| step.kind == Connected).map(|step| step.queue).collect()
}

fn one_group(queues: Vec<Queue>, serves: Vec<Serves>, agents: u32) -> Scenario {
    scenario(3600.0, 1, queues, vec![group(serves, vec![agents])])
}

#[test]
fn kept_agents_wait_for_the_other_queue() {
    let with = |reserve| {
        let queues = vec![listed(&[10.0], 100.0), listed(&[1.0, 2.0], 50.0)];
        let serves = vec![Serves::queue(0), Serves { reserve, ..Serves::queue(1) }];
        let diary = Diary::of(&one_group(queues, serves, 2), 1, 0);
        (diary.seconds(Connected), answered_queues(&diary))
    };
    assert_eq!(with(0), (vec![1.0, 2.0, 51.0], vec![1, 1, 0]));
    // One of two is kept: the second call of queue 1 waits until both are idle, at 110.
    assert_eq!(with(1), (vec![1.0, 10.0, 110.0], vec![1, 0, 1]));
}

#[test]
fn a_group_helps_only_while_more_than_so_many_wait() {
    let with = |above| {
        let own = group(vec![Serves::queue(0)], vec![1]);
        let helpers = group(vec![Serves { above, ..Serves::queue(0) }], vec![2]);
        let calls = listed(&[1.0, 2.0, 3.0, 4.0, 5.0], 100.0);
        let diary = Diary::of(&scenario(3600.0, 1, vec![calls], vec![own, helpers]), 1, 0);
        (diary.seconds(Connected), diary.answered_by())
    };
    // Agent 0 is the queue's own. With the third waiting call the helper takes the first of them.
    assert_eq!(with(2), (vec![1.0, 4.0, 5.0, 101.0, 201.0], vec![0, 1, 2, 0, 0]));
    assert_eq!(with(9), (vec![1.0, 101.0, 201.0, 301.0, 401.0], vec![0; 5]));
}

#[test]
fn a_weight_makes_a_wait_count_more() {
    let with = |weight| {
        // Free at 100: the call of queue 0 has waited 90 s, that of queue 1 for 40 s.
        let queues = vec![listed(&[0.0, 10.0], 100.0), listed(&[60.0], 100.0)];
        let serves = vec![Serves::queue(0), Serves { weight, ..Serves::queue(1) }];
        answered_queues(&Diary::of(&one_group(queues, serves, 1), 1, 0))
    };
    assert_eq!((with(1.0), with(2.2), with(2.3)), (vec![0, 0, 1], vec![0, 0, 1], vec![0, 1, 0]));
}

#[test]
fn a_group_may_talk_in_its_own_time() {
    let slow = Serves { call_rank: 1, talk: Some(constant(300.0)), proficiency: 2.0, ..Serves::queue(0) };
    let groups = vec![group(vec![Serves::queue(0)], vec![1]), group(vec![slow], vec![1])];
    let diary = Diary::of(&scenario(3600.0, 1, vec![listed(&[1.0, 2.0], 100.0)], groups), 1, 0);
    assert_eq!(diary.seconds(fika_model::event::CallEventKind::Ended), [101.0, 152.0]);
}

#[test]
fn who_stays_after_the_end_is_told_apart() {
    let with = |heads_after| {
        let agents = Group { heads_after, ..group(vec![Serves::queue(0)], vec![1]) };
        let calls = Queue { patience: Some(constant(1000.0)), ..listed(&[3500.0, 3510.0, 3520.0], 200.0) };
        let diary = Diary::of(&scenario(3600.0, 1, vec![calls], vec![agents]), 1, 0);
        (diary.seconds(Connected), diary.seconds(Abandoned))
    };
    assert_eq!(with(None), (vec![3500.0, 3700.0, 3900.0], vec![]));
    assert_eq!(with(Some(0)), (vec![3500.0], vec![4510.0, 4520.0]));
    assert_eq!(with(Some(2)), (vec![3500.0, 3600.0, 3700.0], vec![]));
}

#[test]
fn a_queue_may_have_a_waiting_room_of_its_own() {
    let small = Queue { waiting_room: Some(1), ..listed(&[1.0, 2.0, 3.0], 100.0) };
    let serves = vec![Serves::queue(0), Serves::queue(1)];
    let report = simulate(&one_group(vec![small, listed(&[4.0, 5.0], 100.0)], serves, 1), 2);
    let blocked = |queue: usize| report.queues[queue].whole.blocked().mean;
    assert!((blocked(0) - 1.0).abs() < 1e-9 && blocked(1).abs() < 1e-9);
    // One of queue 0 waits from 2 on, two of queue 1 from 4 and 5 on.
    let most = |n: usize| report.queues[n].longest_queue().mean;
    assert!((most(0) - 1.0).abs() < 1e-9 && (most(1) - 2.0).abs() < 1e-9);
    assert!((report.total.longest_queue().mean - 3.0).abs() < 1e-9);
    // They wait 99, 197 and 296 s.
    assert!((report.total.queue_length().mean - 592.0 / 3600.0).abs() < 1e-9);
    assert!(report.total.whole.wait_of_waiting_s().is_some_and(|wait| (wait.mean - 592.0 / 3.0).abs() < 1e-9));
    assert!(report.total.whole.waited_share().is_some_and(|share| (share.mean - 0.75).abs() < 1e-9));
}

#[test]
fn means_are_of_the_arrival_or_of_the_answer() {
    let with = |handled_by| {
        let talk = Times { shape: Shape::Constant, mean_s: vec![100.0, 10.0, 1.0] };
        let calls = Queue { talk, handled_by, ..listed(&[1799.0, 1799.5, 1799.9, 3599.0], 0.0) };
        let diary = Diary::of(&scenario(1800.0, 2, vec![calls], vec![group(vec![Serves::queue(0)], vec![1])]), 1, 0);
        diary.seconds(Connected)
    };
    assert_eq!(with(Period::Arrival), [1799.0, 1899.0, 1999.0, 3599.0]);
    assert_eq!(with(Period::Answer), [1799.0, 1899.0, 1909.0, 3599.0]);
}

#[test]
fn callers_who_were_served_may_go_on_to_another_queue() {
    let next = FollowUp { probability: 1.0, queue: 1, delay: constant(60.0) };
    let first = Queue { follow_up: Some(next), ..listed(&[1.0, 3500.0], 100.0) };
    let second = Queue { talk: constant(7.0), ..listed(&[], 7.0) };
    let serves = vec![Serves::queue(0), Serves::queue(1)];
    let scenario = one_group(vec![first, second], serves, 1);
    let diary = Diary::of(&scenario, 1, 0);
    assert_eq!((diary.seconds(Connected), answered_queues(&diary)), (vec![1.0, 161.0, 3500.0], vec![0, 1, 0]));
    let report = simulate(&scenario, 2);
    assert!((report.follow_ups.mean - 1.0).abs() < 1e-9, "what would come after the horizon does not: {:?}", report.follow_ups);
}

/// A factor of each period moves the calls of that period alone; its spread is that of the counts.
#[test]
fn periods_have_factors_of_their_own() {
    let calls = Queue { period_factor: Shape::LogNormal { cv: 0.5 }, ..queue(Arrivals::Expected(vec![400.0]), constant(1.0), None) };
    let mut scenario = scenario(3600.0, 4, vec![calls], vec![group(vec![Serves::queue(0)], vec![10])]);
    scenario.interval_s = 3600.0;
    let report = simulate(&scenario, 2000);
    let deviation = |estimate: fika_simulation::Estimate| (estimate.high - estimate.low) / 2.0 / 1.96 * 2000.0_f64.sqrt();
    let of_period = deviation(report.total.intervals[0].offered());
    let expected = (400.0_f64 + (0.5 * 400.0_f64).powi(2)).sqrt();
    assert!((of_period / expected - 1.0).abs() < 0.06, "{of_period}, in truth {expected}");
    let of_day = deviation(report.total.whole.offered());
    assert!((of_day / (2.0 * expected) - 1.0).abs() < 0.06, "independent: twice that of one, not four times: {of_day}");
}
