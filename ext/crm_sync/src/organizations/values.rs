//! Converts decisions into Ruby values.

use crm_sync::decision::Book;
use crm_sync::organizations::{Change, Decision, FieldChange, Issue, Target};
use magnus::value::ReprValue;
use magnus::{Error, RHash, Ruby, Value};

use crate::convert::{array, book_value, cell_value, symbol};

pub(super) fn decision_value(ruby: &Ruby, decision: &Decision) -> Result<RHash, Error> {
    let value = ruby.hash_new();
    let changes = array(ruby, &decision.changes, |change| Ok(change_value(ruby, change)?.as_value()))?;
    let issues = array(ruby, &decision.issues, |issue| Ok(issue_value(ruby, issue)?.as_value()))?;
    let book = |book: &Book| book_value(ruby, book.rows, &book.buckets, &book.notes);
    let (ledger, could_suffer) = (ruby.hash_new(), ruby.hash_new());
    ledger.aset(ruby.to_symbol("accounts"), book(&decision.ledger.accounts)?)?;
    ledger.aset(ruby.to_symbol("organizations"), book(&decision.ledger.organizations)?)?;
    for (budget, count) in &decision.could_suffer {
        could_suffer.aset(ruby.to_symbol(budget.name()), *count)?;
    }
    value.aset(ruby.to_symbol("changes"), changes)?;
    value.aset(ruby.to_symbol("issues"), issues)?;
    value.aset(ruby.to_symbol("ledger"), ledger)?;
    value.aset(ruby.to_symbol("could_suffer"), could_suffer)?;
    value.aset(ruby.to_symbol("accounts_came"), decision.accounts_came)?;
    Ok(value)
}

fn change_value(ruby: &Ruby, change: &Change) -> Result<RHash, Error> {
    let value = ruby.hash_new();
    value.aset(symbol(ruby, "action"), symbol(ruby, change.action.name()))?;
    value.aset(symbol(ruby, "key"), change.key.as_str())?;
    value.aset(symbol(ruby, "organization_id"), change.organization)?;
    value.aset(symbol(ruby, "name"), change.name.as_str())?;
    value.aset(symbol(ruby, "before"), side(ruby, &change.fields, |field| &field.before)?)?;
    value.aset(symbol(ruby, "after"), side(ruby, &change.fields, |field| &field.after)?)?;
    value.aset(symbol(ruby, "reason"), change.reason.as_str())?;
    let budgets = array(ruby, &change.budgets, |budget| Ok(symbol(ruby, budget.name())))?;
    value.aset(symbol(ruby, "budgets"), budgets)?;
    Ok(value)
}

/// Converts one side of a change into a Hash by names. The declaration gives each target a name of its own.
fn side(
    ruby: &Ruby,
    fields: &[FieldChange],
    cell: impl Fn(&FieldChange) -> &crm_sync::rows::Cell<'static>,
) -> Result<RHash, Error> {
    let side = ruby.hash_new();
    for field in fields {
        let (Target::Attribute(name) | Target::Field(name)) = &field.target;
        side.aset(symbol(ruby, name), cell_value(ruby, cell(field)))?;
    }
    Ok(side)
}

fn issue_value(ruby: &Ruby, issue: &Issue) -> Result<Value, Error> {
    let value = ruby.hash_new();
    value.aset(ruby.to_symbol("kind"), ruby.to_symbol(issue.kind))?;
    value.aset(ruby.to_symbol("message"), issue.message.as_str())?;
    let accounts: Vec<String> = issue.accounts.iter().map(ToString::to_string).collect();
    value.aset(ruby.to_symbol("accounts"), accounts)?;
    value.aset(ruby.to_symbol("field"), issue.field.as_deref())?;
    value.aset(ruby.to_symbol("organizations"), issue.organizations.clone())?;
    Ok(value.as_value())
}
