//! Gathers accounts and organizations concurrently, into tables for a decision or into the files of a stage.

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

/// The input of a gathering, and the destinations of its rows.
#[derive(Default)]
pub struct Gathering {
    /// The query for accounts.
    pub soql: String,
    /// The account fields that the declaration names.
    pub fields: Vec<String>,
    /// The rules for which tables are filled; `None` if no side goes into a table.
    pub rules: Option<Arc<Rules>>,
    /// The file for the accounts; `None` for a table.
    pub accounts_file: Option<PathBuf>,
    /// The file for the organizations; `None` for a table.
    pub organizations_file: Option<PathBuf>,
}

/// The rows of the sides that were gathered.
pub struct Gathered {
    rules: Option<Arc<Rules>>,
    accounts: Option<Side<AccountTable>>,
    organizations: Option<Side<OrganizationTable>>,
}

/// One side, in a table or in a file.
enum Side<T> {
    Table(T),
    File(Written),
}

impl Gathering {
    /// Reads both sides concurrently. A side without a client is left out.
    ///
    /// # Errors
    /// Returns the errors of a [query](fn@salesforce::query) and of [`zendesk::organizations`], [`Error::File`], and
    /// [`Error::Internal`] for a table without rules.
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
                Some(client) => self.organizations(client, workers, noted).await.map(Some),
                None => Ok(None),
            }
        };
        let (accounts, organizations) = tokio::try_join!(accounts, organizations)?;
        Ok(Gathered { rules: self.rules, accounts, organizations })
    }

    async fn accounts(&self, client: &salesforce::Client, workers: &Workers) -> Result<Side<AccountTable>> {
        // The id is selected even if the declaration does not name it: an interrupted query goes on after the last id.
        // It comes last, because the sinks look only at the declared fields before it.
        let id = self.fields.iter().all(|field| !field.eq_ignore_ascii_case("Id")).then(|| "Id".to_owned());
        let selected: Vec<String> = self.fields.iter().cloned().chain(id).collect();
        let (query, selection) = (Query::new(&self.soql), Selection::new(&selected));
        match &self.accounts_file {
            Some(path) => {
                let file = AccountFile::create(path, self.fields.clone())?;
                let file = collect(client, workers, &query, selection, file).await?;
                workers.run(move || file.finish()).await?.map(Side::File)
            }
            None => {
                let table = AccountTable::new(self.rules()?);
                collect(client, workers, &query, selection, table).await.map(Side::Table)
            }
        }
    }

    async fn organizations(
        &self,
        client: &zendesk::Client,
        workers: &Workers,
        noted: &Noted<'_>,
    ) -> Result<Side<OrganizationTable>> {
        match &self.organizations_file {
            Some(path) => into_file(client, workers, OrganizationFile::create(path)?, noted).await.map(Side::File),
            None => into_table(client, OrganizationTable::new(self.rules()?), noted).await.map(Side::Table),
        }
    }

    fn rules(&self) -> Result<Arc<Rules>> {
        self.rules.clone().ok_or_else(|| Error::Internal("a table needs rules".into()))
    }
}

impl Gathered {
    /// Returns the files that were written, of the accounts and of the organizations.
    #[must_use]
    pub fn files(&self) -> (Option<&Written>, Option<&Written>) {
        (file(self.accounts.as_ref()), file(self.organizations.as_ref()))
    }

    /// Returns both tables and their rules, or `None` if one of the sides did not go into a table.
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
