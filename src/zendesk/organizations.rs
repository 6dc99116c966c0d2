//! Reads all organizations of an account, or some by their ids.

use std::collections::HashSet;
use std::future::Future;
use std::time::SystemTime;

use futures_util::stream::{self, StreamExt};
use reqwest::header::HeaderMap;
use serde::Deserialize;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use tokio::sync::mpsc;

use super::client::{not_whole, unreadable, Client};
use super::pages::{Pages, Records};
use crate::error::{counted, Error, Result};
use crate::http::{date, Answer, Failure};

const ACTION: &str = "the list of organizations";
const MANY_ACTION: &str = "the look-up of organizations";
/// The maximum number of organizations that one request can ask for by id.
const MANY: usize = 100;
/// The maximum age of a count that can have been made for the current request.
const FRESH: Duration = Duration::minutes(5);
/// The largest count that can have been made for the current request. A larger one may be old, or capped while it is
/// being refreshed.
const EXACT: u64 = 100_000;
/// The share by which a count that is not fresh may be wrong, because large accounts are counted once a day.
const DRIFT: f64 = 0.1;

/// A consumer of the pages of a list, which it gets in order. It takes each page as a whole or not at all.
pub trait Consumer: Send + Sync {
    /// Called before the first page, with Zendesk's count of the organizations.
    fn expect(&self, organizations: u64) {
        let _ = organizations;
    }

    /// Takes a page, and waits until there is room for it.
    ///
    /// # Errors
    /// Any error ends the read, which returns the error.
    fn take(&self, page: Page) -> impl Future<Output = Result<()>> + Send;
}

/// A page of organizations.
#[derive(Debug)]
pub struct Page {
    records: Records,
    rows: u64,
}

impl Page {
    /// Returns the organizations as the API returns them: a JSON array.
    /// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#json-format>
    #[must_use]
    pub fn records(&self) -> &str {
        self.records.get()
    }

    /// Returns the number of organizations in the page.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

/// A consumer that passes pages through a channel, no faster than the reader takes them.
pub struct Batches {
    pages: mpsc::Sender<Page>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Batches {
    /// Creates a consumer that sends each page into `pages`, and then calls `wake`.
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

/// Reads all organizations, 100 with each request, and returns their number. The list cannot be filtered by custom
/// fields.
///
/// Pages that were taken before an error are not the whole list, so no decision may be based on them.
/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#list-organizations>
///
/// # Errors
/// [`Error::Remote`] if the list is incomplete (fewer organizations than `/organizations/count` tells, an organization
/// or a page that occurs twice, a next page on another host) or has more rows than the limit, and the errors of
/// the sign-in and of the consumer.
pub async fn organizations(client: &Client, consumer: &impl Consumer) -> Result<u64> {
    client.account.http.within_deadline(ACTION, read(client, consumer)).await
}

async fn read(client: &Client, consumer: &impl Consumer) -> Result<u64> {
    let before = count(client).await?;
    consumer.expect(before.value);
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
        // Fetches the next page while the consumer takes this one.
        let (taken, next) = tokio::join!(consumer.take(page), pages.next());
        taken?;
        fetched = next?;
        if empty && fetched.is_some() {
            return Err(not_whole(ACTION, "an empty page is not the last".into()));
        }
    }
    let rows = seen.len() as u64;
    if rows < before.least() {
        // Some organizations may have been deleted during the read.
        let after = count(client).await?;
        if rows < before.least().min(after.least()) {
            let counted_now = before.value.min(after.value);
            return Err(not_whole(ACTION, format!("{} came of {counted_now}", counted(rows, "organization"))));
        }
    }
    if !before.fresh {
        tracing::info!("Zendesk: the count of organizations ({}) is not fresh, so {rows} may be right", before.value);
    }
    Ok(rows)
}

/// Reads organizations by their ids, 100 with each request, in any order. Leaves out those that do not exist.
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
    count: RawCount,
}

/// A count as the API returns it. `refreshed_at` is null while a large account is being counted.
#[derive(Deserialize)]
struct RawCount {
    value: u64,
    #[serde(default)]
    refreshed_at: Option<String>,
}

/// A count, and whether it is reliable.
#[derive(Debug, Clone, Copy)]
struct Count {
    value: u64,
    /// True if the count was made for the current request. An older count may be wrong.
    fresh: bool,
}

impl Count {
    /// Creates a count from a response that was sent at the time `now`.
    fn new(told: &RawCount, now: OffsetDateTime) -> Self {
        let made = told.refreshed_at.as_deref().and_then(|text| OffsetDateTime::parse(text.trim(), &Rfc3339).ok());
        // A time in the future comes from a clock that is ahead of the clock of the response, so the count is fresh.
        let fresh = told.value <= EXACT && made.is_some_and(|made| now - made <= FRESH);
        Self { value: told.value, fresh }
    }

    /// Returns the smallest number of rows that a complete list can have.
    fn least(self) -> u64 {
        match self.fresh {
            true => self.value,
            false => (self.value as f64 * (1.0 - DRIFT)) as u64,
        }
    }
}

/// Reads the count of organizations.
/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#count-organizations>
async fn count(client: &Client) -> Result<Count> {
    const ACTION: &str = "the count of organizations";
    let read = |answer: Answer| {
        let counted: Counted = serde_json::from_slice(&answer.body).map_err(|_| unreadable(&answer))?;
        Ok(Count::new(&counted.count, now(&answer.headers)))
    };
    client.read(ACTION, &client.resource("organizations/count"), read).await
}

/// Returns the time of the response by the server's clock, because the clock of this machine may be wrong.
fn now(headers: &HeaderMap) -> OffsetDateTime {
    date(headers).unwrap_or_else(SystemTime::now).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn least(value: u64, refreshed_at: Option<&str>) -> u64 {
        let now = datetime!(2026-11-28 12:00 UTC);
        Count::new(&RawCount { value, refreshed_at: refreshed_at.map(str::to_owned) }, now).least()
    }

    #[test]
    fn a_count_is_worth_what_its_time_says() {
        for fresh in [
            "2026-11-28T12:00:00Z",
            "2026-11-28T11:55:00+00:00",
            "2026-11-28T12:03:00.123Z",
            "2026-11-28T13:58:00+02:00",
        ] {
            assert_eq!(least(1_000, Some(fresh)), 1_000, "{fresh}");
        }
        for old in [Some("2026-11-27T12:00:00Z"), Some("2026-11-28T11:54:59Z"), Some("2026-11-28"), Some("soon"), None]
        {
            assert_eq!(least(1_000, old), 900, "{old:?}");
        }
        assert_eq!(least(100_000, Some("2026-11-28T12:00:00Z")), 100_000);
        assert_eq!(least(200_000, Some("2026-11-28T12:00:00Z")), 180_000, "none so large is made on the spot");
    }
}
