//! Field paths such as `Account.Owner.Name`, which lead from a record through its parents to a value.

use super::fields;
use super::org::Org;
use super::Record;
use serde_json::Value;

/// A path with the exact names of the org.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) parents: Vec<Relation>,
    pub(crate) field: String,
}

/// A step to a parent record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Relation {
    /// The name in paths and responses: `Account`, `School__r`.
    pub(crate) name: String,
    /// The field with the id of the parent: `AccountId`, `School__c`.
    key: String,
    /// The most likely object of the parent.
    pub(crate) object: String,
}

/// A parent record and its object.
pub(crate) struct Parent<'a> {
    pub(crate) object: &'a str,
    pub(crate) record: &'a Record,
}

impl Path {
    /// Resolves a path from a query. The error names the part that does not exist.
    pub(crate) fn new(org: &Org, object: &str, written: &str) -> Result<Path, String> {
        let (steps, field) = written.rsplit_once('.').unwrap_or(("", written));
        let mut path = Path { parents: Vec::new(), field: String::new() };
        let mut object = object.to_owned();
        for (place, step) in steps.split_terminator('.').enumerate() {
            // In a query on Contact, `Contact.Name` means `Name`.
            if place == 0 && step.eq_ignore_ascii_case(&object) {
                continue;
            }
            let relation = Relation::new(org, &object, step)?;
            object.clone_from(&relation.object);
            path.parents.push(relation);
        }
        path.field = field_of(org, &object, field)?;
        Ok(path)
    }

    pub(crate) fn value<'a>(&'a self, org: &'a Org, record: &'a Record) -> &'a Value {
        let step = |record: &'a Record, relation: &'a Relation| Some(relation.parent(org, record)?.record);
        let last = self.parents.iter().try_fold(record, step);
        last.map_or(&Value::Null, |record| fields::value(record, &self.field))
    }

    /// Returns whether this is the id of the record itself.
    pub(crate) fn is_own_id(&self) -> bool {
        self.parents.is_empty() && self.field == "Id"
    }

    /// Returns whether this is the id of a record, judging by the names of standard fields.
    pub(crate) fn is_id(&self) -> bool {
        self.field.ends_with("Id")
    }
}

impl Relation {
    pub(crate) fn new(org: &Org, object: &str, written: &str) -> Result<Relation, String> {
        let custom = written.len().checked_sub(3).and_then(|end| written.split_at_checked(end));
        let key_of = |name: &str| match custom {
            Some((stem, suffix)) if suffix.eq_ignore_ascii_case("__r") => format!("{stem}__c"),
            _ => format!("{name}Id"),
        };
        let home = org.object(object).map(|(_, home)| home);
        let has = |name: &str| home.and_then(|home| home.field(name)).map(str::to_owned);
        let key = has(&key_of(written));
        let declared = home.is_some_and(|home| home.fields.is_some());
        if declared && key.is_none() && has(written).is_none() {
            return Err(no_relation(written));
        }
        let derived = || key.as_deref().and_then(relation_name);
        let name = has(written).or_else(derived).unwrap_or_else(|| written.to_owned());
        let key = key.unwrap_or_else(|| key_of(&name));
        let object = if key.ends_with("__c") { &key } else { &name };
        let object = org.object(object).map_or(object.as_str(), |(own, _)| own).to_owned();
        Ok(Relation { name, key, object })
    }

    /// Returns the parent: the one that is nested in the record, or else the record with its id.
    pub(crate) fn parent<'a>(&'a self, org: &'a Org, record: &'a Record) -> Option<Parent<'a>> {
        if let Some(Value::Object(nested)) = record.get(&self.name) {
            let told = nested.get("attributes").and_then(|attributes| attributes["type"].as_str());
            let object = told.unwrap_or(&self.object);
            return Some(Parent { object, record: nested });
        }
        let id = record.get(&self.key)?.as_str()?;
        let (object, record) = org.find(id, &self.object)?;
        Some(Parent { object, record })
    }
}

/// Returns the name of the relation for a field with an id, or `None` if the name is not that of such a field.
pub(crate) fn relation_name(key: &str) -> Option<String> {
    match key.strip_suffix("__c") {
        Some(stem) => Some(format!("{stem}__r")),
        None => key.strip_suffix("Id").filter(|stem| !stem.is_empty()).map(str::to_owned),
    }
}

fn field_of(org: &Org, object: &str, written: &str) -> Result<String, String> {
    let Some((object, home)) = org.object(object) else {
        return Ok(written.to_owned());
    };
    match home.field(written) {
        Some(own) => Ok(own.to_owned()),
        None if home.fields.is_none() => Ok(written.to_owned()),
        None => Err(no_field(object, written)),
    }
}

fn no_field(object: &str, name: &str) -> String {
    format!(
        "No such column '{name}' on entity '{object}'. If you are attempting to use a custom field, be sure to append \
         the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
    )
}

fn no_relation(name: &str) -> String {
    format!(
        "Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, be \
         sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call \
         for the appropriate names."
    )
}
