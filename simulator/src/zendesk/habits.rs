//! The ways in which an account alters values on writing: not all are stored as they were sent.

use super::Record;
use serde_json::Value;

/// The habits of an account.
#[derive(Clone, Default)]
pub(crate) struct Habits {
    pub(crate) squeezes_blanks: bool,
    /// The attributes and keys of custom fields that a trigger restores.
    pub(crate) puts_back: Vec<String>,
}

impl Habits {
    /// Returns the attributes that a write really changes, with the values that are stored.
    pub(crate) fn meant(&self, attributes: &Record) -> Record {
        let kept = |(name, _): &(&String, &Value)| !self.puts_back.contains(name);
        attributes.iter().filter(kept).map(|(name, value)| (name.clone(), self.squeezed(value))).collect()
    }

    fn squeezed(&self, value: &Value) -> Value {
        match value {
            Value::Object(below) => Value::Object(self.meant(below)),
            Value::String(text) if self.squeezes_blanks => text.split_whitespace().collect::<Vec<_>>().join(" ").into(),
            other => other.clone(),
        }
    }
}
