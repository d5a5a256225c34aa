//! nginx, on the same files, as the oracle: ranges, conditions, precompressed files, folders.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use fastweb::prelude::*;

use crate::folder::{Folder, numbers};
use crate::support::client::{Answer, Client, request};
use crate::support::eventually;
use crate::support::server::TestServer;

struct Nginx {
    process: Child,
    address: SocketAddr,
}

impl Nginx {
    fn start(folder: &Folder) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let own = folder.outside().join("nginx");
        std::fs::create_dir_all(&own).unwrap();
        let (own_path, root) = (own.display(), folder.public());
        let root = root.display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {own_path}/{kind};\n"))
            .concat();
        let configuration = format!(
            "daemon off;\nmaster_process off;\npid {own_path}/pid;\nerror_log {own_path}/error.log;\nevents {{}}\n\
             http {{\naccess_log off;\n{temporary}\
             types {{ text/plain txt; text/html html; text/javascript js; }}\ndefault_type application/octet-stream;\n\
             server {{\nlisten 127.0.0.1:{port};\nabsolute_redirect off;\nroot {root};\ngzip_static on;\ngzip_vary on;\ngzip_proxied any;\n}}\n}}\n"
        );
        let file = own.join("nginx.conf");
        std::fs::write(&file, configuration).unwrap();
        let program = std::env::var_os("FASTWEB_NGINX").unwrap_or_else(|| "nginx".into());
        let mut command = Command::new(program);
        command.arg("-c").arg(&file).arg("-p").arg(&own).arg("-e").arg(own.join("error.log"));
        let process = command.stdout(Stdio::null()).spawn().expect("nginx is installed");
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        eventually("nginx listens", || TcpStream::connect(address).is_ok());
        Self { process, address }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Method, path, headers.
type Asked<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>);

/// An answer without what is each server's own: how it writes tags, boundaries and errors.
#[derive(Debug, PartialEq)]
struct Seen {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

fn seen(answer: &Answer) -> Seen {
    let is_error = answer.status >= 300 && answer.status != 304;
    let boundary =
        answer.header("content-type").and_then(|value| value.strip_prefix("multipart/byteranges; boundary="));
    let mut body = String::from_utf8_lossy(&answer.body).into_owned();
    if let Some(boundary) = boundary {
        // Names of headers have no case.
        body = body.replace("; charset=utf-8", "").replace(boundary, "BOUNDARY");
        body = body.replace("Content-Type", "content-type").replace("Content-Range", "content-range");
    }
    let names = [
        "content-length",
        "content-range",
        "content-encoding",
        "last-modified",
        "accept-ranges",
        "location",
        "content-type",
    ];
    let mut headers = Vec::new();
    for name in names {
        let Some(value) = answer.header(name) else { continue };
        let value = match name {
            "content-length" | "content-type" if is_error || boundary.is_some() => continue,
            "content-length" if answer.status == 304 => continue,
            // fastweb says it of every file, and nginx not of a part that it sends.
            "accept-ranges" => continue,
            // A reference from where the client is, and one from the root.
            "location" => value.rsplit('/').nth(1).unwrap_or_default().to_owned(),
            "content-type" => value.split(';').next().unwrap_or_default().to_owned(),
            _ => value.to_owned(),
        };
        headers.push((name, value));
    }
    if is_error {
        body.clear();
    }
    Seen { status: answer.status, headers, body }
}

#[test]
#[ignore = "needs nginx: .ci/long runs it"]
fn fastweb_answers_as_nginx_does() {
    let folder = Folder::with(&[
        ("a.txt", &numbers(1000)),
        ("large.bin", &numbers(300_000)),
        ("empty.txt", b""),
        ("a.js", b"plain"),
        ("a.js.gz", b"compressed"),
        ("folder/index.html", b"index"),
        ("bare/x.txt", b"x"),
    ]);
    let nginx = Nginx::start(&folder);
    let server = TestServer::start(App::new().plugin(StaticFiles::new("/", folder.public()).precompressed()));
    // What is malformed is not among them: nginx answers 416, where RFC 9110, 14.1.1 wants it passed over. Nor are parts of a compressed file, of which nginx sends the whole.
    let ranges = [
        "bytes=0-0",
        "bytes=10-19",
        "bytes=999-",
        "bytes=1000-",
        "bytes=-1",
        "bytes=-0",
        "bytes=-5000",
        "bytes=0-9,20-29",
        "bytes=0-9,5000-",
        "bytes=5000-,6000-",
        "bytes=0-599,400-999",
        "bytes=-1,0-0",
        "bytes=",
        "lines=0-1",
        "bytes=0-0,1-1,2-2,3-3",
        "bytes= 1-2 , 4-5 ",
    ];
    let mut requests: Vec<Asked<'_>> = Vec::new();
    for path in ["/a.txt", "/large.bin", "/empty.txt", "/a.js"] {
        requests.push(("GET", path, vec![]));
        requests.push(("HEAD", path, vec![]));
        requests.push(("GET", path, vec![("accept-encoding", "gzip")]));
        // nginx answers some ranges of nothing with 416 and others with nothing.
        for range in ranges.into_iter().filter(|_| path != "/empty.txt") {
            requests.push(("GET", path, vec![("range", range)]));
        }
        let old = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (name, value) in [
            ("if-none-match", "TAG"),
            ("if-none-match", "W/TAG"),
            ("if-none-match", "\"other\", TAG"),
            ("if-none-match", "\"other\""),
            ("if-none-match", "*"),
            ("if-match", "TAG"),
            ("if-match", "\"other\""),
            ("if-match", "*"),
            ("if-match", "W/TAG"),
            ("if-modified-since", "TIME"),
            ("if-modified-since", old),
            ("if-unmodified-since", "TIME"),
            ("if-unmodified-since", old),
        ] {
            requests.push(("GET", path, vec![(name, value)]));
            requests.push(("HEAD", path, vec![(name, value)]));
        }
        for value in ["TAG", "\"other\"", "TIME", old] {
            // Of the empty file, too: nothing is outside of it.
            requests.push(("GET", path, vec![("range", "bytes=0-3"), ("if-range", value)]));
        }
        requests.push(("GET", path, vec![("if-none-match", "\"other\""), ("if-modified-since", "TIME")]));
    }
    for path in ["/none", "/folder", "/folder/", "/a.txt/", "/a.txt/x"] {
        requests.push(("GET", path, vec![]));
    }
    let mut different = Vec::new();
    for (method, path, headers) in &requests {
        let [ours, theirs] = [server.address, nginx.address].map(|address| {
            let mut client = Client::connect(address);
            let accepts: Vec<_> = headers.iter().filter(|(name, _)| *name == "accept-encoding").copied().collect();
            client.send(&request("HEAD", path, &accepts, b""));
            let known = client.read(true);
            let known = |name: &str| known.header(name).unwrap_or("\"none\"").to_owned();
            let (tag, time) = (known("etag"), known("last-modified"));
            let filled: Vec<_> = headers
                .iter()
                .map(|(name, value)| (*name, value.replace("TAG", &tag).replace("TIME", &time)))
                .collect();
            let filled: Vec<_> = filled.iter().map(|(name, value)| (*name, value.as_str())).collect();
            client.send(&request(method, path, &filled, b""));
            seen(&client.read(*method == "HEAD"))
        });
        if ours != theirs {
            different.push(format!("{method} {path} {headers:?}\n  fastweb {ours:?}\n  nginx   {theirs:?}"));
        }
    }
    assert!(different.is_empty(), "{} of {}:\n{}", different.len(), requests.len(), different.join("\n"));
}
