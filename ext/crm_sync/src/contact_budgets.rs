//! The budgets of a contact sync: their names, and the costs of changes that are loaded from a file.

use crm_sync::contacts::{Action, Budget, Cost, Costly, FieldChange, Rules};
use magnus::value::ReprValue;
use magnus::{function, Error, IntoValue, Object, RArray, RModule, Ruby, Value};

use crate::convert::array;
use crate::options::{Given, Options};
use crate::rules::rules;

/// Returns the names of the built-in budgets.
fn contact_budgets(ruby: &Ruby) -> RArray {
    let rules = Rules::default();
    ruby.ary_from_iter(Budget::COMMON.map(|budget| ruby.to_symbol(budget.name(&rules))))
}

/// Returns the costs of each change. A change has an `action`, `has_contact` (true if the user has a contact
/// afterwards), and `fields`. Each field has the number of its `column` and the numbers of its values `before` and
/// `after`.
fn contact_costs(ruby: &Ruby, options: Options, changes: Value) -> Result<RArray, Error> {
    let rules = rules(&options)?;
    let cost = |change: Given| {
        let change = change.options()?;
        let fields = change.each("fields", |options| field(options, &rules))?;
        let action = change.chosen("action", &Action::ALL.map(|action| (action.name(), action)))?;
        Ok(Costly { action, has_contact: change.get("has_contact")?, fields: &fields }.costs(&rules))
    };
    let costs = Given::argument("changes", changes).each(cost)?;
    array(ruby, &costs, |costs| Ok(costs_value(ruby, costs, &rules)?.as_value()))
}

fn field(options: &Options, rules: &Rules) -> Result<FieldChange, Error> {
    let column = options.member("column")?;
    let known = Some(column.to()?).filter(|column| *column < rules.columns.len());
    let known = known.ok_or_else(|| column.refuse("is not the number of a column"))?;
    Ok(FieldChange { column: known, before: options.get("before")?, after: options.get("after")? })
}

/// Returns costs as pairs of the number of a column (nil for the link) and the name of a budget.
pub(crate) fn costs_value(ruby: &Ruby, costs: &[Cost], rules: &Rules) -> Result<RArray, Error> {
    let pair = |cost: &Cost| (cost.column, ruby.to_symbol(cost.budget.name(rules))).into_value_with(ruby);
    array(ruby, costs, |cost| Ok(pair(cost)))
}

pub(crate) fn init(native: RModule) -> Result<(), Error> {
    native.define_singleton_method("contact_budgets", function!(contact_budgets, 0))?;
    native.define_singleton_method("contact_costs", function!(contact_costs, 2))
}
