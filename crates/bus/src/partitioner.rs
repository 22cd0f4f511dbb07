//! From a key to its partition: the same as the Java client's default, so that other producers' records of a key lie together with ours.

/// The partition of `key` among `partitions` (1 or more): murmur2 as the Java client has it, sign bit cleared, modulo.
///
/// # Panics
/// When `partitions` is 0.
pub fn partition_for(key: &[u8], partitions: u32) -> i32 {
    ((murmur2(key) & 0x7fff_ffff) % partitions) as i32
}

/// `MurmurHash2` with the seed of `org.apache.kafka.common.utils.Utils.murmur2`.
fn murmur2(bytes: &[u8]) -> u32 {
    const MIX: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ bytes.len() as u32;
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(MIX);
        k ^= k >> 24;
        hash = hash.wrapping_mul(MIX) ^ k.wrapping_mul(MIX);
    }
    let rest = words.remainder();
    for (place, byte) in rest.iter().enumerate().rev() {
        hash ^= u32::from(*byte) << (8 * place);
    }
    if !rest.is_empty() {
        hash = hash.wrapping_mul(MIX);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MIX);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn murmur2_equals_the_java_client() {
        // The expected values of org.apache.kafka.common.utils.UtilsTest.
        let cases: [(&str, i32); 6] = [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ];
        for (key, expect) in cases {
            assert_eq!(murmur2(key.as_bytes()) as i32, expect, "{key}");
        }
    }

    #[test]
    fn partitions_stay_inside_their_number() {
        for partitions in [1, 2, 12, 1_000] {
            for key in 0_u32..500 {
                let partition = partition_for(&key.to_be_bytes(), partitions);
                assert!((0..partitions as i32).contains(&partition), "{key} of {partitions}");
            }
        }
    }
}
