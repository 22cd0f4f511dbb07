//! The real bank's January, simulated from what is known of its agents, comes near what was measured.
//!
//! The data set stays where it is; without it the test says that it is skipped.

use fika_model::{ServiceCounts, ServiceLevelFormula};
use fika_simulation::{RunSettings, run};
use fika_tests::january::{self, Staff};
use fika_tests::repository::root;
use fika_tests::skipped;

fn total(hours: &[ServiceCounts]) -> ServiceCounts {
    let mut sum = ServiceCounts::default();
    for counts in hours {
        sum.add(counts);
    }
    sum
}

#[test]
fn simulated_and_measured_agree_as_far_as_the_agents_are_known() {
    let folder = root().join("../shared/data/anonymous_bank_1999");
    if !folder.is_dir() {
        skipped("the bank's calls are not beside the repository");
        return;
    }
    let calls = january::calls(&folder).expect("the calls can be read");
    let seen = january::seen(&folder).expect("the agents can be read");
    let real = total(&january::measured(&calls));
    assert_eq!(real.offered() as u32, 30_161, "the offered calls that the data set names");
    let level = |counts: &ServiceCounts| ServiceLevelFormula::AbandonsNegative.level(counts).expect("calls");
    assert!((level(&real) - 0.544).abs() < 0.0006, "{}", level(&real));
    let simulated = |staff| {
        let report = run(&january::scenario(&calls, &seen, staff), &RunSettings { replications: 4, seed: 1, workers: 2 }).expect("legal");
        level(&report.total.whole.counts())
    };
    // Agents seen at any moment of a half hour are more than were there all of it. What is known of their spells and of the time between
    // calls takes most of the difference away.
    let (seen_level, pausing_level) = (simulated(Staff::Seen), simulated(Staff::Pausing));
    assert!(seen_level > level(&real) + 0.2, "{seen_level}");
    assert!((pausing_level - level(&real)).abs() < 0.09, "{pausing_level}");
}
