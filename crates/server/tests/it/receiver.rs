//! A receiver of pingbacks on a free port of this machine: it takes whatever comes with 200, and hands it on.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

/// The setting that lets pingbacks go there.
pub const THIS_MACHINE: [(&str, &str); 1] = [("TALLYHOUSE_SHARING_PINGBACK_NETWORKS", "127.0.0.0/8")];

/// A request that came whole.
pub struct Received {
    /// The headers, with names in lower case.
    headers: Vec<(String, String)>,
    /// The body as sent.
    pub body: String,
}

impl Received {
    /// The value of a header, named in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The `webhook-id`, which every pingback has.
    pub fn id(&self) -> &str {
        self.header("webhook-id").unwrap_or_else(|| panic!("no id: {:?}", self.headers))
    }

    /// What the pingback says of its snapshot.
    pub fn snapshot(&self) -> Value {
        let mut body: Value = serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}", self.body));
        body["response"]["result"]["data"]["sharing_analytics_snapshot"].take()
    }

    /// The token of the snapshot that it tells of.
    pub fn snapshot_token(&self) -> String {
        let snapshot = self.snapshot();
        let token = snapshot["sharing_analytics_snapshot_token"].as_str();
        token.unwrap_or_else(|| panic!("{}", self.body)).to_owned()
    }
}

/// Listens as long as the test runs: the URI to be told at, and what came.
pub fn receive() -> (String, Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/pingback.php", listener.local_addr().unwrap());
    let (hand_on, received) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let hand_on = hand_on.clone();
            std::thread::spawn(move || {
                // What broke off, as where the sender was killed, did not come.
                if let Some(request) = stream.ok().and_then(take) {
                    let _ = hand_on.send(request);
                }
            });
        }
    });
    (uri, received)
}

/// Reads one request to its end and answers it.
fn take(stream: TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
            None if line.trim_end().is_empty() => break,
            // The first line.
            None => {}
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    // What was received counts, whether or not the sender is still there.
    let _ = reader.get_mut().write_all(answer);
    Some(Received { headers, body: String::from_utf8(body).ok()? })
}
