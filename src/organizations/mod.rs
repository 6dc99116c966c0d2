//! Organization sync: Salesforce Accounts to Zendesk organizations.
//!
//! [`AccountTable`] and [`OrganizationTable`] hold what was read, [`Rules`] what the declaration says, and [`compare`]
//! turns them into changes. These do no I/O, and no result depends on the order of rows. [`files`] reads and writes the
//! folder of JSON files through which the stages of the sync can run one by one.

mod books;
mod case;
mod changes;
mod compare;
mod derive;
mod draft;
mod explain;
pub mod files;
mod ledger;
mod names;
mod premises;
mod rules;
mod sources;
mod story;
mod written;

pub use books::Decision;
pub use changes::{Action, Budget, Change, FieldChange, Issue};
pub use compare::compare;
pub use ledger::Ledger;
pub use premises::{holders, moved, Planned};
pub use rules::{
    AttributeRule, Case, Condition, DropDownOption, Managed, MarkRule, OlderThan, Parent, Policy, Remembered, Rules,
    Source, Target,
};
pub use sources::{AccountTable, OrganizationTable};
pub use story::{explain, find, Subject};
pub use written::{stored, Stored};
