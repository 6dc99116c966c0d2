//! Contact sync: Salesforce Contacts and Leads to the app's users.
//!
//! [`ContactTable`], [`LeadTable`] and [`UserTable`] hold what was read, [`Rules`] what the declaration says, and
//! [`decide`] turns them into changes. Nothing in here does I/O, and no result depends on the order of rows.

mod action;
mod address;
mod address_lists;
mod budgets;
mod case;
mod census;
mod changes;
mod decide;
mod explain;
mod fingerprints;
mod index;
mod issues;
mod lead_issues;
mod ledger;
mod matching;
mod population;
mod rules;
mod sources;
mod standing;
mod user_rows;
mod users;
mod words;

pub use action::{Action, FieldChange};
pub use address::{masked, normalize};
pub use address_lists::{AddressLists, Claims, KeyName, KeyNames};
pub use budgets::{Budget, Cost, Costly};
pub use changes::{Change, Issue, Match};
pub use decide::{absent, decide, links_found, unseen, Decision};
pub use explain::explain;
pub use fingerprints::{Fingerprints, Numbers};
pub use index::{AddressIndex, AddressNumber, Claimant, Reach};
pub use ledger::Ledger;
pub use rules::{Assignment, AttributeRule, ColumnRule, LeadRule, NamedBudget, Outcome, Rules, Tier, ValueNumber};
pub use sources::{AttributeSource, ContactLayout, ContactTable, LeadLayout, LeadTable, ParentSource};
pub use users::{Key, UserTable};
