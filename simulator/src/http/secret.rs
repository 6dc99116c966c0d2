//! Masks the values that the log must not contain.

use serde_json::Value;

/// The names of secrets in forms, query strings and JSON of both services.
const NAMES: [&str; 9] = [
    "access_token",
    "api_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code",
    "password",
    "refresh_token",
    "token",
];
/// The replacement for a secret.
pub(crate) const MASK: &str = "***";

/// Returns a value as the log shows it.
pub(crate) fn shown<'a>(name: &str, value: &'a str) -> &'a str {
    if is_secret(name) {
        MASK
    } else {
        value
    }
}

/// Returns a login form as the log shows it.
pub(crate) fn masked_form(form: &[u8]) -> String {
    let mut masked = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(form) {
        masked.append_pair(&name, shown(&name, &value));
    }
    masked.finish()
}

/// Returns the JSON body of a login as the log shows it. A body that is not a JSON object is masked as a whole.
pub(crate) fn masked_json(body: &[u8]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_every_form() {
        assert_eq!(masked_form(b"client_id=a&Assertion=b%20c&code=1"), "client_id=a&Assertion=***&code=***");
        assert_eq!(
            masked_json(br#"{"scope":"read","token":"t","user":{"x":1}}"#),
            r#"{"scope":"read","token":"***","user":"***"}"#
        );
        assert_eq!((masked_json(b"token=t"), shown("ACCESS_TOKEN", "t"), shown("page", "t")), (MASK.into(), MASK, "t"));
    }
}
