//! Queries read to their end, page by page, and checked to be whole.

use std::collections::HashSet;

use url::Url;

use super::client::{Client, SERVICE};
use super::page::{Page, RowSink, Selection};
use crate::engine::Workers;
use crate::error::{Error, Result};
use crate::http::{Answer, Failure};

/// Runs `soql` and gives every row to `sink`. While one page is read, the next is on its way.
///
/// The rows are whole or there is an error: each page must name the same total, the chain of pages must end where the
/// server says so, and the rows must add up.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm>
///
/// # Errors
/// [`Error::Authentication`], [`Error::Quota`] and [`Error::Remote`], after the retries that make sense.
pub async fn query<S>(
    client: &Client,
    workers: &Workers,
    object: &str,
    soql: &str,
    selection: Selection,
    sink: S,
) -> Result<S>
where
    S: RowSink + Send + 'static,
{
    let action = format!("the query on {object}");
    client.http.within_deadline(&action, pages(client, workers, &action, soql, selection, sink)).await
}

async fn pages<S>(
    client: &Client,
    workers: &Workers,
    action: &str,
    soql: &str,
    selection: Selection,
    mut sink: S,
) -> Result<S>
where
    S: RowSink + Send + 'static,
{
    let mut url = client.instance().await?;
    url.set_path(&client.data_path("query"));
    url.query_pairs_mut().append_pair("q", soql);
    let mut page = fetch(client, action, url).await?;
    let total = page.frame.total;
    let most = client.http.limits().max_rows;
    if total > most {
        let message = format!("it has {total} rows, and at most {most} are read; raise `max_rows` if that is right");
        return Err(Failure::lasting(message).into_error(SERVICE, action));
    }
    let mut received = 0;
    let mut followed = HashSet::new();
    loop {
        let frame = page.frame;
        if frame.total != total {
            return Err(incomplete(
                action,
                format!("the total changed from {total} to {} rows between pages", frame.total),
            ));
        }
        let next =
            frame.next.map(|next| follow(&page.url, &next)).transpose().map_err(|why| incomplete(action, why))?;
        if next.clone().is_some_and(|next| !followed.insert(next)) {
            return Err(incomplete(action, "a page names one as its next that came before".into()));
        }
        if next.is_none() && frame.done == Some(false) {
            return Err(incomplete(action, "there is more, but the answer does not say where".into()));
        }
        let (selection, body) = (selection.clone(), page.body);
        let reading = workers.run(move || read(&selection, &body, sink));
        let fetching = async {
            match next {
                Some(next) => fetch(client, action, next).await.map(Some),
                None => Ok(None),
            }
        };
        let (read, fetched) = tokio::join!(reading, fetching);
        let (rows, filled) = read?.map_err(|why| incomplete(action, why))?;
        sink = filled;
        received += rows;
        // A chain of pages without end must not fill the memory before somebody looks at the sum.
        if received > total || (rows == 0 && fetched.as_ref().is_ok_and(Option::is_some)) {
            return Err(incomplete(action, format!("{received} rows came of {total}, and there are more pages")));
        }
        match fetched? {
            Some(fetched) => page = fetched,
            None => break,
        }
    }
    match received == total {
        true => {
            tracing::info!("Salesforce: {action}: {total} rows in {} pages", followed.len() + 1);
            Ok(sink)
        }
        false => Err(incomplete(action, format!("{received} rows came of {total}"))),
    }
}

struct Fetched {
    url: Url,
    frame: Frame,
    body: Vec<u8>,
}

struct Frame {
    total: u64,
    done: Option<bool>,
    next: Option<String>,
}

async fn fetch(client: &Client, action: &str, url: Url) -> Result<Fetched> {
    let (frame, body) = client.send(action, |http| http.get(url.clone()), parse).await?;
    Ok(Fetched { url, frame, body })
}

fn parse(answer: Answer) -> std::result::Result<(Frame, Vec<u8>), Failure> {
    // Proved to be JSON to its end here, where another try is possible, and read into cells later.
    let frame = match serde_json::from_slice::<Page<'_>>(&answer.body) {
        Ok(page) => Frame { total: page.total, done: page.done, next: page.next },
        Err(_) => {
            let message = "the answer is not the JSON that a query gives, or is cut short";
            return Err(Failure { status: Some(answer.status), ..Failure::passing(message.into()) });
        }
    };
    Ok((frame, answer.body))
}

fn read<S: RowSink>(selection: &Selection, body: &[u8], mut sink: S) -> std::result::Result<(u64, S), String> {
    let page: Page<'_> = serde_json::from_slice(body).map_err(|_| "a page cannot be read".to_owned())?;
    let rows = selection.read(page.records.get(), &mut sink)?;
    Ok((rows, sink))
}

/// `next` is data, not an order: it is followed only on the origin that gave it.
fn follow(page: &Url, next: &str) -> std::result::Result<Url, String> {
    let url = page.join(next).ok().filter(|url| url.origin() == page.origin());
    url.ok_or_else(|| "it sends us to another host for its next page".into())
}

fn incomplete(action: &str, why: String) -> Error {
    Failure::lasting(format!("the answer is not whole: {why}")).into_error(SERVICE, action)
}
