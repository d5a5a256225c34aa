//! The chunked coding against a reader that has everything before it and reads line by line (RFC 9112, 7.1).

use crate::http1::{ChunkDecoder, Decoded};

/// What became of a body: its bytes and its length on the wire, or nothing as long as it is not at its end.
type Read = Option<(Vec<u8>, usize)>;

/// Any bytes as a body, in pieces: they are read as the slow way reads them, and as if they had come in one piece.
pub fn chunked(input: &[u8]) {
    let Some((&piece, bytes)) = input.split_first() else { return };
    let whole = decode([bytes].into_iter());
    let pieces = decode(bytes.chunks(usize::from(piece).max(1)));
    assert_eq!(whole, pieces, "in pieces of {piece}: {}", bytes.escape_ascii());
    let expected = slowly(bytes);
    match whole {
        Ok(Some(read)) => assert_eq!(Some(read), expected, "{}", bytes.escape_ascii()),
        // Refused, or more is to come: then the slow way finds no body either, or one beyond the bounds.
        Ok(None) => assert_eq!(expected, None, "{}", bytes.escape_ascii()),
        Err(()) => assert!(expected.is_none() || bytes.len() > 4096, "{}", bytes.escape_ascii()),
    }
}

fn decode<'i>(pieces: impl Iterator<Item = &'i [u8]>) -> Result<Read, ()> {
    let mut decoder = ChunkDecoder::default();
    let (mut body, mut used) = (Vec::new(), 0);
    for piece in pieces {
        let mut rest = piece;
        loop {
            let (n, decoded) = decoder.decode(rest).map_err(drop)?;
            if let Decoded::Data(range) = &decoded {
                assert!(range.end <= n, "what was not used is no data");
                body.extend_from_slice(&rest[range.clone()]);
            }
            used += n;
            rest = &rest[n..];
            match decoded {
                Decoded::Data(_) => {}
                Decoded::More => break,
                Decoded::End => return Ok(Some((body, used))),
            }
        }
    }
    Ok(None)
}

/// The body that `bytes` begin with, where they do begin with a whole one.
fn slowly(bytes: &[u8]) -> Read {
    let (mut body, mut rest) = (Vec::new(), bytes);
    loop {
        let size = size(line(&mut rest)?)?;
        if size == 0 {
            break;
        }
        let (data, behind) = rest.split_at_checked(usize::try_from(size).ok()?)?;
        body.extend_from_slice(data);
        rest = behind.strip_prefix(b"\r\n")?;
    }
    loop {
        let field = line(&mut rest)?;
        if field.is_empty() {
            return Some((body, bytes.len() - rest.len()));
        }
        let name = &field[..field.iter().position(|&byte| byte == b':')?];
        let is_token = !name.is_empty() && name.iter().all(|&byte| crate::reply::is_token_byte(byte));
        if !is_token || !is_text(field) {
            return None;
        }
    }
}

/// Takes a line and its CRLF. There is no CR and no LF in it.
fn line<'i>(rest: &mut &'i [u8]) -> Option<&'i [u8]> {
    let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
    let line = &rest[..end];
    *rest = rest[end..].strip_prefix(b"\r\n")?;
    Some(line)
}

/// The size in `5`, `5;a=b`, `5 ;a=b`.
fn size(line: &[u8]) -> Option<u64> {
    let (size, extension) = match line.iter().position(|&byte| byte == b';') {
        Some(at) => (line[..at].trim_ascii_end(), &line[at..]),
        None => (line, &[][..]),
    };
    // `from_str_radix` alone would take "+5".
    let digits = !size.is_empty() && size.len() <= 16 && size.iter().all(u8::is_ascii_hexdigit);
    let between = &line[size.len()..line.len() - extension.len()];
    if !digits || !is_text(extension) || !between.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(size).ok()?, 16).ok()
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
}
