//! A client at the other end of a pipe in memory, which decides how the bytes are cut.

use std::time::Duration;

use fastweb::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::PATIENCE;

/// Runs `work` on a runtime of this thread, and fails where it does not end.
#[track_caller]
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await }).expect("it ends in time")
}

/// What `server` answers to `input` when `piece` bytes of it come at a time, through a pipe that holds `room` bytes. Behind the input the
/// client's side of the stream is at its end.
pub(crate) async fn talk(server: &Server, input: &[u8], piece: usize, room: usize) -> Vec<u8> {
    talk_in(server, input.chunks(piece), room).await
}

/// The same with two pieces, the first of `cut` bytes.
pub(crate) async fn talk_cut(server: &Server, input: &[u8], cut: usize) -> Vec<u8> {
    let (first, second) = input.split_at(cut);
    talk_in(server, [first, second].into_iter(), 1 << 20).await
}

async fn talk_in<'i>(server: &Server, parts: impl Iterator<Item = &'i [u8]>, room: usize) -> Vec<u8> {
    let (client, io) = tokio::io::duplex(room);
    let (mut reading, mut writing) = tokio::io::split(client);
    let write = async {
        for part in parts {
            // The server may close before it has read everything: that shows in its answers.
            if writing.write_all(part).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        let _ = writing.shutdown().await;
    };
    let mut answers = Vec::new();
    let read = async { reading.read_to_end(&mut answers).await.expect("a pipe can be read") };
    tokio::join!(server.serve_connection(io), write, read);
    answers
}

/// Sends `input` and goes away at once, without reading. Comes back when the server is done with the connection.
pub(crate) async fn leave_after(server: &Server, input: &[u8]) {
    let (mut client, io) = tokio::io::duplex(64 * 1024);
    client.write_all(input).await.expect("a pipe has room");
    let gone = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        drop(client);
    };
    tokio::join!(server.serve_connection(io), gone);
}
