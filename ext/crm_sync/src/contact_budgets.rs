//! The budgets of a contact sync: their names, and what changes cost that come from a file.

use crm_sync::contacts::{Action, Budget, Cost, Costly, FieldChange, Rules};
use magnus::value::ReprValue;
use magnus::{function, Error, IntoValue, Object, RArray, RModule, Ruby, TryConvert, Value};

use crate::convert::{array, elements, Options};
use crate::rules::rules;

/// Returns the names of the budgets that every declaration has.
fn contact_budgets(ruby: &Ruby) -> RArray {
    let rules = Rules::default();
    ruby.ary_from_iter(Budget::COMMON.map(|budget| ruby.to_symbol(budget.name(&rules))))
}

/// Returns for each change what it costs. A change is an Array: the action, whether the user has a contact afterwards, and
/// the fields, each an Array with the numbers of the column and of the values before and after.
fn contact_costs(ruby: &Ruby, options: Options, changes: RArray) -> Result<RArray, Error> {
    let rules = rules(options)?;
    array(ruby, changes, |change| {
        let [action, has_contact, fields] = elements(change)?;
        let fields = RArray::try_convert(fields)?.into_iter().map(|value| field(ruby, value, &rules));
        let fields = fields.collect::<Result<Vec<_>, Error>>()?;
        let (action, has_contact) = (action_of(ruby, action)?, bool::try_convert(has_contact)?);
        let costs = Costly { action, has_contact, fields: &fields }.costs(&rules);
        Ok(costs_value(ruby, &costs, &rules)?.as_value())
    })
}

fn action_of(ruby: &Ruby, value: Value) -> Result<Action, Error> {
    let name = String::try_convert(value)?;
    let unknown = || Error::new(ruby.exception_arg_error(), "a change has no known action");
    Action::ALL.into_iter().find(|known| known.name() == name).ok_or_else(unknown)
}

fn field(ruby: &Ruby, value: Value, rules: &Rules) -> Result<FieldChange, Error> {
    let [column, before, after] = elements(value)?;
    let column = usize::try_convert(column)?;
    let unknown = || Error::new(ruby.exception_arg_error(), "a change has no known column");
    let known = (column < rules.columns.len()).then_some(column).ok_or_else(unknown)?;
    Ok(FieldChange { column: known, before: u32::try_convert(before)?, after: u32::try_convert(after)? })
}

/// Returns costs as pairs: the number of a column, nil for the link, and the name of a budget.
pub(crate) fn costs_value(ruby: &Ruby, costs: &[Cost], rules: &Rules) -> Result<RArray, Error> {
    let pair = |cost: &Cost| (cost.column, ruby.to_symbol(cost.budget.name(rules))).into_value_with(ruby);
    array(ruby, costs, |cost| Ok(pair(cost)))
}

pub(crate) fn init(native: RModule) -> Result<(), Error> {
    native.define_singleton_method("contact_budgets", function!(contact_budgets, 0))?;
    native.define_singleton_method("contact_costs", function!(contact_costs, 2))
}
