//! How a record lies in a row: its id and its headers.

use rusqlite::Row;

/// Offsets take the low bits of an id, partitions the rest: 10^12 records in each of 4 million partitions.
const OFFSET_BITS: u32 = 40;
const OFFSET_MASK: i64 = (1 << OFFSET_BITS) - 1;

/// The row's id of an offset in a partition.
pub(super) fn id(partition: i64, offset: i64) -> i64 {
    (partition << OFFSET_BITS) | (offset & OFFSET_MASK)
}

/// The offset in a row's id.
pub(super) fn offset(id: i64) -> i64 {
    id & OFFSET_MASK
}

/// The columns that [`read`] expects, in order.
pub(super) const COLUMNS: &str = "id, sequence, timestamp_ms, key, headers, value";

/// A record without its topic and partition, which the reader knows.
pub(super) struct Stored {
    pub(super) offset: i64,
    pub(super) sequence: i64,
    pub(super) timestamp_ms: i64,
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    pub(super) headers: Vec<(String, Vec<u8>)>,
}

impl Stored {
    pub(super) fn into_record(self, topic: &str, partition: i32) -> crate::Record {
        let Self { offset, timestamp_ms, key, value, headers, .. } = self;
        crate::Record { topic: topic.to_owned(), partition, offset, key, value, headers, timestamp_ms }
    }
}

/// Reads the [`COLUMNS`].
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let packed: Option<&[u8]> = row.get_ref(4)?.as_blob_or_null()?;
    Ok(Stored {
        offset: offset(row.get(0)?),
        sequence: row.get(1)?,
        timestamp_ms: row.get(2)?,
        key: row.get(3)?,
        headers: packed.map_or(Some(Vec::new()), unpack).ok_or(rusqlite::Error::InvalidQuery)?,
        value: row.get(5)?,
    })
}

/// Headers in one blob: for each the length of the name, the name, the length of the value, the value. None when there are none.
pub(super) fn pack(headers: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    if headers.is_empty() {
        return None;
    }
    let mut packed = Vec::with_capacity(headers.iter().map(|(name, value)| name.len() + value.len() + 8).sum());
    for (name, value) in headers {
        for part in [name.as_bytes(), value] {
            packed.extend_from_slice(&(part.len() as u32).to_le_bytes());
            packed.extend_from_slice(part);
        }
    }
    Some(packed)
}

/// The headers of a blob; None when it is damaged.
pub(super) fn unpack(mut packed: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut part = || -> Option<Vec<u8>> {
        let (length, rest) = packed.split_first_chunk::<4>()?;
        let (bytes, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        packed = rest;
        Some(bytes.to_vec())
    };
    let mut headers = Vec::new();
    while let Some(name) = part() {
        headers.push((String::from_utf8(name).ok()?, part()?));
    }
    packed.is_empty().then_some(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_hold_partition_and_offset() {
        for (partition, at) in [(1, 0), (1, OFFSET_MASK), (4_000_000, 17)] {
            assert_eq!(offset(id(partition, at)), at);
            assert!(id(partition, at) < id(partition + 1, 0));
        }
    }

    #[test]
    fn damaged_headers_are_noticed() {
        let whole = pack(&[("a".into(), b"bc".to_vec())]).expect("there are headers");
        for length in 1..whole.len() {
            assert!(unpack(&whole[..length]).is_none(), "{length} bytes of {}", whole.len());
        }
    }

    proptest! {
        #[test]
        fn headers_round_trip(headers in proptest::collection::vec((".{0,9}", proptest::collection::vec(any::<u8>(), 0..20)), 0..5)) {
            let unpacked = pack(&headers).map_or(Some(Vec::new()), |packed| unpack(&packed));
            prop_assert_eq!(unpacked, Some(headers));
        }
    }
}
