//! Record ids: 15 characters, or the same 15 followed by three that encode their case.

const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// Returns the 15 characters that identify the record, from either form of its id. Any other text is returned
/// unchanged.
///
/// Only a valid suffix is removed, so that made-up ids such as `003000000000000001` remain different from each other.
pub(crate) fn core(id: &str) -> &str {
    match (id.get(..15), id.get(15..)) {
        (Some(core), Some(end)) if end.len() == 3 && suffix(core).is_some_and(|own| own == end.as_bytes()) => core,
        _ => id,
    }
}

/// Returns the 18-character form of a 15-character id.
pub(crate) fn long(core: &str) -> String {
    core.chars().chain(suffix(core).into_iter().flatten().map(char::from)).collect()
}

/// Returns the suffix of a 15-character id. It is an array, because it is computed for each of a million ids.
fn suffix(core: &str) -> Option<[u8; 3]> {
    let bytes = core.as_bytes();
    if bytes.len() != 15 || !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let letter = |chunk: usize| {
        let upper = |place: usize| usize::from(bytes[chunk * 5 + place].is_ascii_uppercase()) << place;
        SUFFIX[(0..5).map(upper).sum::<usize>()]
    };
    Some([letter(0), letter(1), letter(2)])
}

/// Returns the first three characters of the ids of an object.
pub(crate) fn prefix(object: &str) -> &'static str {
    match object {
        "Account" => "001",
        "Contact" => "003",
        "Lead" => "00Q",
        _ => "a00",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_have_one_core() {
        assert_eq!(long("0014M00001sDiGE"), "0014M00001sDiGEQA0");
        assert_eq!(core("0014M00001sDiGEQA0"), "0014M00001sDiGE");
        assert_eq!(core("0014M00001sDiGE"), "0014M00001sDiGE");
    }

    #[test]
    fn what_is_no_id_stays_as_it_is() {
        for text in ["003000000000000001", "", "äöüäöüäöüäöüäöü", "0014M00001sDiGEQA1"] {
            assert_eq!(core(text), text);
        }
    }
}
