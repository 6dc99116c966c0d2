//! The kinds of fields, which say what their values mean.

/// The kind of a field, after the types of Zendesk's organization fields; it says which spellings mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Unknown: a value means what it is in JSON, so `1` equals `1.0`, but not `"1"`.
    #[default]
    Any,
    /// A text. A number or a boolean means its spelling.
    Text,
    /// A number, even if it is sent as a text.
    Number,
    /// A number without a fraction.
    Integer,
    /// A boolean; no value means `false`.
    Checkbox,
    /// A day, with or without a time of day after it.
    Date,
    /// The tag of an option; upper and lower case are equal.
    DropDown,
}

impl Kind {
    /// Returns the kind of a field of this Zendesk `type`; `None` for types that are not compared, such as `multiselect`, whose
    /// values are lists.
    ///
    /// ```
    /// use crm_sync::compare::Kind;
    /// assert_eq!(Kind::of_zendesk("decimal"), Some(Kind::Number));
    /// assert_eq!(Kind::of_zendesk("multiselect"), None);
    /// ```
    #[must_use]
    pub fn of_zendesk(name: &str) -> Option<Self> {
        Some(match name {
            "text" | "textarea" | "regexp" => Kind::Text,
            "decimal" => Kind::Number,
            "integer" => Kind::Integer,
            "checkbox" => Kind::Checkbox,
            "date" => Kind::Date,
            "dropdown" => Kind::DropDown,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_of_zendesk_have_kinds_unless_a_value_is_several() {
        let kinds = [
            ("text", Some(Kind::Text)),
            ("textarea", Some(Kind::Text)),
            ("regexp", Some(Kind::Text)),
            ("decimal", Some(Kind::Number)),
            ("integer", Some(Kind::Integer)),
            ("checkbox", Some(Kind::Checkbox)),
            ("date", Some(Kind::Date)),
            ("dropdown", Some(Kind::DropDown)),
            ("multiselect", None),
            ("lookup", None),
        ];
        for (name, kind) in kinds {
            assert_eq!(Kind::of_zendesk(name), kind, "{name}");
        }
    }
}
