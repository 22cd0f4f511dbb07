//! What is written is read back, and what is not ours is refused.

use fika_model::event::EpochMs;
use proptest::prelude::*;

use super::*;

fn queue(id: &str) -> QueueId {
    QueueId::new(id).expect("an id")
}

fn call_fact() -> impl Strategy<Value = CallFact> {
    let times = (0..EpochMs::MAX / 4, 0..KINDS.len(), any::<u64>(), any::<u64>());
    let rest = (proptest::option::of("[a-c]"), any::<[Option<i32>; 4]>(), any::<Option<bool>>());
    (times, rest).prop_map(|((at_ms, kind, event_hash, agent_hash), (name, told, answered))| {
        let [wait_ms, talk_ms, hold_ms, wrapup_ms] = told.map(|ms| ms.map(|ms| ms.max(0)));
        let queue = name.map(|name| queue(&name));
        CallFact { at_ms, kind: KINDS[kind], event_hash, agent_hash, queue, wait_ms, talk_ms, hold_ms, wrapup_ms, answered }
    })
}

fn agent_change() -> impl Strategy<Value = AgentChange> {
    (0..EpochMs::MAX / 4, 0..STATES.len(), any::<u64>(), proptest::collection::vec("[a-f]", 0..4)).prop_map(
        |(at_ms, state, event_hash, names)| AgentChange {
            at_ms,
            state: STATES[state],
            event_hash,
            queues: names.iter().map(|name| queue(name)).collect(),
        },
    )
}

fn open_state() -> impl Strategy<Value = OpenState> {
    let id = "[a-zA-Z0-9 .:é-]{1,40}";
    prop_oneof![
        (id, proptest::collection::vec(call_fact(), 0..8))
            .prop_map(|(id, facts)| { OpenState::Call(OpenCall { id: CallId::new(id).expect("an id"), facts }) }),
        (id, proptest::collection::vec(agent_change(), 0..8))
            .prop_map(|(id, changes)| { OpenState::Agent(OpenAgent { id: AgentId::new(id).expect("an id"), changes }) }),
        any::<(Option<i64>, Option<i64>)>().prop_map(|(calls, agents)| OpenState::Watermarks(Watermarks { calls, agents })),
    ]
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_the_same(state in open_state()) {
        prop_assert_eq!(OpenState::decode(&state.encode()), Ok(state));
    }

    #[test]
    fn cut_or_prolonged_bytes_are_refused(state in open_state(), cut in any::<prop::sample::Index>()) {
        let bytes = state.encode();
        prop_assert!(OpenState::decode(&bytes[..cut.index(bytes.len())]).is_err());
        let longer = [bytes.as_slice(), &[0]].concat();
        prop_assert_eq!(OpenState::decode(&longer), Err(CodecError::Surplus { left: 1 }));
    }

    #[test]
    fn arbitrary_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = OpenState::decode(&bytes);
        if let Some(first) = bytes.first_mut() {
            *first = VERSION;
        }
        let _ = OpenState::decode(&bytes);
    }
}

/// The stored form, byte by byte: state that was written once must stay readable.
#[test]
fn the_stored_form_does_not_change() {
    let fact = CallFact {
        at_ms: 300,
        kind: CallEventKind::Connected,
        event_hash: 1,
        agent_hash: 2,
        queue: Some(queue("q")),
        wait_ms: Some(0),
        talk_ms: None,
        hold_ms: Some(199),
        wrapup_ms: None,
        answered: Some(true),
    };
    let state = OpenState::Call(OpenCall { id: CallId::new("c").expect("an id"), facts: vec![fact] });
    let golden = [1, 1, 1, b'c', 1, 1, b'q', 1, 0xd8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0xc8, 1, 0, 2];
    assert_eq!(state.encode(), golden);
    let marks = OpenState::Watermarks(Watermarks { calls: Some(-1), agents: None });
    assert_eq!(marks.encode(), [1, 3, 1, 1, 0]);
    assert_eq!(OpenState::decode(&[2, 3, 0, 0]), Err(CodecError::Version { version: 2 }));
    assert_eq!(crate::fact::stable_hash("pbx", "17"), 6_406_068_237_531_663_289);
}
