//! Sends authorized requests.

use std::sync::Arc;

use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;
use url::Url;

use super::account::Account;
use super::answer::{into_error, whole_texts};
use super::login;
use super::session::Session;
use crate::error::{Error, Result};
use crate::http::{Answer, Failure, Repeat};

/// The result of a request. A request that failed may have been carried out all the same.
pub(super) type Tried<T> = std::result::Result<T, Failure>;

/// A client for one account. It can be used from many tasks at once.
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

    /// Returns the maximum size of a page, in bytes.
    pub(crate) fn max_page_bytes(&self) -> usize {
        self.account.http.limits().max_body
    }

    /// Returns the URL of a resource of the API.
    pub(super) fn resource(&self, path: &str) -> Url {
        let mut url = self.account.base.clone();
        url.set_path(&format!("/api/v2/{path}"));
        url.set_query(None);
        url
    }

    /// Reads a resource as JSON. Retries as long as that may help.
    pub(super) async fn get<T: DeserializeOwned>(&self, action: &str, url: &Url) -> Result<T> {
        let read = |answer: Answer| serde_json::from_slice(&answer.body).map_err(|_| unreadable(&answer));
        self.read(action, url, read).await
    }

    /// Reads a resource with `read`. Retries as long as that may help.
    pub(super) async fn read<T>(&self, action: &str, url: &Url, read: impl Fn(Answer) -> Tried<T>) -> Result<T> {
        let tried = self.send(action, Repeat::Always, |http| http.get(url.clone()), read).await?;
        tried.map_err(|failure| into_error(failure, action))
    }

    /// Sends a request, and retries it as long as that may help and `repeat` allows it. If the session has ended, opens
    /// another one and sends the request once more.
    ///
    /// # Errors
    /// If there was no session with which to send the request: [`Error::Authentication`] if Zendesk refused the sign-in,
    /// [`Error::Remote`] if there was no response or none that makes sense. The outcome of a request that was sent is in
    /// the returned value.
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
            let read = |answer: Answer| async { read(whole_texts(action, self.account.accept(action, answer)?)) };
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

/// Returns the failure for a response that reports success but cannot be read. A retry may get the whole response.
pub(super) fn unreadable(answer: &Answer) -> Failure {
    let message = "the answer is not the JSON that was asked for, or is cut short";
    Failure { status: Some(answer.status), ..Failure::passing(message.into()) }
}

/// Returns the error for a response whose content cannot be right.
pub(super) fn not_whole(action: &str, why: String) -> Error {
    into_error(Failure::lasting(format!("the answer is not whole: {why}")), action)
}
