//! Reads a list in cursor pages, up to the page that is marked as the last one. No page is read twice.
//! <https://developer.zendesk.com/api-reference/introduction/pagination/>

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::client::{not_whole, unreadable, Client};
use crate::error::Result;
use crate::http::{same_origin, Answer, Failure};

/// The number of records per page. Without this parameter, the list would come in numbered pages, which end after
/// 10,000 records.
const SIZE: &str = "100";

/// The pages of one list.
pub(super) struct Pages {
    client: Client,
    action: &'static str,
    list: &'static str,
    next: Option<Url>,
    followed: HashSet<Url>,
}

/// The records of a page: a JSON array.
pub(super) type Records = Box<RawValue>;

struct Fetched {
    records: Records,
    more: bool,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Meta {
    has_more: bool,
}

#[derive(Deserialize)]
struct Links {
    next: Option<String>,
}

impl Pages {
    /// Prepares to read a list by its name in the API, such as `organizations`.
    pub(super) fn new(client: &Client, action: &'static str, list: &'static str) -> Self {
        let mut first = client.resource(list);
        first.query_pairs_mut().append_pair("page[size]", SIZE);
        let followed = HashSet::from([first.clone()]);
        Self { client: client.clone(), action, list, next: Some(first), followed }
    }

    /// Reads the next page; `None` after the last one.
    pub(super) async fn next(&mut self) -> Result<Option<Records>> {
        let Some(url) = self.next.take() else { return Ok(None) };
        let list = self.list;
        let fetched = self.client.read(self.action, &url, |answer| fetched(list, &answer)).await?;
        if fetched.more {
            let next = self.follow(&url, fetched.next.as_deref());
            self.next = Some(next.map_err(|why| not_whole(self.action, why))?);
        }
        Ok(Some(fetched.records))
    }

    /// Returns the URL of the next page. The link is untrusted data, so it is followed only on the account's own
    /// origin. The last page has a link too; only `has_more` says that it is the last page.
    fn follow(&mut self, from: &Url, told: Option<&str>) -> std::result::Result<Url, String> {
        let told = told.ok_or("there is more, but the answer does not say where")?;
        let next = same_origin(from, told)?;
        match self.followed.insert(next.clone()) {
            true => Ok(next),
            false => Err("a page names one as its next that came before".into()),
        }
    }
}

fn fetched(list: &str, answer: &Answer) -> std::result::Result<Fetched, Failure> {
    let body: HashMap<String, &RawValue> = serde_json::from_slice(&answer.body).map_err(|_| unreadable(answer))?;
    let part = |name: &str| {
        let missing = || Failure::lasting(format!("the answer is not whole: it has no {name}"));
        body.get(name).copied().ok_or_else(missing)
    };
    let wrong = |_| Failure::lasting("the answer is not whole: it is not a page of a list".into());
    let meta: Meta = serde_json::from_str(part("meta")?.get()).map_err(wrong)?;
    let links: Links = serde_json::from_str(part("links")?.get()).map_err(wrong)?;
    Ok(Fetched { records: part(list)?.to_owned(), more: meta.has_more, next: links.next })
}
