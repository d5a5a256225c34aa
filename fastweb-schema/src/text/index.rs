//! Long strings with escapes here and there, as prose has them.
//!
//! A loop that looks for the next escape, writes it and looks again is wrong about its next step at about every escape, and each
//! time the processor begins anew. So all escapes of a chunk are found first, without a branch for each, and then written one after
//! the other, again without one. With an escape every 30 bytes that takes little more than half the time (2026-11,
//! `benches/serializer.rs`, article).

use std::ptr;

use super::escape::put_byte;
use super::lanes::Lanes;
use super::lanes::x86::Avx2;

/// How much is searched at a time: places in it are bytes.
const CHUNK: usize = 256;
/// What one mask is for.
const BLOCK: usize = 64;
/// What is copied between two escapes without a look at how much it is: most runs of prose are shorter.
const RUN: usize = 128;
/// How many places are noted for a block without a look at how many there are.
const FEW: usize = 4;

/// Appends the text of as many of `bytes` as there are chunks in it, and returns the rest, which is shorter than two chunks.
///
/// # Safety
///
/// The processor has AVX2.
#[inline(always)]
pub(super) unsafe fn write_chunks<'a>(out: &mut Vec<u8>, bytes: &'a [u8]) -> &'a [u8] {
    // As in `escape`: behind `to` there are at least `left.len() + spare` bytes, and an escape takes up to five from `spare`.
    const SPARE: usize = 64;
    let mut left = bytes;
    if left.len() < CHUNK + RUN {
        return left;
    }
    let mut spare = SPARE + left.len() / 16;
    out.reserve(left.len() + spare);
    // SAFETY: within the spare capacity.
    let mut to = unsafe { out.as_mut_ptr().add(out.len()) };
    let mut places = [0_u8; CHUNK + FEW];
    while left.len() >= CHUNK + RUN {
        let mut count = 0;
        for block in 0..CHUNK / BLOCK {
            let start = block * BLOCK;
            // SAFETY: `left` has a chunk, and at `to` there is room for all of `left`.
            let mut mask = unsafe {
                let (from, to) = (left.as_ptr().add(start), to.add(start));
                Avx2::copy(from, to) | Avx2::copy(from.add(32), to.add(32)) << 32
            };
            let found = mask.count_ones() as usize;
            // What is noted beyond `found` is overwritten, or not looked at.
            for place in &mut places[count..count + FEW] {
                *place = (start as u32 + mask.trailing_zeros()) as u8;
                mask &= mask.wrapping_sub(1);
            }
            if found > FEW {
                for place in &mut places[count + FEW..count + found] {
                    *place = (start as u32 + mask.trailing_zeros()) as u8;
                    mask &= mask.wrapping_sub(1);
                }
            }
            count += found;
        }
        if count == 0 {
            left = &left[CHUNK..];
            // SAFETY: the chunk was written.
            to = unsafe { to.add(CHUNK) };
            continue;
        }
        if spare < 5 * count {
            spare = SPARE + 5 * count + left.len() / 4;
            // SAFETY: `to` was got from this vector's pointer, and all before it is written.
            unsafe {
                let len = to.offset_from_unsigned(out.as_ptr());
                out.set_len(len);
                out.reserve(left.len() + spare);
                to = out.as_mut_ptr().add(len);
            }
        }
        let mut next = 0;
        let start = to;
        for &place in &places[..count] {
            let place = usize::from(place);
            let run = place - next;
            // SAFETY: behind any place of the chunk there is a run that can be read, and as `next` bytes of `left` and five for
            // each escape are the most that was written, one that can be written.
            unsafe {
                let from = left.as_ptr().add(next);
                if run <= RUN {
                    ptr::copy_nonoverlapping(from, to, RUN);
                } else {
                    ptr::copy_nonoverlapping(from, to, run);
                }
                to = put_byte(to.add(run), left[place]);
            }
            next = place + 1;
        }
        // SAFETY: both are pointers into the vector, `start` the lower.
        spare -= unsafe { to.offset_from_unsigned(start) } - next;
        // What is behind the last escape is looked at again, which is cheaper than to copy a part of unknown length.
        left = &left[next..];
    }
    // SAFETY: `to` was got from this vector's pointer, and all before it is written.
    unsafe {
        let len = to.offset_from_unsigned(out.as_ptr());
        out.set_len(len);
    }
    left
}
