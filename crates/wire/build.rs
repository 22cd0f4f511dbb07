//! Compiles the protobuf contract: messages (prost), their JSON mapping (pbjson), and the descriptors that name type faults.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost::Message;

const FILES: [&str; 7] = ["command", "event", "interval", "forecast", "request", "roster", "status"];

fn main() -> Result<(), Box<dyn Error>> {
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    let files: Vec<String> = FILES.iter().map(|name| format!("fika/v1/{name}.proto")).collect();
    for file in &files {
        println!("cargo:rerun-if-changed={}", proto.join(file).display());
    }
    let descriptors = protox::compile(&files, [&proto])?;
    let bytes = descriptors.encode_to_vec();
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), &bytes)?;
    prost_build::Config::new()
        .enable_type_names()
        .compile_well_known_types()
        .extern_path(".google.protobuf.Timestamp", "crate::proto::Timestamp")
        .compile_fds(descriptors)?;
    pbjson_build::Builder::new()
        .register_descriptors(&bytes)?
        .extern_path(".google.protobuf.Timestamp", "crate::proto::Timestamp")
        .ignore_unknown_fields()
        .build(&[".fika.v1"])?;
    Ok(())
}
