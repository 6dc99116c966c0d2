//! A server on this machine that responds exactly as a test says. It shares no code with the simulators, so that a
//! mistake in a simulator cannot hide one in the core.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// The status and the body of a response.
pub(crate) type Answer = (u16, String);

/// A request: its method and path, and its body.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) body: String,
}

pub(crate) struct Wire {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Wire {
    /// Starts a server that ends with the process. `answer` also gets the address of the server.
    pub(crate) fn start(answer: impl Fn(&str, &Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let (base, log, answer) = (url.clone(), Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (base, log, answer) = (base.clone(), Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &log, |request| answer(&base, request)));
            }
        });
        Self { url, requests }
    }

    /// Returns the requests so far whose method and path, as one text, end with `end`.
    pub(crate) fn requests(&self, end: &str) -> Vec<Request> {
        let all = self.requests.lock().expect("requests").clone();
        all.into_iter().filter(|request| request.line.ends_with(end)).collect()
    }
}

/// Responds to the requests of a connection until the client closes it.
fn serve(stream: TcpStream, log: &Mutex<Vec<Request>>, answer: impl Fn(&Request) -> Answer) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut writer = stream;
    while let Some(request) = read(&mut reader) {
        log.lock().expect("requests").push(request.clone());
        let (status, body) = answer(&request);
        let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", body.len());
        if writer.write_all((head + &body).as_bytes()).is_err() {
            break;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok().filter(|size| *size > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let line = first.rsplit_once(' ')?.0.split('?').next()?.to_owned();
    Some(Request { line, body: String::from_utf8_lossy(&body).into_owned() })
}
