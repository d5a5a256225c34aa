//! Content codings, and which of them a client takes (RFC 9110, 8.4.1 and 12.5.3).

// Part of what compression alone shows, and deflate is nobody else's.
#![cfg_attr(not(feature = "compression"), allow(dead_code, unreachable_pub))]

use fastweb_core::Request;

/// A content coding: a way in which a body is compressed on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coding {
    /// RFC 8878. The fastest by far at its ratio.
    Zstd,
    /// RFC 7932. The smallest, for what is compressed once and sent often.
    Brotli,
    /// RFC 1952. What every client knows.
    Gzip,
    /// RFC 1950: the zlib format, in spite of the name.
    Deflate,
}

impl Coding {
    /// Its name in `content-encoding`.
    ///
    /// ```
    /// # #[cfg(feature = "compression")]
    /// assert_eq!(fastweb::compression::Coding::Brotli.as_str(), "br");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }
}

/// What a client wants of each coding, in thousandths; 0 is what it does not take.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted<'r> {
    listed: Vec<(&'r str, u16)>,
}

impl<'r> Accepted<'r> {
    /// What a request says. Without the header nothing may be taken for granted but that the body as it is is taken.
    pub(crate) fn of(req: &'r Request) -> Self {
        let lines = req.headers().filter(|(name, _)| name.eq_ignore_ascii_case("accept-encoding"));
        Self::from_lines(lines.filter_map(|(_, line)| std::str::from_utf8(line).ok()))
    }

    fn from_lines(lines: impl Iterator<Item = &'r str>) -> Self {
        Self { listed: lines.flat_map(|line| line.split(',')).filter_map(element).collect() }
    }

    /// What is wanted by this name.
    fn listed(&self, name: &str) -> Option<u16> {
        self.listed.iter().find(|(listed, _)| listed.eq_ignore_ascii_case(name)).map(|(_, quality)| *quality)
    }

    fn quality_of(&self, coding: Coding) -> u16 {
        // RFC 9110, 8.4.1.3: an old name of it.
        let old = if coding == Coding::Gzip { self.listed("x-gzip") } else { None };
        old.or_else(|| self.listed(coding.as_str())).or_else(|| self.listed("*")).unwrap_or(0)
    }

    /// The one of these that the client wants most; of those that it wants alike, the first. `None` where it wants the body as it is.
    pub(crate) fn best(&self, mine: impl Iterator<Item = Coding>) -> Option<Coding> {
        let mut best = None;
        for coding in mine {
            let quality = self.quality_of(coding);
            if quality > 0 && best.is_none_or(|(_, other)| quality > other) {
                best = Some((coding, quality));
            }
        }
        // What is not listed is taken, too, but nobody has asked for it.
        let identity = self.listed("identity").unwrap_or(0);
        best.filter(|(_, quality)| *quality >= identity).map(|(coding, _)| coding)
    }
}

/// `gzip;q=0.8`. What is malformed is passed over.
fn element(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(|part| part.trim_matches([' ', '\t']));
    let name = parts.next().filter(|name| !name.is_empty())?;
    let mut quality = 1000;
    for parameter in parts {
        if let Some(value) = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")) {
            quality = thousandths(value)?;
        }
    }
    Some((name, quality))
}

/// RFC 9110, 12.4.2: `0`, `0.5`, `0.125`, `1`, `1.0`.
fn thousandths(value: &str) -> Option<u16> {
    let (whole, digits) = value.split_once('.').unwrap_or((value, ""));
    if digits.len() > 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let rest = digits.bytes().zip([100, 10, 1]).map(|(digit, place)| u16::from(digit - b'0') * place).sum::<u16>();
    match whole {
        "0" => Some(rest),
        "1" if rest == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Coding; 4] = [Coding::Zstd, Coding::Brotli, Coding::Gzip, Coding::Deflate];

    fn best(header: &str) -> Option<&'static str> {
        Accepted::from_lines([header].into_iter()).best(ALL.into_iter()).map(Coding::as_str)
    }

    #[test]
    fn the_client_chooses_and_where_it_does_not_the_server_does() {
        for (header, expected) in [
            ("gzip, deflate, br, zstd", Some("zstd")),
            ("gzip, deflate, br", Some("br")),
            ("gzip;q=0.9, br;q=0.8", Some("gzip")),
            ("GZIP", Some("gzip")),
            ("x-gzip", Some("gzip")),
            ("*", Some("zstd")),
            ("*, zstd;q=0", Some("br")),
            ("*;q=0.1, deflate;q=0.2", Some("deflate")),
            ("zstd;q=0, br;q=0.0, gzip;q=0.000, deflate;q=0.001", Some("deflate")),
            ("gzip ; q=0.5 ,\tbr;q=0.6", Some("br")),
            ("gzip;q=1.000", Some("gzip")),
            ("identity", None),
            ("identity, gzip;q=0.5", None),
            ("identity;q=0.5, gzip;q=0.5", Some("gzip")),
            ("identity;q=0, gzip;q=0.1", Some("gzip")),
            ("gzip;q=0", None),
            ("*;q=0", None),
            ("", None),
            (",,", None),
            ("compress", None),
            // No qualities: passed over.
            ("gzip;q=1.1", None),
            ("gzip;q=2", None),
            ("gzip;q=0.1234", None),
            ("gzip;q=", None),
            ("gzip;q=-1, br", Some("br")),
            ("gzip;q=0.5;x=1, br;level=3;q=0.4", Some("gzip")),
        ] {
            assert_eq!(best(header), expected, "{header}");
        }
    }

    #[test]
    fn several_lines_are_one_list() {
        let accepted = Accepted::from_lines(["br;q=0.5", "gzip"].into_iter());
        assert_eq!(accepted.best(ALL.into_iter()), Some(Coding::Gzip));
        assert_eq!(Accepted::from_lines(std::iter::empty()).best(ALL.into_iter()), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_chosen_is_wanted(header in "((gzip|br|zstd|deflate|identity|\\*)(;q=(0|1|0\\.[0-9]{1,3}))?(, )?){0,6}") {
            let accepted = Accepted::from_lines([&*header].into_iter());
            if let Some(chosen) = accepted.best(ALL.into_iter()) {
                let quality = accepted.quality_of(chosen);
                proptest::prop_assert!(quality > 0);
                proptest::prop_assert!(ALL.iter().all(|&other| accepted.quality_of(other) <= quality));
            }
        }

        #[test]
        fn no_header_is_too_strange(header in "\\PC*") {
            let _ = best(&header);
        }
    }
}
