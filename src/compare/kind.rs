//! The kinds of fields, which determine what values mean.

/// The kind of a field, modelled on the types of Zendesk's organization fields. It determines which spellings mean the
/// same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// An unknown kind: a value means what it is in JSON, so `1` equals `1.0`, but not `"1"`.
    #[default]
    Any,
    /// A text. A number or a boolean means its spelling.
    Text,
    /// A number, which may be sent as a text.
    Number,
    /// A number without a fraction.
    Integer,
    /// A boolean. No value means `false`.
    Checkbox,
    /// A day. A time of day after it is ignored.
    Date,
    /// The tag of an option, compared without case.
    DropDown,
}

impl Kind {
    /// Returns the kind of a field with this Zendesk `type`; `None` for a type that is not compared, such as
    /// `multiselect`, whose values are lists.
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
