//! Responses, and the ways of sending them.

use super::bomb;
use bytes::Bytes;
use flate2::write::GzEncoder;
use flate2::Compression;
use http_body_util::channel::{Channel, Sender};
use http_body_util::{Either, Full};
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use std::io::{self, Write};
use std::time::Duration;

/// The body of a response: available at once, or streamed.
pub(crate) type Body = Either<Full<Bytes>, Channel<Bytes, io::Error>>;

pub(crate) const JSON: &str = "application/json;charset=UTF-8";
pub(crate) const HTML: &str = "text/html;charset=UTF-8";
/// The number of bytes in each part of a slow body.
const TRICKLE: usize = 8;

/// A response before it is sent.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Reply {
        Reply { status, content_type: content_type.into(), headers: Vec::new(), body: body.into() }
    }

    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Reply {
        Reply::new(status, JSON, body.to_string())
    }

    /// Creates an HTML page.
    pub(crate) fn page(status: u16, title: &str) -> Reply {
        let head = format!("<!DOCTYPE html><html><head><title>{title}</title></head>");
        Reply::new(status, HTML, format!("{head}<body><h1>{title}</h1></body></html>"))
    }

    /// Adds a `Retry-After` header with this number of seconds.
    pub(crate) fn retry_after(self, seconds: u64) -> Reply {
        self.header("Retry-After", seconds.to_string())
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Reply {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// The way in which a response is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wire {
    Whole,
    /// Announces the whole body, sends half of it and closes the connection.
    Half,
    /// Sends a few bytes at a time, with a pause before each part.
    Trickle(Duration),
    /// Replaces the body with gzip data that decompresses to gigabytes.
    Bomb,
}

/// Creates the response to send, and returns it with the number of bytes that its body will have.
pub(crate) fn send(reply: Reply, gzip: bool, wire: Wire) -> (hyper::Response<Body>, u64) {
    let gzip = (gzip && !reply.body.is_empty()) || wire == Wire::Bomb;
    let packed = match (gzip, wire) {
        (_, Wire::Bomb) => Bytes::new(),
        (true, _) => pack(&reply.body),
        (false, _) => reply.body.into(),
    };
    let announced = packed.len() as u64;
    let (body, length) = match wire {
        Wire::Whole => (Either::Left(Full::new(packed)), announced),
        Wire::Half => stream(announced / 2, |sender| half(sender, packed)),
        Wire::Trickle(pause) => stream(announced, |sender| trickle(sender, packed, pause)),
        Wire::Bomb => {
            let bomb = bomb::Bomb::new();
            stream(bomb.len(), |sender| explode(sender, bomb))
        }
    };
    let mut response = hyper::Response::builder().status(reply.status);
    if !reply.content_type.is_empty() {
        response = response.header(CONTENT_TYPE, reply.content_type);
    }
    if gzip {
        response = response.header(CONTENT_ENCODING, "gzip").header(VARY, "Accept-Encoding");
    }
    if wire == Wire::Half {
        response = response.header(CONTENT_LENGTH, announced);
    }
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    // A fault can ask for a status or header that is invalid in HTTP.
    let response = response.body(body).unwrap_or_else(|error| {
        let mut broken = hyper::Response::new(Either::Left(Full::from(error.to_string())));
        *broken.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        broken
    });
    (response, length)
}

fn pack(body: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 8), Compression::fast());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default().into()
}

fn stream<F>(length: u64, feed: impl FnOnce(Sender<Bytes, io::Error>) -> F) -> (Body, u64)
where
    F: std::future::Future<Output = Option<()>> + Send + 'static,
{
    let (sender, channel) = Channel::new(1);
    tokio::spawn(feed(sender));
    (Either::Right(channel), length)
}

// The functions below return `None` when the client has disconnected.

async fn half(mut sender: Sender<Bytes, io::Error>, body: Bytes) -> Option<()> {
    sender.send_data(body.slice(..body.len() / 2)).await.ok()?;
    // Gives the half time to leave: an abort discards what is still buffered.
    tokio::time::sleep(Duration::from_millis(20)).await;
    sender.abort(io::ErrorKind::ConnectionAborted.into());
    Some(())
}

async fn trickle(mut sender: Sender<Bytes, io::Error>, mut body: Bytes, pause: Duration) -> Option<()> {
    while !body.is_empty() {
        tokio::time::sleep(pause).await;
        let bit = body.split_to(TRICKLE.min(body.len()));
        sender.send_data(bit).await.ok()?;
    }
    Some(())
}

async fn explode(mut sender: Sender<Bytes, io::Error>, bomb: bomb::Bomb) -> Option<()> {
    sender.send_data(bomb.head).await.ok()?;
    for _ in 0..bomb.times {
        sender.send_data(bomb.block.clone()).await.ok()?;
    }
    sender.send_data(bomb.tail).await.ok()
}
