//! may_minihttp: coroutines with small stacks. It has no router, no timeouts and reads no chunked bodies, so `/echo` is missing, and downloads are in
//! memory before they are sent.

use std::io::{self, BufRead, Read};

use contract::*;
use may_minihttp::{HttpServer, HttpService, Request, Response};

const IS_JSON: &str = "Content-Type: application/json";
const IS_TEXT: &str = "Content-Type: text/plain";
const IS_BYTES: &str = "Content-Type: application/octet-stream";

#[derive(Clone)]
struct Routes {
    text: Vec<u8>,
}

impl Routes {
    fn json<T: serde::Serialize + ?Sized>(&mut self, response: &mut Response, value: &T) {
        self.text.clear();
        json_into(&mut self.text, value);
        response.header(IS_JSON).body_mut().extend_from_slice(&self.text);
    }
}

fn bad_request(response: &mut Response) {
    response.status_code(400, "Bad Request").header(IS_TEXT).body("bad request");
}

fn not_found(response: &mut Response) {
    response.status_code(404, "Not Found").header(IS_TEXT).body("not found");
}

impl HttpService for Routes {
    fn call(&mut self, request: Request, response: &mut Response) -> io::Result<()> {
        match request.method() {
            "GET" => self.get(request.path(), response),
            "POST" if request.path() == "/users" => {
                let mut body = Vec::with_capacity(256);
                request.body().read_to_end(&mut body)?;
                match parse::<LentUser<'_>>(&body) {
                    Some(user) => {
                        response.status_code(201, "Created");
                        self.json(response, &user.created());
                    }
                    None => bad_request(response),
                }
            }
            "POST" if request.path() == "/upload" => {
                let mut body = request.body();
                let mut bytes = 0;
                loop {
                    let piece = body.fill_buf()?.len();
                    if piece == 0 {
                        break;
                    }
                    bytes += piece;
                    body.consume(piece);
                }
                response.header(IS_TEXT).body_vec(bytes.to_string().into_bytes());
            }
            _ => not_found(response),
        }
        Ok(())
    }
}

impl Routes {
    fn get(&mut self, target: &str, response: &mut Response) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        match path {
            "/plaintext" => response.header(IS_TEXT).body(HELLO),
            "/json" => self.json(response, &MESSAGE),
            "/search" => match search_by_hand(query) {
                Some((q, limit)) => self.json(response, &Found { q: &q, limit }),
                None => bad_request(response),
            },
            "/users" => self.json(response, users(number_by_hand(query, "n").unwrap_or(0) as usize)),
            "/download" => match number_by_hand(query, "bytes") {
                Some(bytes) => response.header(IS_BYTES).body_vec(vec![b'x'; bytes as usize]),
                None => bad_request(response),
            },
            _ => match path.strip_prefix("/users/") {
                Some(id) => self.json(response, &UserById::new(id)),
                None => not_found(response),
            },
        }
    }
}

fn main() {
    let (port, workers) = arguments();
    may::config().set_workers(workers).set_pool_capacity(1000).set_stack_size(0x1000);
    let server = HttpServer(Routes { text: Vec::with_capacity(SMALL) }).start(address(port));
    server.expect("the port is free").join().expect("the server does not end");
}
