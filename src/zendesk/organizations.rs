//! All organizations of an account, or an error.

use std::collections::HashSet;
use std::future::Future;

use futures_util::stream::{self, StreamExt};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::client::{not_whole, Client};
use super::pages::{Pages, Records};
use crate::error::{counted, Error, Result};
use crate::http::Failure;

const ACTION: &str = "the list of organizations";
const MANY_ACTION: &str = "the look-up of organizations";
/// The most organizations that are asked for by their ids at once.
const MANY: usize = 100;
/// Up to here the count is exact; above it may be a day old.
const EXACT: u64 = 100_000;
/// How far an old count may be off, as a share.
const DRIFT: f64 = 0.01;

/// Takes the pages of the list in their order. Each is taken whole or not at all.
pub trait Consumer: Send + Sync {
    /// Hears how many organizations there should be, before the first page.
    fn expect(&self, organizations: u64) {
        let _ = organizations;
    }

    /// Takes a page; waits until there is room for it.
    ///
    /// # Errors
    /// Those of the consumer; the read then ends with them.
    fn take(&self, page: Page) -> impl Future<Output = Result<()>> + Send;
}

/// A page of organizations.
#[derive(Debug)]
pub struct Page {
    records: Records,
    rows: u64,
}

impl Page {
    /// The organizations as the API writes them: an array in JSON.
    /// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#json-format>
    #[must_use]
    pub fn records(&self) -> &str {
        self.records.get()
    }

    /// How many there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

/// Hands pages to a reader, who holds the other end, and waits as long as the reader does.
pub struct Batches {
    pages: mpsc::Sender<Page>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Batches {
    /// Hands pages to the other end of `pages`, and calls `wake` after each.
    #[must_use]
    pub fn new(pages: mpsc::Sender<Page>, wake: Box<dyn Fn() + Send + Sync>) -> Self {
        Self { pages, wake }
    }
}

impl Consumer for Batches {
    async fn take(&self, page: Page) -> Result<()> {
        let taken = self.pages.send(page).await;
        (self.wake)();
        taken.map_err(|_| Error::Internal("nobody reads any more".into()))
    }
}

/// Reads all organizations; gives their number.
///
/// What came before an error is not the whole list, and must not be decided on. The list cannot be filtered by custom
/// fields, so all are read, 100 with each request.
/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#list-organizations>
///
/// # Errors
/// [`Error::Remote`] when the list is not whole (fewer than `/organizations/count` tells, an organization or a page twice, a
/// next page on another host), and those of [`Client::prepare`] and of the consumer.
pub async fn organizations(client: &Client, consumer: &impl Consumer) -> Result<u64> {
    client.account.http.within_deadline(ACTION, read(client, consumer)).await
}

async fn read(client: &Client, consumer: &impl Consumer) -> Result<u64> {
    let before = count(client).await?;
    consumer.expect(before);
    let mut pages = Pages::new(client, ACTION, "organizations");
    let mut seen = HashSet::new();
    let mut fetched = pages.next().await?;
    while let Some(records) = fetched {
        let page = page(records, &mut seen)?;
        let (empty, most) = (page.rows == 0, client.account.http.limits().max_rows);
        if seen.len() as u64 > most {
            let message = format!("there are more than {}; raise `max_rows` if that is right", counted(most, "row"));
            return Err(super::answer::into_error(Failure::lasting(message), ACTION));
        }
        // While one page is taken, the next is on its way.
        let (taken, next) = tokio::join!(consumer.take(page), pages.next());
        taken?;
        fetched = next?;
        if empty && fetched.is_some() {
            return Err(not_whole(ACTION, "an empty page is not the last".into()));
        }
    }
    let rows = seen.len() as u64;
    if rows < least(before) {
        // Some may have been deleted meanwhile.
        let after = count(client).await?;
        if rows < least(before.min(after)) {
            return Err(not_whole(ACTION, format!("{} came of {}", counted(rows, "organization"), before.min(after))));
        }
    }
    Ok(rows)
}

/// Reads organizations by their ids, 100 with each request; those that are not there do not come.
/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#show-many-organizations>
///
/// # Errors
/// As for [`organizations`].
pub async fn show_many(client: &Client, ids: &[u64], consumer: &impl Consumer) -> Result<()> {
    let at_once = client.account.http.limits().concurrency.max(1);
    let mut pages =
        stream::iter(ids.chunks(MANY).map(<[u64]>::to_vec)).map(|ids| shown(client, ids)).buffer_unordered(at_once);
    let reading = async {
        while let Some(page) = pages.next().await {
            consumer.take(page?).await?;
        }
        Ok(())
    };
    client.account.http.within_deadline(MANY_ACTION, reading).await
}

async fn shown(client: &Client, ids: Vec<u64>) -> Result<Page> {
    let mut url = client.resource("organizations/show_many");
    let list: Vec<String> = ids.iter().map(u64::to_string).collect();
    url.query_pairs_mut().append_pair("ids", &list.join(","));
    let found: Found = client.get(MANY_ACTION, &url).await?;
    let page = page(found.organizations, &mut HashSet::new())?;
    match page.rows <= ids.len() as u64 {
        true => Ok(page),
        false => Err(not_whole(MANY_ACTION, "more organizations came than were asked for".into())),
    }
}

#[derive(Deserialize)]
struct Found {
    organizations: Records,
}

/// The fewest rows that a whole list has, when so many were counted.
fn least(counted: u64) -> u64 {
    match counted > EXACT {
        true => (counted as f64 * (1.0 - DRIFT)) as u64,
        false => counted,
    }
}

#[derive(Deserialize)]
struct WithId {
    id: u64,
}

fn page(records: Records, seen: &mut HashSet<u64>) -> Result<Page> {
    let nameless = |_| not_whole(ACTION, "an organization came without an id".into());
    let ids: Vec<WithId> = serde_json::from_str(records.get()).map_err(nameless)?;
    match ids.iter().find(|row| !seen.insert(row.id)) {
        Some(twice) => Err(not_whole(ACTION, format!("the organization {} came twice", twice.id))),
        None => Ok(Page { records, rows: ids.len() as u64 }),
    }
}

#[derive(Deserialize)]
struct Counted {
    count: Count,
}

#[derive(Deserialize)]
struct Count {
    value: u64,
}

/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#count-organizations>
async fn count(client: &Client) -> Result<u64> {
    let counted: Counted = client.get("the count of organizations", &client.resource("organizations/count")).await?;
    Ok(counted.count.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_exact_up_to_a_hundred_thousand() {
        assert_eq!((least(100_000), least(200_000)), (100_000, 198_000));
    }
}
