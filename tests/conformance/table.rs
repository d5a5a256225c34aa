//! How a row is written: `SECTION | NAME | OUTCOME | BYTES`. Lines that begin with `#` are comments.
//!
//! SECTION is that of an RFC (`9112 6.3`) or a CVE.
//!
//! OUTCOME is the answers, separated by commas, and what becomes of the connection.
//! - `200` is a status, `400/505` one of several, `200=text` a status and the body. `H200` is the answer to `HEAD`. `100?` may come or not;
//!   no other interim answer may. `-` is no answer at all.
//! - `open`: the connection goes on; a request behind the row's is answered. `close`: the last answer says so, nothing behind it is looked
//!   at, and the connection ends. `any`: one or the other, as the last answer says. `fin`: the client half-closes behind the bytes, and the
//!   server closes when it has answered.
//!
//! BYTES are what is sent. `¶` is CRLF, `\r \n \t \0 \s` (blank) `\\` and `\xHH` are single bytes, `<text*N>` is repeated. A first `@` is the
//! head of a `POST` to `/echo` with a chunked body.

#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Section and name, for messages.
    pub(crate) name: String,
    pub(crate) answers: Vec<Expected>,
    pub(crate) end: End,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) statuses: Vec<u16>,
    pub(crate) body: Option<String>,
    pub(crate) head_only: bool,
    pub(crate) optional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Open,
    Close,
    Any,
    Fin,
}

const FILES: &[(&str, &str)] = &[
    ("request line", include_str!("table/01_request_line.txt")),
    ("target", include_str!("table/02_target.txt")),
    ("host", include_str!("table/03_host.txt")),
    ("fields", include_str!("table/04_fields.txt")),
    ("length", include_str!("table/05_length.txt")),
    ("chunked", include_str!("table/06_chunked.txt")),
    ("connection", include_str!("table/07_connection.txt")),
    ("answers", include_str!("table/08_answers.txt")),
    ("sizes", include_str!("table/09_sizes.txt")),
];

/// All rows of all files.
pub(crate) fn rows() -> Vec<Row> {
    let lines = FILES.iter().flat_map(|(file, text)| text.lines().map(move |line| (file, line)));
    let rows = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    rows.map(|(file, line)| row(file, line)).collect()
}

fn row(file: &str, line: &str) -> Row {
    let columns: Vec<&str> = line.splitn(4, " | ").collect();
    let &[section, name, outcome, bytes] = columns.as_slice() else { panic!("not a row: {line:?}") };
    assert!(section.starts_with("CVE-") || section.contains(' '), "no section: {line:?}");
    let outcome = String::from_utf8(unescape(outcome)).expect("text");
    let (answers, end) = outcome.rsplit_once(' ').unwrap_or_else(|| panic!("no end: {line:?}"));
    let end = match end {
        "open" => End::Open,
        "close" => End::Close,
        "any" => End::Any,
        "fin" => End::Fin,
        _ => panic!("not an end: {line:?}"),
    };
    let answers = match answers {
        "-" => Vec::new(),
        answers => answers.split(", ").map(expected).collect(),
    };
    Row { name: format!("{file}: {section}: {name}"), answers, end, bytes: unescape(bytes) }
}

fn expected(text: &str) -> Expected {
    let (statuses, body) = match text.split_once('=') {
        Some((statuses, body)) => (statuses, Some(body.to_owned())),
        None => (text, None),
    };
    let (statuses, optional) = statuses.strip_suffix('?').map_or((statuses, false), |statuses| (statuses, true));
    let (statuses, head_only) = statuses.strip_prefix('H').map_or((statuses, false), |statuses| (statuses, true));
    let statuses = statuses.split('/').map(|status| status.parse().expect("a status")).collect();
    Expected { statuses, body, head_only, optional }
}

const CHUNKED_HEAD: &str = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    if let Some(body) = text.strip_prefix('@') {
        bytes.extend_from_slice(CHUNKED_HEAD.as_bytes());
        rest = body;
    }
    while let Some(char) = rest.chars().next() {
        rest = &rest[char.len_utf8()..];
        match char {
            '¶' => bytes.extend_from_slice(b"\r\n"),
            '<' => {
                let (what, more) = rest.split_once('>').expect("a repetition ends with >");
                let (what, times) = what.rsplit_once('*').expect("a repetition has a count");
                bytes.extend(unescape(what).repeat(times.parse().expect("a count")));
                rest = more;
            }
            '\\' => {
                let (escape, more) = rest.split_at(if rest.starts_with('x') { 3 } else { 1 });
                bytes.push(match escape {
                    "r" => b'\r',
                    "n" => b'\n',
                    "t" => b'\t',
                    "0" => 0,
                    "s" => b' ',
                    "\\" => b'\\',
                    hex => u8::from_str_radix(&hex[1..], 16).expect("two digits"),
                });
                rest = more;
            }
            ascii if ascii.is_ascii() => bytes.push(ascii as u8),
            other => panic!("{other:?} is to be written as bytes: {text:?}"),
        }
    }
    bytes
}

#[test]
fn the_tables_are_complete() {
    let rows = rows();
    assert!(rows.len() >= 300, "{} rows", rows.len());
    let mut names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows.len(), "two rows have one name");
}

#[test]
fn bytes_are_what_is_written() {
    assert_eq!(unescape("a¶\\x00\\s<b\\t*2>\\\\"), b"a\r\n\0 b\tb\t\\");
}
