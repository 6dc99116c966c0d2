//! Contact sync: Salesforce Contacts and Leads to the app's users.
//!
//! [`ContactTable`], [`LeadTable`] and [`UserTable`] hold what was read, [`Rules`] what the declaration says, and
//! [`decide`] turns them into changes. The decisions do no I/O, and no result depends on the order of rows.

mod action;
mod address_lists;
mod budgets;
mod case;
mod changes;
mod claimed_keys;
mod claims;
mod decide;
mod explain;
mod fingerprints;
mod held_issues;
mod index;
mod issues;
mod key_issues;
mod key_words;
mod keys;
mod lead_issues;
mod ledger;
mod links;
mod matching;
mod precedence;
mod primary_keys;
mod rules;
mod sources;
mod standing;
mod stored_leads;
mod stronger_keys;
mod trusted_values;
mod user_counts;
mod user_rows;
mod users;
mod words;

pub use action::{Action, FieldChange};
pub use address_lists::{AddressLists, KeyName, KeyNames};
pub use budgets::{Budget, Cost, Costly};
pub use changes::{Change, Issue, Match};
pub use claimed_keys::{ClaimedKeys, KeyLayout};
pub use claims::Claims;
pub use decide::{absent, decide, links_found, unseen, Decision};
pub use explain::explain;
pub use fingerprints::{Fingerprints, Numbers};
pub use index::{AddressIndex, AddressNumber, Claimant, Reach};
pub use keys::{masked, normalize, Form, KeyKind};
pub use ledger::Ledger;
pub use primary_keys::Key;
pub use rules::{
    Assignment, AttributeRule, ColumnRule, KeyRule, LeadRule, NamedBudget, Outcome, Rules, Tier, ValueNumber,
};
pub use sources::{AttributeSource, ContactLayout, ContactTable, LeadLayout, LeadTable, ParentSource};
pub use users::UserTable;
