//! The folder of JSON files through which the stages of the organization sync can run one by one, as separate
//! processes.
//!
//! The files are plain JSON arrays of full records. Only what the compare needs is kept in memory: a file is read in
//! pieces, which are parsed in parallel.

mod failure;
mod gathered;
mod lists;
mod pieces;
mod record_file;

use std::path::Path;
use std::sync::Arc;

use gathered::GatheredFile;

pub use lists::{CREATES, NOT_IN_SYNC, UPDATES};
pub use pieces::MOST_BYTES;
pub use record_file::{AccountFile, OrganizationFile, Written};

use super::{AccountTable, Decision, OrganizationTable, Rules};
use crate::error::Result;
use crate::rows::Selection;

/// The file with the gathered accounts.
pub const ACCOUNTS: &str = "salesforce_accounts.json";
/// The file with the gathered organizations.
pub const ORGANIZATIONS: &str = "zendesk_orgs.json";

/// The SHA-256 digests that the files of a folder had when they were gathered.
#[derive(Debug, Default)]
pub struct Digests {
    /// The digest of the accounts; `None` if it is not known.
    pub accounts: Option<String>,
    /// The digest of the organizations; `None` if it is not known.
    pub organizations: Option<String>,
}

/// Reads both sides of a folder, in parallel on the current rayon pool.
///
/// # Errors
/// [`crate::Error::NotAsGathered`] if a file has changed since it was gathered, and [`crate::Error::File`] if it cannot
/// be read or has an invalid record. The error names the file and the record.
///
/// ```no_run
/// use std::{path::Path, sync::Arc};
/// use crm_sync::organizations::{compare, files, files::Digests, Rules};
/// # fn main() -> crm_sync::Result<()> {
/// # let rules = Arc::new(Rules::default());
/// let folder = Path::new("data");
/// let (accounts, organizations) = files::read(folder, &rules, &Digests::default())?;
/// files::write(folder, &compare(&accounts, &organizations, &rules))?;
/// # Ok(())
/// # }
/// ```
pub fn read(folder: &Path, rules: &Arc<Rules>, digests: &Digests) -> Result<(AccountTable, OrganizationTable)> {
    let accounts = || read_accounts(&folder.join(ACCOUNTS), rules, digests.accounts.as_deref());
    let organizations = || read_organizations(&folder.join(ORGANIZATIONS), rules, digests.organizations.as_deref());
    let (accounts, organizations) = rayon::join(accounts, organizations);
    Ok((accounts?, organizations?))
}

/// Reads accounts: records with the fields of [`Rules::account_fields`]. Each field must be present, even if it is
/// null; only the references to parents and the parents' ids may be missing. `sha256` is the digest of the file, if it
/// is known.
///
/// # Errors
/// As [`read`].
pub fn read_accounts(path: &Path, rules: &Arc<Rules>, sha256: Option<&str>) -> Result<AccountTable> {
    let gathered = GatheredFile { path, sha256, stage: "gather_accounts" };
    let selection = Selection::new(&rules.account_fields);
    let parts = pieces::read(&gathered, &selection, &|| AccountTable::new(Arc::clone(rules)))?;
    let mut all = AccountTable::new(Arc::clone(rules));
    parts.into_iter().for_each(|part| all.append(part));
    Ok(all)
}

/// Reads organizations as Zendesk returns them: with `id`, `name` and `organization_fields`. `sha256` is the digest of
/// the file, if it is known.
///
/// # Errors
/// As [`read`].
pub fn read_organizations(path: &Path, rules: &Arc<Rules>, sha256: Option<&str>) -> Result<OrganizationTable> {
    let gathered = GatheredFile { path, sha256, stage: "gather_organizations" };
    let mut all = OrganizationTable::new(Arc::clone(rules));
    let selection = Selection::new(all.paths());
    let parts = pieces::read(&gathered, &selection, &|| OrganizationTable::new(Arc::clone(rules)))?;
    parts.into_iter().for_each(|part| all.append(part));
    Ok(all)
}

/// Writes the three lists of a decision into a folder. Only the owner can read the files. Each file replaces an older
/// one as a whole or not at all. It is an array, possibly empty, of
/// `{"action", "key", "id", "name", "before", "after", "reason", "budgets"}`; `after` is what is sent to Zendesk.
///
/// # Errors
/// [`crate::Error::File`] if a file cannot be written.
pub fn write(folder: &Path, decision: &Decision) -> Result<()> {
    lists::write(folder, &decision.changes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;
    use crate::compare::Kind;
    use crate::digest::Digest;
    use crate::organizations::{compare, AttributeRule, Source, Target};

    struct Folder(TempDir);

    impl Folder {
        fn new() -> Self {
            Self(TempDir::new().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn has(&self, name: &str, text: &str) -> &Self {
            std::fs::write(self.path(name), text).unwrap();
            self
        }

        fn read(&self) -> Result<(AccountTable, OrganizationTable)> {
            super::read(self.0.path(), &rules(), &Digests::default())
        }
    }

    fn rules() -> Arc<Rules> {
        let attribute =
            |target, field| AttributeRule { target, kind: Kind::Text, source: Source::Field(field), options: vec![] };
        Arc::new(Rules {
            account_fields: vec!["Id".into(), "Parent.Name".into()],
            organization_key: Target::Field("key".into()),
            attributes: vec![attribute(Target::Attribute("name".into()), 1), attribute(Target::Field("key".into()), 0)],
            ..Rules::default()
        })
    }

    #[test]
    fn lists_are_written_for_their_owner_only() {
        let folder = Folder::new();
        folder.has(ACCOUNTS, r#"[{"Id":"0014M00001sDiGE","Parent":{"Name":"Acme"}}]"#).has(ORGANIZATIONS, "[]\n");
        let (accounts, organizations) = folder.read().unwrap();
        write(folder.0.path(), &compare(&accounts, &organizations, &rules())).unwrap();
        let creates = std::fs::read_to_string(folder.path(CREATES)).unwrap();
        assert!(creates.contains(r#""after":{"name":"Acme","organization_fields":{"key":"0014M00001sDiGEQA0"}}"#));
        assert_eq!(std::fs::read_to_string(folder.path(NOT_IN_SYNC)).unwrap(), "[]");
        let mode = std::fs::metadata(folder.path(UPDATES)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.0.path()).unwrap().count(), 5, "nothing unwritten is left");
    }

    #[test]
    fn an_error_names_the_file_the_record_and_what_is_wrong() {
        let folder = Folder::new();
        folder.has(ORGANIZATIONS, "[]");
        for (json, part) in [
            (r#"[{"Id":"a","Parent":null},{"Id":"b"}]"#, "record 2: the field Parent.Name was asked for"),
            (r#"[{"Id":"a","Parent":null"#, "record 1: it is cut off"),
            (r#"[{"Id":["a"],"Parent":null}]"#, "record 1: invalid type"),
        ] {
            let error = folder.has(ACCOUNTS, json).read().unwrap_err().to_string();
            assert!(error.contains(ACCOUNTS) && error.contains(part), "{error}");
        }
        std::fs::write(folder.path(ACCOUNTS), b"[{\"Id\":\"\xff\"}]").unwrap();
        assert!(folder.read().unwrap_err().to_string().contains("UTF-8"));
        folder.has(ACCOUNTS, "[]").has(ORGANIZATIONS, r#"[{"id":1,"name":"a"},{"name":"b"}]"#);
        assert!(folder.read().unwrap_err().to_string().contains("record 2: the organization has no id"));
        std::fs::remove_file(folder.path(ORGANIZATIONS)).unwrap();
        assert!(folder.read().unwrap_err().to_string().contains("cannot be opened"));
    }

    #[test]
    fn only_a_file_that_is_no_link_and_not_too_large_is_read() {
        let folder = Folder::new();
        let read = |name: &str| read_organizations(&folder.path(name), &rules(), None).map(|table| table.len());
        folder.has(ORGANIZATIONS, r#"[{"id":1,"name":"a"}]"#);
        assert_eq!(read(ORGANIZATIONS).unwrap(), 1);
        std::os::unix::fs::symlink(folder.path(ORGANIZATIONS), folder.path("link")).unwrap();
        assert!(read("link").unwrap_err().to_string().contains("cannot be opened"));
        assert!(read("").unwrap_err().to_string().contains("it is not a file"));
        // The file is sparse, so it takes no space on the disk.
        std::fs::File::create(folder.path("huge")).unwrap().set_len(MOST_BYTES + 1).unwrap();
        assert!(read("huge")
            .unwrap_err()
            .to_string()
            .contains("it has 2147483649 bytes, and at most 2147483648 are read"));
    }

    #[test]
    fn a_large_file_is_read_as_a_small_one_is() {
        let folder = Folder::new();
        let record = |n: usize| format!(r#"{{"Id":"{n}","Parent":{{"Name":"{}"}}}}"#, "ä".repeat(n % 50));
        let records = (0..20_000).map(record).collect::<Vec<_>>();
        folder.has(ACCOUNTS, &format!("[{}]", records.join(",\n")));
        let accounts = read_accounts(&folder.path(ACCOUNTS), &rules(), None).unwrap();
        assert_eq!(accounts.len(), 20_000);
        folder.has(ACCOUNTS, &format!("[{},{{\"Id\":1}}]", records.join(",\n")));
        let error = read_accounts(&folder.path(ACCOUNTS), &rules(), None).unwrap_err().to_string();
        assert!(error.contains("record 20001: the field Parent.Name"), "{error}");
    }

    #[test]
    fn what_is_not_as_it_was_gathered_is_told_before_what_is_wrong_in_it() {
        let folder = Folder::new();
        folder.has(ORGANIZATIONS, "[]");
        let record = |n: usize| format!(r#"{{"Id":"{n}","Parent":{{"Name":"{n}"}}}}"#);
        let large = (0..20_000).map(record).collect::<Vec<_>>().join(",");
        for whole in [format!("[{}]", record(1)), format!("[{large}]"), format!("[{large},{{}}]"), "no JSON".to_owned()]
        {
            let sha256 = Digest::default().of(whole.as_bytes()).hex();
            let digests = Digests { accounts: Some(sha256), organizations: None };
            let read = || super::read(folder.0.path(), &rules(), &digests).map(|(accounts, _)| accounts.len());
            let gathered = folder.has(ACCOUNTS, &whole).read().map(|(accounts, _)| accounts.len());
            assert_eq!(read().map_err(|error| error.to_string()), gathered.map_err(|error| error.to_string()));
            for changed in [whole.replacen('1', "2", 1) + " ", format!("{whole}\n"), whole[1..].to_owned()] {
                let problem = folder.has(ACCOUNTS, &changed).0.path().join(ACCOUNTS);
                let told = format!("{}: it is not as it was gathered; run gather_accounts again", problem.display());
                assert_eq!(read().unwrap_err().to_string(), told);
            }
        }
    }
}
