//! All organizations of an account, or an error.

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
/// The most organizations that are asked for by their ids at once.
const MANY: usize = 100;
/// A count that is older than this was not made for us.
const FRESH: Duration = Duration::minutes(5);
/// Above this a count is one that was made some time ago, or ends here while it is made anew.
const EXACT: u64 = 100_000;
/// The share by which a count that is not fresh may be off: large accounts count once a day.
const DRIFT: f64 = 0.1;

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
    /// Returns the organizations as the API writes them: an array in JSON.
    /// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#json-format>
    #[must_use]
    pub fn records(&self) -> &str {
        self.records.get()
    }

    /// Returns the number of organizations.
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
/// The rows that came before an error are not the whole list, and must not be decided on. The list cannot be filtered
/// by custom fields, so all are read, 100 with each request.
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
        // The next page is on its way while one is taken.
        let (taken, next) = tokio::join!(consumer.take(page), pages.next());
        taken?;
        fetched = next?;
        if empty && fetched.is_some() {
            return Err(not_whole(ACTION, "an empty page is not the last".into()));
        }
    }
    let rows = seen.len() as u64;
    if rows < before.least() {
        // Some may have been deleted meanwhile.
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

/// A count as Zendesk tells it. `refreshed_at` is null while a large account is counted anew.
#[derive(Deserialize)]
struct RawCount {
    value: u64,
    #[serde(default)]
    refreshed_at: Option<String>,
}

/// A count, and what it is worth.
#[derive(Debug, Clone, Copy)]
struct Count {
    value: u64,
    /// True if it was made just now; an old one may be off.
    fresh: bool,
}

impl Count {
    /// Creates a count that was told at `now`.
    fn new(told: &RawCount, now: OffsetDateTime) -> Self {
        let made = told.refreshed_at.as_deref().and_then(|text| OffsetDateTime::parse(text.trim(), &Rfc3339).ok());
        // A time ahead of now comes from a clock that is ahead of ours.
        let fresh = told.value <= EXACT && made.is_some_and(|made| now - made <= FRESH);
        Self { value: told.value, fresh }
    }

    /// Returns the fewest rows that a whole list has.
    fn least(self) -> u64 {
        match self.fresh {
            true => self.value,
            false => (self.value as f64 * (1.0 - DRIFT)) as u64,
        }
    }
}

/// <https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#count-organizations>
async fn count(client: &Client) -> Result<Count> {
    const ACTION: &str = "the count of organizations";
    let read = |answer: Answer| {
        let counted: Counted = serde_json::from_slice(&answer.body).map_err(|_| unreadable(&answer))?;
        Ok(Count::new(&counted.count, now(&answer.headers)))
    };
    client.read(ACTION, &client.resource("organizations/count"), read).await
}

/// Returns the time of the answer, as whoever gave it has it; ours may be wrong.
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
