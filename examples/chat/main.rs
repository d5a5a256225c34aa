//! A chat in rooms, with a page of its own. Whoever enters a room is told what was said last; whoever was away comes back by itself.
//!
//! ```text
//! cargo run --release --features websocket --example chat [ADDRESS]
//!
//! open http://127.0.0.1:3000/?room=tea&name=Ada in two windows
//! ```

use std::time::{SystemTime, UNIX_EPOCH};

use fastweb::prelude::*;
use fastweb::websocket::WebSocketError;
use serde::{Deserialize, Serialize};

/// What a page says.
#[derive(Deserialize)]
struct Said {
    text: String,
}

/// What all pages of the room are told.
#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    text: &'a str,
    /// In milliseconds since 1970.
    at: u128,
}

#[derive(Deserialize)]
struct Visitor {
    name: String,
}

/// A room, for as long as the page is open.
async fn room(
    mut socket: WebSocket,
    Path(room): Path<String>,
    Query(Visitor { name }): Query<Visitor>,
    topics: State<Topics>,
) -> Result<()> {
    // From here on the connection writes what the room is told, what was said before included.
    socket.subscribe_to(&topics, &room);
    while let Some(said) = socket.recv_json::<Said>().await {
        match said {
            Ok(Said { text }) if text.trim().is_empty() => {}
            Ok(Said { text }) => {
                let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis());
                topics.publish_json(&room, &Line { name: &name, text: &text, at })?;
            }
            // To the one who has sent it; the others do not notice.
            Err(WebSocketError::Invalid(error)) => {
                socket.send_json(&Line { name: "server", text: error.message(), at: 0 }).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A name that can be shown: the room is entered by nobody without one.
fn has_a_name(req: &mut Request) -> Result<()> {
    let mut names = req.query().unwrap_or_default().split('&').filter_map(|pair| pair.strip_prefix("name="));
    match names.next_back() {
        Some(name) if !name.is_empty() && name.len() <= 64 => Ok(()),
        _ => Err(Error::bad_request("a visitor has a name of 1 to 64 bytes: ?name=Ada")),
    }
}

fn page() -> Reply {
    Reply::text(include_str!("page.html")).with_content_type("text/html; charset=utf-8")
}

fn app() -> App {
    App::new().state(Topics::new().history(50)).get("/", page).route(
        websocket("/rooms/{room}", room).on_request(has_a_name).config(WebSocketOptions::new().max_message(4096)),
    )
}

fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    app().on_listen(|address| println!("http://{address}")).run(address)
}
