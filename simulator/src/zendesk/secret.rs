//! The values that no log may show.

use serde_json::Value;

const NAMES: [&str; 8] =
    ["access_token", "api_token", "client_assertion", "client_secret", "code", "password", "refresh_token", "token"];
const MASK: &str = "***";

/// Returns a value as the log shows it.
pub(crate) fn shown<'a>(name: &str, value: &'a str) -> &'a str {
    if is_secret(name) {
        MASK
    } else {
        value
    }
}

/// Returns the JSON body of a login as the log shows it; what cannot be read may be anything.
pub(crate) fn masked(body: &[u8]) -> String {
    let Ok(Value::Object(mut login)) = serde_json::from_slice(body) else {
        return MASK.into();
    };
    for (name, value) in &mut login {
        if is_secret(name) || value.is_object() || value.is_array() {
            *value = MASK.into();
        }
    }
    Value::Object(login).to_string()
}

fn is_secret(name: &str) -> bool {
    NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}
