//! Numbers, from text to one of three forms: unsigned, below zero, or float.

use super::error::ParseErrorKind;
use super::tape::{Cell, Raw};

/// Powers of ten that a float holds exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// As many digits always fit into 64 bits.
const SAFE_DIGITS: usize = 19;

/// The number at `start`, which is a digit or `-`, and the offset after it. An error comes with its offset.
#[inline(always)]
pub(crate) fn read(json: &str, start: usize) -> Result<(Cell, usize), (ParseErrorKind, usize)> {
    let bytes = json.as_bytes();
    // Everyday numbers are counts and prices: few digits, and maybe a point among them.
    let (mut at, mut value) = (start, 0);
    while let Some(digit) = digit(bytes, at) {
        value = value * 10 + digit;
        at += 1;
        if at - start == SAFE_DIGITS {
            break;
        }
    }
    if at > start && (bytes[start] != b'0' || at - start == 1) {
        match bytes.get(at) {
            Some(b'.') => return read_fraction(json, start, at + 1, value),
            Some(b'0'..=b'9' | b'e' | b'E') => {}
            _ => return Ok((Raw::Unsigned(value).into(), at)),
        }
    }
    read_any(json, start)
}

/// With a point before `fraction`; `value` is what stands before it.
fn read_fraction(
    json: &str,
    start: usize,
    fraction: usize,
    mut value: u64,
) -> Result<(Cell, usize), (ParseErrorKind, usize)> {
    let bytes = json.as_bytes();
    let mut at = fraction;
    while let Some(digit) = digit(bytes, at) {
        if at - start > SAFE_DIGITS {
            return read_any(json, start);
        }
        value = value * 10 + digit;
        at += 1;
    }
    if at == fraction || matches!(bytes.get(at), Some(b'e' | b'E')) {
        return read_any(json, start);
    }
    match exact(value, fraction as i64 - at as i64) {
        Some(float) => Ok((Raw::Float(float).into(), at)),
        None => read_any(json, start),
    }
}

#[inline(always)]
fn digit(bytes: &[u8], at: usize) -> Option<u64> {
    let digit = bytes.get(at)?.wrapping_sub(b'0');
    (digit < 10).then_some(digit.into())
}

fn read_any(json: &str, start: usize) -> Result<(Cell, usize), (ParseErrorKind, usize)> {
    let bytes = json.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let negative = bytes[start] == b'-';
    let mut at = start + usize::from(negative);

    let first_digit = at;
    let mut mantissa = 0u64;
    while let Some(digit) = digit(bytes, at) {
        mantissa = mantissa.wrapping_mul(10).wrapping_add(digit);
        at += 1;
    }
    let digits = at - first_digit;
    if digits == 0 || (digits > 1 && bytes[first_digit] == b'0') {
        return Err((ParseErrorKind::InvalidNumber, first_digit));
    }
    if !matches!(byte(at), b'.' | b'e' | b'E') {
        let integer = integer(&json[start..at], negative, mantissa, digits).ok_or((OUT_OF_RANGE, start))?;
        return Ok((integer.into(), at));
    }

    let mut significant = digits;
    let mut exponent = 0i64;
    if byte(at) == b'.' {
        at += 1;
        let fraction = at;
        while let Some(digit) = digit(bytes, at) {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(digit);
            at += 1;
        }
        if at == fraction {
            return Err((ParseErrorKind::InvalidNumber, at));
        }
        significant += at - fraction;
        exponent -= (at - fraction) as i64;
    }
    if matches!(byte(at), b'e' | b'E') {
        at += 1;
        let below_zero = byte(at) == b'-';
        at += usize::from(matches!(byte(at), b'+' | b'-'));
        let first = at;
        let mut written = 0i64;
        while let Some(digit) = digit(bytes, at) {
            written = written.saturating_mul(10).saturating_add(digit as i64);
            at += 1;
        }
        if at == first {
            return Err((ParseErrorKind::InvalidNumber, at));
        }
        exponent = exponent.saturating_add(if below_zero { -written } else { written });
    }
    let float = float(&json[start..at], negative, mantissa, significant, exponent).ok_or((OUT_OF_RANGE, start))?;
    Ok((Raw::Float(float).into(), at))
}

const OUT_OF_RANGE: ParseErrorKind = ParseErrorKind::NumberOutOfRange;

#[inline]
fn integer(text: &str, negative: bool, mantissa: u64, digits: usize) -> Option<Raw> {
    // Twenty digits may fit, too: the wrapped product does not tell.
    let magnitude = if digits <= SAFE_DIGITS { Some(mantissa) } else { text.trim_start_matches('-').parse().ok() };
    match (magnitude, negative) {
        (Some(magnitude), false) => Some(Raw::Unsigned(magnitude)),
        // The sign of a zero can be told only by a float.
        (Some(0), true) => Some(Raw::Float(-0.0)),
        (Some(magnitude), true) if magnitude <= 1 << 63 => Some(Raw::Negative((magnitude as i64).wrapping_neg())),
        _ => finite(text).map(Raw::Float),
    }
}

#[inline]
fn float(text: &str, negative: bool, mantissa: u64, digits: usize, exponent: i64) -> Option<f64> {
    match exact(mantissa, exponent).filter(|_| digits <= SAFE_DIGITS) {
        Some(magnitude) => Some(if negative { -magnitude } else { magnitude }),
        None => finite(text),
    }
}

/// `None` where the nearest float takes more than one operation.
#[inline]
fn exact(mantissa: u64, exponent: i64) -> Option<f64> {
    // Both operands are exact, so their product or quotient is rounded once (Clinger, 1990).
    let power = *EXACT_POWERS.get(exponent.unsigned_abs() as usize)?;
    let mantissa = (mantissa <= 1 << 53).then_some(mantissa as f64)?;
    Some(if exponent < 0 { mantissa / power } else { mantissa * power })
}

fn finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|float: &f64| float.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: Raw) {
        let (number, end) = read(text, 0).unwrap_or_else(|(kind, at)| panic!("{text}: {kind:?} at {at}"));
        assert_eq!(end, text.len(), "{text}");
        // Bits, because -0.0 == 0.0.
        match (number.raw(), expected) {
            (Raw::Float(a), Raw::Float(b)) => assert_eq!(a.to_bits(), b.to_bits(), "{text}"),
            (a, b) => assert_eq!(a, b, "{text}"),
        }
    }

    #[test]
    fn integers_are_exact_within_64_bits_and_floats_beyond() {
        reads("0", Raw::Unsigned(0));
        reads("18446744073709551615", Raw::Unsigned(u64::MAX));
        reads("18446744073709551616", Raw::Float(18446744073709551616.0));
        reads("-1", Raw::Negative(-1));
        reads("-9223372036854775808", Raw::Negative(i64::MIN));
        reads("-9223372036854775809", Raw::Float(-9223372036854775808.0));
        reads("-18446744073709551615", Raw::Float(-18446744073709551616.0));
        reads("12345678901234567890123", Raw::Float(12345678901234567890123.0));
    }

    #[test]
    fn minus_zero_keeps_its_sign() {
        reads("-0", Raw::Float(-0.0));
        reads("-0.0", Raw::Float(-0.0));
        reads("-0e5", Raw::Float(-0.0));
    }

    #[test]
    fn a_number_that_no_float_can_hold_is_refused() {
        for text in ["1e309", "-1e309", "1e99999999999999999999", &"9".repeat(400)] {
            assert_eq!(read(text, 0), Err((ParseErrorKind::NumberOutOfRange, 0)), "{text}");
        }
        reads("1e-99999999999999999999", Raw::Float(0.0));
        reads("0e99999999999999999999", Raw::Float(0.0));
    }

    #[test]
    fn malformed_numbers_are_refused_where_they_break() {
        for (text, at) in [("-", 1), ("01", 0), ("-01", 1), ("1.", 2), ("1.e3", 2), ("1e", 2), ("1e+", 3), ("-a", 1)] {
            assert_eq!(read(text, 0), Err((ParseErrorKind::InvalidNumber, at)), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn floats_are_rounded_as_the_standard_library_rounds(
            text in "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?"
        ) {
            let expected: f64 = text.parse().unwrap();
            match read(&text, 0).map(|(number, end)| (number.raw(), end)) {
                Ok((Raw::Float(float), end)) => {
                    assert_eq!((float.to_bits(), end), (expected.to_bits(), text.len()));
                }
                Ok((Raw::Unsigned(number), _)) => assert_eq!(text, number.to_string()),
                Ok((Raw::Negative(number), _)) => assert_eq!(text, number.to_string()),
                Ok(other) => panic!("{other:?}"),
                Err((kind, _)) => {
                    assert!(expected.is_infinite());
                    assert_eq!(kind, ParseErrorKind::NumberOutOfRange);
                }
            }
        }
    }
}
