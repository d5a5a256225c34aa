//! Compressed messages bit by bit, as RFC 1951 and RFC 7692, 7.2.2 write them down.

use std::collections::HashMap;

use super::oracle::{CONTENT, SIZE};
use crate::plugins::websocket::protocol::deflate::MOST_FINAL;

/// What a message was before it was compressed, of `most` bytes. Nothing in it refers further back than `window` bits tell.
pub(super) fn inflate(payload: &[u8], most: usize, window: u8) -> Result<Vec<u8>, u16> {
    // Of nothing there may be nothing: some encoders say it a second time like this.
    if payload.is_empty() {
        return Ok(Vec::new());
    }
    let all = [payload, &[0, 0, 0xff, 0xff]].concat();
    let mut bits = Bits { bytes: &all, at: 0 };
    let mut out = Out { bytes: Vec::new(), most, window: 1 << window };
    let mut finals = 0;
    while bits.at < 8 * all.len() {
        let is_final = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut out)?,
            1 => compressed(&mut bits, &mut out, &fixed_lengths(), &Codes::new(&[5; 32]))?,
            2 => {
                let (literals, distances) = lengths(&mut bits)?;
                compressed(&mut bits, &mut out, &literals, &Codes::new(&distances))?;
            }
            _ => return Err(CONTENT),
        }
        if is_final {
            bits.align();
            // A sender that ends its message with such a block has nothing to leave away.
            if [8 * payload.len(), 8 * all.len()].contains(&bits.at) {
                break;
            }
            finals += 1;
            if finals > MOST_FINAL {
                return Err(CONTENT);
            }
        }
    }
    Ok(out.bytes)
}

struct Bits<'b> {
    bytes: &'b [u8],
    /// In bits.
    at: usize,
}

impl Bits<'_> {
    /// A number of `count` bits, the lowest first.
    fn take(&mut self, count: usize) -> Result<usize, u16> {
        let mut number = 0;
        for n in 0..count {
            let byte = self.bytes.get(self.at / 8).ok_or(CONTENT)?;
            number |= usize::from(byte >> (self.at % 8) & 1) << n;
            self.at += 1;
        }
        Ok(number)
    }

    fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }
}

struct Out {
    bytes: Vec<u8>,
    most: usize,
    window: usize,
}

impl Out {
    fn push(&mut self, byte: u8) -> Result<(), u16> {
        if self.bytes.len() == self.most {
            return Err(SIZE);
        }
        self.bytes.push(byte);
        Ok(())
    }
}

/// RFC 1951, 3.2.4.
fn stored(bits: &mut Bits<'_>, out: &mut Out) -> Result<(), u16> {
    bits.align();
    let (len, complement) = (bits.take(16)?, bits.take(16)?);
    if len ^ complement != 0xffff {
        return Err(CONTENT);
    }
    for _ in 0..len {
        out.push(bits.take(8)? as u8)?;
    }
    Ok(())
}

/// RFC 1951, 3.2.5.
fn compressed(bits: &mut Bits<'_>, out: &mut Out, literals: &[u8], distances: &Codes) -> Result<(), u16> {
    let literals = Codes::new(literals);
    loop {
        let symbol = literals.take(bits)?;
        let len = match symbol {
            0..256 => {
                out.push(symbol as u8)?;
                continue;
            }
            256 => return Ok(()),
            257..265 => symbol - 254,
            265..285 => {
                let extra = (symbol - 261) / 4;
                ((4 + (symbol - 261) % 4) << extra) + 3 + bits.take(extra)?
            }
            285 => 258,
            _ => return Err(CONTENT),
        };
        let distance = match distances.take(bits)? {
            code @ 0..4 => code + 1,
            code @ 4..30 => {
                let extra = code / 2 - 1;
                ((2 + code % 2) << extra) + 1 + bits.take(extra)?
            }
            _ => return Err(CONTENT),
        };
        if distance > out.window {
            return Err(CONTENT);
        }
        for _ in 0..len {
            let from = out.bytes.len().checked_sub(distance).ok_or(CONTENT)?;
            out.push(out.bytes[from])?;
        }
    }
}

/// RFC 1951, 3.2.6.
fn fixed_lengths() -> Vec<u8> {
    [(8, 144), (9, 112), (7, 24), (8, 8)].into_iter().flat_map(|(len, count)| vec![len; count]).collect()
}

/// RFC 1951, 3.2.7. Codes that leave something over are refused, but for one of one bit.
fn lengths(bits: &mut Bits<'_>) -> Result<(Vec<u8>, Vec<u8>), u16> {
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let (literals, distances, codes) = (bits.take(5)? + 257, bits.take(5)? + 1, bits.take(4)? + 4);
    if literals > 286 || distances > 30 {
        return Err(CONTENT);
    }
    let mut of_lengths = [0; 19];
    for at in &ORDER[..codes] {
        of_lengths[*at] = bits.take(3)? as u8;
    }
    if left_over(&of_lengths) != 0 {
        return Err(CONTENT);
    }
    let of_lengths = Codes::new(&of_lengths);
    let mut all: Vec<u8> = Vec::new();
    while all.len() < literals + distances {
        let (length, times) = match of_lengths.take(bits)? {
            16 => (*all.last().ok_or(CONTENT)?, 3 + bits.take(2)?),
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (length as u8, 1),
        };
        all.extend(vec![length; times]);
    }
    if all.len() > literals + distances || all[256] == 0 {
        return Err(CONTENT);
    }
    let distances = all.split_off(literals);
    for lengths in [&all, &distances] {
        let is_short = lengths.iter().all(|length| *length <= 1);
        if left_over(lengths) < 0 || (left_over(lengths) > 0 && !is_short) {
            return Err(CONTENT);
        }
    }
    Ok((all, distances))
}

/// Of all codes of 15 bits, how many begin with none of those that have these lengths: fewer than none where there are too many.
fn left_over(lengths: &[u8]) -> i32 {
    (1 << 15) - lengths.iter().filter(|length| **length > 0).map(|length| 1 << (15 - length)).sum::<i32>()
}

/// By the length and the bits of a code, the highest first, what it stands for.
struct Codes(HashMap<(u8, usize), usize>);

impl Codes {
    /// RFC 1951, 3.2.2: in the order of their lengths, and then of what they stand for.
    fn new(lengths: &[u8]) -> Self {
        let (mut codes, mut code) = (HashMap::new(), 0);
        for length in 1..=15 {
            code <<= 1;
            for (symbol, _) in lengths.iter().enumerate().filter(|(_, of_symbol)| **of_symbol == length) {
                codes.insert((length, code), symbol);
                code += 1;
            }
        }
        Self(codes)
    }

    fn take(&self, bits: &mut Bits<'_>) -> Result<usize, u16> {
        let mut code = 0;
        for length in 1..=15 {
            code = code << 1 | bits.take(1)?;
            if let Some(symbol) = self.0.get(&(length, code)) {
                return Ok(*symbol);
            }
        }
        Err(CONTENT)
    }
}
