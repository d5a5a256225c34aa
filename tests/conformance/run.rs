//! Runs the tables: over a socket in one piece, and over a pipe in memory cut in many ways. All failures of a run are told together.

use std::panic::catch_unwind;

use fastweb::Server;

use crate::app::{SENTINEL, app};
use crate::support::answer::{self, Answer};
use crate::support::pipe::{block_on, talk, talk_cut};
use crate::support::probe::Probe;
use crate::support::server::TestServer;
use crate::table::{End, Expected, Row, rows};

fn sentinel() -> Vec<u8> {
    format!("GET {SENTINEL} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").into_bytes()
}

/// The row's bytes, and behind them the request that tells whether the connection went on at the right place.
fn input(row: &Row) -> Vec<u8> {
    match row.end {
        End::Fin => row.bytes.clone(),
        _ => [&row.bytes[..], &sentinel()].concat(),
    }
}

/// Judges everything that was received on a connection until its end. `seen` is what handlers noted.
fn judge(row: &Row, received: &[u8], seen: &[String]) -> Result<(), String> {
    let mut rest = received;
    let mut answers: Vec<Answer> = Vec::new();
    let mut expected = row.answers.iter().peekable();
    let mut next = |status: u16| -> Option<&Expected> {
        while let Some(one) = expected.peek() {
            if one.optional && !one.statuses.contains(&status) {
                expected.next();
            } else {
                return expected.next();
            }
        }
        None
    };
    let mut sentinel_answered = false;
    while !rest.is_empty() {
        // The status is needed to know whether this answers a HEAD.
        let status = rest.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok()).unwrap_or(0);
        let wanted = next(status);
        let head_only = wanted.is_some_and(|wanted| wanted.head_only);
        // It asserts what RFC 9110 and 9112 ask of every answer.
        let parsed = catch_unwind(|| answer::parse(rest, head_only, true))
            .map_err(|_| format!("a malformed answer: {:?}", String::from_utf8_lossy(rest)))?;
        let Some((answer, used)) = parsed else {
            return Err(format!("the connection ended within an answer: {:?}", String::from_utf8_lossy(rest)));
        };
        rest = &rest[used..];
        match wanted {
            Some(wanted) => {
                if !wanted.statuses.contains(&answer.status) {
                    return Err(format!("{} instead of {:?}", answer.summary(), wanted.statuses));
                }
                if let Some(body) = &wanted.body
                    && answer.text() != *body
                {
                    return Err(format!("{:?} instead of {body:?}", answer.text()));
                }
                answers.push(answer);
            }
            None if !sentinel_answered && answer.text() == "sentinel" => sentinel_answered = true,
            None => return Err(format!("an answer too many: {}", answer.summary())),
        }
    }
    let closing = answers.iter().position(Answer::closes);
    if let Some(missing) = expected.find(|expected| !expected.optional) {
        return Err(format!("no answer {:?}", missing.statuses));
    }
    if closing.is_some_and(|at| at + 1 < answers.len()) {
        return Err("an answer behind close".to_owned());
    }
    let closes = closing.is_some();
    let must_close = match row.end {
        End::Open => Some(false),
        End::Close => Some(true),
        End::Any | End::Fin => None,
    };
    if must_close.is_some_and(|must| must != closes) {
        return Err(format!("the last answer says that the connection {}", if closes { "ends" } else { "goes on" }));
    }
    if row.end != End::Fin && sentinel_answered == closes {
        return Err(format!("the request behind it was {}answered", if sentinel_answered { "" } else { "not " }));
    }
    let wanted: &[&str] = if sentinel_answered { &["sentinel"] } else { &[] };
    if seen != wanted {
        return Err(format!("handlers of {seen:?} ran"));
    }
    Ok(())
}

/// Fails with all rows that do.
fn failures(verdicts: impl Iterator<Item = (String, Result<(), String>)>) {
    let failed: Vec<String> =
        verdicts.filter_map(|(name, verdict)| verdict.err().map(|why| format!("{name}\n    {why}"))).collect();
    assert!(failed.is_empty(), "{} rows fail:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn over_a_socket_in_one_piece() {
    let probe = Probe::default();
    let server = TestServer::start(app(&probe));
    failures(rows().into_iter().map(|row| {
        let mut client = server.client();
        // The server may close before it has read everything: that shows in its answers.
        client.try_send(&input(&row));
        if row.end == End::Fin {
            client.finish_sending();
        }
        let received = client.try_read_to_end();
        let seen = probe.take();
        let verdict = received.and_then(|received| judge(&row, &received, &seen));
        (row.name, verdict)
    }));
}

/// What comes of a row in pieces of `piece` bytes.
async fn talk_in_pieces(server: &Server, probe: &Probe, row: &Row, piece: usize, room: usize) -> Result<(), String> {
    let received = talk(server, &input(row), piece, room).await;
    judge(row, &received, &probe.take())
}

/// Bytes that come at a time, and bytes that the pipe holds.
const PIECES: [(usize, usize); 6] = [(usize::MAX, 1 << 20), (1, 1 << 20), (1, 1), (2, 64), (7, 16), (61, 1 << 20)];

#[test]
fn in_pieces_of_any_size() {
    block_on(async {
        let probe = Probe::default();
        let server = app(&probe).build().await.expect("a valid application");
        let mut verdicts = Vec::new();
        for row in &rows() {
            // What is thousands of pieces long takes its time, and shows nothing that a tenth of it does not.
            for (piece, room) in PIECES.into_iter().filter(|(piece, _)| row.bytes.len() / piece < 500) {
                let verdict = talk_in_pieces(&server, &probe, row, piece, room).await;
                verdicts.push((format!("{}, {piece} at a time", row.name), verdict));
            }
        }
        failures(verdicts.into_iter());
    });
}

#[test]
fn cut_once_at_every_place() {
    block_on(async {
        let probe = Probe::default();
        let server = app(&probe).build().await.expect("a valid application");
        let mut verdicts = Vec::new();
        for row in rows().iter().filter(|row| row.bytes.len() < 150) {
            // Every other place, even ones of one row and odd ones of the next: both kinds meet every construct.
            for cut in (1 + verdicts.len() % 2..row.bytes.len()).step_by(2) {
                let received = talk_cut(&server, &input(row), cut).await;
                let verdict = judge(row, &received, &probe.take());
                verdicts.push((format!("{}, cut behind {cut}", row.name), verdict));
            }
        }
        failures(verdicts.into_iter());
    });
}

/// The tables against any server: which rows it answers otherwise. Where several servers do, the expectation may be the one that is wrong.
///
/// `FASTWEB_TEST_SERVER=127.0.0.1:3000 cargo test --test conformance -- --ignored --nocapture another`; its routes have to be those of `app.rs`,
/// as those of the programs in `peers/` are. It is told by statuses alone, since other servers write other headers. `PEERS.md` has the results.
#[test]
#[ignore = "needs another server"]
fn against_another_server() {
    let Some(address) = std::env::var("FASTWEB_TEST_SERVER").ok().and_then(|text| text.parse().ok()) else { return };
    let (mut all, mut differ) = (0, 0);
    for row in rows() {
        let mut client = crate::support::socket::Client::connect(address);
        client.try_send(&row.bytes);
        if row.end == End::Fin {
            client.finish_sending();
        }
        let received = client.read_for(std::time::Duration::from_millis(150));
        let text = String::from_utf8_lossy(&received);
        // Some answer HTTP/1.0 in kind.
        let statuses: Vec<u16> = text
            .split("HTTP/1.")
            .skip(1)
            .filter_map(|rest| rest.get(2..5)?.parse().ok())
            .filter(|status| *status != 100)
            .collect();
        let expected: Vec<_> = row.answers.iter().filter(|expected| !expected.optional).collect();
        // A refusal is a refusal, whichever status it has, and so is a close without a word.
        let refuses = |status: u16| status >= 400 && status != 404 && status != 405;
        let agrees = |(status, expected): (&u16, &&Expected)| {
            expected.statuses.contains(status) || (refuses(*status) && expected.statuses.iter().all(|s| refuses(*s)))
        };
        let only_refusal = expected.len() == 1 && expected[0].statuses.iter().any(|status| refuses(*status));
        let same = (statuses.len() == expected.len() && statuses.iter().zip(&expected).all(agrees))
            || (statuses.is_empty() && only_refusal);
        all += 1;
        if !same {
            differ += 1;
            let expected: Vec<_> = expected.iter().map(|expected| &expected.statuses).collect();
            println!("{}: {statuses:?}, not {expected:?}", row.name);
        }
    }
    println!("{differ} of {all} rows are answered otherwise");
}
