//! The head of a frame (RFC 6455, 5.2), and its mask.

use super::Sender;

/// The most bytes that a control frame carries (RFC 6455, 5.5).
pub(in super::super) const MOST_IN_CONTROL: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    fn of(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    pub(super) fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// What stands before the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) is_final: bool,
    /// The first reserved bit, which per-message deflate uses (RFC 7692, 6).
    pub(super) rsv1: bool,
    pub(super) opcode: Opcode,
    pub(super) mask: Option<[u8; 4]>,
    pub(super) len: u64,
}

/// The longest head.
pub(super) const LONGEST: usize = 14;

impl Head {
    /// Reads a head and says how long it is. `None` where more bytes are needed. A client's frames have a mask, a server's do not (RFC 6455, 5.1).
    ///
    /// # Errors
    /// What no frame may say, found as early as the bytes tell it, so that it is the same in whatever pieces they come.
    #[inline]
    pub(super) fn read(bytes: &[u8], sender: Sender) -> Result<Option<(Self, usize)>, &'static str> {
        let [first, behind @ ..] = bytes else { return Ok(None) };
        if first & 0x30 != 0 {
            return Err("a reserved bit is set");
        }
        let opcode = Opcode::of(first & 0x0f).ok_or("the opcode is reserved")?;
        let is_final = first & 0x80 != 0;
        if opcode.is_control() && !is_final {
            return Err("a control frame is fragmented");
        }
        let [second, rest @ ..] = behind else { return Ok(None) };
        match (second & 0x80 != 0, sender) {
            (false, Sender::Client) => return Err("a client's frame has no mask"),
            (true, Sender::Server) => return Err("a server's frame has a mask"),
            _ => {}
        }
        let short = second & 0x7f;
        if opcode.is_control() && short as usize > MOST_IN_CONTROL {
            return Err("a control frame carries more than 125 bytes");
        }
        let (len, used) = match short {
            126 => match rest.first_chunk::<2>() {
                Some(len) => (u64::from(u16::from_be_bytes(*len)), 4),
                None => return Ok(None),
            },
            127 => match rest.first_chunk::<8>() {
                // RFC 6455, 5.2: "the most significant bit MUST be 0".
                Some(len) if len[0] & 0x80 != 0 => return Err("the length has more than 63 bits"),
                Some(len) => (u64::from_be_bytes(*len), 10),
                None => return Ok(None),
            },
            short => (u64::from(short), 2),
        };
        // "the minimal number of bytes MUST be used to encode the length".
        if (short == 126 && len < 126) || (short == 127 && len <= 0xffff) {
            return Err("the length is not written in its shortest form");
        }
        let rsv1 = first & 0x40 != 0;
        let head = |mask| Self { is_final, rsv1, opcode, mask, len };
        if second & 0x80 == 0 {
            return Ok(Some((head(None), used)));
        }
        Ok(bytes[used..].first_chunk::<4>().map(|mask| (head(Some(*mask)), used + 4)))
    }
}

/// The head of a frame as a server writes it: whole, and without a mask. The second value is its length.
#[inline]
pub(in super::super) fn head(opcode: Opcode, rsv1: bool, len: usize) -> ([u8; 10], usize) {
    let mut head = [0; 10];
    head[0] = 0x80 | (u8::from(rsv1) << 6) | opcode.bits();
    let used = if len < 126 {
        head[1] = len as u8;
        2
    } else if let Ok(len) = u16::try_from(len) {
        head[1] = 126;
        head[2..4].copy_from_slice(&len.to_be_bytes());
        4
    } else {
        head[1] = 127;
        head[2..].copy_from_slice(&(len as u64).to_be_bytes());
        10
    };
    (head, used)
}

/// Writes a whole frame as a server does, or with a mask as a client does.
#[inline]
pub(in super::super) fn write(out: &mut Vec<u8>, opcode: Opcode, rsv1: bool, mask: Option<[u8; 4]>, payload: &[u8]) {
    if payload.len() < 126 && mask.is_none() {
        // As most are: one look at the room, and a head of two bytes.
        out.reserve(2 + payload.len());
        out.extend_from_slice(&[0x80 | (u8::from(rsv1) << 6) | opcode.bits(), payload.len() as u8]);
        out.extend_from_slice(payload);
        return;
    }
    let (mut head, len) = head(opcode, rsv1, payload.len());
    out.reserve(len + 4 + payload.len());
    if mask.is_some() {
        head[1] |= 0x80;
    }
    out.extend_from_slice(&head[..len]);
    if let Some(mask) = mask {
        out.extend_from_slice(&mask);
    }
    let at = out.len();
    out.extend_from_slice(payload);
    if let Some(mask) = mask {
        xor(&mut out[at..], mask);
    }
}

/// Puts a mask on, or takes it off (RFC 6455, 5.3): sixteen bytes at a time, which the compiler makes vectors of.
#[inline]
pub(super) fn xor(bytes: &mut [u8], mask: [u8; 4]) {
    let word = u128::from_ne_bytes([mask; 4].as_flattened().try_into().unwrap_or([0; 16]));
    let (words, rest) = bytes.as_chunks_mut::<16>();
    for bytes in words {
        *bytes = (u128::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
    }
    if rest.is_empty() {
        return;
    }
    let (words, rest) = rest.as_chunks_mut::<4>();
    for bytes in words {
        *bytes = (u32::from_ne_bytes(*bytes) ^ u32::from_ne_bytes(mask)).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask) {
        *byte ^= mask;
    }
}

#[cfg(test)]
mod tests {
    use super::{Head, Opcode, Sender, head, write, xor};

    #[test]
    fn masks_are_as_the_rfc_writes_them() {
        for len in 0..70 {
            let bytes: Vec<u8> = (0..len).collect();
            let mask = [1, 20, 255, 7];
            let naive: Vec<u8> = bytes.iter().enumerate().map(|(i, byte)| byte ^ mask[i % 4]).collect();
            let mut masked = bytes.clone();
            xor(&mut masked, mask);
            assert_eq!(masked, naive);
        }
    }

    #[test]
    fn the_frames_of_the_rfc_are_read_and_written() {
        // RFC 6455, 5.7.
        let mut hello = Vec::new();
        write(&mut hello, Opcode::Text, false, None, b"Hello");
        assert_eq!(hello, [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
        let mut masked = Vec::new();
        write(&mut masked, Opcode::Text, false, Some([0x37, 0xfa, 0x21, 0x3d]), b"Hello");
        assert_eq!(masked, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
        for (len, used) in [(0, 2), (125, 2), (126, 4), (65535, 4), (65536, 10)] {
            let (bytes, written) = head(Opcode::Binary, true, len);
            assert_eq!(written, used);
            let (read, n) = Head::read(&bytes[..written], Sender::Server).unwrap().unwrap();
            assert_eq!((read.len, read.rsv1, read.is_final, read.mask, n), (len as u64, true, true, None, used));
            for short in 0..written {
                assert_eq!(Head::read(&bytes[..short], Sender::Server), Ok(None));
            }
        }
    }
}
