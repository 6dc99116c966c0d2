//! Gathers accounts and organizations side by side, into tables for a decision or into the files of a stage.

use std::path::PathBuf;
use std::sync::Arc;

use super::organizations::{into_file, into_table, Noted};
use crate::engine::Workers;
use crate::error::{Error, Result};
use crate::organizations::files::{AccountFile, OrganizationFile, Written};
use crate::organizations::{AccountTable, OrganizationTable, Rules};
use crate::rows::Selection;
use crate::salesforce::{self, collect, Query};
use crate::zendesk;

/// What is to be gathered, and where it goes.
#[derive(Default)]
pub struct Gathering {
    /// The query for accounts.
    pub soql: String,
    /// The fields of accounts that are wanted.
    pub fields: Vec<String>,
    /// The rules that tables are filled for; `None` where nothing goes into a table.
    pub rules: Option<Arc<Rules>>,
    /// The file for accounts; `None` for a table.
    pub accounts_file: Option<PathBuf>,
    /// The file for organizations; `None` for a table.
    pub organizations_file: Option<PathBuf>,
}

/// The rows that came, of the sides that were asked for.
pub struct Gathered {
    rules: Option<Arc<Rules>>,
    accounts: Option<Side<AccountTable>>,
    organizations: Option<Side<OrganizationTable>>,
}

/// A side that is in a table, or in a file.
enum Side<T> {
    Table(T),
    File(Written),
}

impl Gathering {
    /// Reads both sides at the same time. A side without a client is not wanted.
    ///
    /// # Errors
    /// As for a query and for [`zendesk::organizations`]; [`Error::File`]; [`Error::Internal`] for a table without rules.
    pub async fn gather(
        self,
        salesforce: Option<salesforce::Client>,
        zendesk: Option<zendesk::Client>,
        workers: &Workers,
        noted: &Noted<'_>,
    ) -> Result<Gathered> {
        let accounts = async {
            match &salesforce {
                Some(client) => self.accounts(client, workers).await.map(Some),
                None => Ok(None),
            }
        };
        let organizations = async {
            match &zendesk {
                Some(client) => self.organizations(client, noted).await.map(Some),
                None => Ok(None),
            }
        };
        let (accounts, organizations) = tokio::try_join!(accounts, organizations)?;
        Ok(Gathered { rules: self.rules, accounts, organizations })
    }

    async fn accounts(&self, client: &salesforce::Client, workers: &Workers) -> Result<Side<AccountTable>> {
        // Also where the declaration does not want it: from the last id the reader goes on. The taker of the rows looks
        // at the fields before it only.
        let id = self.fields.iter().all(|field| !field.eq_ignore_ascii_case("Id")).then(|| "Id".to_owned());
        let selected: Vec<String> = self.fields.iter().cloned().chain(id).collect();
        let (query, selection) = (Query::new(&self.soql), Selection::new(&selected));
        match &self.accounts_file {
            Some(path) => {
                let file = AccountFile::create(path, self.fields.clone())?;
                collect(client, workers, &query, selection, file).await?.finish().map(Side::File)
            }
            None => {
                let table = AccountTable::new(self.rules()?);
                collect(client, workers, &query, selection, table).await.map(Side::Table)
            }
        }
    }

    async fn organizations(&self, client: &zendesk::Client, noted: &Noted<'_>) -> Result<Side<OrganizationTable>> {
        match &self.organizations_file {
            Some(path) => into_file(client, OrganizationFile::create(path)?, noted).await.map(Side::File),
            None => into_table(client, OrganizationTable::new(self.rules()?), noted).await.map(Side::Table),
        }
    }

    fn rules(&self) -> Result<Arc<Rules>> {
        self.rules.clone().ok_or_else(|| Error::Internal("a table needs rules".into()))
    }
}

impl Gathered {
    /// Returns the files that were written: accounts, organizations.
    #[must_use]
    pub fn files(&self) -> (Option<&Written>, Option<&Written>) {
        (file(self.accounts.as_ref()), file(self.organizations.as_ref()))
    }

    /// Returns both sides and their rules, where both went into tables.
    #[must_use]
    pub fn into_tables(self) -> Option<(AccountTable, OrganizationTable, Arc<Rules>)> {
        match (self.accounts?, self.organizations?) {
            (Side::Table(accounts), Side::Table(organizations)) => Some((accounts, organizations, self.rules?)),
            _ => None,
        }
    }
}

fn file<T>(side: Option<&Side<T>>) -> Option<&Written> {
    match side? {
        Side::File(written) => Some(written),
        Side::Table(_) => None,
    }
}
