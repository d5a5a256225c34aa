//! From bytes to messages.

use super::close;
use super::frame::{self, Head, LONGEST, Opcode};

/// Whose frames are read: a client's have a mask, a server's do not (RFC 6455, 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Sender {
    Client,
    Server,
}

/// How large things may be.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Bounds {
    /// A message, all its fragments together; where it is compressed, also as it is afterwards.
    pub(in super::super) message: usize,
    pub(in super::super) frame: usize,
}

/// What bytes have made.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Event {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    /// The code and the reason, where there are any.
    Close(Option<(u16, String)>),
}

/// Why the connection cannot go on, with the close code for it (RFC 6455, 7.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Failure {
    pub(in super::super) code: u16,
    pub(in super::super) reason: &'static str,
}

impl Failure {
    pub(super) fn protocol(reason: &'static str) -> Self {
        Self { code: 1002, reason }
    }

    pub(super) fn text(reason: &'static str) -> Self {
        Self { code: 1007, reason }
    }

    pub(super) fn size(reason: &'static str) -> Self {
        Self { code: 1009, reason }
    }
}

/// The most room that a length alone can make somebody reserve; the rest comes with the bytes.
const TRUSTED: u64 = 16 * 1024;

/// Reads one side of a connection. It takes bytes in pieces of any size; what it makes of them does not depend on the pieces.
#[derive(Debug)]
pub(in super::super) struct Decoder {
    sender: Sender,
    /// Whether compressed messages were agreed upon.
    deflate: bool,
    bounds: Bounds,
    /// Unfragmented messages of fewer bytes than this are taken in one step where they are there as a whole.
    whole_below: u8,
    /// The beginning of a head whose end has not come.
    partial: [u8; LONGEST],
    partial_len: u8,
    frame: Option<Frame>,
    message: Option<Kind>,
    /// The message's payload so far.
    payload: Vec<u8>,
    /// How much of it is known to be UTF-8.
    valid: usize,
    /// The payload of a control frame, which may come between two fragments.
    control: Vec<u8>,
}

/// The frame whose payload is being read.
#[derive(Clone, Copy, Debug)]
struct Frame {
    opcode: Opcode,
    is_final: bool,
    left: u64,
    /// Turned so that it begins with the next byte.
    mask: Option<[u8; 4]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    is_text: bool,
    is_compressed: bool,
}

#[inline]
fn text(payload: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(payload).map_err(|_| Failure::text("the text is no UTF-8"))
}

impl Decoder {
    pub(in super::super) fn new(sender: Sender, deflate: bool, bounds: Bounds) -> Self {
        let whole_below = match sender {
            Sender::Client => bounds.frame.min(bounds.message).min(125) as u8 + 1,
            Sender::Server => 0,
        };
        Self {
            sender,
            deflate,
            bounds,
            whole_below,
            partial: [0; LONGEST],
            partial_len: 0,
            frame: None,
            message: None,
            payload: Vec::new(),
            valid: 0,
            control: Vec::new(),
        }
    }

    /// Takes bytes off the front of `input` until they have made something. `None` where there are too few; all are taken then.
    ///
    /// # Errors
    /// The other side breaks the protocol or a bound. Nothing that follows can be trusted.
    #[inline]
    pub(in super::super) fn decode(&mut self, input: &mut &[u8]) -> Result<Option<Event>, Failure> {
        if let Some(event) = self.whole(input) {
            return event.map(Some);
        }
        self.decode_parts(input)
    }

    /// A short message in one frame, all of which is there: what [`decode_parts`](Self::decode_parts) makes of it, in a third of the instructions (2026-11). `None` for all else.
    #[inline]
    fn whole(&self, input: &mut &[u8]) -> Option<Result<Event, Failure>> {
        let [first @ (0x81 | 0x82), second, a, b, c, d, ref behind @ ..] = **input else { return None };
        // Without a mask it is a large number.
        let len = second.wrapping_sub(0x80);
        let is_between = self.partial_len == 0 && self.frame.is_none() && self.message.is_none();
        if len >= self.whole_below || !is_between {
            return None;
        }
        let (payload, behind) = behind.split_at_checked(len.into())?;
        let mut payload = payload.to_vec();
        frame::xor(&mut payload, [a, b, c, d]);
        *input = behind;
        Some(if first == 0x81 { text(payload).map(Event::Text) } else { Ok(Event::Binary(payload)) })
    }

    fn decode_parts(&mut self, input: &mut &[u8]) -> Result<Option<Event>, Failure> {
        loop {
            let mut frame = match self.frame {
                Some(frame) => frame,
                None => match self.head(input)? {
                    Some(frame) => frame,
                    None => return Ok(None),
                },
            };
            self.take(&mut frame, input)?;
            if frame.left > 0 {
                self.frame = Some(frame);
                return Ok(None);
            }
            self.frame = None;
            if let Some(event) = self.finish(frame)? {
                return Ok(Some(event));
            }
        }
    }

    /// The memory that it holds, in bytes.
    #[cfg(any(fuzzing, test))]
    pub(in super::super) fn held(&self) -> usize {
        self.payload.capacity() + self.control.capacity()
    }

    /// The next head, checked against what came before.
    fn head(&mut self, input: &mut &[u8]) -> Result<Option<Frame>, Failure> {
        let read = if self.partial_len == 0 {
            let read = Head::read(input, self.sender).map_err(Failure::protocol)?;
            match read {
                Some((head, used)) => {
                    *input = &input[used..];
                    head
                }
                // Shorter than a head.
                None => {
                    self.partial[..input.len()].copy_from_slice(input);
                    self.partial_len = input.len() as u8;
                    *input = &[];
                    return Ok(None);
                }
            }
        } else {
            loop {
                let Some((&byte, rest)) = input.split_first() else { return Ok(None) };
                *input = rest;
                self.partial[self.partial_len as usize] = byte;
                self.partial_len += 1;
                let read = Head::read(&self.partial[..self.partial_len as usize], self.sender);
                if let Some((head, _)) = read.map_err(Failure::protocol)? {
                    self.partial_len = 0;
                    break head;
                }
            }
        };
        self.check(&read).map(Some)
    }

    #[inline]
    fn check(&mut self, head: &Head) -> Result<Frame, Failure> {
        if head.rsv1 && (!self.deflate || !matches!(head.opcode, Opcode::Text | Opcode::Binary)) {
            return Err(Failure::protocol("a reserved bit is set"));
        }
        match (head.opcode, self.message) {
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(Failure::protocol("a message begins within another"));
            }
            (Opcode::Continuation, None) => return Err(Failure::protocol("a continuation continues nothing")),
            (Opcode::Text | Opcode::Binary, None) => {
                self.message = Some(Kind { is_text: head.opcode == Opcode::Text, is_compressed: head.rsv1 });
            }
            _ => {}
        }
        if head.opcode.is_control() {
            self.control.clear();
        } else {
            if head.len > self.bounds.frame as u64 {
                return Err(Failure::size("the frame is too large"));
            }
            if self.payload.len() as u64 + head.len > self.bounds.message as u64 {
                return Err(Failure::size("the message is too large"));
            }
            if self.payload.is_empty() {
                self.payload.reserve_exact(head.len.min(TRUSTED) as usize);
            }
        }
        Ok(Frame { opcode: head.opcode, is_final: head.is_final, left: head.len, mask: head.mask })
    }

    /// As much of the payload as is there.
    #[inline]
    fn take(&mut self, frame: &mut Frame, input: &mut &[u8]) -> Result<(), Failure> {
        let n = usize::try_from(frame.left).unwrap_or(usize::MAX).min(input.len());
        if n == 0 {
            return Ok(());
        }
        let (bytes, rest) = input.split_at(n);
        *input = rest;
        frame.left -= n as u64;
        let is_control = frame.opcode.is_control();
        let payload = if is_control { &mut self.control } else { &mut self.payload };
        let at = payload.len();
        payload.extend_from_slice(bytes);
        if let Some(mask) = &mut frame.mask {
            frame::xor(&mut payload[at..], *mask);
            mask.rotate_left(n % 4);
        }
        // A message in one piece is looked at when it is made a text; what comes in pieces fails with the first that is wrong.
        let is_whole = frame.left == 0 && frame.is_final && self.valid == 0;
        if !is_control && !is_whole && self.message == Some(Kind { is_text: true, is_compressed: false }) {
            self.validate()?;
        }
        Ok(())
    }

    /// Looks at what of a text has not been looked at. The last character may be incomplete.
    fn validate(&mut self) -> Result<(), Failure> {
        match std::str::from_utf8(&self.payload[self.valid..]) {
            Ok(_) => self.valid = self.payload.len(),
            Err(error) if error.error_len().is_none() => self.valid += error.valid_up_to(),
            Err(_) => return Err(Failure::text("the text is no UTF-8")),
        }
        Ok(())
    }

    #[inline]
    fn finish(&mut self, frame: Frame) -> Result<Option<Event>, Failure> {
        Ok(match frame.opcode {
            Opcode::Ping => Some(Event::Ping(std::mem::take(&mut self.control))),
            Opcode::Pong => Some(Event::Pong),
            Opcode::Close => Some(Event::Close(close::read(&self.control)?)),
            Opcode::Text | Opcode::Binary | Opcode::Continuation if !frame.is_final => None,
            Opcode::Text | Opcode::Binary | Opcode::Continuation => {
                let payload = std::mem::take(&mut self.payload);
                self.valid = 0;
                let Some(kind) = self.message.take() else { return Ok(None) };
                #[cfg(feature = "websocket-deflate")]
                let payload =
                    if kind.is_compressed { super::deflate::inflate(&payload, self.bounds.message)? } else { payload };
                Some(if kind.is_text { Event::Text(text(payload)?) } else { Event::Binary(payload) })
            }
        })
    }
}
