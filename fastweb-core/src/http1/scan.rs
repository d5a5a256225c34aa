//! When it is worth to parse a head again that was not complete.
//!
//! A client that sends a byte at a time would have its head parsed at every byte: 16 KiB of it would be 128 MiB to look at. So each byte is
//! looked at once, for the empty line that ends a head; besides, a head is parsed whenever it has doubled, so that what is malformed or
//! too long is refused before its end. All together that is less than four times the work of one head in one piece.

/// What is known of a head that was parsed in vain.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scan {
    /// Its length then. 0 where none was.
    parsed: u16,
    /// How much of it was searched.
    searched: u16,
    /// Bytes of empty lines that were passed over before it.
    empty: u16,
}

impl Scan {
    #[inline]
    pub(super) fn is_fresh(&self) -> bool {
        self.parsed == 0
    }

    /// Notes that `len` bytes are no complete head, and that `skipped` bytes of empty lines stood before them. Says whether those are
    /// not more than a head may have.
    pub(super) fn note(&mut self, len: usize, skipped: usize, most: usize) -> bool {
        (self.parsed, self.searched) = (short(len), short(len));
        self.empty = self.empty.saturating_add(short(skipped));
        (self.empty as usize) < most
    }

    /// Whether `head`, of which more has come and which may have `most` bytes, may be complete now, or be refused.
    #[cold]
    pub(super) fn may_be_complete(&mut self, head: &[u8], most: usize) -> bool {
        if head.len() >= 2 * self.parsed as usize || head.len() >= most {
            return true;
        }
        // An empty line may have begun in what was searched before.
        let from = (self.searched as usize).saturating_sub(2).min(head.len());
        self.searched = short(head.len());
        let mut rest = &head[from..];
        while let Some(at) = rest.iter().position(|&byte| byte == b'\n') {
            rest = &rest[at + 1..];
            // A bare LF ends a line for the parser, which then refuses it.
            if matches!(rest, [b'\n', ..] | [b'\r', b'\n', ..]) {
                return true;
            }
        }
        false
    }
}

/// No buffer is longer than this can say.
fn short(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often a head is parsed that comes in pieces of `piece` bytes, and whether it is at its end.
    fn parses(head: &[u8], piece: usize) -> (usize, bool) {
        let (mut scan, mut parses, mut len) = (Scan::default(), 0, 0);
        while len < head.len() {
            len = (len + piece).min(head.len());
            if scan.is_fresh() || scan.may_be_complete(&head[..len], usize::MAX) {
                parses += 1;
                if len == head.len() {
                    return (parses, true);
                }
                scan.note(len, 0, usize::MAX);
            }
        }
        (parses, false)
    }

    #[test]
    fn a_head_is_parsed_a_few_times_and_at_its_end() {
        for line_end in ["\r\n", "\n"] {
            let head = format!("GET / HTTP/1.1{line_end}A: {}{line_end}{line_end}", "b".repeat(16_000));
            for piece in [1, 2, 3, 7, 1000, 20_000] {
                let (parses, at_end) = parses(head.as_bytes(), piece);
                assert!(at_end, "pieces of {piece}");
                assert!(parses <= 16, "{parses} times in pieces of {piece}");
            }
        }
    }

    #[test]
    fn empty_lines_without_end_are_told() {
        let mut scan = Scan::default();
        assert!((0..99).all(|_| scan.note(0, 2, 200)));
        assert!(!scan.note(0, 2, 200));
    }
}
