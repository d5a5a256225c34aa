//! Dates of HTTP (RFC 9110, 5.6.7).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 9999-12-31 23:59:59: there is no way to write what comes behind it.
const LAST: Duration = Duration::from_secs(253_402_300_799);

/// Seconds since 1970, which is all that a date of HTTP has. What is before that is taken for it, and so is what is behind the year 9999.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().min(LAST).as_secs()
}

pub(crate) fn write(time: SystemTime) -> String {
    // Whole seconds within the years that it can write: it panics at others.
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds(time)))
}

/// Any of the three forms. What is no date says nothing.
pub(crate) fn read(value: &[u8]) -> Option<SystemTime> {
    httpdate::parse_http_date(std::str::from_utf8(value).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_time_can_be_written() {
        assert_eq!(write(UNIX_EPOCH + Duration::from_secs(784_111_777)), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(write(UNIX_EPOCH - Duration::from_secs(1)), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(write(UNIX_EPOCH + LAST + Duration::from_secs(9)), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn the_three_forms_are_read() {
        let time = UNIX_EPOCH + Duration::from_secs(784_111_777);
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(read(text.as_bytes()), Some(time), "{text}");
        }
        for bad in ["", "now", "Sun, 06 Nov 1994 08:49:37 CET", "1994-11-06T08:49:37Z", "Sun, 31 Feb 1994 08:49:37 GMT"]
        {
            assert_eq!(read(bad.as_bytes()), None, "{bad}");
        }
    }
}
