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
