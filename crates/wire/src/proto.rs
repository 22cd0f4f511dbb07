//! The messages of `proto/fika/v1`, as generated, and their descriptors.
//!
//! Nothing here is checked: a message may say anything that its types can hold. [`crate::convert`] makes model values of messages.

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

mod timestamp;

pub use timestamp::Timestamp;

/// Package `fika`.
pub mod fika {
    /// Package `fika.v1`: see the comments in `proto/fika/v1`.
    #[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::unwrap_used)]
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/fika.v1.rs"));
        include!(concat!(env!("OUT_DIR"), "/fika.v1.serde.rs"));
    }
}

/// The descriptors of every message, for reading JSON with the names of all type faults.
pub static DESCRIPTORS: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
    DescriptorPool::decode(&bytes[..]).expect("the build wrote the descriptors of the contract")
});

#[cfg(test)]
mod tests {
    use super::DESCRIPTORS;

    /// Fields and names of enumerations are the declarations whose path in the file ends in 2 and a number.
    #[test]
    fn every_field_of_the_contract_has_a_comment() {
        let mut fields = 0;
        for file in DESCRIPTORS.files().filter(|file| file.package_name() == "fika.v1") {
            let proto = file.file_descriptor_proto();
            let locations = proto.source_code_info.as_ref().map(|info| info.location.as_slice()).unwrap_or_default();
            for location in locations.iter().filter(|l| l.path.len() >= 4 && l.path.len() % 2 == 0 && l.path[l.path.len() - 2] == 2) {
                fields += 1;
                let line = location.span.first().map_or(0, |line| line + 1);
                assert!(location.leading_comments.is_some(), "{}:{line} has no comment", file.name());
            }
        }
        assert!(fields > 300, "only {fields} fields were looked at");
    }
}
