//! Record ids: 15 characters, or the same 15 and three more that tell their case.

const SUFFIX: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// Returns the 15 characters that name the record, whichever form the id has; any other text as it is.
///
/// Only a suffix that fits is taken off: made-up ids such as `003000000000000001` stay different from each other.
pub(crate) fn core(id: &str) -> &str {
    match (id.get(..15), id.get(15..)) {
        (Some(core), Some(end)) if end.len() == 3 && suffix(core).is_some_and(|own| own == end.as_bytes()) => core,
        _ => id,
    }
}

/// Returns the id of 18 characters for one of 15.
pub(crate) fn long(core: &str) -> String {
    core.chars().chain(suffix(core).into_iter().flatten().map(char::from)).collect()
}

/// Returns the letters for the case of 15 characters. Asked for each id of a million, so that it makes no text.
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
