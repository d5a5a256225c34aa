//! `cache-control` as a shared cache reads it (RFC 9111, 5.2).

/// What it says, of a request or of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Directives {
    pub(super) no_store: bool,
    pub(super) no_cache: bool,
    pub(super) private: bool,
    pub(super) must_revalidate: bool,
    pub(super) only_if_cached: bool,
    pub(super) max_age: Option<u64>,
    pub(super) s_maxage: Option<u64>,
    pub(super) min_fresh: Option<u64>,
    pub(super) stale_while_revalidate: Option<u64>,
}

impl Directives {
    /// Of all lines of the header together.
    pub(super) fn read<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Self {
        let mut found = Self::default();
        for line in lines {
            for (name, value) in Elements(line) {
                found.take(name, value);
            }
        }
        found
    }

    fn take(&mut self, name: &[u8], value: Option<&[u8]>) {
        // RFC 9111, 4.2.1: of several the one that keeps it for the shorter time, and what is no number keeps it for none.
        let least = |before: Option<u64>| Some(before.unwrap_or(u64::MAX).min(seconds(value)));
        match name.to_ascii_lowercase().as_slice() {
            b"no-store" => self.no_store = true,
            // Also with names of fields: whoever does not know them takes it as if there were none (5.2.2.4, 5.2.2.7).
            b"no-cache" => self.no_cache = true,
            b"private" => self.private = true,
            b"must-revalidate" | b"proxy-revalidate" => self.must_revalidate = true,
            b"only-if-cached" => self.only_if_cached = true,
            b"max-age" => self.max_age = least(self.max_age),
            b"s-maxage" => self.s_maxage = least(self.s_maxage),
            b"min-fresh" => {
                self.min_fresh = Some(self.min_fresh.unwrap_or(0).max(value.map_or(u64::MAX, |_| seconds(value))));
            }
            b"stale-while-revalidate" => self.stale_while_revalidate = least(self.stale_while_revalidate),
            _ => {}
        }
    }
}

/// RFC 9111, 1.2.2: what is greater than can be held is as much as any.
fn seconds(value: Option<&[u8]>) -> u64 {
    let Some(digits) = value.filter(|value| !value.is_empty() && value.iter().all(u8::is_ascii_digit)) else {
        return 0;
    };
    digits.iter().fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'))).min(1 << 31)
}

/// `name`, `name=value` or `name="value"`, separated by commas that stand in no quotes.
struct Elements<'l>(&'l [u8]);

impl<'l> Iterator for Elements<'l> {
    type Item = (&'l [u8], Option<&'l [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.0.is_empty() {
            let (mut quoted, mut escaped) = (false, false);
            let end = self.0.iter().position(|&byte| {
                let ends = byte == b',' && !quoted;
                quoted ^= byte == b'"' && !escaped;
                escaped = quoted && byte == b'\\' && !escaped;
                ends
            });
            let end = end.unwrap_or(self.0.len());
            let element = self.0[..end].trim_ascii();
            self.0 = self.0.get(end + 1..).unwrap_or_default();
            if element.is_empty() {
                continue;
            }
            let equals = element.iter().position(|&byte| byte == b'=');
            let name = &element[..equals.unwrap_or(element.len())];
            let value = equals.map(|equals| element[equals + 1..].trim_ascii());
            // RFC 9111, 5.2: both forms of an argument are to be understood.
            let value = value
                .map(|value| value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value));
            return Some((name.trim_ascii(), value));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Directives {
        Directives::read(lines.iter().map(|line| line.as_bytes()))
    }

    #[test]
    fn what_is_said_is_read_however_it_is_written() {
        let none = Directives::default;
        for (lines, expected) in [
            (&[""][..], none()),
            (&["public, immutable, x=1, ,"], none()),
            (&["No-Store"], Directives { no_store: true, ..none() }),
            (&["private=\"set-cookie, x\", max-age=5"], Directives { private: true, max_age: Some(5), ..none() }),
            (&["no-cache=\"a\\\", no-store\""], Directives { no_cache: true, ..none() }),
            (&["max-age=\"60\""], Directives { max_age: Some(60), ..none() }),
            (&["max-age = 60"], Directives { max_age: Some(60), ..none() }),
            (&["max-age=60, max-age=30"], Directives { max_age: Some(30), ..none() }),
            (&["max-age=60", "s-maxage=5"], Directives { max_age: Some(60), s_maxage: Some(5), ..none() }),
            (&["max-age=-1"], Directives { max_age: Some(0), ..none() }),
            (&["max-age=1.5"], Directives { max_age: Some(0), ..none() }),
            (&["max-age"], Directives { max_age: Some(0), ..none() }),
            (&["max-age=99999999999999999999999"], Directives { max_age: Some(1 << 31), ..none() }),
            (&["proxy-revalidate"], Directives { must_revalidate: true, ..none() }),
            (&["stale-while-revalidate=9"], Directives { stale_while_revalidate: Some(9), ..none() }),
            (&["only-if-cached, min-fresh=3"], Directives { only_if_cached: true, min_fresh: Some(3), ..none() }),
        ] {
            assert_eq!(read(lines), expected, "{lines:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_is_too_strange(line in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            let _ = Directives::read([&line[..]].into_iter());
        }
    }
}
