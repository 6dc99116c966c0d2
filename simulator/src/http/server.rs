//! A server on 127.0.0.1 with threads of its own, which stops in bounded time.

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

/// The time for which a stop waits for a thread that is computing; one that waits for a connection ends at once.
const PATIENCE: Duration = Duration::from_millis(500);
const WORKERS: usize = 2;
/// Above every limit that the simulated services have, so that they can refuse by their own rules.
const MAX_HEADERS: usize = 256 * 1024;

/// The connection is dropped without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the simulator drops this connection")]
pub(crate) struct Dropped;

/// A bound port: the service may want to know the address before the first request.
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
        // The runtime ends on a thread of its own, because ending one inside another (a caller's) panics.
        let thread = std::thread::Builder::new()
            .name("crm_sync_simulator".into())
            .spawn(move || run(runtime, listener, service, stopped))?;
        Ok(Server { running: Some((stop, thread)), process: std::process::id() })
    }

    pub(crate) fn stop(&mut self) {
        let Some((stop, thread)) = self.running.take() else {
            return;
        };
        // The child of a fork has this value but not its threads: there is nobody to wait for.
        if self.process != std::process::id() {
            std::mem::forget((stop, thread));
            return;
        }
        drop(stop);
        // A panic of that thread has nothing to tell the caller: the server is gone, as was asked.
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
            // Out of file descriptors, for one: others may be closed in a moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve(stream: TcpStream, service: Arc<impl Service>) {
    // Only a matter of speed.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| handle(service.clone(), request));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http2().max_header_list_size(MAX_HEADERS as u32);
    // A broken connection is the client's affair, and often what a fault is for.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}
