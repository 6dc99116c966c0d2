//! What the tests of both simulators use.

use std::time::Duration;

/// Runs work that blocks on a thread of its own, and returns its result. Panics if the work has not ended after half a
/// minute.
pub(crate) async fn soon<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || sender.send(work()));
    let result = tokio::time::timeout(Duration::from_secs(30), receiver).await.expect("an end within half a minute");
    result.expect("a result")
}
