//! The path of a request through a simulator: it is received, logged, parsed and answered.

use super::log::{Log, Request};
use super::reply::{send, Body, Reply, Wire};
use super::sent::Sent;
use super::server::Dropped;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// The largest request body that is accepted, in bytes: more than the services accept.
const MAX_BODY: usize = 160 << 20;

/// A simulated service.
pub(crate) trait Service: Send + Sync + 'static {
    /// A parsed request.
    type Call: Send + Sync;
    /// The time of a request in the log.
    type Time: Clone + Send;

    fn line(&self) -> &Line<Self::Time>;

    fn call(&self, sent: Sent) -> Self::Call;

    /// Returns the log entry of a request.
    fn logged(&self, call: &Self::Call) -> Request<Self::Time>;

    /// Returns the response and how to send it; `None` to drop the connection.
    fn answer(&self, call: &Self::Call) -> impl Future<Output = Option<(Reply, Wire)>> + Send;
}

/// The connection between a service and its clients.
pub(crate) struct Line<T> {
    log: Log<T>,
    gzip: bool,
    latency: Duration,
}

impl<T: Clone> Line<T> {
    pub(crate) fn new(gzip: bool, latency_ms: u64) -> Line<T> {
        Line { log: Log::new(), gzip, latency: Duration::from_millis(latency_ms) }
    }

    pub(crate) fn requests(&self) -> Vec<Request<T>> {
        self.log.requests()
    }
}

/// Handles a request.
pub(crate) async fn handle<S: Service>(
    service: Arc<S>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Body>, Dropped> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(|_| Dropped)?.to_bytes();
    let sent = Sent { head, body };
    let (line, takes_gzip) = (service.line(), sent.takes_gzip());
    let call = service.call(sent);
    let place = line.log.arrived(service.logged(&call));
    // Even a sleep of zero takes a tick of the timer.
    if !line.latency.is_zero() {
        tokio::time::sleep(line.latency).await;
    }
    let (reply, wire) = service.answer(&call).await.ok_or(Dropped)?;
    let (response, bytes) = send(reply, line.gzip && takes_gzip, wire);
    line.log.answered(place, response.status().as_u16(), bytes);
    Ok(response)
}
