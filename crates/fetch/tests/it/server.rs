//! A web server that does what a script says, on 127.0.0.1.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sha2::{Digest, Sha256};

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    /// How many requests of this method for this path came before.
    pub(crate) before: usize,
}

impl Asked {
    /// A number in the query.
    pub(crate) fn number(&self, name: &str) -> i64 {
        let query = self.path.split_once('?').unwrap().1;
        let value = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        value.unwrap().parse().unwrap()
    }
}

/// What the server does with a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// Bytes of the body after which the connection ends.
    pub(crate) cut_after: Option<usize>,
    /// End the connection instead of answering.
    pub(crate) hang_up: bool,
    /// Keep silent for so long first.
    pub(crate) delay: Duration,
    /// Do not tell the length.
    pub(crate) without_length: bool,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), ..Self::default() }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, body)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "<Error><Code>NoSuchKey</Code></Error>")
    }

    pub(crate) fn hang_up() -> Self {
        Self { hang_up: true, ..Self::default() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn cut_after(self, bytes: usize) -> Self {
        Self { cut_after: Some(bytes), ..self }
    }
}

type Script = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A server; it ends when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<Vec<Asked>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn new(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), script)
    }

    pub(crate) fn at(
        address: SocketAddr,
        script: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let (log, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (their_log, their_stop) = (Arc::clone(&log), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if their_stop.load(Ordering::SeqCst) {
                    return;
                }
                // A client that hangs up is part of the script.
                let _ = serve(stream.unwrap(), &script, &their_log);
            }
        });
        Self { address, log, stop, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(stream: TcpStream, script: &Script, log: &Mutex<Vec<Asked>>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(());
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let asked = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|one| one.method == method && one.path == path).count();
        log.push(Asked { method, path, headers, before });
        log.last().unwrap().clone()
    };
    answer(stream, &asked, &script(&asked))
}

fn answer(mut stream: TcpStream, asked: &Asked, reply: &Reply) -> std::io::Result<()> {
    thread::sleep(reply.delay);
    if reply.hang_up {
        return Ok(());
    }
    let mut head = format!("HTTP/1.1 {} Scripted\r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !reply.without_length {
        head.push_str(&format!("Content-Length: {}\r\n", reply.body.len()));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    if asked.method != "HEAD" {
        let end = reply.cut_after.unwrap_or(reply.body.len());
        stream.write_all(&reply.body[..end])?;
    }
    stream.flush()
}

/// A file as a store of objects serves it: with a tag, in parts, and the checksum beside it.
pub(crate) fn object(asked: &Asked, path: &str, content: &[u8]) -> Option<Reply> {
    let name = path.rsplit('/').next().unwrap();
    if asked.path == format!("{path}.CHECKSUM") {
        return Some(Reply::ok(format!("{}  {name}\n", sha256(content))));
    }
    if asked.path != path {
        return None;
    }
    let etag = format!("\"{}\"", &sha256(content)[..16]);
    let header = |name: &str| asked.headers.get(name);
    let start = header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
    let is_same = header("if-range").is_none_or(|tag| *tag == etag);
    let reply = match start.map(|start| start.parse::<usize>().unwrap()).filter(|_| is_same) {
        None => Reply::ok(content),
        Some(start) if start >= content.len() => {
            Reply::new(416, "").header("Content-Range", format!("bytes */{}", content.len()))
        }
        Some(start) => {
            let (last, total) = (content.len() - 1, content.len());
            Reply::new(206, &content[start..])
                .header("Content-Range", format!("bytes {start}-{last}/{total}"))
        }
    };
    Some(reply.header("ETag", etag))
}

pub(crate) fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
