//! Reads the pages of a query, each of which names the next, to the end, and checks that no rows are missing.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use url::Url;

use super::answer::{has_code, takes_too_long, SERVICE};
use super::client::Sending;
use super::consumer::Read;
use super::page::{Frame, Unreadable};
use super::reader::Reader;
use super::statement::Range;
use crate::error::{counted, Error, Result};
use crate::http::{damage, same_origin, Answer, Failure};
use crate::rows::Id;

/// The number of times that a query is restarted after the last row received.
const RESTARTS: u32 = 20;

/// A page and its origin.
pub(super) struct Fetched {
    url: Url,
    pub(super) frame: Frame,
    pub(super) read: Read,
    pub(super) time: Duration,
}

/// The result of reading a chain of pages.
pub(super) enum Chained {
    /// All rows were received: their number.
    Whole(u64),
    /// The query was restarted after a row, and takes the server too long from there.
    TooLong {
        /// The number of rows received.
        rows: u64,
        /// The total that the first page announced.
        total: u64,
        /// The range that is left.
        rest: Range,
        /// The error from the server.
        error: Error,
    },
}

/// The end of a chain.
enum Followed {
    Whole(u64),
    /// The server has dropped its cursor: the number of rows received, and the id of the last one.
    Lost(u64, Id),
}

impl Reader<'_> {
    /// Fetches the first page of a query.
    pub(super) async fn first(&self, soql: &str) -> Result<Fetched> {
        self.fetch(self.address(soql).await?).await
    }

    /// Reads on from the first page to the end of the query.
    pub(super) async fn chain(&self, mut page: Fetched, range: Range) -> Result<Chained> {
        let (total, mut rows) = (page.frame.total, 0);
        for _ in 0..=RESTARTS {
            let (more, last) = match self.follow(page).await? {
                Followed::Whole(all) if rows == 0 => return Ok(Chained::Whole(all)),
                // The total of a restarted query does not count the rows before it.
                Followed::Whole(more) => {
                    return self.check_sum(range, rows + more, total).await.map(Chained::Whole);
                }
                Followed::Lost(more, last) => (more, last),
            };
            tracing::info!("Salesforce: {}: the server has forgotten it; going on behind {last}", self.action);
            rows += more;
            let rest = Range { after: Some(last), ..range };
            page = match self.first(&self.query.statement.in_order(rest)).await {
                Err(error) if takes_too_long(&error) => return Ok(Chained::TooLong { rows, total, rest, error }),
                page => page?,
            };
        }
        Err(self.incomplete("the server forgot it again and again".into()))
    }

    /// Follows the chain of pages. The next page is fetched while the consumer takes the current one.
    async fn follow(&self, mut page: Fetched) -> Result<Followed> {
        let total = page.frame.total;
        let mut received = 0;
        let mut followed = HashSet::new();
        let mut ends = HashSet::new();
        let mut before = None;
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
            let Read { rows, first, last, page: batch } = page.read;
            if last.is_some_and(|last| !ends.insert(last)) {
                return Err(self.incomplete("a page came twice".into()));
            }
            // With repeated rows the count is right although other rows are missing.
            let repeats = first.zip(before).is_some_and(|(first, before)| first <= before);
            if repeats && self.query.statement.splits() {
                return Err(self.incomplete("a page has rows that came before".into()));
            }
            before = last.or(before);
            received += rows;
            // Checked before the page is passed on: an endless chain of pages must not fill the memory.
            if received > total {
                return Err(self.incomplete(format!("{} came of {total}", counted(received, "row"))));
            }
            let fetching = async {
                Ok(match next {
                    Some(next) => self.fetch(next).await.map(Some),
                    None => Ok(None),
                })
            };
            // If the consumer takes no more pages, this also cancels the request for the next one.
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

    /// Returns the URL of the next page, which is untrusted data: it is followed only on the origin that it came from.
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
        let place = self.room.place().await;
        let started = Instant::now();
        let read = |answer: Answer| async {
            self.room.note(answer.body.len());
            let (consumer, mut body, action) = (self.consumer.clone(), answer.body, self.action.clone());
            let reading = move || {
                damage::mend_json(SERVICE, &action, &mut body);
                consumer.json(body)
            };
            let read = self.workers.run(reading).await;
            read.map_err(|error| Failure::lasting(error.to_string()))?.map_err(unreadable)
        };
        let (frame, mut read) =
            self.client.send(&self.action, Sending::Again, |http| http.get(url.clone()), read).await?;
        self.check_size(frame.total)?;
        if let Some(page) = &mut read.page {
            page.wait_at(place);
        }
        Ok(Fetched { url, frame, read, time: started.elapsed() })
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
