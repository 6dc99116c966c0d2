//! The labels of objects and fields, derived from their API names.

/// Returns the label of an object or field: `SchoolType__c` becomes `School Type`, `AccountId` becomes `Account ID`.
pub(crate) fn label(name: &str) -> String {
    let stem = name.strip_suffix("__c").unwrap_or(name);
    let mut label = String::with_capacity(stem.len() + 4);
    let mut before = ' ';
    for character in stem.chars().map(|character| if character == '_' { ' ' } else { character }) {
        if character.is_uppercase() && before.is_lowercase() {
            label.push(' ');
        }
        label.push(character);
        before = character;
    }
    match label.strip_suffix(" Id") {
        Some(start) => format!("{start} ID"),
        None => label,
    }
}

/// Returns the plural of an English noun.
pub(crate) fn plural(noun: &str) -> String {
    let sibilant = ["s", "x", "z", "ch", "sh"].iter().any(|end| noun.ends_with(end));
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if sibilant => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::{label, plural};

    #[test]
    fn labels_are_words() {
        let cases = [
            ("Name", "Name"),
            ("LastName", "Last Name"),
            ("AccountId", "Account ID"),
            ("Faculty_Verified__c", "Faculty Verified"),
            ("SchoolType__c", "School Type"),
            ("SIS_ID__c", "SIS ID"),
        ];
        for (name, wanted) in cases {
            assert_eq!(label(name), wanted);
        }
    }

    #[test]
    fn plurals_are_regular() {
        let cases =
            [("Contact", "Contacts"), ("Opportunity", "Opportunities"), ("Survey", "Surveys"), ("Box", "Boxes")];
        for (noun, wanted) in cases {
            assert_eq!(plural(noun), wanted);
        }
    }
}
