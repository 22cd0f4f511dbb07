//! Certificates for one test: an authority, and what it has signed for the brokers and for a client. Made by the `openssl` command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with `authority.pem`, `broker.pem` (key and certificate), `client.pem` and `client.key`, which has a password.
#[derive(Debug, Clone)]
pub struct Certificates {
    /// Where the files are.
    pub folder: PathBuf,
}

impl Certificates {
    /// Makes them in a folder. The client's key opens with `password`.
    pub fn make(folder: &Path, password: &str) -> Self {
        let openssl = |arguments: &str| {
            let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().expect("openssl is there");
            assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
        };
        openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=fika-test-authority -keyout authority.key -out authority.pem");
        fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n").expect("a file");
        for who in ["broker", "client"] {
            openssl(&format!("req -newkey rsa:2048 -nodes -subj /CN=fika-test-{who} -keyout {who}.key -out {who}.csr"));
            openssl(&format!(
                "x509 -req -in {who}.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile names -out {who}.pem"
            ));
        }
        openssl(&format!("rsa -aes256 -in client.key -out client.sealed -passout pass:{password}"));
        fs::rename(folder.join("client.sealed"), folder.join("client.key")).expect("a file");
        // Java wants key and certificate in one file.
        let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a file");
        fs::write(folder.join("broker.pem"), [read("broker.key"), read("broker.pem")].concat()).expect("a file");
        Self { folder: folder.to_owned() }
    }

    /// The path of one of the files.
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}
