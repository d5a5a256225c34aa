//! A client that reads a stream of events.

use std::net::SocketAddr;

use crate::support::client::{Answer, Client, request};

pub(crate) struct Stream {
    pub(crate) head: Answer,
    client: Client,
    /// Read, and no whole event so far.
    text: String,
    /// Behind its last chunk.
    ended: bool,
}

impl Stream {
    pub(crate) fn open(address: SocketAddr, target: &str, headers: &[(&str, &str)]) -> Self {
        Self::ask(address, "GET", target, headers)
    }

    /// Opens a stream, and asserts that it is one.
    pub(crate) fn ask(address: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)]) -> Self {
        let mut client = Client::connect(address);
        client.send(&request(method, target, headers, b""));
        let head = client.read_head().expect(200);
        assert_eq!(head.header("content-type"), Some("text/event-stream"));
        Self { head, client, text: String::new(), ended: false }
    }

    /// The next event with its fields, as one line: `data: a|id: 7`. `None` behind a good end.
    pub(crate) fn next(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let event = self.text[..end].replace('\n', "|");
                self.text.drain(..end + 2);
                return Some(event);
            }
            if self.ended {
                assert_eq!(self.text, "", "the stream ended within an event");
                return None;
            }
            match self.client.read_chunk() {
                Some(chunk) => {
                    self.text.push_str(std::str::from_utf8(&chunk).expect("events are UTF-8, and not divided"))
                }
                None => self.ended = true,
            }
        }
    }

    /// The next event without its id, and that.
    pub(crate) fn next_with_id(&mut self) -> (String, String) {
        let event = self.next().expect("there is another event");
        let (rest, id) = event.split_once("|id: ").or(event.split_once("id: ")).expect("it has an id");
        (rest.to_owned(), id.to_owned())
    }

    /// All events until its end.
    pub(crate) fn rest(mut self) -> Vec<String> {
        std::iter::from_fn(|| self.next()).collect()
    }
}
