//! A server on 127.0.0.1 with its own threads, which stops in bounded time.

use super::line::{handle, Service};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// The time that a stop waits for threads that are computing. Tasks that wait for I/O end at once.
const PATIENCE: Duration = Duration::from_millis(500);
const WORKERS: usize = 2;
/// Above the limits of the simulated services, so that they can refuse headers by their own rules.
const MAX_HEADERS: usize = 256 * 1024;

/// The error that makes the server drop a connection without a response.
#[derive(Debug, thiserror::Error)]
#[error("the simulator drops this connection")]
pub(crate) struct Dropped;

/// A bound port. It is separate from the server because a service may need its URL before the first request.
pub(crate) struct Port {
    listener: std::net::TcpListener,
    pub(crate) url: String,
}

impl Port {
    pub(crate) fn bind() -> io::Result<Port> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok(Port { listener, url })
    }
}

/// A running server.
pub(crate) struct Server {
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    process: u32,
}

impl Server {
    pub(crate) fn start(port: Port, service: Arc<impl Service>) -> io::Result<Server> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("crm_sync_simulator")
            .enable_io()
            .enable_time()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(port.listener)?
        };
        // The runtime is dropped on its own thread, because dropping it inside another runtime (a caller's) panics.
        let thread = std::thread::Builder::new()
            .name("crm_sync_simulator".into())
            .spawn(move || run(runtime, listener, service, stopped))?;
        Ok(Server { running: Some((stop, thread)), process: std::process::id() })
    }

    pub(crate) fn stop(&mut self) {
        let Some((stop, thread)) = self.running.take() else {
            return;
        };
        // The child of a fork has this value but not its threads, so there is nothing to wait for.
        if self.process != std::process::id() {
            std::mem::forget((stop, thread));
            return;
        }
        drop(stop);
        // A panic of that thread does not matter to the caller: the server is stopped, as requested.
        let _ = thread.join();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(runtime: Runtime, listener: TcpListener, service: Arc<impl Service>, stopped: oneshot::Receiver<()>) {
    runtime.block_on(async {
        tokio::select! {
            _ = stopped => (),
            () = accept(listener, service) => (),
        }
    });
    runtime.shutdown_timeout(PATIENCE);
}

async fn accept(listener: TcpListener, service: Arc<impl Service>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, service.clone()));
            }
            // The process may be out of file descriptors, for example; others may be closed in a moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, service: Arc<impl Service>) {
    // A failure only affects the speed.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| handle(service.clone(), request));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http2().max_header_list_size(MAX_HEADERS as u32);
    // A broken connection is the client's affair, and often the purpose of a fault.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}
