//! The folder of JSON files through which the stages of the organization sync can run one by one, as separate processes.
//!
//! What is read is a plain JSON array of full records. Of 100,000 of them only what the compare needs is kept: a file is read
//! piece by piece, and the pieces are parsed side by side.

mod lists;
mod pieces;
mod records;

use std::path::Path;
use std::sync::Arc;

use super::{AccountTable, Decision, OrganizationTable, Rules};
use crate::error::Result;
use crate::salesforce::Selection;

/// The accounts as they were gathered.
pub const ACCOUNTS: &str = "salesforce_accounts.json";
/// The organizations as they were gathered.
pub const ORGANIZATIONS: &str = "zendesk_orgs.json";
/// The organizations that are to be created.
pub const CREATES: &str = "creates.json";
/// The organizations that are to be updated, also those that lose their mark.
pub const UPDATES: &str = "updates.json";
/// The organizations without an account, which are to be marked.
pub const NOT_IN_SYNC: &str = "not_in_sync.json";

/// The most bytes that a file may have: 2 GiB, some 1.5 million organizations.
pub const MOST_BYTES: u64 = 2 << 30;

/// Reads both sides of a folder, side by side on the current rayon pool.
///
/// # Errors
/// [`crate::Error::File`] where a file cannot be read whole or a record is not what it must be; it names the file and the
/// record.
///
/// ```no_run
/// use std::{path::Path, sync::Arc};
/// use crm_sync::organizations::{compare, files, Rules};
/// # fn main() -> crm_sync::Result<()> {
/// # let rules = Arc::new(Rules::default());
/// let folder = Path::new("data");
/// let (accounts, organizations) = files::read(folder, &rules)?;
/// files::write(folder, &compare(&accounts, &organizations, &rules))?;
/// # Ok(())
/// # }
/// ```
pub fn read(folder: &Path, rules: &Arc<Rules>) -> Result<(AccountTable, OrganizationTable)> {
    let accounts = || read_accounts(&folder.join(ACCOUNTS), rules);
    let organizations = || read_organizations(&folder.join(ORGANIZATIONS), rules);
    let (accounts, organizations) = rayon::join(accounts, organizations);
    Ok((accounts?, organizations?))
}

/// Reads accounts: records with the fields of [`Rules::account_fields`], each of them there, if only as null.
///
/// # Errors
/// As [`read`].
pub fn read_accounts(path: &Path, rules: &Arc<Rules>) -> Result<AccountTable> {
    let parts = pieces::read(path, &Selection::new(&rules.account_fields), &|| AccountTable::new(Arc::clone(rules)))?;
    let mut all = AccountTable::new(Arc::clone(rules));
    parts.into_iter().for_each(|part| all.append(part));
    Ok(all)
}

/// Reads organizations as Zendesk sends them: with `id`, `name` and `organization_fields`.
///
/// # Errors
/// As [`read`].
pub fn read_organizations(path: &Path, rules: &Arc<Rules>) -> Result<OrganizationTable> {
    let mut all = OrganizationTable::new(Arc::clone(rules));
    let selection = Selection::new(all.paths());
    let parts = pieces::read(path, &selection, &|| OrganizationTable::new(Arc::clone(rules)))?;
    parts.into_iter().for_each(|part| all.append(part));
    Ok(all)
}

/// Writes the three lists of a decision into a folder, each file readable by its owner only, and in place at once or not at
/// all. Each is an array, also where it is empty, of `{"action", "key", "id", "name", "before", "after", "reason"}`; `after`
/// is what Zendesk is to be sent.
///
/// # Errors
/// [`crate::Error::File`] where a file cannot be written.
pub fn write(folder: &Path, decision: &Decision) -> Result<()> {
    lists::write(folder, &decision.changes)
}

fn failed(path: &Path, problem: impl Into<String>) -> crate::Error {
    crate::Error::File { path: crate::error::presentable(&path.to_string_lossy()), problem: problem.into() }
}
