//! E-mail addresses as keys, and which spellings of an address are equal.

use std::borrow::Cow;

/// Normalizes an address: trims it, turns ASCII letters into lower case, and the domain into its A-label. Returns
/// `None` for a blank.
///
/// A non-ASCII domain becomes its A-label only where UTS 46 changes nothing but case; any other address with such a
/// domain keeps its spelling and equals only itself. Nothing looser is ever applied: no Gmail dots, no plus-tags, no
/// NFKC.
///
/// ```
/// use crm_sync::contacts::normalize;
/// assert_eq!(normalize("\u{a0} Ann@B.edu\n").as_deref(), Some("ann@b.edu"));
/// assert_eq!(normalize("ann@BÜCHER.example").as_deref(), Some("ann@xn--bcher-kva.example"));
/// assert_eq!(normalize(" \t"), None);
/// ```
#[must_use]
pub fn normalize(text: &str) -> Option<Cow<'_, str>> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return None;
    }
    if !trimmed.is_ascii() {
        if let Some((local, domain)) = trimmed.rsplit_once('@').filter(|(_, domain)| !domain.is_ascii()) {
            return Some(Cow::Owned(match a_label(domain) {
                Some(ascii) => format!("{}@{ascii}", local.to_ascii_lowercase()),
                None => trimmed.to_ascii_lowercase(),
            }));
        }
    }
    Some(match trimmed.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(trimmed.to_ascii_lowercase()),
        false => Cow::Borrowed(trimmed),
    })
}

/// Masks an address, so that a person can recognise it, but it is not given away: `j…@b.edu`.
#[must_use]
pub fn masked(address: &str) -> String {
    const LIMIT: usize = 80;
    let fit = |text: &str| text.chars().filter(|c| !c.is_control()).take(LIMIT).collect::<String>();
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}…@{}", fit(local).chars().next().unwrap_or_default(), fit(domain)),
        None => "…".into(),
    }
}

fn a_label(domain: &str) -> Option<String> {
    let lower = domain.chars().map(plain_lower_case).collect::<Option<String>>()?;
    let ascii = idna::domain_to_ascii(domain).ok()?;
    let (unicode, valid) = idna::domain_to_unicode(&ascii);
    (valid.is_ok() && unicode == lower).then_some(ascii)
}

/// Returns the lower case of a character if the upper case of that is the character again. The Kelvin sign, for
/// example, is not an upper-case K, but a look-alike of it.
fn plain_lower_case(c: char) -> Option<char> {
    let lower = single(c.to_lowercase())?;
    (lower == c || single(lower.to_uppercase()) == Some(c)).then_some(lower)
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Normalizes an address without the shortcut for ASCII.
    fn the_long_way(text: &str) -> Option<String> {
        let trimmed = Some(text.trim()).filter(|trimmed| !trimmed.is_empty())?;
        let domain = trimmed.rsplit_once('@').filter(|(_, domain)| !domain.is_ascii());
        let label = domain.and_then(|(local, domain)| Some((local.to_ascii_lowercase(), a_label(domain)?)));
        Some(label.map_or_else(|| trimmed.to_ascii_lowercase(), |(local, ascii)| format!("{local}@{ascii}")))
    }

    proptest! {
        #[test]
        fn the_short_way_of_ascii_leads_to_the_same(
            text in prop_oneof!["\\s?[ -~\t-\r]{0,9}@?[A-Za-z.@]{0,9}\\s?", any::<String>()],
        ) {
            prop_assert_eq!(normalize(&text).map(Cow::into_owned), the_long_way(&text));
        }
    }

    #[test]
    fn equal_spellings() {
        for (text, key) in [
            ("A@B.EDU", "a@b.edu"),
            (" a@b.edu\u{3000}", "a@b.edu"),
            ("É@b.edu", "É@b.edu"),
            ("a@STRASSE.de", "a@strasse.de"),
            ("a@straße.de", "a@xn--strae-oqa.de"),
            ("a@Ärzte.DE", "a@xn--rzte-koa.de"),
            ("a@xn--rzte-koa.de", "a@xn--rzte-koa.de"),
            ("no-at-sign", "no-at-sign"),
        ] {
            assert_eq!(normalize(text).as_deref(), Some(key), "{text}");
        }
    }

    #[test]
    fn look_alikes_stay_apart() {
        // Kelvin and Angstrom signs, dotted I, ligature, full-width letters and dot, soft hyphen, decomposed ä.
        for domain in [
            "\u{212a}elvin.edu",
            "\u{212b}r.edu",
            "\u{130}x.edu",
            "ﬁ.edu",
            "ｂ.edu",
            "ä。edu",
            "ä\u{ad}b.edu",
            "a\u{308}.edu",
        ] {
            let text = format!("a@{domain}");
            assert_eq!(normalize(&text).as_deref(), Some(text.as_str()), "{domain}");
        }
        assert_ne!(normalize("\u{212a}@b.edu"), normalize("k@b.edu"));
        assert_ne!(normalize("a.b@gmail.com"), normalize("ab@gmail.com"));
    }

    #[test]
    fn masked_addresses_do_not_give_the_person_away() {
        assert_eq!(masked("jane@b.edu"), "j…@b.edu");
        assert_eq!(masked("x@\u{1b}[2Jb\n.edu"), "x…@[2Jb.edu", "nothing that a terminal obeys");
        assert!(masked(&format!("x@{}", "b".repeat(9_999))).len() < 100);
    }
}
