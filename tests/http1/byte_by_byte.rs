//! The tables over a pipe in memory: one byte at a time, each way, and in pieces of other sizes. The answers must be the same.

use crate::app::{app, small_limits};
use crate::refusals;
use crate::requests::{CASES, Case};
use crate::support::answer::parse_all;
use crate::support::pipe::{block_on, talk};
use crate::support::probe::Probe;

/// Bytes that come at a time, and bytes that the pipe holds.
const CUTS: [(usize, usize); 4] = [(1, 1), (1, 64 * 1024), (7, 16), (usize::MAX, 64 * 1024)];

#[test]
fn requests_and_their_answers() {
    block_on(async {
        let server = app(&Probe::default()).limits(small_limits()).build().await.expect("a valid application");
        for case in CASES {
            for (piece, room) in CUTS {
                let received = talk(&server, case.bytes.as_bytes(), piece, room).await;
                assert_answers(case, &received, piece);
            }
        }
    });
}

#[track_caller]
fn assert_answers(case: &Case, received: &[u8], piece: usize) {
    let answers = parse_all(received, |at| case.head_only(at));
    let summaries: Vec<_> = answers.iter().map(|answer| answer.summary()).collect();
    // Whether the rest of a chunked body that nobody reads is at hand when the answer leaves is a matter of time; where it is not, the
    // connection ends with that answer, and says so.
    if let Some((last, before)) = summaries.split_last()
        && piece < case.bytes.len()
        && case.bytes.contains("chunked")
        && last.replacen("close", "-", 1) == case.answers[before.len()]
    {
        assert_eq!(before, &case.answers[..before.len()], "{}, {piece} at a time", case.name);
        return;
    }
    assert_eq!(summaries, case.answers, "{}, {piece} at a time", case.name);
}

#[test]
fn refusals_and_nothing_behind_them() {
    block_on(async {
        let probe = Probe::default();
        let server = app(&probe).limits(small_limits()).build().await.expect("a valid application");
        for refusal in refusals::all() {
            for (piece, room) in CUTS {
                let input = [refusals::GOOD.as_bytes(), &refusal.bytes, refusals::GOOD.as_bytes()].concat();
                let before = probe.count("handler");
                let received = talk(&server, &input, piece, room).await;
                let answers = parse_all(&received, |_| false);
                assert_eq!(answers.len(), 2, "{}, {piece} at a time: {answers:?}", refusal.name);
                assert_eq!(answers[0].summary(), "200 - hello", "{}, {piece} at a time", refusal.name);
                refusal.check(&answers[1], piece);
                assert_eq!(probe.count("handler") - before, 1, "{}: what stood behind it was handled", refusal.name);
            }
        }
    });
}
