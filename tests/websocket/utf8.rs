//! Autobahn 6.*: texts are UTF-8, and one that is not fails with the first byte that shows it.

use fastweb::websocket::WebSocketOptions;

use crate::echo_server;
use crate::raw::{LAST, MIDDLE, Raw, TEXT, TEXT_BEGIN, close, frame};

/// 6.1, 6.2, 6.5 to 6.23.
#[test]
fn sequences_are_judged_as_the_standard_library_judges_them() {
    let server = echo_server(WebSocketOptions::new());
    let mut sequences: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        "Hello-µ@ßöäüàá-UTF-8!!".into(),
        "κόσμε".into(),
        b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65\x64\x69\x74\x65\x64".to_vec(),
        // 6.6: prefixes of a text.
        b"\xce".to_vec(),
        b"\xce\xba\xe1".to_vec(),
        b"\xce\xba\xe1\xbd".to_vec(),
        b"\xce\xba\xe1\xbd\xb9\xcf".to_vec(),
        // 6.10: overlong.
        b"\xc0\xaf".to_vec(),
        b"\xe0\x80\xaf".to_vec(),
        b"\xf0\x80\x80\xaf".to_vec(),
        b"\xf8\x80\x80\x80\xaf".to_vec(),
        b"\xfc\x80\x80\x80\x80\xaf".to_vec(),
        b"\xc1\xbf".to_vec(),
        b"\xe0\x9f\xbf".to_vec(),
        b"\xf0\x8f\xbf\xbf".to_vec(),
        b"\xc0\x80".to_vec(),
        b"\xe0\x80\x80".to_vec(),
        b"\xf0\x80\x80\x80".to_vec(),
        // 6.14: impossible bytes and lone continuations.
        b"\xfe".to_vec(),
        b"\xff".to_vec(),
        b"\xfe\xfe\xff\xff".to_vec(),
        b"\x80".to_vec(),
        b"\xbf\x80".to_vec(),
        // 6.8, 6.9: the first and last of each length, and beyond.
        b"\xf4\x8f\xbf\xbf".to_vec(),
        b"\xf4\x90\x80\x80".to_vec(),
        b"\xf7\xbf\xbf\xbf".to_vec(),
        b"\xed\x9f\xbf".to_vec(),
        b"\xee\x80\x80".to_vec(),
        b"\xef\xbf\xbd".to_vec(),
        b"\xf0\x90\x80\x80".to_vec(),
    ];
    // 6.20, 6.21: surrogates, alone and in pairs.
    for second in [0xa0, 0xad, 0xae, 0xaf, 0xb0, 0xbe, 0xbf] {
        sequences.push(vec![0xed, second, 0x80]);
        sequences.push(vec![0xed, second, 0xbf, 0xed, 0xb0, 0x80]);
    }
    // 6.22: those that are no characters, which is no fault.
    for high in 0..=16u32 {
        for low in [0xfffe, 0xffff] {
            sequences.extend(char::from_u32(high << 16 | low).map(|char| char.to_string().into_bytes()));
        }
    }
    // 6.12: each first byte without what it begins.
    sequences.extend((0xc0..=0xff).map(|first| vec![first, b' ']));
    for sequence in &sequences {
        let valid = std::str::from_utf8(sequence).is_ok();
        let whole = vec![frame(TEXT, sequence)];
        let mut fragments = vec![frame(TEXT_BEGIN, "")];
        fragments.extend(sequence.iter().map(|byte| frame(MIDDLE, [*byte])));
        fragments.push(frame(LAST, ""));
        for sent in [whole, fragments] {
            let mut raw = Raw::connect(server.address, "/");
            let _ = raw.try_send(sent.concat());
            if valid {
                raw.assert_frame(TEXT, sequence).send(close(1000, "")).assert_closed(1000);
            } else {
                raw.assert_closed(1007);
            }
        }
    }
}

/// 6.3, 6.4: what is wrong is said at once, with the message not complete.
#[test]
fn what_is_wrong_fails_before_the_message_is_there() {
    let server = echo_server(WebSocketOptions::new());
    let good = "κόσμε".as_bytes();
    // 6.4.1: in fragments.
    let mut raw = Raw::connect(server.address, "/");
    raw.send(frame(TEXT_BEGIN, good)).send(frame(MIDDLE, b"\xf4\x90")).assert_closed(1007);
    // 6.4.2: the second byte shows it.
    let mut raw = Raw::connect(server.address, "/");
    raw.send(frame(TEXT_BEGIN, [good, b"\xf4"].concat())).send(frame(MIDDLE, b"\x90")).assert_closed(1007);
    // 6.4.3, 6.4.4: within one frame whose end never comes.
    for wrong in [&b"\xf4\x90"[..], b"\xed\xa0", b"\xff"] {
        let whole = frame(TEXT, [good, wrong, b"and more of it, which is not sent"].concat());
        let mut raw = Raw::connect(server.address, "/");
        raw.send(&whole[..6 + good.len() + wrong.len()]).assert_closed(1007);
    }
    // A character may be in three fragments, with a ping in it.
    let mut raw = Raw::connect(server.address, "/");
    let euro = "€".as_bytes();
    raw.send(frame(TEXT_BEGIN, &euro[..1])).send(frame(0x89, "x")).send(frame(MIDDLE, &euro[1..2]));
    raw.assert_frame(0x8a, "x").send(frame(LAST, &euro[2..])).assert_frame(TEXT, euro);
    // A character that does not end is no UTF-8.
    raw.send(frame(TEXT_BEGIN, &euro[..2])).send(frame(LAST, "")).assert_closed(1007);
}
