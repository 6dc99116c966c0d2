//! The rules of a declaration, as Ruby hands them over: names become numbers there, and only there.

use std::collections::HashSet;

use crm_sync::contacts::{Assignment, AttributeRule, ColumnRule, LeadRule, NamedBudget, Outcome, Rules, Tier};
use crm_sync::rows::Id;
use magnus::{Error, TryConvert, Value};

use crate::convert::{pair, List, Options};

const KEEP: i64 = -1;
const QUARANTINE: i64 = -2;
const UNFIT: i64 = -3;

pub(crate) fn rules(options: Options) -> Result<Rules, Error> {
    Ok(Rules {
        columns: options.list("columns", each(column))?,
        attributes: options.list("attributes", each(attribute))?,
        tiers: options.list("tiers", each(tier))?,
        share_contacts: options.get("share_contacts")?,
        contact_missing: options.list("contact_missing", assignment)?,
        missing_before: options.get::<Option<List<String>>>("missing_before")?.map(ids),
        sees_all: options.get("sees_all")?,
        leads: options.list("leads", each(lead_rule))?,
        lead_statuses: options.get::<Option<List<bool>>>("lead_statuses")?.map(|statuses| statuses.0),
        unmatched: options.list("unmatched", assignment)?,
        write_backs: options.list("write_backs", assignment)?,
        budgets: options.list("budgets", each(budget))?,
    })
}

fn each<T>(make: impl Fn(Options) -> Result<T, Error>) -> impl Fn(Value) -> Result<T, Error> {
    move |value| make(Options::try_convert(value)?)
}

fn column(options: Options) -> Result<ColumnRule, Error> {
    Ok(ColumnRule {
        name: options.get("name")?,
        values: options.get::<List<_>>("values")?.0,
        blank: options.get::<List<u32>>("blank")?.0.into_iter().collect(),
        default: options.get("default")?,
        privileged: options.get::<List<u32>>("privileged")?.0.into_iter().collect(),
        protected: options.list("protected", pair::<u32, u32>)?.into_iter().collect(),
    })
}

fn attribute(options: Options) -> Result<AttributeRule, Error> {
    let outcomes = options.get::<List<i64>>("outcomes")?.0;
    let outcome = |number| match number {
        KEEP => Outcome::Keep,
        QUARANTINE => Outcome::Quarantine,
        UNFIT => Outcome::Unfit,
        value => u32::try_from(value).map_or(Outcome::Quarantine, Outcome::Set),
    };
    Ok(AttributeRule { column: options.get("column")?, outcomes: outcomes.into_iter().map(outcome).collect() })
}

fn tier(options: Options) -> Result<Tier, Error> {
    Ok(Tier { name: options.get("name")?, contacts: options.get("contacts")?, leads: options.get("leads")? })
}

fn lead_rule(options: Options) -> Result<LeadRule, Error> {
    Ok(LeadRule { all: options.get::<Option<List<_>>>("all")?.map(|all| all.0), set: options.list("set", assignment)? })
}

fn budget(options: Options) -> Result<NamedBudget, Error> {
    Ok(NamedBudget { name: options.get("name")?, on: assignment(options.get("on")?)? })
}

fn assignment(value: Value) -> Result<Assignment, Error> {
    let (column, value) = pair(value)?;
    Ok(Assignment { column, value })
}

fn ids(List(texts): List<String>) -> HashSet<Id> {
    texts.iter().filter_map(|text| Id::parse(text)).collect()
}
