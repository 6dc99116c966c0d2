//! Repairs text in responses that is not Unicode: lone surrogates, which forms and imports leave behind when they cut a
//! field in the middle of an emoji, or bytes that are not UTF-8. One such value must not make the rows of everybody
//! else unreadable.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::Body;

/// Parses a small JSON response, with a replacement character for each part that is not Unicode. A refusal may quote
/// such a value of one record, which must not make the results of other records unreadable.
pub(crate) fn read_json<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    match mended_json(body) {
        Some(mended) => serde_json::from_slice(&mended),
        None => serde_json::from_slice(body),
    }
}

/// Returns a JSON response with a replacement character for each part that is not Unicode; `None` if there is nothing
/// to replace.
fn mended_json(body: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(body);
    let surrogates = lone_surrogates(&text);
    if surrogates.is_empty() && matches!(text, Cow::Borrowed(_)) {
        return None;
    }
    let mut mended = text.into_owned().into_bytes();
    surrogates.iter().for_each(|&at| mended[at + 2..at + 6].copy_from_slice(b"fffd"));
    Some(mended)
}

/// Does the same as [`mended_json`] for CSV, which has no escapes.
fn mended_csv(body: &[u8]) -> Option<Vec<u8>> {
    match String::from_utf8_lossy(body) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text.into_bytes()),
    }
}

/// Replaces text in a JSON response that is not Unicode, and logs a warning if there was any.
pub(crate) fn mend_json(service: &str, action: &str, body: &mut Body) {
    mend(mended_json(body), service, action, body);
}

/// Does the same as [`mend_json`] for CSV.
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

/// Returns the positions at which the escapes of lone surrogates begin.
fn lone_surrogates(json: &str) -> Vec<usize> {
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

/// Returns the code unit of the `\u` escape that begins at a position; `None` if there is none.
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
