//! Bodies of requests in pieces, so that it is seen whether an upload makes progress.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::Notify;

/// The size of a piece, in bytes. A body that is no larger is left as it is, so that the HTTP library can send it again.
const PIECE: usize = 256 << 10;

/// A body that is passed on in pieces.
struct Upload {
    body: reqwest::Body,
    /// What is left of the last part of `body`.
    part: Bytes,
    /// The number of bytes that are left.
    left: u64,
    progress: Arc<Notify>,
}

/// Makes a large body of a request notify `progress` of each piece that is sent.
pub(super) fn watch(request: &mut reqwest::Request, progress: &Arc<Notify>) {
    let slot = request.body_mut();
    let Some(left) = slot.as_ref().and_then(|body| body.size_hint().exact()).filter(|left| *left > PIECE as u64) else {
        return;
    };
    let upload = |body| Upload { body, part: Bytes::new(), left, progress: Arc::clone(progress) };
    *slot = slot.take().map(|body| reqwest::Body::wrap(upload(body)));
}

impl Body for Upload {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<reqwest::Result<Frame<Bytes>>>> {
        let upload = &mut *self;
        if upload.part.is_empty() {
            match ready!(Pin::new(&mut upload.body).poll_frame(context)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(part))) => upload.part = part,
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let piece = upload.part.split_to(PIECE.min(upload.part.len()));
        upload.left -= piece.len() as u64;
        upload.progress.notify_one();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use url::Url;

    use crate::http::{Failure, Http, Limits, Repeat};

    const MIB: usize = 1 << 20;
    const READ_TIMEOUT: Duration = Duration::from_millis(1_500);

    /// Starts a server that passes its connection on to `serve`.
    fn server(serve: impl FnOnce(TcpStream) + Send + 'static) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || serve(listener.accept().unwrap().0));
        Url::parse(&url).unwrap()
    }

    async fn upload(url: Url, size: usize) -> Result<u16, Failure> {
        let limits = Limits { read_timeout: READ_TIMEOUT, attempts: 1, ..Limits::default() };
        let http = Http::new("Salesforce", &url, limits, None).unwrap();
        let request = || http.client().put(url.clone()).body(vec![b'x'; size]);
        http.send("the upload", Repeat::IfRefused, request, |answer| async move { Ok(answer.status) }).await
    }

    /// Reads the head of a request, and returns it with the bytes that came after it.
    fn head(stream: &mut TcpStream) -> (String, usize) {
        let (mut text, mut block) = (Vec::new(), [0; 4096]);
        loop {
            let read = stream.read(&mut block).unwrap();
            text.extend_from_slice(&block[..read]);
            if let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&text[..end]).to_ascii_lowercase();
                return (head, text.len() - end - 4);
            }
        }
    }

    #[tokio::test]
    async fn an_upload_that_flows_may_take_longer_than_the_time_for_an_answer() {
        let size = 32 * MIB;
        let url = server(move |mut stream| {
            let (head, received) = head(&mut stream);
            let mut rest = vec![0; size - received];
            for piece in rest.chunks_mut(MIB) {
                stream.read_exact(piece).unwrap();
                thread::sleep(Duration::from_millis(100));
            }
            let status = if head.contains(&format!("content-length: {size}")) { 201 } else { 411 };
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        });
        assert_eq!(upload(url, size).await.unwrap(), 201);
    }

    #[tokio::test]
    async fn an_upload_that_does_not_flow_is_given_up() {
        let (over, until_over) = mpsc::channel::<()>();
        let url = server(move |mut stream| {
            head(&mut stream);
            let _ = until_over.recv();
        });
        let failure = upload(url, 48 * MIB).await.expect_err("no answer");
        assert!(failure.message.starts_with("no answer in time") && failure.passing, "{failure:?}");
        drop(over);
    }
}
