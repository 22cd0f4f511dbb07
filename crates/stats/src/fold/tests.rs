//! The fold against an offline count that is made from what happened, not from the events that tell it.

use std::collections::BTreeMap;

use fika_model::event::timestamp_of;
use fika_model::{AgentId, CallId, IntervalLength, QueueId};
use proptest::prelude::*;

use super::*;

mod cases;
mod happened;

type Table = BTreeMap<IntervalKey, IntervalCounters>;

/// What a compacted topic would hold.
#[derive(Default)]
struct Log {
    calls: Table,
    agents: Table,
    states: BTreeMap<StateKey, Vec<u8>>,
}

impl Log {
    fn take(&mut self, fold: &mut Fold) {
        let changes = fold.take_counters();
        self.calls.extend(changes.calls);
        self.agents.extend(changes.agents);
        for (key, state) in fold.take_states() {
            match state {
                Some(state) => self.states.insert(key, state.encode()),
                None => self.states.remove(&key),
            };
        }
    }

    fn restore(&self) -> Fold {
        let states = self.states.values().map(|bytes| OpenState::decode(bytes).expect("state that was encoded"));
        let calls = self.calls.iter().map(|(key, counters)| CountersOf::Calls(key.clone(), *counters));
        let agents = self.agents.iter().map(|(key, counters)| CountersOf::Agents(key.clone(), *counters));
        Fold::restore(Settings::default(), states, calls.chain(agents))
    }

    /// Both streams together, without empty cells.
    fn table(&self) -> Table {
        let mut table = self.calls.clone();
        for (key, counters) in &self.agents {
            table.entry(key.clone()).or_default().accumulate(counters, 1);
        }
        table.retain(|_, counters| *counters != IntervalCounters::default());
        table
    }
}

fn fold_all(events: &[Event]) -> Log {
    let mut fold = Fold::new(Settings::default());
    let mut log = Log::default();
    for event in events {
        fold.apply(event);
    }
    log.take(&mut fold);
    log
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Disorder inside the window, duplicates and lost ends: exactly the offline counts.
    #[test]
    fn any_stream_inside_the_window_gives_the_offline_counts(centre in happened::centre()) {
        let log = fold_all(&centre.events());
        prop_assert_eq!(log.table(), centre.offline());
    }

    /// Stopped after any event and rebuilt from the stored state: as if it had not stopped.
    #[test]
    fn a_rebuilt_fold_goes_on_exactly(
        centre in happened::centre(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 1..4),
    ) {
        let events = centre.events();
        let cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(events.len())).collect();
        let mut fold = Fold::new(Settings::default());
        let mut log = Log::default();
        for (n, event) in events.iter().enumerate() {
            fold.apply(event);
            if n % 7 == 0 {
                log.take(&mut fold);
            }
            if cuts.contains(&n) {
                log.take(&mut fold);
                fold = log.restore();
            }
        }
        log.take(&mut fold);
        let whole = fold_all(&events);
        prop_assert_eq!(&log.calls, &whole.calls);
        prop_assert_eq!(&log.agents, &whole.agents);
        // States that the uninterrupted fold still holds are held here too.
        for (key, bytes) in &whole.states {
            prop_assert_eq!(OpenState::decode(&log.states[key]).map(|state| state.key()), OpenState::decode(bytes).map(|state| state.key()));
        }
    }

    /// The order in which a window's events come leaves no trace, not even in the stored state.
    #[test]
    fn order_leaves_no_trace(
        centre in happened::centre(),
        swaps in proptest::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..40),
    ) {
        let mut events = centre.calls_of_ten_minutes();
        let whole = fold_all(&events);
        for (a, b) in swaps {
            let (a, b) = (a.index(events.len()), b.index(events.len()));
            events.swap(a, b);
        }
        let shuffled = fold_all(&events);
        prop_assert_eq!(shuffled.states, whole.states);
        prop_assert_eq!(shuffled.calls, whole.calls);
    }
}
