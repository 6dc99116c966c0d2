//! The pages of one query, each of which names the next, read to their end and checked to be whole.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use url::Url;

use super::client::SERVICE;
use super::consumer::Read;
use super::damage;
use super::page::{Frame, Unreadable};
use super::query::{Reader, Spread, HALVINGS};
use super::statement::Range;
use crate::error::{counted, Error, Result};
use crate::http::{Answer, Failure};
use crate::rows::Id;

/// How often a chain is begun anew behind the last row that came.
const RESTARTS: u32 = 20;

/// A page, and where it came from.
pub(super) struct Fetched {
    url: Url,
    pub(super) frame: Frame,
    pub(super) read: Read,
    pub(super) time: Duration,
}

/// How far a chain got.
enum Followed {
    Whole(u64),
    /// The server has forgotten the query; so many rows came, and the last was this one.
    Lost(u64, Id),
}

impl Reader<'_> {
    /// The first page of a query.
    pub(super) async fn first(&self, soql: &str) -> Result<Fetched> {
        self.fetch(self.address(soql).await?).await
    }

    /// Where a query is asked.
    pub(super) async fn address(&self, soql: &str) -> Result<Url> {
        let mut url = self.client.resource(if self.query.all { "queryAll" } else { "query" }).await?;
        url.query_pairs_mut().append_pair("q", soql);
        Ok(url)
    }

    /// Reads on from a first page to the end; gives the number of rows.
    pub(super) async fn chain(&self, mut page: Fetched, range: Range) -> Result<u64> {
        let (total, mut rows) = (page.frame.total, 0);
        for _ in 0..=RESTARTS {
            let (more, last) = match self.follow(page).await? {
                Followed::Whole(all) if rows == 0 => return Ok(all),
                // What was begun anew has a total of its own, which says nothing of the rows before it.
                Followed::Whole(more) => return self.check_sum(range, rows + more, total).await,
                Followed::Lost(more, last) => (more, last),
            };
            tracing::info!("Salesforce: {}: the server has forgotten it; going on behind {last}", self.action);
            rows += more;
            let rest = Range { after: Some(last), ..range };
            page = match self.first(&self.query.statement.in_order(rest)).await {
                Err(error) if takes_too_long(&error) => {
                    rows += self.halves(Spread::whole(rest), HALVINGS, error).await?;
                    return self.check_sum(range, rows, total).await;
                }
                page => page?,
            };
        }
        Err(self.incomplete("the server forgot it again and again".into()))
    }

    /// While one page is taken, the next is on its way.
    async fn follow(&self, mut page: Fetched) -> Result<Followed> {
        let total = page.frame.total;
        let mut received = 0;
        let mut followed = HashSet::new();
        let mut ends = HashSet::new();
        loop {
            if page.frame.total != total {
                let now = page.frame.total;
                return Err(
                    self.incomplete(format!("the total changed from {total} to {} between pages", counted(now, "row")))
                );
            }
            let next = self.next(&page)?;
            if next.clone().is_some_and(|next| !followed.insert(next)) {
                return Err(self.incomplete("a page names one as its next that came before".into()));
            }
            let Read { rows, last, page: batch } = page.read;
            if last.is_some_and(|last| !ends.insert(last)) {
                return Err(self.incomplete("a page came twice".into()));
            }
            received += rows;
            // Before anybody takes them: a chain of pages without end must not fill the memory.
            if received > total {
                return Err(self.incomplete(format!("{} came of {total}", counted(received, "row"))));
            }
            let fetching = async {
                Ok(match next {
                    Some(next) => self.fetch(next).await.map(Some),
                    None => Ok(None),
                })
            };
            // Where nobody takes pages any more, nobody waits for the next one either.
            let ((), fetched) = tokio::try_join!(self.take(batch), fetching)?;
            if rows == 0 && matches!(fetched, Ok(Some(_))) {
                return Err(
                    self.incomplete(format!("{} came of {total}, and there are more pages", counted(received, "row")))
                );
            }
            match (fetched, last) {
                (Ok(Some(next)), _) => page = next,
                (Ok(None), _) => break,
                (Err(error), Some(last))
                    if has_code(&error, "INVALID_QUERY_LOCATOR") && self.query.statement.splits() =>
                {
                    return Ok(Followed::Lost(received, last));
                }
                (Err(error), _) => return Err(error),
            }
        }
        match received == total {
            true => Ok(Followed::Whole(received)),
            false => Err(self.incomplete(format!("{} came of {total}", counted(received, "row")))),
        }
    }

    /// Where the next page is, which is data and not an order: it is followed only on the origin that gave it.
    fn next(&self, page: &Fetched) -> Result<Option<Url>> {
        let Some(next) = &page.frame.next else {
            return match page.frame.done {
                Some(false) => Err(self.incomplete("there is more, but the answer does not say where".into())),
                _ => Ok(None),
            };
        };
        same_origin(&page.url, next).map(Some).map_err(|why| self.incomplete(why))
    }

    async fn fetch(&self, url: Url) -> Result<Fetched> {
        let started = Instant::now();
        let read = |answer: Answer| async {
            let (consumer, mut body, action) = (self.consumer.clone(), answer.body, self.action.clone());
            let reading = move || {
                if let Some(mended) = damage::mended_json(&body) {
                    damage::tell(&action);
                    body.replace(mended);
                }
                consumer.json(body)
            };
            let read = self.workers.run(reading).await;
            read.map_err(|error| Failure::lasting(error.to_string()))?.map_err(unreadable)
        };
        let (frame, read) = self.client.send(&self.action, |http| http.get(url.clone()), read).await?;
        self.check_size(frame.total)?;
        Ok(Fetched { url, frame, read, time: started.elapsed() })
    }

    /// Whether so many rows may be read.
    pub(super) fn check_size(&self, total: u64) -> Result<()> {
        let most = self.client.org.http.limits().max_rows;
        if total <= most {
            return Ok(());
        }
        let message =
            format!("it has {}, and at most {most} are read; raise `max_rows` if that is right", counted(total, "row"));
        Err(Failure::lasting(message).into_error(SERVICE, &self.action))
    }

    pub(super) fn incomplete(&self, why: String) -> Error {
        Failure::lasting(format!("the answer is not whole: {why}")).into_error(SERVICE, &self.action)
    }
}

fn unreadable(page: Unreadable) -> Failure {
    match page {
        Unreadable::Broken => {
            let message = "the answer is not the JSON that a query gives, or is cut short";
            Failure { status: Some(200), ..Failure::passing(message.into()) }
        }
        Unreadable::Wrong(why) => Failure::lasting(format!("the answer is not whole: {why}")),
    }
}

/// An address that an answer gave, if it is on the same origin.
pub(super) fn same_origin(from: &Url, told: &str) -> std::result::Result<Url, String> {
    let url = from.join(told).ok().filter(|url| url.origin() == from.origin() && !names_a_user(url));
    url.ok_or_else(|| "it sends us to another host for its next page".into())
}

/// Whether an address says who asks: with that, a request would say somebody else's name and password.
pub(super) fn names_a_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn has_code(error: &Error, code: &str) -> bool {
    matches!(error, Error::Remote(remote) if remote.code.as_deref() == Some(code))
}

/// Whether the server could not do it in its time or its memory: a half of it, it may.
pub(super) fn takes_too_long(error: &Error) -> bool {
    ["QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG", "OPERATION_TOO_LARGE"].iter().any(|code| has_code(error, code))
}
