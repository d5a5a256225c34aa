//! The framing of RFC 6455 as a state machine: bytes in, messages or a close code out. It knows no connection, no task and no clock.

mod close;
mod decoder;
#[cfg(feature = "websocket-deflate")]
pub(super) mod deflate;
mod frame;
#[cfg(test)]
mod tests;

pub(super) use close::{is_sendable, pack as pack_close};
pub(super) use decoder::{Bounds, Decoder, Event, Failure, Sender};
pub(super) use frame::{MOST_IN_CONTROL, Opcode, head, write};
