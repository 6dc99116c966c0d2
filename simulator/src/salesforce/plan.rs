//! A query, its names looked up in the org: which columns to give, which rows, in which order.

use super::error::Refusal;
use super::kind::Kind;
use super::order::sort;
use super::org::{Object, Org};
use super::path::Path;
use super::soql::ast::{Comparison, Name, Order, Query};
use super::soql::test::{is_null, Test};
use super::Record;
use crate::random::Random;
use std::collections::HashSet;
use std::sync::Arc;

/// The most rows that OFFSET can leave out.
const MAX_OFFSET: usize = 2000;

/// The answer to a query before it is written: a snapshot of the org and what to show of it.
pub(crate) struct Plan {
    pub(crate) org: Org,
    pub(crate) object: String,
    pub(crate) columns: Vec<Path>,
    pub(crate) rows: Vec<Arc<Record>>,
    /// The number of rows when the query only counts.
    pub(crate) count: Option<usize>,
}

/// Evaluates a query. `shuffle` puts the rows of a query without ORDER BY in another order.
pub(crate) fn plan(soql: &str, query: &Query, org: Org, shuffle: Option<Random>) -> Result<Plan, Refusal> {
    let lookup = Lookup::new(soql, &query.from, &org)?;
    let columns = match &query.select {
        Some(names) => lookup.columns(names)?,
        None => Vec::new(),
    };
    let condition = match &query.condition {
        Some(condition) => Some(condition.try_map(&|name, test| lookup.test(name, test))?),
        None => None,
    };
    let order = lookup.order(&query.order)?;
    if query.offset > MAX_OFFSET {
        let message = format!("Maximum SOQL offset allowed is {MAX_OFFSET}");
        return Err(Refusal::new(400, "NUMBER_OUTSIDE_VALID_RANGE", message));
    }

    let wanted = |record: &&Arc<Record>| match &condition {
        Some(condition) => condition.holds(&|path, test| test.holds(path.value(&org, record))),
        None => true,
    };
    let mut rows: Vec<Arc<Record>> = lookup.object.records.iter().filter(wanted).cloned().collect();
    match (shuffle, order.is_empty()) {
        (Some(mut random), true) => random.shuffle(&mut rows),
        _ => sort(&mut rows, &order, &org),
    }
    rows.drain(..query.offset.min(rows.len()));
    rows.truncate(query.limit.unwrap_or(usize::MAX));
    let count = query.select.is_none().then_some(rows.len());
    if count.is_some() {
        rows.clear();
    }
    let object = lookup.name.to_owned();
    Ok(Plan { object, columns, rows, count, org })
}

/// Looks up what a query names.
struct Lookup<'a> {
    soql: &'a str,
    org: &'a Org,
    name: &'a str,
    object: &'a Object,
}

impl<'a> Lookup<'a> {
    fn new(soql: &'a str, from: &Name, org: &'a Org) -> Result<Lookup<'a>, Refusal> {
        let Some((name, object)) = org.object(&from.text) else {
            let what = format!(
                "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append \
                 the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate \
                 names.",
                from.text
            );
            return Err(Refusal::in_query(soql, from.at, "INVALID_TYPE", &what));
        };
        Ok(Lookup { soql, org, name, object })
    }

    fn path(&self, name: &Name) -> Result<Path, Refusal> {
        Path::new(self.org, self.name, &name.text).map_err(|what| self.invalid(name, &what))
    }

    fn columns(&self, names: &[Name]) -> Result<Vec<Path>, Refusal> {
        let mut seen = HashSet::with_capacity(names.len());
        let column = |name: &Name| match seen.insert(name.text.to_ascii_lowercase()) {
            true => self.path(name),
            false => Err(self.invalid(name, &format!("duplicate field selected: {}", name.text))),
        };
        names.iter().map(column).collect()
    }

    fn test(&self, name: &Name, comparison: &Comparison) -> Result<(Path, Test), Refusal> {
        let path = self.path(name)?;
        let mut values = self.object.records.iter().map(|record| path.value(self.org, record));
        let kind = values.find(|value| !is_null(value)).map(Kind::of);
        let wrong = |kind: &Kind| !comparison.literals().iter().all(|literal| kind.takes(literal));
        if let Some(kind) = kind.filter(wrong) {
            return Err(self.invalid(name, &kind.refusal(&path.field)));
        }
        let test = Test::new(comparison, path.is_id());
        Ok((path, test))
    }

    fn order(&self, order: &[Order<Name>]) -> Result<Vec<Order<Path>>, Refusal> {
        let field = |order: &Order<Name>| {
            Ok(Order { field: self.path(&order.field)?, descending: order.descending, nulls_last: order.nulls_last })
        };
        order.iter().map(field).collect()
    }

    fn invalid(&self, name: &Name, what: &str) -> Refusal {
        Refusal::in_query(self.soql, name.at, "INVALID_FIELD", what)
    }
}
