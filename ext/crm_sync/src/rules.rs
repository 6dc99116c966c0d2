//! The rules of a declaration, as Ruby passes them. Only the Ruby side replaces names by numbers.

use std::collections::HashSet;

use crm_sync::contacts::{Assignment, AttributeRule, ColumnRule, KeyRule, LeadRule, NamedBudget, Outcome, Rules, Tier};
use crm_sync::rows::Id;
use magnus::{Error, Integer};

use crate::options::{Given, Options};
use crate::source::KINDS;

/// The outcomes of a source value that is not mapped to a value of the column.
const OUTCOMES: [(&str, Outcome); 4] = [
    ("keep", Outcome::Keep),
    ("quarantine", Outcome::Quarantine),
    ("unfit", Outcome::Unfit),
    ("missing", Outcome::Missing),
];

pub(crate) fn rules(options: &Options) -> Result<Rules, Error> {
    Ok(Rules {
        columns: options.each("columns", column)?,
        attributes: options.each("attributes", attribute)?,
        keys: options.each("keys", key)?,
        tiers: options.each("tiers", tier)?,
        hold_disagreeing: options.get("hold_disagreeing")?,
        share_contacts: options.get("share_contacts")?,
        contact_missing: assignments(options, "contact_missing")?,
        missing_before: options.member("missing_before")?.present().map(ids).transpose()?,
        sees_all: options.get("sees_all")?,
        keep_missing: options.get("keep_missing")?,
        leads: options.each("leads", lead_rule)?,
        lead_statuses: options.member("lead_statuses")?.present().map(|statuses| statuses.list()).transpose()?,
        unmatched: assignments(options, "unmatched")?,
        write_backs: assignments(options, "write_backs")?,
        write_back_links: options.get("write_back_links")?,
        budgets: options.each("budgets", budget)?,
    })
}

fn column(options: &Options) -> Result<ColumnRule, Error> {
    let protected = |pair: Given| {
        let (from, to) = pair.pair()?;
        Ok((from.to()?, to.to()?))
    };
    Ok(ColumnRule {
        name: options.get("name")?,
        values: options.list("values")?,
        blank: options.list("blank")?.into_iter().collect(),
        default: options.get("default")?,
        privileged: options.list("privileged")?.into_iter().collect(),
        protected: options.member("protected")?.each(protected)?.into_iter().collect(),
    })
}

fn attribute(options: &Options) -> Result<AttributeRule, Error> {
    let outcomes = options.member("outcomes")?.each(outcome)?;
    Ok(AttributeRule { column: options.get("column")?, fills: options.get("fills")?, outcomes })
}

/// Reads an outcome: the number of a value, or one of [`OUTCOMES`]. There is one for each distinct source value.
fn outcome(given: Given) -> Result<Outcome, Error> {
    match Integer::from_value(given.value()) {
        Some(_) => given.to().map(Outcome::Set),
        None => given.chosen(&OUTCOMES),
    }
}

fn key(options: &Options) -> Result<KeyRule, Error> {
    Ok(KeyRule {
        name: options.get("name")?,
        kind: options.chosen("kind", &KINDS)?,
        evidence: options.get("evidence")?,
    })
}

fn tier(options: &Options) -> Result<Tier, Error> {
    Ok(Tier {
        name: options.get("name")?,
        contacts: options.get("contacts")?,
        leads: options.get("leads")?,
        key: options.get("key")?,
    })
}

fn lead_rule(options: &Options) -> Result<LeadRule, Error> {
    let all = options.member("all")?.present().map(|all| all.list()).transpose()?;
    Ok(LeadRule { all, set: assignments(options, "set")? })
}

fn budget(options: &Options) -> Result<NamedBudget, Error> {
    Ok(NamedBudget { name: options.get("name")?, on: assignment(options.member("on")?)? })
}

fn assignments(options: &Options, name: &str) -> Result<Vec<Assignment>, Error> {
    options.member(name)?.each(assignment)
}

/// Reads a pair of the number of a column and the number of a value of that column.
fn assignment(given: Given) -> Result<Assignment, Error> {
    let (column, value) = given.pair()?;
    Ok(Assignment { column: column.to()?, value: value.to()? })
}

fn ids(given: Given) -> Result<HashSet<Id>, Error> {
    Ok(given.list::<String>()?.iter().filter_map(|text| Id::parse(text)).collect())
}
