//! UUIDs as keys.

use std::borrow::Cow;

/// The positions of the hyphens.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Returns a UUID in lower case and with hyphens; `None` if the text is not a UUID. The text may have no hyphens, and
/// may be in braces.
pub(super) fn normalize(trimmed: &str) -> Option<Cow<'_, str>> {
    let bare = trimmed.strip_prefix('{').map_or(Some(trimmed), |rest| rest.strip_suffix('}'))?;
    if !has_form(bare) {
        return None;
    }
    let is_normal = bare.len() == 36 && !bare.bytes().any(|byte| byte.is_ascii_uppercase());
    Some(if is_normal { Cow::Borrowed(bare) } else { Cow::Owned(hyphenated(bare)) })
}

fn has_form(text: &str) -> bool {
    let is_hyphen = |at: usize| text.len() == 36 && HYPHENS.contains(&at);
    let fits = |(at, byte): (usize, u8)| if is_hyphen(at) { byte == b'-' } else { byte.is_ascii_hexdigit() };
    matches!(text.len(), 32 | 36) && text.bytes().enumerate().all(fits)
}

fn hyphenated(text: &str) -> String {
    let mut uuid = String::with_capacity(36);
    for digit in text.chars().filter(char::is_ascii_hexdigit) {
        if HYPHENS.contains(&uuid.len()) {
            uuid.push('-');
        }
        uuid.push(digit.to_ascii_lowercase());
    }
    uuid
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    #[test]
    fn case_hyphens_and_braces_make_no_difference() {
        let bare = UUID.replace('-', "");
        let upper = UUID.to_uppercase();
        for spelling in [UUID, &bare, &upper, &bare.to_uppercase(), &format!("{{{upper}}}"), &format!("{{{bare}}}")] {
            assert_eq!(normalize(spelling).as_deref(), Some(UUID), "{spelling}");
        }
    }

    #[test]
    fn what_is_no_uuid_has_no_form() {
        let misplaced = "0f8fad5bd-9cb-469f-a165-70867728950e";
        let odd_letter = UUID.replace('f', "g");
        for text in ["x", misplaced, &odd_letter, &UUID[1..], &format!("{{{UUID}"), &format!("{UUID}}}"), "é"] {
            assert_eq!(normalize(text), None, "{text}");
        }
    }
}
