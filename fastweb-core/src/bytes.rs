//! Small questions about bytes that the hot path asks often.

/// A set of bytes.
pub(crate) type ByteSet = [bool; 256];

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
