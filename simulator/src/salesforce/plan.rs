//! Plans a query: resolves its names, and determines its columns, its rows and their order.

use super::aggregate::aggregate;
use super::children::Children;
use super::error::Refusal;
use super::kind::Kind;
use super::org::{Object, Org};
use super::path::Path;
use super::relations::children;
use super::rows::Wanted;
use super::soql::ast::{Aggregate, Comparison, Item, Name, Order, Query, Select};
use super::soql::test::{is_null, Test};
use super::Record;
use crate::random::Random;
use std::collections::HashSet;
use std::sync::Arc;

/// The maximum number of rows that `OFFSET` can skip.
const MAX_OFFSET: usize = 2000;

/// The result of a query before it is written: a snapshot of the org, and what to return from it.
pub(crate) struct Plan {
    pub(crate) org: Org,
    pub(crate) object: String,
    pub(crate) columns: Vec<Column>,
    /// The places of the records to return.
    pub(crate) rows: Vec<u32>,
    pub(crate) summary: Option<Summary>,
}

impl Plan {
    /// Returns the records at these places.
    pub(crate) fn records<'a>(&'a self, rows: &'a [u32]) -> impl Iterator<Item = &'a Record> {
        let records = self.org.object(&self.object).map_or(&[][..], |(_, object)| &object.records);
        rows.iter().map(|place| &*records[*place as usize])
    }
}

/// A column of the result.
#[derive(Clone)]
pub(crate) enum Column {
    Field(Path),
    Children(Arc<Children>),
}

impl Column {
    /// Returns the path of a field, or `None` for children.
    pub(crate) fn field(&self) -> Option<&Path> {
        match self {
            Column::Field(path) => Some(path),
            Column::Children(_) => None,
        }
    }
}

/// The result of a query without rows.
pub(crate) enum Summary {
    Count(usize),
    Aggregates(Record),
}

/// Evaluates a query, including deleted records if `deleted`. `shuffle` reorders the rows of a query without `ORDER
/// BY`.
pub(crate) fn plan(
    soql: &str,
    query: &Query,
    org: Org,
    deleted: bool,
    shuffle: Option<Random>,
) -> Result<Plan, Refusal> {
    let lookup = Lookup::new(soql, &query.from, &org)?;
    let extent = Extent { deleted, shuffle };
    let (mut columns, mut aggregates) = (Vec::new(), Vec::new());
    match &query.select {
        Select::Fields(items) => columns = lookup.columns(items, &extent)?,
        Select::Aggregates(written) => aggregates = lookup.aggregates(written)?,
        Select::Count => (),
    }
    let order = match aggregates.is_empty() {
        true => lookup.order(&query.order)?,
        false => vec![by_id()],
    };
    if query.offset > MAX_OFFSET {
        let message = format!("Maximum SOQL offset allowed is {MAX_OFFSET}");
        return Err(Refusal::new(400, "NUMBER_OUTSIDE_VALID_RANGE", message));
    }

    let limit = query.limit.unwrap_or(usize::MAX);
    let mut rows = lookup.rows(query, &order, limit, &extent)?;
    let summary = match &query.select {
        Select::Fields(_) => None,
        Select::Count => Some(Summary::Count(rows.len())),
        Select::Aggregates(_) => Some(Summary::Aggregates(aggregate(&aggregates, &rows, &org, lookup.object))),
    };
    if summary.is_some() {
        rows.clear();
    }
    let object = lookup.name.to_owned();
    Ok(Plan { object, columns, rows, summary, org })
}

/// Returns the order in which the lowest and the highest id are the first and the last.
fn by_id() -> Order<Path> {
    let field = Path { parents: Vec::new(), field: "Id".into() };
    Order { field, descending: false, nulls_last: false }
}

/// The extent of a query and its nested queries: whether it includes deleted records, and the order of rows if the
/// query does not name one.
struct Extent {
    deleted: bool,
    shuffle: Option<Random>,
}

/// Resolves the names in a query.
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

    fn columns(&self, items: &[Item], extent: &Extent) -> Result<Vec<Column>, Refusal> {
        let mut seen = HashSet::with_capacity(items.len());
        let column = |item: &Item| {
            let (Item::Field(name) | Item::Children(Query { from: name, .. })) = item;
            if !seen.insert(name.text.to_ascii_lowercase()) {
                return Err(self.invalid(name, &format!("duplicate field selected: {}", name.text)));
            }
            match item {
                Item::Field(name) => self.path(name).map(Column::Field),
                Item::Children(query) => self.children(query, extent).map(Column::Children),
            }
        };
        items.iter().map(column).collect()
    }

    /// Returns the children of all records. A limit applies to the children of each parent.
    fn children(&self, query: &Query, extent: &Extent) -> Result<Arc<Children>, Refusal> {
        let from = &query.from;
        let named = |name: &String| name.eq_ignore_ascii_case(&from.text);
        let mut relations = children(self.org, self.name).into_iter();
        let relation = relations.find(|relation| relation.name.as_ref().is_some_and(named));
        let Some((relation, (name, object))) = relation.and_then(|relation| {
            let home = self.org.object(&relation.object)?;
            Some((relation, home))
        }) else {
            let what = no_children(&from.text);
            return Err(Refusal::in_query(self.soql, from.at, "INVALID_TYPE", &what));
        };
        let lookup = Lookup { name, object, ..*self };
        let columns = match &query.select {
            Select::Fields(items) => lookup.columns(items, extent)?,
            // The parser does not accept functions in a nested query.
            Select::Count | Select::Aggregates(_) => Vec::new(),
        };
        let columns = columns.iter().filter_map(Column::field).cloned().collect();
        let rows = lookup.rows(query, &lookup.order(&query.order)?, usize::MAX, extent)?;
        Ok(Arc::new(Children::new(self.org, relation, columns, rows, query.limit.unwrap_or(usize::MAX))))
    }

    /// Returns the places of the records that a query returns.
    fn rows(&self, query: &Query, order: &[Order<Path>], limit: usize, extent: &Extent) -> Result<Vec<u32>, Refusal> {
        let condition = match &query.condition {
            Some(condition) => Some(condition.try_map(&|name, test| self.test(name, test))?),
            None => None,
        };
        let (deleted, offset) = (extent.deleted, query.offset);
        let wanted = Wanted { condition: condition.as_ref(), deleted, order, offset, limit };
        Ok(wanted.rows(self.org, self.object, extent.shuffle.clone()))
    }

    fn aggregates(&self, written: &[Aggregate<Name>]) -> Result<Vec<Aggregate<Path>>, Refusal> {
        let one = |written: &Aggregate<Name>| {
            let field = self.path(&written.field)?;
            Ok(Aggregate { function: written.function, field, alias: written.alias.clone() })
        };
        written.iter().map(one).collect()
    }

    fn test(&self, name: &Name, comparison: &Comparison) -> Result<(Path, Test), Refusal> {
        let path = self.path(name)?;
        let kind = match path.parents.is_empty() {
            true => self.object.kind(&path.field),
            false => {
                let mut values = self.object.records.iter().map(|record| path.value(self.org, record));
                values.find(|value| !is_null(value)).map(Kind::of)
            }
        };
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

fn no_children(name: &str) -> String {
    format!(
        "Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom \
         relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or \
         the describe call for the appropriate names."
    )
}
