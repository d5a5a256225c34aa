//! A reader of frames that has everything before it and looks at one thing after the other, as RFC 6455, 5.2 writes them down.

use super::Rules;
use crate::plugins::websocket::protocol::{Event, Sender};

const PROTOCOL: u16 = 1002;
pub(super) const CONTENT: u16 = 1007;
pub(super) const SIZE: u16 = 1009;

/// What `bytes` make, up to a close or to where they end, and the close code for what is wrong with them, if anything is.
pub(in super::super) fn read(bytes: &[u8], rules: &Rules) -> (Vec<Event>, Option<u16>) {
    let mut events = Vec::new();
    let refused = read_frames(bytes, rules, &mut events).err();
    (events, refused)
}

struct Head {
    is_final: bool,
    rsv1: bool,
    opcode: u8,
    payload: u64,
    mask: [u8; 4],
    /// Its own length.
    len: usize,
}

struct Message {
    is_text: bool,
    is_compressed: bool,
    payload: Vec<u8>,
}

fn read_frames(mut bytes: &[u8], rules: &Rules, events: &mut Vec<Event>) -> Result<(), u16> {
    let mut message: Option<Message> = None;
    while let Some(head) = head(bytes, rules.sender)? {
        bytes = &bytes[head.len..];
        let begins = matches!(head.opcode, 1 | 2);
        // RFC 7692, 6.
        if head.rsv1 && !(begins && rules.deflate) {
            return Err(PROTOCOL);
        }
        if begins && message.is_some() || head.opcode == 0 && message.is_none() {
            return Err(PROTOCOL);
        }
        if begins {
            message = Some(Message { is_text: head.opcode == 1, is_compressed: head.rsv1, payload: Vec::new() });
        }
        if head.opcode < 8 {
            let before = message.as_ref().map_or(0, |message| message.payload.len()) as u64;
            let is_too_large = |len: u64, most: usize| len > most as u64;
            if is_too_large(head.payload, rules.bounds.frame)
                || is_too_large(before + head.payload, rules.bounds.message)
            {
                return Err(SIZE);
            }
        }
        let there = head.payload.min(bytes.len() as u64) as usize;
        let is_whole = there as u64 == head.payload;
        let payload: Vec<u8> = bytes[..there].iter().enumerate().map(|(at, byte)| byte ^ head.mask[at % 4]).collect();
        bytes = &bytes[there..];
        if head.opcode >= 8 {
            match head.opcode {
                _ if !is_whole => return Ok(()),
                8 => {
                    events.push(Event::Close(close(&payload)?));
                    return Ok(());
                }
                9 => events.push(Event::Ping(payload)),
                _ => events.push(Event::Pong),
            }
            continue;
        }
        if let Some(message) = &mut message {
            message.payload.extend(payload);
            if message.is_text && !message.is_compressed && !begins_a_text(&message.payload) {
                return Err(CONTENT);
            }
        }
        if !is_whole {
            return Ok(());
        }
        if head.is_final
            && let Some(message) = message.take()
        {
            events.push(event(message, rules)?);
        }
    }
    Ok(())
}

/// `None` where more bytes are needed.
fn head(bytes: &[u8], sender: Sender) -> Result<Option<Head>, u16> {
    let Some(&first) = bytes.first() else { return Ok(None) };
    let (is_final, rsv1, opcode) = (first & 0x80 != 0, first & 0x40 != 0, first & 0x0f);
    if first & 0x30 != 0 || !matches!(opcode, 0 | 1 | 2 | 8 | 9 | 10) || (opcode >= 8 && !is_final) {
        return Err(PROTOCOL);
    }
    let Some(&second) = bytes.get(1) else { return Ok(None) };
    // RFC 6455, 5.1.
    let is_masked = second & 0x80 != 0;
    if is_masked != (sender == Sender::Client) || (opcode >= 8 && second & 0x7f > 125) {
        return Err(PROTOCOL);
    }
    let (of_length, least) = match second & 0x7f {
        126 => (2, 126),
        127 => (8, 65536),
        _ => (0, 0),
    };
    let Some(length) = bytes.get(2..2 + of_length) else { return Ok(None) };
    let payload = match length {
        [] => u64::from(second & 0x7f),
        bytes => bytes.iter().fold(0, |length, byte| length << 8 | u64::from(*byte)),
    };
    // "The minimal number of bytes MUST be used"; "the most significant bit MUST be 0".
    if payload < least || payload >> 63 != 0 {
        return Err(PROTOCOL);
    }
    let mut len = 2 + of_length;
    let mut mask = [0; 4];
    if is_masked {
        let Some(there) = bytes.get(len..len + 4) else { return Ok(None) };
        mask.copy_from_slice(there);
        len += 4;
    }
    Ok(Some(Head { is_final, rsv1, opcode, payload, mask, len }))
}

/// RFC 6455, 5.5.1 and 7.4, and the registry of IANA.
fn close(payload: &[u8]) -> Result<Option<(u16, String)>, u16> {
    if payload.is_empty() {
        return Ok(None);
    }
    let Some((code, reason)) = payload.split_first_chunk() else { return Err(PROTOCOL) };
    let code = u16::from_be_bytes(*code);
    let is_reserved = [1004, 1005, 1006, 1015].contains(&code);
    if code < 1000 || is_reserved || (1016..3000).contains(&code) || code >= 5000 {
        return Err(PROTOCOL);
    }
    let reason = String::from_utf8(reason.to_vec()).map_err(|_| CONTENT)?;
    Ok(Some((code, reason)))
}

/// Whether there is a text that begins with these bytes.
fn begins_a_text(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

fn event(message: Message, rules: &Rules) -> Result<Event, u16> {
    let payload = match message.is_compressed {
        #[cfg(feature = "websocket-deflate")]
        true => super::inflate::inflate(&message.payload, rules.bounds.message, 15)?,
        _ => message.payload,
    };
    let _ = rules;
    Ok(match message.is_text {
        true => Event::Text(String::from_utf8(payload).map_err(|_| CONTENT)?),
        false => Event::Binary(payload),
    })
}
