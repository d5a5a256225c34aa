//! Any bytes as a form, whole and in pieces: what is read is the same, and nothing hangs or panics.

#![no_main]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use fastweb::multipart::{Multipart, MultipartOptions};
use fastweb::{Body, Bytes, Error};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [step, form @ ..] = input else { return };
    let whole = read(form, usize::MAX);
    assert_eq!(whole, read(form, usize::from(*step).max(1)));
});

/// Of each part name, file name, number of headers and content; then how the form ended.
type Told = (Vec<(String, Option<String>, usize, Bytes)>, Option<String>);

/// What is read of `form` where so many bytes come at a time.
fn read(form: &[u8], step: usize) -> Told {
    let mut chunks: Vec<_> = form.chunks(step).map(Bytes::copy_from_slice).collect();
    chunks.reverse();
    let body = Body::from_poll_fn(move |_| Poll::Ready(chunks.pop().map(Ok)));
    let mut parts = Vec::new();
    // Small ones, so that they are met.
    let options = MultipartOptions::new().header_size(200).field_size(100).file_size(150).memory(120).parts(8).files(4);
    let ended = {
        let reading = async {
            let mut form = Multipart::new(body, "b", options)?;
            while let Some(mut field) = form.next().await? {
                let (name, file_name) = (field.name().to_owned(), field.file_name().map(str::to_owned));
                let headers = field.headers().len();
                parts.push((name, file_name, headers, field.bytes().await?));
            }
            Ok::<_, Error>(())
        };
        // There is nothing to wait for: all has come.
        match pin!(reading).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(ended) => ended,
            Poll::Pending => panic!("it waits for what has come"),
        }
    };
    // Of two limits that are both exceeded, which one is met first depends on the pieces.
    let told = |error: Error| if error.status() == 413 { "too large".to_owned() } else { error.message().to_owned() };
    (parts, ended.err().map(told))
}
