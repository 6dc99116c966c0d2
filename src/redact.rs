//! Removes our secrets and people's addresses from external text, in whatever encoding they appear.
//!
//! A remote service may repeat what it was sent: in an error message or a gateway's page, URL-encoded, escaped or in
//! base64. All external text passes through [`line()`], which compares its words, and what they decode to, with the
//! secrets that this process has used.

mod forms;
mod known;

use std::collections::VecDeque;

use secrecy::{ExposeSecret, SecretString};

use forms::{decoded, Form};
use known::Known;

/// The fewest bytes of a secret that is searched for: shorter ones would be found in ordinary words.
const SHORTEST: usize = 8;
/// The number of bytes after which text is neither examined nor shown.
const LONGEST: usize = 16 * 1024;
/// The replacement for a secret.
const SECRET: &str = "[secret]";
/// The replacement for an address.
const ADDRESS: &str = "[address]";

/// Remembers a secret before it is sent. From then on no message shows it.
pub(crate) fn remember(secret: &SecretString) {
    let secret = secret.expose_secret().trim();
    if secret.len() >= SHORTEST {
        known::add(secret);
    }
}

/// Returns the text as one line without secrets, addresses and control characters.
pub(crate) fn line(text: &str) -> String {
    let known = known::all();
    let text = whole(beginning(text), &known);
    words(&text).map(|word| shown(word, &known)).collect::<Vec<_>>().join(" ")
}

/// Returns the beginning of a text that is examined. It ends before a word that does not fit, because half a secret
/// would not be recognized.
fn beginning(text: &str) -> &str {
    if text.len() <= LONGEST {
        return text;
    }
    let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST).last().unwrap_or_default();
    let end = text[..end].rfind(is_gap).unwrap_or_default();
    &text[..end]
}

/// Replaces the secrets that contain white space, which no comparison word by word can find.
fn whole(text: &str, known: &VecDeque<Known>) -> String {
    let spaced = known.iter().map(|known| known.whole.expose_secret()).filter(|secret| secret.contains(is_gap));
    spaced.fold(text.to_owned(), |text, secret| text.replace(secret, SECRET))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_gap).filter(|word| !word.is_empty())
}

fn is_gap(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

fn shown<'a>(word: &'a str, known: &VecDeque<Known>) -> &'a str {
    let forms = decoded(word);
    if forms.iter().any(|form| known.iter().any(|known| known.is_in(form.text()))) {
        return SECRET;
    }
    match forms.iter().any(Form::has_address) {
        true => ADDRESS,
        false => word,
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::{Engine, BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

    use super::*;

    const TOKEN: &str = "00Dxx0000001gPL!AQ\"oAQ/é+x%41_zW9";

    fn percent(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02x}")).collect()
    }

    fn escaped(text: &str) -> String {
        text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect()
    }

    fn entities(text: &str) -> String {
        text.chars().map(|character| format!("&#{};", u32::from(character))).collect()
    }

    fn forms_of(text: &str) -> Vec<String> {
        let quoted = serde_json::to_string(text).unwrap();
        vec![
            text.to_owned(),
            quoted.trim_matches('"').to_owned(),
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            percent(text),
            percent(&percent(text)),
            escaped(text),
            entities(text),
            percent(&escaped(text)),
            BASE64_STANDARD.encode(text),
            BASE64_URL_SAFE_NO_PAD.encode(text),
            BASE64_STANDARD.encode(format!("{text}:")),
            BASE64_STANDARD.encode(format!("a@b.edu/token:{text}")),
            BASE64_URL_SAFE_NO_PAD.encode(format!("me:{text}&x")),
            percent(&BASE64_STANDARD.encode(text)),
        ]
    }

    #[test]
    fn a_secret_is_recognized_in_every_form() {
        remember(&TOKEN.into());
        for form in forms_of(TOKEN) {
            for around in [form.clone(), format!("Bearer={form}"), format!("{{\"token\":\"{form}\",\"x\":1}}")] {
                assert_eq!(line(&format!("no {around} here")), "no [secret] here", "{around}");
            }
        }
    }

    #[test]
    fn a_secret_of_several_words_is_recognized() {
        let password = "correct horse battery staple";
        remember(&password.into());
        remember(&"-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nAKCAQEA7\n-----END KEY-----\n".into());
        assert_eq!(line("no correct horse battery staple here"), "no [secret] here");
        assert_eq!(line(&format!("no {} here", BASE64_STANDARD.encode(password))), "no [secret] here");
        assert_eq!(line("no correct+horse+battery+staple here"), "no [secret] here");
        assert_eq!(line("no \"MIIEvQIBADANBgkq here"), "no [secret] here");
        assert_eq!(line(r"no MIIEvQIBADANBgkq\nAKCAQEA7 here"), "no [secret] here");
    }

    #[test]
    fn an_address_is_recognized_in_every_form() {
        for form in forms_of("jane.doe@school.edu") {
            let shown = line(&format!("no {form} here"));
            assert_eq!(shown, "no [address] here", "{form}");
        }
    }

    #[test]
    fn other_words_stay_as_they_are() {
        for text in [
            "No such column 'Faculty_Verified__c' on entity 'Contact'; 100% of 5 & 7 failed",
            "request 4f6a1f0a-9d2b-4c4f-8c39-0d3d0e0f3a11 of 0034C00000VaYfKQAV at https://example.my.salesforce.com/x",
            r"C:\temp\new invalid_client_id &amp; so on",
            "c2VsZWN0IElkLEVtYWlsX2FsdF9fYyxTY2hvb2xfVHlwZV9fYyxBY2NvdW50LkNoaWxkX29mX0tJUF9fYw==",
        ] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn no_code_is_taken_for_an_address() {
        for code in [
            "REQUEST_LIMIT_EXCEEDED",
            "INVALID_SESSION_ID",
            "UNABLE_TO_LOCK_ROW",
            "INSUFFICIENT_ACCESS_OR_READONLY",
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "UNSUPPORTED_API_VERSION",
            "QUERY_TOO_COMPLICATED",
            "INVALID_QUERY_LOCATOR",
            "API_DISABLED_FOR_ORG",
            "TooManyJobs",
            "DuplicateValue",
            "OrganizationUpdateFailed",
        ] {
            assert_eq!(line(code), code);
        }
    }

    #[test]
    fn short_secrets_are_not_searched_for() {
        remember(&"secret".into());
        assert_eq!(line("the client secret is wrong"), "the client secret is wrong");
    }

    #[test]
    fn a_word_that_is_cut_off_is_not_shown() {
        let long = format!("ab {}", "x".repeat(LONGEST));
        assert_eq!(line(&long), "ab");
    }
}
