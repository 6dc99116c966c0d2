//! Text in answers that is not Unicode: half a surrogate pair, which forms and imports leave behind when they cut a field in the
//! middle of an emoji, or bytes that are not UTF-8. One such value is not to cost everybody else's rows.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::Body;

/// Reads a small JSON answer, with a replacement character for each thing in it that is not Unicode: what a refusal quotes of
/// one record is not to cost the others their answer.
pub(crate) fn read_json<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    match mended_json(body) {
        Some(mended) => serde_json::from_slice(&mended),
        None => serde_json::from_slice(body),
    }
}

/// Returns the text of a JSON answer with a replacement character for each thing in it that is not Unicode; `None` where
/// there is nothing to replace.
fn mended_json(body: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(body);
    let halves = halves(&text);
    if halves.is_empty() && matches!(text, Cow::Borrowed(_)) {
        return None;
    }
    let mut mended = text.into_owned().into_bytes();
    halves.iter().for_each(|&at| mended[at + 2..at + 6].copy_from_slice(b"fffd"));
    Some(mended)
}

/// Does the same for CSV, which has no escapes.
fn mended_csv(body: &[u8]) -> Option<Vec<u8>> {
    match String::from_utf8_lossy(body) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text.into_bytes()),
    }
}

/// Replaces in a JSON answer what is not Unicode, and says so in the log.
pub(crate) fn mend_json(service: &str, action: &str, body: &mut Body) {
    mend(mended_json(body), service, action, body);
}

/// Does the same for CSV.
pub(crate) fn mend_csv(service: &str, action: &str, body: &mut Body) {
    mend(mended_csv(body), service, action, body);
}

fn mend(mended: Option<Vec<u8>>, service: &str, action: &str, body: &mut Body) {
    let Some(mended) = mended else { return };
    tracing::warn!(
        "{service}: {action}: some values are not Unicode text; what cannot be read of them stands as U+FFFD"
    );
    body.replace(mended);
}

/// Returns the places where the escapes of lone surrogates begin.
fn halves(json: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = json[at..].find('\\') {
        at += next;
        at += match (unit(json, at), unit(json, at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                found.push(at);
                6
            }
            (Some(_), _) => 6,
            (None, _) => 1 + json[at + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    found
}

/// Returns the code unit of a `\u` escape that begins here.
fn unit(json: &str, at: usize) -> Option<u16> {
    u16::from_str_radix(json.get(at..at + 6)?.strip_prefix("\\u")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(json: &str) -> Option<String> {
        mended_json(json.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn half_a_pair_is_replaced_and_all_else_stays() {
        for whole in [r#"{"a":"\ud83d\ude00 \"x\" \\ud83d \\"}"#, r#""\u00e9\n""#, "😀", "", "\\"] {
            assert_eq!(mended(whole), None, "{whole}");
        }
        assert_eq!(mended(r#""Ann \ud83d""#).unwrap(), r#""Ann \ufffd""#);
        assert_eq!(mended(r#""\uDE00\ud83d\ud83d\ude00\\\ud83dx""#).unwrap(), r#""\ufffd\ufffd\ud83d\ude00\\\ufffdx""#);
        assert_eq!(mended(r#""\ud83d"#).unwrap(), r#""\ufffd"#, "what is cut stays cut");
    }

    #[test]
    fn an_answer_is_read_all_the_same() {
        assert_eq!(read_json::<Vec<String>>(br#"["a \ud83d","b"]"#).unwrap(), ["a \u{fffd}", "b"]);
        assert_eq!(read_json::<Vec<String>>(b"[\"a\xff\",\"b\"]").unwrap(), ["a\u{fffd}", "b"]);
        assert!(read_json::<Vec<String>>(br#"["a \ud83d"#).is_err(), "it is cut short");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_replaced() {
        assert_eq!(mended_json(b"\"a\xffb\"").unwrap(), "\"a\u{fffd}b\"".as_bytes());
        assert_eq!(mended_csv(b"\"a\xed\xa0\xbdb\"").unwrap(), "\"a\u{fffd}\u{fffd}\u{fffd}b\"".as_bytes());
        assert_eq!(mended_csv("\"é\"".as_bytes()), None);
    }
}
