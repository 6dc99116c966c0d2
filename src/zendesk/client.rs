//! Requests that carry a token.

use std::sync::Arc;

use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;
use url::Url;

use super::account::Account;
use super::answer::{into_error, SERVICE};
use super::login;
use super::session::Session;
use crate::error::{Error, Result};
use crate::http::{damage, Answer, Failure, Repeat};

/// The result of a request that may have been carried out although it failed.
pub(super) type Tried<T> = std::result::Result<T, Failure>;

/// A client for one account; it may be used from many tasks at once.
#[derive(Clone)]
pub struct Client {
    pub(super) account: Arc<Account>,
}

impl Client {
    /// Creates a client.
    #[must_use]
    pub fn new(account: Arc<Account>) -> Self {
        Self { account }
    }

    /// Signs in, where that has not been done yet.
    ///
    /// # Errors
    /// [`Error::Authentication`] when Zendesk refuses, [`Error::Remote`] when there is no answer or none that makes sense.
    pub async fn prepare(&self) -> Result<()> {
        self.session(None).await.map(|_| ())
    }

    /// Returns the size of the largest page.
    pub(crate) fn max_page_bytes(&self) -> usize {
        self.account.http.limits().max_body
    }

    /// Returns the address of a resource of the API.
    pub(super) fn resource(&self, path: &str) -> Url {
        let mut url = self.account.base.clone();
        url.set_path(&format!("/api/v2/{path}"));
        url.set_query(None);
        url
    }

    /// Reads a resource.
    pub(super) async fn get<T: DeserializeOwned>(&self, action: &str, url: &Url) -> Result<T> {
        let read = |answer: Answer| serde_json::from_slice(&answer.body).map_err(|_| unreadable(&answer));
        self.read(action, url, read).await
    }

    /// Reads with an own way to read it.
    pub(super) async fn read<T>(&self, action: &str, url: &Url, read: impl Fn(Answer) -> Tried<T>) -> Result<T> {
        let tried = self.send(action, Repeat::Always, |http| http.get(url.clone()), read).await?;
        tried.map_err(|failure| into_error(failure, action))
    }

    /// Sends a request with a token, again as long as that may help and `repeat` allows it.
    ///
    /// # Errors
    /// When it was not sent because there is no token. The value tells what became of it otherwise.
    pub(super) async fn send<T>(
        &self,
        action: &str,
        repeat: Repeat,
        request: impl Fn(&reqwest::Client) -> RequestBuilder,
        read: impl Fn(Answer) -> Tried<T>,
    ) -> Result<Tried<T>> {
        let send = async |session: &Session| {
            let http = &self.account.http;
            let request = || session.authorize(request(http.client())).header("Accept", "application/json");
            let read = |answer: Answer| async { read(self.account.accept(whole_texts(action, answer))?) };
            http.send(action, repeat, request, read).await
        };
        let session = self.session(None).await?;
        let mut tried = send(&session).await;
        let ended = matches!(&tried, Err(failure) if failure.status == Some(401));
        if ended && self.account.credentials.can_renew() {
            tracing::info!("Zendesk: the session has ended; another one is opened");
            let another = self.session(Some(&session)).await?;
            tried = send(&another).await;
        }
        Ok(tried.map_err(|failure| self.advised(failure)))
    }

    async fn session(&self, ended: Option<&Arc<Session>>) -> Result<Arc<Session>> {
        login::session(&self.account, ended).await
    }

    fn advised(&self, mut failure: Failure) -> Failure {
        if failure.status == Some(401) {
            failure.message.push_str(self.account.credentials.advice());
        }
        failure
    }
}

/// Mends texts that are not Unicode: what an answer holds or quotes of one organization is not to cost the others theirs.
fn whole_texts(action: &str, mut answer: Answer) -> Answer {
    damage::mend_json(SERVICE, action, &mut answer.body);
    answer
}

/// Returns the error of an answer that is good, but not what it should be. Sent again, it may be whole.
pub(super) fn unreadable(answer: &Answer) -> Failure {
    let message = "the answer is not the JSON that was asked for, or is cut short";
    Failure { status: Some(answer.status), ..Failure::passing(message.into()) }
}

/// Returns the error of an answer that is whole, and says what it must not say.
pub(super) fn not_whole(action: &str, why: String) -> Error {
    into_error(Failure::lasting(format!("the answer is not whole: {why}")), action)
}
