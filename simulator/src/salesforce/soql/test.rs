//! Evaluates a comparison for a value.

use super::ast::{Comparison, Literal};
use super::instant::instant;
use super::like::Pattern;
use crate::salesforce::id;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::HashSet;

/// A comparison that is prepared for many values.
#[derive(Debug)]
pub(crate) struct Test {
    wanted: Wanted,
    negated: bool,
    /// True for ids, which are case-sensitive and have two forms. Other texts are not case-sensitive.
    ids: bool,
}

#[derive(Debug)]
enum Wanted {
    OneOf { texts: HashSet<String>, others: Vec<Literal> },
    Ordered { value: Literal, allowed: [Ordering; 2] },
    Like(Pattern),
}

impl Test {
    pub(crate) fn new(comparison: &Comparison, ids: bool) -> Test {
        use Ordering::{Equal, Greater, Less};
        let one = std::slice::from_ref;
        let ordered = |value: &Literal, allowed| Wanted::Ordered { value: value.clone(), allowed };
        let (wanted, negated) = match comparison {
            Comparison::Equal(value) => (one_of(one(value), ids), false),
            Comparison::Unequal(value) => (one_of(one(value), ids), true),
            Comparison::In(values) => (one_of(values, ids), false),
            Comparison::NotIn(values) => (one_of(values, ids), true),
            Comparison::Less(value) => (ordered(value, [Less, Less]), false),
            Comparison::LessOrEqual(value) => (ordered(value, [Less, Equal]), false),
            Comparison::Greater(value) => (ordered(value, [Greater, Greater]), false),
            Comparison::GreaterOrEqual(value) => (ordered(value, [Greater, Equal]), false),
            Comparison::Like(pattern) => (Wanted::Like(Pattern::new(pattern)), false),
        };
        Test { wanted, negated, ids }
    }

    pub(crate) fn holds(&self, value: &Value) -> bool {
        self.negated != self.finds(value)
    }

    /// Returns the texts one of which the value must equal, if that is the whole test.
    pub(crate) fn texts(&self) -> Option<Vec<&str>> {
        match &self.wanted {
            Wanted::OneOf { texts, others } if !self.negated && others.is_empty() => {
                Some(texts.iter().map(String::as_str).collect())
            }
            _ => None,
        }
    }

    /// Returns a text and the ways in which the value must compare with it.
    pub(crate) fn limit(&self) -> Option<(&str, [Ordering; 2])> {
        match &self.wanted {
            Wanted::Ordered { value: Literal::Text(text), allowed } => Some((text, *allowed)),
            _ => None,
        }
    }

    fn finds(&self, value: &Value) -> bool {
        match &self.wanted {
            Wanted::OneOf { texts, others } => {
                let among = |text: &str| !texts.is_empty() && texts.contains(&key(text, self.ids));
                value.as_str().is_some_and(among) || others.iter().any(|other| equal(value, other))
            }
            Wanted::Ordered { value: limit, allowed } => {
                order(value, limit, self.ids).is_some_and(|order| allowed.contains(&order))
            }
            Wanted::Like(pattern) => value.as_str().is_some_and(|text| pattern.matches(text)),
        }
    }
}

/// Returns whether Salesforce treats a value as null: it does not store empty texts.
pub(crate) fn is_null(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

fn one_of(values: &[Literal], ids: bool) -> Wanted {
    let mut texts = HashSet::new();
    let mut others = Vec::new();
    for value in values {
        match value {
            Literal::Text(text) => {
                texts.insert(key(text, ids));
            }
            other => others.push(other.clone()),
        }
    }
    Wanted::OneOf { texts, others }
}

/// Returns a key that is the same for texts that count as equal.
fn key(text: &str, ids: bool) -> String {
    match ids {
        true => id::core(text).to_owned(),
        false => id::core(text).to_lowercase(),
    }
}

fn equal(value: &Value, literal: &Literal) -> bool {
    match literal {
        Literal::Null => is_null(value),
        Literal::Bool(wanted) => value.as_bool() == Some(*wanted),
        _ => order(value, literal, false) == Some(Ordering::Equal),
    }
}

/// Compares a value with a literal. Returns `None` if they are not comparable.
fn order(value: &Value, literal: &Literal, ids: bool) -> Option<Ordering> {
    match literal {
        Literal::Number(number) => value.as_f64()?.partial_cmp(number),
        Literal::Instant(wanted) => Some(instant(value.as_str()?)?.cmp(wanted)),
        // Ids are compared as case-sensitive ASCII.
        Literal::Text(text) if ids => Some(id::core(value.as_str()?).cmp(id::core(text))),
        Literal::Text(text) => Some(value.as_str()?.to_lowercase().cmp(&text.to_lowercase())),
        Literal::Null | Literal::Bool(_) => None,
    }
}
