//! What must not be printed, told by the name of its setting.

/// Parts of Kafka property names whose values are secrets.
const SECRET_PARTS: [&str; 6] = ["password", "secret", "token", "jaas", "key.pem", "username"];

/// What stands in place of a secret.
pub(crate) const STARS: &str = "***";

/// The value of a setting as it may be printed.
pub(crate) fn shown<'a>(key: &str, value: &'a str) -> &'a str {
    let secret = SECRET_PARTS.iter().any(|part| key.contains(part));
    if secret && !value.is_empty() { STARS } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_print_as_stars() {
        for key in ["kafka.sasl.password", "kafka.ssl.key.pem", "kafka.sasl.oauthbearer.client.secret", "kafka.ssl.keystore.password"] {
            assert_eq!(shown(key, "hush"), STARS, "{key}");
        }
        assert_eq!(shown("kafka.security.protocol", "SASL_SSL"), "SASL_SSL");
        assert_eq!(shown("kafka.sasl.password", ""), "");
    }
}
