//! Lookup fields: the objects that they refer to, and the names of the reverse relations.

use super::fields::MASTER;
use super::kind::Kind;
use super::label::plural;
use super::org::{Object, Org};
use super::path::{relation_name, Relation};

/// The standard relations: parent, relation, child, and the field of the child.
const STANDARD: [[&str; 4]; 18] = [
    ["Account", "AccountContactRelations", "AccountContactRelation", "AccountId"],
    ["Account", "Assets", "Asset", "AccountId"],
    ["Account", "Cases", "Case", "AccountId"],
    ["Account", "ChildAccounts", "Account", "ParentId"],
    ["Account", "Contacts", "Contact", "AccountId"],
    ["Account", "Contracts", "Contract", "AccountId"],
    ["Account", "Events", "Event", "WhatId"],
    ["Account", "Opportunities", "Opportunity", "AccountId"],
    ["Account", "Orders", "Order", "AccountId"],
    ["Account", "Tasks", "Task", "WhatId"],
    ["Campaign", "CampaignMembers", "CampaignMember", "CampaignId"],
    ["Contact", "AccountContactRelations", "AccountContactRelation", "ContactId"],
    ["Contact", "CampaignMembers", "CampaignMember", "ContactId"],
    ["Contact", "Cases", "Case", "ContactId"],
    ["Contact", "Events", "Event", "WhoId"],
    ["Contact", "Tasks", "Task", "WhoId"],
    ["Lead", "CampaignMembers", "CampaignMember", "LeadId"],
    ["Opportunity", "OpportunityLineItems", "OpportunityLineItem", "OpportunityId"],
];

/// A lookup field, seen from the object that it refers to.
#[derive(Debug, PartialEq)]
pub(crate) struct ChildRelation {
    /// The object of the children.
    pub(crate) object: String,
    /// The field with the id of the parent.
    pub(crate) field: String,
    /// The name in queries. Some lookups have none, and cannot be followed by a query.
    pub(crate) name: Option<String>,
}

/// Returns the relations from an object to its children: first those of every org, then those derived from fields and
/// values.
pub(crate) fn children(org: &Org, parent: &str) -> Vec<ChildRelation> {
    let mut found: Vec<ChildRelation> = Vec::new();
    for [of, name, child, field] in STANDARD {
        let home = org.object(child).filter(|(_, home)| home.fields.is_none() || home.field(field).is_some());
        if let Some((child, _)) = home.filter(|_| of == parent) {
            found.push(ChildRelation {
                object: child.to_owned(),
                field: field.to_owned(),
                name: Some(name.to_owned()),
            });
        }
    }
    for (child, home) in org.objects() {
        for field in home.all_fields() {
            let known = found.iter().any(|relation| relation.object == child && relation.field == field);
            if known || reference(org, child, home, field).is_none_or(|(_, target)| target != parent) {
                continue;
            }
            let name = field.ends_with("__c").then(|| custom_name(child, &found));
            found.push(ChildRelation { object: child.to_owned(), field: field.to_owned(), name });
        }
    }
    found
}

/// Returns the name that Salesforce proposes for a custom lookup: the plural of the children, numbered from the second
/// one.
fn custom_name(child: &str, found: &[ChildRelation]) -> String {
    let stem = plural(child.strip_suffix("__c").unwrap_or(child));
    let taken = |name: &String| found.iter().any(|relation| relation.name.as_ref() == Some(name));
    let numbered = (1..).map(|number| format!("{stem}{number}__r"));
    let mut names = std::iter::once(format!("{stem}__r")).chain(numbered);
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// Returns the relation of a lookup field and the object that it refers to. This is the object in the field's name, or
/// else the one that has the field's first value as an id.
pub(crate) fn reference(org: &Org, name: &str, object: &Object, field: &str) -> Option<(String, String)> {
    let relation = relation_name(field)?;
    if field == MASTER {
        return Some((relation, name.to_owned()));
    }
    if !matches!(object.kind(field), None | Some(Kind::Text)) {
        return None;
    }
    let expected = Relation::new(org, name, &relation).ok()?.object;
    let named = org.object(&expected).map(|(target, _)| target);
    let value = || object.kind(field).and_then(|_| object.first(field)?.as_str());
    let found = || Some(org.find(value()?, &expected)?.0);
    let target = named.or_else(found)?;
    Some((relation, target.to_owned()))
}
