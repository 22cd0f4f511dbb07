//! TLS with a password (SCRAM) and with certificates of both sides, against the real broker; and secrets that nobody ever sees.

use std::process::{Command, Output};

use fika_tests::fleet::Fleet;
use fika_tests::kafka::{Broker, Certificates, Secure, Wish};
use fika_tests::program::{self, get, scratch, until};
use fika_tests::stream::{Noise, Stream};

const USER: &str = "planner";
const PASSWORD: &str = "planted-secret-of-the-user";
const KEY_PASSWORD: &str = "planted-secret-of-the-key";
const QUIET: Noise = Noise { duplicates: 0, garbage: 0 };

/// What was said, to be searched for secrets.
#[derive(Default)]
struct Said(String);

impl Said {
    fn hear(&mut self, output: &Output) {
        self.0 += &String::from_utf8_lossy(&output.stdout);
        self.0 += &String::from_utf8_lossy(&output.stderr);
    }
}

fn fika(brokers: &str, arguments: &[&str], properties: &[(&str, String)], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(program::path());
    command.args(arguments).args(["--brokers", brokers]).envs(variables.iter().copied());
    for (name, value) in properties {
        command.arg("--kafka-property").arg(format!("{name}={value}"));
    }
    command.output().expect("the program starts")
}

/// Whoever shows the wrong thing, or nothing, is refused; and told so without the secret.
fn strangers_are_refused(
    broker: &Broker,
    certificates: &Certificates,
    scram: &[(&str, String)],
    mutual: &[(&str, String)],
    said: &mut Said,
) {
    let authority = ("ssl.ca.location", certificates.path("authority.pem"));
    let wrong = [("FIKA_KAFKA_PROPERTY_SASL_PASSWORD", "planted-secret-that-is-wrong")];
    let plain = [("security.protocol", "PLAINTEXT".to_owned())];
    let no_certificate = [("security.protocol", "SSL".to_owned()), authority.clone()];
    let strange_authority = [("security.protocol", "SSL".to_owned())];
    let bad_value = [("FIKA_KAFKA_PROPERTY_SASL_PASSWORD", PASSWORD), ("FIKA_KAFKA_PROPERTY_SASL_MECHANISM", "A-MECHANISM-OF-NO-NAME")];
    for output in [
        fika(&broker.scram(), &["topics"], scram, &wrong),
        fika(&broker.scram(), &["topics"], &plain, &[]),
        fika(&broker.mutual(), &["topics"], &no_certificate, &[]),
        fika(&broker.mutual(), &["topics"], &strange_authority, &[]),
        fika(&broker.scram(), &["topics"], &scram[..1], &bad_value),
        fika(&broker.mutual(), &["topics"], mutual, &[("FIKA_KAFKA_PROPERTY_SSL_KEY_PASSWORD", "planted-secret-of-another")]),
    ] {
        assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
        said.hear(&output);
    }
}

#[test]
fn kafka_speaks_tls_and_secrets_stay_secret() {
    let folder = scratch("kafka-secure");
    let certificates = Certificates::make(&folder, KEY_PASSWORD);
    let secure = Secure { certificates: certificates.clone(), user: (USER.to_owned(), PASSWORD.to_owned()) };
    let Some(broker) = Broker::start_own_or_skip(&Wish { secure: Some(secure), ..Wish::default() }) else { return };
    let authority = ("ssl.ca.location", certificates.path("authority.pem"));
    let scram = [
        ("security.protocol", "SASL_SSL".to_owned()),
        ("sasl.mechanism", "SCRAM-SHA-512".to_owned()),
        ("sasl.username", USER.to_owned()),
        authority.clone(),
    ];
    let mutual = [
        ("security.protocol", "SSL".to_owned()),
        ("ssl.certificate.location", certificates.path("client.pem")),
        ("ssl.key.location", certificates.path("client.key")),
        authority.clone(),
    ];
    let password = [("FIKA_KAFKA_PROPERTY_SASL_PASSWORD", PASSWORD)];
    let key_password = [("FIKA_KAFKA_PROPERTY_SSL_KEY_PASSWORD", KEY_PASSWORD)];
    let mut said = Said::default();

    let by_password = fika(&broker.scram(), &["topics"], &scram, &password);
    assert!(by_password.status.success(), "{}", String::from_utf8_lossy(&by_password.stderr));
    let by_certificate = fika(&broker.mutual(), &["topics"], &mutual, &key_password);
    assert!(by_certificate.status.success(), "{}", String::from_utf8_lossy(&by_certificate.stderr));
    let shown = fika(&broker.scram(), &["serve", "--check-config"], &scram, &password);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("***"));
    for output in [&by_password, &by_certificate, &shown] {
        said.hear(output);
    }

    strangers_are_refused(&broker, &certificates, &scram, &mutual, &mut said);
    // One member by password, one by certificate, both with all that they could ever log; they count together.
    let start = |brokers: &str, properties: &[(&str, String)], (name, value): (&str, &str)| {
        let properties: Vec<(&str, &str)> = properties.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let log = folder.join(name);
        std::fs::create_dir_all(&log).expect("a folder");
        let mut fleet = Fleet::new(brokers, "ingest,forecast,planner,api", &properties, &log).with(name, value).with("FIKA_LOG", "trace");
        fleet.join();
        fleet
    };
    let fleets = [start(&broker.scram(), &scram, password[0]), start(&broker.mutual(), &mutual, key_password[0])];
    let bus = fika_bus::open(&broker.address(&[])).expect("the broker answers");
    let stream = Stream::of_events(5, 2_000);
    bus.append(stream.feed(QUIET).collect()).expect("it is appended");
    for fleet in &fleets {
        let address = fleet.members()[0].address();
        let metrics = until("the member is ready", || {
            let (status, reasons) = get(&address, "/readyz")?;
            said.0 += &reasons;
            (status == 200).then(|| get(&address, "/metrics"))
        });
        said.0 += &metrics.expect("the metrics").1;
    }
    until("everything is counted", || (super::lag(&*bus) == 0).then_some(()));
    assert_eq!(super::offered(&*bus), stream.calls as i64);
    for mut fleet in fleets {
        let log = fleet.members()[0].log.clone();
        assert_eq!(fleet.leave(0).code(), Some(0));
        let logged = std::fs::read_to_string(log).expect("a log");
        assert!(logged.contains("works"), "it has logged");
        said.0 += &logged;
    }
    let seen: Vec<&str> = said.0.lines().filter(|line| line.contains("planted-secret")).collect();
    assert!(seen.is_empty(), "{} lines show a secret, such as {:?}", seen.len(), seen.first());
    assert!(said.0.contains(USER) || said.0.contains("***"), "something was said");
    std::fs::remove_dir_all(folder).expect("the folder goes when all is well");
}
