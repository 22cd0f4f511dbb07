//! What happens to records on their way: some come twice, and all come in another order, but none more than two minutes late.

use super::recorders::Recorded;

const LATEST_MS: u64 = 120_000;

pub(super) fn repeated_and_disordered(records: Vec<Recorded>, seed: u64) -> Vec<Recorded> {
    let mut random = seed | 1;
    let mut next = || {
        // Xorshift: any spread will do.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut arriving: Vec<(i64, Recorded)> = Vec::new();
    for record in records {
        let mut arrive = |record: Recorded| arriving.push((record.at_ms + (next() % LATEST_MS) as i64, record));
        if record.value.len().is_multiple_of(5) {
            arrive(record.clone());
        }
        arrive(record);
    }
    arriving.sort_by_key(|(at, _)| *at);
    arriving.into_iter().map(|(_, record)| record).collect()
}
