//! Small questions about bytes that the hot path asks often.

/// A set of bytes.
pub(crate) type ByteSet = [bool; 256];

/// Whether all of `bytes` are in `set`. Without a way out in the middle: short inputs are mostly all in it, and this needs half the
/// instructions.
pub(crate) fn all_in(bytes: &[u8], set: &ByteSet) -> bool {
    let within = |part: &[u8]| part.iter().fold(true, |all, &byte| all & set[usize::from(byte)]);
    let (fours, rest) = bytes.as_chunks::<4>();
    fours.iter().fold(true, |all, four| all & within(four)) & within(rest)
}

/// How many bytes `bytes` begins with that are all in `set`. Written as a loop: `take_while(…).count()` takes twice the instructions.
pub(crate) fn leading(bytes: &[u8], set: &ByteSet) -> usize {
    let mut n = 0;
    for &byte in bytes {
        if !set[usize::from(byte)] {
            break;
        }
        n += 1;
    }
    n
}
