//! Converts the facts and the decision of a contact sync into Ruby values.

use crm_sync::contacts::{Budget, Decision, Issue, Rules};
use crm_sync::reading::contacts::Facts;
use magnus::value::ReprValue;
use magnus::{Error, RHash, Ruby, Value};

use crate::contact_changes::Changes;
use crate::convert::{array, book_value, key_value};

/// Returns a Hash with the counts for the source checks.
pub(crate) fn facts_value(ruby: &Ruby, facts: Facts) -> Result<RHash, Error> {
    let hash = ruby.hash_new();
    hash.aset(ruby.to_symbol("contacts"), facts.contacts)?;
    hash.aset(ruby.to_symbol("leads"), facts.leads)?;
    hash.aset(ruby.to_symbol("users"), facts.users)?;
    hash.aset(ruby.to_symbol("trusted_values"), facts.trusted_values)?;
    hash.aset(ruby.to_symbol("blank_values"), facts.blank_values)?;
    hash.aset(ruby.to_symbol("linked_users"), facts.linked_users)?;
    hash.aset(ruby.to_symbol("links_found"), facts.links_found)?;
    hash.aset(ruby.to_symbol("unreadable"), array(ruby, &facts.unreadable, |key| Ok(key_value(ruby, key)))?)?;
    hash.aset(ruby.to_symbol("contact_addresses"), facts.contact_addresses)?;
    hash.aset(ruby.to_symbol("lead_addresses"), facts.lead_addresses)?;
    hash.aset(ruby.to_symbol("lead_status_counts"), facts.lead_status_counts)?;
    hash.aset(ruby.to_symbol("filled"), facts.filled)?;
    Ok(hash)
}

/// Returns a Hash with a decision. `changes` are the changes of the decision, which were taken out of it.
pub(crate) fn decision_value(
    ruby: &Ruby,
    decision: &Decision,
    changes: Changes,
    rules: &Rules,
) -> Result<RHash, Error> {
    let issue = |issue: &Issue| -> Result<Value, Error> {
        let value = ruby.hash_new();
        value.aset(ruby.to_symbol("kind"), ruby.to_symbol(issue.kind))?;
        value.aset(ruby.to_symbol("field"), issue.field.as_deref())?;
        value.aset(ruby.to_symbol("contacts"), issue.contacts.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        value.aset(ruby.to_symbol("users"), array(ruby, &issue.users, |user| Ok(key_value(ruby, user)))?)?;
        value.aset(ruby.to_symbol("message"), issue.message.as_str())?;
        Ok(value.as_value())
    };
    let ledger = ruby.hash_new();
    for (name, book) in
        [("contacts", &decision.ledger.contacts), ("leads", &decision.ledger.leads), ("users", &decision.ledger.users)]
    {
        ledger.aset(ruby.to_symbol(name), book_value(ruby, book.rows, &book.buckets, &book.notes)?)?;
    }
    let counts = |counts: &Vec<(Budget, usize)>| {
        let value = ruby.hash_new();
        counts.iter().try_for_each(|(budget, count)| value.aset(ruby.to_symbol(budget.name(rules)), *count))?;
        Ok::<_, Error>(value)
    };
    let could_suffer = decision.could_suffer.as_ref().map(counts).transpose()?;
    let value = ruby.hash_new();
    value.aset(ruby.to_symbol("issues"), array(ruby, &decision.issues, issue)?)?;
    value.aset(ruby.to_symbol("ledger"), ledger)?;
    value.aset(ruby.to_symbol("could_suffer"), could_suffer)?;
    let missing = decision.missing_contacts.iter().map(ToString::to_string).collect::<Vec<_>>();
    value.aset(ruby.to_symbol("missing_contacts"), missing)?;
    value.aset(ruby.to_symbol("changes"), changes)?;
    Ok(value)
}
