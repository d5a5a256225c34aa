//! The header of a part: what it is called, and what it is.

use fastweb_core::{HeaderMap, HeaderName, HeaderValue, Result};
use memchr::memmem;

use super::parameters::Parameters;
use super::splitter::{malformed, too_large};
use crate::plugins::percent;

/// What a part says of itself.
#[derive(Debug)]
pub(super) struct PartHead {
    pub(super) headers: HeaderMap,
    pub(super) name: String,
    /// It is a file. The name is empty where none was chosen.
    pub(super) file_name: Option<String>,
}

impl PartHead {
    /// Reads the lines of a header, each with its end. The name may have `most_name` bytes; `number` is that of the part, from 1.
    pub(super) fn parse(lines: &[u8], most_name: usize, number: usize) -> Result<Self> {
        let refused = |what: &str| malformed(format!("Part {number} of the form {what}"));
        let headers = fields(lines).map_err(refused)?;
        // RFC 7578, 4.7: nobody should send it, and what came encoded would be taken for what it is not.
        let encoding = headers.get("content-transfer-encoding").map(HeaderValue::as_bytes);
        let is_plain = |encoding: &[u8]| ["7bit", "8bit", "binary"].iter().any(|plain| is(encoding, plain));
        if encoding.is_some_and(|encoding| !is_plain(encoding)) {
            return Err(refused("has a content-transfer-encoding, which forms do not have (RFC 7578, 4.7)"));
        }
        let mut dispositions = headers.get_all("content-disposition").iter();
        let (Some(disposition), None) = (dispositions.next(), dispositions.next()) else {
            return Err(refused("has no content-disposition, or several"));
        };
        let disposition = Parameters::parse(disposition.as_bytes())
            .filter(|disposition| disposition.essence == "form-data")
            .ok_or_else(|| refused("has a content-disposition that is no well-formed form-data"))?;
        let name = disposition.get("name").ok_or_else(|| refused("has no name"))?;
        if name.len() > most_name {
            let message = format!("The name of part {number} of the form is longer than {most_name} bytes");
            return Err(too_large(message, "name_size"));
        }
        let name = text(name).ok_or_else(|| refused("has a name that is no UTF-8 text"))?;
        let extended = disposition.get("filename*").and_then(decode_extended);
        let plain = disposition
            .get("filename")
            .map(|plain| text(plain).ok_or_else(|| refused("has the name of a file that is no UTF-8 text")));
        let file_name = match (extended, plain.transpose()?) {
            (Some(extended), _) => Some(extended),
            (None, plain) => plain,
        };
        Ok(Self { file_name: file_name.map(without_folders), headers, name })
    }
}

fn is(value: &[u8], word: &str) -> bool {
    value.eq_ignore_ascii_case(word.as_bytes())
}

fn fields(mut lines: &[u8]) -> Result<HeaderMap, &'static str> {
    const MALFORMED: &str = "has a malformed header";
    let mut headers = HeaderMap::new();
    while let Some(end) = memmem::find(lines, b"\r\n") {
        let line = &lines[..end];
        lines = &lines[end + 2..];
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err("has a header that is folded into several lines");
        }
        let colon = line.iter().position(|&byte| byte == b':').ok_or(MALFORMED)?;
        let name = HeaderName::from_bytes(&line[..colon]).map_err(|_| MALFORMED)?;
        // No control character is a part of a value, a line feed alone among them.
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).map_err(|_| MALFORMED)?;
        headers.try_append(name, value).map_err(|_| "has too many headers")?;
    }
    Ok(headers)
}

/// What browsers escape of names, by the rules that they have in common (WHATWG HTML, 4.10.21.8): nothing else is.
fn text(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    if !name.contains('%') {
        return Some(name.to_owned());
    }
    Some(name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"))
}

/// `UTF-8''na%C3%AFve.txt` (RFC 8187, 3.2). Forms should not have it (RFC 7578, 4.2), and some clients send it.
fn decode_extended(value: &[u8]) -> Option<String> {
    let value = std::str::from_utf8(value).ok()?;
    let (charset, rest) = value.split_once('\'')?;
    let (_language, escaped) = rest.split_once('\'')?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    percent::decode(escaped)
}

/// A path says where a file was on another machine, and is removed (RFC 7578, 4.2): it must not lead anywhere here.
fn without_folders(name: String) -> String {
    match name.rsplit(['/', '\\']).next() {
        None | Some("." | "..") => String::new(),
        Some(last) if last.len() == name.len() => name,
        Some(last) => last.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<(String, Option<String>), String> {
        let head = PartHead::parse(lines.as_bytes(), 100, 1).map_err(|error| error.message().to_owned())?;
        Ok((head.name, head.file_name))
    }

    fn disposition(parameters: &str) -> Result<(String, Option<String>), String> {
        read(&format!("Content-Disposition: form-data; {parameters}\r\n"))
    }

    #[test]
    fn names_are_as_they_were_before_browsers_escaped_them() {
        for (parameters, name, file_name) in [
            ("name=a", "a", None),
            ("name=\"a b\"", "a b", None),
            ("name=\"%22a%22%0D%0A%41\"", "\"a\"\r\n%41", None),
            ("name=\"a\\\"b\"", "a\"b", None),
            ("name=\"ö\"", "ö", None),
            ("name=a; filename=\"b.txt\"", "a", Some("b.txt")),
            ("name=a; filename=\"\"", "a", Some("")),
            ("name=a; filename=\"C:\\x\\b.txt\"", "a", Some("b.txt")),
            ("name=a; filename=\"../../b.txt\"", "a", Some("b.txt")),
            ("name=a; filename=\"..\"", "a", Some("")),
            ("name=a; filename=\"x/\"", "a", Some("")),
            ("name=a; filename*=UTF-8''na%C3%AFve%2Fb.txt", "a", Some("b.txt")),
            ("name=a; filename=\"b.txt\"; filename*=utf-8'en'%C3%B6.txt", "a", Some("ö.txt")),
            ("name=a; filename=\"b.txt\"; filename*=latin1''%F6.txt", "a", Some("b.txt")),
            ("name=a; filename=\"b.txt\"; filename*=UTF-8''%F", "a", Some("b.txt")),
        ] {
            let read = disposition(parameters).unwrap_or_else(|error| panic!("{parameters}: {error}"));
            assert_eq!((&*read.0, read.1.as_deref()), (name, file_name), "{parameters}");
        }
    }

    #[test]
    fn a_header_that_is_malformed_is_told_so() {
        for (lines, told) in [
            ("", "has no content-disposition, or several"),
            ("content-type: text/plain\r\n", "has no content-disposition, or several"),
            (
                "content-disposition: form-data; name=a\r\ncontent-disposition: form-data; name=b\r\n",
                "has no content-disposition, or several",
            ),
            (
                "content-disposition: attachment; name=a\r\n",
                "has a content-disposition that is no well-formed form-data",
            ),
            (
                "content-disposition: form-data; name=\"a\r\n",
                "has a content-disposition that is no well-formed form-data",
            ),
            ("content-disposition: form-data\r\n", "has no name"),
            ("content-disposition: form-data;\r\n name=a\r\n", "has a header that is folded into several lines"),
            ("content-disposition form-data\r\n", "has a malformed header"),
            ("content disposition: form-data; name=a\r\n", "has a malformed header"),
            ("content-disposition: form-data; name=a\nx: y\r\n", "has a malformed header"),
            ("content-disposition: form-data; name=a\0\r\n", "has a malformed header"),
            (
                "content-disposition: form-data; name=a\r\ncontent-transfer-encoding: base64\r\n",
                "has a content-transfer-encoding, which forms do not have (RFC 7578, 4.7)",
            ),
        ] {
            assert_eq!(read(lines), Err(format!("Part 1 of the form {told}")), "{lines:?}");
        }
        let not_utf8 = PartHead::parse(b"content-disposition: form-data; name=\"\xf6\"\r\n", 100, 2);
        assert_eq!(not_utf8.unwrap_err().message(), "Part 2 of the form has a name that is no UTF-8 text");
    }

    #[test]
    fn a_long_name_is_refused() {
        assert!(disposition(&format!("name={}", "a".repeat(100))).is_ok());
        let told = disposition(&format!("name={}", "a".repeat(101))).unwrap_err();
        let place = "`MultipartOptions::name_size` of the route";
        assert_eq!(told, format!("The name of part 1 of the form is longer than 100 bytes: {place}"));
    }
}
