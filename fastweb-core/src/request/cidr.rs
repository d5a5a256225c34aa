//! Ranges of IP addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cidr {
    /// The bits behind the prefix are zero.
    start: IpAddr,
    /// In bits.
    prefix: u8,
}

impl Cidr {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let widest = width(address);
        let prefix = match prefix {
            // `parse` alone would take "+8".
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().ok().filter(|n| *n <= widest)?
            }
            Some(_) => return None,
            None => widest,
        };
        Some(Self { start: cut(address, prefix), prefix })
    }

    /// Whether it has `address`, which is canonical: an IPv4 address within an IPv6 one is compared as IPv4.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.start.is_ipv4() == address.is_ipv4() && cut(address, self.prefix) == self.start
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The first address that has the same `prefix` bits.
fn cut(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            Ipv4Addr::from_bits(v4.to_bits() & mask).into()
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            Ipv6Addr::from_bits(v6.to_bits() & mask).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_their_addresses_and_no_others() {
        for (range, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("10.1.2.3/8", "10.0.0.0", "9.255.255.255"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.6"),
            ("192.0.2.6/31", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "255.1.1.1", "::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::1", "::1", "::2"),
            ("::/0", "ffff::", "1.2.3.4"),
        ] {
            let range = Cidr::parse(range).expect("a range");
            assert!(range.contains(inside.parse().expect("an address")), "{range:?} {inside}");
            assert!(!range.contains(outside.parse().expect("an address")), "{range:?} {outside}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in
            ["", "10", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "::/129", "/8", "example.com", "10.0.0.0/8/8", " ::1"]
        {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn it_compares_bit_by_bit(start: u32, other: u32, prefix in 0_u8..=32) {
            let range = Cidr::parse(&format!("{}/{prefix}", Ipv4Addr::from_bits(start))).expect("a range");
            let same = (0..u32::from(prefix)).all(|bit| (start ^ other) >> (31 - bit) & 1 == 0);
            proptest::prop_assert_eq!(range.contains(Ipv4Addr::from_bits(other).into()), same);
        }
    }
}
